//! What the library holds, for people to choose from.

use std::collections::BTreeMap;

use malar_trial::{Support, Therapy};
use serde::Serialize;
use toml::{Table, Value};

use crate::catalog::{Kind, Library, id_of};

/// One thing in the library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Id.
    pub id: String,
    /// Name for people; empty if the file gives none.
    pub name: String,
    /// Path below the library.
    pub path: String,
}

/// Everything of a kind, sorted by id. Files that cannot be read as TOML are listed without a name.
pub fn entries(library: &Library, kind: Kind) -> Vec<Entry> {
    let entry = |(path, source): (&str, &malar_model::Source)| {
        let table = source.text.parse::<toml::Table>().unwrap_or_default();
        let name = table
            .get("name")
            .and_then(toml::Value::as_str)
            .unwrap_or("")
            .to_string();
        Some(Entry {
            id: id_of(path)?.to_string(),
            name,
            path: path.to_string(),
        })
    };
    library.list(kind).filter_map(entry).collect()
}

/// A therapy, for people to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TherapyEntry {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Molecular target.
    pub target: String,
    /// Kind of product: `antibody`, `small-molecule`, `steroid` ...
    pub class: String,
    /// Ways in, joined by commas; `oral` for daily drugs without another.
    pub route: String,
    /// How well its numbers are supported.
    pub support: Support,
    /// Published results in which it was given, sorted.
    pub evidence: Vec<String>,
}

/// Every therapy that can be read, sorted by id.
pub fn therapies(library: &Library) -> Vec<TherapyEntry> {
    let evidence = evidence_by_therapy(library);
    let sources = library.list(Kind::Therapies).filter(|(path, _)| id_of(path).is_some());
    sources
        .filter_map(|(_, source)| Therapy::parse(source).ok())
        .map(|therapy| TherapyEntry {
            route: route(&therapy),
            evidence: evidence.get(&therapy.id).cloned().unwrap_or_default(),
            id: therapy.id,
            name: therapy.name,
            target: therapy.target,
            class: therapy.class,
            support: therapy.support,
        })
        .collect()
}

fn route(therapy: &Therapy) -> String {
    if therapy.routes.is_empty() && therapy.daily.is_some() {
        return "oral".to_string();
    }
    let names: Vec<&str> = therapy.routes.iter().map(|route| route.route.as_str()).collect();
    names.join(", ")
}

/// Ids of evidence files by the therapies their arms name (`rituximab+belimumab` names two).
fn evidence_by_therapy(library: &Library) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, source) in library.list(Kind::Evidence) {
        let (Some(id), Ok(table)) = (id_of(path), source.text.parse::<Table>()) else {
            continue;
        };
        let arms = table.get("arms").and_then(Value::as_array).into_iter().flatten();
        let named = arms.filter_map(|arm| arm.get("therapy").and_then(Value::as_str));
        for therapy in named.flat_map(|names| names.split('+')) {
            let ids = found.entry(therapy.to_string()).or_default();
            if ids.last().is_none_or(|last| last != id) {
                ids.push(id.to_string());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_therapy_names_its_target_routes_support_and_trials() {
        let all = therapies(&Library::embedded());
        let one = all.iter().find(|t| t.id == "anifrolumab").unwrap();
        assert_eq!((one.target.as_str(), one.route.as_str()), ("IFNAR1", "iv, sc"));
        assert_eq!(one.support, Support::Solid);
        assert!(one.evidence.iter().any(|id| id == "tulip-1"), "{:?}", one.evidence);
        assert!(all.is_sorted_by(|a, b| a.id < b.id));
    }

    #[test]
    fn every_therapy_has_a_card() {
        let library = Library::embedded();
        for therapy in therapies(&library) {
            let card = library.card(&therapy.id).unwrap_or("");
            assert!(card.starts_with("# "), "{} has no README.md", therapy.id);
        }
    }
}
