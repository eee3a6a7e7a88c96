//! Rows of the trial's own analysis, and the truth beside it.

use serde::Serialize;

/// Share of an arm without an event up to a week (Kaplan-Meier).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SurvivalRow {
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub arm: u16,
    /// Index into [`Labels::curves`](super::Labels::curves).
    pub curve: u16,
    /// Weeks since randomisation.
    pub week: f64,
    /// Share without the event, 0-1.
    pub share: f64,
    /// Patients still watched without it.
    pub at_risk: u32,
}

/// Who could have an adverse event in one arm, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AtRisk {
    /// Patients.
    pub patients: u32,
    /// Years of observation of all of them, which end with the last visit or with death.
    pub years: f64,
}

/// One endpoint of one arm in one replicate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EndpointRow {
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub arm: u16,
    /// Index into [`Labels::endpoints`](super::Labels::endpoints).
    pub endpoint: u16,
    /// Week of assessment.
    pub week: f64,
    /// Index into [`Labels::populations`](super::Labels::populations).
    pub population: u16,
    /// Patients (or patient-years for rates) in the denominator.
    pub n: f64,
    /// Responders, or events; of a score the patients who have a value.
    pub count: f64,
    /// Percent, events per patient-year, or the mean of a score. NaN if nobody was counted.
    pub value: f64,
}

/// One comparison in one replicate, as the trial's analysis would print it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EstimateRow {
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub arm: u16,
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub control: u16,
    /// Index into [`Labels::endpoints`](super::Labels::endpoints).
    pub endpoint: u16,
    /// Week of assessment.
    pub week: f64,
    /// Index into [`Labels::populations`](super::Labels::populations).
    pub population: u16,
    /// Difference arm minus control in the endpoint's unit (percentage points for proportions).
    pub difference: f64,
    /// Lower 95 % confidence limit.
    pub low95: f64,
    /// Upper 95 % confidence limit.
    pub high95: f64,
    /// Two-sided p value.
    pub p_value: f64,
}

/// One hypothesis in one replicate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HypothesisRow {
    /// Index into [`MultiplicityLabel::hypotheses`](super::MultiplicityLabel::hypotheses).
    pub hypothesis: u16,
    /// One-sided p value of the trial's own analysis, small in favour of the arm; 1 if it has no result.
    pub p_value: f64,
    /// Adjusted for the others: at most alpha exactly if the hypothesis is rejected.
    pub adjusted: f64,
    /// Rejected.
    pub rejected: bool,
}

/// Response in one basket of one arm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BasketRow {
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub arm: u16,
    /// Index into [`Labels::baskets`](super::Labels::baskets).
    pub basket: u16,
    /// Patients.
    pub n: u32,
    /// Responders.
    pub responders: u32,
    /// From a uniform prior, without the other baskets.
    pub alone: Posterior,
    /// From the robust meta-analytic predictive prior of the other baskets.
    pub borrowing: Posterior,
}

/// What is believed of a share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Posterior {
    /// Mean, percent.
    pub percent: f64,
    /// Lower 95 % limit, percent.
    pub low95: f64,
    /// Upper 95 % limit, percent.
    pub high95: f64,
    /// Probability of a share above the protocol's `null_percent`.
    pub above_null: f64,
}

/// One estimator at work on one replicate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EstimandRow {
    /// Index into [`Labels::estimands`](super::Labels::estimands).
    pub estimand: u16,
    /// Index into that estimand's estimators.
    pub estimator: u16,
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub arm: u16,
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub control: u16,
    /// Estimate in the unit of the measure; NaN if there is none, as for a pure test.
    pub estimate: f64,
    /// Lower 95 % confidence limit.
    pub low95: f64,
    /// Upper 95 % confidence limit.
    pub high95: f64,
    /// Two-sided p value.
    pub p_value: f64,
    /// Patients of both arms in the analysis.
    pub patients: u32,
    /// Those of them without a value.
    pub missing: u32,
    /// Why there is no estimate; empty if there is one.
    pub problem: String,
}

/// The truth of an estimand among the patients of one replicate, each of them run in both arms with the same luck.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TruthRow {
    /// Index into [`Labels::estimands`](super::Labels::estimands).
    pub estimand: u16,
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub arm: u16,
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub control: u16,
    /// Summary measure; the natural logarithm of a ratio. NaN if undefined.
    pub value: f64,
    /// What it compares, under the arm: percent, mean change, events per year, mean event-free weeks.
    pub treated: f64,
    /// The same under the control.
    pub of_control: f64,
    /// Patients in whom both are known.
    pub patients: u32,
}
