//! Hypotheses that share one error, over replicates.

use malar_trial::results::{HypothesisLabel, Labels, MultiplicityLabel, Replicate};

use crate::summary::{HypothesisSummary, MultiplicitySummary, ShareSummary};

/// What was rejected so far.
#[derive(Default)]
pub(super) struct Multiplicity {
    /// By hypothesis: adjusted, and alone at the whole alpha.
    rejected: Vec<(u32, u32)>,
    any: u32,
    all: u32,
    replicates: u32,
}

impl Multiplicity {
    pub fn add(&mut self, replicate: &Replicate, labels: &Labels) {
        let Some(label) = &labels.multiplicity else {
            return;
        };
        let rows = &replicate.hypotheses;
        self.rejected.resize(label.hypotheses.len(), (0, 0));
        for row in rows {
            let counts = &mut self.rejected[usize::from(row.hypothesis)];
            counts.0 += u32::from(row.rejected);
            counts.1 += u32::from(row.p_value <= label.alpha);
        }
        self.any += u32::from(rows.iter().any(|row| row.rejected));
        self.all += u32::from(rows.iter().all(|row| row.rejected));
        self.replicates += 1;
    }

    /// `None` if the protocol lists no hypotheses, or nothing was seen.
    pub fn summary(&self, labels: &Labels) -> Option<MultiplicitySummary> {
        let label = labels.multiplicity.as_ref().filter(|_| self.replicates > 0)?;
        let hypotheses = label.hypotheses.iter().zip(&self.rejected);
        Some(MultiplicitySummary {
            alpha: label.alpha,
            procedure: label.procedure.clone(),
            replicates: self.replicates,
            any: self.share(self.any),
            all: self.share(self.all),
            hypotheses: hypotheses
                .map(|(h, counts)| self.one(h, *counts, label, labels))
                .collect(),
        })
    }

    fn one(
        &self,
        h: &HypothesisLabel,
        (adjusted, alone): (u32, u32),
        label: &MultiplicityLabel,
        labels: &Labels,
    ) -> HypothesisSummary {
        let passes = h.passes.iter();
        HypothesisSummary {
            hypothesis: h.id.clone(),
            arm: labels.arms[usize::from(h.arm)].clone(),
            control: labels.arms[usize::from(h.control)].clone(),
            endpoint: labels.endpoints[usize::from(h.endpoint)].clone(),
            week: h.week,
            population: labels.populations[usize::from(h.population)].clone(),
            weight: h.weight,
            passes: passes
                .map(|(to, share)| (label.hypotheses[usize::from(*to)].id.clone(), *share))
                .collect(),
            adjusted: self.share(adjusted),
            alone: self.share(alone),
        }
    }

    fn share(&self, count: u32) -> ShareSummary {
        let n = f64::from(self.replicates);
        let power = f64::from(count) / n;
        ShareSummary {
            power,
            power_se: (power * (1.0 - power) / n).sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use malar_trial::results::HypothesisRow;

    #[test]
    fn at_least_one_and_all_are_counted_by_trial() {
        let hypothesis = |id: &str, passes: Vec<(u16, f64)>| HypothesisLabel {
            id: id.into(),
            arm: 1,
            control: 0,
            endpoint: 0,
            week: 52.0,
            population: 0,
            weight: 0.5,
            passes,
        };
        let labels = Labels {
            arms: vec!["placebo".into(), "drug".into()],
            endpoints: vec!["bicla".into()],
            populations: vec!["all".into()],
            multiplicity: Some(MultiplicityLabel {
                alpha: 0.025,
                procedure: "graph".into(),
                hypotheses: vec![hypothesis("first", vec![(1, 1.0)]), hypothesis("second", Vec::new())],
            }),
            ..Labels::default()
        };
        let mut seen = Multiplicity::default();
        let mut replicate = super::super::estimands::empty_replicate();
        // Adjusted by Bonferroni, say: the second is below alpha alone each time, and twice after adjustment.
        for (first, second) in [(0.001, 0.001), (0.2, 0.02), (0.2, 0.01), (0.3, 0.02)] {
            let row = |hypothesis: u16, p_value: f64| HypothesisRow {
                hypothesis,
                p_value,
                adjusted: 2.0 * p_value,
                rejected: 2.0 * p_value <= 0.025,
            };
            replicate.hypotheses = vec![row(0, first), row(1, second)];
            seen.add(&replicate, &labels);
        }
        let summary = seen.summary(&labels).expect("hypotheses");
        assert_eq!((summary.any.power, summary.all.power), (0.5, 0.25));
        let powers = |h: &HypothesisSummary| (h.adjusted.power, h.alone.power);
        assert_eq!(powers(&summary.hypotheses[0]), (0.25, 0.25));
        assert_eq!(powers(&summary.hypotheses[1]), (0.5, 1.0));
        assert_eq!(summary.hypotheses[0].passes, [("second".to_owned(), 1.0)]);
        assert!((summary.any.power_se - 0.25).abs() < 1e-12);
    }
}
