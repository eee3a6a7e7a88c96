//! `malar simulate` and `malar convert`: every flag, every kind of mistake.

use std::path::Path;
use std::process::{Command, Output};

/// Exit status, stdout, stderr.
type Told = (Option<i32>, String, String);

fn malar(arguments: &[&str], folder: &Path) -> Told {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_malar"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .expect("malar starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const DECAY: &str = "x' = -k*x; x = 2; k = 0; y := 3*x\n";
const PK: &str =
    "compartment V; species C in V; substanceOnly species A in V; V = 4; C = 1; A = 8; k = 0; R: C -> A; k*C\n";
const BLOW_UP: &str = "x' = x^2; x = x0; x0 = 1.25\n";

/// A folder with models and tables.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in [
        ("decay.ant", DECAY),
        ("pk.ant", PK),
        ("blow-up.ant", BLOW_UP),
        ("patients.csv", "ID,x,k\n4,1,0\n9,5,0\n"),
        ("doses.csv", "TIME,AMT,CMT\n1,8,C\n"),
    ] {
        std::fs::write(folder.path().join(name), text).expect("writable");
    }
    folder
}

/// What a good command prints.
fn good(line: &str) -> String {
    let folder = folder();
    let (status, out, talk) = malar(&line.split(' ').collect::<Vec<_>>(), folder.path());
    assert_eq!((status, talk.as_str()), (Some(0), ""), "{line}");
    out
}

#[test]
fn time_flags_set_first_last_and_number_of_rows() {
    let line = "simulate decay.ant --start -2 --duration 4 --steps 2 --variables x";
    assert_eq!(good(line), "time,x\n-2,2\n0,2\n2,2\n");
}

#[test]
fn variables_come_in_the_order_asked_and_all_without_asking() {
    assert_eq!(
        good("simulate decay.ant --duration 1 --steps 1 --variables y,x,k"),
        "time,y,x,k\n0,6,2,0\n1,6,2,0\n"
    );
    assert!(good("simulate decay.ant --duration 1 --steps 1").starts_with("time,x,y\n"));
}

#[test]
fn species_are_shown_as_amounts_or_concentrations_when_asked() {
    let line = |flags: &str| {
        good(&format!(
            "simulate pk.ant --duration 1 --steps 1 --variables C,A{flags}"
        ))
    };
    assert!(line("").ends_with("\n1,1,8\n"));
    assert!(line(" --amount C").ends_with("\n1,4,8\n"));
    assert!(line(" --concentration A").ends_with("\n1,1,2\n"));
    assert!(line(" --amount C --concentration A").ends_with("\n1,4,2\n"));
}

#[test]
fn accuracy_can_be_asked_for() {
    let last = |flags: &str| -> f64 {
        let line = format!("simulate decay.ant --set k=1 --duration 1 --steps 1 --variables x {flags}");
        let out = good(&line);
        out.trim()
            .rsplit(',')
            .next()
            .and_then(|x| x.parse().ok())
            .expect("a number")
    };
    let exact = 2.0 * (-1f64).exp();
    assert!((last("--relative 1e-9 --absolute 1e-15") - exact).abs() < 1e-9);
    assert!((last("--relative 1e-2 --absolute 1e-2") - exact).abs() < 1e-2);
}

#[test]
fn set_may_be_repeated_and_a_scan_goes_over_it() {
    let line = "simulate decay.ant --duration 1 --steps 1 --variables x --set x=7 --set k=0";
    assert_eq!(good(line), "time,x\n0,7\n1,7\n");
    let line = "simulate decay.ant --duration 1 --steps 1 --variables k,x --set k=0 --scan x=1:2:3";
    assert_eq!(
        good(line),
        "x at start,time,k,x\n1,0,0,1\n1,1,0,1\n1.5,0,0,1.5\n1.5,1,0,1.5\n2,0,0,2\n2,1,0,2\n"
    );
}

#[test]
fn patients_have_a_leading_column_and_any_number_of_threads() {
    let expected = "patient,time,y\n4,0,3\n4,1,3\n9,0,15\n9,1,15\n";
    for threads in ["0", "1", "2"] {
        let line = format!(
            "simulate decay.ant --duration 1 --steps 1 --variables y --patients patients.csv --threads {threads}"
        );
        assert_eq!(good(&line), expected);
    }
}

#[test]
fn doses_are_amounts_and_land_at_their_time() {
    let line = "simulate pk.ant --duration 2 --steps 2 --variables C --doses doses.csv";
    // 8 into a volume of 4.
    assert_eq!(good(line), "time,C\n0,1\n1,3\n2,3\n");
}

#[test]
fn out_writes_tables_and_drawings_by_its_ending() {
    let folder = folder();
    let simulate = |more: &[&str]| {
        malar(
            &[&["simulate", "decay.ant", "--steps", "3"], more].concat(),
            folder.path(),
        )
    };
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("written");
    for name in ["a.csv", "a.parquet", "a.svg"] {
        assert_eq!(simulate(&["--out", name]), (Some(0), String::new(), String::new()));
    }
    assert!(read("a.csv").starts_with(b"time,x,y\n0,2,6\n"));
    assert!(read("a.parquet").starts_with(b"PAR1") && read("a.parquet").ends_with(b"PAR1"));
    assert!(read("a.svg").starts_with(b"<svg xmlns"));
    let (status, out, _) = simulate(&["--plot", "b.svg"]);
    assert!(status == Some(0) && out.starts_with("time,x,y\n") && read("b.svg") == read("a.svg"));
}

#[test]
fn a_simulation_that_cannot_go_on_says_where_why_and_what_and_prints_nothing_past_that() {
    let folder = folder();
    let line = ["simulate", "blow-up.ant", "--duration", "2", "--steps", "4"];
    let (status, out, talk) = malar(&line, folder.path());
    assert_eq!(status, Some(1));
    assert_eq!(out.lines().count(), 3, "{out}");
    assert!(talk.contains("at time 0.8") || talk.contains("at time 0.79"), "{talk}");
    assert!(talk.contains("`x`") && talk.contains("grow without bound"), "{talk}");
    // One of several is a row of its own, counted.
    let (status, out, talk) = malar(&[&line[..], &["--scan", "x0=0.25:1.25:2"]].concat(), folder.path());
    assert_eq!(status, Some(1));
    assert_eq!(out.lines().count(), 11, "{out}");
    assert!(out.ends_with("\n1.25,1,\n1.25,1.5,\n1.25,2,\n"), "{out}");
    assert!(
        talk.contains("x0 1.25 cannot go on") && talk.contains("1 of 2 could not be finished"),
        "{talk}"
    );
}

#[test]
fn mistakes_end_with_status_2_and_say_what_to_do() {
    let folder = folder();
    std::fs::write(folder.path().join("bad.csv"), "ID,k\n1,fast\n").expect("writable");
    std::fs::write(folder.path().join("stranger.csv"), "ID,kk\n1,2\n").expect("writable");
    std::fs::write(folder.path().join("bad-doses.csv"), "TIME,AMT,CMT,RATE\n0,1,x,-2\n").expect("writable");
    for (line, words) in [
        ("--variables xx", "did you mean `x`"),
        ("--amount z", "no variable called `z`"),
        ("--concentration z", "no variable called `z`"),
        ("--set kk=1", "did you mean `k`"),
        ("--set y=1", "assignment rule"),
        ("--set k", "expected NAME=VALUE"),
        ("--set k=fast", "`fast` is not a number"),
        ("--set k=inf", "not a number"),
        ("--scan k=1:2", "expected NAME=FROM:TO:N"),
        ("--scan kk=1:2:3", "did you mean `k`"),
        ("--scan k=0:1:2 --patients patients.csv", "cannot be used with"),
        ("--steps -5", "whole number of intervals"),
        ("--steps 0", "whole number of intervals"),
        ("--duration -1", "the duration cannot be `-1`"),
        ("--duration 0", "the duration"),
        ("--relative 0", "the relative accuracy"),
        ("--relative -1e-3", "the relative accuracy"),
        ("--absolute -1", "the absolute accuracy"),
        ("--start nan", "the start"),
        ("--patients missing.csv", "missing.csv"),
        ("--patients bad.csv", "bad.csv:2:3"),
        ("--patients stranger.csv", "stranger.csv:1:4"),
        ("--doses missing.csv", "missing.csv"),
        ("--doses bad-doses.csv", "bad-doses.csv:2:7"),
        ("--out no/such/folder.csv", "no folder `no/such`"),
    ] {
        let arguments: Vec<&str> = ["simulate", "decay.ant"].into_iter().chain(line.split(' ')).collect();
        let (status, out, talk) = malar(&arguments, folder.path());
        assert_eq!((status, out.as_str()), (Some(2), ""), "{line}: {talk}");
        assert!(talk.contains(words), "{line}: {talk}");
    }
}

#[test]
fn models_convert_both_ways_and_mean_the_same() {
    let folder = folder();
    let run = |arguments: &[&str]| {
        let (status, out, talk) = malar(arguments, folder.path());
        assert_eq!((status, talk.as_str()), (Some(0), ""), "{arguments:?}");
        out
    };
    run(&["convert", "pk.ant", "pk.xml"]);
    run(&["convert", "pk.xml", "again.ant"]);
    run(&["convert", "again.ant", "again.sbml"]);
    let simulated = |model: &str| {
        run(&[
            "simulate",
            model,
            "--set",
            "k=0.3",
            "--duration",
            "2",
            "--steps",
            "4",
            "--variables",
            "C,A",
        ])
    };
    let expected = simulated("pk.ant");
    assert_eq!(expected.lines().count(), 6);
    for model in ["pk.xml", "again.ant", "again.sbml"] {
        assert_eq!(simulated(model), expected, "{model}");
    }
    let text = std::fs::read_to_string(folder.path().join("pk.xml")).expect("written");
    assert!(
        text.starts_with("<?xml") && text.contains("level=\"3\"") && text.contains("hasOnlySubstanceUnits=\"true\"")
    );
    assert!(
        std::fs::read_to_string(folder.path().join("again.ant"))
            .expect("written")
            .contains("substanceOnly species")
    );
}

#[test]
fn what_cannot_be_converted_is_named_and_nothing_is_written() {
    let folder = folder();
    std::fs::write(folder.path().join("bad.ant"), "x' = -loss*; x = 1\n").expect("writable");
    for (from, to, words) in [
        ("bad.ant", "bad.xml", "bad.ant:1:"),
        ("missing.ant", "a.xml", "missing.ant"),
    ] {
        let (status, _, talk) = malar(&["convert", from, to], folder.path());
        assert!(status == Some(2) && talk.contains(words), "{talk}");
        assert!(!folder.path().join(to).exists());
    }
    let fast = r#"<?xml version="1.0"?><sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1"><model>
        <listOfCompartments><compartment id="V" size="1" spatialDimensions="3" constant="true"/></listOfCompartments>
        <listOfSpecies><species id="S" compartment="V" initialAmount="1" hasOnlySubstanceUnits="true" boundaryCondition="false" constant="false"/></listOfSpecies>
        <listOfReactions><reaction id="R" reversible="false" fast="true"><listOfReactants><speciesReference species="S" stoichiometry="1" constant="true"/></listOfReactants>
        <kineticLaw><math xmlns="http://www.w3.org/1998/Math/MathML"><ci>S</ci></math></kineticLaw></reaction></listOfReactions></model></sbml>"#;
    std::fs::write(folder.path().join("fast.xml"), fast).expect("writable");
    let (status, _, talk) = malar(&["convert", "fast.xml", "fast.ant"], folder.path());
    assert!(status == Some(2) && talk.contains("`R` is `fast`"), "{talk}");
}
