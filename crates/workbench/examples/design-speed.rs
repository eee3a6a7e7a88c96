//! How long 10,000 trials of a design take on patients simulated once: the figures in `benchmarks/README.md`.
//!
//! ```sh
//! cargo run --release -p malar-workbench --example design-speed
//! ```
//!
//! The designs are those of the library's studies at the size of the trial; one thread.

use malar_workbench::catalog::Library;
use malar_workbench::design::evaluate;
use malar_workbench::study::{Request, prepare_design};

const TRIALS: u32 = 10_000;
const PATIENTS: u32 = 362;
const STUDIES: [&str; 3] = ["tulip-2-looks", "tulip-2-adaptive", "tulip-2-response-adaptive"];

fn main() {
    for study in STUDIES {
        time(study);
    }
}

fn time(study: &str) {
    let request = Request {
        study: study.into(),
        replicates: None,
        patients: None,
        seed: None,
    };
    let (prepared, mut design, source) =
        prepare_design(&Library::embedded(), &request, None).expect("a study of the library");
    design.patients = vec![PATIENTS];
    design.trials = TRIALS;
    let started = std::time::Instant::now();
    let report = evaluate(&prepared, (&design, &source), 1, &|_| ()).expect("a design that can be tried");
    let (treated, control) = report.pool_patients;
    println!(
        "{study}: pool of {treated} and {control} virtual patients of {} simulated trials, {:.1} s",
        prepared.manifest.replicates,
        started.elapsed().as_secs_f64() - report.seconds
    );
    let by_looks = report.sizes.iter().map(|size| (size.power, size.type_one_error));
    let adapted = report.adaptive.iter().map(|size| (size.power, size.type_one_error));
    for (power, error) in by_looks.chain(adapted) {
        println!(
            "{TRIALS} trials of {PATIENTS} patients with the effect and {TRIALS} without: {:.2} s; power {:.1} %, type-I error {:.2} %",
            report.seconds,
            100.0 * power,
            100.0 * error
        );
    }
}
