//! `malar calibrate`: what it refuses, and that killing it changes nothing.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A library overlay with a small calibration of MUSE; `more` are further lines at its top.
fn overlay(folder: &Path, more: &str) {
    let text = format!(
        "id = \"own\"\nname = \"Own\"\npopulations = [\"sle-trial\"]\n{more}\ncalibrate = [\n\
         {{ number = \"clinical.trial_effect.offset\", prior = {{ lognormal = [0.88, 0.3] }}, assumed = \"for a test\" }},\n\
         {{ number = \"anifrolumab.effect_max\", prior = {{ logitnormal = {{ low = 0, high = 1, median = 0.8, sd = 0.5 }} }}, assumed = \"for a test\" }},\n\
         ]\n[discrepancy]\n{}",
        ["trial_sd", "endpoint_sd", "arm_sd", "same_patients"]
            .map(|name| format!("{name} = {{ value = 0.2, unit = \"1\", assumed = \"for a test\" }}\n"))
            .concat()
    );
    std::fs::create_dir_all(folder.join("lay/calibrations")).expect("writable");
    std::fs::write(folder.join("lay/calibrations/own.toml"), text).expect("writable");
}

fn command(folder: &Path, out: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_malar"));
    let sizes = ["--members", "12", "--iterations", "3", "--patients", "60"];
    command
        .current_dir(folder)
        .args(["calibrate", "own", "--library", "lay", "--out", out])
        .args(sizes);
    command
}

fn refused(more: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    overlay(folder.path(), more);
    let output: Output = command(folder.path(), "own.toml").output().expect("the command runs");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("help: "), "{message}");
    assert!(!folder.path().join("own.toml").exists());
    message
}

#[test]
fn a_trial_of_the_check_list_is_refused_by_name() {
    let message = refused("trials = [\"tulip-2\"]");
    assert!(message.contains("`tulip-2` is on the `check` list"), "{message}");
}

#[test]
fn a_recalled_number_is_refused_by_name() {
    let wanted = "{ trial = \"paisley\", arm = \"placebo\", endpoint = \"sri-4\", week = 48 }";
    let message = refused(&format!("trials = [\"muse\", \"paisley\"]\nonly = [{wanted}]"));
    assert!(
        message.contains("placebo, sri-4, week 48, all") && message.contains("not read in a source"),
        "{message}"
    );
}

#[test]
fn a_number_that_nothing_has_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    overlay(folder.path(), "trials = [\"muse\"]");
    let path = folder.path().join("lay/calibrations/own.toml");
    let text = std::fs::read_to_string(&path).expect("just written");
    std::fs::write(&path, text.replace("anifrolumab.effect_max", "anifrolumab.efect_max")).expect("writable");
    let output = command(folder.path(), "own.toml").output().expect("the command runs");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.code() == Some(2) && message.contains("`anifrolumab.efect_max`"),
        "{message}"
    );
}

#[test]
fn killed_it_resumes_to_the_same_posterior_and_trials_run_from_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    overlay(folder.path(), "trials = [\"muse\"]");
    let whole = command(folder.path(), "whole/own.toml");
    std::fs::create_dir_all(folder.path().join("whole")).expect("writable");
    let finished = { whole }.output().expect("the command runs");
    assert!(
        finished.status.success(),
        "{}",
        String::from_utf8_lossy(&finished.stderr)
    );

    let mut child = command(folder.path(), "own.toml")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command starts");
    let checkpoint = folder.path().join("own.toml.checkpoint");
    let started = Instant::now();
    while !checkpoint.exists() && started.elapsed() < Duration::from_secs(120) {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().expect("still running, or done already");
    child.wait().expect("a child of ours");
    assert!(checkpoint.exists(), "the first iteration takes seconds");
    let resumed = command(folder.path(), "own.toml").output().expect("the command runs");
    assert!(resumed.status.success(), "{}", String::from_utf8_lossy(&resumed.stderr));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("written");
    assert_eq!(read("own.toml"), read("whole/own.toml"));

    let run = Command::new(env!("CARGO_BIN_EXE_malar"))
        .current_dir(folder.path())
        .args([
            "run",
            "muse",
            "--posterior",
            "own.toml",
            "--replicates",
            "4",
            "--patients",
            "20",
            "--out",
            "run",
        ])
        .output()
        .expect("the command runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(read("run/manifest.json").contains("posteriors/own.toml"));
}
