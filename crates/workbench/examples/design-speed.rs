//! How long 10,000 trials of a two-look group-sequential design take on patients simulated once: the figure in
//! `benchmarks/README.md`.
//!
//! ```sh
//! cargo run --release -p malar-workbench --example design-speed
//! ```
//!
//! The design is that of `malar design tulip-2-looks` at the size of the trial; one thread.

use malar_workbench::catalog::Library;
use malar_workbench::design::evaluate;
use malar_workbench::study::{Request, prepare_design};

const TRIALS: u32 = 10_000;

fn main() {
    let request = Request {
        study: "tulip-2-looks".into(),
        replicates: None,
        patients: None,
        seed: None,
    };
    let (prepared, mut design, source) =
        prepare_design(&Library::embedded(), &request, None).expect("a study of the library");
    design.patients = vec![362];
    design.trials = TRIALS;
    let started = std::time::Instant::now();
    let report = evaluate(&prepared, (&design, &source), 1, &|_| ()).expect("a design that can be tried");
    let size = &report.sizes[0];
    let (treated, control) = report.pool_patients;
    println!(
        "pool: {treated} and {control} virtual patients of {} simulated trials, {:.1} s",
        prepared.manifest.replicates,
        started.elapsed().as_secs_f64() - report.seconds
    );
    println!(
        "{TRIALS} trials of {} patients with the effect and {TRIALS} without, two looks each: {:.2} s",
        size.patients, report.seconds
    );
    println!(
        "power {:.1} %, type-I error {:.2} %, expected patients {:.0}",
        100.0 * size.power,
        100.0 * size.type_one_error,
        size.expected_patients
    );
}
