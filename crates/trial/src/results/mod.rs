//! What a simulated trial leaves: rows that a store can write and a report can draw.
//!
//! Names of arms, endpoints, reasons and populations live once in [`Labels`]; rows refer to them by index.

mod analysed;
mod labels;
mod patients;

use serde::Serialize;

pub use analysed::{
    AtRisk, BasketRow, EndpointRow, EstimandRow, EstimateRow, HypothesisRow, Posterior, SurvivalRow, TruthRow,
};
pub use labels::{EstimandLabel, HypothesisLabel, Labels, MultiplicityLabel, TraceLabel};
pub use patients::{DoseRow, EventRow, KineticsRow, OutcomeRow, PatientRow, PatientStatus, VisitRow};

/// What happened before randomisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Screening {
    /// Virtual candidates drawn.
    pub candidates: u32,
    /// Candidates refused by the population's hard filters (implausible virtual patients).
    pub filtered: u32,
    /// Screening visits held.
    pub attempts: u32,
    /// Screening visits that failed each criterion; overlapping. Order of [`Labels::criteria`].
    pub failed_by_criterion: Vec<u32>,
    /// Candidates the solver could not carry to screening.
    pub solver_failed: u32,
    /// Patients randomised.
    pub randomised: u32,
}

/// Everything one simulated trial leaves.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Replicate {
    /// Replicate number, from 0.
    pub index: u32,
    /// Before randomisation.
    pub screening: Screening,
    /// By patient.
    pub patients: Vec<PatientRow>,
    /// By patient, then week.
    pub visits: Vec<VisitRow>,
    /// By patient, then endpoint, then week.
    pub outcomes: Vec<OutcomeRow>,
    /// By endpoint, week, population, arm.
    pub endpoints: Vec<EndpointRow>,
    /// By endpoint, week, population, arm.
    pub estimates: Vec<EstimateRow>,
    /// By patient, then day: what the arms gave, without background steroids.
    pub doses: Vec<DoseRow>,
    /// By estimand, arm, estimator.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub estimands: Vec<EstimandRow>,
    /// By patient, then day. Empty if safety is not looked at.
    pub events: Vec<EventRow>,
    /// By arm. Empty if safety is not looked at.
    pub at_risk: Vec<AtRisk>,
    /// By curve, arm, week.
    pub survival: Vec<SurvivalRow>,
    /// By patient, then day, in arms with cells. Empty if safety is not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinetics: Vec<KineticsRow>,
    /// In the order of the hypotheses. Empty if the protocol lists none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hypotheses: Vec<HypothesisRow>,
    /// By arm, then basket. Empty without a basket analysis.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub baskets: Vec<BasketRow>,
    /// Simulated patient-years, run-in and screening included.
    pub patient_years: f64,
    /// Accepted and rejected solver steps.
    pub steps: (u64, u64),
}
