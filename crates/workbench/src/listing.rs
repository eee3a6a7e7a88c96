//! What the library holds, for people to choose from.

use std::collections::{BTreeMap, BTreeSet};

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
            .or_else(|| table.get("term"))
            .and_then(toml::Value::as_str)
            .unwrap_or("")
            .to_string();
        Some(Entry {
            id: id_of(path)?.to_string(),
            name,
            path: path.to_string(),
        })
    };
    let mut found: Vec<Entry> = library.list(kind).filter_map(entry).collect();
    found.sort_by(|a, b| a.id.cmp(&b.id)); // paths sort `uc-msc-secretome/` before `uc-msc/`
    found
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
    pub evidence: BTreeSet<String>,
}

/// Every therapy that can be read, sorted by id.
pub fn therapies(library: &Library) -> Vec<TherapyEntry> {
    let evidence = evidence_by_therapy(library);
    let sources = library.list(Kind::Therapies).filter(|(path, _)| id_of(path).is_some());
    let mut found: Vec<TherapyEntry> = sources
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
        .collect();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found
}

fn route(therapy: &Therapy) -> String {
    if therapy.routes.is_empty() && therapy.daily.is_some() {
        return "oral".to_string();
    }
    let names: Vec<&str> = therapy.routes.iter().map(|route| route.route.as_str()).collect();
    names.join(", ")
}

/// Ids of evidence files by the therapies their arms name (`rituximab+belimumab` names two), and by the therapies that the
/// protocol of the same trial gives.
fn evidence_by_therapy(library: &Library) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |therapy: &str, id: &str| {
        found.entry(therapy.to_string()).or_default().insert(id.to_string());
    };
    for (path, table) in tables(library, Kind::Evidence) {
        let named = arms(&table).filter_map(|arm| arm.get("therapy")?.as_str());
        let Some(id) = id_of(path) else { continue };
        named
            .flat_map(|names| names.split('+'))
            .for_each(|therapy| add(therapy, id));
    }
    for (_, table) in tables(library, Kind::Trials) {
        let Some(id) = table.get("evidence").and_then(Value::as_str) else {
            continue;
        };
        let given = arms(&table).filter_map(|arm| arm.get("therapies")?.as_array());
        let ids = given.flatten().filter_map(|usage| usage.get("id")?.as_str());
        ids.for_each(|therapy| add(therapy, id));
    }
    found
}

fn tables(library: &Library, kind: Kind) -> impl Iterator<Item = (&str, Table)> {
    let files = library.list(kind);
    files.filter_map(|(path, source)| Some((path, source.text.parse().ok()?)))
}

fn arms(table: &Table) -> impl Iterator<Item = &Value> {
    table.get("arms").and_then(Value::as_array).into_iter().flatten()
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
        assert!(one.evidence.contains("tulip-1"), "{:?}", one.evidence);
        assert!(all.is_sorted_by(|a, b| a.id < b.id));
    }

    /// Beside a trial or series, or in a rehearsal.
    #[test]
    fn every_therapy_is_given_in_a_protocol() {
        let library = Library::embedded();
        let given: BTreeSet<String> = tables(&library, Kind::Trials)
            .flat_map(|(_, table)| {
                let uses = arms(&table).filter_map(|arm| arm.get("therapies")?.as_array().cloned());
                let ids = uses
                    .flatten()
                    .filter_map(|usage| Some(usage.get("id")?.as_str()?.to_owned()));
                ids.collect::<Vec<_>>()
            })
            .collect();
        let never: Vec<String> = therapies(&library)
            .into_iter()
            .map(|t| t.id)
            .filter(|id| !given.contains(id))
            .collect();
        assert!(never.is_empty(), "{never:?}");
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
