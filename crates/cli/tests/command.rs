//! What a user sees: words on stdout and stderr, exit status.

use std::path::Path;
use std::process::{Command, Output};

fn malar(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_malar"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("malar starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

#[test]
fn run_works_from_any_folder_and_leaves_a_report() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = malar(
        &["run", "tulip-2", "--replicates", "2", "--patients", "24"],
        folder.path(),
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("bicla") && stdout(&output).contains("published"));
    assert!(
        stderr(&output).is_empty(),
        "no progress where nobody watches: {}",
        stderr(&output)
    );
    let run = std::fs::read_dir(folder.path().join("runs"))
        .expect("made")
        .next()
        .expect("one run")
        .expect("readable");
    assert!(run.file_name().to_string_lossy().starts_with("tulip-2-") && run.path().join("report.html").exists());
}

#[test]
fn hypotheses_under_one_error_are_told_alone_and_together() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = malar(
        &["run", "rehearsal-hypotheses", "--replicates", "2", "--patients", "24"],
        folder.path(),
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said = stdout(&output);
    for words in [
        "power adjusted",
        "response-signature-high",
        "at least one",
        "one-sided error 0.025",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn json_is_the_summary_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = malar(
        &[
            "run",
            "tulip-2",
            "--replicates",
            "1",
            "--patients",
            "24",
            "--json",
            "--out",
            "here",
        ],
        folder.path(),
    );
    let file = std::fs::read_to_string(folder.path().join("here/summary.json")).expect("written");
    assert_eq!(stdout(&output), file);
}

#[test]
fn wrong_input_ends_with_status_2_and_writes_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for arguments in [
        vec!["run", "tulip-9"],
        vec!["run", "tulip-2", "--replicates", "0"],
        vec!["run", "missing.toml"],
        vec!["list", "planets"],
        vec!["explain", "Z999"],
        vec!["simulate", "missing.ant"],
        vec!["run", "tulip-2", "--seed", "x"],
    ] {
        let output = malar(&arguments, folder.path());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stdout(&output).is_empty() && !stderr(&output).is_empty(),
            "{arguments:?}"
        );
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 0);
}

#[test]
fn check_underlines_and_explain_explains() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("x.ant"), "x' = -los*x; x = 1; loss = 0.1\n").expect("writable");
    let output = malar(&["check", "x.ant"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("error[M003]") && stderr(&output).contains("^^^"),
        "{}",
        stderr(&output)
    );
    assert!(stdout(&malar(&["explain", "M003"], folder.path())).contains("undefined symbol"));
}

#[test]
fn simulate_prints_a_table() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("x.ant"), "x' = -k*x; x = 1; k = 0.1\n").expect("writable");
    let output = malar(
        &["simulate", "x.ant", "--duration", "10", "--steps", "2", "--set", "k=0"],
        folder.path(),
    );
    assert_eq!(stdout(&output), "time,x\n0,1\n5,1\n10,1\n");
}

#[test]
fn lists_are_data() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert!(stdout(&malar(&["list", "trials"], folder.path())).contains("tulip-2"));
    assert!(stdout(&malar(&["list", "assumptions"], folder.path())).contains("populations/sle-trial.toml"));
    let therapies = stdout(&malar(&["list", "therapies", "--json"], folder.path()));
    assert!(therapies.starts_with('['));
    for field in [
        "\"id\": \"rituximab\"",
        "\"target\": \"CD20\"",
        "\"support\": \"usable\"",
        "\"explorer\"",
    ] {
        assert!(therapies.contains(field), "no {field}");
    }
}

#[test]
fn show_prints_the_card_of_a_therapy_or_names_those_there_are() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert!(stdout(&malar(&["show", "rituximab"], folder.path())).starts_with("# Rituximab\n"));
    let output = malar(&["show", "rituksimab"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("rituximab"));
}
