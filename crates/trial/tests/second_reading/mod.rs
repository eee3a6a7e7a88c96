//! Every endpoint of `data/endpoints` once more, as plain functions on filled-in forms, by their definitions in the
//! papers.
//!
//! Written without the rule language and without the trial's variables: what they share is the data alone.

mod further;

use malar_instruments::Decimal;
use malar_instruments::bilag::change::{GordonFlare, New, all_active_improved, new_grades};
use malar_instruments::bilag::grade::Grade;
use malar_instruments::pga::Worsening;
use malar_instruments::renal_response::{Reason, RenalVisit, Response};
use malar_instruments::sledai::descriptors::{Course, Descriptor};
use malar_instruments::target_states::{DorisVersion, LowDiseaseActivity, Remission, Unmet, is_major};

use crate::forms::{Patient, Visit};

/// Answer of a definition: `responder` or the reason against.
pub type Answer = &'static str;

/// In place of a week: the steroid ceiling is asked at the last visit alone.
const LAST: i32 = -1;

const RESPONDER: Answer = "responder";

/// A definition, read at the last visit.
pub type Reading = fn(&Patient) -> Answer;

/// Every binary endpoint and its second reading.
pub const READINGS: [(&str, Reading); 56] = [
    ("anti-dsdna-normalised", |p| {
        absent(p, Descriptor::AntiDsDna, "anti-dsdna-positive-persists")
    }),
    ("arthritis-resolved-sledai", |p| {
        absent(p, Descriptor::Arthritis, "arthritis-present")
    }),
    ("bicla", bicla),
    ("clasi-50", clasi_50),
    ("clasi-50-any", clasi_50),
    ("complement-normalised", |p| {
        absent(p, Descriptor::LowComplement, "low-complement-persists")
    }),
    ("completed-study", |p| if left(p) { "left" } else { RESPONDER }),
    ("crr-access", |p| renal(p, RenalVisit::access_complete, Some((16, 100)))),
    ("crr-allure", |p| {
        renal(p, RenalVisit::allure_complete, Some((LAST, 100)))
    }),
    ("crr-aura", |p| renal(p, RenalVisit::aura_complete, Some((20, 100)))),
    ("crr-belong", |p| renal(p, RenalVisit::belong_complete, None)),
    ("crr-bliss-ln", |p| {
        renal(p, RenalVisit::bliss_ln_complete, Some((28, 100)))
    }),
    ("crr-calibrate", |p| {
        renal(p, RenalVisit::calibrate_complete, Some((LAST, 100)))
    }),
    ("crr-lunar", |p| renal(p, RenalVisit::lunar_complete, None)),
    ("crr-nobility", |p| renal(p, RenalVisit::nobility_complete, None)),
    ("crr-regency", |p| renal(p, RenalVisit::regency_complete, None)),
    ("crr-regency-low-steroid", |p| {
        renal(p, RenalVisit::regency_complete_with_low_steroid, Some((68, 75)))
    }),
    ("crr-tulip-ln", |p| renal(p, |v| v.tulip_ln_complete(7), None)),
    ("crr-tulip-ln-sediment", |p| {
        renal(p, RenalVisit::tulip_ln_sediment, None)
    }),
    ("crr-tulip-ln-strict", |p| renal(p, |v| v.tulip_ln_complete(5), None)),
    ("disease-control", disease_control),
    ("doris", |p| doris(p, DorisVersion::ABSTRACT_2021)),
    ("doris-below-5", |p| doris(p, DorisVersion::TABLE_2021)),
    ("doris-off-treatment", |p| doris(p, DorisVersion::OFF_TREATMENT)),
    ("gc-reduction", gc_reduction),
    ("gc-taper", gc_taper),
    ("joint-count-50", joint_count_50),
    ("lldas", lldas),
    ("major-clinical-response", major_clinical_response),
    ("no-bilag-worsening", |p| {
        alone(p, new_since(p, 0).is_not_worse(), "bilag-worse")
    }),
    ("no-pga-worsening", |p| alone(p, !pga_worse(p), "pga-worse")),
    ("orr-belong", |p| renal(p, RenalVisit::belong_any, None)),
    ("orr-calibrate", |p| {
        renal(p, RenalVisit::calibrate_any, Some((LAST, 100)))
    }),
    ("orr-lunar", |p| renal(p, RenalVisit::lunar_any, None)),
    ("orr-nobility", |p| renal(p, RenalVisit::nobility_any, None)),
    ("perr-bliss-ln", |p| {
        renal(p, RenalVisit::bliss_ln_primary, Some((28, 100)))
    }),
    ("pga-le0.5", |p| pga_at_most(p, 50)),
    ("pga-le1", |p| pga_at_most(p, 100)),
    ("prednisolone-le7.5", |p| {
        let dose = p.visits.last().expect("visits").prednisone;
        alone(p, dose <= Decimal::tenths(75), "steroid-high")
    }),
    ("rash-resolved-sledai", |p| absent(p, Descriptor::Rash, "rash-present")),
    ("sledai-arthritis-or-rash-resolved", |p| {
        let gone = [Descriptor::Arthritis, Descriptor::Rash].into_iter().any(|d| {
            let (before, now) = first_and_last(p);
            has(before, d) && !has(now, d)
        });
        alone(p, gone, "neither-gone")
    }),
    ("sledai-le2", |p| alone(p, total_now(p) <= 2, "activity-high")),
    ("sledai-le4-no-major-organ", |p| {
        let major = Descriptor::ALL
            .into_iter()
            .any(|d| is_major(d) && has(p.visits.last().expect("visits"), d));
        let reason = if total_now(p) > 4 {
            "activity-high"
        } else {
            "major-organ"
        };
        alone(p, total_now(p) <= 4 && !major, reason)
    }),
    ("sledai-reduction-ge4", |p| {
        alone(p, fall(p) >= 4, "sledai-not-improved")
    }),
    ("sledai-reduction-ge5", |p| {
        alone(p, fall(p) >= 5, "sledai-not-improved")
    }),
    ("sri-4", |p| sri(p, 4)),
    ("sri-4-and-gc-le10", |p| match sri(p, 4) {
        RESPONDER if p.visits.last().expect("visits").prednisone > Decimal::whole(10) => "steroid-high",
        reason => reason,
    }),
    ("sri-4-and-gc-taper", sri_4_and_gc_taper),
    ("sri-5", |p| sri(p, 5)),
    ("sri-50", further::sri_50),
    ("sri-6", |p| sri(p, 6)),
    ("sri-7", |p| sri(p, 7)),
    ("sri-8", |p| sri(p, 8)),
    ("upcr-50-reduction", |p| renal(p, RenalVisit::protein_halved, None)),
    ("upcr-below-half", |p| {
        renal(p, RenalVisit::protein_below_half_gram, None)
    }),
    ("upcr-regency", |p| renal(p, RenalVisit::regency_proteinuria, None)),
];

/// An event at the last visit.
pub type Event = fn(&Patient) -> bool;

/// Every rate and its second reading.
pub const EVENTS: [(&str, Event); 7] = [
    ("flare-rate", |p| since_last(p).is_tulip_flare()),
    ("moderate-or-severe-flare-rate", |p| {
        since_last(p).gordon() != GordonFlare::None
    }),
    ("severe-flare-rate", |p| since_last(p).gordon() == GordonFlare::Severe),
    ("sfi-flare-rate", |p| further::selena_flare(p, false) >= 1),
    ("sfi-severe-flare-rate", |p| further::selena_flare(p, false) == 2),
    ("sfi-severe-flare-rate-bliss", |p| further::selena_flare(p, true) == 2),
    ("sledai-flare-rate", |p| {
        let [.., before, now] = &p.visits[..] else {
            return false;
        };
        let total = |v: &Visit| v.descriptors.total().expect("complete");
        Course::between(total(before), total(now)) == Course::Flare
    }),
];

/// A value at the last visit; `None` if something it needs is missing.
pub type Score = fn(&Patient) -> Option<f64>;

/// Every score and its second reading.
pub const SCORES: [(&str, Score); 1] = [("lumos", further::lumos)];

fn since_last(patient: &Patient) -> New {
    new_since(patient, patient.grades.len() - 2)
}

/// Who is in the denominator.
pub fn counts(id: &str, patient: &Patient) -> bool {
    let dose = patient.visits[0].prednisone;
    match id {
        "gc-taper" => dose >= Decimal::whole(10),
        "gc-reduction" => dose > Decimal::tenths(75),
        "clasi-50" => patient.visits[0].clasi.is_some_and(|c| c >= 10),
        "anti-dsdna-normalised" => has(&patient.visits[0], Descriptor::AntiDsDna),
        "arthritis-resolved-sledai" => has(&patient.visits[0], Descriptor::Arthritis),
        "complement-normalised" => has(&patient.visits[0], Descriptor::LowComplement),
        "rash-resolved-sledai" => has(&patient.visits[0], Descriptor::Rash),
        "clasi-50-any" => patient.visits[0].clasi.is_some_and(|c| c > 0),
        "joint-count-50" => patient.visits[0].active_joints.is_some_and(|n| n >= 6),
        _ => true,
    }
}

fn first_and_last(patient: &Patient) -> (&Visit, &Visit) {
    (&patient.visits[0], patient.visits.last().expect("visits"))
}

/// New grades at the last visit against visit `reference`.
fn new_since(patient: &Patient, reference: usize) -> New {
    let last = patient.grades.len() - 1;
    new_grades(&patient.grades[reference], &patient.grades[last]).expect("complete")
}

fn event(patient: &Patient) -> Option<Answer> {
    let (_, now) = first_and_last(patient);
    if now.discontinued {
        return Some("discontinued");
    }
    now.restricted.then_some("restricted-medication")
}

/// One condition, after what happened to the patient.
fn alone(patient: &Patient, holds: bool, otherwise: Answer) -> Answer {
    event(patient).unwrap_or(if holds { RESPONDER } else { otherwise })
}

/// A descriptor is absent at the last visit.
fn absent(patient: &Patient, descriptor: Descriptor, otherwise: Answer) -> Answer {
    let (_, now) = first_and_last(patient);
    alone(patient, !has(now, descriptor), otherwise)
}

fn has(visit: &Visit, descriptor: Descriptor) -> bool {
    visit.descriptors.state(descriptor) == Some(true)
}

fn left(patient: &Patient) -> bool {
    first_and_last(patient).1.discontinued
}

fn total_now(patient: &Patient) -> u16 {
    first_and_last(patient).1.descriptors.total().expect("complete")
}

fn pga_at_most(patient: &Patient, hundredths: i64) -> Answer {
    let (_, now) = first_and_last(patient);
    alone(patient, now.pga.value() <= Decimal::hundredths(hundredths), "pga-high")
}

/// Points by which SLEDAI fell.
fn fall(patient: &Patient) -> i32 {
    let total = |v: &Visit| i32::from(v.descriptors.total().expect("complete"));
    let (before, now) = first_and_last(patient);
    total(before) - total(now)
}

fn pga_worse(patient: &Patient) -> bool {
    let (before, now) = first_and_last(patient);
    now.pga.is_worse_than(before.pga, Worsening::AT_LEAST_0_3)
}

fn sri(patient: &Patient, points: i32) -> Answer {
    if let Some(reason) = event(patient) {
        reason
    } else if fall(patient) < points {
        "sledai-not-improved"
    } else {
        organs_and_physician(patient)
    }
}

/// What all responder indices ask beside the fall of activity: no organ worse, and no worse in the physician's eyes.
fn organs_and_physician(patient: &Patient) -> Answer {
    if !new_since(patient, 0).is_not_worse() {
        "bilag-worse"
    } else if pga_worse(patient) {
        "pga-worse"
    } else {
        RESPONDER
    }
}

fn bicla(patient: &Patient) -> Answer {
    let (baseline, now) = (&patient.grades[0], patient.grades.last().expect("visits"));
    let active = baseline.count(Grade::A) + baseline.count(Grade::B);
    if let Some(reason) = event(patient) {
        reason
    } else if active == 0 || !all_active_improved(baseline, now).expect("complete") {
        "bilag-not-improved"
    } else if !new_since(patient, 0).is_not_worse() {
        "bilag-worse"
    } else if fall(patient) < 0 {
        "sledai-worse"
    } else if pga_worse(patient) {
        "pga-worse"
    } else {
        RESPONDER
    }
}

fn answer(judged: Result<(), Unmet>) -> Answer {
    match judged {
        Ok(()) => RESPONDER,
        Err(Unmet::Failed(reason) | Unmet::NotAssessed(reason)) => reason,
    }
}

fn lldas(patient: &Patient) -> Answer {
    let (_, now) = first_and_last(patient);
    let state = LowDiseaseActivity {
        descriptors: now.descriptors,
        haemolytic_anaemia: Some(false),
        gastrointestinal: Some(false),
        new_activity: Some(since_last(patient).is_tulip_flare()),
        pga: Some(now.pga),
        prednisolone: Some(now.prednisone),
        drugs_acceptable: Some(true),
    };
    event(patient).unwrap_or_else(|| answer(state.judge()))
}

fn doris(patient: &Patient, version: DorisVersion) -> Answer {
    let (_, now) = first_and_last(patient);
    let state = Remission {
        descriptors: now.descriptors,
        pga: Some(now.pga),
        prednisolone: Some(now.prednisone),
        immunosuppressed: Some(now.immunosuppressant),
        drugs_stable: Some(true),
    };
    event(patient).unwrap_or_else(|| answer(state.judge(version)))
}

fn disease_control(patient: &Patient) -> Answer {
    let (_, now) = first_and_last(patient);
    if let Some(reason) = event(patient) {
        reason
    } else if now.descriptors.total().expect("complete") > 2 {
        "activity-high"
    } else if now.immunosuppressant {
        "drugs-taken"
    } else if now.prednisone > Decimal::whole(5) {
        "steroid-high"
    } else {
        RESPONDER
    }
}

/// Visits after baseline from a week on.
fn from_week(patient: &Patient, week: i32) -> impl Iterator<Item = &Visit> {
    patient.visits[1..].iter().filter(move |v| v.week >= week)
}

fn gc_taper(patient: &Patient) -> Answer {
    let high = from_week(patient, 44).any(|v| v.prednisone > Decimal::tenths(75));
    event(patient).unwrap_or(if high { "steroid-high" } else { RESPONDER })
}

fn gc_reduction(patient: &Patient) -> Answer {
    let baseline = patient.visits[0].prednisone;
    if let Some(reason) = event(patient) {
        reason
    } else if from_week(patient, 44).any(|v| v.prednisone > Decimal::tenths(75)) {
        "steroid-high"
    } else if from_week(patient, 44).any(|v| v.prednisone.above_percent_of(75, baseline)) {
        "steroid-not-reduced"
    } else {
        RESPONDER
    }
}

fn sri_4_and_gc_taper(patient: &Patient) -> Answer {
    let first_day = patient.visits[0].prednisone;
    let high = |v: &Visit| v.prednisone >= Decimal::whole(10) || v.prednisone > first_day;
    match sri(patient, 4) {
        RESPONDER if from_week(patient, 16).any(high) => "steroid-high",
        reason => reason,
    }
}

fn major_clinical_response(patient: &Patient) -> Answer {
    let visits = patient.visits.iter().zip(&patient.grades).skip(1);
    let moderate = |grades: &malar_instruments::bilag::grade::Grades| grades.0.iter().flatten().any(|g| *g >= Grade::B);
    let mut late = visits.filter(|(v, _)| v.week >= 24);
    event(patient).unwrap_or(if late.any(|(_, g)| moderate(g)) {
        "bilag-active"
    } else {
        RESPONDER
    })
}

/// A renal response; the steroid ceiling, in tenths of a milligram, is asked from its week on.
fn renal(patient: &Patient, definition: fn(&RenalVisit) -> Response, ceiling: Option<(i32, i64)>) -> Answer {
    let (_, now) = first_and_last(patient);
    let under = ceiling.is_none_or(|(week, tenths)| {
        let from = if week == LAST { now.week } else { week };
        from_week(patient, from).all(|v| v.prednisone <= Decimal::tenths(tenths))
    });
    let visit = RenalVisit {
        steroid_under_ceiling: Some(under),
        ..now.kidney
    };
    event(patient).unwrap_or_else(|| definition(&visit).map_or_else(Reason::id, |()| RESPONDER))
}

/// Half of a count gone, whoever is in the denominator.
fn half_gone(baseline: Option<u8>, now: Option<u8>, otherwise: Answer) -> Answer {
    match baseline.zip(now) {
        None => "not-assessed",
        Some((baseline, now)) if 2 * u16::from(now) <= u16::from(baseline) => RESPONDER,
        Some(_) => otherwise,
    }
}

fn clasi_50(patient: &Patient) -> Answer {
    let (before, now) = first_and_last(patient);
    event(patient).unwrap_or_else(|| half_gone(before.clasi, now.clasi, "skin-not-improved"))
}

fn joint_count_50(patient: &Patient) -> Answer {
    let (before, now) = first_and_last(patient);
    event(patient).unwrap_or_else(|| half_gone(before.active_joints, now.active_joints, "joints-not-improved"))
}
