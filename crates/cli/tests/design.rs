//! What a user sees of `malar design`.

use std::path::Path;
use std::process::{Command, Output};

fn design(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_malar"))
        .arg("design")
        .args(arguments)
        .output()
        .expect("malar starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A study file with the design of the library's, changed.
fn study(folder: &Path, from: &str, to: &str) -> String {
    let library = include_str!("../../../data/studies/tulip-2-looks.toml");
    assert!(library.contains(from));
    let path = folder.join("tulip-2-looks.toml");
    std::fs::write(&path, library.replacen(from, to, 1)).expect("a temporary folder");
    path.display().to_string()
}

#[test]
fn a_design_that_cannot_spend_alpha_is_refused_before_anything_is_simulated() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let wrong = [
        ("looks = [0.5, 1.0]", "looks = [0.5, 0.9]", "rise from above 0 to 1"),
        (
            "spending = \"obrien-fleming\"\nfutility",
            "bounds = [2.0, 2.0]\n# futility",
            "spend more than the error allowed",
        ),
        ("alpha = 0.025", "alpha = 0.6", "out of range"),
    ];
    for (from, to, message) in wrong {
        let output = design(&[&study(folder.path(), from, to)]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("error[T012]") && said.contains(message) && said.contains("help"),
            "{said}"
        );
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_study_without_design_says_what_is_missing() {
    let output = design(&["tulip-2-power"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("has no `[design]`"));
}

#[test]
fn the_librarys_design_prints_bounds_and_characteristics() {
    let output = design(&["tulip-2-looks", "--replicates", "2"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    // Published bounds of two looks by O'Brien-Fleming spending (R package gsDesign).
    assert!(said.contains("2.9626") && said.contains("1.9686"), "{said}");
    assert!(
        said.contains("type-I error") && said.contains("Virtual patients"),
        "{said}"
    );
    // The line with the seconds aside, the same numbers each time.
    let untimed = |said: &str| -> String { said.lines().filter(|l| !l.contains("trials drawn")).collect() };
    let again = text(&design(&["tulip-2-looks", "--replicates", "2"]).stdout);
    assert_eq!(untimed(&said), untimed(&again));
}

#[test]
fn a_calendar_dates_the_looks_and_changes_no_result() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let accrual = |odds: f64| {
        format!(
            "trials = 2000\n[design.accrual]\nassumed = \"test\"\n\
             regions = [{{ id = \"one\", sites = 50, open_over_weeks = 20, per_site_month = 0.5, response_odds = {odds} }}]"
        )
    };
    let report = |to: &str| {
        let output = design(&[
            &study(folder.path(), "trials = 10000", to),
            "--replicates",
            "2",
            "--json",
        ]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON")["sizes"].clone()
    };
    let (plain, dated, easier) = (report("trials = 2000"), report(&accrual(1.0)), report(&accrual(3.0)));
    for size in 0..3 {
        let (plain, dated) = (&plain[size], &dated[size]);
        assert_eq!(plain["power"], dated["power"]);
        assert_eq!(plain["looks_null"], dated["looks_null"]);
        assert!(plain["calendar"].is_null());
        let calendar = &dated["calendar"];
        let week = |look: usize| calendar["looks"][look][0].as_f64().expect("a week");
        let enrolled = calendar["looks"][0][1].as_f64().expect("patients");
        let patients = dated["patients"].as_f64().expect("patients");
        assert!(week(0) > 52.0 && week(1) > week(0));
        assert!(enrolled > 0.5 * patients && enrolled <= patients);
        assert!(calendar["stop_week"].as_f64().expect("a week") <= week(1));
        assert_ne!(easier[size]["power"], dated["power"]);
    }
    let refused = design(&[&study(folder.path(), "trials = 10000", &accrual(0.0))]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains("region `one`"),
        "{}",
        text(&refused.stderr)
    );
}

#[test]
fn an_adaptive_design_prints_what_it_chooses_and_impossible_ones_are_refused() {
    let library = include_str!("../../../data/studies/tulip-2-adaptive.toml");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = |from: &str, to: &str| {
        assert!(library.contains(from));
        let path = folder.path().join("tulip-2-adaptive.toml");
        let text = library.replacen(from, to, 1).replace("trials = 10000", "trials = 500");
        std::fs::write(&path, text).expect("a temporary folder");
        design(&[&path.display().to_string(), "--replicates", "2"])
    };
    let enrichment = "enrichment = { stratum = \"ifngs-high\", better_by = 0.5 }";
    let output = run(enrichment, enrichment);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(said.contains("ifngs-high only") && said.contains("unadapted"), "{said}");
    let output = run(enrichment, "sample-size = { least = 0.3, aim = 0.9, most = 2.0 }");
    assert!(text(&output.stdout).contains("more patients"));
    for (from, to, message) in [
        ("ifngs-high", "ifn", "stratification factors of the trial"),
        (
            "looks = [0.5, 1.0]",
            "looks = [0.4, 0.7, 1.0]",
            "an adaptation has two looks",
        ),
        (enrichment, "best-arm = {}", "there is no best of these arms"),
        (
            enrichment,
            "sample-size = { least = 0.9, aim = 0.3, most = 2.0 }",
            "probabilities that rise",
        ),
        (
            enrichment,
            "response-adaptive = { block = 0 }",
            "a block has no patients",
        ),
    ] {
        let output = run(from, to);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("error[T012]") && said.contains(message) && said.contains("help"),
            "{said}"
        );
    }
}

#[test]
fn a_posterior_adds_assurance() {
    let output = design(&[
        "tulip-2-looks",
        "--posterior",
        "sle-trial",
        "--replicates",
        "4",
        "--json",
    ]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["posterior"], "sle-trial");
    let (effect, size) = (&report["effect"], &report["sizes"][1]);
    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
    // What assurance is stands in a test of its worlds; here, that it is asked for and there.
    assert!(
        number(&effect["mean"]) > 0.0 && number(&effect["sd"]) >= 0.0,
        "{effect}"
    );
    assert!((0.0..=1.0).contains(&number(&size["assurance"]["power"])), "{size}");
    assert!(number(&size["assurance"]["standard_error"]) > 0.0, "{size}");
}

#[test]
fn a_simulated_trial_too_small_to_draw_from_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let small = study(folder.path(), "seed = 1", "seed = 1\npatients = 300");
    let output = design(&[&small, "--posterior", "sle-trial", "--replicates", "2"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("too small to draw 500 from one") && said.contains("`patients`"),
        "{said}"
    );
}
