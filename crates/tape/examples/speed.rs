//! How fast a model runs: `cargo run --release -p malar-tape --example speed [model.ant] [patients] [relative tolerance]`.
//!
//! Each patient gets its own values of the first sixteen parameters (within 20 % of the model's) and is shaken every 28 days for a year:
//! the first eight states lose a fifth, so that every month begins with a transient as after a dose. One core.

use std::time::Instant;

use malar_model::{Equations, Node, Source, parse_antimony};
use malar_solver::{Action, Course, Integrator, LANES, Observed, Schedule, Settings, System};
use malar_tape::{Request, Tape};

const SLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/models/sle/sle.ant");

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let path = arguments.first().map_or(SLE, String::as_str);
    let n_patients = arguments
        .get(1)
        .map_or(256, |n| n.parse().expect("a number of patients"));
    let relative = arguments.get(2).map_or(1e-4, |r| r.parse().expect("a tolerance"));

    let equations = read(path);
    let varied: Vec<(&str, f64)> = numbers(&equations).into_iter().take(16).collect();
    let inputs: Vec<&str> = varied.iter().map(|&(name, _)| name).collect();
    let start = Instant::now();
    let names: Vec<&str> = equations
        .states
        .iter()
        .map(|s| equations.arena.name(s.symbol))
        .collect();
    let tape = Tape::compile(
        &equations,
        &Request {
            inputs: &inputs,
            dosed: &names,
            ..Request::default()
        },
    );
    let tape = tape.unwrap_or_else(|error| panic!("{path}: {error}"));
    println!("{path}: compiled in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    println!(
        "{} states, {} Jacobian entries, {} registers; instructions to prepare, for rates, with Jacobian: {:?} in runs {:?}",
        tape.n_states(),
        tape.pattern().entries.len(),
        tape.n_work(),
        tape.instruction_counts(),
        tape.run_counts()
    );

    let courses: Vec<Course> = (0..n_patients).map(|patient| course(&tape, &varied, patient)).collect();
    let mut driver = Observed::new(courses, vec![364.0], vec![0]);
    let mut integrator = Integrator::new(&tape, Settings::with_tolerance(relative));
    let start = Instant::now();
    let counters = integrator.integrate(&mut driver);
    let seconds = start.elapsed().as_secs_f64();
    let steps = (counters.accepted + counters.rejected) as f64;
    println!("{counters:?}");
    println!(
        "{:.0} patient-years/s, {:.0} steps per patient, {:.2} million lane-steps/s, {:.3} us per lane-step, lanes {:.0} % full",
        n_patients as f64 / seconds,
        steps / n_patients as f64,
        steps / seconds * 1e-6,
        seconds / steps * 1e6,
        100.0 * steps / (LANES as f64 * counters.sweeps as f64)
    );
}

fn read(path: &str) -> Equations {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let source = Source {
        path: path.into(),
        text,
    };
    let equations = parse_antimony(&source).and_then(|model| model.equations(&source));
    equations.unwrap_or_else(|diagnostics| panic!("{}", diagnostics[0].render(&source.text)))
}

/// Parameters that are plain positive numbers.
fn numbers(equations: &Equations) -> Vec<(&str, f64)> {
    let number = |p: &malar_model::Parameter| match equations.arena.node(p.value) {
        Node::Number(value) if value > 0.0 => Some((equations.arena.name(p.symbol), value)),
        _ => None,
    };
    equations.parameters.iter().filter_map(number).collect()
}

fn course(tape: &Tape, varied: &[(&str, f64)], patient: usize) -> Course {
    let spread = |i: usize| ((patient * 16 + i) as f64 * 0.618_033_988_749_894_9).fract();
    let inputs: Vec<f64> = varied
        .iter()
        .enumerate()
        .map(|(i, &(_, value))| value * (0.8 + 0.4 * spread(i)))
        .collect();
    let mut initial = vec![0.0; tape.n_states()];
    tape.initial_state(&inputs, &mut initial);
    let mut schedule = Schedule::new();
    for month in 0..13 {
        for state in 0..8.min(tape.n_states()) {
            let amount = -0.2 * initial[state];
            schedule.at(28.0 * f64::from(month), Action::AddToState { state, amount });
        }
    }
    Course {
        start: 0.0,
        initial,
        inputs,
        schedule,
    }
}
