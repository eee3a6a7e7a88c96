//! What a user finds in a run folder.

use std::fs;
use std::path::Path;

use malar_workbench::catalog::Library;
use malar_workbench::run::{Prepared, Progress, RunError, RunReport, Settings, Silent, run};
use malar_workbench::store::FILES;
use malar_workbench::study::{Request, prepare};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;

mod synthetic;

const TABLES: usize = 5;

fn run_in(folder: &Path, prepared: &Prepared, threads: usize) -> RunReport {
    run(
        prepared,
        &Settings {
            threads,
            out: Some(folder.to_path_buf()),
            ..Settings::default()
        },
        &Silent,
    )
    .expect("the folder can be written")
}

#[test]
fn tables_and_manifest_do_not_depend_on_threads() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let prepared = synthetic::prepared(7, 40, 3);
    let folders = [1, 2, 5].map(|threads| run_in(&root.path().join(threads.to_string()), &prepared, threads).folder);
    for name in FILES[..TABLES].iter().chain(["manifest.json"].iter()) {
        let [one, two, five] = folders
            .each_ref()
            .map(|folder| fs::read(folder.join(name)).expect("written"));
        assert!(one == two && two == five, "{name}");
    }
}

#[test]
fn summary_does_not_depend_on_threads() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let prepared = synthetic::prepared(7, 40, 3);
    let [one, four] = [1, 4].map(|threads| {
        let mut summary = run_in(root.path(), &prepared, threads).summary;
        summary.wall_seconds = 0.0;
        summary
    });
    assert_eq!(one, four);
}

#[test]
fn another_seed_gives_another_folder_and_other_tables() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let [one, two] = [1, 2].map(|seed| synthetic::prepared(2, 30, seed));
    assert_ne!(one.manifest.folder_name(), two.manifest.folder_name());
    let visits = |name: &str, prepared| {
        fs::read(
            run_in(&root.path().join(name), prepared, 1)
                .folder
                .join("visits.parquet"),
        )
        .expect("written")
    };
    assert_ne!(visits("one", &one), visits("two", &two));
}

#[test]
fn tables_read_back_with_every_row() {
    let root = tempfile::tempdir().expect("a temporary folder");
    run_in(root.path(), &synthetic::prepared(3, 50, 1), 2);
    let open = |name: &str| {
        SerializedFileReader::new(fs::File::open(root.path().join(name)).expect("there")).expect("Parquet")
    };
    let rows = |name: &str| open(name).metadata().file_metadata().num_rows();
    assert_eq!(rows("patients.parquet"), 3 * 50);
    assert_eq!(rows("visits.parquet"), 3 * 50 * 8);
    assert_eq!(rows("outcomes.parquet"), 3 * 50 * 4 * 7);
    let reader = open("patients.parquet");
    let row = reader
        .get_row_iter(None)
        .expect("rows")
        .nth(51)
        .expect("a row")
        .expect("readable");
    assert_eq!(
        (row.get_int(0).expect("replicate"), row.get_int(1).expect("patient")),
        (1, 1)
    );
    assert_eq!(row.get_string(2).expect("arm"), "examplimab-300");
}

#[test]
fn report_needs_nothing_from_elsewhere_and_says_what_it_is() {
    let root = tempfile::tempdir().expect("a temporary folder");
    run_in(root.path(), &synthetic::prepared(3, 50, 1), 1);
    let page = fs::read_to_string(root.path().join("report.html")).expect("written");
    for forbidden in ["<script", "src=", "@import", "url(", "<link"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("<strong>Virtual patients.</strong>") && page.contains("not medical advice"));
    assert!(page.contains("malar run example-1 --replicates 3 --seed 1"));
    assert!(!page.contains("NaN") && !page.contains("inf"));
    assert_eq!(
        page.matches("<svg viewBox").count(),
        page.matches("</desc>").count(),
        "every figure has a description"
    );
}

/// Every figure names an arm by the words of its view, which carry the mark.
#[test]
fn an_arm_on_a_weakly_supported_therapy_is_marked_wherever_a_figure_names_it() {
    let root = tempfile::tempdir().expect("a temporary folder");
    run_in(root.path(), &synthetic::prepared(3, 50, 1), 1);
    let page = fs::read_to_string(root.path().join("report.html")).expect("written");
    assert!(page.contains("† weakly supported therapy") || page.contains("†</strong> weakly supported therapy"));
    let figures = page
        .split("<svg viewBox")
        .skip(1)
        .filter_map(|part| part.split("</svg>").next());
    let named = "xamplimab 300";
    for figure in figures.filter(|figure| figure.contains(named)) {
        let marked = figure.matches("xamplimab 300†").count();
        assert_eq!(figure.matches(named).count(), marked, "{figure}");
    }
    assert!(page.contains("xamplimab 300†"));
}

struct StopAtOnce;

impl Progress for StopAtOnce {
    fn update(&self, _: u32, _: u32) {}
    fn cancelled(&self) -> bool {
        true
    }
}

#[test]
fn a_stopped_run_leaves_nothing() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let folder = root.path().join("run");
    let settings = Settings {
        threads: 2,
        out: Some(folder.clone()),
        ..Settings::default()
    };
    let result = run(&synthetic::prepared(1000, 20, 1), &settings, &StopAtOnce);
    assert!(matches!(result, Err(RunError::Cancelled)));
    assert!(!folder.exists());
}

#[test]
fn a_real_trial_runs_from_the_embedded_library() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let request = Request {
        study: "tulip-2".into(),
        replicates: Some(2),
        patients: Some(40),
        seed: Some(1),
    };
    let prepared = prepare(&Library::embedded(), &request).expect("the library is good");
    let summary = run_in(root.path(), &prepared, 2).summary;
    assert_eq!(
        (summary.study.as_str(), summary.patients, summary.arms.len()),
        ("tulip-2", 40, 2)
    );
    let randomised: f64 = summary.flow.iter().map(|flow| flow.randomised).sum();
    assert!((randomised - 40.0).abs() < 1e-9);
    assert!(summary.endpoints.iter().any(|rate| rate.published.is_some()));
    assert!(!summary.assumptions.is_empty());
}

#[test]
fn a_users_trial_file_is_run_with_the_files_beside_it() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let library = Library::embedded();
    let text = &library.get("trials/tulip-2.toml").expect("embedded").text;
    let mine = text
        .replace("id = \"tulip-2\"", "id = \"mine\"")
        .replace("population = \"sle-trial\"", "population = \"other\"");
    let population = &library.get("populations/sle-trial.toml").expect("embedded").text;
    fs::create_dir(root.path().join("populations")).expect("writable");
    fs::write(root.path().join("mine.toml"), mine).expect("writable");
    fs::write(
        root.path().join("populations/other.toml"),
        population.replace("\"sle-trial\"", "\"other\""),
    )
    .expect("writable");
    let study = root.path().join("mine.toml").display().to_string();
    let prepared = prepare(
        &library,
        &Request {
            study,
            replicates: Some(1),
            patients: None,
            seed: Some(1),
        },
    )
    .expect("complete");
    assert_eq!(prepared.manifest.study, "mine");
    assert!(
        prepared
            .manifest
            .files
            .iter()
            .any(|file| file.path == "populations/other.toml")
    );
}

#[test]
fn unknown_names_are_answered_with_known_ones() {
    let request = Request {
        study: "tulip-9".into(),
        replicates: Some(1),
        patients: None,
        seed: Some(1),
    };
    let Err(error) = prepare(&Library::embedded(), &request) else {
        panic!("there is no tulip-9")
    };
    assert!(error.to_string().contains("tulip-2"), "{error}");
}
