//! Daily glucocorticoid doses and the rules trials put on them.
//!
//! Doses are prednisone-equivalents in mg/day, oral; pulses count as rescue, not as daily dose (unverified). Rules use
//! the maximum in a window; the mean is for sensitivity analyses. Days count from randomisation, week *w* begins on day
//! 7 *w*.

use crate::decimal::Decimal;
use crate::error::{ItemError, plausible};

const INSTRUMENT: &str = "glucocorticoid dose";

/// Days of a window, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First day.
    pub first: i32,
    /// Last day.
    pub last: i32,
}

impl Window {
    /// From the first day of one week to the first day of another.
    pub const fn weeks(first: i32, last: i32) -> Window {
        Window {
            first: 7 * first,
            last: 7 * last,
        }
    }
}

/// Dose on each day from `first_day` on; `None` is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DailyDoses {
    first_day: i32,
    doses: Vec<Option<Decimal>>,
}

/// How far doses exceeded a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excess {
    /// Days above the limit.
    pub days: u32,
    /// Longest run of consecutive days above it.
    pub longest_run: u32,
}

impl DailyDoses {
    /// Fails on a dose below 0 or above 5000 mg.
    pub fn new(first_day: i32, doses: Vec<Option<Decimal>>) -> Result<DailyDoses, ItemError> {
        for &dose in &doses {
            plausible(INSTRUMENT, &[("dose", dose, 5_000)])?;
        }
        Ok(DailyDoses { first_day, doses })
    }

    /// Dose on a day.
    pub fn on(&self, day: i32) -> Option<Decimal> {
        let position = usize::try_from(day.checked_sub(self.first_day)?).ok()?;
        self.doses.get(position).copied().flatten()
    }

    /// Largest dose in a window. Fails if a day of it is not known.
    pub fn maximum(&self, window: Window) -> Result<Decimal, ItemError> {
        let mut largest = Decimal::ZERO;
        for day in window.first..=window.last {
            largest = largest.max(self.on(day).ok_or(NOT_KNOWN)?);
        }
        Ok(largest)
    }

    /// Mean dose in a window, to the nearest 0.001 mg. Fails if a day of it is not known or the window is empty.
    pub fn mean(&self, window: Window) -> Result<Decimal, ItemError> {
        let mut sum = 0;
        for day in window.first..=window.last {
            sum += self.on(day).ok_or(NOT_KNOWN)?.in_thousandths();
        }
        let days = i64::from(window.last) - i64::from(window.first) + 1;
        if days < 1 {
            return Err(NOT_KNOWN);
        }
        Ok(Decimal::thousandths((sum + days / 2) / days))
    }

    /// True if no dose of the window is above the limit. One known dose above it decides; otherwise a day that is not
    /// known fails.
    pub fn stays_at_most(&self, limit: Decimal, window: Window) -> Result<bool, ItemError> {
        let mut known = true;
        for day in window.first..=window.last {
            match self.on(day) {
                Some(dose) if dose > limit => return Ok(false),
                Some(_) => {}
                None => known = false,
            }
        }
        if known { Ok(true) } else { Err(NOT_KNOWN) }
    }

    /// Days above a limit in a window. Fails if a day of it is not known.
    pub fn excess(&self, limit: Decimal, window: Window) -> Result<Excess, ItemError> {
        let mut excess = Excess::default();
        let mut run = 0;
        for day in window.first..=window.last {
            run = if self.on(day).ok_or(NOT_KNOWN)? > limit {
                run + 1
            } else {
                0
            };
            excess.days += u32::from(run > 0);
            excess.longest_run = excess.longest_run.max(run);
        }
        Ok(excess)
    }

    /// Sustained taper of the TULIP trials: at most 7.5 mg/day from week 40 through week 52 (verified). `None` below 10
    /// mg/day at baseline: not in the denominator.
    pub fn tulip_taper(&self, baseline: Decimal) -> Result<Option<bool>, ItemError> {
        if baseline < Decimal::whole(10) {
            return Ok(None);
        }
        self.stays_at_most(Decimal::tenths(75), Window::weeks(40, 52)).map(Some)
    }

    /// Reduction of the BLISS trials: by at least 25 % to at most 7.5 mg/day during weeks 40–52 (verified). `None` at
    /// 7.5 mg/day or less at baseline.
    pub fn bliss_reduction(&self, baseline: Decimal) -> Result<Option<bool>, ItemError> {
        let limit = Decimal::tenths(75);
        if baseline <= limit {
            return Ok(None);
        }
        let three_quarters = Decimal::thousandths(baseline.in_thousandths() * 3 / 4);
        self.stays_at_most(limit.min(three_quarters), Window::weeks(40, 52))
            .map(Some)
    }

    /// Steroid rule of AURORA 1's complete response: in weeks 44–52 not above 10 mg/day on 3 consecutive days or on 7
    /// days in all (verified).
    pub fn aurora_rule(&self) -> Result<bool, ItemError> {
        let excess = self.excess(Decimal::whole(10), Window::weeks(44, 52))?;
        Ok(excess.longest_run < 3 && excess.days < 7)
    }
}

const NOT_KNOWN: ItemError = ItemError::NotAssessed {
    instrument: INSTRUMENT,
    item: "dose",
};

#[cfg(test)]
mod tests {
    use super::*;

    /// 10 mg/day for a year, with changes.
    fn year(changes: &[(i32, i64)]) -> DailyDoses {
        let mut doses = vec![Some(Decimal::whole(10)); 366];
        for &(from, tenths) in changes {
            doses[from as usize..].fill(Some(Decimal::tenths(tenths)));
        }
        DailyDoses::new(0, doses).expect("possible doses")
    }

    #[test]
    fn a_taper_must_hold_from_week_40_to_52() {
        let ten = Decimal::whole(10);
        assert_eq!(year(&[(280, 75)]).tulip_taper(ten), Ok(Some(true)));
        assert_eq!(year(&[(281, 75)]).tulip_taper(ten), Ok(Some(false)), "a day late");
        assert_eq!(
            year(&[(100, 75), (350, 80), (351, 75)]).tulip_taper(ten),
            Ok(Some(false)),
            "one day above"
        );
        assert_eq!(
            year(&[(280, 75)]).tulip_taper(Decimal::tenths(99)),
            Ok(None),
            "not in the denominator"
        );
    }

    #[test]
    fn the_bliss_reduction_asks_for_a_quarter_and_for_seven_and_a_half() {
        let from = |baseline_tenths, dose| year(&[(280, dose)]).bliss_reduction(Decimal::tenths(baseline_tenths));
        assert_eq!(from(100, 75), Ok(Some(true)));
        assert_eq!(from(80, 60), Ok(Some(true)));
        assert_eq!(from(80, 70), Ok(Some(false)), "by less than a quarter");
        assert_eq!(from(75, 0), Ok(None));
    }

    #[test]
    fn aurora_allows_two_days_in_a_row_and_six_in_all() {
        let above = |days: &[i32]| {
            let mut doses = year(&[]);
            for &day in days {
                doses.doses[day as usize] = Some(Decimal::whole(15));
            }
            doses.aurora_rule().expect("known")
        };
        assert!(above(&[310, 311, 320, 321, 330, 331]));
        assert!(!above(&[310, 311, 312]));
        assert!(!above(&[310, 312, 314, 316, 318, 320, 322]));
        assert!(!above(&[310, 311, 320, 321, 330, 331, 340]), "seven days in pairs");
        assert!(above(&[300, 301, 302, 303]), "before week 44");
    }

    #[test]
    fn a_day_that_is_not_known_bars_yes_but_not_no() {
        let mut doses = year(&[(280, 50)]);
        doses.doses[300] = None;
        assert!(doses.stays_at_most(Decimal::tenths(75), Window::weeks(40, 52)).is_err());
        doses.doses[310] = Some(Decimal::whole(20));
        assert_eq!(
            doses.stays_at_most(Decimal::tenths(75), Window::weeks(40, 52)),
            Ok(false)
        );
        assert!(doses.maximum(Window::weeks(0, 60)).is_err(), "beyond the record");
    }

    #[test]
    fn means_round_and_impossible_doses_are_refused() {
        let doses = DailyDoses::new(
            0,
            vec![
                Some(Decimal::whole(5)),
                Some(Decimal::whole(5)),
                Some(Decimal::whole(10)),
            ],
        );
        let mean = doses.expect("possible").mean(Window { first: 0, last: 2 });
        assert_eq!(mean, Ok(Decimal::thousandths(6667)));
        assert!(DailyDoses::new(0, vec![Some(Decimal::whole(-1))]).is_err());
    }
}
