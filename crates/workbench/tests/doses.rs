//! Doses mean what they mean in NONMEM; expected values from `validation/simulate/doses.py`.

use std::path::{Path, PathBuf};

use malar_model::Source;
use malar_workbench::catalog::read_source;
use malar_workbench::run::Silent;
use malar_workbench::simulate::{DoseTable, Series, Settled, patients, simulate, simulate_many};

fn validation(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../validation/simulate")
        .join(name)
}

fn text(path: &str, text: &str) -> Source {
    Source {
        path: path.into(),
        text: text.into(),
    }
}

fn settled(duration: f64, steps: u32) -> Settled {
    Settled {
        duration,
        steps,
        relative: 1e-7,
        ..Settled::default()
    }
}

fn dosed(model: &Source, doses: &str, settings: &Settled) -> Result<Series, String> {
    let doses = DoseTable::read(&text("doses.csv", doses)).map_err(|reason| reason.to_string())?;
    simulate_many(model, settings, None, Some(&doses), 1, &Silent).map_err(|reason| reason.to_string())
}

fn expected(name: &str) -> Vec<Vec<f64>> {
    let text = std::fs::read_to_string(validation(name)).expect("kept with the project");
    let row = |line: &str| line.split(',').map(|x| x.parse().expect("a number")).collect();
    text.lines().skip(1).map(row).collect()
}

/// Tolerance of a comparison: the accuracy asked for, 1e-7, times 10 for a sum of some hundred steps' errors; near zero relative to
/// the doses, which are of size 10.
fn agree(got: &[f64], wanted: &[f64]) -> bool {
    got.len() == wanted.len()
        && got
            .iter()
            .zip(wanted)
            .all(|(g, w)| (g - w).abs() <= 1e-6 * (w.abs() + 1e-3))
}

#[test]
fn thirteen_regimens_agree_with_matrix_exponentials() {
    let model = read_source(&validation("pk.ant")).expect("kept with the project");
    let doses = std::fs::read_to_string(validation("doses.csv")).expect("kept with the project");
    let settings = Settled {
        variables: ["depot", "central", "peripheral"].map(String::from).to_vec(),
        ..settled(72.0, 144)
    };
    let series = dosed(&model, &doses, &settings).expect("a good table");
    assert_eq!(series.names, ["patient", "time", "depot", "central", "peripheral"]);
    let expected = expected("doses.expected.csv");
    assert_eq!(series.rows.len(), expected.len());
    for (row, wanted) in series.rows.iter().zip(&expected) {
        assert!(agree(row, wanted), "got {row:?}, expected {wanted:?}");
    }
}

/// The same model with an event that never happens goes the other way, one patient at a time.
#[test]
fn the_careful_engine_gives_the_same_doses() {
    let mut model = read_source(&validation("pk.ant")).expect("kept with the project");
    let xml = malar_workbench::network::convert(&model, Path::new("pk.xml")).expect("convertible");
    let event = "<listOfEvents><event id=\"never\" useValuesFromTriggerTime=\"true\"><trigger initialValue=\"true\" persistent=\"true\">\
        <math xmlns=\"http://www.w3.org/1998/Math/MathML\"><apply><lt/><ci>ka</ci><cn>0</cn></apply></math></trigger></event></listOfEvents></model>";
    model.text = xml.replace("</model>", event);
    let doses = std::fs::read_to_string(validation("doses.csv")).expect("kept with the project");
    // Without the patients at steady state, which need lanes.
    let is_kept = |line: &&str| {
        let id: u32 = line.split(',').next().and_then(|id| id.parse().ok()).unwrap_or(0);
        [0, 1, 2, 3, 4, 10].contains(&id)
    };
    let doses: String = doses.lines().filter(is_kept).map(|line| format!("{line}\n")).collect();
    let settings = Settled {
        variables: ["depot", "central", "peripheral"].map(String::from).to_vec(),
        ..settled(72.0, 144)
    };
    let series = dosed(&model, &doses, &settings).expect("a good table");
    let expected = expected("doses.expected.csv");
    let wanted = |row: &Vec<f64>| {
        let same = |w: &&Vec<f64>| (w[0] - row[0]).abs() < 0.5 && (w[1] - row[1]).abs() < 0.1;
        expected.iter().find(same).expect("as many rows")
    };
    assert_eq!(series.rows.len(), 5 * 145);
    for row in &series.rows {
        assert!(agree(row, wanted(row)), "got {row:?}, expected {:?}", wanted(row));
    }
    let error = dosed(&model, "TIME,AMT,CMT,II,SS\n0,1,1,6,1\n", &settings).expect_err("steady state beside an event");
    assert!(error.contains("no steady state") && error.contains("events"), "{error}");
}

#[test]
fn steady_state_of_saturable_elimination_agrees_with_a_thousand_doses() {
    let model = text("m.ant", "x' = -vmax*x/(km + x); x = 0; vmax = 1.3; km = 0.8\n");
    let series = dosed(&model, "TIME,AMT,CMT,II,SS\n0,3,x,4,1\n", &settled(4.0, 8)).expect("a good table");
    assert_eq!(series.names, ["time", "x"]);
    for (row, wanted) in series.rows.iter().zip(expected("saturable.expected.csv")) {
        assert!(agree(row, &wanted), "got {row:?}, expected {wanted:?}");
    }
}

#[test]
fn what_accumulates_for_ever_has_no_steady_state_and_is_a_row_that_says_so() {
    let model = text("m.ant", "x' = -k*x; x = 0; k = 0.3; area' = x; area = 0\n");
    let doses = "ID,TIME,AMT,CMT,II,SS\n1,0,3,x,4,0\n2,5,3,x,4,1\n";
    let series = dosed(&model, doses, &settled(10.0, 10)).expect("a good table");
    let [failed] = &series.unsolved[..] else {
        panic!("{:?}", series.unsolved)
    };
    assert_eq!((failed.who, failed.time, failed.state.as_str()), (2.0, 5.0, "area"));
    assert!(failed.reason.contains("no steady state"), "{}", failed.reason);
    // Rows before are good, those from the dose on are empty.
    let csv = series.to_csv();
    assert!(
        csv.contains("\n2,4,0,0\n2,5,,\n") && csv.ends_with("\n2,10,,\n"),
        "{csv}"
    );
}

#[test]
fn an_amount_is_divided_by_the_volume_where_formulas_mean_a_concentration() {
    for (kind, expected) in [("species", 2.0), ("substanceOnly species", 20.0)] {
        let model = text(
            "m.ant",
            &format!("compartment V = 10; {kind} S in V; S = 0; R: S -> ; 0*S\n"),
        );
        let settings = Settled {
            variables: vec!["S".into()],
            ..settled(1.0, 1)
        };
        for rows in ["0,20,S,0\n", "0,20,1,40\n"] {
            let series = dosed(&model, &format!("TIME,AMT,CMT,RATE\n{rows}"), &settings).expect("good");
            let last = series.rows[1][1];
            assert!((last - expected).abs() < 1e-9, "{kind} {rows}: {last}");
            // A bolus at the first time is there in the first row.
            let first = if rows.ends_with("0\n") && !rows.ends_with("40\n") {
                expected
            } else {
                0.0
            };
            assert!((series.rows[0][1] - first).abs() < 1e-12);
        }
    }
}

/// A bolus of 8 at 1 and an infusion of 8 from 2 to 4 into `name`: its value at 0, 1, ... 5.
fn steps(model: &Source, name: &str) -> Vec<f64> {
    let settings = Settled {
        variables: vec![name.into()],
        ..settled(5.0, 5)
    };
    let doses = format!("TIME,AMT,CMT,DUR\n1,8,{name},0\n2,8,{name},2\n");
    let series = dosed(model, &doses, &settings).expect("good");
    assert!(series.unsolved.is_empty(), "{:?}", series.unsolved);
    series.rows.iter().map(|row| row[1]).collect()
}

fn close(got: &[f64], wanted: &[f64]) -> bool {
    got.len() == wanted.len() && got.iter().zip(wanted).all(|(g, w)| (g - w).abs() < 1e-8)
}

#[test]
fn doses_reach_whatever_kind_of_quantity_takes_them() {
    // Concentrations in a volume of 4, amounts, and a plain number with a rate.
    for (text, name, per_unit) in [
        ("compartment V = 4; species C in V; C = 1; C' = 0", "C", 0.25),
        (
            "compartment V = 4; species $C in V; C = 1; C -> X; 0*C; species X in V; X = 0",
            "C",
            0.25,
        ),
        ("compartment V = 4; species C in V; C = 1", "C", 0.25),
        ("compartment V = 4; substanceOnly species C in V; C = 1", "C", 1.0),
        ("x = 1; x' = 0", "x", 1.0),
    ] {
        let got = steps(&self::text("m.ant", &format!("{text};\n")), name);
        let wanted = [0.0, 8.0, 8.0, 12.0, 16.0, 16.0].map(|amount| 1.0 + amount * per_unit);
        assert!(close(&got, &wanted), "{text}: {got:?}");
    }
}

#[test]
fn an_amount_is_divided_by_a_volume_that_a_rule_gives() {
    let xml = r#"<?xml version="1.0"?><sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model>
        <listOfCompartments><compartment id="V" spatialDimensions="3" constant="false"/></listOfCompartments>
        <listOfSpecies><species id="C" compartment="V" initialConcentration="1" hasOnlySubstanceUnits="false" boundaryCondition="true" constant="false"/></listOfSpecies>
        <listOfRules><assignmentRule variable="V"><math xmlns="http://www.w3.org/1998/Math/MathML"><cn>4</cn></math></assignmentRule>
        <rateRule variable="C"><math xmlns="http://www.w3.org/1998/Math/MathML"><cn>0</cn></math></rateRule></listOfRules></model></sbml>"#;
    let got = steps(&text("m.xml", xml), "C");
    assert!(close(&got, &[1.0, 3.0, 3.0, 4.0, 5.0, 5.0]), "{got:?}");
}

#[test]
fn a_conversion_factor_counts_reactions_but_not_doses() {
    let xml = r#"<?xml version="1.0"?><sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model conversionFactor="f">
        <listOfCompartments><compartment id="V" size="1" spatialDimensions="3" constant="true"/></listOfCompartments>
        <listOfSpecies><species id="S" compartment="V" initialAmount="1" hasOnlySubstanceUnits="true" boundaryCondition="false" constant="false"/></listOfSpecies>
        <listOfParameters><parameter id="f" value="3" constant="true"/></listOfParameters></model></sbml>"#;
    let got = steps(&text("m.xml", xml), "S");
    assert!(close(&got, &[1.0, 9.0, 9.0, 13.0, 17.0, 17.0]), "{got:?}");
}

#[test]
fn a_constant_that_is_a_rate_can_be_infused_and_goes_back_exactly() {
    let model = text("m.ant", "x' = R; x = 0; R = 0.5\n");
    let series = dosed(&model, "TIME,AMT,CMT,DUR\n1,2,R,4\n", &settled(10.0, 10)).expect("good");
    let seen: Vec<f64> = series.rows.iter().map(|row| row[1]).collect();
    // 0.5 a day, and 0.5 more from day 1 to day 5.
    for (day, x) in seen.iter().enumerate() {
        let day = day as f64;
        assert!(
            (x - 0.5 * day - 0.5 * (day - 1.0).clamp(0.0, 4.0)).abs() < 1e-9,
            "{day}: {x}"
        );
    }
    let error = dosed(&model, "TIME,AMT,CMT\n1,2,R\n", &settled(10.0, 10)).expect_err("a bolus into a rate");
    assert!(
        error.contains("doses.csv:2:5") && error.contains("only an infusion"),
        "{error}"
    );
}

#[test]
fn patients_and_doses_meet_by_their_number() {
    let model = text("m.ant", "x' = -k*x; x = 0; k = 0.3\n");
    let people = patients(&text("p.csv", "k,ID\n0.5,7\n0,8\n0.1,9\n")).expect("good");
    let doses = DoseTable::read(&text("d.csv", "ID TIME AMT\n8 0 3\n7 1 2\n5 0 1\n")).expect("good");
    let series = simulate_many(&model, &settled(2.0, 2), Some(&people), Some(&doses), 2, &Silent).expect("good");
    let last = |who: f64| {
        series
            .rows
            .iter()
            .rfind(|row| row[0].to_bits() == who.to_bits())
            .expect("there")[2]
    };
    assert!((last(7.0) - 2.0 * (-0.5f64).exp()).abs() < 1e-7);
    assert!((last(8.0) - 3.0).abs() < 1e-12 && last(9.0).abs() < 1e-12);
    assert!(series.warnings[0].contains('5'), "{:?}", series.warnings);
}

#[test]
fn mistakes_in_doses_are_pointed_at_with_a_remedy() {
    let model = text("m.ant", "species S, T; S = 1; T = 1; S -> T; 0.1*S; a := 2*S; k = 1\n");
    let cases = [
        ("TIME,AMT,CMT\n0,x,S\n", "doses.csv:2:3", "not a number"),
        ("TIME,AMT,CMT\n0,1,U\n", "doses.csv:2:5", "no `U`"),
        ("TIME,AMT,CMT\n0,1,3\n", "doses.csv:2:5", "1 S, 2 T"),
        ("TIME,AMT,CMT\n0,1,-1\n", "doses.csv:2:5", "switching"),
        ("TIME,AMT,CMT\n0,1,a\n", "doses.csv:2:5", "assignment rule"),
        (
            "TIME,AMT,CMT,RATE\n0,1,1,-1\n",
            "doses.csv:2:7",
            "a rate that the model computes",
        ),
        (
            "TIME,AMT,CMT,RATE\n0,1,1,-2\n",
            "doses.csv:2:7",
            "a duration that the model computes",
        ),
        ("TIME,AMT,CMT,RATE,DUR\n0,1,1,1,2\n", "doses.csv:2:9", "leave one"),
        ("TIME,AMT,CMT,ADDL\n0,1,1,3\n", "doses.csv:2:7", "II"),
        ("TIME,AMT,CMT,ADDL,II\n0,1,1,1.5,2\n", "doses.csv:2:7", "whole"),
        ("TIME,AMT,CMT,SS\n0,1,1,1\n", "doses.csv:2:7", "II"),
        ("TIME,AMT,CMT,SS,II\n0,1,1,3,2\n", "doses.csv:2:7", "SS cannot be 3"),
        ("TIME,AMT,EVID\n0,1,5\n", "doses.csv:2:5", "EVID cannot be 5"),
        ("TIME,AMT,EVID\n0,1,0\n", "doses.csv:2:3", "no dose"),
        ("TIME,AMT\n0,-1\n", "doses.csv:2:3", "cannot be -1"),
        ("TIME,AMT\n-5,1\n", "doses.csv:2:1", "--start -5"),
        ("ID,TIME,AMT\n1,5,1\n2,0,1\n1,4,1\n", "doses.csv:4:3", "goes back"),
        ("TIME,CMT\n0,1\n", "doses.csv:1:1", "no column `AMT`"),
        ("TIME,AMT,time\n0,1,0\n", "doses.csv:1:10", "two columns"),
        (".\n", "doses.csv:1:1", "no rows"),
    ];
    for (doses, place, words) in cases {
        let error = dosed(&model, doses, &settled(10.0, 10)).expect_err(doses);
        assert!(
            error.contains(place) && error.contains(words) && error.contains("help: "),
            "{doses}\n{error}"
        );
    }
}

#[test]
fn an_event_sees_a_dose_at_once() {
    let xml = r#"<?xml version="1.0"?><sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model>
        <listOfCompartments><compartment id="V" size="1" spatialDimensions="3" constant="true"/></listOfCompartments>
        <listOfSpecies><species id="S" compartment="V" initialAmount="0" hasOnlySubstanceUnits="true" boundaryCondition="false" constant="false"/></listOfSpecies>
        <listOfParameters><parameter id="seen" value="0" constant="false"/></listOfParameters>
        <listOfEvents><event id="high" useValuesFromTriggerTime="true"><trigger initialValue="true" persistent="true">
        <math xmlns="http://www.w3.org/1998/Math/MathML"><apply><gt/><ci>S</ci><cn>4</cn></apply></math></trigger>
        <listOfEventAssignments><eventAssignment variable="seen"><math xmlns="http://www.w3.org/1998/Math/MathML">
        <csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol></math></eventAssignment></listOfEventAssignments>
        </event></listOfEvents></model></sbml>"#;
    let model = text("m.xml", xml);
    let settings = Settled {
        variables: vec!["S".into(), "seen".into()],
        ..settled(10.0, 2)
    };
    let series = dosed(&model, "TIME,AMT\n3,2\n7.25,5\n", &settings).expect("good");
    assert_eq!(series.rows, [[0.0, 0.0, 0.0], [5.0, 2.0, 0.0], [10.0, 7.0, 7.25]]);
    // Alone and without doses it is the same model.
    let alone = simulate(&model, &settings).expect("good");
    assert_eq!(alone.rows, [[0.0, 0.0, 0.0], [5.0, 0.0, 0.0], [10.0, 0.0, 0.0]]);
}
