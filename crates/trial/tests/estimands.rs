//! Claims about estimands: truths from potential courses, estimators on the data of a trial.

mod library;

use malar_trial::results::{Replicate, TruthRow};
use malar_trial::{Parts, Simulation};

/// The estimands of the library's study of TULIP-2.
fn declared() -> String {
    let text = library::source("studies/tulip-2-estimands.toml").text;
    let start = text.find("[[estimands]]").expect("the study has estimands");
    text[start..].to_owned()
}

fn parts(edit: impl Fn(String) -> String, patients: u32) -> Parts {
    let mut parts = library::parts("tulip-2", |text| edit(text + "\n" + &declared()));
    parts.protocol = parts.protocol.resized(patients);
    parts
}

fn simulation(edit: impl Fn(String) -> String, patients: u32) -> Simulation {
    let parts = parts(edit, patients);
    let text = parts.source.text.clone();
    Simulation::new(parts).unwrap_or_else(|e| panic!("{}", e.iter().map(|d| d.render(&text)).collect::<String>()))
}

fn same(text: String) -> String {
    text
}

fn position(trial: &Simulation, id: &str) -> u16 {
    let found = trial.labels().estimands.iter().position(|e| e.id == id);
    found.expect("an estimand of the study") as u16
}

fn truth_of(rows: &[TruthRow], estimand: u16) -> TruthRow {
    *rows
        .iter()
        .find(|row| row.estimand == estimand)
        .expect("one row an estimand")
}

#[test]
fn a_drug_without_dose_has_no_effect_by_any_estimand() {
    let trial = simulation(|text| text.replace("dose_mg = 300", "dose_mg = 0"), 60);
    let rows = trial.truth(1, 0).unwrap();
    assert_eq!(rows.len(), trial.labels().estimands.len());
    for row in rows {
        // Both arms are the same courses bit for bit; Cox's coefficient is the root of a sum that is zero up to rounding.
        assert!(row.value.abs() < 1e-12 && row.treated == row.of_control, "{row:?}");
    }
}

#[test]
fn the_composite_estimand_by_cmh_is_the_trials_own_analysis() {
    let trial = simulation(same, 120);
    let replicate = trial.replicate(2, 0).unwrap();
    let estimand = position(&trial, "bicla-composite");
    let row = replicate
        .estimands
        .iter()
        .find(|r| r.estimand == estimand && r.estimator == 0);
    let own = replicate
        .estimates
        .iter()
        .find(|r| r.endpoint == 0 && r.week == 52.0 && r.population == 0);
    let (row, own) = (row.unwrap(), own.unwrap());
    assert_eq!(
        (row.estimate, row.low95, row.high95, row.p_value),
        (own.difference, own.low95, own.high95, own.p_value)
    );
    assert_eq!((row.patients, row.missing), (120, 0));
}

#[test]
fn estimands_change_nothing_else() {
    let with = simulation(same, 60).replicate(3, 1).unwrap();
    let mut bare = library::parts("tulip-2", same);
    bare.protocol = bare.protocol.resized(60);
    let without = Simulation::new(bare).unwrap().replicate(3, 1).unwrap();
    let with = Replicate {
        estimands: Vec::new(),
        ..with
    };
    assert_eq!(format!("{with:?}"), format!("{without:?}"));
}

/// Nobody leaves a hypothetical world, and everybody is followed in that of a treatment policy.
#[test]
fn truths_know_every_patient_unless_the_stratum_leaves_them_out() {
    let trial = simulation(same, 60);
    let rows = trial.truth(1, 0).unwrap();
    for (k, label) in trial.labels().estimands.iter().enumerate() {
        let known = truth_of(&rows, k as u16).patients;
        if label.discontinuation == "principal-stratum" {
            assert!(known < 60, "{}: {known}", label.id);
        } else {
            assert_eq!(known, 60, "{}", label.id);
        }
    }
}

#[test]
fn without_follow_up_those_who_left_are_missing_and_with_it_nobody_is() {
    let follow = |text: String| {
        text.replace(
            "[rescue]",
            "[follow_up]\nshare = 1.0\nassumed = \"everybody\"\n\n[rescue]",
        )
    };
    let (lost, followed) = (simulation(same, 120), simulation(follow, 120));
    let estimand = position(&lost, "sledai-treatment-policy");
    let missing = |trial: &Simulation| {
        let replicate = trial.replicate(1, 0).unwrap();
        let row = replicate
            .estimands
            .iter()
            .find(|r| r.estimand == estimand)
            .unwrap()
            .missing;
        let off_drug = replicate.visits.iter().filter(|v| !v.on_study).count();
        (row, off_drug, replicate)
    };
    let (without, last_visits, one) = missing(&lost);
    let (with, off_drug, other) = missing(&followed);
    assert!(without > 0 && with == 0 && off_drug > last_visits);
    // Being followed changes nothing while on study drug, and no endpoint that counts leaving as failure.
    let on_drug = |replicate: &Replicate| {
        let mut patients = replicate.patients.clone();
        for p in &mut patients {
            p.restricted_week = p.restricted_week.filter(|week| *week <= p.last_week);
        }
        patients
    };
    assert!(on_drug(&one) == on_drug(&other), "patients differ");
    assert!(one.outcomes == other.outcomes, "outcomes differ");
    assert!(
        format!("{:?}", one.estimates) == format!("{:?}", other.estimates),
        "estimates differ"
    );
}

#[test]
fn every_estimator_gives_a_result_on_a_trial_of_usual_size() {
    let trial = simulation(same, 362);
    let replicate = trial.replicate(1, 0).unwrap();
    for row in &replicate.estimands {
        assert_eq!(row.problem, "", "{row:?}");
        assert!((0.0..=1.0).contains(&row.p_value), "{row:?}");
    }
    let estimators = trial
        .labels()
        .estimands
        .iter()
        .map(|e| e.estimators.len())
        .sum::<usize>();
    assert_eq!(replicate.estimands.len(), estimators);
}

/// Copying the placebo arm after leaving takes from a drug's effect, and jumping to it takes more.
#[test]
fn reference_based_imputation_shrinks_the_effect() {
    let trial = simulation(same, 362);
    let replicate = trial.replicate(1, 0).unwrap();
    let estimand = position(&trial, "sledai-hypothetical");
    let of: Vec<f64> = replicate
        .estimands
        .iter()
        .filter(|r| r.estimand == estimand)
        .map(|r| r.estimate)
        .collect();
    let [_, mmrm, own_arm, jump, copy, _] = of[..] else {
        panic!("six estimators")
    };
    // Twenty data sets; the own-arm analysis estimates what MMRM does, up to their noise.
    assert!((mmrm - own_arm).abs() < 0.2, "{of:?}");
    assert!(own_arm < copy && copy < jump && jump < 0.0, "{of:?}");
}

#[test]
fn combinations_without_a_meaning_are_refused_with_a_remedy() {
    let refused = |from: &str, to: &str| {
        let edit = |text: String| {
            assert!(text.contains(from));
            text.replacen(from, to, 1)
        };
        let found = Simulation::new(parts(edit, 60)).expect_err("refused");
        let text = found[0].render("");
        assert_eq!(found[0].code, "T011", "{text}");
        assert!(text.contains("help"), "{text}");
        found[0].message.clone()
    };
    let sledai = "variable = { change = \"sledai_2k\" }\nweek = 52\nearlier_weeks = [12, 24, 36]\ndiscontinuation = ";
    let hypothetical = format!("{sledai}\"hypothetical\"");
    let composite = format!("{sledai}\"composite\"");
    assert!(refused(&hypothetical, &composite).contains("composite"));
    assert!(refused("{ response = \"bicla\" }", "{ response = \"doris\" }").contains("`doris`"));
    assert!(refused("{ change = \"sledai_2k\" }", "{ change = \"upcr\" }").contains("`upcr`"));
    assert!(refused("[\"cmh\", \"logistic\"]", "[\"cox\"]").contains("cox"));
    assert!(refused("[\"rmst\"]", "[]").contains("no estimator"));
    assert!(refused("earlier_weeks = [12, 24, 36]", "earlier_weeks = [13]").contains("without visit"));
    assert!(refused("summary = \"rate-ratio\"", "summary = \"hazard-ratio\"").contains("does not fit"));
    assert!(
        refused(
            "week = 52\ndiscontinuation",
            "week = 52\npopulation = \"men\"\ndiscontinuation"
        )
        .contains("`men`")
    );
}

/// Everybody's response known: nothing to fill in, and all ways of filling in are the trial's own analysis.
#[test]
fn imputation_of_responses_without_missing_ones_is_the_mantel_haenszel_difference() {
    let estimators = "[\"cmh\", \"imputation\", \"jump-to-reference\"]";
    let trial = simulation(
        |text| {
            text.replacen(
                "[\"cmh\", \"stratified-newcombe\", \"stratified-miettinen-nurminen\", \"logistic\"]",
                estimators,
                1,
            )
        },
        362,
    );
    let replicate = trial.replicate(1, 0).unwrap();
    let composite = position(&trial, "bicla-composite");
    let of: Vec<f64> = replicate
        .estimands
        .iter()
        .filter(|r| r.estimand == composite)
        .map(|r| r.estimate)
        .collect();
    assert_eq!(of.len(), 3);
    assert!(of.iter().all(|estimate| (estimate - of[0]).abs() < 1e-9), "{of:?}");
}

#[test]
fn responses_nobody_saw_are_filled_in_by_the_own_arm_the_reference_or_down_to_the_tipping_point() {
    let estimators = "[\"cmh\", \"imputation\", \"jump-to-reference\", \"tipping-point\"]";
    let asked = |text: String| {
        let text = text.replacen("[\"cmh\", \"logistic\"]", estimators, 1);
        let policy = "discontinuation = \"treatment-policy\"\nrestricted_medication = \"treatment-policy\"\nsummary = \"risk-difference\"";
        assert!(text.contains(policy));
        text.replacen(policy, &format!("earlier_weeks = [12, 24, 36]\n{policy}"), 1)
    };
    let trial = simulation(asked, 362);
    let estimand = position(&trial, "bicla-treatment-policy");
    let (mut own, mut jump, mut tipped) = (0.0, 0.0, 0);
    for index in 0..6 {
        let replicate = trial.replicate(1, index).unwrap();
        let rows: Vec<_> = replicate.estimands.iter().filter(|r| r.estimand == estimand).collect();
        assert!(rows.iter().all(|r| r.problem.is_empty() && r.missing > 0), "{rows:?}");
        own += rows[1].estimate;
        jump += rows[2].estimate;
        let tips = rows[3].estimate; // 0 if never significant, NaN if nothing tips it
        assert!(tips.is_nan() || (-100.0..=0.0).contains(&tips), "{tips}");
        tipped += u32::from(tips < 0.0);
    }
    assert!(jump < own, "{jump} {own}"); // some of the treated who left are given the control's chances
    assert!(tipped > 0);
}
