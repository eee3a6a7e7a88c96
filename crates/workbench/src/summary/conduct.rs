//! Who came, stayed and left, what they were like, and what happened to them.

use serde::{Deserialize, Serialize};

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
