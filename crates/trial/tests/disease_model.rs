//! The disease model and the drugs against outside oracles and against what must hold by construction.

mod library;

use malar_model::equations::Equations;
use malar_solver::{Course, Integrator, Observed, Settings, System};
use malar_tape::{Request, StateRef, Tape};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn validation(file: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../validation/sle-model/oracle/").to_owned() + file;
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Every state of a model kept, parameters fixed as given.
fn compile(equations: &Equations, fixed: &[(&str, f64)]) -> Tape {
    let names: Vec<&str> = equations
        .states
        .iter()
        .map(|s| equations.arena.name(s.symbol))
        .collect();
    let request = Request {
        fixed,
        dosed: &names,
        outputs: &names,
        ..Request::default()
    };
    Tape::compile(equations, &request).unwrap()
}

/// States at `times`, from the model's start changed by `start`.
fn simulate(tape: &Tape, start: &[(&str, f64)], times: &[f64], relative: f64) -> Vec<Vec<f64>> {
    let mut initial = vec![0.0; tape.n_states()];
    tape.initial_state(&[], &mut initial);
    for (name, value) in start {
        let Some(StateRef::Index(i)) = tape.state(name) else {
            panic!("{name}")
        };
        initial[i] = *value;
    }
    let states: Vec<usize> = (0..tape.n_states()).collect();
    let course = Course {
        initial,
        ..Course::default()
    };
    let mut observed = Observed::new(vec![course], times.to_vec(), states);
    let settings = Settings {
        absolute: vec![relative * 1e-6],
        ..Settings::with_tolerance(relative)
    };
    Integrator::new(tape, settings).integrate(&mut observed);
    assert_eq!(observed.failure(0), None);
    observed
        .record(0)
        .chunks(tape.n_states())
        .map(<[f64]>::to_vec)
        .collect()
}

fn pairs(object: &Value) -> Vec<(&str, f64)> {
    object
        .as_object()
        .unwrap()
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_f64().unwrap()))
        .collect()
}

/// libRoadRunner integrates the SBML that the PyPI `antimony` library makes of the same text: every state, every 28 days
/// for a year, from a perturbed start, and for the disease model with every hook in use.
#[test]
fn trajectories_are_those_of_roadrunner() {
    let oracle: Value = serde_json::from_str(&validation("oracle.json")).unwrap();
    let floor = oracle["floor"].as_f64().unwrap();
    for (run, record) in oracle["runs"].as_object().unwrap() {
        let file = record["file"].as_str().unwrap().strip_prefix("data/").unwrap();
        let text = library::source(file).text;
        let hash: String = Sha256::digest(text.as_bytes())
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(
            hash, record["sha256"],
            "{file} changed: run validation/sle-model/oracle.py again"
        );
        let equations = library::equations(file);
        let tape = compile(&equations, &pairs(&record["parameters"]));
        let table = validation(record["csv"].as_str().unwrap());
        let mut lines = table.lines().map(|l| l.split(',').collect::<Vec<_>>());
        let header = lines.next().unwrap();
        let rows: Vec<Vec<f64>> = lines.map(|l| l.iter().map(|x| x.parse().unwrap()).collect()).collect();
        let times: Vec<f64> = rows.iter().map(|r| r[0]).collect();
        let ours = simulate(&tape, &pairs(&record["start"]), &times, 1e-8);
        for (row, mine) in rows.iter().zip(&ours) {
            for (name, theirs) in header.iter().zip(row).skip(1) {
                let Some(StateRef::Index(i)) = tape.state(name) else {
                    panic!("{run}: {name}")
                };
                let error = (mine[i] - theirs).abs() / (theirs.abs() + floor);
                assert!(
                    error <= 1e-5,
                    "{run} day {}: {name} {} against {theirs}",
                    row[0],
                    mine[i]
                );
            }
        }
    }
}

#[test]
fn baseline_stays_within_1e_8_over_five_years_without_triggers() {
    let tape = compile(&library::equations("models/sle/sle.ant"), &[]);
    let after = simulate(&tape, &[], &[0.0, 1826.25], 1e-4);
    for (i, name) in tape.state_names().iter().enumerate() {
        let drift = (after[1][i] - after[0][i]).abs();
        assert!(drift < 1e-8, "{name} drifts by {drift}");
    }
}

/// Without new B cells and without any to begin with, nothing of the lineage and no antibody of it appears or grows.
#[test]
fn nothing_grows_when_its_source_is_zero() {
    let tape = compile(&library::equations("models/sle/sle.ant"), &[("k_transitional", 0.0)]);
    let lineage = [
        "B_transitional",
        "B_naive",
        "B_naive_deep",
        "B_memory",
        "B_memory_deep",
        "memory_autoreactive",
        "activated_autoreactive",
        "B_DN2",
        "plasmablast_auto",
        "plasmablast",
        "plasma_auto_dynamic",
        "plasma_auto_static",
        "plasma_dynamic",
        "plasma_static",
    ];
    let antibodies = ["IgG", "IgM", "anti_dsDNA", "anti_Ro", "IgA2_dsDNA"];
    let start: Vec<(&str, f64)> = lineage.iter().map(|&n| (n, 0.0)).collect();
    let times: Vec<f64> = (0..27).map(|k| 14.0 * f64::from(k)).collect();
    let path = simulate(&tape, &start, &times, 1e-6);
    let at = |name: &str| match tape.state(name) {
        Some(StateRef::Index(i)) => i,
        other => panic!("{name}: {other:?}"),
    };
    for name in lineage {
        assert!(path.iter().all(|y| y[at(name)] == 0.0), "{name} grew out of nothing");
    }
    for name in antibodies {
        assert!(
            path.windows(2).all(|w| w[1][at(name)] <= w[0][at(name)]),
            "{name} grew without plasma cells"
        );
    }
    assert!(path.iter().all(|y| y[at("trigger")] == 0.0));
}

/// A drug that is not given is not there.
#[test]
fn drug_amounts_stay_zero_without_doses() {
    for drug in ["anifrolumab", "belimumab"] {
        let tape = compile(&library::equations(&format!("therapies/{drug}/{drug}.ant")), &[]);
        let path = simulate(&tape, &[], &[0.0, 364.0], 1e-6);
        for name in ["central", "peripheral", "depot"] {
            let Some(StateRef::Index(i)) = tape.state(name) else {
                panic!("{name}")
            };
            assert!(path[1][i] == 0.0, "{drug}: {name}");
        }
    }
}

/// A drug that lowers division by an eighth calms the kidney more than complexes alone would, and stopping it does the opposite.
#[test]
fn antiproliferative_drugs_reach_the_kidney_itself() {
    let equations = library::equations("models/sle/sle.ant");
    let renal = |fixed: &[(&str, f64)]| {
        let tape = compile(&equations, fixed);
        let path = simulate(&tape, &[], &[0.0, 182.0], 1e-8);
        let Some(StateRef::Index(i)) = tape.state("renal") else {
            panic!("renal")
        };
        path[1][i]
    };
    let (drug, reach) = (("antiproliferation", 0.125), ("renal_antiproliferation", 0.0));
    let (both, through_complexes) = (renal(&[drug]), renal(&[drug, reach]));
    assert!(
        both < 0.8 * through_complexes && through_complexes < 1.0,
        "{both} {through_complexes}"
    );
    assert!(renal(&[("antiproliferation_baseline", 0.125)]) > 1.1);
}

/// Donors' IgG adds to serum IgG, which ends with its half-life, and leaves the patient's own alone.
#[test]
fn replaced_immunoglobulin_counts_in_serum_and_nowhere_else() {
    let mut equations = library::equations("models/sle/sle.ant");
    library::products()["immunoglobulin"]
        .attach_to(&mut equations, &library::hooks())
        .unwrap();
    let outputs = ["IgG_serum", "IgG"];
    let request = Request {
        dosed: &["immunoglobulin__body"],
        outputs: &outputs,
        ..Request::default()
    };
    let tape = Tape::compile(&equations, &request).unwrap();
    let path = simulate(&tape, &[("immunoglobulin__body", 28_000.0)], &[0.0, 25.8], 1e-8);
    let at = |day: f64, y: &[f64]| {
        let mut values = vec![0.0; 2];
        tape.outputs(day, y, &[], &mut values);
        values
    };
    let (first, later) = (at(0.0, &path[0]), at(25.8, &path[1]));
    let added = |values: &[f64]| values[0] - 14.9 * values[1];
    // 28 g in 6 L at 70 kg; the disease model's patient weighs 69.1 kg.
    assert!(
        (added(&first) - 28.0 / 6.0 * 70.0 / 69.1).abs() < 1e-6,
        "{}",
        added(&first)
    );
    assert!((added(&later) / added(&first) - 0.5).abs() < 1e-5);
    assert!((later[1] - 1.0).abs() < 1e-6);
}

/// IgG decays with its half-life of 23 days once nothing makes it (PARAMETERS igg_t12).
#[test]
fn igg_half_life_is_23_days() {
    let tape = compile(&library::equations("models/sle/sle.ant"), &[("k_transitional", 0.0)]);
    let sources = [
        "plasmablast",
        "plasma_dynamic",
        "plasma_static",
        "B_transitional",
        "B_naive",
        "B_naive_deep",
        "B_memory",
        "B_memory_deep",
    ];
    let start: Vec<(&str, f64)> = sources.iter().map(|&n| (n, 0.0)).collect();
    let path = simulate(&tape, &start, &[0.0, 23.0], 1e-8);
    let Some(StateRef::Index(i)) = tape.state("IgG") else {
        panic!("IgG")
    };
    // k_IgG = 0.030 per day is ln 2 / 23 days to two digits: 0.5 within 0.7 %.
    assert!((path[1][i] / path[0][i] - 0.5).abs() < 0.0035);
}
