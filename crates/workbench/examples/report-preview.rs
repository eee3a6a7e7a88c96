//! Writes a run of the made-up trial of the tests to a folder, to look at the report while changing it:
//! `cargo run -p malar-workbench --example report-preview -- /path/to/folder`.

use malar_workbench::run::{Settings, Silent, run};

#[path = "../tests/synthetic/mod.rs"]
mod synthetic;

fn main() {
    let folder = std::env::args()
        .nth(1)
        .expect("the folder to write to is the only argument");
    let settings = Settings {
        threads: 0,
        out: Some(folder.into()),
        ..Settings::default()
    };
    let report = run(&synthetic::prepared(40, 362, 1), &settings, &Silent).expect("the folder can be written");
    println!("{}", report.folder.join("report.html").display());
}
