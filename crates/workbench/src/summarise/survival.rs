//! Curves of patients without an event yet, over replicates.

use std::collections::BTreeMap;

use super::sample::Sample;
use crate::summary::SurvivalSummary;
use malar_trial::results::{Labels, Replicate};

/// Curves seen so far by curve, arm and week (as ordered bits).
#[derive(Default)]
pub(super) struct Survival {
    shares: BTreeMap<(u16, u16, u64), (Sample, Sample)>,
}

impl Survival {
    pub fn add(&mut self, replicate: &Replicate) {
        for row in &replicate.survival {
            let key = (row.curve, row.arm, row.week.to_bits());
            let place = self.shares.entry(key).or_insert_with(|| (Sample::new(), Sample::new()));
            place.0.add(100.0 * row.share);
            place.1.add(f64::from(row.at_risk));
        }
    }

    pub fn summaries(&self, labels: &Labels) -> Vec<SurvivalSummary> {
        let mut found: Vec<SurvivalSummary> = Vec::new();
        let mut last = None;
        for ((curve, arm, week), (share, at_risk)) in &self.shares {
            if last != Some((curve, arm)) {
                found.push(SurvivalSummary {
                    curve: labels.curves[usize::from(*curve)].clone(),
                    arm: labels.arms[usize::from(*arm)].clone(),
                    ..SurvivalSummary::default()
                });
                last = Some((curve, arm));
            }
            let of = found.last_mut().expect("pushed above");
            let [low, high] = share.quantiles([0.05, 0.95]);
            of.weeks.push(f64::from_bits(*week));
            of.percent.push(share.mean());
            of.low90.push(low);
            of.high90.push(high);
            of.at_risk.push(at_risk.mean());
        }
        found
    }
}
