//! Replicates of several protocols as if they were one trial.

use std::collections::{BTreeMap, BTreeSet};

use malar_stats::descriptive::{mean, quantile};
use malar_trial::results::{Labels, Replicate};
use serde::Serialize;

/// Endpoint, week (as ordered bits; weeks are never negative), population, arm.
type Key = (String, u64, String, String);

/// A number over simulated trials.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Mean.
    pub mean: f64,
    /// 5 % quantile.
    pub low90: f64,
    /// 95 % quantile.
    pub high90: f64,
}

impl Interval {
    /// None without a finite value.
    fn of(values: impl Iterator<Item = f64>) -> Option<Interval> {
        let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        Some(Interval {
            mean: mean(&values)?,
            low90: quantile(&values, 0.05)?,
            high90: quantile(&values, 0.95)?,
        })
    }

    /// True if `value` lies in the middle 90 %.
    pub fn holds(&self, value: f64) -> bool {
        (self.low90..=self.high90).contains(&value)
    }
}

/// Events (times 100 for percentages) and patients (or patient-years) of one replicate.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    events: f64,
    n: f64,
}

/// What pooled replicates say about every arm.
#[derive(Default)]
pub(super) struct Pooled {
    tallies: BTreeMap<Key, Vec<Tally>>,
    units: BTreeMap<String, String>,
    /// Arms that rest on a weakly supported therapy.
    pub weak_arms: BTreeSet<String>,
}

impl Pooled {
    /// Adds a replicate of one of the protocols to the pooled trial of the same number.
    pub fn add(&mut self, labels: &Labels, replicate: &Replicate) {
        let place = replicate.index as usize;
        for row in replicate.endpoints.iter().filter(|row| row.n > 0.0) {
            let endpoint = &labels.endpoints[usize::from(row.endpoint)];
            let unit = &labels.endpoint_units[usize::from(row.endpoint)];
            self.units.entry(endpoint.clone()).or_insert_with(|| unit.clone());
            let population = labels.populations[usize::from(row.population)].clone();
            let arm = labels.arms[usize::from(row.arm)].clone();
            let key = (endpoint.clone(), row.week.to_bits(), population, arm);
            let tallies = self.tallies.entry(key).or_default();
            tallies.resize(tallies.len().max(place + 1), Tally::default());
            tallies[place].events += row.value * row.n;
            tallies[place].n += row.n;
        }
    }

    /// Unit of an endpoint; none if no protocol has it.
    pub fn unit(&self, endpoint: &str) -> Option<&str> {
        self.units.get(endpoint).map(String::as_str)
    }

    /// Rate of an arm in every pooled trial; NaN where it had no patient.
    fn rates(&self, endpoint: &str, week: f64, population: &str, arm: &str) -> Option<Vec<f64>> {
        let key = (
            endpoint.to_owned(),
            week.to_bits(),
            population.to_owned(),
            arm.to_owned(),
        );
        let tallies = self.tallies.get(&key)?;
        Some(tallies.iter().map(|tally| tally.events / tally.n).collect())
    }

    /// Mean rate of an arm.
    pub fn rate(&self, endpoint: &str, week: f64, population: &str, arm: &str) -> Option<f64> {
        let rates = self.rates(endpoint, week, population, arm)?;
        Some(Interval::of(rates.into_iter())?.mean)
    }

    /// Arm minus control in every pooled trial.
    fn differences(&self, endpoint: &str, week: f64, population: &str, arms: [&str; 2]) -> Option<Vec<f64>> {
        let [arm, control] = arms.map(|arm| self.rates(endpoint, week, population, arm));
        Some(arm?.iter().zip(&control?).map(|(a, b)| a - b).collect())
    }

    /// Arm minus control over trials.
    pub fn difference(&self, endpoint: &str, week: f64, population: &str, arms: [&str; 2]) -> Option<Interval> {
        Interval::of(self.differences(endpoint, week, population, arms)?.into_iter())
    }

    /// How much more the arm gains over control in the first population than in the second, over trials.
    pub fn interaction(&self, endpoint: &str, week: f64, populations: [&str; 2], arms: [&str; 2]) -> Option<Interval> {
        let [first, second] = populations.map(|population| self.differences(endpoint, week, population, arms));
        Interval::of(first?.iter().zip(&second?).map(|(a, b)| a - b))
    }
}
