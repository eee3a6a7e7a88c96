//! The protocol file as written: its sections, before anything is checked.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::again::AgainFile;
use super::baskets::BasketAnalysisFile;
use super::multiplicity::MultiplicityFile;
use super::origin::OriginFile;
use super::regions::RegionFile;
use super::withdrawal::AdverseEventsFile;
use crate::estimand::EstimandFile;
use crate::instruments::Sledai;
use crate::planned::{Encounter, Epoch};
use crate::regimen::TherapyUse;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProtocolFile {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub registry: String,
    pub model: String,
    pub population: Spanned<String>,
    pub evidence: Option<String>,
    pub duration_weeks: Spanned<f64>,
    pub visit_every_weeks: f64,
    pub sledai: Sledai,
    pub instruments: Vec<String>,
    pub steroid: String,
    pub source: Vec<String>,
    pub arms: Vec<Spanned<ArmFile>>,
    pub candidates: Option<CandidatesFile>,
    pub screening: ScreeningFile,
    pub randomisation: RandomisationFile,
    pub rescue: RescueFile,
    pub taper: Option<TaperFile>,
    pub retreatment: Option<RetreatmentFile>,
    #[serde(default)]
    pub survival: Vec<SurvivalFile>,
    pub endpoints: Vec<EndpointUseFile>,
    #[serde(default)]
    pub populations: Vec<PopulationFile>,
    #[serde(default)]
    pub estimands: Vec<Spanned<EstimandFile>>,
    pub follow_up: Option<FollowUpFile>,
    #[serde(default)]
    pub epochs: Vec<Epoch>,
    #[serde(default)]
    pub encounters: Vec<Spanned<Encounter>>,
    pub conduct: Option<Spanned<ConductFile>>,
    pub adverse_events: Option<AdverseEventsFile>,
    pub run_in: Option<RunInFile>,
    #[serde(default)]
    pub regions: Vec<Spanned<RegionFile>>,
    #[serde(default)]
    pub randomised_again: Vec<Spanned<AgainFile>>,
    #[serde(default)]
    pub baskets: Vec<Spanned<OriginFile>>,
    pub basket_analysis: Option<Spanned<BasketAnalysisFile>>,
    pub multiplicity: Option<Spanned<MultiplicityFile>>,
}

/// `[run_in]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunInFile {
    pub visits: Spanned<u8>,
    pub holds: Spanned<String>,
    pub assumed: String,
}

/// `[conduct]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConductFile {
    #[serde(default = "always")]
    pub adherence: f64,
    #[serde(default)]
    pub rater_drift_per_year: f64,
    pub assumed: String,
}

/// `[follow_up]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FollowUpFile {
    pub share: Spanned<f64>,
    pub assumed: String,
}

/// One of `[[arms]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArmFile {
    pub id: String,
    pub n: u32,
    #[serde(default)]
    pub control: bool,
    pub external: Option<Spanned<OriginFile>>,
    #[serde(default)]
    pub therapies: Vec<Spanned<TherapyUse>>,
}

/// `[candidates]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CandidatesFile {
    pub constants: Spanned<BTreeMap<String, f64>>,
    pub assumed: String,
}

/// `[screening]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScreeningFile {
    pub attempts: u8,
    pub again_after_weeks: Option<Spanned<f64>>,
    pub assumed: String,
    pub criteria: Vec<CriterionFile>,
}

/// An entry criterion.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CriterionFile {
    pub id: String,
    pub holds: Spanned<String>,
    #[serde(default = "yes")]
    pub again: bool,
}

/// A named rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    pub id: String,
    pub holds: Spanned<String>,
}

/// `[randomisation]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RandomisationFile {
    pub block_size: Spanned<u32>,
    pub assumed: String,
    #[serde(default)]
    pub strata: Vec<RuleFile>,
    pub minimisation: Option<Spanned<f64>>,
}

/// `[rescue]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RescueFile {
    pub worse: Spanned<String>,
    pub counts_from_week: f64,
    pub assumed: String,
}

/// `[taper]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaperFile {
    pub eligible: Spanned<String>,
    pub when: Spanned<String>,
    pub from_week: f64,
    pub to_week: f64,
    pub target_mg: f64,
    pub step_mg: f64,
    pub step_share: f64,
    pub back_up: Spanned<String>,
    pub back_up_mg: f64,
    pub assumed: String,
}

/// `[retreatment]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RetreatmentFile {
    pub when: Spanned<String>,
    pub from_week: f64,
    pub again_after_weeks: f64,
    pub most: u32,
    pub days: Spanned<f64>,
    pub assumed: String,
}

/// One of `[[survival]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SurvivalFile {
    pub id: String,
    pub event: Spanned<String>,
}

/// One of `[[endpoints]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndpointUseFile {
    pub id: Spanned<String>,
    pub weeks: Spanned<Vec<f64>>,
    pub primary_week: Option<f64>,
}

/// One of `[[populations]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PopulationFile {
    pub id: String,
    pub holds: Spanned<String>,
    pub at_week: Option<Spanned<f64>>,
}

fn yes() -> bool {
    true
}

fn always() -> f64 {
    1.0
}
