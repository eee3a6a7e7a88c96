//! Files with one mistake each: every one is refused with the place underlined, a code that `explain` knows, and a remedy.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn malar(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_malar"))
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .expect("malar runs")
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

/// Folder, code, and what the underline marks.
const CASES: &[(&str, &str, &str)] = &[
    ("unknown-key", "D001", "duration_wekks"),
    ("wrong-unit", "D003", "unit = \"mg\""),
    ("missing-source", "D002", "K_BAFF"),
    ("undefined-symbol", "T003", "sledai_chnage"),
    ("cycle", "M", "stimulus"),
    ("unknown-therapy", "T001", "anifrolumap"),
    ("not-measured", "T002", "bicla"),
    ("unit-conflict", "U002", "drug'"),
    ("number-without-source", "D002", "k = 2"),
    ("worked-case", "T009", "[[cases]]"),
    ("impossible-correlation", "P002", "correlation = ["),
    ("visit-that-is-not", "T005", "weeks = [6, 8"),
    ("doses-without-end", "T010", "every = 0"),
    ("value-of-nothing", "T007", "divison_max"),
    ("value-in-wrong-unit", "D003", "unit = \"mg\""),
    ("weights-above-one", "T013", "weight = 0.2"),
];

#[test]
fn each_broken_file_is_refused_with_its_line_underlined_and_a_remedy() {
    for (case, code, underlined) in CASES {
        let output = malar(&["check", cases().join(case).to_str().expect("utf-8 path")]);
        let talk = String::from_utf8(output.stderr).expect("utf-8") + &String::from_utf8(output.stdout).expect("utf-8");
        assert_eq!(output.status.code(), Some(2), "{case}: {talk}");
        assert!(talk.contains(&format!("error[{code}")), "{case}: {talk}");
        let lines: Vec<&str> = talk.lines().collect();
        let carets = lines
            .iter()
            .position(|l| l.contains('^'))
            .unwrap_or_else(|| panic!("{case}: {talk}"));
        assert!(lines[carets - 1].contains(underlined), "{case}: {talk}");
        assert!(talk.contains("= help: "), "{case}: {talk}");
    }
}

#[test]
fn every_code_that_a_broken_file_shows_is_explained() {
    for (case, _, _) in CASES {
        let output = malar(&["check", cases().join(case).to_str().expect("utf-8 path")]);
        let talk = String::from_utf8(output.stderr).expect("utf-8") + &String::from_utf8(output.stdout).expect("utf-8");
        let code = talk
            .split("error[")
            .nth(1)
            .and_then(|t| t.split(']').next())
            .expect("a code");
        assert_eq!(malar(&["explain", code]).status.code(), Some(0), "{case}: {code}");
    }
}

#[test]
fn a_trial_that_nobody_can_enter_shows_the_criterion_and_writes_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/trials/tulip-2.toml");
    let text = std::fs::read_to_string(library).expect("the library's trial");
    let file = folder.path().join("nobody.toml");
    let text = text
        .replace("id = \"tulip-2\"", "id = \"nobody\"")
        .replace("\"pga >= 1\"", "\"pga > 3\"");
    std::fs::write(&file, text).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_malar"))
        .args(["run", "nobody.toml", "--replicates", "2", "--patients", "8"])
        .current_dir(folder.path())
        .env("NO_COLOR", "1")
        .output()
        .expect("malar runs");
    let talk = String::from_utf8(output.stderr).expect("utf-8");
    assert_eq!(output.status.code(), Some(2), "{talk}");
    assert!(
        talk.contains("error[P001]") && talk.contains("pga > 3") && talk.contains("= help: "),
        "{talk}"
    );
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("readable").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}
