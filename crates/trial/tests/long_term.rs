//! Claims about follow-up over years: treatment again, relapse, damage, survival.

mod library;

use malar_trial::results::{Replicate, SurvivalRow};
use malar_trial::safety::Safety;
use malar_trial::{Parts, Simulation};

fn parts(edit: impl Fn(String) -> String) -> Parts {
    // A year and a half of the five: long enough to be treated twice.
    let shorter = |text: String| {
        let text = text.replace("duration_weeks = 260", "duration_weeks = 80");
        let text = text
            .replace("[52, 104, 156, 208, 260]", "[52]")
            .replace("weeks = [260]", "weeks = [80]");
        edit(text.replace("primary_week = 260", "primary_week = 52"))
    };
    let mut parts = library::parts("rehearsal-long-term-five-years", shorter);
    parts.protocol = parts.protocol.resized(36);
    parts
}

fn run(parts: &Parts) -> (Simulation, Replicate) {
    let safety = Safety::new(parts, library::hazards()).unwrap_or_else(|e| panic!("{e:?}"));
    let trial = Simulation::new(parts.clone())
        .unwrap_or_else(|e| panic!("{e:?}"))
        .with_safety(safety);
    let replicate = trial.replicate(1, 0).unwrap();
    (trial, replicate)
}

fn curve<'a>(trial: &'a Simulation, replicate: &'a Replicate, name: &str, arm: u16) -> Vec<&'a SurvivalRow> {
    let position = trial.labels().curves.iter().position(|c| c == name).unwrap() as u16;
    replicate
        .survival
        .iter()
        .filter(|r| r.curve == position && r.arm == arm)
        .collect()
}

#[test]
fn curves_start_whole_and_never_rise() {
    let (trial, replicate) = run(&parts(|text| text));
    assert_eq!(
        trial.labels().curves,
        ["no-severe-flare", "not-treated-again", "alive", "no-damage"]
    );
    for name in &trial.labels().curves {
        for arm in 0..3 {
            let points = curve(&trial, &replicate, name, arm);
            assert_eq!(points.len(), 21);
            assert!((points[0].share - 1.0).abs() < 1e-12 && points[0].week == 0.0);
            assert!(
                points.is_sorted_by(|a, b| a.share >= b.share && a.at_risk >= b.at_risk),
                "{name}"
            );
        }
    }
}

/// Standard of care has nothing to give again; the others are treated again at most as often as allowed.
#[test]
fn treatment_is_given_again_on_relapse_only_and_not_too_often() {
    let always = parts(|text| text.replace("bilag_new_a_since_last >= 1 && sledai_2k >= 8\"", "sledai_2k >= 0\""));
    let (trial, replicate) = run(&always);
    let care = trial
        .labels()
        .arms
        .iter()
        .position(|arm| arm == "standard-of-care")
        .unwrap() as u16;
    for patient in &replicate.patients {
        let most = if patient.arm == care || patient.last_week < 24.0 {
            0
        } else {
            2
        };
        assert!(patient.retreatments <= most, "{patient:?}");
        let stayed = patient.arm != care && patient.last_week > 52.0;
        assert!(!stayed || patient.retreatments == 2, "{patient:?}");
    }
    let never = parts(|text| text.replace("bilag_new_a_since_last >= 1 && sledai_2k >= 8\"", "sledai_2k > 1000\""));
    assert!(run(&never).1.patients.iter().all(|patient| patient.retreatments == 0));
}

/// The second infusion is as real as the first: lymphodepletion leads to a second early cytopenia.
#[test]
fn what_is_given_again_has_its_reactions_again() {
    let always = parts(|text| text.replace("bilag_new_a_since_last >= 1 && sledai_2k >= 8\"", "sledai_2k >= 0\""));
    let (trial, replicate) = run(&always);
    let event = trial
        .labels()
        .events
        .iter()
        .position(|event| event == "early-cytopenia")
        .unwrap() as u16;
    let twice = replicate.patients.iter().filter(|patient| {
        let own = replicate
            .events
            .iter()
            .filter(|row| row.event == event && row.patient == patient.patient);
        patient.retreatments == 2 && own.count() >= 2
    });
    assert!(twice.count() > 0);
}

/// A protocol that asks for no curves and repeats nothing has neither.
#[test]
fn a_plain_trial_has_no_curves() {
    let mut plain = library::parts("tulip-2", |text| text);
    plain.protocol = plain.protocol.resized(20);
    let (trial, replicate) = run(&plain);
    assert!(trial.labels().curves.is_empty() && replicate.survival.is_empty());
}
