//! What is known to be wrong, with simulated beside published figures.

use std::collections::BTreeMap;

use malar_evidence::{Library as Evidence, Published};
use malar_model::diagnostic::Source;
use serde::Deserialize;

use super::CredibilityError;
use crate::catalog::{Kind, Library, id_of};
use crate::posterior::Posterior;
use crate::run::thread_count;
use crate::sensitivity::Target;
use crate::study::{self, prepare_efficacy};
use crate::summarise::Summariser;
use crate::summary::Summary;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsFile {
    limit: Vec<Limit>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    title: String,
    status: String,
    says: String,
    #[serde(default)]
    figures: Vec<Figure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Figure {
    trial: String,
    result: String,
    published: Option<String>,
    #[serde(default)]
    left: bool,
}

fn limits() -> Vec<Limit> {
    let file: LimitsFile = toml::from_str(include_str!("limits.toml")).expect("our list is valid");
    file.limit
}

/// How much to simulate for the figures.
pub(super) struct Size {
    pub replicates: u32,
    pub seed: u64,
    pub threads: usize,
}

/// Every limit with its figures, Markdown; figures come from the members of `posterior` if there is one, as the ledger's.
pub(super) fn text(library: &Library, size: &Size, posterior: Option<&Posterior>) -> Result<String, CredibilityError> {
    let limits = limits();
    let summaries = summaries(library, size, posterior, &limits)?;
    let evidence = library.list(Kind::Evidence).filter(|(path, _)| id_of(path).is_some());
    let files: Vec<Source> = evidence.map(|(_, source)| source.clone()).collect();
    let evidence = Evidence::new(files).expect("the ledger read it before");
    let mut text = String::new();
    for limit in &limits {
        text += &format!("**{}** — {}. {}\n\n", limit.title, limit.status, limit.says);
        if limit.figures.is_empty() {
            continue;
        }
        text += "| trial | result | simulated | published |\n|---|---|--:|--:|\n";
        for figure in &limit.figures {
            let summary = &summaries[&figure.trial];
            let target = Target::parse(&figure.result)?;
            let simulated = target
                .value(summary)
                .map_or("–".to_owned(), |value| format!("{value:.1}"));
            let published = figure.published.as_ref().and_then(|place| published(&evidence, place));
            let published = published.map(|value| if figure.left { 100.0 - value } else { value });
            let published = published.map_or("–".to_owned(), |value| format!("{value:.1}"));
            text += &format!("| {} | {} | {simulated} | {published} |\n", figure.trial, figure.result);
        }
        text += "\n";
    }
    Ok(text.trim_end().to_owned())
}

/// Each trial that a figure names, simulated once.
fn summaries(
    library: &Library,
    size: &Size,
    posterior: Option<&Posterior>,
    limits: &[Limit],
) -> Result<BTreeMap<String, Summary>, CredibilityError> {
    let mut found = BTreeMap::new();
    for figure in limits.iter().flat_map(|limit| &limit.figures) {
        if found.contains_key(&figure.trial) {
            continue;
        }
        let asked = study::Request {
            study: figure.trial.clone(),
            replicates: Some(size.replicates),
            patients: None,
            seed: Some(size.seed),
        };
        let prepared = prepare_efficacy(library, &asked, posterior)?;
        let mut summariser = Summariser::new(prepared.simulation.labels());
        let threads = thread_count(size.threads, size.replicates);
        prepared.replicates(threads, |replicate| summariser.add(&replicate), &|_| (), &|| false)?;
        let summary = summariser.finish(&prepared.manifest, &prepared.about, prepared.published.as_ref(), 0.0);
        found.insert(figure.trial.clone(), summary);
    }
    Ok(found)
}

/// The verified value at `TRIAL ARM ENDPOINT WEEK POPULATION`.
fn published(evidence: &Evidence, place: &str) -> Option<f64> {
    let words: Vec<&str> = place.split_whitespace().collect();
    let [trial, arm, endpoint, week, population] = words[..] else {
        return None;
    };
    let week: f64 = week.parse().ok()?;
    let trial: &Published = evidence.get(trial)?;
    let is_it = |o: &&malar_evidence::Outcome| {
        o.arm == arm
            && o.endpoint == endpoint
            && o.population == population
            && o.week.is_some_and(|w| (w - week).abs() < 1e-9)
    };
    trial.results().find(is_it)?.value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published figures exist, are verified, and belong to the `fit` list.
    #[test]
    fn figures_lead_to_verified_results_of_fitted_trials() {
        let library = Library::embedded();
        let files = library.list(Kind::Evidence).filter(|(path, _)| id_of(path).is_some());
        let evidence = Evidence::new(files.map(|(_, s)| s.clone()).collect()).expect("a good library");
        let split = library.get("evidence/split.toml").expect("there");
        let split = malar_evidence::Split::new(split, &evidence).expect("a good split");
        for figure in limits().iter().flat_map(|limit| &limit.figures) {
            Target::parse(&figure.result).unwrap_or_else(|e| panic!("{e}"));
            assert!(library.find(Kind::Trials, &figure.trial).is_some(), "{}", figure.trial);
            let checked = split.kind(&figure.trial) == Some(malar_evidence::Part::Check);
            assert!(!checked, "{} may only be looked at through the ledger", figure.trial);
            if let Some(place) = &figure.published {
                assert!(published(&evidence, place).is_some(), "{place}");
                let trial = place.split_whitespace().next().expect("a trial");
                assert_eq!(split.kind(trial), Some(malar_evidence::Part::Fit), "{trial}");
            }
        }
    }
}
