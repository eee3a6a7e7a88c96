//! `evidence/pharmacology.toml`: courses of therapies, and what was published about each.

use malar_evidence::{Library as Evidence, Outcome, Part, Split};
use malar_model::codes::{DATA_NOT_FOUND, DISTRIBUTION, EVIDENCE};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::{Quantity, read_toml};
use malar_trial::{Days, TherapyUse};
use serde::Deserialize;
use toml::Spanned;

use super::reading::Reading;

/// Share of the published value that is allowed where no interval is published.
pub const TOLERANCE: f64 = 0.25;

/// The file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PharmacologyFile {
    /// Disease model.
    pub model: String,
    /// Median body weight, kg.
    pub weight: Spanned<Quantity>,
    /// Standard deviation of its natural logarithm.
    pub weight_log_sd: Spanned<Quantity>,
    /// Endpoints of the evidence that are pharmacology: each result of the `fit` list has a row, or a reason why not.
    pub endpoints: Vec<String>,
    /// Courses.
    pub courses: Vec<Course>,
    /// Published results without a row.
    pub unread: Vec<Spanned<Unread>>,
}

/// One way of giving therapies.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// The therapy that rows are about.
    pub therapy: Spanned<String>,
    /// In words.
    pub regimen: String,
    /// Day from which rows count: of the infusion, of the last dose.
    #[serde(default)]
    pub start: f64,
    /// What of the disease differs between the patients; its default for everybody if empty.
    #[serde(default)]
    pub patients: Vec<Drawn>,
    /// Everything given.
    pub gives: Vec<TherapyUse>,
    /// What is compared.
    pub rows: Vec<Row>,
}

/// A parameter of the disease model that is log-normal between patients, cut off at both ends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Parameter.
    pub name: Spanned<String>,
    /// Median before cutting, in the model's unit.
    pub median: f64,
    /// Standard deviation of the natural logarithm before cutting.
    pub log_sd: f64,
    /// Lowest value.
    pub from: f64,
    /// Highest value.
    pub to: f64,
    /// Where the numbers come from.
    pub assumed: String,
}

/// One readout and its published value.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// In words.
    pub readout: String,
    /// A name of the disease model, or `therapy.name`.
    pub shows: Spanned<String>,
    /// A second name by which the first is divided.
    #[serde(default)]
    pub over: Option<Spanned<String>>,
    /// Days to look at, from the course's `start`.
    pub look: Days,
    /// How one patient's values become a number.
    pub reading: Reading,
    /// Unit of the number.
    pub unit: String,
    /// Published value in that unit.
    pub published: f64,
    /// Accepted interval; ±25 % of the value if absent.
    #[serde(default)]
    pub accepted: Option<[f64; 2]>,
    /// Where the interval comes from; needed with `accepted`.
    #[serde(default)]
    pub accepted_as: String,
    /// The published result in the evidence.
    #[serde(default)]
    pub evidence: Option<Spanned<Cited>>,
    /// Publication outside the evidence, of kinetics; needed without `evidence`.
    #[serde(default)]
    pub source: String,
    /// How `published` comes from the number in the evidence, if it is not the same.
    #[serde(default)]
    pub derived: String,
    /// Which number of ours was set to this row; empty if none was.
    #[serde(default)]
    pub sets: String,
    /// Why the row may lie outside; shown only if it does.
    #[serde(default)]
    pub outside: String,
}

/// A result of the evidence, by name.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cited {
    /// File of the evidence.
    pub id: String,
    /// Arm, two of them, or `all`; of a described patient, the patient.
    pub arm: String,
    /// What was measured; of a described patient, the key.
    pub endpoint: String,
    /// Week, if the result has one.
    #[serde(default)]
    pub week: Option<f64>,
    /// Patients it is about.
    #[serde(default = "all")]
    pub population: String,
}

/// Published pharmacology that no row reads.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unread {
    /// File of the evidence.
    pub id: String,
    /// Endpoints of that file.
    pub endpoints: Vec<String>,
    /// Why not.
    pub why: String,
}

fn all() -> String {
    "all".to_owned()
}

impl Row {
    /// Lowest and highest accepted value.
    pub fn limits(&self) -> [f64; 2] {
        self.accepted.unwrap_or_else(|| {
            let ends = [1.0 - TOLERANCE, 1.0 + TOLERANCE].map(|share| share * self.published);
            [ends[0].min(ends[1]), ends[0].max(ends[1])]
        })
    }
}

impl PharmacologyFile {
    /// Reads the file and holds it against the evidence: rows cite verified numbers of the `fit` list as they stand there, and no
    /// verified number of a pharmacological endpoint is passed over in silence.
    pub fn read(source: &Source, evidence: &Evidence, split: &Split) -> Result<PharmacologyFile, Vec<Diagnostic>> {
        let file: PharmacologyFile = read_toml(source).map_err(|found| vec![found])?;
        let drawn = file.courses.iter().flat_map(|course| &course.patients);
        let mut found: Vec<Diagnostic> = drawn.filter_map(|drawn| impossible(drawn, source)).collect();
        for row in file.courses.iter().flat_map(|course| &course.rows) {
            found.extend(sourceless(row, source));
            let cited = row.evidence.as_ref();
            found.extend(cited.and_then(|cited| contradiction(row, cited, evidence, split, source)));
        }
        found.extend(file.passed_over(evidence, split, source));
        if found.is_empty() { Ok(file) } else { Err(found) }
    }

    /// Verified results of the `fit` list that neither a row nor a reason mentions, and reasons about nothing.
    fn passed_over(&self, evidence: &Evidence, split: &Split, source: &Source) -> Vec<Diagnostic> {
        let rows = || self.courses.iter().flat_map(|course| &course.rows);
        let mut found = Vec::new();
        for trial in evidence.iter().filter(|trial| split.kind(&trial.id) == Some(Part::Fit)) {
            for outcome in trial.results().filter(|o| self.endpoints.contains(&o.endpoint)) {
                let cites = |row: &Row| {
                    let cited = row.evidence.as_ref().map(Spanned::get_ref);
                    cited.is_some_and(|cited| cited.id == trial.id && cited.endpoint == outcome.endpoint)
                };
                let excused = |unread: &Spanned<Unread>| {
                    let unread = unread.get_ref();
                    unread.id == trial.id && unread.endpoints.contains(&outcome.endpoint)
                };
                if !rows().any(cites) && !self.unread.iter().any(excused) {
                    let message = format!("no row reads `{}` of `{}`", outcome.endpoint, trial.id);
                    let help = "add a row, or an entry of `unread` that says why not";
                    found.push(Diagnostic::error(EVIDENCE, source, 0..1, message).help(help));
                }
            }
        }
        for unread in &self.unread {
            let (unread, span) = (unread.get_ref(), unread.span());
            let has = |endpoint: &String| {
                let trial = evidence.get(&unread.id);
                trial.is_some_and(|trial| trial.results().any(|outcome| outcome.endpoint == *endpoint))
            };
            if let Some(endpoint) = unread.endpoints.iter().find(|endpoint| !has(endpoint)) {
                let message = format!("`{}` has no verified `{endpoint}`", unread.id);
                let help = "write the id of a file of the evidence and endpoints that stand in it";
                found.push(Diagnostic::error(DATA_NOT_FOUND, source, span, message).help(help));
            }
        }
        found
    }
}

/// A distribution that nobody can be drawn from.
fn impossible(drawn: &Drawn, source: &Source) -> Option<Diagnostic> {
    let is_sound = drawn.median > 0.0 && drawn.log_sd > 0.0 && drawn.from > 0.0 && drawn.from < drawn.to;
    let message = format!(
        "nobody can be drawn from the distribution of `{}`",
        drawn.name.get_ref()
    );
    let found = Diagnostic::error(DISTRIBUTION, source, drawn.name.span(), message);
    (!is_sound).then(|| found.help("give a `median` and a `log_sd` above 0, and `from` above 0 and below `to`"))
}

/// A row without any source, or an interval without a reason.
fn sourceless(row: &Row, source: &Source) -> Option<Diagnostic> {
    let span = row.shows.span();
    let wrong =
        |message: String, help: &str| Some(Diagnostic::error(EVIDENCE, source, span.clone(), message).help(help));
    if row.evidence.is_none() && row.source.is_empty() {
        let message = format!("`{}` has no source", row.readout);
        return wrong(
            message,
            "add `evidence = { id = ..., arm = ..., endpoint = ... }` or `source`",
        );
    }
    if row.accepted.is_some() == row.accepted_as.is_empty() {
        let message = format!(
            "`{}` needs both an accepted interval and where it comes from",
            row.readout
        );
        return wrong(message, "give `accepted` and `accepted_as`, or neither");
    }
    None
}

/// What a row says otherwise than the evidence.
fn contradiction(
    row: &Row,
    cited: &Spanned<Cited>,
    evidence: &Evidence,
    split: &Split,
    source: &Source,
) -> Option<Diagnostic> {
    let (cited, span) = (cited.get_ref(), cited.span());
    let wrong =
        |code, message: String, help: &str| Some(Diagnostic::error(code, source, span.clone(), message).help(help));
    if split.kind(&cited.id) != Some(Part::Fit) {
        let message = format!("`{}` is not on the list of results that may be fitted", cited.id);
        return wrong(
            EVIDENCE,
            message,
            "cite a file of the `fit` list of `evidence/split.toml`",
        );
    }
    let Some(value) = published(cited, evidence) else {
        let message = format!(
            "`{}` has no verified `{}` of `{}` like this",
            cited.id, cited.endpoint, cited.arm
        );
        return wrong(
            DATA_NOT_FOUND,
            message,
            "write arm, endpoint, week and population as they stand in the evidence",
        );
    };
    // Both numbers were typed from the same print: they are equal, or one is derived.
    let is_same = value.is_some_and(|value| (value - row.published).abs() < 1e-9);
    if is_same || !row.derived.is_empty() {
        return None;
    }
    let stands = value.map_or("no number".to_owned(), |value| format!("{value}"));
    let message = format!(
        "`{}` is published as {}, the evidence has {stands}",
        row.readout, row.published
    );
    wrong(
        EVIDENCE,
        message,
        "take the number of the evidence, or say in `derived` how it comes from it",
    )
}

/// The cited number; `Some(None)` for a fact without one.
fn published(cited: &Cited, evidence: &Evidence) -> Option<Option<f64>> {
    let trial = evidence.get(&cited.id)?;
    let same_week = |outcome: &Outcome| match (outcome.week, cited.week) {
        (None, None) => true,
        (Some(a), Some(b)) => (a - b).abs() < 1e-9,
        _ => false,
    };
    let is_cited = |outcome: &&Outcome| {
        (&outcome.arm, &outcome.endpoint, &outcome.population) == (&cited.arm, &cited.endpoint, &cited.population)
            && same_week(outcome)
    };
    if let Some(outcome) = trial.results().find(is_cited) {
        return Some(outcome.value);
    }
    let patient = trial.patients().find(|patient| patient.id == cited.arm)?;
    let number = match cited.endpoint.as_str() {
        "cart_peak_day" => patient.cart_peak_day.map(f64::from),
        "cart_peak_cells_per_ul" => patient.cart_peak_cells_per_ul,
        "bcell_undetectable_day" => patient.bcell_undetectable_day.map(f64::from),
        "bcell_return_day" => patient.bcell_return_day.map(f64::from),
        _ => None,
    };
    number.map(Some)
}
