//! `malar derive`, `export` and `import` as typed.

use std::path::Path;
use std::process::{Command, Output};

fn malar(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_malar"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
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
fn a_run_is_exported_exported_again_and_derived() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = [
        "run",
        "tulip-2",
        "--replicates",
        "1",
        "--patients",
        "24",
        "--out",
        "run",
        "--export",
        "dataset-json",
    ];
    let output = malar(&run, folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let rs = folder.path().join("run/export/0001/rs.json");
    let first = std::fs::read(&rs).expect("exported");
    let output = malar(&["export", "run", "--out", "again"], folder.path());
    assert_eq!(
        (output.status.code(), stdout(&output)),
        (Some(0), "again\n".to_owned()),
        "{}",
        stderr(&output)
    );
    assert!(
        first == std::fs::read(folder.path().join("again/0001/rs.json")).expect("exported"),
        "the same patients"
    );

    let output = malar(
        &[
            "derive",
            "run/export/0001",
            "--endpoints",
            "bicla,sri-4",
            "--weeks",
            "52",
        ],
        folder.path(),
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let table = stdout(&output);
    assert!(
        table.starts_with("USUBJID,ENDPOINT,WEEK,RESPONSE,REASON,MISSING,USED\ntulip-2-0001-0001,bicla,52,"),
        "{table}"
    );
    assert_eq!(table.lines().count(), 1 + 2 * 24);
    assert!(stderr(&output).contains("taken as recorded"));
    let output = malar(
        &["derive", "run/export/0001", "--json", "--out", "all.parquet"],
        folder.path(),
    );
    assert!(stderr(&output).contains("left out: crr-regency"), "{}", stderr(&output));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(json["rows"].as_array().is_some_and(|rows| !rows.is_empty()));
    assert!(folder.path().join("all.parquet").exists());
}

#[test]
fn wrong_tables_are_status_2_and_untold_endpoints_status_1() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("writable");
    put("rs.csv", "USUBJID,RSTESTCD,RSORRES,VISIT\na,SLED0113,4,Week 4\n");
    let output = malar(&["derive", "rs.csv", "--endpoints", "sri-4"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(
        said.contains("error[V003]") && said.contains("rs.csv:2, column RSORRES") && said.contains("urine"),
        "{said}"
    );
    put(
        "pga.csv",
        "USUBJID,PARAMCD,AVAL,AVISIT\na,PGA0101,1,Baseline\na,PGA0101,1,Week 4\n",
    );
    let output = malar(&["derive", "pga.csv", "--endpoints", "sri-4"], folder.path());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("missing: sri-4 needs `sledai_change`; 1 of 1 patients lack it"),
        "{}",
        stderr(&output)
    );
    for arguments in [
        vec!["derive", "nothing.csv"],
        vec!["derive", "pga.csv", "--endpoints", "sri-44"],
        vec!["derive", "pga.csv", "--out", "x.docx"],
        vec!["export", "nowhere"],
        vec!["export", "tulip-9", "--usdm"],
        vec!["import", "pga.csv"],
    ] {
        let output = malar(&arguments, folder.path());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stdout(&output).is_empty() && !stderr(&output).is_empty(),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_protocol_goes_out_as_usdm_and_comes_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = malar(&["export", "tulip-2", "--usdm", "--out", "study.json"], folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let output = malar(&["import", "study.json"], folder.path());
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/trials/tulip-2.toml");
    assert_eq!(
        stdout(&output),
        std::fs::read_to_string(library).expect("part of the library")
    );
}
