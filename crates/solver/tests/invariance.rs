//! A patient's numbers depend on nothing but the patient.

use malar_solver::dispatch::InstructionSet;
use malar_solver::problems::{Batched, Problem, Robertson};
use malar_solver::{Action, Course, FailureReason, Integrator, Observed, Schedule, Settings};

/// Patient `i`: its own rate constants, its own doses at its own times.
fn course(i: usize) -> Course {
    let u = |k: usize| ((i * 31 + k * 7 + 1) as f64 * 0.618_033_988_749_894_9).fract();
    let mut schedule = Schedule::new();
    schedule.repeated(
        0.5 + u(1),
        3.0 + u(2),
        i % 4,
        Action::AddToState {
            state: 1,
            amount: 0.1 * u(3),
        },
    );
    schedule.at(
        7.0 * u(4),
        Action::SetInput {
            input: 0,
            value: 0.1 * u(5),
        },
    );
    let inputs = vec![0.04 * (0.5 + u(6)), 3e7 * (0.2 + u(7)), 1e4 * (0.5 + u(8))];
    Course {
        start: 0.0,
        initial: Robertson::initial(),
        inputs,
        schedule,
    }
}

fn bits(record: &[f64]) -> Vec<u64> {
    record.iter().map(|x| x.to_bits()).collect()
}

/// Runs courses; returns the bits of each record.
fn run(courses: Vec<Course>, instructions: InstructionSet) -> Vec<Vec<u64>> {
    let n = courses.len();
    let mut driver = Observed::new(courses, vec![0.0, 1.0, 5.0, 20.0], vec![0, 1, 2]);
    let mut integrator = Integrator::new(Batched::<Robertson>::default(), Settings::with_tolerance(1e-5))
        .with_instructions(instructions);
    let counters = integrator.integrate(&mut driver);
    assert_eq!(counters.patients + counters.failures, n as u64);
    driver.into_records().iter().map(|r| bits(r)).collect()
}

const N: usize = 37;

#[test]
fn order_and_lane_do_not_matter() {
    let forward = run((0..N).map(course).collect(), InstructionSet::detect());
    let mut backward = run((0..N).rev().map(course).collect(), InstructionSet::detect());
    backward.reverse();
    assert_eq!(forward, backward);
    let shuffled: Vec<usize> = (0..N).map(|i| i * 11 % N).collect();
    for (i, record) in shuffled.iter().zip(run(
        shuffled.iter().map(|&i| course(i)).collect(),
        InstructionSet::detect(),
    )) {
        assert_eq!(forward[*i], record);
    }
}

#[test]
fn neighbours_do_not_matter() {
    let together = run((0..N).map(course).collect(), InstructionSet::detect());
    for i in 0..N {
        assert_eq!(
            run(vec![course(i)], InstructionSet::detect())[0],
            together[i],
            "patient {i} alone"
        );
    }
}

#[test]
fn instruction_sets_give_the_same_bits() {
    let expected = run((0..N).map(course).collect(), InstructionSet::BASELINE);
    for set in InstructionSet::available() {
        assert_eq!(run((0..N).map(course).collect(), set), expected, "{set:?}");
    }
}

#[test]
fn an_integrator_has_no_memory_of_earlier_runs() {
    let mut integrator = Integrator::new(Batched::<Robertson>::default(), Settings::default());
    let mut once = |courses: Vec<Course>| {
        let mut driver = Observed::new(courses, vec![20.0], vec![0, 1, 2]);
        let counters = integrator.integrate(&mut driver);
        (driver.into_records(), counters)
    };
    let first = once((0..9).map(course).collect());
    once((9..30).map(course).collect());
    assert_eq!(once((0..9).map(course).collect()), first);
}

#[test]
fn a_failing_patient_disturbs_nobody_and_says_why() {
    let healthy = run((0..N).map(course).collect(), InstructionSet::detect());
    let sick = |i: usize| i % 3 == 1;
    let courses = (0..N)
        .map(|i| {
            if sick(i) {
                Course {
                    inputs: vec![f64::NAN, 1.0, 1.0],
                    ..course(i)
                }
            } else {
                course(i)
            }
        })
        .collect();
    let mut driver = Observed::new(courses, vec![0.0, 1.0, 5.0, 20.0], vec![0, 1, 2]);
    let counters =
        Integrator::new(Batched::<Robertson>::default(), Settings::with_tolerance(1e-5)).integrate(&mut driver);
    assert_eq!(counters.failures, (0..N).filter(|&i| sick(i)).count() as u64);
    for i in 0..N {
        if sick(i) {
            assert_eq!(
                driver.failure(i).map(|f| (f.reason, f.time)),
                Some((FailureReason::NotFinite, 0.0))
            );
        } else {
            assert_eq!(bits(driver.record(i)), healthy[i]);
        }
    }
}

#[test]
fn too_many_steps_is_a_failure_of_that_patient_only() {
    let settings = Settings {
        max_steps: 5,
        ..Settings::default()
    };
    let mut driver = Observed::new(vec![course(0)], vec![20.0], vec![0]);
    let counters = Integrator::new(Batched::<Robertson>::default(), settings).integrate(&mut driver);
    assert_eq!((counters.failures, counters.patients), (1, 0));
    assert_eq!(driver.failure(0).map(|f| f.reason), Some(FailureReason::TooManySteps));
}

#[test]
fn nobody_waiting_is_no_work() {
    let mut driver = Observed::new(vec![], vec![1.0], vec![0]);
    let counters = Integrator::new(Batched::<Robertson>::default(), Settings::default()).integrate(&mut driver);
    assert_eq!(counters, malar_solver::Counters::default());
}
