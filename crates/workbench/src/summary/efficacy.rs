//! What comes of the trial: rates, differences, hypotheses, estimands, and what the trial itself contributes.

use serde::{Deserialize, Serialize};

use super::Status;

/// One endpoint of one arm over all replicates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointSummary {
    /// Arm id.
    pub arm: String,
    /// Endpoint id.
    pub endpoint: String,
    /// Week of assessment.
    pub week: f64,
    /// Analysis population.
    pub population: String,
    /// `percent` or `per patient-year`.
    pub unit: String,
    /// Mean over replicates.
    pub mean: f64,
    /// 5 % quantile over replicates.
    pub low90: f64,
    /// 95 % quantile over replicates.
    pub high90: f64,
    /// Published value, in `unit`.
    pub published: Option<f64>,
    /// Patients behind the published value.
    pub published_n: Option<f64>,
    /// Where the published value was seen.
    pub published_source: Option<String>,
    /// Fitted, predicted or none.
    pub status: Status,
}

/// One comparison over all replicates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContrastSummary {
    /// Arm id.
    pub arm: String,
    /// Control arm id.
    pub control: String,
    /// Endpoint id.
    pub endpoint: String,
    /// Week of assessment.
    pub week: f64,
    /// Analysis population.
    pub population: String,
    /// Unit of the difference, `percentage points` or `per patient-year`.
    pub unit: String,
    /// Mean difference over replicates.
    pub difference: f64,
    /// 5 % quantile over replicates.
    pub low90: f64,
    /// 95 % quantile over replicates.
    pub high90: f64,
    /// Share of replicates with two-sided p < 0.05 in favour of the arm, 0-1.
    pub power: f64,
    /// Published difference.
    pub published: Option<f64>,
    /// Published 95 % confidence limits.
    pub published_low95: Option<f64>,
    /// Published 95 % confidence limits.
    pub published_high95: Option<f64>,
    /// True if the difference was not printed but computed from the published rates.
    #[serde(default)]
    pub published_computed: bool,
    /// Fitted, predicted or none.
    pub status: Status,
}

/// Share of an arm that failed an endpoint for one reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReasonSummary {
    /// Arm id.
    pub arm: String,
    /// Endpoint id.
    pub endpoint: String,
    /// Week of assessment.
    pub week: f64,
    /// Reason id; `responder` for response.
    pub reason: String,
    /// The reason in words.
    #[serde(default)]
    pub label: String,
    /// Mean percent of the arm over replicates.
    pub percent: f64,
}

/// Response in one basket of one arm over all replicates, alone and with what the other baskets say of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BasketSummary {
    /// Arm id.
    pub arm: String,
    /// Basket.
    pub basket: String,
    /// Mean patients per replicate.
    pub n: f64,
    /// Responders of all replicates' patients, percent: the truth that both estimates are after.
    pub truth: f64,
    /// Its Monte-Carlo standard error.
    pub truth_se: Option<f64>,
    /// From a uniform prior.
    pub alone: BorrowedSummary,
    /// From the robust meta-analytic predictive prior of the other baskets.
    pub borrowing: BorrowedSummary,
}

/// How one way of estimating a basket's response does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BorrowedSummary {
    /// Mean estimate, percent.
    pub estimate: f64,
    /// Mean estimate less the truth, percentage points.
    pub bias: f64,
    /// Root mean squared distance from the truth, percentage points.
    pub error: f64,
    /// Share of 95 % intervals that hold the truth, 0-1.
    pub coverage: f64,
    /// Mean width of the intervals, percentage points.
    pub width: f64,
    /// Mean probability of a share above the null, 0-1.
    pub above_null: f64,
}

/// Hypotheses that share one error, over all replicates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MultiplicitySummary {
    /// One-sided error of all together.
    pub alpha: f64,
    /// `graph`, `fixed-sequence` or `holm`.
    pub procedure: String,
    /// Replicates.
    pub replicates: u32,
    /// Share of replicates that reject at least one hypothesis (disjunctive power).
    pub any: ShareSummary,
    /// Share of replicates that reject all of them (conjunctive power).
    pub all: ShareSummary,
    /// In protocol order.
    pub hypotheses: Vec<HypothesisSummary>,
}

/// One hypothesis over all replicates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HypothesisSummary {
    /// Hypothesis id.
    pub hypothesis: String,
    /// Arm id.
    pub arm: String,
    /// Control arm id.
    pub control: String,
    /// Endpoint id.
    pub endpoint: String,
    /// Week of assessment.
    pub week: f64,
    /// Analysis population.
    pub population: String,
    /// Share of alpha to begin with, 0-1.
    pub weight: f64,
    /// Which hypotheses get how much of it once this one is rejected.
    pub passes: Vec<(String, f64)>,
    /// Share of replicates that reject it, adjusted for the others.
    pub adjusted: ShareSummary,
    /// Share of replicates that would reject it at the whole alpha, were it the only one.
    pub alone: ShareSummary,
}

/// A share of replicates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShareSummary {
    /// The share, 0-1.
    pub power: f64,
    /// Its Monte-Carlo standard error.
    pub power_se: f64,
}

/// What the trial itself (entry-score inflation, closer care, expectation) adds to a response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialEffectSummary {
    /// Arm id.
    pub arm: String,
    /// Endpoint id.
    pub endpoint: String,
    /// Week of assessment.
    pub week: f64,
    /// `percent` or `per patient-year`.
    pub unit: String,
    /// Replicates run both ways.
    pub replicates: u32,
    /// Mean as simulated.
    pub with: f64,
    /// Mean in the same patients when the effect does not fade after baseline.
    pub without: f64,
}

/// One estimator of one estimand over all replicates. Absent numbers are not defined: a pure test has no estimate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EstimatorSummary {
    /// Estimator id.
    pub estimator: String,
    /// Mean estimate; of a ratio, the mean logarithm.
    pub estimate: Option<f64>,
    /// Standard deviation of the estimate over replicates.
    pub sd: Option<f64>,
    /// Mean standard error the trials report, from the width of their intervals.
    pub standard_error: Option<f64>,
    /// Mean estimate less the truth.
    pub bias: Option<f64>,
    /// Monte-Carlo standard error of it, that of the truth included.
    pub bias_se: Option<f64>,
    /// Share of 95 % intervals that hold the truth, 0-1.
    pub coverage: Option<f64>,
    /// Monte-Carlo standard error of it.
    pub coverage_se: Option<f64>,
    /// Share of replicates with two-sided p < 0.05, 0-1.
    pub significant: Option<f64>,
    /// Monte-Carlo standard error of it.
    pub significant_se: Option<f64>,
    /// Mean number of patients in the analysis.
    pub patients: f64,
    /// Mean number of them without a value.
    pub missing: f64,
    /// Replicates.
    pub replicates: u32,
    /// Replicates without a result.
    pub failed: u32,
    /// Why the last of these had none.
    pub problem: String,
}

/// One estimand of one comparison: the truth, and what estimators make of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EstimandSummary {
    /// Estimand id.
    pub estimand: String,
    /// What it asks; may be empty.
    pub question: String,
    /// Arm id.
    pub arm: String,
    /// Control arm id.
    pub control: String,
    /// Variable and week in words.
    pub variable: String,
    /// Analysis population.
    pub population: String,
    /// Strategy for leaving study drug.
    pub discontinuation: String,
    /// Strategy for restricted medication.
    pub restricted_medication: String,
    /// Summary measure.
    pub measure: String,
    /// Unit of the measure.
    pub unit: String,
    /// True if truth, estimates and bias are natural logarithms of a ratio.
    pub is_ratio: bool,
    /// Mean over the patients of `truth_replicates` simulated trials, every patient in both arms.
    pub truth: f64,
    /// Its Monte-Carlo standard error; absent with one replicate.
    pub truth_se: Option<f64>,
    /// Under the arm: percent, mean change, events per year, mean event-free weeks.
    pub truth_treated: f64,
    /// The same under the control.
    pub truth_control: f64,
    /// Replicates behind the truth.
    pub truth_replicates: u32,
    /// Mean number of patients behind it in each of them.
    pub truth_patients: f64,
    /// Estimators in file order.
    pub estimators: Vec<EstimatorSummary>,
}
