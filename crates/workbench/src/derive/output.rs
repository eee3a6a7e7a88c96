//! Rows of a derivation as a table or as JSON.

use std::fmt::Write;

use malar_trial::Kind;
use malar_trial::instruments::VARIABLES;
use serde_json::{Value, json};

use super::missing::{is_gap, missing_at};
use super::{Answer, Derived, Row};
use crate::dataset::{Dataset, Format};

/// One row per patient, endpoint and week. A SAS transport file has no room for the components.
pub fn as_table(derived: &Derived, format: Format) -> Dataset {
    let rows = &derived.rows;
    let endpoint = |row: &Row| &derived.endpoints[usize::from(row.endpoint)];
    let mut table = Dataset::new("ADEFF", "Endpoints by patient and visit")
        .with_texts(
            "USUBJID",
            "Unique Subject Identifier",
            rows.iter().map(|r| &derived.patients[r.patient as usize]),
        )
        .with_texts("ENDPOINT", "Endpoint", rows.iter().map(|r| endpoint(r).id.as_str()))
        .with_numbers(
            "WEEK",
            "Weeks since randomisation",
            rows.iter().map(|r| r.week).collect(),
        )
        .with_texts("RESPONSE", "Response or event", rows.iter().map(|r| letter(r.answer)))
        .with_texts("REASON", "Reason", rows.iter().map(|r| reason(derived, r)));
    if derived.endpoints.iter().any(|e| e.kind == Kind::Score) {
        table = table.with_numbers("VALUE", "Value of a score", rows.iter().map(|r| r.value).collect());
    }
    if format != Format::Xpt {
        let says = Says::new(derived);
        table = table.with_texts(
            "MISSING",
            "Components that are missing",
            rows.iter().map(|r| says.missing(r)),
        );
        table = table.with_texts("USED", "Components used", rows.iter().map(|r| says.used(r)));
    }
    table
}

/// Rows, gaps and notes.
pub fn as_json(derived: &Derived) -> Value {
    let says = Says::new(derived);
    let row = |r: &Row| {
        json!({
            "patient": derived.patients[r.patient as usize],
            "endpoint": derived.endpoints[usize::from(r.endpoint)].id,
            "week": r.week,
            "response": match r.answer {
                Answer::Yes => Value::Bool(true),
                Answer::No => Value::Bool(false),
                Answer::Scored | Answer::Unknown | Answer::NotCounted => Value::Null,
            },
            "value": r.value,
            "reason": reason(derived, r),
            "missing": says.missing_names(r),
            "used": says.values(r).map(|(name, value)| (name.to_owned(), json!(value))).collect::<serde_json::Map<_, _>>(),
        })
    };
    let rows: Vec<Value> = derived.rows.iter().map(row).collect();
    json!({ "rows": rows, "gaps": derived.gaps, "notes": derived.notes })
}

fn letter(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "Y",
        Answer::No => "N",
        Answer::Scored | Answer::Unknown | Answer::NotCounted => "",
    }
}

/// The reason in the words of endpoint files; a rate says whether there was an event.
fn reason<'a>(derived: &'a Derived, row: &Row) -> &'a str {
    let endpoint = &derived.endpoints[usize::from(row.endpoint)];
    match (row.answer, endpoint.kind) {
        (Answer::NotCounted, _) => "not-in-denominator",
        (Answer::Yes, Kind::Rate) => "event",
        (Answer::No, Kind::Rate) => "no-event",
        _ => endpoint.reason_id(row.reason.into()),
    }
}

/// Words for components; keeps what each endpoint reads.
struct Says<'a> {
    derived: &'a Derived,
    reads: Vec<Vec<usize>>,
}

impl<'a> Says<'a> {
    fn new(derived: &'a Derived) -> Says<'a> {
        Says {
            derived,
            reads: derived.endpoints.iter().map(|e| e.reads()).collect(),
        }
    }

    fn missing_names(&self, row: &Row) -> Vec<&'static str> {
        if !is_gap(row) {
            return Vec::new();
        }
        let positions = missing_at(self.derived, row, &self.reads[usize::from(row.endpoint)]);
        positions
            .into_iter()
            .map(|p| VARIABLES.get(p).map_or("visit", |v| v.0))
            .collect()
    }

    fn missing(&self, row: &Row) -> String {
        self.missing_names(row).join(" ")
    }

    /// Names and values of what the endpoint looks at, as far as they are known.
    fn values(&self, row: &Row) -> impl Iterator<Item = (&'static str, f64)> {
        let visit = row.visit.map(|k| &self.derived.visits[k as usize]);
        let known = move |&p: &usize| Some((VARIABLES[p].0, visit?[p])).filter(|(_, x)| !x.is_nan());
        self.reads[usize::from(row.endpoint)].iter().filter_map(known)
    }

    fn used(&self, row: &Row) -> String {
        let mut text = String::new();
        for (name, value) in self.values(row) {
            let blank = if text.is_empty() { "" } else { " " };
            write!(text, "{blank}{name}={value}").expect("memory takes everything");
        }
        text
    }
}
