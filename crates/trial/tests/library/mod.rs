//! The project's data files, for tests of whole trials.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use malar_model::diagnostic::Source;
use malar_model::equations::Equations;
use malar_patients::Population;
use malar_solver::Settings;
use malar_trial::safety::Hazard;
use malar_trial::{Endpoint, Hooks, Parts, Product, Protocol, Therapy};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data")
}

/// Reads a file of the library.
pub fn source(path: &str) -> Source {
    let text = std::fs::read_to_string(data().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    Source {
        path: path.to_owned(),
        text,
    }
}

/// Hooks of the disease model.
pub fn hooks() -> Hooks {
    let table: toml::Table = source("models/sle/model.toml").text.parse().expect("valid TOML");
    table["hooks"].clone().try_into().expect("rules by hook")
}

/// Equations of an Antimony file.
pub fn equations(path: &str) -> Equations {
    let source = source(path);
    let render = |list: Vec<malar_model::diagnostic::Diagnostic>| -> String {
        list.iter().map(|d| d.render(&source.text)).collect()
    };
    let model = malar_model::parse_antimony(&source).unwrap_or_else(|e| panic!("{}", render(e)));
    model.equations(&source).unwrap_or_else(|e| panic!("{}", render(e)))
}

fn names(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(data().join(folder)).expect("folder of the library");
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every therapy of the library with its equations.
pub fn products() -> BTreeMap<String, Product> {
    let product = |id: String| {
        let file = source(&format!("therapies/{id}/therapy.toml"));
        let therapy = Therapy::parse(&file).unwrap_or_else(|e| panic!("{}", e.render(&file.text)));
        let path = match therapy.shares_model() {
            true => format!("models/{0}/{0}.ant", therapy.model),
            false => format!("therapies/{id}/{}", therapy.model),
        };
        let text = source(&path);
        let model = malar_model::parse_antimony(&text).unwrap_or_else(|e| panic!("{path}: {e:?}"));
        let product = Product::new(therapy, &file, &model, equations(&path));
        (id, product.unwrap_or_else(|e| panic!("{}", e.render(&file.text))))
    };
    names("therapies")
        .into_iter()
        .filter(|n| !n.contains('.'))
        .map(product)
        .collect()
}

/// Every endpoint of the library.
pub fn endpoints() -> BTreeMap<String, Endpoint> {
    let read = |name: String| {
        let file = source(&format!("endpoints/{name}"));
        let endpoint = Endpoint::parse(&file).unwrap_or_else(|e| panic!("{}", e.render(&file.text)));
        (endpoint.id.clone(), endpoint)
    };
    names("endpoints")
        .into_iter()
        .filter(|n| n.ends_with(".toml"))
        .map(read)
        .collect()
}

/// A population of the library, on top of the one it is based on.
pub fn population(id: &str) -> Population {
    let file = source(&format!("populations/{id}.toml"));
    let parsed = match Population::based_on(&file).expect("a population file") {
        None => Population::parse(&file),
        Some(base) => Population::parse_on(&source(&format!("populations/{base}.toml")), &file),
    };
    parsed.unwrap_or_else(|e| panic!("{}: {}", e.path, e.render(&file.text)))
}

/// Every adverse event of the library.
pub fn hazards() -> Vec<Hazard> {
    let read = |name: String| {
        let file = source(&format!("safety/{name}"));
        Hazard::parse(&file).unwrap_or_else(|e| panic!("{}", e.render(&file.text)))
    };
    let names = names("safety").into_iter().filter(|n| n.ends_with(".toml"));
    names.map(read).collect()
}

/// Everything of a trial of the library, its protocol text changed by `edit`.
pub fn parts(trial: &str, edit: impl Fn(String) -> String) -> Parts {
    let mut file = source(&format!("trials/{trial}.toml"));
    file.text = edit(file.text);
    let protocol = Protocol::parse(&file).unwrap_or_else(|e| panic!("{}", e.render(&file.text)));
    let population = population(&protocol.population);
    let named = protocol.other_populations().map(str::to_owned);
    Parts {
        others: named.map(|id| (id.clone(), self::population(&id))).collect(),
        population,
        model: equations("models/sle/sle.ant"),
        hooks: hooks(),
        products: products(),
        endpoints: endpoints(),
        settings: Settings::default(),
        protocol,
        source: file,
    }
}
