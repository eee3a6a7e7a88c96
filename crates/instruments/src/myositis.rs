//! Total improvement score (TIS) of myositis, ACR/EULAR 2016, for basket trials.
//!
//! Six core set measures; the absolute percentage change of each (change over the range of the measure) earns points by
//! steps, 0–100 in all; 20, 40 and 60 points are minimal, moderate and major improvement in adults (Aggarwal 2017,
//! doi:10.1136/annrheumdis-2017-211400). **The points are unverified**, from memory; that they add up to 100 is the
//! only check we have. So they are an argument; [`UNVERIFIED_2016`] is what we remember. Terms of use: published
//! criteria, free; the official calculator is at niehs.nih.gov.

use crate::decimal::Decimal;
use crate::error::ItemError;

const INSTRUMENT: &str = "TIS";

/// Steps of one measure: improvement above `above` per cent of the range earns `points`; steps in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Measure, used in errors.
    pub measure: &'static str,
    /// Pairs of percentage and points.
    pub steps: [(i64, Decimal); 4],
}

/// The six measures, in the order of [`Change`] values.
pub const MEASURES: [&str; 6] = [
    "physician_global",
    "patient_global",
    "muscle_strength",
    "disability",
    "enzyme",
    "extramuscular",
];

const fn steps(measure: &'static str, bounds: [i64; 4], tenths: [i64; 4]) -> Steps {
    let [a, b, c, d] = tenths;
    Steps {
        measure,
        steps: [
            (bounds[0], Decimal::tenths(a)),
            (bounds[1], Decimal::tenths(b)),
            (bounds[2], Decimal::tenths(c)),
            (bounds[3], Decimal::tenths(d)),
        ],
    }
}

/// Points as remembered. Unverified.
pub const UNVERIFIED_2016: [Steps; 6] = [
    steps(MEASURES[0], [5, 15, 25, 40], [75, 150, 175, 200]),
    steps(MEASURES[1], [5, 15, 25, 40], [25, 50, 75, 100]),
    steps(MEASURES[2], [2, 10, 20, 30], [100, 200, 275, 325]),
    steps(MEASURES[3], [5, 15, 25, 40], [50, 75, 75, 100]),
    steps(MEASURES[4], [5, 15, 25, 40], [25, 50, 75, 75]),
    steps(MEASURES[5], [5, 15, 25, 40], [75, 125, 150, 200]),
];

/// A measure at baseline and now, with its range; `rising` if more is better, as for muscle strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// At baseline.
    pub before: Decimal,
    /// Now.
    pub now: Decimal,
    /// Width of the range, same unit: 10 for scales of 10 cm, 3 for HAQ, the maximum of the strength test, for enzymes
    /// four times the upper limit of normal (unverified).
    pub range: Decimal,
    /// More is better.
    pub rising: bool,
}

impl Change {
    fn improvement(&self) -> Decimal {
        if self.rising {
            self.now - self.before
        } else {
            self.before - self.now
        }
    }
}

/// Total improvement score, 0–100, of the measures in the order of [`MEASURES`]. Fails, naming it, on a measure that
/// was not assessed or has no range.
pub fn total(points: &[Steps; 6], measures: &[Option<Change>; 6]) -> Result<Decimal, ItemError> {
    let mut total = Decimal::ZERO;
    for (steps, change) in points.iter().zip(measures) {
        let item = steps.measure;
        let instrument = INSTRUMENT;
        let change = change.ok_or(ItemError::NotAssessed { instrument, item })?;
        if change.range <= Decimal::ZERO {
            let conflict = "has no range to relate its change to";
            return Err(ItemError::Impossible {
                instrument,
                item,
                conflict,
            });
        }
        let reached = |step: &&(i64, Decimal)| change.improvement().above_percent_of(step.0, change.range);
        total = total
            + steps
                .steps
                .iter()
                .rev()
                .find(reached)
                .map_or(Decimal::ZERO, |step| step.1);
    }
    Ok(total)
}

/// Improvement of an adult by the total score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Improvement {
    /// Below 20.
    None,
    /// 20 or more.
    Minimal,
    /// 40 or more.
    Moderate,
    /// 60 or more.
    Major,
}

impl Improvement {
    /// Improvement of a total.
    pub fn of(total: Decimal) -> Improvement {
        let reached = |points| total >= Decimal::whole(points);
        match (reached(60), reached(40), reached(20)) {
            (true, _, _) => Improvement::Major,
            (_, true, _) => Improvement::Moderate,
            (_, _, true) => Improvement::Minimal,
            _ => Improvement::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: i64, now: i64, range: i64, rising: bool) -> Option<Change> {
        let [before, now, range] = [before, now, range].map(Decimal::whole);
        Some(Change {
            before,
            now,
            range,
            rising,
        })
    }

    #[test]
    fn full_improvement_is_100_and_worsening_costs_nothing() {
        let best = change(100, 0, 100, false);
        let strength = change(0, 100, 100, true);
        let all = [best, best, strength, best, best, best];
        assert_eq!(total(&UNVERIFIED_2016, &all), Ok(Decimal::whole(100)));
        let worse = change(0, 100, 100, false);
        assert_eq!(
            total(
                &UNVERIFIED_2016,
                &[worse, worse, change(100, 0, 100, true), worse, worse, worse]
            ),
            Ok(Decimal::ZERO)
        );
    }

    #[test]
    fn steps_are_strict_below() {
        let none = change(50, 50, 100, false);
        let physician = |now| {
            total(
                &UNVERIFIED_2016,
                &[change(50, now, 100, false), none, none, none, none, none],
            )
        };
        assert_eq!(physician(45), Ok(Decimal::ZERO), "exactly 5 %");
        assert_eq!(physician(44), Ok(Decimal::tenths(75)));
        assert_eq!(physician(35), Ok(Decimal::tenths(75)));
        assert_eq!(physician(9), Ok(Decimal::whole(20)));
    }

    #[test]
    fn gaps_and_empty_ranges_are_named() {
        let none = change(50, 50, 100, false);
        let error = |m| total(&UNVERIFIED_2016, &m).expect_err("wrong").to_string();
        assert!(error([none, None, none, none, none, none]).contains("`patient_global`"));
        assert!(error([change(1, 1, 0, false), none, none, none, none, none]).contains("`physician_global`"));
    }

    #[test]
    fn improvement_begins_at_twenty() {
        let of = |tenths| Improvement::of(Decimal::tenths(tenths));
        assert_eq!([199, 200, 400, 600].map(of).map(|i| i as u8), [0, 1, 2, 3]);
    }
}
