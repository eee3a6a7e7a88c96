//! Antimony read as the reference implementation reads it: the same time courses. See `validation/antimony`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use malar_model::network::to_antimony;
use malar_model::{Diagnostic, Network, Source, read_antimony, read_sbml, write_sbml};
use malar_tape::network::{Measure, Plan, simulate};

/// Two right solutions differ by what both solvers leave: 1e-11 per step here and there, and the moments of events, which the
/// reference finds to about 1e-6 of a step.
const RELATIVE: f64 = 1e-5;
const ABSOLUTE: f64 = 1e-7;

struct Table {
    names: Vec<String>,
    rows: Vec<Vec<f64>>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../validation/antimony/cases")
}

fn source(path: &Path) -> Source {
    Source {
        path: path.display().to_string(),
        text: fs::read_to_string(path).expect("the case can be read"),
    }
}

fn table(path: &Path) -> Table {
    let text = fs::read_to_string(path).expect("the reference can be read");
    let mut lines = text.lines();
    let names = lines.next().expect("a header").split(',').map(str::to_owned).collect();
    let number = |field: &str| field.parse().expect("a number");
    let rows = lines.map(|line| line.split(',').map(number).collect()).collect();
    Table { names, rows }
}

fn first(found: Vec<Diagnostic>) -> String {
    format!("{} (line {})", found[0].message, found[0].span.start)
}

/// The network of a case; files it imports are beside it.
fn read(source: &Source) -> Result<Network, String> {
    let load = |name: &str| {
        let path = folder().join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Source {
                path: name.to_owned(),
                text,
            }),
            Err(reason) => Err(reason.to_string()),
        }
    };
    read_antimony(source, &load).map_err(first)
}

/// What is wrong with the time course of a network, if anything.
fn difference(network: &Network, expected: &Table) -> Option<String> {
    let empty = Source {
        path: String::new(),
        text: String::new(),
    };
    let dynamics = match network.dynamics(&empty) {
        Ok(dynamics) => dynamics,
        Err(found) => return Some(first(found)),
    };
    let mut shown = Vec::new();
    for name in &expected.names[1..] {
        match dynamics.outputs.iter().position(|output| output.name == *name) {
            Some(at) => shown.push((at, Measure::Value)),
            None => return Some(format!("there is no `{name}`")),
        }
    }
    let plan = Plan {
        start: 0.0,
        duration: 10.0,
        steps: 20,
        relative: 1e-11,
        absolute: 1e-13,
        shown,
    };
    let (found, failure) = simulate(&dynamics, &plan);
    if let Some(failure) = failure {
        return Some(format!("`{}` at {}: {}", failure.name, failure.time, failure.reason));
    }
    for (at, (row, wanted)) in found.values.iter().zip(&expected.rows).enumerate() {
        for ((name, found), wanted) in expected.names[1..].iter().zip(row).zip(&wanted[1..]) {
            let is_near = (found - wanted).abs() <= ABSOLUTE + RELATIVE * wanted.abs();
            if !(is_near || found.is_nan() && wanted.is_nan() || found.to_bits() == wanted.to_bits()) {
                return Some(format!(
                    "`{name}` at {}: {wanted} expected, {found} found",
                    found_time(at)
                ));
            }
        }
    }
    (found.values.len() != expected.rows.len()).then(|| "another number of rows".to_owned())
}

fn found_time(row: usize) -> f64 {
    row as f64 / 2.0
}

/// Every case with a reference; `change` may write and read the network again.
fn check(change: impl Fn(Network) -> Result<Network, String>) {
    let mut cases: Vec<PathBuf> = fs::read_dir(folder())
        .expect("the cases are there")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "csv"))
        .collect();
    cases.sort();
    assert!(cases.len() > 50, "{} cases", cases.len());
    let mut wrong = String::new();
    for path in &cases {
        let network = read(&source(&path.with_extension("ant"))).and_then(&change);
        let problem = match network {
            Ok(network) => difference(&network, &table(path)),
            Err(reason) => Some(reason),
        };
        if let Some(problem) = problem {
            let _ = writeln!(wrong, "{}: {problem}", path.file_stem().expect("a name").display());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn again(text: String) -> Source {
    Source {
        path: "again".into(),
        text,
    }
}

#[test]
fn reads_as_the_reference_does() {
    check(Ok);
}

#[test]
fn what_is_written_as_antimony_reads_back_the_same() {
    check(|network| {
        let text = to_antimony(&network).map_err(|lost| lost.join("; "))?;
        read(&again(text))
    });
}

#[test]
fn what_is_written_as_sbml_reads_back_the_same() {
    check(|network| {
        let nothing = |_: &str| Err("nothing to load".to_owned());
        read_sbml(&again(write_sbml(&network)), &nothing).map_err(first)
    });
}
