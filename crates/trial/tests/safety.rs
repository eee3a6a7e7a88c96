//! Claims about adverse events in whole simulated trials.

mod library;

use malar_trial::results::{EventRow, Replicate};
use malar_trial::safety::{Hazard, Safety};
use malar_trial::{Parts, Simulation};

fn parts(trial: &str, patients: u32) -> Parts {
    let mut parts = library::parts(trial, |text| text);
    parts.protocol = parts.protocol.resized(patients);
    parts
}

fn plain(parts: &Parts) -> Simulation {
    Simulation::new(parts.clone()).unwrap_or_else(|e| panic!("{e:?}"))
}

fn watched(parts: &Parts, hazards: Vec<Hazard>) -> Simulation {
    let safety = Safety::new(parts, hazards).unwrap_or_else(|e| panic!("{e:?}"));
    plain(parts).with_safety(safety)
}

/// Everything but the events, as text down to the last bit.
fn efficacy(replicate: &Replicate) -> String {
    let replicate = Replicate {
        events: Vec::new(),
        at_risk: Vec::new(),
        survival: Vec::new(),
        kinetics: Vec::new(),
        ..replicate.clone()
    };
    format!("{replicate:?}")
}

fn named<'a>(trial: &'a Simulation, id: &str, replicate: &'a Replicate) -> Vec<&'a EventRow> {
    let position = trial.labels().events.iter().position(|event| event == id);
    let event = position.unwrap_or_else(|| panic!("no event `{id}`")) as u16;
    replicate.events.iter().filter(|row| row.event == event).collect()
}

#[test]
fn adverse_events_change_no_bit_of_efficacy() {
    for (trial, patients) in [("tulip-2", 40), ("cart-mackensen-2022", 10)] {
        let parts = parts(trial, patients);
        let without = plain(&parts);
        let with = watched(&parts, library::hazards());
        let found = with.replicate(3, 0).unwrap();
        // Not `assert_eq`, which would print both trials.
        let same = efficacy(&found) == efficacy(&without.replicate(3, 0).unwrap());
        assert!(same, "{trial}");
        assert_eq!(with.n_states(), without.n_states(), "{trial}");
        assert!(!found.events.is_empty(), "{trial}");
    }
}

#[test]
fn an_event_more_changes_no_other() {
    let parts = parts("tulip-2", 40);
    let few: Vec<Hazard> = library::hazards()
        .into_iter()
        .filter(|h| h.id == "herpes-zoster")
        .collect();
    let (one, all) = (watched(&parts, few), watched(&parts, library::hazards()));
    let (alone, among) = (one.replicate(2, 0).unwrap(), all.replicate(2, 0).unwrap());
    let days = |rows: Vec<&EventRow>| rows.iter().map(|r| (r.patient, r.day.to_bits())).collect::<Vec<_>>();
    let died: Vec<u32> = among
        .events
        .iter()
        .filter(|r| r.grade == 5)
        .map(|r| r.patient)
        .collect();
    let alone: Vec<&EventRow> = named(&one, "herpes-zoster", &alone)
        .into_iter()
        .filter(|r| !died.contains(&r.patient))
        .collect();
    let among = named(&all, "herpes-zoster", &among)
        .into_iter()
        .filter(|r| !died.contains(&r.patient))
        .collect();
    assert_eq!(days(alone), days(among));
}

/// Blockade of the interferon receptor brings zoster. With a ratio of 4.6 at 0.015 per year, four trials of 400 patients in two
/// equal arms and about 0.9 years each give 11 and 50 events; both arms share their luck, so no arm can lose any.
#[test]
fn interferon_blockade_brings_zoster() {
    let parts = parts("tulip-2", 400);
    let hazards = library::hazards()
        .into_iter()
        .filter(|h| h.id == "herpes-zoster")
        .collect();
    let trial = watched(&parts, hazards);
    let treated = trial.labels().arms.iter().position(|arm| arm != "placebo").unwrap() as u16;
    let mut events = [0, 0];
    for index in 0..4 {
        let replicate = trial.replicate(1, index).unwrap();
        for row in named(&trial, "herpes-zoster", &replicate) {
            events[usize::from(row.arm == treated)] += 1;
        }
    }
    let [control, blocked] = events;
    assert!(blocked >= 2 * control.max(8), "{blocked} against {control}");
}

/// Who gets no cells has no syndrome of them, and what a reaction follows is named.
#[test]
fn reactions_name_the_therapy_they_follow() {
    let parts = parts("cart-mackensen-2022", 20);
    let trial = watched(&parts, library::hazards());
    let replicate = trial.replicate(1, 0).unwrap();
    let rows = named(&trial, "cytokine-release-car", &replicate);
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!(trial.labels().causes[usize::from(row.cause)], "cd19-car-t-autologous");
    }
    let placebo = watched(&self::parts("tulip-2", 40), library::hazards());
    let none = placebo.replicate(1, 0).unwrap();
    assert!(named(&placebo, "cytokine-release-car", &none).is_empty());
}

/// Cells against BCMA take the plasma cells, and with them IgG.
#[test]
fn bcma_cells_lower_immunoglobulin_more_than_cd19_cells() {
    let low = |trial: &str| {
        let trial = watched(&parts(trial, 20), library::hazards());
        named(&trial, "hypogammaglobulinaemia", &trial.replicate(1, 0).unwrap()).len()
    };
    let (bcma, cd19) = (low("cart-chen-2025-bcma-ln"), low("cart-mackensen-2022"));
    assert!(bcma > cd19, "{bcma} against {cd19}");
}

#[test]
fn cells_are_followed_from_their_infusion_and_b_cells_vanish_beneath_them() {
    let trial = watched(&parts("cart-mackensen-2022", 10), library::hazards());
    let labels = &trial.labels().traces;
    let of = |quantity: &str| {
        labels
            .iter()
            .position(|trace| trace.quantity == quantity)
            .expect("followed") as u16
    };
    let (cells, b_cells) = (of("CAR cells"), of("B cells"));
    let replicate = trial.replicate(1, 0).unwrap();
    let at = |trace: u16, since: f64| -> Vec<f64> {
        let rows = replicate.kinetics.iter().filter(|row| row.trace == trace);
        rows.filter(|row| row.since_dose == since)
            .map(|row| row.value)
            .collect()
    };
    assert_eq!(at(cells, 0.0).len(), 10);
    assert!(at(cells, 0.0).iter().all(|&value| value == 0.0));
    assert!(at(cells, 10.0).iter().all(|&value| value > 1.0));
    assert!(at(b_cells, 20.0).iter().all(|&value| value < 7.0)); // 2.5 % of the usual 280 cells/uL
}

#[test]
fn arms_without_cells_have_no_course_of_cells() {
    let trial = watched(&parts("tulip-2", 20), library::hazards());
    assert!(trial.labels().traces.is_empty() && trial.replicate(1, 0).unwrap().kinetics.is_empty());
}
