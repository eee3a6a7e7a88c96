//! Numbers a population can be fitted to or a prediction scored against: percentages of patients with an event.

use crate::library::Library;
use crate::lookup::Denominator;
use crate::published::{Kind, Outcome, Published};
use crate::split::{Part, Split};

/// One published percentage.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Trial id.
    pub trial: String,
    /// Arm id.
    pub arm: String,
    /// Endpoint id.
    pub endpoint: String,
    /// Weeks since the first dose.
    pub week: f64,
    /// Patients it is about.
    pub population: String,
    /// Percent of patients, 0 to 100.
    pub value: f64,
    /// Standard error of `value`, percentage points, above zero.
    pub standard_error: f64,
    /// Patients behind it.
    pub n: u32,
    /// Where `n` comes from.
    pub denominator: Denominator,
    /// Trials of the check part that share patients with this one: fitting it would let a prediction see its answer.
    pub shared_with_check: Vec<String>,
}

/// Verified percentages of the arms of one part's trials, sorted by trial, then as in its file.
///
/// Outcomes without a week, without any number of patients, or of several arms at once are left out.
pub fn targets(library: &Library, split: &Split, part: Part) -> Vec<Target> {
    let trials = split.ids(part).filter_map(|id| library.get(id));
    trials.flat_map(|trial| of_trial(split, trial)).collect()
}

fn of_trial(split: &Split, trial: &Published) -> Vec<Target> {
    let shared: Vec<String> = split.leaks(trial).map(str::to_owned).collect();
    let target = |outcome: &Outcome| {
        trial.arm(&outcome.arm)?;
        let (n, denominator) = trial.denominator(outcome)?;
        let value = outcome.value?;
        Some(Target {
            trial: trial.id.clone(),
            arm: outcome.arm.clone(),
            endpoint: outcome.endpoint.clone(),
            week: outcome.week?,
            population: outcome.population.clone(),
            value,
            standard_error: standard_error(value, n),
            n,
            denominator,
            shared_with_check: shared.clone(),
        })
    };
    trial
        .results()
        .filter(|outcome| outcome.kind == Kind::Binary)
        .filter_map(target)
        .collect()
}

/// Standard error of a percentage, percentage points: standard deviation of the beta posterior under Jeffreys' prior.
///
/// Unlike the binomial formula it is above zero at 0 and 100 percent, where a fit would otherwise divide by zero.
fn standard_error(percent: f64, n: u32) -> f64 {
    let n = f64::from(n);
    let a = percent / 100.0 * n + 0.5;
    let b = n + 1.0 - a;
    100.0 * (a * b / ((n + 1.0).powi(2) * (n + 2.0))).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_error_is_binomial_for_many_patients_and_positive_without_events() {
        let binomial = 100.0 * (0.313 * 0.687 / 182.0_f64).sqrt();
        assert!((standard_error(31.3, 182) - binomial).abs() < 0.02);
        assert!(standard_error(0.0, 20) > 1.0 && standard_error(100.0, 20) > 1.0);
    }
}
