//! How much of a response is the trial itself: the same patients with and without the fading trial effect.

use malar_trial::results::{Labels, Replicate};

use crate::summary::TrialEffectSummary;

/// Sums over the replicates that were run both ways. Rows stand in the same order in every replicate of a trial.
#[derive(Default)]
pub struct TrialEffect {
    with: Vec<f64>,
    without: Vec<f64>,
    rows: Vec<Row>,
    pairs: u32,
}

#[derive(Clone, Copy)]
struct Row {
    arm: u16,
    endpoint: u16,
    week: f64,
}

impl TrialEffect {
    /// A replicate as it is.
    pub fn add_with(&mut self, replicate: &Replicate) {
        Self::sum(&mut self.with, replicate);
    }

    /// The same replicate with a trial effect that does not fade.
    pub fn add_without(&mut self, replicate: &Replicate) {
        if self.rows.is_empty() {
            let row = |r: &malar_trial::results::EndpointRow| Row {
                arm: r.arm,
                endpoint: r.endpoint,
                week: r.week,
            };
            self.rows = replicate
                .endpoints
                .iter()
                .filter(|r| r.population == 0)
                .map(row)
                .collect();
        }
        Self::sum(&mut self.without, replicate);
        self.pairs += 1;
    }

    fn sum(sums: &mut Vec<f64>, replicate: &Replicate) {
        let values: Vec<f64> = replicate
            .endpoints
            .iter()
            .filter(|r| r.population == 0)
            .map(|r| r.value)
            .collect();
        sums.resize(values.len(), 0.0);
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value;
        }
    }

    /// Means with and without, for all patients.
    pub fn summaries(&self, labels: &Labels) -> Vec<TrialEffectSummary> {
        let n = f64::from(self.pairs);
        let summary = |(row, (with, without)): (&Row, (&f64, &f64))| TrialEffectSummary {
            arm: labels.arms[usize::from(row.arm)].clone(),
            endpoint: labels.endpoints[usize::from(row.endpoint)].clone(),
            week: row.week,
            unit: labels.endpoint_units[usize::from(row.endpoint)].clone(),
            replicates: self.pairs,
            with: with / n,
            without: without / n,
        };
        self.rows
            .iter()
            .zip(self.with.iter().zip(&self.without))
            .map(summary)
            .collect()
    }
}
