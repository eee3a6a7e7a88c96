//! Renal responses, each trial's own definition; flares and relapses are in [`crate::renal_flare`].
//!
//! Sources (all verified): BLISS-LN, benlystahcp; AURORA 1, PMID 33971155; REGENCY, abstract of the NEJM paper;
//! NOBILITY, NCT02550652 (whose registry text garbles the two creatinine branches; read as here). Terms of use:
//! published definitions, free.
//!
//! Trials in Malar use the rules of `data/endpoints`; these functions take a form's values, and a test holds the two
//! together. Ratios are compared exactly: an eGFR of 58 against 70 before the flare is 17 % below, of 50 against 65 is
//! 23 % below.

use crate::decimal::Decimal;

/// Why a patient is not a renal responder. The first that holds, in the order of the definition, is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Rescue, treatment failure, death or withdrawal.
    IntercurrentEvent,
    /// Urine protein to creatinine too high.
    ProteinHigh,
    /// Urine protein not down by half, or still too high.
    ProteinNotHalved,
    /// Filtration rate too low.
    FiltrationLow,
    /// Creatinine too high.
    CreatinineHigh,
    /// Red cells or casts.
    SedimentActive,
    /// Steroid above the trial's ceiling.
    SteroidHigh,
    /// A component is missing.
    NotAssessed(&'static str),
}

impl Reason {
    /// Id, as in endpoint files.
    pub fn id(self) -> &'static str {
        match self {
            Reason::IntercurrentEvent => "intercurrent-event",
            Reason::ProteinHigh => "upcr-high",
            Reason::ProteinNotHalved => "upcr-not-halved",
            Reason::FiltrationLow => "egfr-low",
            Reason::CreatinineHigh => "creatinine-high",
            Reason::SedimentActive => "sediment-active",
            Reason::SteroidHigh => "steroid-high",
            Reason::NotAssessed(_) => "not-assessed",
        }
    }
}

/// What the definitions look at; `None` is not assessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RenalVisit {
    /// Rescue, treatment failure, death or withdrawal before the visit.
    pub intercurrent_event: bool,
    /// Urine protein to creatinine, g/g.
    pub upcr: Option<Decimal>,
    /// The same at baseline.
    pub upcr_baseline: Option<Decimal>,
    /// The same of a second, consecutive first-morning void.
    pub upcr_second: Option<Decimal>,
    /// eGFR, mL/min/1.73 m².
    pub egfr: Option<Decimal>,
    /// A second eGFR that would confirm a fall.
    pub egfr_second: Option<Decimal>,
    /// eGFR before the flare; a covariate of its own, not the baseline.
    pub egfr_pre_flare: Option<Decimal>,
    /// eGFR at baseline.
    pub egfr_baseline: Option<Decimal>,
    /// Creatinine, any unit.
    pub creatinine: Option<Decimal>,
    /// Creatinine at baseline, the same unit.
    pub creatinine_baseline: Option<Decimal>,
    /// Upper limit of normal of creatinine, the same unit.
    pub creatinine_limit: Option<Decimal>,
    /// Red cells per high-power field.
    pub red_cells: Option<Decimal>,
    /// The same at baseline.
    pub red_cells_baseline: Option<Decimal>,
    /// Red-cell casts.
    pub red_cell_casts: Option<bool>,
    /// Steroid stayed under the ceiling of the trial, see [`crate::steroid`].
    pub steroid_under_ceiling: Option<bool>,
}

/// A response, or the reason against it.
pub type Response = Result<(), Reason>;

fn need<T>(value: Option<T>, name: &'static str) -> Result<T, Reason> {
    value.ok_or(Reason::NotAssessed(name))
}

fn ask(holds: bool, otherwise: Reason) -> Response {
    if holds { Ok(()) } else { Err(otherwise) }
}

impl RenalVisit {
    /// BLISS-LN primary efficacy renal response, week 104: UPCR at most 0.7; eGFR at least 60, or at most 20 % below
    /// the value before the flare; at most 10 mg/day of steroid from week 24.
    pub fn bliss_ln_primary(&self) -> Response {
        self.no_event()?;
        ask(need(self.upcr, "upcr")? <= Decimal::tenths(7), Reason::ProteinHigh)?;
        self.bliss_filtration(60, 80)?;
        self.steroid()
    }

    /// BLISS-LN complete renal response: UPCR below 0.5; eGFR at least 90, or at most 10 % below the value before the
    /// flare; steroid as in the primary response.
    pub fn bliss_ln_complete(&self) -> Response {
        self.no_event()?;
        self.protein_below_half()?;
        self.bliss_filtration(90, 90)?;
        self.steroid()
    }

    /// AURORA 1 complete renal response, week 52: UPCR at most 0.5 on two consecutive voids; eGFR at least 60, or no
    /// confirmed fall of more than 20 % from baseline; steroid by [`crate::steroid::DailyDoses::aurora_rule`].
    pub fn aurora_complete(&self) -> Response {
        self.no_event()?;
        let half = Decimal::tenths(5);
        ask(need(self.upcr, "upcr")? <= half, Reason::ProteinHigh)?;
        ask(need(self.upcr_second, "upcr_second")? <= half, Reason::ProteinHigh)?;
        let egfr = need(self.egfr, "egfr")?;
        if egfr < Decimal::whole(60) {
            let baseline = need(self.egfr_baseline, "egfr_baseline")?;
            if !egfr.at_least_percent_of(80, baseline) {
                let second = need(self.egfr_second, "egfr_second")?;
                ask(second.at_least_percent_of(80, baseline), Reason::FiltrationLow)?;
            }
        }
        self.steroid()
    }

    /// REGENCY complete renal response, week 76: UPCR below 0.5; eGFR at least 85 % of baseline, without an absolute
    /// escape.
    pub fn regency_complete(&self) -> Response {
        self.no_event()?;
        self.protein_below_half()?;
        let baseline = need(self.egfr_baseline, "egfr_baseline")?;
        ask(
            need(self.egfr, "egfr")?.at_least_percent_of(85, baseline),
            Reason::FiltrationLow,
        )
    }

    /// REGENCY key secondary: complete response with at most 7.5 mg/day of prednisone in weeks 64–76.
    pub fn regency_complete_with_low_steroid(&self) -> Response {
        self.regency_complete()?;
        self.steroid()
    }

    /// REGENCY key secondary: UPCR below 0.8 without an intercurrent event.
    pub fn regency_proteinuria(&self) -> Response {
        self.no_event()?;
        ask(need(self.upcr, "upcr")? < Decimal::tenths(8), Reason::ProteinHigh)
    }

    /// NOBILITY complete renal response, week 52: UPCR below 0.5; creatinine normal, and at most 15 % above baseline if
    /// that was normal; fewer than 10 red cells and no red-cell casts.
    pub fn nobility_complete(&self) -> Response {
        self.no_event()?;
        self.protein_below_half()?;
        let limit = need(self.creatinine_limit, "creatinine_limit")?;
        let baseline = need(self.creatinine_baseline, "creatinine_baseline")?;
        let level = need(self.creatinine, "creatinine")?;
        let near_baseline = baseline > limit || !level.above_percent_of(115, baseline);
        ask(level <= limit && near_baseline, Reason::CreatinineHigh)?;
        let few_cells = need(self.red_cells, "red_cells")? < Decimal::whole(10);
        let casts = need(self.red_cell_casts, "red_cell_casts")?;
        ask(few_cells && !casts, Reason::SedimentActive)
    }

    fn no_event(&self) -> Response {
        ask(!self.intercurrent_event, Reason::IntercurrentEvent)
    }

    fn protein_below_half(&self) -> Response {
        ask(need(self.upcr, "upcr")? < Decimal::tenths(5), Reason::ProteinHigh)
    }

    fn steroid(&self) -> Response {
        ask(
            need(self.steroid_under_ceiling, "steroid_under_ceiling")?,
            Reason::SteroidHigh,
        )
    }

    /// At least `absolute`, or at least `percent` of the value before the flare.
    fn bliss_filtration(&self, absolute: i64, percent: i64) -> Response {
        let egfr = need(self.egfr, "egfr")?;
        if egfr >= Decimal::whole(absolute) {
            return Ok(());
        }
        let before = need(self.egfr_pre_flare, "egfr_pre_flare")?;
        ask(egfr.at_least_percent_of(percent, before), Reason::FiltrationLow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Option<Decimal> {
        Some(text.parse().expect("a decimal"))
    }

    fn responder() -> RenalVisit {
        RenalVisit {
            intercurrent_event: false,
            upcr: d("0.4"),
            upcr_baseline: d("2.5"),
            upcr_second: d("0.4"),
            egfr: d("95"),
            egfr_second: d("95"),
            egfr_pre_flare: d("100"),
            egfr_baseline: d("100"),
            creatinine: d("0.8"),
            creatinine_baseline: d("0.8"),
            creatinine_limit: d("1.0"),
            red_cells: d("2"),
            red_cells_baseline: d("20"),
            red_cell_casts: Some(false),
            steroid_under_ceiling: Some(true),
        }
    }

    const ALL: [fn(&RenalVisit) -> Response; 7] = [
        RenalVisit::bliss_ln_primary,
        RenalVisit::bliss_ln_complete,
        RenalVisit::aurora_complete,
        RenalVisit::regency_complete,
        RenalVisit::regency_complete_with_low_steroid,
        RenalVisit::regency_proteinuria,
        RenalVisit::nobility_complete,
    ];

    #[test]
    fn a_clear_responder_responds_by_every_definition_and_none_after_an_event() {
        for definition in ALL {
            assert_eq!(definition(&responder()), Ok(()));
            let event = RenalVisit {
                intercurrent_event: true,
                ..responder()
            };
            assert_eq!(definition(&event), Err(Reason::IntercurrentEvent));
            assert_eq!(definition(&RenalVisit::default()), Err(Reason::NotAssessed("upcr")));
        }
    }

    #[test]
    fn filtration_before_the_flare_golden_cases() {
        let primary = |egfr, before| {
            let visit = RenalVisit {
                egfr: d(egfr),
                egfr_pre_flare: d(before),
                ..responder()
            };
            visit.bliss_ln_primary()
        };
        assert_eq!(primary("58", "70"), Ok(()), "17 % below");
        assert_eq!(primary("50", "65"), Err(Reason::FiltrationLow), "23 % below");
        assert_eq!(primary("56", "70"), Ok(()), "exactly 20 %");
        assert_eq!(primary("60", "140"), Ok(()), "the absolute escape");
        let unknown = RenalVisit {
            egfr: d("59"),
            egfr_pre_flare: None,
            ..responder()
        };
        assert_eq!(unknown.bliss_ln_primary(), Err(Reason::NotAssessed("egfr_pre_flare")));
    }

    #[test]
    fn regency_has_no_absolute_escape() {
        let visit = RenalVisit {
            egfr: d("92"),
            egfr_baseline: d("110"),
            ..responder()
        };
        assert_eq!(
            visit.regency_complete(),
            Err(Reason::FiltrationLow),
            "83.6 %, though normal"
        );
        let exact = RenalVisit {
            egfr: d("93.5"),
            ..visit
        };
        assert_eq!(exact.regency_complete(), Ok(()), "exactly 85 %");
    }

    #[test]
    fn protein_limits_are_strict_or_not_by_trial() {
        let at = |upcr| RenalVisit {
            upcr: d(upcr),
            ..responder()
        };
        assert_eq!(at("0.7").bliss_ln_primary(), Ok(()));
        assert_eq!(at("0.701").bliss_ln_primary(), Err(Reason::ProteinHigh));
        assert_eq!(at("0.5").bliss_ln_complete(), Err(Reason::ProteinHigh));
        assert_eq!(at("0.5").aurora_complete(), Ok(()));
        assert_eq!(at("0.5").regency_complete(), Err(Reason::ProteinHigh));
        assert_eq!(at("0.8").regency_proteinuria(), Err(Reason::ProteinHigh));
        let second = RenalVisit {
            upcr_second: d("0.6"),
            ..responder()
        };
        assert_eq!(second.aurora_complete(), Err(Reason::ProteinHigh), "both voids");
    }

    #[test]
    fn aurora_forgives_a_fall_that_is_not_confirmed() {
        let fallen = RenalVisit {
            egfr: d("50"),
            egfr_baseline: d("70"),
            egfr_second: d("57"),
            ..responder()
        };
        assert_eq!(fallen.aurora_complete(), Ok(()));
        let confirmed = RenalVisit {
            egfr_second: d("55"),
            ..fallen
        };
        assert_eq!(confirmed.aurora_complete(), Err(Reason::FiltrationLow));
        let open = RenalVisit {
            egfr_second: None,
            ..fallen
        };
        assert_eq!(open.aurora_complete(), Err(Reason::NotAssessed("egfr_second")));
    }

    #[test]
    fn nobility_asks_for_normal_creatinine_and_a_quiet_sediment() {
        let creatinine = |now, baseline| RenalVisit {
            creatinine: d(now),
            creatinine_baseline: d(baseline),
            ..responder()
        };
        assert_eq!(
            creatinine("1.0", "1.4").nobility_complete(),
            Ok(()),
            "from above normal"
        );
        assert_eq!(
            creatinine("1.1", "1.4").nobility_complete(),
            Err(Reason::CreatinineHigh)
        );
        assert_eq!(creatinine("0.92", "0.8").nobility_complete(), Ok(()), "exactly 15 %");
        assert_eq!(
            creatinine("0.93", "0.8").nobility_complete(),
            Err(Reason::CreatinineHigh)
        );
        let cells = RenalVisit {
            red_cells: d("10"),
            ..responder()
        };
        assert_eq!(cells.nobility_complete(), Err(Reason::SedimentActive));
    }

    #[test]
    fn steroid_is_asked_last() {
        let visit = RenalVisit {
            steroid_under_ceiling: Some(false),
            ..responder()
        };
        assert_eq!(visit.bliss_ln_primary().map_err(Reason::id), Err("steroid-high"));
        assert_eq!(visit.regency_complete(), Ok(()));
        assert_eq!(visit.regency_complete_with_low_steroid(), Err(Reason::SteroidHigh));
    }
}
