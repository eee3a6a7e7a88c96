//! `malar score` on a sponsor's own protocol and results.

use std::path::Path;
use std::process::{Command, Output};

/// A small copy of TULIP-2 whose results are invented for this test.
fn own_trial(folder: &Path) {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let protocol = std::fs::read_to_string(library.join("trials/tulip-2.toml")).expect("part of the library");
    let protocol = protocol
        .replace("id = \"tulip-2\"", "id = \"mine\"")
        .replace("evidence = \"tulip-2\"", "evidence = \"mine\"")
        .replace("n = 182", "n = 20")
        .replace("n = 180", "n = 20");
    let outcome = |arm: &str, value: f64| {
        format!(
            "[[outcomes]]\narm = \"{arm}\"\nendpoint = \"bicla\"\nweek = 52\npopulation = \"all\"\nkind = \"binary\"\nn = 20\n\
             value = {value:.1}\nunit = \"percent\"\nsource = \"invented for a test\"\nurl = \"\"\nverified = true\n"
        )
    };
    let arm = |id: &str, therapy: &str| {
        format!("[[arms]]\nid = \"{id}\"\ntherapy = \"{therapy}\"\nregimen = \"invented\"\nn = 20\n")
    };
    let results = format!(
        "id = \"mine\"\nname = \"Mine\"\nregistry = \"\"\nphase = \"2\"\nindication = \"SLE\"\ndesign = \"invented\"\nrandomised = true\n\
         blinded = true\nyear = 2030\nduration_weeks = 52\nn_total = 40\neligibility = []\nbackground_therapy = \"\"\n\
         restricted_medication = \"\"\nsteroid_taper = \"\"\nsource = [\"invented for a test\"]\n{}{}{}{}",
        arm("placebo", "placebo"),
        arm("anifrolumab-300", "anifrolumab"),
        outcome("placebo", 30.0),
        outcome("anifrolumab-300", 95.0),
    );
    for (name, text) in [("trials/mine.toml", protocol), ("results/mine.toml", results)] {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("writable");
        std::fs::write(path, text).expect("writable");
    }
}

fn score(folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_malar"))
        .current_dir(folder)
        .args([
            "score",
            "--trials",
            "trials",
            "--evidence",
            "results",
            "--replicates",
            "4",
            "--json",
        ])
        .args(more)
        .output()
        .expect("the command runs")
}

#[test]
fn own_results_are_scored_as_predicted_and_a_missed_bar_is_status_1() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    own_trial(folder.path());
    let first = score(folder.path(), &["--threads", "1"]);
    assert_eq!(
        first.status.code(),
        Some(1),
        "95 percent on 30 is far from any simulation"
    );
    let ledger: serde_json::Value = serde_json::from_slice(&first.stdout).expect("JSON");
    let overall = &ledger["overall"];
    assert_eq!(
        (overall["predicted"]["n"].as_u64(), overall["fitted"]["n"].as_u64()),
        (Some(2), Some(0))
    );
    assert_eq!(overall["predicted"]["n_signed"].as_u64(), Some(1));
    let rows = ledger["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 3, "two rates and their difference");
    let error = |row: &serde_json::Value| {
        (row["predicted"].as_f64().expect("number") - row["published"].as_f64().expect("number")).abs()
    };
    let mean = 0.5 * (error(&rows[0]) + error(&rows[1]));
    let printed = overall["predicted"]["mae_points"].as_f64().expect("number");
    assert!((mean - printed).abs() < 1e-12, "{mean} {printed}");
    assert!(ledger["by_therapy"]["anifrolumab"]["predicted"]["baseline_mae_points"].is_number());

    let page = std::fs::read_to_string(folder.path().join("ledger.html")).expect("written");
    assert!(page.contains("mean absolute error at most 7 points") && page.contains("missed"));
    assert_eq!(
        first.stdout,
        score(folder.path(), &["--threads", "2"]).stdout,
        "threads change nothing"
    );
}

#[test]
fn a_protocol_without_results_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    own_trial(folder.path());
    std::fs::remove_file(folder.path().join("results/mine.toml")).expect("there");
    let output = score(folder.path(), &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("mine") && said.contains("evidence"), "{said}");
}
