//! Composite endpoints as data: rules from components, worked cases in the same file, a reason for every non-response.

mod case;

use std::collections::BTreeSet;

use malar_model::codes::{ENDPOINT, NO_SOURCE, NOT_MEASURED, WORKED_CASE};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::rule::Rule;
use malar_model::toml_file::read_toml;
use serde::Deserialize;
use toml::Spanned;

use crate::instruments::{DISCONTINUED_AT, RESTRICTED_AT};
use crate::instruments::{Instrument, VARIABLES, Variables, variable_names};
pub use case::Case;
use case::{CaseFile, parse_case};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndpointFile {
    id: String,
    name: String,
    kind: Kind,
    unit: String,
    source: Vec<String>,
    published_as: Option<String>,
    denominator: Option<Spanned<String>>,
    event: Option<Spanned<String>>,
    value: Option<Spanned<String>>,
    #[serde(default)]
    intercurrent: Intercurrent,
    #[serde(default)]
    criteria: Vec<CriterionFile>,
    #[serde(default)]
    cases: Vec<Spanned<CaseFile>>,
}

/// What an endpoint yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Share of responders at a week.
    Binary,
    /// Events per patient-year up to a week.
    Rate,
    /// Mean of a value at a week; written so that more is better.
    Score,
}

/// What happens to a response when study drug is stopped or restricted medication used (ICH E9(R1)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intercurrent {
    /// Discontinuation of study drug.
    #[serde(default)]
    pub discontinuation: Strategy,
    /// Restricted medication.
    #[serde(default)]
    pub restricted_medication: Strategy,
}

/// Strategy for an intercurrent event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The event makes the patient a non-responder.
    #[default]
    Composite,
    /// The value is used regardless of the event.
    TreatmentPolicy,
    /// Time after the event does not count.
    WhileOnTreatment,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CriterionFile {
    id: String,
    label: String,
    holds: Spanned<String>,
    from_week: Option<f64>,
}

/// One condition of a response; the id names the reason when it fails.
#[derive(Clone, Debug)]
pub struct Criterion {
    /// Reason id.
    pub id: String,
    /// Reason for people.
    pub label: String,
    /// Rule that must hold.
    pub holds: Rule,
    /// If given, it must hold at every visit from this week on.
    pub from_week: Option<f64>,
    /// Positions of the variables that the rule reads.
    reads: Vec<usize>,
}

impl Criterion {
    /// Whether the criterion holds at the last of `visits`, or from its week on. Missing if it fails, but only at
    /// visits that lack a value it reads.
    fn verdict(&self, visits: &[Variables]) -> Verdict {
        let last = visits.len() - 1;
        let looked_at = visits.iter().enumerate().filter(|(k, v)| match self.from_week {
            None => *k == last,
            Some(from) => v[0] >= from, // the first variable is the week
        });
        let mut verdict = Verdict::Holds;
        for (_, values) in looked_at {
            if self.holds.holds(values) {
                continue;
            }
            if !self.reads.iter().any(|&k| values[k].is_nan()) {
                return Verdict::Fails;
            }
            verdict = Verdict::Missing;
        }
        verdict
    }
}

/// What a criterion says of a patient; of several visits the greatest counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Holds,
    Missing,
    Fails,
}

/// A checked endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Id, equal to the file name.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it yields.
    pub kind: Kind,
    /// `percent`, `per patient-year`, or what a score counts.
    pub unit: String,
    /// What published results call it; the id if the file does not say.
    pub published_as: String,
    /// Who is in the denominator; everybody if absent.
    pub denominator: Option<Rule>,
    /// The event counted by a rate.
    pub event: Option<Rule>,
    /// The value of a score.
    pub value: Option<Rule>,
    /// Intercurrent events.
    pub intercurrent: Intercurrent,
    /// Conditions, in the order in which reasons are given.
    pub criteria: Vec<Criterion>,
    /// Worked cases.
    pub cases: Vec<Case>,
}

/// Weeks closer than this are one visit.
pub(crate) const SAME_WEEK: f64 = 1e-9;

/// Values of worked cases are decimals with fewer places than this; sums of binary fractions miss them by far less.
const AS_PRINTED: f64 = 1e-9;

/// Reason id where a score has a value.
pub(crate) const SCORED: &str = "scored";

/// Reason index of a responder, or of a patient whose score has a value.
pub const RESPONDER: usize = 0;
/// Reason index after discontinuation.
pub const DISCONTINUED: usize = 1;
/// Reason index after restricted medication.
pub const RESTRICTED: usize = 2;
/// Reason index when the solver gave up.
pub const NOT_SOLVED: usize = 3;
/// Reason index when a value that a criterion needs is missing.
pub const NOT_ASSESSED: usize = 4;
/// Reason index of the endpoint's first criterion.
pub const FIRST_CRITERION: usize = 5;

impl Endpoint {
    /// Reads and checks an endpoint file, including its worked cases.
    pub fn parse(source: &Source) -> Result<Endpoint, Diagnostic> {
        let file: EndpointFile = read_toml(source)?;
        let rule = |text: &Spanned<String>| parse_rule(text, source);
        let mut criteria = Vec::new();
        for c in &file.criteria {
            let holds = rule(&c.holds)?;
            criteria.push(Criterion {
                id: c.id.clone(),
                label: c.label.clone(),
                from_week: c.from_week,
                reads: holds.positions(),
                holds,
            });
        }
        let endpoint = Endpoint {
            denominator: file.denominator.as_ref().map(rule).transpose()?,
            event: file.event.as_ref().map(rule).transpose()?,
            value: file.value.as_ref().map(rule).transpose()?,
            cases: file
                .cases
                .iter()
                .map(|c| parse_case(c, source))
                .collect::<Result<_, _>>()?,
            published_as: file.published_as.unwrap_or_else(|| file.id.clone()),
            id: file.id,
            name: file.name,
            kind: file.kind,
            unit: file.unit,
            intercurrent: file.intercurrent,
            criteria,
        };
        endpoint.check(&file.source, &file.cases, source)?;
        Ok(endpoint)
    }

    fn check(&self, sources: &[String], cases: &[Spanned<CaseFile>], source: &Source) -> Result<(), Diagnostic> {
        let whole = 0..source.text.lines().next().map_or(0, str::len);
        if sources.is_empty() {
            return Err(Diagnostic::error(
                NO_SOURCE,
                source,
                whole,
                format!("endpoint `{}` has no source", self.id),
            )
            .help("add `source = [\"doi:...\"]`"));
        }
        let has = [!self.criteria.is_empty(), self.event.is_some(), self.value.is_some()];
        if has != [Kind::Binary, Kind::Rate, Kind::Score].map(|kind| kind == self.kind) {
            return Err(
                Diagnostic::error(ENDPOINT, source, whole, format!("endpoint `{}` is incomplete", self.id))
                    .help("a `binary` endpoint has `[[criteria]]`, a `rate` an `event`, a `score` a `value`, and no other of them"),
            );
        }
        if self.kind == Kind::Score {
            self.check_score(source, whole)?;
        }
        self.check_cases(cases, source)
    }

    fn check_cases(&self, cases: &[Spanned<CaseFile>], source: &Source) -> Result<(), Diagnostic> {
        for (case, place) in self.cases.iter().zip(cases) {
            let (reason, value) = self.answer(&case.values);
            let agrees = match (case.value, value) {
                (Some(expected), Some(found)) => (expected - found).abs() <= AS_PRINTED,
                (expected, found) => expected.is_none() && found.is_none(),
            };
            if reason != case.reason || !agrees {
                let expected = case.value.map_or(case.reason.clone(), |x| x.to_string());
                let found = value.map_or(reason.to_owned(), |x| x.to_string());
                return Err(Diagnostic::error(
                    WORKED_CASE,
                    source,
                    place.span(),
                    format!("worked case `{}` fails", case.name),
                )
                .label(format!("expected `{expected}`, the rules give `{found}`"))
                .help("correct the rule or the case"));
            }
        }
        Ok(())
    }

    /// What a worked case must say: the reason id, `event` and `no-event` of a rate; and the value of a score.
    fn answer(&self, values: &Variables) -> (&str, Option<f64>) {
        match (&self.event, self.kind) {
            (Some(event), _) if event.holds(values) => ("event", None),
            (Some(_), _) => ("no-event", None),
            (None, Kind::Score) => match self.score_at(std::slice::from_ref(values), values[0], NOT_ASSESSED) {
                Ok(value) => (self.reason_id(RESPONDER), Some(value)),
                Err(reason) => (self.reason_id(reason), None),
            },
            (None, _) => (self.reason_id(self.respond(std::slice::from_ref(values))), None),
        }
    }

    /// Reason index of a patient at the last of `visits` (variables from the first visit after baseline on).
    pub fn respond(&self, visits: &[Variables]) -> usize {
        let last = visits.last().expect("an endpoint is read at a visit");
        if last[DISCONTINUED_AT] != 0.0 && self.intercurrent.discontinuation == Strategy::Composite {
            return DISCONTINUED;
        }
        if last[RESTRICTED_AT] != 0.0 && self.intercurrent.restricted_medication == Strategy::Composite {
            return RESTRICTED;
        }
        for (k, criterion) in self.criteria.iter().enumerate() {
            match criterion.verdict(visits) {
                Verdict::Holds => {}
                Verdict::Fails => return FIRST_CRITERION + k,
                Verdict::Missing => return NOT_ASSESSED,
            }
        }
        RESPONDER
    }

    /// Whether the criteria alone hold at the last of `visits`, whatever else happened; `None` if a value is missing.
    pub(crate) fn meets_criteria(&self, visits: &[Variables]) -> Option<bool> {
        for criterion in &self.criteria {
            match criterion.verdict(visits) {
                Verdict::Holds => {}
                Verdict::Fails => return Some(false),
                Verdict::Missing => return None,
            }
        }
        Some(true)
    }

    /// Reason index at a week of a patient with `visits` after baseline, in order of time; `absent` if none was held then.
    pub fn respond_at(&self, visits: &[Variables], week: f64, absent: usize) -> usize {
        let held = held_until(visits, week);
        match held.last() {
            Some(last) if last[0] >= week - SAME_WEEK => self.respond(held),
            _ => absent,
        }
    }

    /// Positions of the variables that the rules look at; sorted, each once.
    pub fn reads(&self) -> Vec<usize> {
        let rules = self.rules().flat_map(Rule::positions);
        rules.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn rules(&self) -> impl Iterator<Item = &Rule> {
        let criteria = self.criteria.iter().map(|c| &c.holds);
        criteria.chain(&self.event).chain(&self.value).chain(&self.denominator)
    }

    /// Id of a reason index.
    pub fn reason_id(&self, reason: usize) -> &str {
        match reason {
            RESPONDER if self.kind == Kind::Score => SCORED,
            RESPONDER => "responder",
            DISCONTINUED => "discontinued",
            RESTRICTED => "restricted-medication",
            NOT_SOLVED => "not-solved",
            NOT_ASSESSED => "not-assessed",
            k => &self.criteria[k - FIRST_CRITERION].id,
        }
    }

    /// Instruments that the rules look at.
    pub fn instruments(&self) -> Vec<Instrument> {
        let mut found: Vec<Instrument> = Vec::new();
        for variable in self.rules().flat_map(Rule::positions) {
            let instrument = VARIABLES[variable].1;
            if instrument != Instrument::None && !found.contains(&instrument) {
                found.push(instrument);
            }
        }
        found
    }
}

/// The visits held up to a week.
pub fn held_until(visits: &[Variables], week: f64) -> &[Variables] {
    let n = visits.iter().take_while(|v| v[0] <= week + SAME_WEEK).count();
    &visits[..n]
}

/// Parses a rule over the visit variables.
pub(crate) fn parse_rule(text: &Spanned<String>, source: &Source) -> Result<Rule, Diagnostic> {
    let inner = text.span().start + 1..text.span().end.saturating_sub(1); // without the quotes
    Rule::parse(text.get_ref(), source, inner, &variable_names())
}

/// Parses a rule of a protocol: it may read only what the trial measures.
pub(crate) fn parse_measured_rule(
    text: &Spanned<String>,
    instruments: &[String],
    source: &Source,
) -> Result<Rule, Diagnostic> {
    let rule = parse_rule(text, source)?;
    let is_missing = |instrument: Instrument| {
        instrument.is_optional() && !instruments.iter().any(|measured| measured == instrument.id())
    };
    match rule.positions().into_iter().find(|&k| is_missing(VARIABLES[k].1)) {
        None => Ok(rule),
        Some(k) => {
            let (name, instrument, _) = VARIABLES[k];
            let message = format!("`{name}` needs `{}`, which the trial does not measure", instrument.id());
            let help = format!("add `{}` to `instruments`, or use another variable", instrument.id());
            Err(Diagnostic::error(NOT_MEASURED, source, text.span(), message).help(help))
        }
    }
}
