//! Claims about how a trial is run: minimisation, adherence, raters who drift.

mod library;

use malar_trial::results::Replicate;
use malar_trial::{Protocol, Simulation};

fn replicate(edit: impl Fn(String) -> String) -> Replicate {
    let mut parts = library::parts("tulip-2", edit);
    parts.protocol = parts.protocol.resized(120);
    let trial = Simulation::new(parts).unwrap_or_else(|e| panic!("{}", e[0].message));
    trial.replicate(4, 0).expect("enough candidates")
}

fn with(section: &'static str) -> impl Fn(String) -> String {
    move |text| text.replace("[rescue]", &format!("{section}\n\n[rescue]"))
}

fn same(text: String) -> String {
    text
}

#[test]
fn ideal_conduct_written_out_changes_nothing() {
    let ideal = with("[conduct]\nadherence = 1.0\nrater_drift_per_year = 0.0\nassumed = \"none\"");
    assert!(format!("{:?}", replicate(ideal)) == format!("{:?}", replicate(same)));
}

#[test]
fn missed_doses_lower_exposure_and_leave_placebo_alone() {
    let (all, half) = (
        replicate(same),
        replicate(with("[conduct]\nadherence = 0.5\nassumed = \"test\"")),
    );
    let exposure = |r: &Replicate| r.visits.iter().map(|v| v.concentration_mg_per_l).sum::<f64>();
    assert!(exposure(&half) < 0.8 * exposure(&all));
    let placebo = |r: &Replicate| format!("{:?}", r.visits.iter().filter(|v| v.arm == 0).collect::<Vec<_>>());
    assert!(placebo(&half) == placebo(&all));
}

#[test]
fn raters_who_drift_upwards_find_more_activity_at_the_end_and_not_at_baseline() {
    let (steady, drift) = (
        replicate(same),
        replicate(with("[conduct]\nrater_drift_per_year = 0.5\nassumed = \"test\"")),
    );
    let sledai = |r: &Replicate, week: f64| {
        let scores = r
            .visits
            .iter()
            .filter(|v| v.week == week)
            .map(|v| f64::from(v.sledai_2k));
        scores.clone().sum::<f64>() / scores.count() as f64
    };
    assert_eq!(sledai(&steady, 0.0), sledai(&drift, 0.0));
    assert!(sledai(&drift, 52.0) > sledai(&steady, 52.0) + 0.5);
}

#[test]
fn minimisation_assigns_other_arms_to_the_same_patients() {
    let minimised = replicate(|text| text.replace("block_size = 4", "block_size = 4\nminimisation = 0.8"));
    let blocks = replicate(same);
    let who = |r: &Replicate| {
        r.patients
            .iter()
            .map(|p| (p.stratum, p.weight_kg.to_bits()))
            .collect::<Vec<_>>()
    };
    let arms = |r: &Replicate| r.patients.iter().map(|p| p.arm).collect::<Vec<_>>();
    assert_eq!(who(&minimised), who(&blocks));
    assert_ne!(arms(&minimised), arms(&blocks));
    let treated = arms(&minimised).iter().filter(|arm| **arm == 1).count();
    assert!((55..=65).contains(&treated), "{treated}");
}

#[test]
fn impossible_conduct_is_refused() {
    let refused = |from: &str, to: &str| {
        let mut file = library::source("trials/tulip-2.toml");
        file.text = file.text.replacen(from, to, 1);
        let found = Protocol::parse(&file).expect_err("refused");
        assert!(!found.help.is_empty());
        found.message
    };
    assert!(refused("[rescue]", "[conduct]\nadherence = 0\nassumed = \"x\"\n[rescue]").contains("adherence"));
    assert!(refused("block_size = 4", "block_size = 4\nminimisation = 0.3").contains("minimisation"));
    assert!(refused("[rescue]", "[follow_up]\nshare = 2.0\nassumed = \"x\"\n[rescue]").contains("share"));
    assert!(refused("[rescue]", "[conduct]\nadherence = 0.9\nassumed = \"\"\n[rescue]").contains("why"));
}
