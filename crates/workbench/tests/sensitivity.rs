//! What moves a result: whole analyses on a small trial.

use malar_workbench::catalog::Library;
use malar_workbench::posterior::Posterior;
use malar_workbench::run::Silent;
use malar_workbench::sensitivity::{LUCK, Measure, Method, Request, Sensitivity, sensitivity, sensitivity_over};
use malar_workbench::variant::{variants, with_variant};

/// TULIP-2 with few patients; the drug's strength and the trial effect move.
fn request(method: Method, size: u32) -> Request {
    Request {
        study: "tulip-2".into(),
        parameters: vec!["anifrolumab.effect_max=0.5:0.95".into(), "offset".into()],
        all: false,
        targets: vec!["bicla placebo at 52".into(), "bicla anifrolumab-300 at 52".into()],
        method,
        size: Some(size),
        patients: Some(60),
        seed: 3,
        threads: 2,
    }
}

fn analysed(request: &Request) -> Sensitivity {
    sensitivity(&Library::embedded(), request, &Silent).unwrap_or_else(|e| panic!("{e}"))
}

fn measure(found: &Sensitivity, target: usize, factor: &str) -> Measure {
    let rows = &found.targets[target].rows;
    rows.iter()
        .find(|row| row.factor == factor)
        .expect("a row per factor")
        .measure
}

/// Every simulated trial has the same patients, so the strength of a drug that the placebo arm does not get moves nothing there.
#[test]
fn a_drugs_strength_moves_its_own_arm_and_not_placebo() {
    let found = analysed(&request(Method::Tornado, 2));
    match measure(&found, 0, "anifrolumab.effect_max") {
        Measure::Tornado { at_low, at_high, .. } => assert_eq!((at_low, at_high), (0.0, 0.0)),
        other => panic!("{other:?}"),
    }
    match measure(&found, 1, "anifrolumab.effect_max") {
        Measure::Tornado { swing, .. } => assert!(swing > 0.0, "{swing}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(found.trials, 2 * (1 + 2 * 2));
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let two = analysed(&request(Method::Morris, 2));
    let one = analysed(&Request {
        threads: 1,
        ..request(Method::Morris, 2)
    });
    assert_eq!(two, one);
    assert!(two.targets[0].rows.iter().any(|row| row.factor == LUCK));
}

#[test]
fn sobol_and_rank_correlations_have_a_row_per_number_and_for_luck() {
    for (method, size, trials) in [(Method::Sobol, 8, 8 * 5), (Method::Prcc, 12, 12)] {
        let found = analysed(&request(method, size));
        assert_eq!((found.trials, found.targets[0].rows.len()), (trials, 3), "{method:?}");
        assert_eq!(found.runs.len(), trials as usize);
    }
}

#[test]
fn mistakes_are_answered_with_what_there_is() {
    let message = |change: &dyn Fn(&mut Request)| {
        let mut request = request(Method::Tornado, 2);
        change(&mut request);
        sensitivity(&Library::embedded(), &request, &Silent)
            .expect_err("a mistake")
            .to_string()
    };
    let unknown = message(&|r| r.parameters = vec!["anifrolumab.efect_max".into()]);
    assert!(unknown.contains("did you mean `anifrolumab.effect_max`?"), "{unknown}");
    let fixed = message(&|r| r.parameters = vec!["bilag_threshold_b".into()]);
    assert!(fixed.contains("name=low:high"), "{fixed}");
    let backwards = message(&|r| r.parameters = vec!["offset=1:0".into()]);
    assert!(backwards.contains("lower end first"), "{backwards}");
    let target = message(&|r| r.targets = vec!["bicla placebo at 51".into()]);
    assert!(
        target.contains("bicla at 52") && target.contains("arms: placebo"),
        "{target}"
    );
    let grammar = message(&|r| r.targets = vec!["bicla".into()]);
    assert!(grammar.contains("ENDPOINT ARM at WEEK"), "{grammar}");
    let impossible = message(&|r| r.parameters = vec!["feedback_share=0.2:40".into()]);
    assert!(
        impossible.contains("feedback_share = 40") && impossible.contains("narrow the ranges"),
        "{impossible}"
    );
}

/// Every state of every alternative stands still at its start, as the model's do: the baseline stays an input.
#[test]
fn alternatives_keep_the_baseline_a_steady_state() {
    let library = Library::embedded();
    for variant in variants(&library).expect("readable") {
        let changed = with_variant(&library, &variant.id).expect("a good variant");
        let source = changed.get("models/sle/sle.ant").expect("the model");
        let model = malar_model::parse_antimony(source).expect("checked before");
        let equations = model.equations(source).expect("checked before");
        let request = malar_tape::Request {
            outputs: &[
                "plasma_static",
                "vaccine_IgG",
                "IgG",
                "anti_dsDNA",
                "BAFF",
                "skin",
                "joint",
            ],
            ..Default::default()
        };
        let tape = malar_tape::Tape::compile(&equations, &request).expect("checked before");
        let mut y = vec![0.0; malar_solver::System::n_states(&tape)];
        tape.initial_state(&[], &mut y);
        let all = tape.jacobian_of_one(0.0, &y, &[]);
        for rate in &all[..y.len()] {
            // Rates are differences of flows up to 20 per day, each rounded to 2^-53 of itself in a few operations.
            assert!(rate.abs() < 20.0 * 1e-15, "{}: {rate}", variant.id);
        }
    }
}

/// The posterior of the library laid over the small trial.
fn over(change: impl Fn(&mut Request)) -> Result<Sensitivity, String> {
    let library = Library::embedded();
    let posterior = Posterior::open(&library, "sle-trial").expect("in the library");
    let mut request = Request {
        parameters: vec!["anifrolumab.effect_max".into(), "clinical.trial_effect.*".into()],
        ..request(Method::Prcc, 60)
    };
    change(&mut request);
    sensitivity_over(&library, &request, &posterior, &Silent).map_err(|reason| reason.to_string())
}

/// Over the members the trial effect and not the drug moves the placebo arm; ends of a tornado lie inside the posterior.
#[test]
fn a_posterior_says_how_far_numbers_move() {
    let sample = over(|_| ()).expect("a good request");
    assert_eq!(sample.posterior.as_deref(), Some("sle-trial"));
    assert_eq!((sample.trials, sample.factors.len(), sample.runs.len()), (60, 5, 60));
    let ends = over(|r| (r.method, r.size) = (Method::Tornado, Some(2))).expect("a good request");
    assert_eq!(ends.trials, 2 * (1 + 2 * 5));
    assert!(
        ends.factors.iter().all(|f| f.low < f.value && f.value < f.high),
        "{:?}",
        ends.factors
    );
    match measure(&ends, 0, "anifrolumab.effect_max") {
        Measure::Tornado { at_low, at_high, .. } => assert_eq!((at_low, at_high), (0.0, 0.0)),
        other => panic!("{other:?}"),
    }
    match measure(&ends, 0, "clinical.trial_effect.offset") {
        Measure::Tornado { at_low, at_high, .. } => assert!(at_low < at_high, "{at_low} {at_high}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        over(|r| r.threads = 1).expect("a good request"),
        sample,
        "threads change nothing"
    );
}

#[test]
fn what_a_posterior_cannot_answer_is_refused() {
    let walks = over(|r| r.method = Method::Morris).expect_err("dependent numbers");
    assert!(walks.contains("prcc or tornado"), "{walks}");
    let unknown = over(|r| r.parameters = vec!["belimumab.effect_max".into()]).expect_err("nobody gets it");
    assert!(unknown.contains("that this trial uses"), "{unknown}");
    let other = over(|r| r.study = "tulip-ln".into()).expect_err("another population");
    assert!(other.contains("sle-nephritis"), "{other}");
}
