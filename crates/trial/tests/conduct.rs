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
fn a_run_in_lets_those_through_of_whom_its_rule_holds_at_every_visit() {
    let run_in = |visits: u8, holds: &str| {
        let section = format!("[run_in]\nvisits = {visits}\nholds = \"{holds}\"\nassumed = \"test\"");
        move |text: String| text.replace("[rescue]", &format!("{section}\n\n[rescue]"))
    };
    let free = replicate(run_in(2, "week < 0"));
    assert_eq!(free.screening.failed_by_criterion.last(), Some(&0));
    assert_eq!(free.screening.failed_by_criterion.len(), 6);
    let strict = replicate(run_in(2, "sledai_2k >= 10"));
    assert!(*strict.screening.failed_by_criterion.last().unwrap() > 0);
    // Strata are those of the last visit before baseline, and 10 points are the first factor.
    assert!(strict.patients.iter().all(|p| p.stratum & 1 == 1));
    assert!(free.patients.iter().any(|p| p.stratum & 1 == 0));
}

#[test]
fn crossover_and_open_label_extension_are_arms_whose_doses_begin_or_end_later() {
    let days = "days = { from = 0, every = 28, to = 336 }";
    let early = replicate(move |text| text.replace(days, "days = { from = 0, every = 28, to = 140 }"));
    let late = replicate(move |text| text.replace(days, "days = { from = 168, every = 28, to = 336 }"));
    let never = replicate(move |text| text.replace("dose_mg = 300", "dose_mg = 0"));
    let treated = |r: &Replicate, weeks: std::ops::Range<f64>| -> Vec<_> {
        let own = r.visits.iter().filter(move |v| v.arm == 1 && weeks.contains(&v.week));
        own.map(|v| (v.patient, v.sledai_items, v.concentration_mg_per_l))
            .collect()
    };
    let items = |rows: &[(u32, u32, f64)]| rows.iter().map(|row| (row.0, row.1)).collect::<Vec<_>>();
    // Until the extension begins its patients are those of a trial without the drug.
    assert_eq!(items(&treated(&late, 0.0..24.1)), items(&treated(&never, 0.0..24.1)));
    let given = |rows: Vec<(u32, u32, f64)>| rows.iter().filter(|row| row.2 > 1.0).count();
    assert_eq!(given(treated(&late, 0.0..24.1)), 0);
    assert!(given(treated(&late, 28.0..52.1)) > 100);
    assert!(given(treated(&early, 4.0..24.1)) > 100);
    assert!(given(treated(&early, 40.0..52.1)) < given(treated(&early, 4.0..24.1)) / 10);
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
    assert!(refused("attempts = 3", "attempts = 3\nagain_after_weeks = 0").contains("screened again"));
    let run_in = "[run_in]\nvisits = 0\nholds = \"week < 0\"\nassumed = \"x\"\n[rescue]";
    assert!(refused("[rescue]", run_in).contains("run-in has no visits"));
}
