//! Tables, columns and sections that only some protocols have: hypotheses that share one error, regions.

use std::fs;
use std::path::{Path, PathBuf};

use malar_workbench::catalog::Library;
use malar_workbench::export::{Exported, tables};
use malar_workbench::run::{Prepared, RunReport, Settings, Silent, run};
use malar_workbench::study::{Request, prepare};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};

const TULIP_2: &str = include_str!("../../../data/trials/tulip-2.toml");
const REGIONS: &str = "[[regions]]\nid = \"east\"\nshare = 0.5\nassumed = \"test\"\n\n\
    [[regions]]\nid = \"west\"\nshare = 0.5\ntrial_effect = 0.5\nassumed = \"test\"\n\n[screening]";

fn prepared(study: &str, patients: u32) -> Prepared {
    let request = Request {
        study: study.into(),
        replicates: Some(3),
        patients: Some(patients),
        seed: Some(1),
    };
    prepare(&Library::embedded(), &request).unwrap_or_else(|reason| panic!("{reason}"))
}

fn run_in(folder: &Path, prepared: &Prepared) -> RunReport {
    let settings = Settings {
        threads: 1,
        out: Some(folder.to_path_buf()),
        ..Settings::default()
    };
    run(prepared, &settings, &Silent).expect("the folder can be written")
}

fn rows(table: PathBuf) -> Vec<Row> {
    let reader = SerializedFileReader::new(fs::File::open(table).expect("there")).expect("Parquet");
    let rows = reader.get_row_iter(None).expect("rows");
    rows.map(|row| row.expect("readable")).collect()
}

/// The column of that name.
fn column(rows: &[Row], name: &str) -> Vec<Field> {
    let of = |row: &Row| {
        row.get_column_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, field)| field.clone())
    };
    rows.iter().map(|row| of(row).expect("a column")).collect()
}

#[test]
fn hypotheses_are_a_table_a_part_of_the_summary_and_a_section_of_the_report() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let report = run_in(root.path(), &prepared("rehearsal-hypotheses", 120));
    let rows = rows(root.path().join("hypotheses.parquet"));
    assert_eq!(rows.len(), 3 * 5);
    let numbers = |name: &str| -> Vec<f64> {
        let number = |field| match field {
            Field::Double(x) => x,
            other => panic!("{other}"),
        };
        column(&rows, name).into_iter().map(number).collect()
    };
    let rejected = column(&rows, "rejected");
    for (k, (p, adjusted)) in numbers("p_value")
        .into_iter()
        .zip(numbers("adjusted_p_value"))
        .enumerate()
    {
        assert!(p <= adjusted && adjusted <= 1.0);
        assert_eq!(rejected[k], Field::Bool(adjusted <= 0.025));
    }
    let summary = report.summary.multiplicity.expect("the protocol lists hypotheses");
    assert_eq!(
        (summary.hypotheses.len(), summary.replicates, summary.alpha),
        (5, 3, 0.025)
    );
    // All of alpha is the first one's: nothing is rejected without it.
    assert_eq!(summary.any, summary.hypotheses[0].adjusted);
    for (k, hypothesis) in summary.hypotheses.iter().enumerate() {
        let wins = (0..rows.len()).filter(|row| row % 5 == k && rejected[*row] == Field::Bool(true));
        assert!((hypothesis.adjusted.power - wins.count() as f64 / 3.0).abs() < 1e-12);
        assert!(summary.all.power <= hypothesis.adjusted.power && hypothesis.adjusted.power <= hypothesis.alone.power);
    }
    let page = fs::read_to_string(root.path().join("report.html")).expect("written");
    assert!(page.contains("Hypotheses under one error") && page.contains("disjunctive power"));
    assert!(page.contains("response signature high has 0 of alpha and passes on 0.5 to steroid taper, 0.5 to skin."));
}

#[test]
fn every_patient_of_a_trial_with_regions_has_one_in_tables_and_exports() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let file = root.path().join("tulip-2.toml");
    fs::write(&file, TULIP_2.replace("[screening]", REGIONS)).expect("a temporary folder");
    let (with, without) = (prepared(&file.display().to_string(), 40), prepared("tulip-2", 40));
    let subjects = |prepared: &Prepared| {
        let replicate = prepared.simulation.replicate(1, 0).expect("feasible");
        let exported = Exported {
            study: "tulip-2",
            sledai: prepared.about.sledai.expect("a protocol names a form"),
            labels: prepared.simulation.labels(),
            replicate: &replicate,
        };
        let adsl = tables(&exported)
            .into_iter()
            .find(|table| table.name == "ADSL")
            .expect("subjects");
        adsl.column("REGION1").map(|column| format!("{:?}", column.values))
    };
    let said = subjects(&with).expect("a column of regions");
    assert!(said.contains("east") && said.contains("west"), "{said}");
    assert_eq!(subjects(&without), None);

    let regions = |folder: &str, prepared: &Prepared| {
        run_in(&root.path().join(folder), prepared);
        let rows = rows(root.path().join(folder).join("patients.parquet"));
        assert!(!root.path().join(folder).join("hypotheses.parquet").exists());
        column(&rows, "region")
    };
    let (east, west) = (Field::Str("east".into()), Field::Str("west".into()));
    let told = regions("with", &with);
    assert!(told.iter().all(|region| [&east, &west].contains(&region)));
    assert!(told.contains(&east) && told.contains(&west));
    assert!(regions("without", &without).iter().all(|region| *region == Field::Null));
}
