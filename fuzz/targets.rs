//! What is done with every input, good or broken: read it, show what is wrong with it, use it. None of it may panic, loop
//! or exhaust memory.
//!
//! cargo-fuzz drives these functions with inputs of its own (`fuzz/run`); `cargo test` drives them with the seeds, the
//! regressions and some mutations of both (`crates/workbench/tests/fuzz.rs`, which includes this file).

use malar_model::units::Unit;
use malar_model::{Diagnostic, Dynamics, Network, Rule, Source, parse_antimony, print_antimony, read_sbml, write_sbml};
use malar_tape::network::{Measure, Plan, simulate_within};
use malar_workbench::catalog::Library;
use malar_workbench::dataset::{Dataset, Format, read_bytes, write};
use malar_workbench::derive::{Settings, as_json, as_table, derive, endpoints};
use malar_workbench::simulate::{DoseTable, patients as read_patients};
use malar_workbench::usdm::{Design, draft};

/// A function that takes anything.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const TARGETS: [(&str, Target); 10] = [
    ("sbml", sbml),
    ("formula", formula),
    ("antimony", antimony),
    ("expression", expression),
    ("toml", toml),
    ("patients", patients),
    ("doses", doses),
    ("dataset", dataset),
    ("derive", derived),
    ("usdm", usdm),
];

/// Larger networks are read but not run: a run of many steps says nothing new about bad input.
const LARGEST_RUN: usize = 60;
/// Steps of a run.
const MOST_STEPS: usize = 100;

/// A text that stands in a file; nothing if it is no text.
fn source(data: &[u8], path: &str) -> Option<Source> {
    Some(Source {
        path: path.into(),
        text: std::str::from_utf8(data).ok()?.into(),
    })
}

/// Every finding as it is shown; none comes without words.
fn show(found: &[Diagnostic], source: &Source) {
    assert!(!found.is_empty(), "refused without a reason");
    found.iter().for_each(|d| assert!(!d.render(&source.text).is_empty()));
}

/// SBML: read, written, read again, and run for a moment.
pub fn sbml(data: &[u8]) {
    let Some(source) = source(data, "model.xml") else {
        return;
    };
    let nothing = |_: &str| Err("no files here".to_owned());
    match read_sbml(&source, &nothing) {
        Err(found) => show(&found, &source),
        Ok(network) => {
            let text = write_sbml(&network);
            let again = Source {
                path: "again.xml".into(),
                text,
            };
            if let Err(found) = read_sbml(&again, &nothing) {
                panic!("what was written cannot be read: {}", found[0].render(&again.text));
            }
            run(&network, &source);
        }
    }
}

/// The equations of a network, and a short run.
fn run(network: &Network, source: &Source) {
    match network.dynamics(source) {
        Err(found) => show(&found, source),
        Ok(dynamics) if network.size() <= LARGEST_RUN => run_dynamics(&dynamics),
        Ok(_) => {}
    }
}

fn run_dynamics(dynamics: &Dynamics) {
    let plan = Plan {
        start: 0.0,
        duration: 2.0,
        steps: 4,
        relative: 1e-4,
        absolute: 1e-6,
        shown: (0..dynamics.outputs.len()).map(|k| (k, Measure::Value)).collect(),
    };
    let (rows, failure) = simulate_within(dynamics, &plan, MOST_STEPS);
    assert!(
        failure.is_some() || rows.times.len() == 5,
        "rows are missing without a reason"
    );
}

/// A formula of SBML Level 1, infix, within a model.
pub fn formula(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let quoted = text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let model = format!(
        "<sbml xmlns=\"http://www.sbml.org/sbml/level1\" level=\"1\" version=\"2\"><model name=\"m\"><listOfParameters>\
         <parameter name=\"x\" value=\"1\"/><parameter name=\"y\" value=\"2\"/></listOfParameters><listOfRules>\
         <parameterRule name=\"x\" type=\"rate\" formula=\"{quoted}\"/></listOfRules></model></sbml>"
    );
    sbml(model.as_bytes());
}

/// Antimony: read, units checked, printed, read again; as a network written as SBML and run.
pub fn antimony(data: &[u8]) {
    let Some(source) = source(data, "model.ant") else {
        return;
    };
    match parse_antimony(&source) {
        Err(found) => show(&found, &source),
        Ok(model) => {
            model
                .check_units(&source)
                .iter()
                .for_each(|d| drop(d.render(&source.text)));
            let printed = Source {
                path: "again.ant".into(),
                text: print_antimony(&model),
            };
            if let Err(found) = parse_antimony(&printed) {
                panic!(
                    "what was printed cannot be read: {}\n{}",
                    found[0].render(&printed.text),
                    printed.text
                );
            }
        }
    }
    if let Ok((network, _)) = malar_workbench::network::read(&source) {
        run(&network, &source);
    }
}

/// Rules (`sledai_2k >= 6`) and units.
pub fn expression(data: &[u8]) {
    let Some(source) = source(data, "rule.toml") else {
        return;
    };
    if let Err(found) = Rule::parse(&source.text, &source, 0..source.text.len(), &["x", "y", "sledai_2k"]) {
        show(&[found], &source);
    }
    drop(Unit::parse(&source.text));
}

/// Data files: the text as a file of every kind.
pub fn toml(data: &[u8]) {
    let Some(source) = source(data, "data.toml") else {
        return;
    };
    let one = |found: Option<Diagnostic>| found.iter().for_each(|d| show(std::slice::from_ref(d), &source));
    one(malar_trial::Protocol::parse(&source).err());
    one(malar_trial::Therapy::parse(&source).err());
    one(malar_trial::Endpoint::parse(&source).err());
    one(malar_patients::Population::parse(&source).err());
    if let Err(found) = malar_evidence::Library::new(vec![source.clone()]) {
        show(&found, &source);
    }
}

/// A file of patients.
pub fn patients(data: &[u8]) {
    let Some(source) = source(data, "patients.csv") else {
        return;
    };
    if let Err(reason) = read_patients(&source) {
        assert!(!reason.to_string().is_empty());
    }
}

/// A file of doses, scheduled for everybody it names.
pub fn doses(data: &[u8]) {
    let Some(source) = source(data, "doses.csv") else {
        return;
    };
    match DoseTable::read(&source) {
        Err(reason) => assert!(!reason.to_string().is_empty()),
        Ok(table) => {
            for id in table.ids() {
                let _ = table.schedule(id, 0.0, 100.0);
            }
        }
    }
}

/// Tables of trial data; Parquet is read by a crate of others and not driven here.
fn tables(data: &[u8]) -> Vec<Dataset> {
    if data.starts_with(b"PAR1") {
        return Vec::new();
    }
    match read_bytes(data.to_vec(), "table") {
        Ok(tables) => tables,
        Err(reason) => {
            assert!(!reason.message.is_empty() && !reason.help.is_empty());
            Vec::new()
        }
    }
}

/// A table of trial data: read, written in every format that can hold it, read again.
pub fn dataset(data: &[u8]) {
    for table in tables(data) {
        for format in [Format::Csv, Format::Json, Format::Ndjson, Format::Xpt] {
            let Ok(bytes) = write(&table, format) else { continue };
            let is_lossy = match format {
                Format::Csv => table.columns.len() < 2, // an empty cell alone in its line is no row
                Format::Xpt => ends_blank(&table),
                _ => false,
            };
            match read_bytes(bytes, "again") {
                Ok(again) => assert!(is_lossy || again[0].n_rows() == table.n_rows(), "{format:?} lost rows"),
                Err(reason) => assert!(is_lossy || format == Format::Csv, "{format:?} cannot be read: {reason}"),
            }
        }
    }
}

/// True if the last row is blank: in a SAS transport file it cannot be told from what fills the last record.
fn ends_blank(table: &Dataset) -> bool {
    let last = table.n_rows().checked_sub(1);
    last.is_some_and(|row| table.columns.iter().all(|c| c.text(row).trim_matches(' ').is_empty()))
}

/// Findings, however wrong: endpoints are derived or refused in words.
pub fn derived(data: &[u8]) {
    static ENDPOINTS: std::sync::OnceLock<Vec<malar_trial::Endpoint>> = std::sync::OnceLock::new();
    let ids = ["sri-4", "lldas", "crr-nobility", "flare-rate"].map(str::to_owned);
    let known = ENDPOINTS.get_or_init(|| endpoints(&Library::embedded(), &ids).expect("endpoints of the library"));
    let tables = tables(data);
    if tables.is_empty() {
        return;
    }
    for as_recorded in [false, true] {
        let settings = Settings {
            as_recorded,
            ..Settings::default()
        };
        match derive(&tables, known.clone(), &settings) {
            Err(reason) => assert!(!reason.to_string().is_empty()),
            Ok(derived) => {
                drop(as_json(&derived));
                drop(write(&as_table(&derived, Format::Csv), Format::Csv));
            }
        }
    }
}

/// A study definition of USDM 4: its draft is a protocol file.
pub fn usdm(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Design::read(text, "study.json").and_then(|design| draft(&design)) {
        Err(reason) => assert!(!reason.to_string().is_empty()),
        Ok(text) => toml(text.as_bytes()),
    }
}
