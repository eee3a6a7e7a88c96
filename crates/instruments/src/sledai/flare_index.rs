//! SELENA-SLEDAI Flare Index: mild or moderate, severe, or none.
//!
//! Criteria verified (EULAR monitoring recommendations; medicalalgorithms.com), severe wins. Ours: an increase "to more
//! than 12" or "to more than 2.5" is any increase that ends there. The reference visit is the caller's: the previous
//! visit in the original, as the analysis plan says in trials.
//!
//! Each manifestation of the severe column needs a doubled prednisone dose, more than 0.5 mg/kg/day, or
//! hospitalisation. So data without prescribing find few severe flares: without these criteria 42 of 55 were downgraded
//! (Thanou 2014, doi:10.1093/rheumatology/keu153). The index is poorly reliable (ICC 0.21, Isenberg 2011,
//! doi:10.1136/ard.2010.132068).

use crate::decimal::Decimal;
use crate::error::{ItemError, plausible};

const INSTRUMENT: &str = "SELENA flare index";

/// Which form of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// As in the SELENA trials.
    Original,
    /// As in the BLISS trials: a SELENA-SLEDAI above 12 alone is not severe. Unverified; we read it as mild or moderate
    /// then.
    BlissModified,
}

/// A value at the reference visit and now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FromTo<T> {
    /// At the reference visit.
    pub before: T,
    /// Now.
    pub now: T,
}

/// What happened since the reference visit; `None` is not assessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// SELENA-SLEDAI totals.
    pub sledai: Option<FromTo<u16>>,
    /// PGA, 0–3.
    pub pga: Option<FromTo<Decimal>>,
    /// Prednisone-equivalent, mg/day.
    pub prednisone: Option<FromTo<Decimal>>,
    /// Body weight, kg.
    pub weight: Option<Decimal>,
    /// New or worse: discoid, photosensitive, profundus or bullous lupus, cutaneous vasculitis, nasopharyngeal ulcers,
    /// pleuritis, pericarditis, arthritis, or fever of lupus.
    pub milder_manifestation: Option<bool>,
    /// New or worse: nervous system, vasculitis, nephritis, myositis, platelets below 60 × 10⁹/L, or haemolytic anaemia
    /// with haemoglobin below 7 g/dL or down by more than 3 g/dL.
    pub severe_manifestation: Option<bool>,
    /// NSAID or hydroxychloroquine added for lupus.
    pub milder_drug_added: Option<bool>,
    /// Cyclophosphamide, azathioprine, methotrexate, mycophenolate, or what the protocol adds to that list.
    pub immunosuppressant_added: Option<bool>,
    /// In hospital for lupus.
    pub hospitalised: Option<bool>,
}

/// Severity of a flare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// No criterion is met.
    None,
    /// Mild or moderate.
    MildOrModerate,
    /// Severe.
    Severe,
}

/// A criterion that was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trigger {
    /// The score.
    Score,
    /// A manifestation.
    Manifestation,
    /// Prednisone.
    Steroid,
    /// Another drug.
    Drug,
    /// PGA.
    Pga,
    /// Hospital.
    Hospital,
}

/// Severity and the criteria of that severity that were met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flare {
    /// Severity.
    pub severity: Severity,
    /// Criteria met at that severity, in the order of the table.
    pub triggers: Vec<Trigger>,
}

/// Criteria of one severity: met, not met, or `None` if a component is missing.
type Column = [(Trigger, &'static str, Option<bool>); 6];

impl Since {
    /// The flare.
    ///
    /// A severe criterion that is met decides whatever else is missing. Otherwise a missing component fails, by name:
    /// absence of a flare needs everything.
    pub fn flare(&self, version: Version) -> Result<Flare, ItemError> {
        plausible(INSTRUMENT, &self.quantities())?;
        let severe = self.severe(version);
        if let Some(flare) = met(Severity::Severe, &severe) {
            return Ok(flare);
        }
        let milder = self.milder(version);
        for (_, item, state) in severe.iter().chain(&milder) {
            if state.is_none() {
                let instrument = INSTRUMENT;
                return Err(ItemError::NotAssessed { instrument, item });
            }
        }
        Ok(met(Severity::MildOrModerate, &milder).unwrap_or(Flare {
            severity: Severity::None,
            triggers: Vec::new(),
        }))
    }

    fn severe(&self, version: Version) -> Column {
        let score = self
            .sledai
            .map(|s| version == Version::Original && s.now > s.before && s.now > 12);
        let pga = self.pga.map(|p| p.now > p.before && p.now > Decimal::tenths(25));
        [
            (Trigger::Score, "sledai", score),
            (
                Trigger::Manifestation,
                "severe_manifestation",
                self.severe_and_treated(),
            ),
            (Trigger::Steroid, "prednisone", self.steroid_raised(|high| high)),
            (Trigger::Drug, "immunosuppressant_added", self.immunosuppressant_added),
            (Trigger::Pga, "pga", pga),
            (Trigger::Hospital, "hospitalised", self.hospitalised),
        ]
    }

    fn milder(&self, version: Version) -> Column {
        let capped = |now: u16| now <= 12 || version == Version::BlissModified;
        let score = self.sledai.map(|s| s.now >= s.before + 3 && capped(s.now));
        let pga = self
            .pga
            .map(|p| p.now - p.before >= Decimal::whole(1) && p.now <= Decimal::tenths(25));
        [
            (Trigger::Score, "sledai", score),
            (
                Trigger::Manifestation,
                "milder_manifestation",
                self.milder_manifestation,
            ),
            (Trigger::Steroid, "prednisone", self.steroid_raised(|high| !high)),
            (Trigger::Drug, "milder_drug_added", self.milder_drug_added),
            (Trigger::Pga, "pga", pga),
            (Trigger::Hospital, "hospitalised", Some(false)),
        ]
    }

    /// A severe manifestation that came with doubled prednisone, more than 0.5 mg/kg/day, or hospital.
    fn severe_and_treated(&self) -> Option<bool> {
        if self.severe_manifestation == Some(false) {
            return Some(false);
        }
        let doubled = self
            .prednisone
            .map(|p| p.now > p.before && p.now.at_least_percent_of(200, p.before));
        let answers = [doubled, self.high_dose(), self.hospitalised];
        let treated = if answers.contains(&Some(true)) {
            Some(true)
        } else {
            (!answers.contains(&None)).then_some(false)
        };
        match (self.severe_manifestation, treated) {
            (_, Some(false)) => Some(false),
            (seen, treated) => treated.and(seen),
        }
    }

    /// Prednisone raised, to a dose whose being above 0.5 mg/kg/day passes `wanted`.
    fn steroid_raised(&self, wanted: impl Fn(bool) -> bool) -> Option<bool> {
        let dose = self.prednisone?;
        if dose.now <= dose.before {
            return Some(false);
        }
        self.high_dose().map(wanted)
    }

    /// Prednisone above 0.5 mg/kg/day; known without a weight if none is taken.
    fn high_dose(&self) -> Option<bool> {
        let dose = self.prednisone?.now;
        if dose == Decimal::ZERO {
            return Some(false);
        }
        Some(dose.above_percent_of(50, self.weight?))
    }

    fn quantities(&self) -> [(&'static str, Option<Decimal>, i64); 6] {
        let (pga, dose) = (self.pga, self.prednisone);
        [
            (
                "sledai",
                self.sledai.map(|s| Decimal::whole(s.before.max(s.now).into())),
                105,
            ),
            ("pga", pga.map(|p| p.before), 3),
            ("pga", pga.map(|p| p.now), 3),
            ("prednisone", dose.map(|p| p.before), 5_000),
            ("prednisone", dose.map(|p| p.now), 5_000),
            ("weight", self.weight, 500),
        ]
    }
}

fn met(severity: Severity, column: &Column) -> Option<Flare> {
    let triggers: Vec<Trigger> = column.iter().filter(|c| c.2 == Some(true)).map(|c| c.0).collect();
    (!triggers.is_empty()).then_some(Flare { severity, triggers })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet() -> Since {
        let same = |x: i64| FromTo {
            before: Decimal::whole(x),
            now: Decimal::whole(x),
        };
        Since {
            sledai: Some(FromTo { before: 6, now: 6 }),
            pga: Some(same(1)),
            prednisone: Some(same(10)),
            weight: Some(Decimal::whole(60)),
            milder_manifestation: Some(false),
            severe_manifestation: Some(false),
            milder_drug_added: Some(false),
            immunosuppressant_added: Some(false),
            hospitalised: Some(false),
        }
    }

    fn of(change: impl FnOnce(&mut Since), version: Version) -> (Severity, Vec<Trigger>) {
        let mut since = quiet();
        change(&mut since);
        let flare = since.flare(version).expect("complete");
        (flare.severity, flare.triggers)
    }

    fn original(change: impl FnOnce(&mut Since)) -> Severity {
        of(change, Version::Original).0
    }

    fn dose(before: i64, now: i64) -> Option<FromTo<Decimal>> {
        Some(FromTo {
            before: Decimal::whole(before),
            now: Decimal::whole(now),
        })
    }

    #[test]
    fn a_quiet_visit_is_no_flare() {
        assert_eq!(original(|_| ()), Severity::None);
    }

    #[test]
    fn the_score_flares_at_three_points_and_severely_above_twelve() {
        let score = |before, now| original(|s| s.sledai = Some(FromTo { before, now }));
        assert_eq!(score(6, 8), Severity::None);
        assert_eq!(score(6, 9), Severity::MildOrModerate);
        assert_eq!(score(9, 12), Severity::MildOrModerate);
        assert_eq!(score(9, 13), Severity::Severe);
        assert_eq!(score(14, 13), Severity::None);
    }

    #[test]
    fn bliss_does_not_call_a_score_above_twelve_severe() {
        let (severity, triggers) = of(
            |s| s.sledai = Some(FromTo { before: 9, now: 13 }),
            Version::BlissModified,
        );
        assert_eq!((severity, triggers), (Severity::MildOrModerate, vec![Trigger::Score]));
    }

    #[test]
    fn pga_flares_at_one_point_and_severely_above_two_and_a_half() {
        let pga = |before, now| {
            original(|s| {
                s.pga = Some(FromTo {
                    before: Decimal::tenths(before),
                    now: Decimal::tenths(now),
                })
            })
        };
        assert_eq!(pga(9, 18), Severity::None);
        assert_eq!(pga(9, 19), Severity::MildOrModerate);
        assert_eq!(pga(15, 25), Severity::MildOrModerate);
        assert_eq!(pga(24, 26), Severity::Severe);
        assert_eq!(pga(29, 26), Severity::None, "falling");
    }

    #[test]
    fn prednisone_is_severe_above_half_a_milligram_per_kilogram() {
        assert_eq!(original(|s| s.prednisone = dose(10, 30)), Severity::MildOrModerate);
        assert_eq!(original(|s| s.prednisone = dose(10, 31)), Severity::Severe);
        assert_eq!(original(|s| s.prednisone = dose(40, 35)), Severity::None);
    }

    #[test]
    fn severe_manifestations_need_treatment() {
        assert_eq!(original(|s| s.severe_manifestation = Some(true)), Severity::None);
        let doubled = of(
            |s| (s.severe_manifestation, s.prednisone) = (Some(true), dose(10, 20)),
            Version::Original,
        );
        assert_eq!(doubled, (Severity::Severe, vec![Trigger::Manifestation]));
        let hospital = original(|s| (s.severe_manifestation, s.hospitalised) = (Some(true), Some(true)));
        assert_eq!(hospital, Severity::Severe);
    }

    #[test]
    fn drugs_divide_as_the_table_does() {
        assert_eq!(original(|s| s.milder_drug_added = Some(true)), Severity::MildOrModerate);
        assert_eq!(original(|s| s.immunosuppressant_added = Some(true)), Severity::Severe);
    }

    #[test]
    fn a_missing_component_bars_no_flare_but_not_a_severe_one() {
        let mut since = quiet();
        since.weight = None;
        assert!(since.flare(Version::Original).is_ok(), "the dose did not rise");
        since.pga = None;
        let error = since.flare(Version::Original).expect_err("missing").to_string();
        assert!(error.contains("`pga`"), "{error}");
        since.hospitalised = Some(true);
        assert_eq!(
            since.flare(Version::Original).expect("decided").severity,
            Severity::Severe
        );
    }

    #[test]
    fn without_prednisone_no_weight_is_needed() {
        let mut since = quiet();
        (since.weight, since.prednisone, since.severe_manifestation) = (None, dose(0, 0), Some(true));
        assert_eq!(
            since.flare(Version::Original).expect("decided").severity,
            Severity::None,
            "not treated"
        );
        since.prednisone = dose(10, 10);
        assert!(
            since.flare(Version::Original).is_err(),
            "10 mg may be more than 0.5 mg/kg"
        );
    }

    #[test]
    fn impossible_values_are_refused() {
        let mut since = quiet();
        since.sledai = Some(FromTo { before: 6, now: 106 });
        assert!(since.flare(Version::Original).is_err());
    }
}
