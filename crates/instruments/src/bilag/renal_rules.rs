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
mod tests;
