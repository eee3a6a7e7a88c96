//! The endpoint files: worked cases, and a second reading of every rule on 100,000 random patients.

use std::collections::BTreeMap;

use malar_trial::instruments::Variables;
use malar_trial::{Endpoint, Kind, Panel, Strategy, reason};

mod forms;
mod library;
mod second_reading;

use forms::{Random, Words, random_patient};
use library::endpoints;
use second_reading::{EVENTS, READINGS, SCORES, counts};

#[test]
fn every_composite_has_fifteen_worked_cases_and_a_case_for_each_reason() {
    for endpoint in endpoints().values() {
        assert!(
            endpoint.cases.len() >= 15,
            "{}: {} cases",
            endpoint.id,
            endpoint.cases.len()
        );
        let reached = |reason: &str| endpoint.cases.iter().any(|c| c.reason == reason);
        let criteria = endpoint.criteria.iter().map(|c| c.id.as_str());
        let reasons: Vec<&str> = match endpoint.kind {
            Kind::Binary => criteria.chain(["responder"]).chain(failures(endpoint)).collect(),
            Kind::Rate => vec!["event", "no-event"],
            Kind::Score => vec!["scored", "not-assessed"],
        };
        for reason in reasons {
            assert!(reached(reason), "{}: no case ends in `{reason}`", endpoint.id);
        }
    }
}

/// Reasons that come of what happened to the patient, where the endpoint counts it as failure.
fn failures<'a>(endpoint: &Endpoint) -> impl Iterator<Item = &'a str> + use<'a> {
    let asked = [
        (endpoint.intercurrent.discontinuation, "discontinued"),
        (endpoint.intercurrent.restricted_medication, "restricted-medication"),
    ];
    let composite = asked
        .into_iter()
        .filter(|(strategy, _)| *strategy == Strategy::Composite);
    composite.map(|(_, reason)| reason)
}

#[test]
fn every_endpoint_has_a_second_reading() {
    let of_kind = |kind| endpoints().into_values().filter(move |e| e.kind == kind).map(|e| e.id);
    assert!(of_kind(Kind::Binary).eq(READINGS.map(|r| r.0)));
    assert!(of_kind(Kind::Rate).eq(EVENTS.map(|e| e.0)));
    assert!(of_kind(Kind::Score).eq(SCORES.map(|s| s.0)));
}

/// Patients in the comparison.
const N_PATIENTS: usize = 100_000;

/// How often each reason of an endpoint must come up, so that agreement says something about it.
const SEEN: usize = 100;

#[test]
fn rules_and_second_reading_agree_on_100_000_random_patients() {
    let endpoints = endpoints();
    let words = Words::new();
    let mut random = Random(20_261_122);
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for k in 0..N_PATIENTS {
        let n_visits = 1 + random.below(13);
        let patient = random_patient(&mut random, n_visits);
        let visits: Vec<Variables> = (1..=n_visits)
            .map(|v| words.of(&patient, v).expect("complete forms"))
            .collect();
        let last = visits.last().expect("visits");
        for (id, reading) in READINGS {
            let endpoint = &endpoints[id];
            let by_rule = endpoint.reason_id(endpoint.respond(&visits));
            let answer = reading(&patient);
            assert_eq!(by_rule, answer, "{id}, patient {k}");
            let in_denominator = endpoint.denominator.as_ref().is_none_or(|d| d.holds(last));
            assert_eq!(in_denominator, counts(id, &patient), "{id}, patient {k}: denominator");
            *seen.entry((id, answer)).or_default() += 1;
        }
        for (id, happens) in EVENTS {
            let rule = endpoints[id].event.as_ref().expect("a rate has an event");
            assert_eq!(rule.holds(last), happens(&patient), "{id}, patient {k}");
            let answer = if happens(&patient) { "event" } else { "no-event" };
            *seen.entry((id, answer)).or_default() += 1;
        }
        for (id, score) in SCORES {
            let by_rule = endpoints[id].score_at(&visits, last[0], reason::NOT_ASSESSED);
            let answer = match (by_rule, score(&patient)) {
                // Sums in another order: seven terms below 10 round by 1e-15 each at most.
                (Ok(one), Some(other)) if (one - other).abs() < 1e-12 => "scored",
                (Err(reason::NOT_ASSESSED), None) => "not-assessed",
                (one, other) => panic!("{id}, patient {k}: {one:?} and {other:?}"),
            };
            *seen.entry((id, answer)).or_default() += 1;
        }
    }
    for answer in ["scored", "not-assessed"] {
        assert!(SCORES.iter().all(|(id, _)| seen[&(*id, answer)] >= SEEN), "{answer}");
    }
    for ((id, answer), n) in seen.iter().filter(|s| s.0.1.ends_with("event")) {
        assert!(*n >= SEEN, "{id}: `{answer}` came up {n} times");
    }
    assert_eq!(seen.keys().filter(|k| k.1.ends_with("event")).count(), 2 * EVENTS.len());
    for (id, _) in READINGS {
        let may_be_missing = endpoints[id].instruments().iter().any(|i| i.is_optional());
        let missing = may_be_missing.then_some("not-assessed");
        let reasons = endpoints[id].criteria.iter().map(|c| c.id.as_str()).chain(missing);
        for reason in reasons.chain(["responder"]).chain(failures(&endpoints[id])) {
            let n = seen.get(&(id, reason)).copied().unwrap_or(0);
            assert!(n >= SEEN, "{id}: `{reason}` came up {n} times");
        }
    }
}

#[test]
fn a_panel_says_of_every_visit_what_each_endpoint_says() {
    let endpoints: Vec<Endpoint> = endpoints().into_values().collect();
    let mut panel = Panel::new(&endpoints);
    let (words, mut random) = (Words::new(), Random(59));
    for _ in 0..2_000 {
        let n_visits = random.below(14);
        let patient = random_patient(&mut random, n_visits);
        let mut visits: Vec<Variables> = (1..=n_visits)
            .map(|v| words.of(&patient, v).expect("complete forms"))
            .collect();
        for value in visits.iter_mut().flat_map(|visit| &mut visit[1..]) {
            if random.below(50) == 0 {
                *value = f64::NAN;
            }
        }
        panel.look(&visits);
        for (k, endpoint) in endpoints.iter().enumerate() {
            for visit in 0..n_visits {
                match &endpoint.event {
                    None if endpoint.kind == Kind::Score => {} // read off its visit alone
                    None => assert_eq!(
                        panel.reason(k, visit),
                        endpoint.respond(&visits[..=visit]),
                        "{}",
                        endpoint.id
                    ),
                    Some(event) => {
                        let is_known = event.positions().iter().all(|&p| !visits[visit][p].is_nan());
                        let happens = event.holds(&visits[visit]);
                        assert_eq!(
                            panel.event(k, visit),
                            (happens || is_known).then_some(happens),
                            "{}",
                            endpoint.id
                        );
                    }
                }
            }
        }
    }
}
