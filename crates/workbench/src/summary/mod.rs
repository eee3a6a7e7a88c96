//! What a run says in short: `summary.json`, the `--json` output, and the source of every figure in the report.
//!
//! Other programs read these names; add fields, never rename them.

mod conduct;
mod efficacy;

use serde::{Deserialize, Serialize};

pub use conduct::{
    BaselineSummary, EventSummary, FlowSummary, KineticsSummary, ScreeningSummary, SurvivalSummary, TrajectorySummary,
};
pub use efficacy::{
    BasketSummary, BorrowedSummary, ContrastSummary, EndpointSummary, EstimandSummary, EstimatorSummary,
    HypothesisSummary, MultiplicitySummary, ReasonSummary, ShareSummary, TrialEffectSummary,
};

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
