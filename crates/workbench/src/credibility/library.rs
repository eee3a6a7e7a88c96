//! Facts of the data library: how much of it is sourced, how much assumed.

use std::collections::BTreeMap;

use malar_evidence::Library as Evidence;
use malar_model::diagnostic::Source;
use malar_model::{Model, parse_antimony};
use malar_trial::Support;

use super::Facts;
use crate::assumptions::assumptions;
use crate::catalog::{Kind, Library, id_of};
use crate::finding::{Finding, InputError};
use crate::listing;
use crate::variant::variants;

pub(super) fn facts(library: &Library) -> Result<Facts, InputError> {
    let mut facts = Facts::new();
    facts.insert("model", model(library)?);
    facts.insert("population", populations(library));
    facts.insert("therapies", therapies(library));
    facts.insert("evidence", evidence(library)?);
    facts.insert("inputs", inputs(library));
    facts.insert("variants", structure(library)?);
    Ok(facts)
}

fn model(library: &Library) -> Result<String, InputError> {
    let mut words = Vec::new();
    let texts = library.list(Kind::Models).filter(|(path, _)| path.ends_with(".ant"));
    for (path, source) in texts {
        let model = parse_antimony(source).map_err(|found| Finding::all(found, source))?;
        let equations = model.equations(source).map_err(|found| Finding::all(found, source))?;
        let (sourced, assumed) = sources(&model);
        words.push(format!(
            "`{path}`: {} states, {} rules, {} numbers ({sourced} with a source, {assumed} assumed)",
            equations.states.len(),
            equations.assignments.len(),
            sourced + assumed,
        ));
    }
    Ok(words.join("; "))
}

/// Numbers with a link and numbers that say why they are assumed.
fn sources(model: &Model) -> (usize, usize) {
    let numbers = || {
        model
            .variables
            .iter()
            .filter(|v| v.initial.is_some() && v.change.is_none())
    };
    let assumed = numbers()
        .filter(|v| v.annotation.assumptions().next().is_some())
        .count();
    (numbers().count() - assumed, assumed)
}

fn populations(library: &Library) -> String {
    let described = |(path, source): (&str, &Source)| {
        let population = malar_patients::Population::parse(source).ok()?;
        let assumed = assumptions(path, source).len();
        Some(format!(
            "`{}`, {} drawn quantities, {assumed} numbers assumed; fitted to {}",
            population.id,
            population.names().len(),
            population.calibrated_on.join(", ")
        ))
    };
    library
        .list(Kind::Populations)
        .filter_map(described)
        .collect::<Vec<_>>()
        .join("; ")
}

fn therapies(library: &Library) -> String {
    let all = listing::therapies(library);
    let count = |support: Support| all.iter().filter(|t| t.support == support).count();
    format!(
        "{}: {} with solid, {} with usable and {} with weak support; a run says which it uses",
        all.len(),
        count(Support::Solid),
        count(Support::Usable),
        count(Support::Weak)
    )
}

fn evidence(library: &Library) -> Result<String, InputError> {
    let files = library.list(Kind::Evidence).filter(|(path, _)| id_of(path).is_some());
    let files: Vec<Source> = files.map(|(_, source)| source.clone()).collect();
    let blame = |found: Vec<malar_model::Diagnostic>| {
        let of = |d: malar_model::Diagnostic| {
            let file = files.iter().find(|file| file.path == d.path);
            Finding {
                text: file.map_or_else(String::new, |file| file.text.clone()),
                diagnostic: d,
            }
        };
        found.into_iter().map(of).collect::<Vec<_>>()
    };
    let evidence = Evidence::new(files.clone()).map_err(blame)?;
    let verified: usize = evidence.iter().map(|trial| trial.results().count()).sum();
    let recalled: usize = evidence.iter().map(|trial| trial.n_unverified()).sum();
    Ok(format!(
        "{} trials and series, {verified} results read in a source; {recalled} more were recalled and are neither fitted nor scored",
        evidence.len()
    ))
}

fn inputs(library: &Library) -> String {
    let mut by_kind: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, source) in library.all() {
        if let Some(kind) = Kind::of_path(path) {
            *by_kind.entry(kind.folder()).or_default() += assumptions(path, source).len();
        }
    }
    let words: Vec<String> = by_kind
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(kind, n)| format!("{n} in {kind}"))
        .collect();
    format!(
        "Every number has a unit and a source or says why it is assumed. Assumed: {} (`malar list assumptions`).",
        words.join(", ")
    )
}

fn structure(library: &Library) -> Result<String, InputError> {
    let all = variants(library)?;
    let words: Vec<String> = all
        .iter()
        .map(|v| format!("`{}` ({})", v.id, v.name.to_lowercase()))
        .collect();
    Ok(format!(
        "Structural alternatives that can be run, scored and moved like the model itself (`malar variants --score` sets them side by side): {}.",
        words.join(", ")
    ))
}
