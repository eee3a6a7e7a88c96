//! Many simulations of one model: the same numbers in whatever company, failures counted.

use malar_model::Source;
use malar_workbench::run::Silent;
use malar_workbench::simulate::{DoseTable, Repeated, Series, Settled, patients, scan, simulate, simulate_many};

/// A saturable two-step chain whose start depends on parameters.
const CHAIN: &str =
    "x' = -vmax*x/(km + x) + s; y' = vmax*x/(km + x) - k*y; x = x0; x0 := 2; vmax = 1; km = 0.5; k = 0.3; s = 0.1\n";
/// The same with an initial assignment along two parameters.
const START: &str = "x' = -k*x; x = 2*a; a = 3*b; b = 1; k = 0.1; y := a*x\n";

fn source(text: &str) -> Source {
    Source {
        path: "m.ant".into(),
        text: text.into(),
    }
}

fn settled(duration: f64, steps: u32) -> Settled {
    Settled {
        duration,
        steps,
        ..Settled::default()
    }
}

fn table(text: &str) -> Repeated {
    let file = Source {
        path: "patients.csv".into(),
        text: text.into(),
    };
    patients(&file).expect("a good table")
}

fn many(model: &str, repeated: &Repeated, settings: &Settled, threads: usize) -> Series {
    simulate_many(&source(model), settings, Some(repeated), None, threads, &Silent).expect("a good model")
}

fn bits(series: &Series, who: f64) -> Vec<u64> {
    let own = series.rows.iter().filter(|row| row[0].to_bits() == who.to_bits());
    own.flatten().map(|x| x.to_bits()).collect()
}

#[test]
fn a_patient_has_the_same_bits_in_any_company_and_on_any_number_of_threads() {
    let mut text = String::from("patient,vmax,km\n");
    for i in 0..150 {
        text += &format!("{i},{},{}\n", 0.5 + 0.01 * f64::from(i), 0.3 + 0.02 * f64::from(i % 17));
    }
    let model = CHAIN.replace("x = x0; x0 := 2;", "x = 2; y = 0;");
    let settings = settled(20.0, 7);
    let one = many(&model, &table(&text), &settings, 1);
    assert!(one.unsolved.is_empty() && one.rows.len() == 150 * 8);
    for threads in [2, 3, 0] {
        assert_eq!(many(&model, &table(&text), &settings, threads), one);
    }
    for who in [0, 77, 149] {
        let line = text.lines().nth(who + 1).expect("there");
        let alone = many(&model, &table(&format!("patient,vmax,km\n{line}\n")), &settings, 1);
        assert_eq!(bits(&alone, who as f64), bits(&one, who as f64));
    }
}

#[test]
fn the_lanes_agree_with_the_careful_engine() {
    let model = CHAIN.replace("x = x0; x0 := 2;", "x = 2; y = 0;");
    let settings = settled(20.0, 20);
    let lanes = many(&model, &scan("vmax", 0.5, 1.5, 3), &settings, 1);
    for (i, vmax) in [0.5, 1.0, 1.5].into_iter().enumerate() {
        let alone = Settled {
            set: vec![("vmax".into(), vmax)],
            ..settings.clone()
        };
        let alone = simulate(&source(&model), &alone).expect("a good model");
        for (row, other) in alone.rows.iter().zip(&lanes.rows[21 * i..]) {
            // 1e-6 is the accuracy asked for; ten times that for the sum along the way.
            let agrees = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-5 * a.abs() + 1e-12;
            assert!(row.iter().zip(&other[1..]).all(agrees), "{row:?} {other:?}");
        }
    }
}

#[test]
fn what_starts_from_a_parameter_follows_the_patient() {
    let series = many(START, &table("ID,b\n1,1\n2,5\n"), &settled(1.0, 1), 1);
    assert_eq!(series.names, ["patient", "time", "x", "y"]);
    let start: Vec<&[f64]> = series.rows.iter().step_by(2).map(|row| &row[2..]).collect();
    assert_eq!(start, [[6.0, 18.0], [30.0, 450.0]]);
    // Setting what an initial assignment gives replaces the assignment.
    let series = many(START, &table("a,b\n1,9\n"), &settled(1.0, 1), 1);
    assert_eq!(series.rows[0][2..], [2.0, 2.0]);
    // And `--set` comes first.
    let settings = Settled {
        set: vec![("b".into(), 7.0)],
        ..settled(1.0, 1)
    };
    assert_eq!(many(START, &table("k\n0\n"), &settings, 1).rows[1][2..], [42.0, 882.0]);
}

#[test]
fn a_patient_who_cannot_be_finished_is_counted_and_has_no_number_past_that_point() {
    // x = 1/(1/x0 - t): infinite at 1/x0.
    let model = "x' = x^2; x = x0; x0 = 1\n";
    let series = many(
        model,
        &table("patient,x0\n1,0.1\n2,1.25\n3,0.05\n"),
        &settled(2.0, 4),
        1,
    );
    let [failed] = &series.unsolved[..] else {
        panic!("{:?}", series.unsolved)
    };
    assert_eq!(
        (failed.who, failed.state.as_str(), failed.rows.clone()),
        (2.0, "x", 7..10)
    );
    assert!((failed.time - 0.8).abs() < 1e-3, "{}", failed.time);
    let csv = series.to_csv();
    assert!(csv.contains("\n2,1,\n2,1.5,\n2,2,\n3,0,0.05\n"), "{csv}");
    let words = series.failures();
    assert!(
        words.contains("patient 2 cannot go on at time") && words.contains("1 of 3"),
        "{words}"
    );
    // The others are as if alone.
    let alone = many(model, &table("patient,x0\n3,0.05\n"), &settled(2.0, 4), 1);
    assert_eq!(bits(&alone, 3.0), bits(&series, 3.0));
}

#[test]
fn what_is_missing_is_null_in_parquet() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    let series = many(
        "x' = x^2; x = x0; x0 = 1\n",
        &table("x0\n0.1\n1\n"),
        &settled(2.0, 2),
        1,
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("x.parquet");
    malar_workbench::store::write_series(&path, &series).expect("writable");
    let reader = SerializedFileReader::new(std::fs::File::open(&path).expect("written")).expect("Parquet");
    let mut rows = Vec::new();
    for row in reader.get_row_iter(None).expect("rows") {
        let row = row.expect("a row");
        let fields: Vec<Field> = row.get_column_iter().map(|(_, field)| field.clone()).collect();
        rows.push(fields);
    }
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[0], [1.0, 0.0, 0.1].map(Field::Double));
    assert_eq!(rows[5], [Field::Double(2.0), Field::Double(2.0), Field::Null]);
}

#[test]
fn what_lanes_cannot_do_is_done_alone() {
    // The derivative of x^0.5 is infinite at the start; the solution is (t/2)^2.
    let series = many(
        "x' = s*x^0.5 + 1e-9; x = 0; s = 1\n",
        &table("s\n1\n"),
        &settled(4.0, 4),
        1,
    );
    assert!(series.unsolved.is_empty(), "{:?}", series.unsolved);
    // 1e-9 moves the start by 2e-9 at most.
    assert!(
        series
            .rows
            .iter()
            .all(|row| row[1] < 0.5 || (row[2].sqrt() - row[1] / 2.0).abs() < 1e-3)
    );
}

#[test]
fn columns_that_cannot_be_set_are_pointed_at_with_the_nearest_name() {
    for (text, place, words) in [
        ("patient,bb\n1,2\n", "patients.csv:1:9", "did you mean `b`"),
        ("y\n2\n", "patients.csv:1:1", "assignment rule"),
    ] {
        let repeated = table(text);
        let outcome = simulate_many(&source(START), &settled(1.0, 1), Some(&repeated), None, 1, &Silent);
        let error = outcome.expect_err(text).to_string();
        assert!(error.contains(place) && error.contains(words), "{error}");
    }
    for (text, place) in [
        ("patient,b\n1,two\n", "patients.csv:2:3"),
        ("b,b\n1,2\n", "patients.csv:1:3"),
        ("patient,ID\n1,2\n", "patients.csv:1:9"),
        ("ID,b\n1,2\n1,3\n", "patients.csv:3:1"),
        ("b,k\n1\n", "patients.csv:2:1"),
    ] {
        let file = Source {
            path: "patients.csv".into(),
            text: text.into(),
        };
        let error = patients(&file).expect_err(text).to_string();
        assert!(error.contains(place) && error.contains("help: "), "{error}");
    }
}

#[test]
fn a_scan_includes_both_ends_and_takes_the_doses_of_the_only_patient() {
    let values: Vec<f64> = scan("k", 0.1, 0.3, 3).rows.iter().map(|row| row.0).collect();
    assert_eq!((values[0], values[2], values.len()), (0.1, 0.3, 3));
    assert_eq!(scan("k", 5.0, 9.0, 1).rows.len(), 1);
    let file = Source {
        path: "d.csv".into(),
        text: "ID,TIME,AMT\n4,0,2\n".into(),
    };
    let doses = DoseTable::read(&file).expect("good");
    let model = source("x' = -k*x; x = 0; k = 1\n");
    let series = simulate_many(
        &model,
        &settled(1.0, 1),
        Some(&scan("k", 0.0, 1.0, 2)),
        Some(&doses),
        1,
        &Silent,
    );
    let series = series.expect("good");
    assert_eq!(series.names, ["k", "time", "x"]);
    assert!((series.rows[1][2] - 2.0).abs() < 1e-12 && (series.rows[3][2] - 2.0 * (-1f64).exp()).abs() < 1e-6);
}
