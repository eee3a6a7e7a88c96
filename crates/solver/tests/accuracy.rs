//! Known answers: exact solutions, published end values, orders of convergence.

use std::fmt::Write;

use malar_solver::problems::{
    Batched, ChemicalAkzo, Hires, Known, Linear, Problem, ProtheroRobinson, Robertson, Spiral, Transit, VanDerPol,
    Visitor, visit_all,
};
use malar_solver::{Action, Counters, Course, Integrator, Method, Observed, Schedule, Settings};

const METHODS: [Method; 4] = [Method::Rodas3, Method::Rodas4, Method::Rodas5, Method::Rodas5P];

/// What each converges with.
const ORDERS: [(Method, f64); 4] = [
    (Method::Rodas3, 3.0),
    (Method::Rodas4, 4.0),
    (Method::Rodas5, 5.0),
    (Method::Rodas5P, 5.0),
];

/// One patient of problem `P`, looked at at `times`; returns all states at each.
fn solve<P: Problem>(course: Course, times: Vec<f64>, settings: Settings) -> (Vec<Vec<f64>>, Counters) {
    let mut driver = Observed::new(vec![course], times, (0..P::STATES).collect());
    let counters = Integrator::new(Batched::<P>::default(), settings).integrate(&mut driver);
    assert_eq!(driver.failure(0), None);
    (
        driver.record(0).chunks(P::STATES).map(<[f64]>::to_vec).collect(),
        counters,
    )
}

fn usual<P: Problem>() -> Course {
    Course {
        initial: P::initial(),
        inputs: P::inputs(),
        ..Course::default()
    }
}

fn settings(method: Method, relative: f64, absolute: f64) -> Settings {
    Settings {
        method,
        relative,
        absolute: vec![absolute],
        ..Settings::default()
    }
}

/// Relative error of the usual course at the problem's known end, and what it took.
fn at_end<P: Known>(method: Method, relative: f64) -> (f64, Counters) {
    let settings = settings(method, relative, relative * P::SMALL);
    let (seen, counters) = solve::<P>(usual::<P>(), vec![P::END], settings);
    (P::error_at_end(&seen[0]), counters)
}

/// One line per problem, method and tolerance: steps, and the error at the end in tolerances.
struct EndPoints {
    table: String,
}

impl Visitor for EndPoints {
    fn visit<P: Known>(&mut self) {
        for method in METHODS {
            for relative in [1e-4, 1e-6, 1e-8] {
                let (error, counters) = at_end::<P>(method, relative);
                let allowed = P::CONDITION * counters.accepted as f64 * relative;
                assert!(
                    error <= allowed,
                    "{} by {method:?} at {relative:e}: {error:e}, and {allowed:e} is allowed",
                    P::NAME
                );
                let (name, error) = (P::NAME, error / relative);
                let (accepted, rejected) = (counters.accepted, counters.rejected);
                writeln!(
                    self.table,
                    "{name:<17} {method:<8?} {relative:e} {accepted:>7} {rejected:>4} {error:>8.1e}"
                )
                .expect("a text grows");
            }
        }
    }
}

/// To first order an accepted step puts the end wrong by at most [`Known::CONDITION`] tolerances, so n steps by n times that: the test asserts
/// it. How far below that the errors are is kept in `end_points.txt`: problem, method, relative tolerance, steps accepted and
/// rejected, error at the end in tolerances. If the solver changes, read the difference, then accept with `MALAR_ACCEPT=1`.
#[test]
fn end_points_have_the_digits_that_the_tolerances_promise() {
    let mut found = EndPoints { table: String::new() };
    visit_all(&mut found);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_points.txt");
    if std::env::var_os("MALAR_ACCEPT").is_some() {
        std::fs::write(path, &found.table).expect("the folder of the tests is there");
    }
    let kept = std::fs::read_to_string(path).expect("kept beside this file");
    for (now, before) in found.table.lines().zip(kept.lines()) {
        assert_eq!(now, before, "see the comment of this test");
    }
    assert_eq!(
        found.table.lines().count(),
        kept.lines().count(),
        "see the comment of this test"
    );
}

#[test]
fn linear_systems_follow_their_exact_solutions() {
    for method in METHODS {
        let s = settings(method, 1e-7, 1e-10);
        for time in [0.1, 2.0] {
            for (exact, seen) in [
                (
                    Spiral::exact(time),
                    solve::<Spiral>(usual::<Spiral>(), vec![time], s.clone()).0,
                ),
                (
                    Transit::exact(time, 2.0),
                    solve::<Transit>(usual::<Transit>(), vec![time], s.clone()).0,
                ),
            ] {
                for (seen, exact) in seen[0].iter().zip(&exact) {
                    assert!((seen - exact).abs() < 1e-6, "{method:?} at {time}: {seen}, not {exact}");
                }
            }
        }
    }
}

#[test]
fn methods_converge_with_their_order_on_every_smooth_problem() {
    for (method, order) in ORDERS {
        let rate = |error: &dyn Fn(usize) -> f64, n| (error(n) / error(2 * n)).log2();
        let spiral = |n| fixed_step_error::<Spiral>(method, &usual::<Spiral>(), 0.2, n, &Spiral::exact(0.2));
        let transit = |n| fixed_step_error::<Transit>(method, &usual::<Transit>(), 2.0, n, &Transit::exact(2.0, 2.0));
        let akzo = usual::<ChemicalAkzo>();
        let (reference, _) = solve::<ChemicalAkzo>(akzo.clone(), vec![1.0], settings(Method::Rodas5P, 1e-13, 1e-16));
        let akzo = |n| fixed_step_error::<ChemicalAkzo>(method, &akzo, 1.0, n, &reference[0]);
        for (name, observed) in [
            ("spiral", rate(&spiral, 80)),
            ("transit", rate(&transit, 16)),
            ("akzo", rate(&akzo, 20)),
        ] {
            assert!(
                observed > order - 0.35,
                "{method:?} converges with order {observed} on {name}"
            );
        }
    }
}

#[test]
fn tight_tolerance_gives_ten_digits_of_hires() {
    let (error, _) = at_end::<Hires>(Method::Rodas5P, 1e-11);
    assert!(error < 1e-9, "{error:e}");
}

#[test]
fn infusions_and_boluses_follow_the_exact_solution() {
    let (k, rate) = (0.5, 2.0);
    let mut schedule = Schedule::new();
    schedule.infusion(1, 1.0, 0.25, rate);
    schedule.repeated(3.0, 2.0, 2, Action::AddToState { state: 0, amount: 1.5 });
    let course = Course {
        initial: vec![1.0],
        inputs: vec![k, 0.0],
        schedule,
        ..Course::default()
    };
    let times = vec![0.0, 1.0, 1.25, 3.0, 5.0, 6.0];
    let (seen, counters) = solve::<Linear>(course, times, settings(Method::Rodas4, 1e-9, 1e-12));
    let at_1 = Linear::exact(1.0, 1.0, k, 0.0);
    let at_125 = Linear::exact(0.25, at_1, k, rate);
    let at_3 = Linear::exact(1.75, at_125, k, 0.0);
    let at_5 = Linear::exact(2.0, at_3 + 1.5, k, 0.0);
    let at_6 = Linear::exact(1.0, at_5 + 1.5, k, 0.0);
    for (seen, expected) in seen.iter().zip([1.0, at_1, at_125, at_3, at_5, at_6]) {
        assert!((seen[0] - expected).abs() < 1e-7, "{} not {expected}", seen[0]);
    }
    assert_eq!((counters.segments, counters.patients), (5, 1));
}

#[test]
fn looking_does_not_disturb() {
    let steps = |times: Vec<f64>| {
        solve::<Robertson>(usual::<Robertson>(), times, Settings::default())
            .1
            .accepted
    };
    // A visit costs at most the step that is cut short to hit it and the halved one before.
    let (without, with) = (steps(vec![1000.0]), steps(vec![10.0, 100.0, 1000.0]));
    assert!(with <= without + 4, "{without} steps without visits, {with} with");
}

/// Error at `end` with steps of equal size: tolerances that accept anything, and a segment per step.
fn fixed_step_error<P: Problem>(method: Method, course: &Course, end: f64, n: usize, expected: &[f64]) -> f64 {
    let h = end / n as f64;
    let times = (1..=n).map(|i| if i == n { end } else { i as f64 * h }).collect();
    let settings = Settings {
        initial_step: h,
        ..settings(method, 1e30, 1e30)
    };
    let (seen, counters) = solve::<P>(course.clone(), times, settings);
    assert_eq!(counters.accepted, n as u64);
    seen[n - 1]
        .iter()
        .zip(expected)
        .map(|(y, e)| (y - e).abs())
        .fold(0.0, f64::max)
}

#[test]
fn methods_converge_with_their_order() {
    for (method, order) in ORDERS {
        let smooth = Course {
            inputs: vec![1.0],
            ..usual::<VanDerPol>()
        };
        let (reference, _) = solve::<VanDerPol>(smooth.clone(), vec![1.0], settings(Method::Rodas5P, 1e-13, 1e-14));
        let error = |n| fixed_step_error::<VanDerPol>(method, &smooth, 1.0, n, &reference[0]);
        let observed = (error(20) / error(40)).log2();
        assert!(
            (observed - order).abs() < 0.35,
            "{method:?} converges with order {observed} on a nonlinear problem"
        );

        let course = Course {
            inputs: vec![2.0],
            ..usual::<ProtheroRobinson>()
        };
        let error = |n| fixed_step_error::<ProtheroRobinson>(method, &course, 2.0, n, &[2f64.cos()]);
        let observed = (error(16) / error(32)).log2();
        assert!(
            observed > order - 0.35,
            "{method:?} converges with order {observed} on one explicit in time"
        );
    }
}

#[test]
fn stiff_and_explicit_in_time_stays_on_the_slow_solution() {
    for method in METHODS {
        let course = Course {
            inputs: vec![1e6],
            ..usual::<ProtheroRobinson>()
        };
        let (seen, counters) = solve::<ProtheroRobinson>(course, vec![10.0], settings(method, 1e-6, 1e-6));
        assert!((seen[0][0] - 10f64.cos()).abs() < 1e-5, "{method:?}: {}", seen[0][0]);
        assert!(counters.accepted < 3000, "{method:?} took {} steps", counters.accepted);
    }
}
