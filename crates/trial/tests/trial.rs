//! Claims about whole simulated trials.

mod library;

use malar_solver::Settings;
use malar_trial::results::{PatientStatus, Replicate};
use malar_trial::{Parts, Protocol, Simulation};

fn simulation(parts: Parts) -> Simulation {
    let text = parts.source.text.clone();
    Simulation::new(parts).unwrap_or_else(|e| panic!("{}", e.iter().map(|d| d.render(&text)).collect::<String>()))
}

/// Equal rows, down to the value of an empty group (NaN).
fn equal(a: &impl std::fmt::Debug, b: &impl std::fmt::Debug) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

fn same(text: String) -> String {
    text
}

fn small(trial: &str, patients: u32) -> Parts {
    let mut parts = library::parts(trial, same);
    parts.protocol = parts.protocol.resized(patients);
    parts
}

#[test]
fn a_zero_dose_arm_is_standard_of_care_bit_for_bit() {
    let zero = |text: String| text.replace("dose_mg = 300", "dose_mg = 0");
    let none = |text: String| {
        let line = text
            .lines()
            .find(|l| l.starts_with("therapies"))
            .expect("an active arm")
            .to_owned();
        text.replace(&line, "")
    };
    let run = |edit: &dyn Fn(String) -> String| {
        let mut parts = library::parts("tulip-2", edit);
        parts.protocol = parts.protocol.resized(60);
        simulation(parts).replicate(3, 0).unwrap()
    };
    assert!(equal(&run(&zero), &run(&none)));
}

/// Infusions of one drug that run at the same time add up.
#[test]
fn two_infusions_side_by_side_are_one_of_both_amounts() {
    let two = |text: String| {
        let line = text
            .lines()
            .find(|l| l.starts_with("therapies"))
            .expect("an active arm");
        let half = line
            .trim_start_matches("therapies = [")
            .trim_end_matches(']')
            .replace("dose_mg = 300", "dose_mg = 150");
        let halves = format!("therapies = [{half}, {half}]");
        text.replace(line, &halves)
    };
    let run = |edit: fn(String) -> String| {
        let mut parts = library::parts("tulip-2", edit);
        parts.protocol = parts.protocol.resized(60);
        let mut replicate = simulation(parts).replicate(3, 0).unwrap();
        replicate.doses.clear(); // one of 300 mg, two of 150 mg
        replicate
    };
    assert!(equal(&run(same), &run(two)));
}

#[test]
fn a_replicate_depends_on_seed_and_index_only() {
    let trial = simulation(small("tulip-2", 60));
    let first = trial.replicate(1, 5).unwrap();
    trial.replicate(1, 6).unwrap();
    assert!(equal(&first, &trial.replicate(1, 5).unwrap()));
    assert!(!equal(&first.visits, &trial.replicate(2, 5).unwrap().visits));
}

/// The first patients of a large trial are those of a small one: candidates do not see each other. Arms may differ, since
/// blocks are longer; baselines may not.
#[test]
fn a_patients_baseline_does_not_depend_on_the_number_of_patients() {
    let few = simulation(small("tulip-2", 40)).replicate(1, 0).unwrap();
    let many = simulation(small("tulip-2", 80)).replicate(1, 0).unwrap();
    let baseline = |r: &Replicate, k: usize| {
        let p = &r.patients[k];
        (
            p.sledai_2k,
            p.pga.to_bits(),
            p.weight_kg.to_bits(),
            p.bilag_a,
            p.bilag_b,
        )
    };
    for k in 0..40 {
        assert_eq!(baseline(&few, k), baseline(&many, k), "patient {k}");
    }
}

#[test]
fn halved_tolerances_move_no_endpoint_by_more_than_a_fifth_of_a_point() {
    let run = |relative: f64| {
        let mut parts = library::parts("tulip-2", same);
        parts.settings = Settings::with_tolerance(relative);
        let trial = simulation(parts);
        let mut sums = vec![0.0; 0];
        for index in 0..6 {
            let replicate = trial.replicate(1, index).unwrap();
            sums.resize(replicate.endpoints.len(), 0.0);
            for (sum, row) in sums.iter_mut().zip(&replicate.endpoints) {
                // Percentages of all patients; in small subgroups one patient is more than the limit.
                let percent = trial.labels().endpoint_units[usize::from(row.endpoint)] == "percent";
                *sum += if percent && row.population == 0 {
                    row.value / 6.0
                } else {
                    0.0
                };
            }
        }
        sums
    };
    let default = Settings::default().relative;
    let (coarse, fine) = (run(default), run(default / 2.0));
    let worst = coarse.iter().zip(&fine).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst <= 0.2, "an endpoint moved by {worst} points");
}

#[test]
fn every_randomised_patient_is_a_row_with_a_status_and_every_binary_endpoint_an_outcome() {
    let trial = simulation(small("tulip-2", 60));
    let r = trial.replicate(1, 0).unwrap();
    assert_eq!(r.patients.len(), 60);
    assert_eq!(r.screening.randomised, 60);
    let bicla = trial.labels().endpoints.iter().position(|e| e == "bicla").unwrap() as u16;
    let outcomes = r
        .outcomes
        .iter()
        .filter(|o| o.endpoint == bicla && o.week == 52.0)
        .count();
    assert_eq!(outcomes, 60);
    for o in &r.outcomes {
        assert_eq!(o.responded, o.reason == 0);
    }
    for p in &r.patients {
        assert_eq!(p.status == PatientStatus::Completed, p.last_week == 52.0, "{p:?}");
    }
}

/// With few steps allowed per segment some patients are given up: they stay in every table, as non-responders with a reason.
#[test]
fn a_patient_the_solver_gives_up_is_counted_not_dropped() {
    let with_steps = |max_steps: u32| {
        let mut parts = small("tulip-2", 40);
        parts.settings.max_steps = max_steps;
        let replicate = simulation(parts).replicate(1, 0).ok()?;
        let failed = |r: &Replicate| r.patients.iter().any(|p| p.status == PatientStatus::SolverFailed);
        Some(replicate).filter(failed)
    };
    let r = (4..60)
        .find_map(with_steps)
        .expect("some limit lets candidates through screening and stops patients later");
    assert_eq!(r.patients.len(), 40);
    for p in r.patients.iter().filter(|p| p.status == PatientStatus::SolverFailed) {
        assert!(p.failure.contains("TooManySteps"), "{}", p.failure);
        let at_52 = r.outcomes.iter().filter(|o| o.patient == p.patient && o.week == 52.0);
        let outcomes: Vec<_> = at_52.collect();
        assert!(!outcomes.is_empty() && outcomes.iter().all(|o| !o.responded));
    }
}

#[test]
fn an_endpoint_of_an_instrument_that_the_trial_does_not_use_is_refused() {
    let parts = library::parts("embody-1", |text| text.replace("id = \"bicla\"", "id = \"clasi-50\""));
    let text = parts.source.text.clone();
    let refused = Simulation::new(parts).expect_err("refused");
    let message = refused[0].render(&text);
    assert!(
        message.contains("endpoint `clasi-50` needs `clasi`, which the trial does not measure"),
        "{message}"
    );
}

#[test]
fn a_protocol_rule_on_something_the_trial_does_not_measure_is_refused() {
    let mut file = library::source("trials/tulip-2.toml");
    file.text = file.text.replace("holds = \"pga >= 1\"", "holds = \"upcr >= 1\"");
    let refused = Protocol::parse(&file).expect_err("refused").render(&file.text);
    assert!(
        refused.contains("`upcr` needs `kidney`, which the trial does not measure"),
        "{refused}"
    );
}

#[test]
fn a_rule_that_looks_at_flares_before_they_are_known_is_refused() {
    let refused = |from: &str, to: &str| {
        let mut file = library::source("trials/tulip-2.toml");
        assert!(file.text.contains(from));
        file.text = file.text.replacen(from, to, 1);
        Protocol::parse(&file).expect_err("refused").render(&file.text)
    };
    for (from, to) in [
        ("worse = \"bilag_flare", "worse = \"selena_flare == 2"),
        ("holds = \"pga >= 1\"", "holds = \"selena_flare_bliss == 0\""),
    ] {
        let said = refused(from, to);
        assert!(
            said.contains("only after a visit's decisions") && said.contains("bilag_flare"),
            "{said}"
        );
    }
}

#[test]
fn a_trial_that_nobody_can_enter_is_refused_with_the_criterion_that_bars_it() {
    let parts = library::parts("tulip-2", |text| {
        text.replace("holds = \"pga >= 1\"", "holds = \"pga > 3\"")
    });
    let mut parts = parts;
    parts.protocol = parts.protocol.resized(4);
    let refused = simulation(parts).replicate(1, 0).unwrap_err();
    assert_eq!((refused.found, refused.worst.as_str()), (0, "pga"));
}

#[test]
fn a_standard_of_care_arm_has_no_equations_of_the_drugs_in_other_arms() {
    let n = simulation(small("tulip-2", 4)).n_states();
    assert!(n[0] < n[1], "{n:?}");
}

/// A population that draws a therapy's parameter changes that therapy and nothing else; at the library's value it is the same trial up to
/// rounding, because an input is not folded into constants.
#[test]
fn a_population_may_draw_a_parameter_of_a_therapy() {
    let with = |value: f64| {
        let mut parts = small("tulip-2", 60);
        parts.population.add_constant("anifrolumab.effect_max", value);
        simulation(parts)
    };
    let library = simulation(small("tulip-2", 60)).replicate(3, 0).unwrap();
    let same = with(0.85).replicate(3, 0).unwrap();
    let signature = |replicate: &Replicate, arm: u16| -> f64 {
        let rows = replicate.visits.iter().filter(|row| row.arm == arm && row.week == 12.0);
        rows.map(|row| row.ifn_signature_fold).sum()
    };
    for arm in [0, 1] {
        assert!((signature(&same, arm) / signature(&library, arm) - 1.0).abs() < 1e-6);
    }

    let trial = with(0.85);
    let mut weaker = trial.population().clone();
    *weaker.number_mut("anifrolumab.effect_max").expect("added above") = 0.2;
    let weak = trial.with_population(weaker).replicate(3, 0).unwrap();
    assert!(equal(
        &weak.visits.iter().find(|row| row.arm == 0),
        &same.visits.iter().find(|row| row.arm == 0)
    ));
    assert!(signature(&weak, 1) > 1.5 * signature(&same, 1));
    assert!(equal(&weak, &with(0.2).replicate(3, 0).unwrap()));
}

/// A small trial that measures skin, joints or kidney besides what its file lists.
fn also_measuring(instruments: &str) -> Simulation {
    let listed = |text: String| text.replace("\"serology\"]", &format!("\"serology\"{instruments}]"));
    let mut parts = library::parts("embody-1", listed);
    parts.protocol = parts.protocol.resized(18);
    simulation(parts)
}

#[test]
fn measuring_skin_and_joints_changes_nothing_else_bit_for_bit() {
    let plain = also_measuring("").replicate(3, 0).unwrap();
    let mut more = also_measuring(", \"clasi\", \"joint-count\"").replicate(3, 0).unwrap();
    assert!(
        more.visits
            .iter()
            .all(|v| v.clasi_activity.is_some() && v.tender_joints.is_some())
    );
    for visit in &mut more.visits {
        (visit.clasi_activity, visit.tender_joints, visit.swollen_joints) = (None, None, None);
        let components = &mut visit.components;
        (components.clasi_activity, components.active_joints) = (None, None);
        (components.tender_joints, components.swollen_joints) = (None, None);
    }
    assert!(equal(&plain, &more));
}

#[test]
fn the_kidney_costs_two_equations_where_it_is_measured_and_none_elsewhere() {
    let (without, with) = (also_measuring("").n_states(), also_measuring(", \"kidney\"").n_states());
    assert!(
        without.iter().zip(&with).all(|(a, b)| a + 2 == *b),
        "{without:?} {with:?}"
    );
}

#[test]
fn where_urine_is_measured_the_item_proteinuria_is_read_off_it() {
    let replicate = simulation(small("nobility", 16)).replicate(2, 0).unwrap();
    let proteinuria = 1 << malar_trial::instruments::items::PROTEINURIA;
    let mut seen = [0; 2];
    for visit in &replicate.visits {
        let present = visit.sledai_items & proteinuria != 0;
        assert_eq!(present, visit.upcr_g_per_g.expect("measured") > 0.5);
        seen[usize::from(present)] += 1;
    }
    assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
}

/// A protocol may set constants of the population: its candidates are then of that kind.
#[test]
fn serologic_referral_brings_more_anti_dsdna() {
    let mean_ln = |referred: bool| {
        let parts = library::parts("bliss-52", |text| match referred {
            true => text,
            false => text.replace("serologic_referral = 1", "serologic_referral = 0"),
        });
        let mut parts = parts;
        parts.protocol = parts.protocol.resized(120);
        let replicate = simulation(parts).replicate(1, 0).unwrap();
        let first = replicate.visits.iter().filter(|v| v.week == 0.0);
        let values: Vec<f64> = first.map(|v| v.anti_dsdna_iu_per_ml.ln()).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    // The shift is 0.5 standard deviations of 1.3; selection on SLEDAI takes some of it back.
    assert!(mean_ln(true) > mean_ln(false) + 0.3);
}

/// Who a protocol's candidates are is the protocol's to say, whatever other numbers the population gets.
#[test]
fn constants_of_a_protocol_outlast_another_population() {
    let mut parts = library::parts("bliss-52", |text| text);
    parts.protocol = parts.protocol.resized(20);
    let trial = simulation(parts);
    let mut other = trial.population().clone();
    *other.number_mut("serologic_referral").expect("a constant") = 0.0;
    *other.number_mut("referral_effect").expect("a constant") = 0.1;
    let moved = trial.with_population(other);
    let number = |name: &str| moved.population().number(name).expect("a constant");
    assert!(number("serologic_referral").to_bits() == 1f64.to_bits());
    assert!(number("referral_effect").to_bits() == 0.1f64.to_bits());
}

#[test]
fn a_constant_that_the_population_lacks_is_named() {
    let parts = library::parts("bliss-52", |text| {
        text.replace("serologic_referral", "serological_referral")
    });
    let text = parts.source.text.clone();
    let said: String = Simulation::new(parts)
        .unwrap_err()
        .iter()
        .map(|d| d.render(&text))
        .collect();
    assert!(
        said.contains("population `sle-trial` has no constant `serological_referral`"),
        "{said}"
    );
    assert!(said.contains("drawn as `constant`"), "{said}");
}
