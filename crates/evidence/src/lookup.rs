//! Questions a report and a calibration ask of published results.

use malar_stats::Count;
use malar_stats::difference::newcombe;

use crate::published::{Arm, Kind, Outcome, Patient, Published};

/// Where a difference comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Printed by the source, usually adjusted for strata.
    Stated,
    /// Taken here from the two arms' values, unadjusted.
    Computed,
}

/// Arm minus control.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedDifference {
    /// Difference in `unit`; percentage points for percentages.
    pub value: f64,
    /// Lower 95 % limit, if printed, or if both arms' counts are known (Newcombe's method 10).
    pub low95: Option<f64>,
    /// Upper 95 % limit.
    pub high95: Option<f64>,
    /// Unit of value and limits.
    pub unit: String,
    /// Publication.
    pub source: String,
    /// Printed or computed.
    pub origin: Origin,
}

/// Where a number of patients comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denominator {
    /// Printed beside the result.
    Stated,
    /// Size of the arm, because the result is about all patients and no number was printed.
    ArmSize,
}

/// Endpoints that only some patients can reach (those on steroids, with rash, with proteinuria): arm size is no denominator.
const SELECTIVE_ENDPOINTS: &[&str] = &["gc-taper", "clasi-", "joint-count-", "prednisone-", "upcr-"];

impl Outcome {
    /// True for `week`, up to rounding of weeks that were converted from days.
    fn is_at(&self, week: f64) -> bool {
        self.week.is_some_and(|own| (own - week).abs() < 1e-6)
    }
}

impl Published {
    /// The arm with this id.
    pub fn arm(&self, id: &str) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.id == id)
    }

    /// True if one of the two files reports, or may report, patients of the other. A review of `many` trials may hold patients of
    /// those that were published by its year and are of its kind: with a placebo arm if it has one, without if it has none.
    pub fn may_share_patients(&self, other: &Published) -> bool {
        let names = |a: &Published, b: &Published| a.shares_patients_with.contains(&b.id);
        let reviews = |review: &Published, trial: &Published| {
            let is_review = review.shares_patients_with.iter().any(|id| id == "many");
            is_review && trial.year <= review.year && review.has_placebo() == trial.has_placebo()
        };
        let one_way = |a: &Published, b: &Published| names(a, b) || reviews(a, b);
        self.id != other.id && (one_way(self, other) || one_way(other, self))
    }

    fn has_placebo(&self) -> bool {
        self.arms.iter().any(|arm| arm.therapy == "placebo")
    }

    /// True if this file's numbers include, or may include, patients of the trial with this id, of which nothing else is known.
    pub fn may_report_patients_of(&self, trial_id: &str) -> bool {
        self.id != trial_id
            && self
                .shares_patients_with
                .iter()
                .any(|id| id == trial_id || id == "many")
    }

    /// Verified outcomes without variant, in the order of the file.
    pub fn results(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|o| o.verified && o.variant.is_none())
    }

    /// Verified outcomes of an analysis under other rules, such as `original-rules`.
    pub fn variant_results<'a>(&'a self, variant: &'a str) -> impl Iterator<Item = &'a Outcome> {
        self.outcomes
            .iter()
            .filter(move |o| o.verified && o.variant.as_deref() == Some(variant))
    }

    /// Patients described one by one, verified.
    pub fn patients(&self) -> impl Iterator<Item = &Patient> {
        self.patients.iter().filter(|patient| patient.verified)
    }

    /// How many numbers of the file were recalled and never read in a source.
    pub fn n_unverified(&self) -> usize {
        self.outcomes.iter().filter(|o| !o.verified).count()
    }

    /// The verified result of an arm at a week, without variant.
    pub fn arm_result(&self, arm: &str, endpoint: &str, week: f64, population: &str) -> Option<&Outcome> {
        self.results()
            .find(|o| o.arm == arm && o.endpoint == endpoint && o.is_at(week) && o.population == population)
    }

    /// Arm minus control: as printed if the source prints it, else from the two arms' values.
    pub fn difference(
        &self,
        arm: &str,
        control: &str,
        endpoint: &str,
        week: f64,
        population: &str,
    ) -> Option<PublishedDifference> {
        let pair = format!("{arm}-vs-{control}");
        let printed = self.arm_result(&pair, &format!("{endpoint}-difference"), week, population);
        printed.and_then(stated_difference).or_else(|| {
            let treated = self.arm_result(arm, endpoint, week, population)?;
            self.computed_difference(treated, self.arm_result(control, endpoint, week, population)?)
        })
    }

    /// Patients behind a result of this trial, at least one: printed, or the size of its arm where that must be the same.
    pub fn denominator(&self, outcome: &Outcome) -> Option<(u32, Denominator)> {
        let is_selective = SELECTIVE_ENDPOINTS
            .iter()
            .any(|start| outcome.endpoint.starts_with(start));
        let is_everybody = outcome.population == "all" && !is_selective;
        let arm_size = || self.arm(&outcome.arm).and_then(|arm| arm.n).filter(|_| is_everybody);
        let stated = outcome.n.map(|n| (n, Denominator::Stated));
        stated
            .or_else(|| arm_size().map(|n| (n, Denominator::ArmSize)))
            .filter(|&(n, _)| n > 0)
    }

    /// Patients with the event among patients, rounded from the percentage if only that was printed.
    ///
    /// `None` unless it is a percentage of a known number of patients.
    pub fn count(&self, outcome: &Outcome) -> Option<Count> {
        let (value, (n, _)) = (outcome.value?, self.denominator(outcome)?);
        let nearest = (value / 100.0 * f64::from(n)).round() as u32;
        (outcome.kind == Kind::Binary).then(|| Count {
            responders: outcome.responders.unwrap_or(nearest),
            n,
        })
    }

    /// Difference of two values of one kind and unit. Medians and ratios have no meaningful difference.
    fn computed_difference(&self, treated: &Outcome, control: &Outcome) -> Option<PublishedDifference> {
        let can_subtract = matches!(
            treated.kind,
            Kind::Binary | Kind::Mean | Kind::Rate | Kind::PercentChange
        );
        if !can_subtract || treated.kind != control.kind || treated.unit != control.unit {
            return None;
        }
        let counts = self.count(treated).zip(self.count(control));
        let limits = counts.and_then(|(treated, control)| newcombe(treated, control, 0.95));
        Some(PublishedDifference {
            value: treated.value? - control.value?,
            low95: limits.map(|l| 100.0 * l.low),
            high95: limits.map(|l| 100.0 * l.high),
            unit: if treated.unit == "percent" {
                "percentage points".to_owned()
            } else {
                treated.unit.clone()
            },
            source: treated.source.clone(),
            origin: Origin::Computed,
        })
    }
}

fn stated_difference(printed: &Outcome) -> Option<PublishedDifference> {
    Some(PublishedDifference {
        value: printed.value?,
        low95: printed.ci_low,
        high95: printed.ci_high,
        unit: printed.unit.clone(),
        source: printed.source.clone(),
        origin: Origin::Stated,
    })
}
