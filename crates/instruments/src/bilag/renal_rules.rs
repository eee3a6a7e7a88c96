//! The kidney's rules: a visit beside the one before.

use crate::decimal::Decimal;

use super::grade::Grade;
use super::renal::{Convention, Renal};

/// Which of the six severe findings are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Severe {
    /// 1: severe proteinuria that does not improve.
    pub proteinuria: bool,
    /// 2: accelerated hypertension.
    pub hypertension: bool,
    /// 3: severe loss of function.
    pub function: bool,
    /// 4: active sediment.
    pub sediment: bool,
    /// 5: active nephritis on biopsy.
    pub biopsy: bool,
    /// 6: nephrotic syndrome.
    pub nephrotic: bool,
}

impl Severe {
    fn count(&self) -> usize {
        let six = [
            self.proteinuria,
            self.hypertension,
            self.function,
            self.sediment,
            self.biopsy,
            self.nephrotic,
        ];
        six.iter().filter(|f| **f).count()
    }

    /// Two findings, one of them proteinuria, sediment or biopsy.
    fn is_a(&self) -> bool {
        self.count() >= 2 && (self.proteinuria || self.sediment || self.biopsy)
    }
}

/// A visit beside the one before.
pub(super) struct Comparison {
    pub(super) now: Renal,
    pub(super) previous: Option<Renal>,
    pub(super) convention: Convention,
}

/// A protein measure: value now, value before, and how a fall of exactly 25 % is read.
struct Protein {
    now: Option<Decimal>,
    before: Option<Decimal>,
    exact_fall_counts: bool,
}

impl Protein {
    /// True if `test` holds now and the value has not fallen by a quarter. Without a value before, nothing has fallen.
    fn not_improved(&self, test: impl Fn(Decimal) -> bool) -> bool {
        let Some(now) = self.now.filter(|&p| test(p)) else {
            return false;
        };
        match self.before {
            None => true,
            Some(before) if self.exact_fall_counts => now.at_least_percent_of(75, before),
            Some(before) => now.above_percent_of(75, before),
        }
    }
}

impl Comparison {
    pub(super) fn grade(&self) -> Option<Grade> {
        let severe = self.severe();
        if severe.is_a() {
            Some(Grade::A)
        } else if severe.count() >= 1 || self.moderate() {
            Some(Grade::B)
        } else if self.mild() {
            Some(Grade::C)
        } else {
            None
        }
    }

    pub(super) fn severe(&self) -> Severe {
        let yes = |answer: Option<bool>| answer == Some(true);
        let grams = |p| p > Decimal::whole(1);
        let ratio = |p| p > Decimal::whole(100);
        Severe {
            proteinuria: self.day().not_improved(grams)
                || self.pcr().not_improved(ratio)
                || self.acr().not_improved(ratio)
                || self.dipstick_rise(2, 2),
            hypertension: yes(self.now.accelerated_hypertension),
            function: self.severe_function(),
            sediment: yes(self.now.active_sediment),
            biopsy: yes(self.now.active_biopsy),
            nephrotic: yes(self.now.nephrotic),
        }
    }

    fn moderate(&self) -> bool {
        let ratio = |p| p >= Decimal::whole(50);
        self.day().not_improved(|p| p >= Decimal::tenths(5))
            || self.pcr().not_improved(ratio)
            || self.acr().not_improved(ratio)
            || self.dipstick_rise(1, 2)
            || self.creatinine_risen(|now, before| now.at_least_percent_of(115, before))
    }

    fn mild(&self) -> bool {
        let grams = |p| p > Decimal::hundredths(25);
        let ratio = |p| p > Decimal::whole(25);
        let fell = |p: &Protein| p.now.zip(p.before).is_some_and(|(now, before)| now < before);
        let counts = |p: Protein, test: &dyn Fn(Decimal) -> bool| {
            p.now.is_some_and(test) && !(self.convention == Convention::Legacy && fell(&p))
        };
        counts(self.day(), &grams)
            || counts(self.pcr(), &ratio)
            || self.now.albumin_creatinine.is_some_and(ratio)
            || (!self.quantified() && self.now.dipstick.is_some_and(|d| d >= 1))
            || self.pressure_risen()
    }

    fn day(&self) -> Protein {
        self.protein(|r| r.protein_24h, self.convention == Convention::Legacy)
    }

    fn pcr(&self) -> Protein {
        self.protein(|r| r.protein_creatinine, self.convention == Convention::Legacy)
    }

    fn acr(&self) -> Protein {
        self.protein(|r| r.albumin_creatinine, false)
    }

    fn protein(&self, value: impl Fn(&Renal) -> Option<Decimal>, exact_fall_counts: bool) -> Protein {
        Protein {
            now: value(&self.now),
            before: self.previous.as_ref().and_then(&value),
            exact_fall_counts,
        }
    }

    fn quantified(&self) -> bool {
        let now = &self.now;
        now.protein_24h.is_some() || now.protein_creatinine.is_some() || now.albumin_creatinine.is_some()
    }

    /// Dipstick up by `rise` to at least `level`, and no quantity measured. Without a dipstick before, from none.
    fn dipstick_rise(&self, rise: u8, level: u8) -> bool {
        let before = self.previous.and_then(|p| p.dipstick).unwrap_or(0);
        !self.quantified()
            && self
                .now
                .dipstick
                .is_some_and(|now| now >= level && now >= before + rise)
    }

    fn severe_function(&self) -> bool {
        let risen = self.creatinine_risen(|now, before| match self.convention {
            Convention::Written => now.above_percent_of(130, before),
            Convention::Legacy => now.at_least_percent_of(130, before),
        });
        risen || self.gfr_fallen()
    }

    /// Creatinine above 130 µmol/L and risen. On the first visit the level is enough; a previous visit without creatinine
    /// cannot show a rise.
    fn creatinine_risen(&self, risen: impl Fn(Decimal, Decimal) -> bool) -> bool {
        let Some(now) = self.now.creatinine.filter(|&c| c > Decimal::whole(130)) else {
            return false;
        };
        match &self.previous {
            None => true,
            Some(before) => before.creatinine.is_some_and(|before| risen(now, before)),
        }
    }

    /// Below 80 and below 67 % of the previous rate, or below 50 when that was above 50 or not measured.
    fn gfr_fallen(&self) -> bool {
        let Some(now) = self.now.gfr else {
            return false;
        };
        let Some(previous) = &self.previous else {
            return now < Decimal::whole(80);
        };
        let below_two_thirds = previous.gfr.is_some_and(|before| !now.at_least_percent_of(67, before));
        let was_above = previous.gfr.is_none_or(|before| before > Decimal::whole(50));
        (now < Decimal::whole(80) && below_two_thirds) || (now < Decimal::whole(50) && was_above)
    }

    /// Above 140/90, both pressures, and both risen: by 30 and 15. Cannot be met on the first visit.
    fn pressure_risen(&self) -> bool {
        let pressures = |r: &Renal| r.systolic.zip(r.diastolic);
        let Some((systolic, diastolic)) = pressures(&self.now) else {
            return false;
        };
        let Some((systolic_before, diastolic_before)) = self.previous.as_ref().and_then(pressures) else {
            return false;
        };
        systolic > 140 && diastolic > 90 && systolic >= systolic_before + 30 && diastolic >= diastolic_before + 15
    }
}

#[cfg(test)]
mod tests {
    use super::super::renal::{OtherCause, Previous};
    use super::*;
    use Convention::*;

    const QUIET: Renal = Renal {
        systolic: Some(120),
        diastolic: Some(80),
        accelerated_hypertension: Some(false),
        dipstick: None,
        albumin_creatinine: None,
        protein_creatinine: None,
        protein_24h: Some(Decimal::tenths(1)),
        nephrotic: Some(false),
        creatinine: Some(Decimal::whole(70)),
        gfr: Some(Decimal::whole(100)),
        active_sediment: Some(false),
        active_biopsy: Some(false),
        other_cause: OtherCause {
            pressure: false,
            protein: false,
            function: false,
        },
    };

    fn grade(before: &Renal, now: &Renal, convention: Convention) -> Option<Grade> {
        now.finding(Previous::Visit(before), convention)
            .expect("possible")
            .active
    }

    fn first(now: &Renal) -> Option<Grade> {
        now.finding(Previous::FirstVisit, Written).expect("possible").active
    }

    fn day(grams: &str) -> Renal {
        Renal {
            protein_24h: Some(grams.parse().expect("a decimal")),
            ..QUIET
        }
    }

    fn creatinine(level: &str) -> Renal {
        Renal {
            creatinine: Some(level.parse().expect("a decimal")),
            ..QUIET
        }
    }

    #[test]
    fn a_needs_two_findings_one_of_them_proteinuria_sediment_or_biopsy() {
        let nephrotic = Renal {
            nephrotic: Some(true),
            ..QUIET
        };
        assert_eq!(grade(&QUIET, &nephrotic, Written), Some(Grade::B), "one finding");
        let with_pressure = Renal {
            accelerated_hypertension: Some(true),
            ..nephrotic
        };
        assert_eq!(
            grade(&QUIET, &with_pressure, Written),
            Some(Grade::B),
            "two, none of the three"
        );
        let with_sediment = Renal {
            active_sediment: Some(true),
            ..nephrotic
        };
        assert_eq!(grade(&QUIET, &with_sediment, Written), Some(Grade::A));
    }

    #[test]
    fn protein_grades_by_its_amount_and_its_fall() {
        assert_eq!(
            grade(&QUIET, &day("1"), Written),
            Some(Grade::B),
            "1 g is not more than 1 g"
        );
        assert!(day("1.1").severe(Previous::Visit(&QUIET), Written).proteinuria);
        assert_eq!(grade(&QUIET, &day("0.5"), Written), Some(Grade::B));
        assert_eq!(grade(&QUIET, &day("0.499"), Written), Some(Grade::C));
        assert_eq!(grade(&QUIET, &day("0.25"), Written), None);
        assert_eq!(grade(&day("2"), &day("1.4"), Written), Some(Grade::C), "down by 30 %");
        assert_eq!(grade(&day("2"), &day("1.6"), Written), Some(Grade::B), "down by 20 %");
    }

    #[test]
    fn a_fall_of_exactly_a_quarter_and_a_rise_of_exactly_30_percent_depend_on_the_convention() {
        assert_eq!(grade(&day("2"), &day("1.5"), Written), Some(Grade::C));
        assert_eq!(grade(&day("2"), &day("1.5"), Legacy), Some(Grade::B));
        let acr = |x| Renal {
            albumin_creatinine: Some(Decimal::whole(x)),
            protein_24h: None,
            ..QUIET
        };
        assert_eq!(
            grade(&acr(200), &acr(150), Legacy),
            Some(Grade::C),
            "for ACR it is a fall"
        );
        let rise = |convention| {
            creatinine("169")
                .severe(Previous::Visit(&creatinine("130")), convention)
                .function
        };
        assert_eq!((rise(Written), rise(Legacy)), (false, true));
    }

    #[test]
    fn legacy_grade_c_needs_protein_that_does_not_fall() {
        assert_eq!(grade(&day("0.4"), &day("0.3"), Written), Some(Grade::C));
        assert_eq!(grade(&day("0.4"), &day("0.3"), Legacy), None);
    }

    #[test]
    fn creatinine_needs_the_level_and_the_rise() {
        assert_eq!(
            grade(&creatinine("120"), &creatinine("150"), Written),
            Some(Grade::B),
            "up by 25 %"
        );
        assert_eq!(
            grade(&creatinine("140"), &creatinine("160"), Written),
            None,
            "up by 14 %"
        );
        assert_eq!(
            grade(&creatinine("60"), &creatinine("130"), Written),
            None,
            "not above 130"
        );
        let unmeasured = Renal {
            creatinine: None,
            ..QUIET
        };
        assert_eq!(
            grade(&unmeasured, &creatinine("200"), Written),
            None,
            "no value to rise from"
        );
    }

    #[test]
    fn creatinine_up_by_exactly_15_percent_is_moderate() {
        assert_eq!(grade(&creatinine("140"), &creatinine("161"), Written), Some(Grade::B));
        assert_eq!(grade(&creatinine("140"), &creatinine("160.9"), Written), None);
    }

    #[test]
    fn both_ratios_have_the_same_limits() {
        let pcr = |x| Renal {
            protein_creatinine: Some(Decimal::whole(x)),
            protein_24h: None,
            ..QUIET
        };
        let acr = |x| Renal {
            albumin_creatinine: Some(Decimal::whole(x)),
            protein_24h: None,
            ..QUIET
        };
        let severe = |r: &Renal| r.severe(Previous::Visit(&QUIET), Written).proteinuria;
        for ratio in [&pcr as &dyn Fn(i64) -> Renal, &acr] {
            assert!(severe(&ratio(101)) && !severe(&ratio(100)));
            let grades = [25, 26, 49, 50].map(|x| grade(&QUIET, &ratio(x), Written));
            assert_eq!(grades, [None, Some(Grade::C), Some(Grade::C), Some(Grade::B)]);
        }
    }

    #[test]
    fn pressure_needs_both_levels_and_both_rises() {
        let pressed = |systolic, diastolic| Renal {
            systolic: Some(systolic),
            diastolic: Some(diastolic),
            ..QUIET
        };
        let from =
            |before: (u16, u16), now: (u16, u16)| grade(&pressed(before.0, before.1), &pressed(now.0, now.1), Written);
        assert_eq!(from((120, 80), (150, 95)), Some(Grade::C));
        assert_eq!(from((110, 70), (140, 95)), None, "not above 140");
        assert_eq!(from((120, 70), (150, 90)), None, "not above 90");
        assert_eq!(from((121, 80), (150, 95)), None, "up by 29");
        assert_eq!(from((120, 81), (150, 95)), None, "up by 14");
    }

    #[test]
    fn filtration_falls_below_two_thirds_or_below_fifty() {
        let gfr = |x| Renal {
            gfr: Some(Decimal::whole(x)),
            ..QUIET
        };
        assert_eq!(grade(&gfr(100), &gfr(66), Written), Some(Grade::B));
        assert_eq!(grade(&gfr(100), &gfr(67), Written), None);
        assert_eq!(grade(&gfr(51), &gfr(49), Written), Some(Grade::B));
        assert_eq!(grade(&gfr(50), &gfr(49), Written), None);
        let unmeasured = Renal { gfr: None, ..QUIET };
        assert_eq!(grade(&unmeasured, &gfr(49), Written), Some(Grade::B));
    }

    #[test]
    fn on_the_first_visit_absolute_thresholds_decide_and_pressure_cannot() {
        assert_eq!(first(&creatinine("131")), Some(Grade::B));
        assert_eq!(
            first(&Renal {
                gfr: Some(Decimal::whole(79)),
                ..QUIET
            }),
            Some(Grade::B)
        );
        assert_eq!(first(&day("1.2")), Some(Grade::B));
        assert_eq!(
            first(&Renal {
                active_sediment: Some(true),
                ..day("1.2")
            }),
            Some(Grade::A)
        );
        let pressed = Renal {
            systolic: Some(180),
            diastolic: Some(110),
            ..QUIET
        };
        assert_eq!(first(&pressed), None);
        assert_eq!(grade(&QUIET, &pressed, Written), Some(Grade::C));
    }

    #[test]
    fn the_dipstick_speaks_only_without_a_quantity() {
        let stick = |d| Renal {
            dipstick: Some(d),
            protein_24h: None,
            ..QUIET
        };
        assert!(stick(3).severe(Previous::Visit(&stick(1)), Written).proteinuria);
        assert_eq!(grade(&stick(1), &stick(2), Written), Some(Grade::B));
        assert_eq!(grade(&stick(0), &stick(1), Written), Some(Grade::C));
        assert_eq!(grade(&stick(2), &stick(2), Written), Some(Grade::C));
        let quantified = Renal {
            dipstick: Some(4),
            ..QUIET
        };
        assert_eq!(grade(&stick(0), &quantified, Written), None);
    }

    #[test]
    fn values_of_another_cause_do_not_count_and_impossible_ones_are_named() {
        let excused = Renal {
            other_cause: OtherCause {
                protein: true,
                ..OtherCause::default()
            },
            ..day("3")
        };
        assert_eq!(first(&excused), None);
        let all_excused = |r: Renal| Renal {
            other_cause: OtherCause {
                pressure: true,
                protein: true,
                function: true,
            },
            ..r
        };
        assert_eq!(first(&all_excused(creatinine("300"))), None);
        assert_eq!(
            first(&all_excused(Renal {
                gfr: Some(Decimal::whole(20)),
                ..QUIET
            })),
            None
        );
        assert_eq!(
            first(&all_excused(Renal {
                accelerated_hypertension: Some(true),
                ..QUIET
            })),
            None
        );
        let error = |r: Renal| {
            r.finding(Previous::FirstVisit, Written)
                .expect_err("impossible")
                .to_string()
        };
        assert!(
            error(Renal {
                diastolic: Some(130),
                ..QUIET
            })
            .contains("`diastolic`")
        );
        assert!(error(creatinine("0")).contains("`creatinine`"));
        assert!(
            error(Renal {
                dipstick: Some(5),
                ..QUIET
            })
            .contains("`dipstick`")
        );
    }
}
