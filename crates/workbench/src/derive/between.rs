//! What of a visit is compared with an earlier one: serology, items that are half better, what happened in between.

use malar_instruments::sledai::descriptors::{Descriptor, Descriptors};
use malar_trial::instruments::{Serology, SinceLast};

use super::codes::{C3, C4, DSDNA, HALF_BETTER, HOSPITAL, IMMUNE_DRUG, MILDER_DRUG, measured};
use super::intake::Record;
use super::sheet::Sheet;

/// What the tables tell of the time between visits, of whomever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Whether patients were in hospital.
    pub hospital: bool,
    /// Whether an NSAID or hydroxychloroquine was added.
    pub milder_drug: bool,
}

impl Told {
    /// What these records tell.
    pub fn of(records: &[Record]) -> Told {
        let mut told = Told::default();
        for record in records {
            told.hospital |= usize::from(record.slot) == HOSPITAL;
            told.milder_drug |= usize::from(record.slot) == MILDER_DRUG;
        }
        told
    }

    /// What a user should know of flares that were told without it.
    pub fn note(self) -> Option<String> {
        let untold = [
            (self.hospital, "hospital (SFIHOSP)"),
            (self.milder_drug, "an added NSAID or hydroxychloroquine (SFIDRUG)"),
        ];
        let untold: Vec<&str> = untold
            .into_iter()
            .filter(|(told, _)| !told)
            .map(|(_, what)| what)
            .collect();
        let what = untold.join(" or ");
        (!untold.is_empty()).then(|| format!("no table tells of {what}: SELENA flares are told as if there were none"))
    }
}

/// Serology in the units that scores look at.
pub(super) fn serology(sheet: &Sheet) -> Serology {
    Serology {
        c3: sheet.get(measured(C3)),
        c4: sheet.get(measured(C4)),
        anti_dsdna: sheet.get(measured(DSDNA)),
    }
}

/// Descriptors that were said to be half better, or not.
pub(super) fn half_better(sheet: &Sheet) -> Descriptors {
    Descriptors::from_states(&Descriptor::ALL.map(|d| sheet.flag(HALF_BETTER + d as usize)))
}

/// What happened since the visit before. What no table tells did not happen, and [`Told::note`] says so; where some rows
/// tell it, it is missing in the others.
pub(super) fn since_last(sheet: &Sheet, told: Told) -> SinceLast {
    let said = |slot: usize, is_told: bool| if is_told { sheet.flag(slot) } else { Some(false) };
    SinceLast {
        hospitalised: said(HOSPITAL, told.hospital),
        milder_drug_added: said(MILDER_DRUG, told.milder_drug),
        immunosuppressant_added: sheet.flag(IMMUNE_DRUG),
    }
}
