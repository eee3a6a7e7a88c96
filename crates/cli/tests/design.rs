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
