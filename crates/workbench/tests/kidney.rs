//! The structural alternative `inflammatory-kidney` against its published equations, solved by scipy (`validation/kidney`).

use malar_workbench::catalog::Library;
use malar_workbench::simulate::{Settled, simulate};
use malar_workbench::variant::with_variant;

use malar_model::diagnostic::Source;

/// The variant's model, with renal activity held at `drive` and every kidney repairing at the published rate.
fn kidney(drive: f64) -> Source {
    let library = with_variant(&Library::embedded(), "inflammatory-kidney").expect("in the library");
    let mut source = library.get("models/sle/sle.ant").expect("the model").clone();
    let set = |text: &str, from: &str, to: String| {
        assert_eq!(text.matches(from).count(), 1, "`{from}` stands once in the model");
        text.replace(from, &to)
    };
    source.text = set(
        &source.text,
        "kidney_drive := max(renal, kidney_least_drive)^kidney_drive_power",
        format!("kidney_drive := {drive}"),
    );
    source.text = set(&source.text, "k_podocyte = 0.012;", "k_podocyte = 0.04;".to_owned());
    source
}

/// The variant is the published system in folds of its steady state. Its constants have nine digits and both solutions an accuracy of 1e-9 and better;
/// near the two slow ends damage answers to a constant with a power of up to five or so. So six digits.
#[test]
fn the_variant_is_the_published_kidney() {
    let rows = include_str!("../../../validation/kidney/kidney.csv");
    let rows: Vec<Vec<f64>> = rows
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().expect("a number")).collect())
        .collect();
    assert_eq!(rows.len(), 30);
    for rows in rows.chunks(6) {
        let settings = Settled {
            duration: 728.0,
            steps: 104,
            relative: 1e-9,
            variables: vec!["podocyte_injury".into()],
            ..Settled::default()
        };
        let found = simulate(&kidney(rows[0][0]), &settings).expect("it solves");
        for row in rows {
            let at = found
                .rows
                .iter()
                .find(|own| (own[0] - row[1]).abs() < 1e-9)
                .expect("every week");
            assert!(
                (at[1] / row[2] - 1.0).abs() < 1e-6,
                "drive {}, day {}: {} and {}",
                row[0],
                row[1],
                at[1],
                row[2]
            );
        }
    }
}

/// At renal activity 1 nothing moves: a patient's own baseline stays a steady state.
#[test]
fn baseline_is_a_steady_state_of_the_variant() {
    let settings = Settled {
        duration: 1826.0,
        steps: 5,
        variables: [
            "podocyte_injury",
            "kidney_complexes",
            "kidney_inflammation",
            "kidney_restraint",
        ]
        .map(String::from)
        .to_vec(),
        ..Settled::default()
    };
    let found = simulate(&kidney(1.0), &settings).expect("it solves");
    for value in found.rows.iter().flat_map(|row| &row[1..]) {
        assert!((value - 1.0).abs() < 1e-12, "{value}");
    }
}
