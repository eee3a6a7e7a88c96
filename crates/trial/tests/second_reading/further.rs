//! LuMOS, the SELENA flare index and SRI-50, written from their tables and without the crate's own scoring of them.

use malar_instruments::Decimal;
use malar_instruments::bilag::grade::{Domain, Grade};
use malar_instruments::sledai::descriptors::{Descriptor, System};

use super::{Answer, event, fall, first_and_last, has, organs_and_physician};
use crate::forms::{Patient, Visit};

/// LuMOS as printed: biomarkers in IU/mL, mg/L and mg/dL.
pub fn lumos(patient: &Patient) -> Option<f64> {
    let (before, now) = first_and_last(patient);
    let change = |k: usize| Some((now.further.serology[k]? - before.further.serology[k]?).to_f64());
    let [c3, c4, dna] = [change(0)?, change(1)?, change(2)?];
    let (first, last) = (&patient.grades[0], patient.grades.last().expect("visits"));
    // A, B, C, and whatever is inactive.
    let activity = |grade: Option<Grade>| match grade.expect("complete forms") {
        Grade::A => 3,
        Grade::B => 2,
        Grade::C => 1,
        Grade::D | Grade::E => 0,
    };
    let of = |domain: Domain| (activity(first.of(domain)), activity(last.of(domain)));
    let (kidney, skin) = (of(Domain::Renal), of(Domain::Mucocutaneous));
    let mut sum = -0.43;
    if fall(patient) >= 4 {
        sum += 0.24;
    }
    if kidney.1 > kidney.0 {
        sum -= 0.39;
    }
    if skin.1 < skin.0 {
        sum += 0.53;
    }
    let milligrams = (now.prednisone - before.prednisone).to_f64();
    Some(sum - 0.005 * milligrams - 0.0068 * dna - 0.0002 * (c3 * 1000.0) + 0.105 * (c4 * 100.0))
}

/// SELENA-SLEDAI at visit `k`: proteinuria counts if the visit before had none.
fn selena_total(patient: &Patient, k: usize) -> i32 {
    let visit = &patient.visits[k];
    let present = Descriptor::ALL.into_iter().filter(|&d| has(visit, d));
    let total: i32 = present.map(|d| i32::from(d.weight())).sum();
    let old = k > 0 && has(visit, Descriptor::Proteinuria) && has(&patient.visits[k - 1], Descriptor::Proteinuria);
    total - if old { 4 } else { 0 }
}

/// 0 none, 1 mild or moderate, 2 severe: the index's table, column by column.
pub fn selena_flare(patient: &Patient, as_in_bliss: bool) -> u8 {
    let last = patient.visits.len() - 1;
    let (before, now) = (&patient.visits[last - 1], &patient.visits[last]);
    let rise = selena_total(patient, last) - selena_total(patient, last - 1);
    let above_12 = selena_total(patient, last) > 12;
    let pga = |v: &Visit| v.pga.value().in_thousandths();
    let (dose, dose_before) = (dose(now), dose(before));
    let above_half_mg_per_kg = 2 * dose > now.further.weight.in_thousandths();
    let is_new = |d: &Descriptor| has(now, *d) && !has(before, *d);
    let grave = |d: &Descriptor| {
        *d == Descriptor::Myositis || matches!(d.system(), System::Nervous | System::Renal | System::Vascular)
    };
    let treated = (dose > dose_before && dose >= 2 * dose_before) || above_half_mg_per_kg || now.further.hospitalised;
    let severe = [
        rise > 0 && above_12 && !as_in_bliss,
        Descriptor::ALL.iter().filter(|d| grave(d)).any(is_new) && treated,
        dose > dose_before && above_half_mg_per_kg,
        now.restricted && !before.restricted,
        pga(now) > pga(before) && pga(now) > 2_500,
        now.further.hospitalised,
    ];
    use Descriptor::{Arthritis, Fever, Pericarditis, Pleurisy, Rash, Ulcers};
    let milder = [
        rise >= 3 && (!above_12 || as_in_bliss),
        [Arthritis, Fever, Pericarditis, Pleurisy, Rash, Ulcers]
            .iter()
            .any(is_new),
        dose > dose_before,
        now.further.milder_drug_added,
        pga(now) - pga(before) >= 1_000,
    ];
    match (severe.contains(&true), milder.contains(&true)) {
        (true, _) => 2,
        (false, milder) => u8::from(milder),
    }
}

fn dose(visit: &Visit) -> i64 {
    visit.further.prescribed.in_thousandths()
}

/// The SRI with the index; `not-assessed` if an item that stays was not judged.
pub fn sri_50(patient: &Patient) -> Answer {
    let (before, now) = first_and_last(patient);
    let mut half_points = 0;
    let mut judged = true;
    for (k, descriptor) in Descriptor::ALL.into_iter().enumerate() {
        let stays = has(before, descriptor) && has(now, descriptor);
        let points = i64::from(descriptor.weight());
        half_points += match (has(now, descriptor), now.further.half_better[k]) {
            (false, _) => 0,
            (true, Some(true)) if stays => points,
            (true, _) => 2 * points,
        };
        judged &= !stays || now.further.half_better[k].is_some();
    }
    let baseline = i64::from(before.descriptors.total().expect("complete"));
    if let Some(reason) = event(patient) {
        reason
    } else if !judged {
        "not-assessed"
    } else if Decimal::tenths(20 * baseline - 10 * half_points) < Decimal::whole(8) {
        "sledai-responder-50-not-improved"
    } else {
        organs_and_physician(patient)
    }
}
