//! Courses of cells, engagers and B cells after the first dose, over patients and replicates.

use std::collections::BTreeMap;

use super::sample::Sample;
use crate::summary::KineticsSummary;
use malar_trial::results::{Labels, Replicate};

/// Samples by trace, arm and day since the first dose (as ordered bits; no day is negative).
#[derive(Default)]
pub(super) struct Kinetics {
    samples: BTreeMap<(u16, u16, u64), Sample>,
}

impl Kinetics {
    pub fn add(&mut self, replicate: &Replicate) {
        for row in &replicate.kinetics {
            let key = (row.trace, row.arm, row.since_dose.to_bits());
            self.samples.entry(key).or_insert_with(Sample::new).add(row.value);
        }
    }

    /// One course per quantity and arm. A product that another arm gets has none here.
    pub fn summaries(&self, labels: &Labels) -> Vec<KineticsSummary> {
        let mut found: Vec<KineticsSummary> = Vec::new();
        let mut last = None;
        for (&(trace, arm, day), sample) in &self.samples {
            if last != Some((trace, arm)) {
                let label = &labels.traces[usize::from(trace)];
                found.push(KineticsSummary {
                    arm: labels.arms[usize::from(arm)].clone(),
                    therapy: label.therapy.clone(),
                    quantity: label.quantity.clone(),
                    unit: label.unit.clone(),
                    ..KineticsSummary::default()
                });
                last = Some((trace, arm));
            }
            let of = found.last_mut().expect("pushed above");
            let [low, median, high] = sample.quantiles([0.05, 0.5, 0.95]);
            of.days.push(f64::from_bits(day));
            of.median.push(median);
            of.low90.push(low);
            of.high90.push(high);
        }
        found
    }
}
