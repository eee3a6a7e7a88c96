//! Claims about anti-dsDNA IgA and treatment guided by it.

mod library;

use malar_trial::results::{Replicate, VisitRow};
use malar_trial::{Parts, Protocol, Simulation};

fn parts(trial: &str, patients: u32) -> Parts {
    let mut parts = library::parts(trial, |text| text);
    parts.protocol = parts.protocol.resized(patients);
    parts
}

fn simulation(parts: Parts) -> Simulation {
    Simulation::new(parts).unwrap_or_else(|e| panic!("{e:?}"))
}

/// Geometric mean of last over first visit, of those who stayed to the end.
fn change(replicate: &Replicate, arm: u16, value: impl Fn(&VisitRow) -> f64) -> f64 {
    let end = replicate.visits.iter().map(|v| v.week).fold(0.0, f64::max);
    let mut logs = Vec::new();
    for last in replicate.visits.iter().filter(|v| v.arm == arm && v.week == end) {
        let first = replicate
            .visits
            .iter()
            .find(|v| v.patient == last.patient && v.week == 0.0)
            .unwrap();
        logs.push((value(last) / value(first)).ln());
    }
    (logs.iter().sum::<f64>() / logs.len() as f64).exp()
}

/// Reported: belimumab after rituximab lowers IgA2 and leaves IgA1.
#[test]
fn belimumab_after_rituximab_lowers_iga2_more_than_iga1() {
    let trial = simulation(parts("beat-lupus", 100));
    let replicate = trial.replicate(1, 0).unwrap();
    let with = trial
        .labels()
        .arms
        .iter()
        .position(|arm| arm == "rituximab+belimumab")
        .unwrap() as u16;
    let iga2 = change(&replicate, with, |v| v.iga2_anti_dsdna_au);
    let iga1 = change(&replicate, with, |v| v.iga1_anti_dsdna_au);
    let alone = change(&replicate, 1 - with, |v| v.iga2_anti_dsdna_au);
    assert!(iga2 < 0.8 && iga2 < alone, "{iga2} with, {alone} without belimumab");
    assert!(
        iga1 > iga2.sqrt(),
        "{iga1} against {iga2}: less than half the fall, on the log scale"
    );
}

#[test]
fn a_guided_trial_enrols_those_above_the_threshold() {
    let trial = simulation(parts("rehearsal-iga2-guided-belimumab", 60));
    let replicate = trial.replicate(1, 0).unwrap();
    let position = trial.labels().criteria.iter().position(|c| c == "iga2").unwrap();
    assert!(replicate.screening.failed_by_criterion[position] > 0);
    // Screening and baseline are two measurements, four weeks apart.
    let baseline = replicate.visits.iter().filter(|v| v.week == 0.0);
    let (above, all) = baseline.fold((0, 0), |(a, n), v| (a + u32::from(v.iga2_anti_dsdna_au >= 12.5), n + 1));
    assert!(10 * above > 8 * all, "{above} of {all}");
}

/// Nobody pays for what is not measured, and rules may not read it.
#[test]
fn iga_is_read_only_where_it_is_measured() {
    let with = simulation(parts("beat-lupus", 20));
    let without = |text: String| {
        let text = text.replace(", \"iga-anti-dsdna\"", "");
        let end = text.find("[[populations]]").unwrap();
        let start = text[end..].find("[[endpoints]]").unwrap() + end;
        format!("{}{}", &text[..end], &text[start..])
    };
    let bare = simulation(library::parts("beat-lupus", without));
    // IgA2 is part of the immune complexes, IgA1 follows its cells: neither needs an equation more.
    assert_eq!(with.n_states(), bare.n_states());
    let mut file = library::source("trials/beat-lupus.toml");
    file.text = file.text.replace(", \"iga-anti-dsdna\"", "");
    let found = Protocol::parse(&file).unwrap_err();
    assert!(found.message.contains("iga2_anti_dsdna_baseline"), "{}", found.message);
}
