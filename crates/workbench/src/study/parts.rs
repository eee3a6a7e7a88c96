//! A protocol in; population, disease model, therapies and endpoints that it names, read and checked, out.

use std::collections::{BTreeMap, BTreeSet};

use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::{Equations, parse_antimony, read_toml};
use malar_patients::Population;
use malar_solver::Settings;
use malar_trial::safety::Hazard;
use malar_trial::{Endpoint, Hooks, Parts, Product, Protocol, Therapy};
use serde::Deserialize;

use super::used::Used;
use crate::catalog::Kind;
use crate::finding::{Finding, InputError};

/// `model.toml`: what a disease model is called and which file holds its equations.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelFile {
    #[expect(dead_code, reason = "equal to the folder name")]
    pub id: String,
    #[expect(dead_code, reason = "for people")]
    pub name: String,
    pub file: String,
    #[expect(dead_code, reason = "for people")]
    pub description: String,
    #[expect(dead_code, reason = "for people")]
    pub source: Vec<String>,
    /// What therapies may change in it.
    #[serde(default)]
    pub hooks: Hooks,
}

pub(super) fn parts(used: &mut Used<'_>, protocol: Protocol, source: Source) -> Result<Parts, InputError> {
    let population = used.named(Kind::Populations, &protocol.population, &source)?;
    let population = read_population(used, population)?;
    let model = used.named(Kind::Models, &protocol.model, &source)?;
    let model_file: ModelFile = read_toml(model).map_err(|found| vec![Finding::new(found, model)])?;
    let hooks = model_file.hooks;
    let model = equations(used, &format!("models/{}/{}", protocol.model, model_file.file))?;
    let products = products(used, &protocol)?;
    let endpoints = endpoints(used, &protocol)?;
    let settings = Settings::default();
    let others = other_populations(used, &protocol, &source)?;
    Ok(Parts {
        others,
        protocol,
        source,
        population,
        model,
        hooks,
        products,
        endpoints,
        settings,
    })
}

/// Populations of baskets and of controls from elsewhere, by id.
fn other_populations(
    used: &mut Used<'_>,
    protocol: &Protocol,
    source: &Source,
) -> Result<BTreeMap<String, Population>, InputError> {
    let mut others = BTreeMap::new();
    for id in protocol.other_populations() {
        let file = used.named(Kind::Populations, id, source)?.clone();
        others.insert(id.to_owned(), read_population(used, &file)?);
    }
    Ok(others)
}

/// A population, with the one it is based on if it is.
pub(crate) fn read_population(used: &mut Used<'_>, source: &Source) -> Result<Population, InputError> {
    let base = Population::based_on(source).map_err(|found| vec![Finding::new(found, source)])?;
    let Some(base) = base else {
        return Ok(Population::parse(source).map_err(|found| vec![Finding::new(found, source)])?);
    };
    let base = used.named(Kind::Populations, &base, source)?;
    let wrong = |found: Diagnostic| {
        let file = if found.path == base.path { base } else { source };
        vec![Finding::new(found, file)]
    };
    Ok(Population::parse_on(base, source).map_err(wrong)?)
}

pub(crate) fn equations(used: &mut Used<'_>, path: &str) -> Result<Equations, InputError> {
    let source = used.source(path)?;
    let model = parse_antimony(source).map_err(|found| Finding::all(found, source))?;
    Ok(model.equations(source).map_err(|found| Finding::all(found, source))?)
}

/// The steroid and what the arms give. If one is missing, all others of the library come along: the trial then names
/// what could have been meant.
fn products(used: &mut Used<'_>, protocol: &Protocol) -> Result<BTreeMap<String, Product>, InputError> {
    let given = protocol
        .arms
        .iter()
        .flat_map(|arm| &arm.therapies)
        .map(|(usage, _)| usage.id.clone());
    let mut ids: BTreeSet<String> = given.chain([protocol.steroid.clone()]).collect();
    let known: BTreeSet<String> = used
        .library
        .ids(Kind::Therapies)
        .into_iter()
        .map(str::to_string)
        .collect();
    if !ids.is_subset(&known) {
        ids.extend(known);
    }
    let mut products = BTreeMap::new();
    for id in ids {
        let Some(source) = used.find(Kind::Therapies, &id) else {
            continue;
        };
        let therapy = Therapy::parse(source).map_err(|found| vec![Finding::new(found, source)])?;
        products.insert(id, product(used, therapy, source)?);
    }
    Ok(products)
}

/// A therapy with its equations, its own or of a model that several share.
pub(crate) fn product(used: &mut Used<'_>, therapy: Therapy, source: &Source) -> Result<Product, InputError> {
    let path = if therapy.shares_model() {
        let file = used.named(Kind::Models, &therapy.model, source)?;
        let file: ModelFile = read_toml(file).map_err(|found| vec![Finding::new(found, file)])?;
        format!("models/{}/{}", therapy.model, file.file)
    } else {
        format!("therapies/{}/{}", therapy.id, therapy.model)
    };
    let text = used.source(&path)?;
    let model = parse_antimony(text).map_err(|found| Finding::all(found, text))?;
    let equations = model.equations(text).map_err(|found| Finding::all(found, text))?;
    Ok(Product::new(therapy, source, &model, equations).map_err(|found| vec![Finding::new(found, source)])?)
}

/// Every adverse event of the library.
pub(super) fn hazards(used: &mut Used<'_>) -> Result<Vec<Hazard>, InputError> {
    let ids: Vec<String> = used.library.ids(Kind::Safety).into_iter().map(str::to_string).collect();
    let mut hazards = Vec::new();
    for id in ids {
        let Some(source) = used.find(Kind::Safety, &id) else {
            continue;
        };
        hazards.push(Hazard::parse(source).map_err(|found| vec![Finding::new(found, source)])?);
    }
    Ok(hazards)
}

/// The endpoints the protocol reads, with all others if one is missing.
fn endpoints(used: &mut Used<'_>, protocol: &Protocol) -> Result<BTreeMap<String, Endpoint>, InputError> {
    let mut ids: BTreeSet<String> = protocol.endpoints.iter().map(|(usage, _)| usage.id.clone()).collect();
    let known: BTreeSet<String> = used
        .library
        .ids(Kind::Endpoints)
        .into_iter()
        .map(str::to_string)
        .collect();
    if !ids.is_subset(&known) {
        ids.extend(known);
    }
    let mut endpoints = BTreeMap::new();
    for id in ids {
        let Some(source) = used.find(Kind::Endpoints, &id) else {
            continue;
        };
        let endpoint = Endpoint::parse(source).map_err(|found| vec![Finding::new(found, source)])?;
        endpoints.insert(id, endpoint);
    }
    Ok(endpoints)
}
