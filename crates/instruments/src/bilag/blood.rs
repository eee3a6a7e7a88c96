//! The blood in BILAG-2004. **Thresholds unverified**: from memory of the published appendix.
//!
//! The form prints bands like 8–8.9 and 9–10.9, which imply one decimal; they are read as half-open, so that 8.95
//! belongs to the band below 9.

use crate::decimal::Decimal;
use crate::error::{ItemError, plausible};

use super::grade::Grade;
use super::items::{Finding, Mark, Tier};

/// The blood's values at a visit; `None` is not done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blood {
    /// Haemoglobin, g/dL.
    pub haemoglobin: Option<Decimal>,
    /// Leukocytes, 10⁹/L.
    pub leukocytes: Option<Decimal>,
    /// Neutrophils, 10⁹/L.
    pub neutrophils: Option<Decimal>,
    /// Lymphocytes, 10⁹/L.
    pub lymphocytes: Option<Decimal>,
    /// Platelets, 10⁹/L.
    pub platelets: Option<Decimal>,
    /// Thrombotic thrombocytopenic purpura.
    pub ttp: Option<Mark>,
    /// Active haemolysis.
    pub active_haemolysis: Option<bool>,
    /// Positive Coombs' test without haemolysis.
    pub isolated_coombs: Option<bool>,
    /// What the form marks as not due to lupus: it does not count.
    pub other_cause: OtherCause,
}

/// The form's boxes "due to lupus", answered no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OtherCause {
    /// Of the haemoglobin.
    pub haemoglobin: bool,
    /// Of leukocytes and neutrophils.
    pub leukocytes: bool,
    /// Of the lymphocytes.
    pub lymphocytes: bool,
    /// Of the platelets.
    pub platelets: bool,
}

impl Blood {
    /// Finding of the domain. Fails on impossible values.
    pub fn finding(&self) -> Result<Finding, ItemError> {
        self.check()?;
        let nothing = Blood {
            other_cause: self.other_cause,
            ..Blood::default()
        };
        let active = self.active();
        Ok(Finding {
            done: *self != nothing,
            present: active.is_some(),
            active,
        })
    }

    fn active(&self) -> Option<Grade> {
        let band = |value: Option<Decimal>, excused: bool, limits: [Decimal; 3]| {
            let value = value.filter(|_| !excused)?;
            let grades = [Grade::A, Grade::B, Grade::C];
            limits
                .into_iter()
                .zip(grades)
                .find(|(limit, _)| value < *limit)
                .map(|(_, grade)| grade)
        };
        let whole = Decimal::whole;
        let half = Decimal::tenths(5);
        let cause = self.other_cause;
        [
            self.ttp.and_then(|mark| Tier::A.grade(mark)),
            band(self.haemoglobin, cause.haemoglobin, [whole(8), whole(9), whole(11)]),
            band(self.leukocytes, cause.leukocytes, [whole(1), whole(2), whole(4)]),
            band(self.neutrophils, cause.leukocytes, [half, whole(1), whole(2)]),
            band(self.lymphocytes, cause.lymphocytes, [whole(0), whole(0), whole(1)]),
            band(self.platelets, cause.platelets, [whole(25), whole(50), whole(150)]),
            (self.active_haemolysis == Some(true)).then_some(Grade::B),
            (self.isolated_coombs == Some(true)).then_some(Grade::C),
        ]
        .into_iter()
        .flatten()
        .max()
    }

    fn check(&self) -> Result<(), ItemError> {
        plausible(
            "BILAG-2004",
            &[
                ("haemoglobin", self.haemoglobin, 30),
                ("leukocytes", self.leukocytes, 1_000),
                ("neutrophils", self.neutrophils, 1_000),
                ("lymphocytes", self.lymphocytes, 1_000),
                ("platelets", self.platelets, 5_000),
            ],
        )?;
        if self.active_haemolysis == Some(true) && self.isolated_coombs == Some(true) {
            return Err(ItemError::Impossible {
                instrument: "BILAG-2004",
                item: "isolated_coombs",
                conflict: "is recorded beside active haemolysis",
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grade(change: impl FnOnce(&mut Blood)) -> Option<Grade> {
        let mut blood = Blood::default();
        change(&mut blood);
        blood.finding().expect("possible").active
    }

    #[test]
    fn bands_are_half_open() {
        let haemoglobin = |tenths| grade(|b| b.haemoglobin = Some(Decimal::tenths(tenths)));
        assert_eq!(haemoglobin(79), Some(Grade::A));
        assert_eq!(haemoglobin(80), Some(Grade::B));
        assert_eq!(haemoglobin(90), Some(Grade::C));
        assert_eq!(haemoglobin(110), None);
        assert_eq!(
            grade(|b| b.haemoglobin = Some(Decimal::hundredths(895))),
            Some(Grade::B)
        );
        let platelets = |n| grade(|b| b.platelets = Some(Decimal::whole(n)));
        assert_eq!(
            [24, 25, 50, 150].map(platelets),
            [Some(Grade::A), Some(Grade::B), Some(Grade::C), None]
        );
        let white = |tenths| grade(|b| b.leukocytes = Some(Decimal::tenths(tenths)));
        assert_eq!(
            [9, 10, 20, 40].map(white),
            [Some(Grade::A), Some(Grade::B), Some(Grade::C), None]
        );
        let neutrophils = |tenths| grade(|b| b.neutrophils = Some(Decimal::tenths(tenths)));
        assert_eq!(
            [4, 5, 10, 20].map(neutrophils),
            [Some(Grade::A), Some(Grade::B), Some(Grade::C), None]
        );
        assert_eq!(
            grade(|b| b.lymphocytes = Some(Decimal::ZERO)),
            Some(Grade::C),
            "lymphocytes never exceed C"
        );
    }

    #[test]
    fn the_worst_finding_decides() {
        let both = grade(|b| (b.ttp, b.isolated_coombs) = (Some(Mark::Improving), Some(true)));
        assert_eq!(both, Some(Grade::B));
        assert_eq!(grade(|b| b.active_haemolysis = Some(true)), Some(Grade::B));
    }

    #[test]
    fn another_cause_excuses_its_own_count() {
        let excused = |b: &mut Blood| {
            b.platelets = Some(Decimal::whole(10));
            b.leukocytes = Some(Decimal::whole(3));
            b.other_cause.platelets = true;
        };
        assert_eq!(grade(excused), Some(Grade::C));
        let of_lymphocytes = |b: &mut Blood| {
            b.lymphocytes = Some(Decimal::tenths(5));
            b.other_cause.lymphocytes = true;
        };
        assert_eq!(grade(of_lymphocytes), None);
        let of_leukocytes = |b: &mut Blood| {
            b.leukocytes = Some(Decimal::whole(1));
            b.neutrophils = Some(Decimal::ZERO);
            b.lymphocytes = Some(Decimal::tenths(5));
            b.other_cause.leukocytes = true;
        };
        assert_eq!(grade(of_leukocytes), Some(Grade::C), "lymphocytes have their own box");
        let of_haemoglobin =
            |b: &mut Blood| (b.haemoglobin, b.other_cause.haemoglobin) = (Some(Decimal::whole(7)), true);
        assert_eq!(grade(of_haemoglobin), None);
    }

    #[test]
    fn haemolysis_and_an_isolated_coombs_test_exclude_each_other() {
        let blood = Blood {
            active_haemolysis: Some(true),
            isolated_coombs: Some(true),
            ..Blood::default()
        };
        assert!(blood.finding().is_err());
    }
}
