//! One trial or series as its file gives it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Results of one trial, pooled analysis or series of patients.
///
/// Keys of the file: `data/evidence/README.md`. Only verified outcomes can be reached.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Kebab-case id, the name of the file.
    pub id: String,
    /// Name as people say it.
    pub name: String,
    /// Number in a trial register; empty if none.
    pub registry: String,
    /// `1`, `1/2`, `2`, `2a`, `2b`, `2/3`, `3`, `4`, `case-series` or `observational`.
    pub phase: String,
    /// `SLE`, `LN`, `CLE`, ...
    pub indication: String,
    /// Design in a few words.
    pub design: String,
    /// Whether chance chose the arm.
    pub randomised: bool,
    /// Whether patients and raters were blind.
    pub blinded: bool,
    /// Year of the first full publication.
    pub year: u16,
    /// Planned length, weeks.
    pub duration_weeks: u32,
    /// Patients in all arms; 0 if not seen.
    pub n_total: u32,
    /// Who could enter, in own words.
    pub eligibility: Vec<String>,
    /// Therapy that went on beside the studied one.
    pub background_therapy: String,
    /// What made a patient a non-responder.
    pub restricted_medication: String,
    /// Steroid taper the protocol asked for; empty if none.
    pub steroid_taper: String,
    /// Where the trial is published.
    pub source: Vec<String>,
    /// Files that report some of the same patients: of all these, one may be fitted. `many`: most trials of its time.
    #[serde(default)]
    pub shares_patients_with: Vec<String>,
    /// Percentages are weighted over strata, so they differ from responders over n by up to a percentage point.
    #[serde(default)]
    pub stratified_percentages: bool,
    /// Anything else worth knowing.
    #[serde(default)]
    pub note: String,
    /// Arms, in the order of the file.
    pub arms: Vec<Arm>,
    #[serde(default)]
    pub(crate) outcomes: Vec<Outcome>,
    #[serde(default)]
    pub(crate) patients: Vec<Patient>,
}

/// How a product enters the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are the routes")]
pub enum Route {
    Iv,
    Sc,
    Im,
    Oral,
    InfusionCells,
    Surgery,
    None,
}

/// One arm, or one series of a file without arms.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Kebab-case id, unique in the file.
    pub id: String,
    /// Id of the therapy, `placebo` for placebo, parts of a combination joined by `+`.
    pub therapy: String,
    /// Dose and interval in words.
    pub regimen: String,
    /// Dose, mg.
    #[serde(default)]
    pub dose_mg: Option<f64>,
    /// Dose, cells.
    #[serde(default)]
    pub dose_cells: Option<f64>,
    /// Dose, cells per kg of body weight.
    #[serde(default)]
    pub dose_cells_per_kg: Option<f64>,
    /// How it is given.
    #[serde(default)]
    pub route: Option<Route>,
    /// Days between doses.
    #[serde(default)]
    pub interval_days: Option<u32>,
    /// Doses planned.
    #[serde(default)]
    pub n_doses: Option<u32>,
    /// Conditioning chemotherapy before cells.
    #[serde(default)]
    pub lymphodepletion: String,
    /// Virus or other means that carried the gene.
    #[serde(default)]
    pub vector: String,
    /// Genes edited.
    #[serde(default)]
    pub gene_edits: String,
    /// How the cells were made.
    #[serde(default)]
    pub manufacture: String,
    /// Patients; absent if not seen.
    #[serde(default)]
    pub n: Option<u32>,
    /// Anything else worth knowing.
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub(crate) baseline: BTreeMap<String, f64>,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// Percent of patients with the event.
    Binary,
    /// Arithmetic (or model-adjusted) mean, also differences and test statistics.
    Mean,
    /// Median.
    Median,
    /// Events per time.
    Rate,
    /// Hazard ratio.
    HazardRatio,
    /// Odds ratio.
    OddsRatio,
    /// Change in percent of the baseline value.
    PercentChange,
    /// Percent still without the event.
    Survival,
    /// Percent with the event so far, competing risks allowed for.
    CumulativeIncidence,
    /// Time until an event.
    TimeToEvent,
    /// Number of things.
    Count,
    /// Middle of a printed range, with `min` and `max`.
    Range,
    /// Smallest value printed.
    Min,
    /// Largest value printed.
    Max,
    /// A fact in `note`, without a value.
    Descriptive,
    /// Result of somebody else's model.
    Model,
    /// List price.
    Price,
    /// Mean over countries.
    CountryMean,
    /// Stated by the maker without data.
    Claim,
}

/// One number of one arm (or of `x-vs-y`, or of `all` arms).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Arm id, two of them as `x-vs-y`, or `all`.
    pub arm: String,
    /// Kebab-case id of what was measured.
    pub endpoint: String,
    /// Weeks since the first dose; absent if the result has no one time.
    #[serde(default)]
    pub week: Option<f64>,
    /// Patients it is about: `all` or a subgroup.
    pub population: String,
    /// Rule set of the analysis, if the file holds more than one; look-ups return results without variant.
    #[serde(default)]
    pub variant: Option<String>,
    /// What the value is.
    pub kind: Kind,
    /// Patients with the event.
    #[serde(default)]
    pub responders: Option<u32>,
    /// Patients behind the value.
    #[serde(default)]
    pub n: Option<u32>,
    /// The value, in `unit`; percent for [`Kind::Binary`]. Absent for [`Kind::Descriptive`].
    #[serde(default)]
    pub value: Option<f64>,
    /// Unit of the value.
    pub unit: String,
    /// Lower limit of the printed interval, 95 % unless `note` says otherwise.
    #[serde(default)]
    pub ci_low: Option<f64>,
    /// Upper limit.
    #[serde(default)]
    pub ci_high: Option<f64>,
    /// Standard deviation between patients.
    #[serde(default)]
    pub sd: Option<f64>,
    /// Standard error of the value.
    #[serde(default)]
    pub se: Option<f64>,
    /// Smallest value printed.
    #[serde(default)]
    pub min: Option<f64>,
    /// Largest value printed.
    #[serde(default)]
    pub max: Option<f64>,
    /// Publication.
    pub source: String,
    /// Page where the number was read.
    pub url: String,
    /// True if the number was read in the source.
    pub verified: bool,
    /// Anything else worth knowing.
    #[serde(default)]
    pub note: String,
}

/// One described patient.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "units stand in the names; the README lists them")]
pub struct Patient {
    pub id: String,
    pub product: String,
    pub url: String,
    pub verified: bool,
    pub age: Option<u32>,
    pub sex: Option<String>,
    pub ln_class: Option<String>,
    pub dose_cells: Option<f64>,
    pub dose_cells_per_kg: Option<f64>,
    pub baseline_sledai: Option<u32>,
    pub last_sledai: Option<u32>,
    pub cart_peak_day: Option<u32>,
    pub cart_peak_cells_per_ul: Option<f64>,
    pub bcell_undetectable_day: Option<u32>,
    pub bcell_return_day: Option<u32>,
    pub crs_grade: Option<u32>,
    pub crs_onset_day: Option<u32>,
    pub crs_end_day: Option<u32>,
    pub icans_grade: Option<u32>,
    pub relapse_month: Option<u32>,
    pub followup_months: Option<u32>,
    pub outcome: Option<String>,
    pub note: Option<String>,
}
