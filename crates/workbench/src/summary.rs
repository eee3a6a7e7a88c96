//! What a run says in short: `summary.json`, the `--json` output, and the source of every figure in the report.
//!
//! Other programs read these names; add fields, never rename them.

use serde::{Deserialize, Serialize};

/// Whether the population was fitted to the published number it stands beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The trial is on the population's `calibrated_on` list.
    Fitted,
    /// A published result exists and was never fitted to.
    Predicted,
    /// Nothing published to compare with.
    None,
}

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

/// Patient flow of one arm, means over replicates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowSummary {
    /// Arm id.
    pub arm: String,
    /// Patients randomised.
    pub randomised: f64,
    /// Completed on study drug.
    pub completed: f64,
    /// Left for administrative reasons.
    pub dropped_administrative: f64,
    /// Left for lack of efficacy.
    pub dropped_lack_of_efficacy: f64,
    /// Stopped because of an adverse event; absent where the protocol does not let them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dropped_adverse_event: f64,
    /// Used restricted medication while on study drug.
    pub restricted_medication: f64,
    /// Solver gave up.
    pub solver_failed: f64,
}

fn is_zero(x: &f64) -> bool {
    *x == 0.0 // exactly: nobody was counted
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

/// Screening over all replicates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScreeningSummary {
    /// Mean candidates per replicate.
    pub candidates: f64,
    /// Percent of candidates refused by hard filters of the population.
    pub filtered_percent: f64,
    /// Mean screening visits per replicate.
    pub attempts: f64,
    /// Percent of screening visits that failed.
    pub failed_percent: f64,
    /// Percent of screening visits failing each criterion (overlapping).
    pub by_criterion: Vec<(String, f64)>,
    /// Mean candidates per replicate the solver could not carry to screening.
    #[serde(default)]
    pub solver_failed: f64,
}

/// A measured variable over time in one arm: median and 90 % range of patients (all replicates together).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrajectorySummary {
    /// Arm id.
    pub arm: String,
    /// Variable id (`anti-dsdna`, `c3`, `concentration` ...).
    pub variable: String,
    /// Words for the axis.
    pub label: String,
    /// Unit.
    pub unit: String,
    /// Weeks.
    pub weeks: Vec<f64>,
    /// Median over patients on study drug.
    pub median: Vec<f64>,
    /// 5 % quantile.
    pub low90: Vec<f64>,
    /// 95 % quantile.
    pub high90: Vec<f64>,
}

/// Cells, an engager or B cells in one arm after the first dose: median and 90 % range of patients (all replicates together).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KineticsSummary {
    /// Arm id.
    pub arm: String,
    /// Product; empty for B cells.
    pub therapy: String,
    /// `CAR cells`, `engager`, `B cells` ...
    pub quantity: String,
    /// Unit.
    pub unit: String,
    /// Days since the first dose of cells or engager.
    pub days: Vec<f64>,
    /// Median over patients.
    pub median: Vec<f64>,
    /// 5 % quantile.
    pub low90: Vec<f64>,
    /// 95 % quantile.
    pub high90: Vec<f64>,
}

/// A baseline characteristic, simulated beside published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineSummary {
    /// Words.
    pub variable: String,
    /// Unit.
    pub unit: String,
    /// Simulated mean or percent over all randomised patients.
    pub simulated: f64,
    /// Simulated standard deviation, absent for percentages.
    pub simulated_sd: Option<f64>,
    /// Published mean or percent, patients-weighted over arms that state it.
    pub published: Option<f64>,
    /// Published standard deviation.
    pub published_sd: Option<f64>,
}

/// Share of an arm without an event yet (Kaplan-Meier), over all replicates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SurvivalSummary {
    /// Curve id: `alive`, `no-damage`, `not-treated-again`, or a name of the protocol's.
    pub curve: String,
    /// Arm id.
    pub arm: String,
    /// Weeks.
    pub weeks: Vec<f64>,
    /// Mean percent without the event up to each week.
    pub percent: Vec<f64>,
    /// 5 % quantile over replicates.
    pub low90: Vec<f64>,
    /// 95 % quantile over replicates.
    pub high90: Vec<f64>,
    /// Mean number of patients still watched without it.
    pub at_risk: Vec<f64>,
}

/// One adverse event in one arm over all replicates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventSummary {
    /// Arm id.
    pub arm: String,
    /// Event id.
    pub event: String,
    /// What it is called.
    pub term: String,
    /// Mean percent of patients with it.
    pub percent: f64,
    /// 5 % quantile over replicates.
    pub low90: f64,
    /// 95 % quantile over replicates.
    pub high90: f64,
    /// Mean events per 100 patient-years.
    pub per_100_years: f64,
    /// 5 % quantile over replicates.
    pub rate_low90: f64,
    /// 95 % quantile over replicates.
    pub rate_high90: f64,
    /// Mean percent of patients with grade 3 or worse.
    pub severe_percent: f64,
    /// Mean percent of patients in whom it was serious.
    pub serious_percent: f64,
    /// Mean percent of patients by worst grade, 1 to 5.
    pub grade_percent: Vec<f64>,
    /// Mean patient-years of observation of the arm in one replicate.
    pub patient_years: f64,
    /// Published percent of patients at the last week.
    pub published: Option<f64>,
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

/// A number without a literature source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assumption {
    /// File it stands in.
    pub file: String,
    /// Name or path within the file.
    pub name: String,
    /// Value as written.
    pub value: String,
    /// Unit as written.
    pub unit: String,
    /// Why it was assumed.
    pub reason: String,
}

/// A patient the solver gave up on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailedPatient {
    /// Replicate number.
    pub replicate: u32,
    /// Patient number.
    pub patient: u32,
    /// Arm id.
    pub arm: String,
    /// Reason with time and state.
    pub reason: String,
}

/// The whole summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Id of the trial or study.
    pub study: String,
    /// Full name, such as `TULIP-2`.
    pub name: String,
    /// What the study asks; empty if a trial was run by itself.
    #[serde(default)]
    pub question: String,
    /// Content hash of the plan: data, seed, size and engine version.
    pub hash: String,
    /// Engine version.
    pub version: String,
    /// Seed.
    pub seed: u64,
    /// Simulated trials.
    pub replicates: u32,
    /// Randomised patients per replicate.
    pub patients: u32,
    /// Patients the solver gave up on, all replicates together.
    pub failed_patients: u32,
    /// Simulated patient-years, run-in and screening included.
    pub patient_years: f64,
    /// Wall-clock seconds of the simulation.
    pub wall_seconds: f64,
    /// Population id.
    pub population: String,
    /// Trials the population was fitted to.
    pub calibrated_on: Vec<String>,
    /// Those of them that share patients with this trial without being it: a prediction with a caveat.
    #[serde(default)]
    pub calibrated_on_shared_patients: Vec<String>,
    /// Therapy ids by arm id.
    pub arms: Vec<(String, String)>,
    /// Arms that a figure marks: they rest on a weakly supported therapy that other arms lack.
    #[serde(default)]
    pub weak_arms: Vec<String>,
    /// What to know before believing the numbers: regimens outside the studied range, weakly supported therapies.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Endpoint that decides the trial.
    #[serde(default)]
    pub primary_endpoint: Option<String>,
    /// Week at which it does.
    #[serde(default)]
    pub primary_week: Option<f64>,
    /// Endpoints by arm.
    pub endpoints: Vec<EndpointSummary>,
    /// Comparisons.
    pub contrasts: Vec<ContrastSummary>,
    /// Why patients failed.
    pub reasons: Vec<ReasonSummary>,
    /// Patient flow.
    pub flow: Vec<FlowSummary>,
    /// Screening.
    pub screening: ScreeningSummary,
    /// Baseline characteristics.
    pub baseline: Vec<BaselineSummary>,
    /// Serology, activity, drug.
    pub trajectories: Vec<TrajectorySummary>,
    /// Adverse events; empty if safety was not looked at.
    #[serde(default)]
    pub safety: Vec<EventSummary>,
    /// Patients without an event yet, over time; empty if the protocol asks for no curves.
    #[serde(default)]
    pub survival: Vec<SurvivalSummary>,
    /// Cells, engagers and B cells after the first dose; empty without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinetics: Vec<KineticsSummary>,
    /// The trial's own share in the responses of all patients, from some of the replicates.
    pub trial_effect: Vec<TrialEffectSummary>,
    /// Estimands, if the protocol or the study has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub estimands: Vec<EstimandSummary>,
    /// Baskets, if the protocol analyses any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub baskets: Vec<BasketSummary>,
    /// Hypotheses that share one error, if the protocol lists them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiplicity: Option<MultiplicitySummary>,
    /// Every assumed number behind this run.
    pub assumptions: Vec<Assumption>,
    /// First 100 failed patients.
    pub failures: Vec<FailedPatient>,
    /// Command that repeats the run.
    pub command: String,
}
