//! Names behind the indices of the rows.

use serde::Serialize;

/// Names behind the indices of the rows; the same for every replicate of a trial.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Labels {
    /// Arm ids in protocol order.
    pub arms: Vec<String>,
    /// Endpoint ids (`bicla`, `sri-4` ...), in protocol order.
    pub endpoints: Vec<String>,
    /// What published results call each endpoint: a trial's own `crr-nobility` is its `crr`.
    pub published_as: Vec<String>,
    /// Unit of each endpoint: `percent`, `per patient-year`, or what a score counts.
    pub endpoint_units: Vec<String>,
    /// Reasons of non-response; index 0 is `responder`.
    pub reasons: Vec<String>,
    /// Analysis populations (`all`, `ifngs-high` ...); index 0 is `all`.
    pub populations: Vec<String>,
    /// Entry criteria, in the order they are checked; names of [`Screening::failed_by_criterion`](super::Screening::failed_by_criterion).
    pub criteria: Vec<String>,
    /// Randomisation strata.
    pub strata: Vec<String>,
    /// Baskets, the trial's own population first; none if there are no others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub baskets: Vec<String>,
    /// Regions; none if they do not differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// Ids of the therapies that arms give, in protocol order.
    pub therapies: Vec<String>,
    /// What the doses of each are counted in: `mg`, `cells` or `mL`.
    pub dose_units: Vec<String>,
    /// Estimands of the protocol and the study.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub estimands: Vec<EstimandLabel>,
    /// Ids of the adverse events that are looked for; none if safety is not.
    pub events: Vec<String>,
    /// What each is called.
    pub event_terms: Vec<String>,
    /// Lowest grade of each that is serious.
    pub event_serious_from: Vec<u8>,
    /// Ids of the curves of patients without an event yet.
    pub curves: Vec<String>,
    /// What may lead to an event: `background`, then therapy ids.
    pub causes: Vec<String>,
    /// What [`KineticsRow`](super::KineticsRow)s follow; none if safety is not looked at or no arm gives cells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<TraceLabel>,
    /// Hypotheses that share one error, if the protocol lists them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiplicity: Option<MultiplicityLabel>,
}

/// How hypotheses share one error.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MultiplicityLabel {
    /// One-sided error of all together.
    pub alpha: f64,
    /// `graph`, `fixed-sequence` or `holm`.
    pub procedure: String,
    /// In protocol order.
    pub hypotheses: Vec<HypothesisLabel>,
}

/// That an arm is no better than the control.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HypothesisLabel {
    /// Id.
    pub id: String,
    /// Index into [`Labels::arms`].
    pub arm: u16,
    /// Index into [`Labels::arms`].
    pub control: u16,
    /// Index into [`Labels::endpoints`].
    pub endpoint: u16,
    /// Week of assessment.
    pub week: f64,
    /// Index into [`Labels::populations`].
    pub population: u16,
    /// Share of alpha to begin with, 0-1.
    pub weight: f64,
    /// Which hypotheses get how much of it once this one is rejected; shares above 0.
    pub passes: Vec<(u16, f64)>,
}

/// A quantity that is followed in arms with cells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TraceLabel {
    /// Product; empty for B cells, which all of them meet.
    pub therapy: String,
    /// What it is, in words.
    pub quantity: String,
    /// Unit.
    pub unit: String,
}

/// An estimand in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EstimandLabel {
    /// Id.
    pub id: String,
    /// What it asks; may be empty.
    pub question: String,
    /// Variable and week.
    pub variable: String,
    /// Analysis population.
    pub population: String,
    /// Strategy for leaving study drug.
    pub discontinuation: String,
    /// Strategy for restricted medication.
    pub restricted_medication: String,
    /// Summary measure.
    pub measure: String,
    /// Its unit.
    pub unit: String,
    /// True if it is a ratio; its truth and bias are then given as natural logarithms.
    pub is_ratio: bool,
    /// Estimators in the order of the rows.
    pub estimators: Vec<String>,
}
