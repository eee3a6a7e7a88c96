//! Every test problem by every method at a relative tolerance of 1e-6: `cargo run --release -p malar-solver --example zoo [problem [method]]`.
//!
//! Prints a line of JSON for each: problem, method, steps of a patient and the error at the end. `benchmarks/instructions` counts the
//! instructions of `counted` under callgrind, on the vector instructions that every CPU has.

use malar_solver::dispatch::InstructionSet;
use malar_solver::problems::{Batched, Known, Visitor, visit_all};
use malar_solver::{Counters, Course, Integrator, LANES, Method, Observed, Settings};

const RELATIVE: f64 = 1e-6;

/// Words of the command line: what to run, nothing for all.
struct Run(Vec<String>);

impl Visitor for Run {
    fn visit<P: Known>(&mut self) {
        for method in [Method::Rodas3, Method::Rodas4, Method::Rodas5, Method::Rodas5P] {
            let names = [P::NAME, &format!("{method:?}")];
            if !self.0.iter().zip(names).all(|(wanted, name)| wanted == name) {
                continue;
            }
            let settings = Settings {
                method,
                absolute: vec![RELATIVE * P::SMALL],
                ..Settings::with_tolerance(RELATIVE)
            };
            let course = Course {
                initial: P::initial(),
                inputs: P::inputs(),
                ..Course::default()
            };
            let mut driver = Observed::new(vec![course; LANES], vec![P::END], (0..P::STATES).collect());
            let integrator = Integrator::new(Batched::<P>::default(), settings);
            let counters = counted(&mut integrator.with_instructions(InstructionSet::BASELINE), &mut driver);
            println!(
                "{{\"problem\": \"{}\", \"method\": \"{method:?}\", \"patients\": {LANES}, \"steps\": {}, \"error\": {:.1e}}}",
                P::NAME,
                (counters.accepted + counters.rejected) / LANES as u64,
                P::error_at_end(driver.record(0))
            );
        }
    }
}

#[inline(never)]
fn counted<P: Known>(integrator: &mut Integrator<Batched<P>>, driver: &mut Observed) -> Counters {
    integrator.integrate(driver)
}

fn main() {
    visit_all(&mut Run(std::env::args().skip(1).collect()));
}
