//! Rows of patients: who they are, what was seen, given and happened.

use serde::Serialize;

use crate::instruments::Components;

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
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub arm: u16,
    /// Index into [`Labels::strata`](super::Labels::strata).
    pub stratum: u16,
    /// Index into [`Labels::regions`](super::Labels::regions); `None` without regions.
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
    /// Index into [`Labels::arms`](super::Labels::arms).
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
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub arm: u16,
    /// Index into [`Labels::endpoints`](super::Labels::endpoints).
    pub endpoint: u16,
    /// Week of assessment.
    pub week: f64,
    /// Responder.
    pub responded: bool,
    /// Index into [`Labels::reasons`](super::Labels::reasons); 0 for a responder.
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
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub arm: u16,
    /// Days since randomisation.
    pub day: f64,
    /// Index into [`Labels::therapies`](super::Labels::therapies).
    pub therapy: u16,
    /// Amount, in [`Labels::dose_units`](super::Labels::dose_units).
    pub amount: f64,
    /// Taken every day from this day on, rather than once.
    pub is_daily: bool,
}

/// One adverse event of one patient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EventRow {
    /// Number within the replicate.
    pub patient: u32,
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub arm: u16,
    /// Days since randomisation.
    pub day: f64,
    /// Index into [`Labels::events`](super::Labels::events).
    pub event: u16,
    /// 1 mild to 5 death.
    pub grade: u8,
    /// Index into [`Labels::causes`](super::Labels::causes).
    pub cause: u16,
}

/// Cells, engagers or B cells of one patient on one day, in arms that give cells or engagers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct KineticsRow {
    /// Patient number within the replicate.
    pub patient: u32,
    /// Index into [`Labels::arms`](super::Labels::arms).
    pub arm: u16,
    /// Index into [`Labels::traces`](super::Labels::traces).
    pub trace: u16,
    /// Days since randomisation.
    pub day: f64,
    /// Days since the first dose of cells or engager.
    pub since_dose: f64,
    /// Value in the unit of the trace.
    pub value: f64,
}
