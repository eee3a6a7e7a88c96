//! The kidney in BILAG-2004.
//!
//! Structure verified line by line in a working port of the index's original program; the text agrees with what we
//! remember of Yee
//! 2010. Where the program's boundaries differ from the written rule, [`Convention`] chooses.

use crate::decimal::Decimal;
use crate::error::{ItemError, in_range, plausible};

use super::items::Finding;
use super::renal_rules::{Comparison, Severe};

const INSTRUMENT: &str = "BILAG-2004";

/// Boundaries as written or as the original program has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// Creatinine above 130 % of the previous value; a fall of exactly 25 % is an improvement.
    Written,
    /// Creatinine at least 130 %; a fall of exactly 25 % of 24-hour protein or PCR still counts as not improved (of ACR
    /// it does not); grade C by 24-hour protein or PCR needs that it did not fall at all.
    Legacy,
}

/// The kidney's values at a visit; `None` is not done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Renal {
    /// Systolic pressure, mmHg.
    pub systolic: Option<u16>,
    /// Diastolic pressure, mmHg.
    pub diastolic: Option<u16>,
    /// Accelerated hypertension.
    pub accelerated_hypertension: Option<bool>,
    /// Dipstick protein, pluses 0–4.
    pub dipstick: Option<u8>,
    /// Albumin to creatinine, mg/mmol.
    pub albumin_creatinine: Option<Decimal>,
    /// Protein to creatinine, mg/mmol.
    pub protein_creatinine: Option<Decimal>,
    /// Protein, g in 24 hours.
    pub protein_24h: Option<Decimal>,
    /// Nephrotic syndrome.
    pub nephrotic: Option<bool>,
    /// Serum creatinine, µmol/L.
    pub creatinine: Option<Decimal>,
    /// Glomerular filtration rate, mL/min/1.73 m².
    pub gfr: Option<Decimal>,
    /// Active urinary sediment without other cause.
    pub active_sediment: Option<bool>,
    /// Active nephritis on a biopsy of the last three months, see [`super::biopsy::biopsy_counts`].
    pub active_biopsy: Option<bool>,
    /// What the form marks as not due to lupus: it does not count.
    pub other_cause: OtherCause,
}

/// The form's boxes "due to lupus", answered no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OtherCause {
    /// Of blood pressure.
    pub pressure: bool,
    /// Of urine protein.
    pub protein: bool,
    /// Of creatinine and filtration rate.
    pub function: bool,
}

/// What came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Previous<'a> {
    /// This is the first visit: absolute thresholds decide alone.
    FirstVisit,
    /// The visit before.
    Visit(&'a Renal),
}

impl Renal {
    /// Finding of the domain. Fails on impossible values.
    pub fn finding(&self, previous: Previous, convention: Convention) -> Result<Finding, ItemError> {
        self.check()?;
        if let Previous::Visit(before) = previous {
            before.check()?;
        }
        let comparison = Comparison {
            now: self.attributed(),
            previous: match previous {
                Previous::FirstVisit => None,
                Previous::Visit(before) => Some(before.attributed()),
            },
            convention,
        };
        let active = comparison.grade();
        Ok(Finding {
            done: self.done(),
            present: active.is_some(),
            active,
        })
    }

    /// The severe findings, for reports.
    pub fn severe(&self, previous: Previous, convention: Convention) -> Severe {
        let before = match previous {
            Previous::FirstVisit => None,
            Previous::Visit(before) => Some(before.attributed()),
        };
        Comparison {
            now: self.attributed(),
            previous: before,
            convention,
        }
        .severe()
    }

    fn done(&self) -> bool {
        let nothing = Renal {
            other_cause: self.other_cause,
            ..Renal::default()
        };
        *self != nothing
    }

    /// The values that count: those not due to lupus are taken away.
    fn attributed(&self) -> Renal {
        let mut kept = *self;
        if self.other_cause.pressure {
            (kept.systolic, kept.diastolic, kept.accelerated_hypertension) = (None, None, None);
        }
        if self.other_cause.protein {
            (kept.dipstick, kept.albumin_creatinine) = (None, None);
            (kept.protein_creatinine, kept.protein_24h, kept.nephrotic) = (None, None, None);
        }
        if self.other_cause.function {
            (kept.creatinine, kept.gfr) = (None, None);
        }
        kept
    }

    fn check(&self) -> Result<(), ItemError> {
        plausible(
            INSTRUMENT,
            &[
                ("systolic", self.systolic.map(|p| Decimal::whole(p.into())), 350),
                ("diastolic", self.diastolic.map(|p| Decimal::whole(p.into())), 250),
                ("dipstick", self.dipstick.map(|p| Decimal::whole(p.into())), 4),
                ("albumin_creatinine", self.albumin_creatinine, 10_000),
                ("protein_creatinine", self.protein_creatinine, 10_000),
                ("protein_24h", self.protein_24h, 100),
                ("gfr", self.gfr, 300),
            ],
        )?;
        if let Some(creatinine) = self.creatinine {
            in_range(
                INSTRUMENT,
                "creatinine",
                creatinine,
                Decimal::whole(1),
                Decimal::whole(5000),
            )?;
        }
        let (Some(systolic), Some(diastolic)) = (self.systolic, self.diastolic) else {
            return Ok(());
        };
        if diastolic <= systolic {
            return Ok(());
        }
        Err(ItemError::Impossible {
            instrument: INSTRUMENT,
            item: "diastolic",
            conflict: "is above the systolic pressure",
        })
    }
}
