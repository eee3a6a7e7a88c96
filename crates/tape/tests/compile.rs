//! What a caller sees of a compiled model.

use malar_model::{Equations, Source, parse_antimony};
use malar_solver::{Action, Course, Integrator, Observed, Schedule, Settings, System};
use malar_tape::{CompileError, Request, StateRef, Tape};

fn equations(text: &str) -> Equations {
    let source = Source {
        path: "test.ant".into(),
        text: text.into(),
    };
    let model = parse_antimony(&source).unwrap_or_else(|d| panic!("{}", d[0].render(&source.text)));
    model
        .equations(&source)
        .unwrap_or_else(|d| panic!("{}", d[0].render(&source.text)))
}

/// Prey and hunters with a saturating appetite, an observable, and a drug with an effect compartment that nobody may get.
const MODEL: &str = "
model hunt()
  species prey, hunters;
  prey = 2; hunters = start; start = 0.5;
  birth = 1.1; death = 0.4; appetite = 0.8; half = 1.5; n = 1.7;
  eaten := appetite * prey^n / (half^n + prey^n) * hunters * (1 + strength * effect);
  total := prey + hunters;
  prey' = birth * prey * (1 - prey / 10) - eaten;
  hunters' = 0.3 * eaten - death * hunters;
end";

/// The same with the drug's own states.
const WITH_DRUG: &str = "
model hunt()
  species prey, hunters, depot, blood, effect;
  prey = 2; hunters = start; start = 0.5;
  depot = 0; blood = 0; effect = 0;
  birth = 1.1; death = 0.4; appetite = 0.8; half = 1.5; n = 1.7; strength = 3; ka = 2; ke = 0.5; kin = 0.7;
  eaten := appetite * prey^n / (half^n + prey^n) * hunters * (1 + strength * effect);
  total := prey + hunters;
  prey' = birth * prey * (1 - prey / 10) - eaten;
  hunters' = 0.3 * eaten - death * hunters;
  depot' = -ka * depot;
  blood' = ka * depot - ke * blood + 0.1 * effect;
  effect' = kin * (blood - effect);
end";

fn without_drug() -> Equations {
    equations(&MODEL.replace(" * (1 + strength * effect)", ""))
}

#[test]
fn a_therapy_that_is_never_dosed_costs_nothing() {
    let request = Request {
        inputs: &["birth"],
        outputs: &["total"],
        ..Request::default()
    };
    let plain = Tape::compile(&without_drug(), &request).expect("compiles");
    let with_drug = Tape::compile(&equations(WITH_DRUG), &request).expect("compiles");
    assert_eq!(with_drug.n_states(), 2);
    assert_eq!(with_drug.instruction_counts(), plain.instruction_counts());
    assert_eq!(with_drug.n_work(), plain.n_work());
    assert_eq!(with_drug.state("blood"), Some(StateRef::Constant(0.0)));
    assert_eq!(with_drug.state("nobody"), None);
}

#[test]
fn a_dosed_therapy_is_kept_with_all_it_feeds() {
    let request = Request {
        dosed: &["depot"],
        ..Request::default()
    };
    let tape = Tape::compile(&equations(WITH_DRUG), &request).expect("compiles");
    assert_eq!(tape.state_names(), ["prey", "hunters", "depot", "blood", "effect"]);
    assert_eq!(tape.state("effect"), Some(StateRef::Index(4)));
}

#[test]
fn what_no_output_needs_can_be_dropped() {
    let request = Request {
        dosed: &["depot"],
        outputs: &["blood"],
        prune_unobserved: true,
        ..Request::default()
    };
    let tape = Tape::compile(&equations(WITH_DRUG), &request).expect("compiles");
    assert_eq!(tape.state_names(), ["depot", "blood", "effect"]);
    assert_eq!(tape.state("prey"), Some(StateRef::Pruned));
}

#[test]
fn rates_follow_the_model_text() {
    let request = Request {
        inputs: &["birth", "n"],
        fixed: &[("strength", 2.0)],
        dosed: &["depot"],
        ..Request::default()
    };
    let tape = Tape::compile(&equations(WITH_DRUG), &request).expect("compiles");
    let (y, inputs) = ([2.5, 0.6, 0.2, 0.3, 0.4], [1.3, 1.9]);
    let eaten = 0.8 * 2.5f64.powf(1.9) / (1.5f64.powf(1.9) + 2.5f64.powf(1.9)) * 0.6 * (1.0 + 2.0 * 0.4);
    let expected = [
        1.3 * 2.5 * (1.0 - 2.5 / 10.0) - eaten,
        0.3 * eaten - 0.4 * 0.6,
        -2.0 * 0.2,
        2.0 * 0.2 - 0.5 * 0.3 + 0.1 * 0.4,
        0.7 * (0.3 - 0.4),
    ];
    let mut rates = [0.0; 5];
    tape.rates_of_one(0.0, &y, &inputs, &mut rates);
    for (rate, expected) in rates.iter().zip(expected) {
        // A few roundings each.
        assert!((rate - expected).abs() < 1e-14, "{rate} not {expected}");
    }
}

#[test]
fn jacobian_is_the_slope_of_the_rates() {
    let request = Request {
        dosed: &["depot"],
        ..Request::default()
    };
    let tape = Tape::compile(&equations(WITH_DRUG), &request).expect("compiles");
    let y = [2.5, 0.6, 0.2, 0.3, 0.4];
    let all = tape.jacobian_of_one(0.0, &y, &[]);
    let rates = |y: &[f64]| {
        let mut rates = [0.0; 5];
        tape.rates_of_one(0.0, y, &[], &mut rates);
        rates
    };
    for (&(i, j), &slope) in tape.pattern().entries.iter().zip(&all[5..]) {
        let (mut above, mut below) = (y, y);
        let h = 1e-5;
        above[j as usize] += h;
        below[j as usize] -= h;
        let difference = (rates(&above)[i as usize] - rates(&below)[i as usize]) / (2.0 * h);
        // Truncation h^2 f''' / 6 and rounding eps f / h: both about 1e-10.
        assert!(
            (difference - slope).abs() < 1e-8,
            "d{i}/d{j}: {slope}, not {difference}"
        );
    }
}

#[test]
fn slope_of_a_power_at_zero_is_finite() {
    let tape = Tape::compile(
        &equations("model m()\n species x; x = 1; n = 1.5; m = 1;\n x' = 1 - x^n - x^m;\nend"),
        &Request {
            inputs: &["n", "m"],
            dosed: &["x"],
            ..Request::default()
        },
    )
    .expect("compiles");
    assert_eq!(tape.jacobian_of_one(0.0, &[0.0], &[1.5, 1.0])[1], -1.0);
}

#[test]
fn slope_of_a_root_at_zero_does_not_stop_the_step() {
    let text = "model m()\n species x; x = 0; k = 2;\n x' = 1 - x*sqrt(abs(x))/k;\nend";
    let tape = Tape::compile(&equations(text), &Request::default()).expect("compiles");
    assert_eq!(tape.jacobian_of_one(0.0, &[0.0], &[])[1], 0.0);
}

#[test]
fn time_in_the_equations_gives_a_time_derivative() {
    let tape = Tape::compile(
        &equations("model m()\n species x; x = 1; k = 3;\n x' = sin(k * time) - x;\nend"),
        &Request::default(),
    )
    .expect("compiles");
    assert!(tape.depends_on_time());
    let all = tape.jacobian_of_one(0.5, &[1.0], &[]);
    assert!((all[2] - 3.0 * 1.5f64.cos()).abs() < 1e-14);
}

#[test]
fn initial_values_and_outputs_follow_the_inputs() {
    let request = Request {
        inputs: &["start"],
        outputs: &["total", "prey", "death"],
        ..Request::default()
    };
    let tape = Tape::compile(&without_drug(), &request).expect("compiles");
    let mut states = [0.0; 2];
    tape.initial_state(&[0.7], &mut states);
    assert_eq!(states, [2.0, 0.7]);
    let mut values = [0.0; 3];
    tape.outputs(0.0, &[3.0, 0.25], &[0.7], &mut values);
    assert_eq!(values, [3.25, 3.0, 0.4]);
}

#[test]
fn wrong_names_are_refused() {
    let model = without_drug();
    let error = |request: Request<'_>| Tape::compile(&model, &request).expect_err("refused");
    let name = |name: &str| name.to_owned();
    assert_eq!(
        error(Request {
            inputs: &["x"],
            ..Request::default()
        }),
        CompileError::NotAParameter { name: name("x") }
    );
    assert_eq!(
        error(Request {
            dosed: &["birth"],
            ..Request::default()
        }),
        CompileError::NotAState { name: name("birth") }
    );
    assert_eq!(
        error(Request {
            outputs: &["x"],
            ..Request::default()
        }),
        CompileError::UnknownOutput { name: name("x") }
    );
    assert_eq!(
        error(Request {
            inputs: &["birth"],
            fixed: &[("birth", 1.0)],
            ..Request::default()
        }),
        CompileError::InputAndFixed { name: name("birth") }
    );
}

/// A model whose solution is known: depot and blood of a one-compartment drug with absorption (Bateman function).
#[test]
fn an_integrated_tape_follows_the_exact_solution() {
    let text = "model pk()\n species depot, blood;\n depot = 0; blood = 0; ka = 2; ke = 0.5;\n depot' = -ka*depot;\n blood' = ka*depot - ke*blood;\nend";
    let request = Request {
        inputs: &["ka", "ke"],
        dosed: &["depot"],
        ..Request::default()
    };
    let tape = Tape::compile(&equations(text), &request).expect("compiles");
    let course = |ka: f64, ke: f64| {
        let mut schedule = Schedule::new();
        schedule.at(0.0, Action::AddToState { state: 0, amount: 10.0 });
        Course {
            initial: vec![0.0, 0.0],
            inputs: vec![ka, ke],
            schedule,
            ..Course::default()
        }
    };
    let parameters: Vec<(f64, f64)> = (0..11)
        .map(|i| (1.0 + 0.3 * f64::from(i), 0.2 + 0.05 * f64::from(i)))
        .collect();
    let mut driver = Observed::new(
        parameters.iter().map(|&(ka, ke)| course(ka, ke)).collect(),
        vec![1.0, 4.0],
        vec![1],
    );
    let counters = Integrator::new(&tape, Settings::with_tolerance(1e-9)).integrate(&mut driver);
    assert_eq!(counters.failures, 0);
    for (i, (ka, ke)) in parameters.into_iter().enumerate() {
        for (seen, t) in driver.record(i).iter().zip([1.0, 4.0f64]) {
            let exact = 10.0 * ka / (ka - ke) * ((-ke * t).exp() - (-ka * t).exp());
            assert!((seen - exact).abs() < 1e-6, "{seen} not {exact}");
        }
    }
}
