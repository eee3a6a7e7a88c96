//! Endpoints of tables as people have them, and tables that are wrong.

#[path = "derive/between.rs"]
mod between;

use malar_workbench::catalog::Library;
use malar_workbench::dataset::{Dataset, Format, read_bytes, write};
use malar_workbench::derive::codes::Codes;
use malar_workbench::derive::{Answer, Derived, Settings, as_table, derive, endpoints};

/// SLEDAI-2K descriptors present at a visit, all others absent, as rows of RS.
fn sledai(patient: &str, visit: &str, present: &[usize]) -> String {
    let row = |k: usize| {
        format!(
            "{patient},SLED01{k:02},{},{visit},\n",
            if present.contains(&k) { "Y" } else { "N" }
        )
    };
    (1..=24).map(row).collect()
}

fn grades(patient: &str, visit: &str, letters: &str) -> String {
    let codes = ["CON", "MUC", "NEU", "MSK", "CAR", "GAS", "OPH", "REN", "HEM"];
    let rows = codes.iter().zip(letters.chars());
    rows.map(|(code, letter)| format!("{patient},BILG{code},{letter},{visit},\n"))
        .collect()
}

fn table(name: &str, text: &str) -> Dataset {
    read_bytes(text.as_bytes().to_vec(), name)
        .unwrap_or_else(|e| panic!("{e}"))
        .remove(0)
}

fn recorded() -> Settings {
    Settings {
        as_recorded: true,
        ..Settings::default()
    }
}

fn run(tables: &[Dataset], ids: &[&str], settings: &Settings) -> Result<Derived, String> {
    let ids: Vec<String> = ids.iter().map(|id| id.to_string()).collect();
    let asked = endpoints(&Library::embedded(), &ids).expect("endpoints of the library");
    derive(tables, asked, settings).map_err(|error| error.to_string())
}

fn answers(derived: &Derived) -> Vec<String> {
    let row = |r: &malar_workbench::derive::Row| {
        let endpoint = &derived.endpoints[usize::from(r.endpoint)];
        let letter = match r.answer {
            Answer::Yes => "Y",
            Answer::No => "N",
            Answer::Scored => "=",
            Answer::Unknown => "?",
            Answer::NotCounted => "-",
        };
        let reason = endpoint.reason_id(r.reason.into());
        format!(
            "{} {} {} {letter} {reason}",
            derived.patients[r.patient as usize], endpoint.id, r.week
        )
    };
    derived.rows.iter().map(row).collect()
}

const RS: &str = "USUBJID,RSTESTCD,RSORRES,VISIT,RSORRESU\n";

/// Golden cases of ENDPOINTS: joints better, one new B; PGA up by exactly 0.3; a patient who leaves after week 12.
fn three_patients() -> Vec<Dataset> {
    let mut rs = RS.to_owned();
    for (patient, now, later) in [
        ("a", "ECEBEEEEE", "1.79"),
        ("b", "EEECEEEEE", "1.80"),
        ("c", "EEECEEEEE", "1.00"),
    ] {
        rs += &sledai(patient, "Baseline", &[9, 15, 16, 21]); // 4 + 2 + 2 + 2 = 10
        rs += &grades(
            patient,
            "Baseline",
            if patient == "a" { "ECEBEEEEE" } else { "EEEBEEEEE" },
        );
        rs += &format!("{patient},PGA0101,1.50,Baseline,\n");
        rs += &sledai(patient, "Week 12", &[15, 16, 21]);
        rs += &grades(patient, "Week 12", now);
        rs += &format!("{patient},PGA0101,{later},Week 12,\n");
    }
    rs += &sledai("a", "Week 24", &[15, 16, 21]);
    rs += &grades("a", "Week 24", "EBECEEEEE");
    rs += "a,PGA0101,43,Week 24,mm\n"; // 1.29
    let ds = "USUBJID,DSDECOD,DSCAT,DSSTDY\na,COMPLETED,DISPOSITION EVENT,365\nc,ADVERSE EVENT,DISPOSITION EVENT,90\n";
    vec![table("rs.csv", &rs), table("ds.csv", ds)]
}

#[test]
fn worked_patients_have_the_reasons_of_the_definitions() {
    let derived = run(&three_patients(), &["sri-4", "bicla"], &recorded()).expect("derived");
    assert_eq!(
        answers(&derived),
        [
            "a sri-4 12 Y responder",
            "a sri-4 24 Y responder",
            "a bicla 12 N bilag-not-improved",
            "a bicla 24 Y responder",
            "b sri-4 12 N pga-worse",
            "b sri-4 24 ? not-assessed",
            "b bicla 12 N pga-worse",
            "b bicla 24 ? not-assessed",
            "c sri-4 12 Y responder",
            "c sri-4 24 N discontinued",
            "c bicla 12 Y responder",
            "c bicla 24 N discontinued",
        ]
    );
    let gap = &derived.gaps[0];
    assert_eq!(
        (gap.endpoint.as_str(), gap.component.as_str(), gap.patients, gap.of),
        ("sri-4", "visit", 1, 3)
    );
}

#[test]
fn every_format_gives_the_same_rows() {
    let tables = three_patients();
    let expected = answers(&run(&tables, &["sri-4"], &recorded()).expect("derived"));
    for (ending, format) in Format::ENDINGS {
        let read = |t: &Dataset| {
            read_bytes(write(t, format).expect(ending), &t.path)
                .expect(ending)
                .remove(0)
        };
        let again: Vec<Dataset> = tables.iter().map(read).collect();
        assert_eq!(
            answers(&run(&again, &["sri-4"], &recorded()).expect("derived")),
            expected,
            "{ending}"
        );
    }
}

#[test]
fn rows_say_what_was_used_and_what_is_missing() {
    let derived = run(&three_patients(), &["sri-4"], &recorded()).expect("derived");
    let table = as_table(&derived, Format::Csv);
    let cell = |row: usize, name: &str| table.column(name).expect("a column").text(row).into_owned();
    assert_eq!(
        cell(0, "USED"),
        "sledai_change=-4 bilag_new_a=0 bilag_new_b=0 pga_change=0.29"
    );
    assert_eq!(
        (cell(3, "RESPONSE"), cell(3, "MISSING")),
        (String::new(), "visit".into())
    );
    assert!(write(&as_table(&derived, Format::Xpt), Format::Xpt).is_ok());
}

#[test]
fn adam_tables_are_read_by_number_of_week_or_by_day() {
    let by_week = "USUBJID,PARAMCD,AVAL,AVALC,AVISITN,ABLFL,DTYPE\n1,PREDEQ,20,,0,Y,\n1,PREDEQ,7.5,,40,,\n1,PREDEQ,7.5,,52,,\n1,PREDEQ,9,,44,,LOCF\n";
    let derived = run(&[table("adcm.csv", by_week)], &["gc-taper"], &Settings::default()).expect("derived");
    assert_eq!(
        answers(&derived),
        ["1 gc-taper 40 Y responder", "1 gc-taper 52 Y responder"]
    );
    assert!(
        derived.notes.iter().any(|n| n.contains("1 rows with DTYPE")),
        "{:?}",
        derived.notes
    );

    let by_day =
        "USUBJID,PARAMCD,AVAL,ADY\n1,PREDEQ,20,1\n1,PREDEQ,7.5,283\n1,PREDEQ,8,368\n2,PREDEQ,9.9,1\n2,PREDEQ,5,365\n";
    let settings = Settings {
        weeks: vec![52.0],
        window_days: 7.0,
        ..Settings::default()
    };
    let derived = run(&[table("adcm.csv", by_day)], &["gc-taper"], &settings).expect("derived");
    assert_eq!(answers(&derived)[0], "1 gc-taper 52 N steroid-high");
    assert!(
        answers(&derived)[1].starts_with("2 gc-taper 52 -"),
        "below 10 mg at baseline: not in the denominator"
    );
}

#[test]
fn descriptors_and_grades_come_from_values_and_items() {
    let mut rs = RS.to_owned() + &sledai("a", "Baseline", &[9, 13]) + &sledai("a", "Week 4", &[13]);
    // Severe arthritis, the same, gives A; improving gives B; the kidney is graded from the laboratory.
    rs += "a,BIL0241,2,Baseline,\na,BIL0241,1,Week 4,\na,BILGMSK,B,Week 4,\n";
    rs += "a,PGA0101,2,Baseline,\na,PGA0101,2,Week 4,\n";
    let lb = "USUBJID,LBTESTCD,LBSTRESN,LBSTRESU,LBSPEC,VISIT\n\
              a,PROTCRT,600,mg/g,URINE,Baseline\na,PROTCRT,0.9,g/g,URINE,Week 4\n";
    let tables = [table("rs.csv", &rs), table("lb.csv", lb)];
    let derived = run(&tables, &["sri-4"], &Settings::default()).expect("derived");
    let table = as_table(&derived, Format::Csv);
    let missing = table.column("MISSING").expect("a column").text(0).into_owned();
    assert_eq!(answers(&derived), ["a sri-4 4 ? not-assessed"], "{missing}");
    assert_eq!(
        missing, "bilag_new_a bilag_new_b",
        "domains that nobody examined have no grade"
    );
}

#[test]
fn a_tick_beside_an_abnormal_value_of_another_cause_is_told() {
    let rs = RS.to_owned() + &sledai("a", "Baseline", &[]);
    let lb = "USUBJID,LBTESTCD,LBORRES,LBORRESU,VISIT\na,WBC,2.1,10^9/L,Baseline\n";
    let derived = run(
        &[table("rs.csv", &rs), table("lb.csv", lb)],
        &["sri-4"],
        &Settings::default(),
    )
    .expect("derived");
    assert!(
        derived
            .notes
            .iter()
            .any(|n| n.starts_with("1 SLEDAI items are marked absent")),
        "{:?}",
        derived.notes
    );
}

#[test]
fn a_missing_component_is_told_with_its_endpoint_and_the_number_of_patients() {
    let rs = RS.to_owned() + &sledai("a", "Week 4", &[]) + &sledai("b", "Week 4", &[]) + "b,PGA0101,0.1,Week 4,\n";
    let derived = run(&[table("rs.csv", &rs)], &["doris"], &recorded()).expect("derived");
    let gaps: Vec<String> = derived
        .gaps
        .iter()
        .map(|g| format!("{} {} {}/{}", g.endpoint, g.component, g.patients, g.of))
        .collect();
    assert_eq!(gaps, ["doris prednisone 2/2", "doris pga 1/2"]);
    assert!(!derived.is_told(0));
}

/// Tables with one mistake: what is said, with file, row or line, column and code.
#[test]
fn impossible_items_name_row_and_column() {
    let proteinuria = RS.to_owned() + &sledai("a", "Baseline", &[13]);
    let graded = RS.to_owned() + &grades("a", "Baseline", "EEEBEEEEE");
    let total = RS.to_owned() + &sledai("a", "Baseline", &[9]) + "a,SLEDTOT,6,Baseline,\n";
    let alone = RS.to_owned() + "a,SLEDTOT,6,Baseline,\n";
    let row = |text: &str| RS.to_owned() + text;
    let cases: [(String, &str, &str, &str); 16] = [
        (
            proteinuria,
            "V003",
            "rs.csv:14, column RSORRES",
            "`proteinuria` is ticked present without urine data",
        ),
        (
            graded,
            "V003",
            "rs.csv:2, column RSORRES",
            "grades are recorded without their items",
        ),
        (
            total,
            "V003",
            "rs.csv:26, column RSORRES",
            "a total of 6 is recorded, but the items give",
        ),
        (
            alone,
            "V003",
            "rs.csv:2, column RSORRES",
            "a total of 6 is recorded without its items",
        ),
        (
            row("a,SLED0109,3,Baseline,\n"),
            "V003",
            "rs.csv:2, column RSORRES",
            "`SLED0109` (arthritis) cannot be `3`",
        ),
        (
            row("a,BILGMSK,F,Baseline,\n"),
            "V003",
            "rs.csv:2, column RSORRES",
            "cannot be `F`",
        ),
        (
            row("a,BIL0241,5,Baseline,\n"),
            "V003",
            "rs.csv:2, column RSORRES",
            "cannot be `5`",
        ),
        (
            row("a,PGA0101,3.5,Baseline,\n"),
            "V003",
            "rs.csv:2, column RSORRES",
            "`pga` must lie in 0 to 3",
        ),
        (
            row("a,PGA0101,<1,Baseline,\n"),
            "V003",
            "rs.csv:2, column RSORRES",
            "cannot be `<1`",
        ),
        (
            row("a,PGA0101,1,Baseline,inch\n"),
            "V005",
            "rs.csv:2, column RSORRESU",
            "`PGA0101` in `inch` cannot be converted",
        ),
        (
            row("a,CREAT,88,Baseline,\n"),
            "V005",
            "rs.csv:2, column RSORRESU",
            "`CREAT` has no unit",
        ),
        (
            row("a,PGA0101,1,Visit 7,\n"),
            "V003",
            "rs.csv:2, column VISIT",
            "the row says neither week nor day",
        ),
        (
            row("a,PGA0101,1,Week 4,\na,PGA0101,2,Week 4,\n"),
            "V004",
            "rs.csv:3",
            "`PGA0101` is 2 here and 1 in rs.csv:2",
        ),
        (
            row(",PGA0101,1,Week 4,\n"),
            "V003",
            "rs.csv:2, column USUBJID",
            "the row has no patient",
        ),
        (
            "USUBJID,PARAMCD,AVAL\na,PGA0101,1\n".into(),
            "V002",
            "rs.csv",
            "AVISIT, VISIT, AVISITN, VISITDY, ADY or --DY is missing",
        ),
        (
            row("a,NOTHING,1,Week 4,\n"),
            "V001",
            "rs.csv",
            "no finding in these tables has a code that is read",
        ),
    ];
    for (text, code, place, wanted) in cases {
        let said = run(&[table("rs.csv", &text)], &["sri-4"], &Settings::default()).expect_err(wanted);
        assert!(
            said.contains(&format!("error[{code}]")) && said.contains(wanted),
            "{said}"
        );
        assert!(said.contains(place) && said.contains("help: "), "{said}");
        assert!(malar_workbench::codes::explain(code).is_some());
    }
}

#[test]
fn a_grade_that_its_items_do_not_give_is_refused() {
    let rs = RS.to_owned() + "a,BIL0241,2,Baseline,\na,BILGMSK,C,Baseline,\n";
    let said = run(&[table("rs.csv", &rs)], &["sri-4"], &Settings::default()).expect_err("refused");
    assert!(
        said.contains("`musculoskeletal` has a recorded grade that its items do not give"),
        "{said}"
    );
    assert!(said.contains("rs.csv:3, column RSORRES"), "{said}");
    let rs = RS.to_owned() + "a,BIL0241,2,Baseline,\na,BILGREN,B,Baseline,\n";
    let said = run(&[table("rs.csv", &rs)], &["sri-4"], &Settings::default()).expect_err("refused");
    assert!(
        said.contains("`renal` has a recorded grade without its items"),
        "{said}"
    );
}

#[test]
fn the_page_lists_every_code() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/derive.md")).expect("the page");
    for code in Codes::all().iter() {
        let listed = format!("| `{}` | {} |", code.code, code.meaning);
        assert!(page.contains(&listed), "docs/derive.md lacks: {listed}");
    }
}

/// Written by `validation/derive/pyreadstat_xpt.py`, which also reads what we write (`validation/derive/output.txt`).
#[test]
fn what_pyreadstat_writes_is_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/derive/");
    let read = |name: &str| {
        malar_workbench::dataset::read(format!("{folder}{name}").as_ref())
            .expect("readable")
            .remove(0)
    };
    let (xpt, csv) = (read("pyreadstat.xpt"), read("pyreadstat.csv"));
    assert_eq!((xpt.name.as_str(), xpt.columns[1].label.as_str()), ("ADX", "Value"));
    assert_eq!((xpt.n_rows(), csv.n_rows()), (4, 4));
    for (theirs, text) in xpt.columns.iter().zip(&csv.columns) {
        assert_eq!(theirs.name, text.name);
        for row in 0..4 {
            let (found, expected) = (theirs.text(row), text.text(row));
            let same = found == expected || found.parse::<f64>().is_ok_and(|x| expected.parse() == Ok(x));
            assert!(same, "{} row {row}: {found} {expected}", text.name);
        }
    }
}
