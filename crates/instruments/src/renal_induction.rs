//! Renal responses of further induction trials, complete and partial.
//!
//! Sources: BELONG, doi:10.1186/ar3910 (table 4); AURA-LV, the-rheumatologist.org; ACCESS, Ann Rheum Dis 2014;73(Suppl 2):77;
//! CALIBRATE and ALLURE, their registry entries. Recalled, not read: the partial responses of NOBILITY and CALIBRATE, all of LUNAR,
//! the filtration rate of TULIP-LN. Terms of use: published definitions, free.

use crate::decimal::Decimal;
use crate::renal_response::{Reason, RenalVisit, Response};

impl RenalVisit {
    /// BELONG complete response, week 48.
    pub fn belong_complete(&self) -> Response {
        self.protein(self.upcr.map(|p| p < Decimal::tenths(5)))?;
        let normal = self.creatinine_within_limit().zip(self.creatinine_at_most(125));
        self.creatinine_if(normal.map(|(a, b)| a && b))?;
        self.sediment(Decimal::whole(10), true)
    }

    /// BELONG complete or partial response, of patients with protein of 1 or more at entry.
    pub fn belong_any(&self) -> Response {
        let three = Decimal::whole(3);
        self.halved(|now, before| before <= three || now < three)?;
        self.creatinine_if(self.creatinine_at_most(125))
    }

    /// Protein down by half.
    pub fn protein_halved(&self) -> Response {
        self.halved(|_, _| true)
    }

    /// Protein below 0.5 g/g.
    pub fn protein_below_half_gram(&self) -> Response {
        self.protein(self.upcr.map(|p| p < Decimal::tenths(5)))
    }

    /// AURA-LV complete remission by one void.
    pub fn aura_complete(&self) -> Response {
        self.protein(self.upcr.map(|p| p <= Decimal::tenths(5)))?;
        self.filtration(60, 80)?;
        self.ceiling()
    }

    /// ACCESS complete response, week 24.
    pub fn access_complete(&self) -> Response {
        self.protein(self.upcr.map(|p| p < Decimal::tenths(5)))?;
        if self.creatinine_within_limit() != Some(true) && self.creatinine_at_most(125) != Some(true) {
            let known = self.creatinine_within_limit().and(self.creatinine_at_most(125));
            self.creatinine_if(known.map(|_| false))?;
        }
        self.ceiling()
    }

    /// NOBILITY complete or partial response.
    pub fn nobility_any(&self) -> Response {
        let three = Decimal::whole(3);
        self.halved(|now, before| now < Decimal::whole(1) || (before >= three && now < three))?;
        self.creatinine_if(self.creatinine_at_most(115))?;
        let few = self.red_cells.map(|cells| cells < Decimal::whole(10));
        if few == Some(true) {
            return Ok(());
        }
        answer(
            few.and(self.red_cells_at_most(150)),
            Reason::SedimentActive,
            "red_cells",
        )
    }

    /// TULIP-LN complete response with the limit of protein, tenths of g/g.
    pub fn tulip_ln_complete(&self, tenths: i64) -> Response {
        self.protein(self.upcr.map(|p| p <= Decimal::tenths(tenths)))?;
        self.filtration(60, 80)
    }

    /// TULIP-LN complete response with quiet sediment.
    pub fn tulip_ln_sediment(&self) -> Response {
        self.tulip_ln_complete(7)?;
        self.sediment(Decimal::whole(10), false)
    }

    /// LUNAR complete response, week 52.
    pub fn lunar_complete(&self) -> Response {
        self.protein(self.upcr.map(|p| p < Decimal::tenths(5)))?;
        let was_normal = self
            .creatinine_baseline
            .zip(self.creatinine_limit)
            .map(|(b, limit)| b <= limit);
        let normal = self.creatinine_within_limit().zip(self.creatinine_at_most(115));
        let holds = was_normal
            .zip(normal)
            .map(|(was, (now, near))| if was { near } else { now });
        self.creatinine_if(holds)?;
        self.sediment(Decimal::whole(5), true)
    }

    /// LUNAR complete or partial response.
    pub fn lunar_any(&self) -> Response {
        let three = Decimal::whole(3);
        self.halved(|now, before| now < Decimal::whole(1) || (before > three && now <= three))?;
        self.creatinine_if(self.creatinine_at_most(115))?;
        let quiet = self.red_cells_at_most(150).zip(self.red_cell_casts);
        answer(
            quiet.map(|(few, casts)| few && !casts),
            Reason::SedimentActive,
            "red_cells",
        )
    }

    /// CALIBRATE complete response, week 48.
    pub fn calibrate_complete(&self) -> Response {
        self.protein(self.upcr.map(|p| p < Decimal::tenths(5)))?;
        self.calibrate_rest()
    }

    /// CALIBRATE complete or partial response.
    pub fn calibrate_any(&self) -> Response {
        self.halved(|now, before| !now.at_least_percent_of(50, before))?;
        self.calibrate_rest()
    }

    /// ALLURE complete response, week 52.
    pub fn allure_complete(&self) -> Response {
        self.protein(self.upcr.map(|p| p < Decimal::tenths(5)))?;
        self.filtration(90, 85)?;
        answer(
            self.red_cell_casts.map(|casts| !casts),
            Reason::SedimentActive,
            "red_cell_casts",
        )?;
        self.ceiling()
    }

    fn calibrate_rest(&self) -> Response {
        let enough = self.egfr.is_some_and(|rate| rate >= Decimal::whole(120));
        if !enough {
            let both = self.egfr.zip(self.egfr_baseline);
            let kept = both.map(|(now, before)| now.above_percent_of(80, before));
            answer(kept, Reason::FiltrationLow, "egfr_baseline")?;
        }
        self.ceiling()
    }

    fn protein(&self, low: Option<bool>) -> Response {
        answer(low, Reason::ProteinHigh, "upcr")
    }

    /// At most half of the protein at baseline, and what else is asked of protein now and then.
    fn halved(&self, also: impl Fn(Decimal, Decimal) -> bool) -> Response {
        let both = self.upcr.zip(self.upcr_baseline);
        let holds = both.map(|(now, before)| !now.above_percent_of(50, before) && also(now, before));
        answer(holds, Reason::ProteinNotHalved, "upcr_baseline")
    }

    /// At least `absolute`, or at least `percent` of baseline.
    fn filtration(&self, absolute: i64, percent: i64) -> Response {
        if self.egfr.is_some_and(|rate| rate >= Decimal::whole(absolute)) {
            return Ok(());
        }
        let both = self.egfr.zip(self.egfr_baseline);
        let kept = both.map(|(now, before)| now.at_least_percent_of(percent, before));
        answer(kept, Reason::FiltrationLow, "egfr_baseline")
    }

    fn creatinine_if(&self, holds: Option<bool>) -> Response {
        answer(holds, Reason::CreatinineHigh, "creatinine")
    }

    fn creatinine_within_limit(&self) -> Option<bool> {
        self.creatinine
            .zip(self.creatinine_limit)
            .map(|(level, limit)| level <= limit)
    }

    /// At most so many percent of baseline.
    fn creatinine_at_most(&self, percent: i64) -> Option<bool> {
        let both = self.creatinine.zip(self.creatinine_baseline);
        both.map(|(now, before)| !now.above_percent_of(percent, before))
    }

    fn red_cells_at_most(&self, percent: i64) -> Option<bool> {
        let both = self.red_cells.zip(self.red_cells_baseline);
        both.map(|(now, before)| !now.above_percent_of(percent, before))
    }

    /// Fewer red cells than `below`, and no casts where they are asked.
    fn sediment(&self, below: Decimal, casts: bool) -> Response {
        let few = self.red_cells.map(|cells| cells < below);
        let none = if casts {
            self.red_cell_casts.map(|seen| !seen)
        } else {
            Some(true)
        };
        answer(
            few.zip(none).map(|(few, none)| few && none),
            Reason::SedimentActive,
            "sediment",
        )
    }

    fn ceiling(&self) -> Response {
        answer(self.steroid_under_ceiling, Reason::SteroidHigh, "steroid_under_ceiling")
    }
}

fn answer(holds: Option<bool>, otherwise: Reason, missing: &'static str) -> Response {
    match holds {
        Some(true) => Ok(()),
        Some(false) => Err(otherwise),
        None => Err(Reason::NotAssessed(missing)),
    }
}
