//! A network of more than a thousand species compiles, integrates and keeps its mass.

use std::fmt::Write;

use malar_model::{Source, parse_antimony};
use malar_solver::dispatch::InstructionSet;
use malar_solver::{Course, Integrator, Observed, Settings, System};
use malar_tape::{Request, Tape};

const CELLS: usize = 400;

/// Three species in each of 400 cells on a ring: they turn into each other, x to y with saturation, and wander to the next cell; every
/// tenth cell also exchanges z with the cell opposite. Nothing is made or lost.
fn network() -> String {
    let mut text = String::from("model ring()\n k = 1; d = 5;\n");
    for i in 0..CELLS {
        let (x, start) = ((i * 37 % 11) as f64 * 0.1, 1.0 + (i % 7) as f64);
        writeln!(text, " species x{i}, y{i}, z{i}; x{i} = {start}; y{i} = {x}; z{i} = 0;").expect("memory");
    }
    for i in 0..CELLS {
        let (before, after) = ((i + CELLS - 1) % CELLS, (i + 1) % CELLS);
        let wander = |s: &str| format!("d*({s}{before} - 2*{s}{i} + {s}{after})");
        let (turn, back, on) = (
            format!("k*x{i}*y{i}/(1 + x{i})"),
            format!("20*k*y{i}*z{i}"),
            format!("300*k*z{i}"),
        );
        let opposite = (i + CELLS / 2) % CELLS;
        let exchange = if i % 10 == 0 {
            format!(" + z{opposite} - z{i}")
        } else {
            String::new()
        };
        writeln!(text, " x{i}' = -{turn} + {on} + {};", wander("x")).expect("memory");
        writeln!(text, " y{i}' = {turn} - 0.3*y{i} + {back} + {};", wander("y")).expect("memory");
        writeln!(text, " z{i}' = 0.3*y{i} - {back} - {on} + {}{exchange};", wander("z")).expect("memory");
    }
    text + "end"
}

fn run(tape: &Tape, instructions: InstructionSet) -> Vec<Vec<f64>> {
    let course = |k: f64| {
        let mut initial = vec![0.0; tape.n_states()];
        tape.initial_state(&[k], &mut initial);
        Course {
            initial,
            inputs: vec![k],
            ..Course::default()
        }
    };
    let mut driver = Observed::new(
        vec![course(0.5), course(2.0)],
        vec![0.0, 3.0],
        (0..tape.n_states()).collect(),
    );
    let mut integrator = Integrator::new(tape, Settings::with_tolerance(1e-3)).with_instructions(instructions);
    let counters = integrator.integrate(&mut driver);
    assert_eq!((counters.patients, counters.failures), (2, 0));
    driver.into_records()
}

#[test]
fn twelve_hundred_species_integrate_keep_their_mass_and_agree_in_all_evaluators() {
    let source = Source {
        path: "ring.ant".into(),
        text: network(),
    };
    let equations = parse_antimony(&source)
        .and_then(|model| model.equations(&source))
        .expect("a correct model");
    let request = Request {
        inputs: &["k"],
        ..Request::default()
    };
    let tape = Tape::compile(&equations, &request).expect("compiles");
    assert_eq!(tape.n_states(), 3 * CELLS);
    let lu = tape.factorisation();
    // Ten entries a row at first; an order that ignored the ring would fill the matrix with 1.4 million.
    assert!(lu.n_entries() < 60_000, "{} entries", lu.n_entries());
    let expected = run(&tape.clone().without_machine_code(), InstructionSet::detect());
    for record in &expected {
        let mass = |part: &[f64]| part.iter().sum::<f64>();
        let (start, end) = record.split_at(3 * CELLS);
        // Linear invariants are kept by every Rosenbrock step up to rounding.
        assert!(
            (mass(end) / mass(start) - 1.0).abs() < 1e-10,
            "{} became {}",
            mass(start),
            mass(end)
        );
    }
    for set in InstructionSet::available() {
        assert!(run(&tape, set) == expected, "{set:?}");
    }
}
