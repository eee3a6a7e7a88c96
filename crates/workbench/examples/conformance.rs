//! Runs the SBML semantic test suite and writes `docs/conformance.md`.
//!
//! `cargo run --release -p malar-workbench --example conformance [FOLDER]`: FOLDER is the unpacked suite; without it
//! the archive in `../shared/conformance` (or `$SHARED/conformance`) is unpacked.

use std::path::PathBuf;

use malar_workbench::conformance::{cases, counts, page, run, unpacked};

fn main() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut arguments = std::env::args().skip(1);
    let given = arguments.next().map(PathBuf::from);
    let newest_only = arguments.next().is_some();
    let Some((folder, _kept)) = given
        .map(|folder| (folder, None))
        .or_else(|| unpacked(&root).map(|kept| (kept.0, Some(kept.1))))
    else {
        eprintln!("skipped: there is no suite in ../shared/conformance");
        return;
    };
    let newest = run(&cases(&folder, false).expect("an index of the cases"));
    for (tier, (passed, of)) in counts(&newest) {
        println!("{tier}: {passed} of {of}");
    }
    for verdict in newest.iter().filter(|v| v.failure.is_some()) {
        let why = verdict
            .failure
            .as_deref()
            .unwrap_or("")
            .lines()
            .take(3)
            .collect::<Vec<_>>()
            .join(" ");
        println!(
            "{} {} {}: {why}",
            verdict.case.tier, verdict.case.id, verdict.case.level
        );
    }
    if newest_only {
        return;
    }
    let every = run(&cases(&folder, true).expect("an index of the cases"));
    for (tier, (passed, of)) in counts(&every) {
        println!("{tier}, every level: {passed} of {of}");
    }
    std::fs::write(root.join("docs/conformance.md"), page(&newest, &every)).expect("docs can be written");
}
