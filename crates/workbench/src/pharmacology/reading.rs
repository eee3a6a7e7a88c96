//! What is read off a course: a trough, a day of return, the share of patients below a limit.

use serde::Deserialize;

/// How days and values of one patient become one number. Days count from the start of the course; `baseline` stands before any dose.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// The last value.
    Last,
    /// Mean of the values.
    Mean,
    /// The highest value.
    Highest,
    /// Area under the values by the trapezoidal rule, unit of the value times day.
    Area,
    /// Steady-state volume after this dose per kg, from the first two moments of the curve, mL/kg where values are in mg/L.
    SteadyStateVolume(f64),
    /// Half-life between the first and the last value, days.
    HalfLife,
    /// Change from baseline to the last value, percent of baseline.
    PercentChange,
    /// The last value, percent of baseline.
    PercentOfBaseline,
    /// The lowest value, percent of baseline.
    LowestPercent,
    /// Day of the highest value.
    DayOfHighest,
    /// Last day with a value above the limit.
    LastDayAbove(f64),
    /// Last day with a value above this share of the highest.
    LastDayAboveShare(f64),
    /// First day with a value below the limit.
    FirstDayBelow(f64),
    /// First day from which values stay at or above the limit; 0 if they never fell below.
    DayBack(f64),
    /// Number of days looked at with a value below the limit.
    DaysBelow(f64),
    /// Percent of patients with a value below the limit.
    PatientsBelow(f64),
    /// Percent of patients with every value below the limit.
    PatientsAllBelow(f64),
    /// Percent of patients whose last value is above the limit.
    PatientsAbove(f64),
}

impl Reading {
    /// True if the reading is 0 or 100 in a patient, so that the mean over patients is what a study reports.
    pub fn is_share(self) -> bool {
        matches!(
            self,
            Reading::PatientsBelow(_) | Reading::PatientsAllBelow(_) | Reading::PatientsAbove(_)
        )
    }

    /// One patient's number. `days` and `values` are of equal length, at least 1; NaN where the event never comes.
    pub fn of(self, baseline: f64, days: &[f64], values: &[f64]) -> f64 {
        let last = values[values.len() - 1];
        let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let day = |found: Option<usize>| found.map_or(f64::NAN, |k| days[k]);
        let percent = |holds: bool| if holds { 100.0 } else { 0.0 };
        match self {
            Reading::Last => last,
            Reading::Mean => values.iter().sum::<f64>() / values.len() as f64,
            Reading::Highest => highest,
            Reading::Area => area(days, values),
            Reading::SteadyStateVolume(dose) => {
                let moments: Vec<f64> = days.iter().zip(values).map(|(day, value)| day * value).collect();
                1000.0 * dose * area(days, &moments) / area(days, values).powi(2)
            }
            Reading::HalfLife => (days[days.len() - 1] - days[0]) * std::f64::consts::LN_2 / (values[0] / last).ln(),
            Reading::PercentChange => 100.0 * (last / baseline - 1.0),
            Reading::PercentOfBaseline => 100.0 * last / baseline,
            Reading::LowestPercent => 100.0 * lowest / baseline,
            Reading::DayOfHighest => day(values.iter().position(|&value| value >= highest)),
            Reading::LastDayAbove(limit) => day(values.iter().rposition(|&value| value > limit)),
            Reading::LastDayAboveShare(share) => day(values.iter().rposition(|&value| value > share * highest)),
            Reading::FirstDayBelow(limit) => day(values.iter().position(|&value| value < limit)),
            Reading::DayBack(limit) => match values.iter().rposition(|&value| value < limit) {
                None => 0.0,
                Some(k) => days.get(k + 1).copied().unwrap_or(f64::NAN),
            },
            Reading::DaysBelow(limit) => values.iter().filter(|&&value| value < limit).count() as f64,
            Reading::PatientsBelow(limit) => percent(lowest < limit),
            Reading::PatientsAllBelow(limit) => percent(highest < limit),
            Reading::PatientsAbove(limit) => percent(last > limit),
        }
    }
}

fn area(days: &[f64], values: &[f64]) -> f64 {
    let pairs = days.windows(2).zip(values.windows(2));
    pairs.map(|(d, v)| 0.5 * (v[0] + v[1]) * (d[1] - d[0])).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: [f64; 5] = [0.0, 1.0, 2.0, 3.0, 4.0];

    #[test]
    fn a_return_is_the_first_day_from_which_values_stay() {
        let back = |values: [f64; 5]| Reading::DayBack(0.5).of(1.0, &DAYS, &values);
        assert_eq!(back([1.0, 0.1, 0.6, 0.2, 0.7]), 4.0);
        assert_eq!(back([1.0, 0.9, 0.8, 0.7, 0.6]), 0.0);
        assert!(back([1.0, 0.1, 0.1, 0.1, 0.1]).is_nan());
    }

    #[test]
    fn levels_are_read_as_their_names_say() {
        let values = [8.0, 4.0, 2.0, 1.0, 0.5];
        assert_eq!(Reading::HalfLife.of(1.0, &DAYS, &values), 1.0);
        assert_eq!(Reading::Area.of(1.0, &DAYS, &values), 6.0 + 3.0 + 1.5 + 0.75);
        // One compartment of 2 L/kg emptied at 1 a day: after 8 mg/kg the moments are 4 and 4, so 8 * 4 / 16 L.
        let fine: Vec<f64> = (0..4000).map(|k| f64::from(k) * 0.01).collect();
        let curve: Vec<f64> = fine.iter().map(|day| 4.0 * (-day).exp()).collect();
        assert!((Reading::SteadyStateVolume(8.0).of(0.0, &fine, &curve) - 2000.0).abs() < 1.0);
        assert_eq!(Reading::LastDayAbove(1.5).of(1.0, &DAYS, &values), 2.0);
        assert_eq!(Reading::LastDayAboveShare(0.1).of(1.0, &DAYS, &values), 3.0);
        assert_eq!(Reading::PercentChange.of(2.0, &DAYS, &values), -75.0);
        assert_eq!(Reading::DayOfHighest.of(1.0, &DAYS, &values), 0.0);
    }

    #[test]
    fn patients_count_as_nothing_or_everything() {
        let values = [0.3, 0.2, 0.4, 0.2, 0.6];
        assert_eq!(Reading::PatientsBelow(0.25).of(1.0, &DAYS, &values), 100.0);
        assert_eq!(Reading::PatientsAllBelow(0.5).of(1.0, &DAYS, &values), 0.0);
        assert_eq!(Reading::PatientsAbove(0.5).of(1.0, &DAYS, &values), 100.0);
    }
}
