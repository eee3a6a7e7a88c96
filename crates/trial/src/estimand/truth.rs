//! What an estimator should have found: the summary measure over potential courses of the same patients.

use malar_stats::cox::{Ties, cox};
use malar_stats::matrix::Matrix;
use malar_stats::survival::{Observation, kaplan_meier};

use super::reading::Value;
use super::{Estimand, Measure, Variable};
use crate::analysis::Subject;
use crate::endpoint::Endpoint;

/// Courses of all patients under two arms, in the same order and in the same world.
pub(crate) struct Potential<'a> {
    pub treated: &'a [Subject],
    pub control: &'a [Subject],
    pub endpoints: &'a [Endpoint],
}

/// The truth in one group of patients, and what it compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Truth {
    /// Summary measure; ratios as their logarithm.
    pub value: f64,
    /// Under the treatment: percent, mean change, events per year, or mean event-free weeks.
    pub treated: f64,
    /// Under the control.
    pub control: f64,
    /// Patients it rests on.
    pub patients: u32,
}

/// The truth among these patients; `None` if nobody is concerned or the measure is undefined.
pub(crate) fn truth(estimand: &Estimand, potential: &Potential<'_>) -> Option<Truth> {
    match estimand.variable {
        Variable::Response(k) => {
            let endpoint = &potential.endpoints[k];
            let share = |s: &Subject| match estimand.response(s, endpoint) {
                Value::Seen(responds) => Value::Seen(100.0 * f64::from(u8::from(responds))),
                Value::Missing => Value::Missing,
                Value::Excluded => Value::Excluded,
            };
            difference_of_means(&pairs(estimand, potential, share))
        }
        Variable::Change(variable) => {
            let week = estimand.week();
            difference_of_means(&pairs(estimand, potential, |s| estimand.change(s, variable, week)))
        }
        Variable::Score(k) => {
            let endpoint = &potential.endpoints[k];
            difference_of_means(&pairs(estimand, potential, |s| estimand.score(s, endpoint)))
        }
        Variable::Count(k) => {
            let tallies = pairs(estimand, potential, |s| estimand.tally(s, &potential.endpoints[k]));
            let rate = |tallies: &mut dyn Iterator<Item = malar_stats::negative_binomial::Tally>| {
                let (events, years) = tallies.fold((0.0, 0.0), |(e, y), t| (e + f64::from(t.events), y + t.exposure));
                events / years
            };
            let treated = rate(&mut tallies.iter().map(|pair| pair.1));
            let control = rate(&mut tallies.iter().map(|pair| pair.2));
            let value = libm_ln(treated / control);
            finite(value, treated, control, tallies.len())
        }
        Variable::TimeTo(k) => {
            let times = pairs(estimand, potential, |s| estimand.time(s, &potential.endpoints[k]));
            time(estimand, &times)
        }
    }
}

/// Stratum and both values of every patient concerned in whom both are seen.
fn pairs<T>(
    estimand: &Estimand,
    potential: &Potential<'_>,
    value: impl Fn(&Subject) -> Value<T>,
) -> Vec<(usize, T, T)> {
    let both = potential.treated.iter().zip(potential.control);
    both.filter(|(treated, _)| estimand.concerns(treated, potential.endpoints))
        .filter_map(|(treated, control)| {
            let (one, other) = (value(treated).seen()?, value(control).seen()?);
            Some((usize::from(treated.stratum), one, other))
        })
        .collect()
}

fn difference_of_means(pairs: &[(usize, f64, f64)]) -> Option<Truth> {
    let n = pairs.len() as f64;
    let treated = pairs.iter().map(|p| p.1).sum::<f64>() / n;
    let control = pairs.iter().map(|p| p.2).sum::<f64>() / n;
    finite(treated - control, treated, control, pairs.len())
}

/// Hazard ratio or difference of restricted means with everybody in both arms and nobody lost.
fn time(estimand: &Estimand, pairs: &[(usize, Observation, Observation)]) -> Option<Truth> {
    let mean = |of: fn(&(usize, Observation, Observation)) -> Observation| {
        let observations: Vec<Observation> = pairs.iter().map(of).collect();
        Some(kaplan_meier(&observations, 0.95)?.restricted_mean(estimand.week())?.0)
    };
    let (treated, control) = (mean(|p| p.1)?, mean(|p| p.2)?);
    if estimand.measure == Measure::RestrictedMeanDifference {
        return finite(treated - control, treated, control, pairs.len());
    }
    let mut rows = Vec::new();
    let (mut observations, mut strata) = (Vec::new(), Vec::new());
    for &(stratum, one, other) in pairs {
        rows.extend([[1.0], [0.0]]);
        observations.extend([one, other]);
        strata.extend([stratum, stratum]);
    }
    let fit = cox(&Matrix::from_rows(&rows), &observations, &strata, Ties::Efron).ok()?;
    finite(fit.coefficients[0], treated, control, pairs.len())
}

fn finite(value: f64, treated: f64, control: f64, patients: usize) -> Option<Truth> {
    value.is_finite().then_some(Truth {
        value,
        treated,
        control,
        patients: patients as u32,
    })
}

fn libm_ln(x: f64) -> f64 {
    malar_solver::math::ln(x)
}
