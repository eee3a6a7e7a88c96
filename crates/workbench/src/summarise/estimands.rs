//! Estimators against the truth, over replicates.

use std::collections::BTreeMap;

use malar_stats::distribution::Z95;
use malar_stats::summary::Summary as Moments;
use malar_trial::results::{EstimandLabel, EstimandRow, Labels, Replicate, TruthRow};

use crate::summary::{EstimandSummary, EstimatorSummary};

/// Two-sided level at which a trial calls a result significant.
const LEVEL: f64 = 0.05;

/// Estimand, arm, control.
type Key = (u16, u16, u16);

/// Truths and estimates seen so far. Truths come first: they decide what an interval covers.
#[derive(Default)]
pub(super) struct Estimands {
    truths: BTreeMap<Key, Truth>,
    estimators: BTreeMap<(Key, u16), Estimates>,
}

#[derive(Default)]
struct Truth {
    value: Moments,
    treated: Moments,
    control: Moments,
    patients: Moments,
}

#[derive(Default)]
struct Estimates {
    value: Moments,
    half_width: Moments,
    intervals: u32,
    covering: u32,
    tests: u32,
    significant: u32,
    patients: Moments,
    missing: Moments,
    failed: u32,
    problem: String,
}

impl Estimands {
    /// The truths among the patients of one replicate.
    pub fn add_truths(&mut self, rows: &[TruthRow]) {
        for row in rows.iter().filter(|row| row.value.is_finite()) {
            let truth = self.truths.entry((row.estimand, row.arm, row.control)).or_default();
            truth.value.add(row.value);
            truth.treated.add(row.treated);
            truth.control.add(row.of_control);
            truth.patients.add(f64::from(row.patients));
        }
    }

    pub fn add(&mut self, replicate: &Replicate, labels: &Labels) {
        for row in &replicate.estimands {
            let key = (row.estimand, row.arm, row.control);
            let truth = self.truths.get(&key).and_then(|truth| truth.value.mean());
            let is_ratio = labels.estimands[usize::from(row.estimand)].is_ratio;
            let estimates = self.estimators.entry((key, row.estimator)).or_default();
            estimates.add(row, truth, is_ratio);
        }
    }

    pub fn summaries(&self, labels: &Labels) -> Vec<EstimandSummary> {
        let mut found: Vec<EstimandSummary> = Vec::new();
        for (key, truth) in &self.truths {
            let label = &labels.estimands[usize::from(key.0)];
            let of = self.estimators.iter().filter(|((other, _), _)| other == key);
            let estimators =
                of.map(|((_, estimator), seen)| seen.summary(&label.estimators[usize::from(*estimator)], truth));
            found.push(summary(*key, label, labels, truth, estimators.collect()));
        }
        found
    }
}

fn summary(
    key: Key,
    label: &EstimandLabel,
    labels: &Labels,
    truth: &Truth,
    estimators: Vec<EstimatorSummary>,
) -> EstimandSummary {
    let mean = |moments: &Moments| moments.mean().expect("a truth was seen");
    EstimandSummary {
        estimand: label.id.clone(),
        question: label.question.clone(),
        arm: labels.arms[usize::from(key.1)].clone(),
        control: labels.arms[usize::from(key.2)].clone(),
        variable: label.variable.clone(),
        population: label.population.clone(),
        discontinuation: label.discontinuation.clone(),
        restricted_medication: label.restricted_medication.clone(),
        measure: label.measure.clone(),
        unit: label.unit.clone(),
        is_ratio: label.is_ratio,
        truth: mean(&truth.value),
        truth_se: truth.value.standard_error(),
        truth_treated: mean(&truth.treated),
        truth_control: mean(&truth.control),
        truth_replicates: truth.value.n() as u32,
        truth_patients: mean(&truth.patients),
        estimators,
    }
}

impl Estimates {
    fn add(&mut self, row: &EstimandRow, truth: Option<f64>, is_ratio: bool) {
        self.patients.add(f64::from(row.patients));
        self.missing.add(f64::from(row.missing));
        if !row.problem.is_empty() {
            self.failed += 1;
            self.problem.clone_from(&row.problem);
            return;
        }
        let scale = |x: f64| if is_ratio { x.ln() } else { x };
        if row.estimate.is_finite() {
            self.value.add(scale(row.estimate));
        }
        let (low, high) = (scale(row.low95), scale(row.high95));
        if low.is_finite() && high.is_finite() {
            self.half_width.add(0.5 * (high - low));
            self.intervals += 1;
            self.covering += u32::from(truth.is_some_and(|truth| low <= truth && truth <= high));
        }
        if row.p_value.is_finite() {
            self.tests += 1;
            self.significant += u32::from(row.p_value < LEVEL);
        }
    }

    fn summary(&self, estimator: &str, truth: &Truth) -> EstimatorSummary {
        let share = |k: u32, n: u32| (n > 0).then(|| f64::from(k) / f64::from(n));
        let share_se = |k: u32, n: u32| {
            let p = share(k, n)?;
            Some((p * (1.0 - p) / f64::from(n)).sqrt())
        };
        // A shift is not an estimate of the truth, so it has no bias: it has no interval either.
        let estimate = self.value.mean();
        let truth_mean = truth.value.mean().expect("a truth was seen");
        let bias = estimate
            .filter(|_| self.intervals > 0)
            .map(|estimate| estimate - truth_mean);
        let bias_se = || Some(self.value.standard_error()?.hypot(truth.value.standard_error()?));
        EstimatorSummary {
            estimator: estimator.to_owned(),
            estimate,
            sd: self.value.standard_deviation(),
            standard_error: self.half_width.mean().map(|half| half / Z95),
            bias,
            bias_se: bias.and_then(|_| bias_se()),
            coverage: share(self.covering, self.intervals),
            coverage_se: share_se(self.covering, self.intervals),
            significant: share(self.significant, self.tests),
            significant_se: share_se(self.significant, self.tests),
            patients: self.patients.mean().unwrap_or(0.0),
            missing: self.missing.mean().unwrap_or(0.0),
            replicates: self.patients.n() as u32,
            failed: self.failed,
            problem: self.problem.clone(),
        }
    }
}

/// A replicate in which nothing happened.
#[cfg(test)]
pub(super) fn empty_replicate() -> Replicate {
    Replicate {
        index: 0,
        screening: malar_trial::results::Screening::default(),
        patients: Vec::new(),
        visits: Vec::new(),
        outcomes: Vec::new(),
        endpoints: Vec::new(),
        estimates: Vec::new(),
        doses: Vec::new(),
        estimands: Vec::new(),
        events: Vec::new(),
        at_risk: Vec::new(),
        survival: Vec::new(),
        kinetics: Vec::new(),
        hypotheses: Vec::new(),
        baskets: Vec::new(),
        patient_years: 0.0,
        steps: (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(is_ratio: bool) -> Labels {
        let estimand = EstimandLabel {
            is_ratio,
            estimators: vec!["cmh".into()],
            ..EstimandLabel::default()
        };
        Labels {
            arms: vec!["placebo".into(), "drug".into()],
            estimands: vec![estimand],
            ..Labels::default()
        }
    }

    fn row(estimate: f64, low95: f64, high95: f64) -> EstimandRow {
        EstimandRow {
            estimand: 0,
            estimator: 0,
            arm: 1,
            control: 0,
            estimate,
            low95,
            high95,
            p_value: 0.5,
            patients: 100,
            missing: 10,
            problem: String::new(),
        }
    }

    #[test]
    fn bias_coverage_and_failures_are_counted() {
        let mut seen = Estimands::default();
        let truth = |value| TruthRow {
            estimand: 0,
            arm: 1,
            control: 0,
            value,
            treated: 50.0,
            of_control: 40.0,
            patients: 90,
        };
        seen.add_truths(&[truth(9.0)]);
        seen.add_truths(&[truth(11.0)]);
        let failed = EstimandRow {
            problem: "too few".into(),
            ..row(f64::NAN, f64::NAN, f64::NAN)
        };
        let mut replicate = empty_replicate();
        for one in [row(12.0, 8.0, 16.0), row(16.0, 12.0, 20.0), failed] {
            replicate.estimands = vec![one];
            seen.add(&replicate, &labels(false));
        }
        let summary = &seen.summaries(&labels(false))[0];
        let cmh = &summary.estimators[0];
        assert_eq!((summary.truth, summary.truth_se), (10.0, Some(1.0)));
        assert_eq!((cmh.estimate, cmh.bias), (Some(14.0), Some(4.0)));
        // Standard errors: 2 of the estimates (sd √8 over √2), 1 of the truths.
        assert!((cmh.bias_se.unwrap() - 5f64.sqrt()).abs() < 1e-12);
        assert_eq!((cmh.coverage, cmh.failed, cmh.replicates), (Some(0.5), 1, 3));
    }
}
