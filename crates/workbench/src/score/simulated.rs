//! What simulated trials of one protocol say about every number the real one published.

use std::collections::BTreeMap;

use malar_evidence::Published;
use malar_stats::descriptive::mean;
use malar_stats::distribution::normal_quantile;
use malar_trial::results::{Labels, Replicate};

use super::ledger::RowStatus;
use crate::posterior::REPLICATES_PER_MEMBER;
use crate::run::Prepared;

/// Endpoint, week (as ordered bits; weeks are never negative), population, arm.
pub(super) type Key = (u16, u64, u16, u16);

/// A rate of one arm in one replicate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// Percent, or events per patient-year.
    pub value: f64,
    /// Patients, or patient-years.
    pub n: f64,
}

/// All replicates of one protocol.
pub(super) struct Simulated {
    /// Id of the protocol.
    pub id: String,
    pub labels: Labels,
    pub published: Published,
    pub status: RowStatus,
    /// Fitted trials that report some of this trial's patients.
    pub shares_patients_with: Vec<String>,
    /// Therapies of each arm, in words, by arm index.
    pub therapies: Vec<String>,
    /// Arms that rest on a weakly supported therapy.
    pub weak_arms: Vec<String>,
    pub rates: BTreeMap<Key, Vec<Rate>>,
    /// Arms compared, arm and control.
    pub comparisons: Vec<(u16, u16)>,
    pub failed_patients: u32,
    /// Replicates in a row that share a member of a posterior; none without one.
    pub per_member: Option<usize>,
}

impl Simulated {
    pub fn new(prepared: &Prepared, published: Published, status: RowStatus) -> Simulated {
        let labels = prepared.simulation.labels().clone();
        let about = &prepared.about;
        let therapy = |arm: &String| {
            let found = about.arms.iter().find(|(id, _)| id == arm);
            found.map_or_else(String::new, |(_, therapies)| therapies.clone())
        };
        Simulated {
            id: prepared.manifest.study.clone(),
            therapies: labels.arms.iter().map(therapy).collect(),
            labels,
            status: if about.calibrated_on.contains(&published.id) {
                RowStatus::Fitted
            } else {
                status
            },
            shares_patients_with: about.shares_patients_with.clone(),
            weak_arms: about.weak_arms.clone(),
            published,
            rates: BTreeMap::new(),
            comparisons: Vec::new(),
            failed_patients: 0,
            per_member: about.posterior.as_ref().map(|_| REPLICATES_PER_MEMBER as usize),
        }
    }

    /// Takes in the next replicate.
    pub fn add(&mut self, replicate: &Replicate) {
        for row in &replicate.endpoints {
            let key = (row.endpoint, row.week.to_bits(), row.population, row.arm);
            let rate = Rate {
                value: row.value,
                n: row.n,
            };
            self.rates.entry(key).or_default().push(rate);
        }
        for row in &replicate.estimates {
            if !self.comparisons.contains(&(row.arm, row.control)) {
                self.comparisons.push((row.arm, row.control));
            }
        }
        self.failed_patients += replicate.patients.iter().filter(|p| !p.failure.is_empty()).count() as u32;
    }

    /// True if an arm gives one of `therapies`.
    pub fn gives(&self, therapies: &[String]) -> bool {
        let given = |words: &String| {
            words
                .split('+')
                .any(|own| therapies.iter().any(|therapy| therapy == own))
        };
        self.therapies.iter().any(given)
    }

    /// True if the endpoint is a percentage of patients.
    pub fn is_percent(&self, key: Key) -> bool {
        self.labels.endpoint_units[usize::from(key.0)] == "percent"
    }

    /// Values of one arm, one per replicate, each replicate with its own draw of the between-trial `deviation` (log odds).
    ///
    /// The draws are the same for every arm and endpoint of a replicate: what shifts a trial shifts all its arms.
    pub fn predictive(&self, key: Key, deviation: f64) -> Vec<f64> {
        let rates = &self.rates[&key];
        if !self.is_percent(key) {
            return rates.iter().map(|rate| rate.value).collect();
        }
        let shifted = |(index, rate): (usize, &Rate)| shifted(*rate, deviation * normal_score(index));
        rates.iter().enumerate().map(shifted).collect()
    }
}

/// A percentage moved by `shift` on the log-odds scale; 0 and 100 percent count as half a patient.
fn shifted(rate: Rate, shift: f64) -> f64 {
    if !rate.value.is_finite() || shift == 0.0 {
        return rate.value;
    }
    100.0 / (1.0 + (-log_odds(rate.value, rate.n) - shift).exp())
}

/// Log odds of a percentage of `n` patients; at the ends as if half a patient had answered otherwise.
fn log_odds(percent: f64, n: f64) -> f64 {
    let least = 0.5 / n.max(1.0);
    let p = (percent / 100.0).clamp(least, 1.0 - least);
    (p / (1.0 - p)).ln()
}

/// The `index`-th of a sequence that covers the standard normal distribution evenly: the golden-ratio sequence, inverted.
/// Replicates are independent draws, so any fixed sequence is independent of them.
fn normal_score(index: usize) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    normal_quantile(((index as f64 + 0.5) * GOLDEN).fract())
}

/// Standard deviation between published and simulated responses of fitted trials beyond sampling, log odds.
///
/// Mean over trials of the mean over their arms and endpoints of squared residual minus sampling variance, not below zero
/// (a method of moments; every trial weighs the same, so that none dominates). It holds differences between trials and what the
/// model gets wrong. Zero without fitted trials.
pub(super) fn deviation(trials: &[Simulated]) -> f64 {
    let fitted = trials.iter().filter(|trial| trial.status == RowStatus::Fitted);
    let per_trial: Vec<f64> = fitted.filter_map(|trial| mean(&excess_squares(trial))).collect();
    mean(&per_trial).unwrap_or(0.0).max(0.0).sqrt()
}

/// Squared residual minus sampling variance for every published percentage in all patients.
fn excess_squares(trial: &Simulated) -> Vec<f64> {
    let of_rate = |(key, rates): (&Key, &Vec<Rate>)| {
        let (endpoint, week, population, arm) = *key;
        if population != 0 || !trial.is_percent(*key) {
            return None;
        }
        let outcome = trial.published.arm_result(
            &trial.labels.arms[usize::from(arm)],
            &trial.labels.published_as[usize::from(endpoint)],
            f64::from_bits(week),
            "all",
        )?;
        let count = trial.published.count(outcome)?;
        let n = f64::from(count.n);
        let values: Vec<f64> = rates.iter().map(|rate| rate.value).collect();
        let residual = log_odds(outcome.value?, n) - log_odds(mean(&values)?, n * values.len() as f64);
        let events = f64::from(count.responders) + 0.5;
        let variance = 1.0 / events + 1.0 / (n + 1.0 - events);
        Some(residual * residual - variance)
    };
    trial.rates.iter().filter_map(of_rate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_have_mean_zero_and_variance_one() {
        let scores: Vec<f64> = (0..4000).map(normal_score).collect();
        let average = mean(&scores).expect("not empty");
        let variance = scores.iter().map(|z| z * z).sum::<f64>() / 4000.0;
        // The sequence covers 0..1 with gaps of order 1/n; tails beyond 1/n are cut, of order log(n)/n in the variance.
        assert!(
            average.abs() < 0.01 && (variance - 1.0).abs() < 0.02,
            "{average} {variance}"
        );
    }

    #[test]
    fn shift_moves_log_odds_and_never_leaves_the_scale() {
        let half = Rate { value: 50.0, n: 100.0 };
        assert!((shifted(half, 1.0) - 100.0 / (1.0 + (-1.0_f64).exp())).abs() < 1e-12);
        let none = Rate { value: 0.0, n: 20.0 };
        assert!(shifted(none, 0.0) == 0.0 && shifted(none, 3.0) > 0.0 && shifted(none, 3.0) < 100.0);
    }
}
