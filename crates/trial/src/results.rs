//! What a simulated trial leaves: rows that a store can write and a report can draw.
//!
//! Names of arms, endpoints, reasons and populations live once in [`Labels`]; rows refer to them by index.

use serde::Serialize;

use crate::instruments::Components;

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
    /// Entry criteria, in the order they are checked; names of [`Screening::failed_by_criterion`].
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
    /// What [`KineticsRow`]s follow; none if safety is not looked at or no arm gives cells.
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

/// How a patient's time in the trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatientStatus {
    /// Reached the last visit on study drug.
    Completed,
    /// Left for reasons unrelated to activity.
    DroppedOutAdministrative,
    /// Left because the disease did not improve.
    DroppedOutLackOfEfficacy,
    /// Stopped because of an adverse event.
    DroppedOutAdverseEvent,
    /// The solver could not finish this patient; see `failure`.
    SolverFailed,
}

/// One randomised patient.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PatientRow {
    /// Number within the replicate, in order of randomisation.
    pub patient: u32,
    /// Index into [`Labels::arms`].
    pub arm: u16,
    /// Index into [`Labels::strata`].
    pub stratum: u16,
    /// Index into [`Labels::regions`]; `None` without regions.
    pub region: Option<u16>,
    /// Screening attempts until eligible, 1 or more.
    pub screening_attempts: u8,
    /// Body weight, kg.
    pub weight_kg: f64,
    /// Measured SLEDAI-2K at baseline, points.
    pub sledai_2k: u16,
    /// Measured PGA at baseline, 0-3.
    pub pga: f64,
    /// BILAG-2004 domains graded A at baseline.
    pub bilag_a: u8,
    /// BILAG-2004 domains graded B at baseline.
    pub bilag_b: u8,
    /// Prednisone-equivalent at baseline, mg/day.
    pub prednisone_mg_per_day: f64,
    /// Type I interferon gene signature high.
    pub ifn_signature_high: bool,
    /// Anti-dsDNA above the upper limit of normal at baseline.
    pub anti_dsdna_positive: bool,
    /// C3 or C4 below the lower limit of normal at baseline.
    pub low_complement: bool,
    /// On an antimalarial.
    pub antimalarial: bool,
    /// On an immunosuppressant.
    pub immunosuppressant: bool,
    /// How it ended.
    pub status: PatientStatus,
    /// Last week on study drug.
    pub last_week: f64,
    /// Week of the first restricted medication, if any.
    pub restricted_week: Option<f64>,
    /// BILAG flares counted while on study drug.
    pub flares: u16,
    /// Times treatment was given again.
    pub retreatments: u16,
    /// Why the solver gave up, with time and state; empty if it did not.
    pub failure: String,
}

/// One visit of one patient, as measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VisitRow {
    /// Number within the replicate.
    pub patient: u32,
    /// Index into [`Labels::arms`].
    pub arm: u16,
    /// Weeks since randomisation.
    pub week: f64,
    /// SLEDAI-2K total, points.
    pub sledai_2k: u16,
    /// The 24 SLEDAI-2K items as bits, item 1 lowest.
    pub sledai_items: u32,
    /// BILAG-2004 grades of the nine domains in instrument order, `A`..`E`.
    pub bilag: [u8; 9],
    /// PGA, 0-3, to 0.01.
    pub pga: f64,
    /// Prednisone-equivalent from this visit on, mg/day.
    pub prednisone_mg_per_day: f64,
    /// Anti-dsDNA IgG, IU/mL.
    pub anti_dsdna_iu_per_ml: f64,
    /// Anti-dsDNA of class IgA2, arbitrary units; NaN if the trial does not measure it.
    pub iga2_anti_dsdna_au: f64,
    /// Anti-dsDNA of class IgA1, arbitrary units; NaN if the trial does not measure it.
    pub iga1_anti_dsdna_au: f64,
    /// C3, g/L.
    pub c3_g_per_l: f64,
    /// C4, g/L.
    pub c4_g_per_l: f64,
    /// Interferon gene signature, fold of own baseline.
    pub ifn_signature_fold: f64,
    /// Serum concentration of the study drug before dosing, mg/L; zero without drug.
    pub concentration_mg_per_l: f64,
    /// Urine protein to creatinine, g/g; absent, like what follows, where the trial does not measure it.
    pub upcr_g_per_g: Option<f64>,
    /// Estimated filtration rate, mL/min/1.73 m².
    pub egfr_ml_per_min: Option<f64>,
    /// CLASI activity, 0-70.
    pub clasi_activity: Option<f64>,
    /// Tender joints of 28.
    pub tender_joints: Option<f64>,
    /// Swollen joints of 28.
    pub swollen_joints: Option<f64>,
    /// Still on study drug at this visit.
    pub on_study: bool,
    /// Restricted medication was used up to now.
    pub restricted: bool,
    /// Everything that endpoints look at, as it was before this visit's decision.
    #[serde(skip)]
    pub components: Components,
}

/// One endpoint of one patient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OutcomeRow {
    /// Number within the replicate.
    pub patient: u32,
    /// Index into [`Labels::arms`].
    pub arm: u16,
    /// Index into [`Labels::endpoints`].
    pub endpoint: u16,
    /// Week of assessment.
    pub week: f64,
    /// Responder.
    pub responded: bool,
    /// Index into [`Labels::reasons`]; 0 for a responder.
    pub reason: u16,
    /// Value of a score; absent where there is none, and for responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

/// One dose of one patient, as given.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DoseRow {
    /// Number within the replicate.
    pub patient: u32,
    /// Index into [`Labels::arms`].
    pub arm: u16,
    /// Days since randomisation.
    pub day: f64,
    /// Index into [`Labels::therapies`].
    pub therapy: u16,
    /// Amount, in [`Labels::dose_units`].
    pub amount: f64,
    /// Taken every day from this day on, rather than once.
    pub is_daily: bool,
}

/// One adverse event of one patient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EventRow {
    /// Number within the replicate.
    pub patient: u32,
    /// Index into [`Labels::arms`].
    pub arm: u16,
    /// Days since randomisation.
    pub day: f64,
    /// Index into [`Labels::events`].
    pub event: u16,
    /// 1 mild to 5 death.
    pub grade: u8,
    /// Index into [`Labels::causes`].
    pub cause: u16,
}

/// Share of an arm without an event up to a week (Kaplan-Meier).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SurvivalRow {
    /// Index into [`Labels::arms`].
    pub arm: u16,
    /// Index into [`Labels::curves`].
    pub curve: u16,
    /// Weeks since randomisation.
    pub week: f64,
    /// Share without the event, 0-1.
    pub share: f64,
    /// Patients still watched without it.
    pub at_risk: u32,
}

/// Cells, engagers or B cells of one patient on one day, in arms that give cells or engagers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct KineticsRow {
    /// Patient number within the replicate.
    pub patient: u32,
    /// Index into [`Labels::arms`].
    pub arm: u16,
    /// Index into [`Labels::traces`].
    pub trace: u16,
    /// Days since randomisation.
    pub day: f64,
    /// Days since the first dose of cells or engager.
    pub since_dose: f64,
    /// Value in the unit of the trace.
    pub value: f64,
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
    /// Index into [`Labels::arms`].
    pub arm: u16,
    /// Index into [`Labels::endpoints`].
    pub endpoint: u16,
    /// Week of assessment.
    pub week: f64,
    /// Index into [`Labels::populations`].
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
    /// Index into [`MultiplicityLabel::hypotheses`].
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
    /// Index into [`Labels::arms`].
    pub arm: u16,
    /// Index into [`Labels::baskets`].
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
    /// Index into [`Labels::estimands`].
    pub estimand: u16,
    /// Index into that estimand's estimators.
    pub estimator: u16,
    /// Index into [`Labels::arms`].
    pub arm: u16,
    /// Index into [`Labels::arms`].
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
    /// Index into [`Labels::estimands`].
    pub estimand: u16,
    /// Index into [`Labels::arms`].
    pub arm: u16,
    /// Index into [`Labels::arms`].
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
