//! The SBML semantic test suite, where it is present: every case in its newest level and version.

use std::path::Path;

use malar_model::Source;
use malar_workbench::conformance::{Case, Verdict, cases, counts, run, unpacked};
use malar_workbench::simulate::{Settled, simulate};

fn failing(verdicts: &[Verdict]) -> Vec<String> {
    let told = |v: &Verdict| {
        v.failure
            .as_ref()
            .map(|why| format!("{} {}: {why}", v.case.tier, v.case.id))
    };
    verdicts.iter().filter_map(told).collect()
}

#[test]
fn every_case_of_the_semantic_suite_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some((folder, _kept)) = unpacked(&root) else {
        eprintln!("SKIPPED: the SBML semantic test suite is not in ../shared/conformance");
        return;
    };
    let verdicts = run(&cases(&folder, false).expect("the suite has an index"));
    for (tier, (passed, of)) in counts(&verdicts) {
        println!("{tier}: {passed} of {of}");
    }
    assert!(failing(&verdicts).is_empty(), "{}", failing(&verdicts).join("\n"));
    assert_eq!(verdicts.len(), 896);
    let rewritten = |case: Case| case.rewritten();
    let again: Vec<Case> = cases(&folder, false)
        .expect("the suite has an index")
        .into_iter()
        .map(rewritten)
        .collect();
    let verdicts = run(&again);
    assert!(
        failing(&verdicts).is_empty(),
        "written and read again:\n{}",
        failing(&verdicts).join("\n")
    );
}

/// Next number of a xorshift generator.
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 16) as usize
}

/// A file with pieces cut out, doubled, or exchanged for what breaks readers.
fn broken(text: &str, luck: &mut u64) -> String {
    let words = [
        "<",
        ">",
        "\"",
        "1e999",
        "-1e308",
        "NaN",
        "",
        "<apply>",
        "&a;",
        "S1",
        "time",
        "constant=\"maybe\"",
        "level=\"9\"",
        "\u{fffd}",
    ];
    let mut text = text.to_owned();
    for _ in 0..1 + next(luck) % 4 {
        let mut at = next(luck) % text.len().max(1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let mut end = (at + next(luck) % 40).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        match next(luck) % 3 {
            0 => text.replace_range(at..end.max(at), words[next(luck) % words.len()]),
            1 => text.replace_range(at..end.max(at), ""),
            _ => {
                let copy = text[at..end.max(at)].to_owned();
                text.insert_str(at, &copy);
            }
        }
    }
    text
}

#[test]
fn no_broken_file_makes_the_reader_or_the_simulation_panic() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some((folder, _kept)) = unpacked(&root) else {
        eprintln!("SKIPPED: the SBML semantic test suite is not in ../shared/conformance");
        return;
    };
    let mut luck = 42;
    for case in cases(&folder, true).expect("the suite has an index").iter().step_by(7) {
        let path = folder
            .join(&case.id)
            .join(format!("{}-sbml-{}.xml", case.id, case.level));
        let text = broken(&std::fs::read_to_string(&path).expect("a file of the suite"), &mut luck);
        let source = Source {
            path: path.display().to_string(),
            text,
        };
        let settled = Settled {
            duration: 1.0,
            steps: 2,
            relative: 1e-3,
            ..Settled::default()
        };
        if let Err(reason) = simulate(&source, &settled) {
            assert!(!reason.to_string().is_empty());
        }
    }
}

#[test]
fn traps_for_readers_are_refused_with_a_code() {
    let model = |inside: &str| {
        format!(
            "<sbml xmlns=\"http://www.sbml.org/sbml/level3/version2/core\" level=\"3\" version=\"2\"><model>{inside}</model></sbml>"
        )
    };
    let rule = |math: &str| {
        model(&format!(
            "<listOfParameters><parameter id=\"x\" constant=\"false\"/></listOfParameters><listOfRules><assignmentRule variable=\"x\">\
             <math xmlns=\"http://www.w3.org/1998/Math/MathML\">{math}</math></assignmentRule></listOfRules>"
        ))
    };
    let deep = format!("{}<cn>1</cn>{}", "<apply><exp/>".repeat(5000), "</apply>".repeat(5000));
    let bomb = format!("<!DOCTYPE a [<!ENTITY a \"b\"><!ENTITY b \"&a;&a;\">]>{}", model(""));
    let doubling: String = (1..60)
        .map(|k| {
            format!(
                "<functionDefinition id=\"f{k}\"><math xmlns=\"http://www.w3.org/1998/Math/MathML\"><lambda><bvar><ci>a</ci></bvar><apply><plus/>\
                 <apply><ci>f{0}</ci><ci>a</ci></apply><apply><ci>f{0}</ci><ci>a</ci></apply></apply></lambda></math></functionDefinition>",
                k - 1
            )
        })
        .collect();
    let first = "<functionDefinition id=\"f0\"><math xmlns=\"http://www.w3.org/1998/Math/MathML\"><lambda><bvar><ci>a</ci></bvar><ci>a</ci></lambda></math></functionDefinition>";
    let doubling = rule("<apply><ci>f59</ci><ci>x</ci></apply>").replace(
        "<model>",
        &format!("<model><listOfFunctionDefinitions>{first}{doubling}</listOfFunctionDefinitions>"),
    );
    let traps = [
        ("M002", rule(&deep)),
        ("M015", bomb),
        ("M015", "<sbml".to_owned()),
        ("M015", model("<listOfSpecies><species/></listOfSpecies>")),
        ("M005", rule("<ci>x</ci>")),
        ("M003", rule("<ci>y</ci>")),
        ("M008", rule("<apply><ci>f</ci><ci>x</ci></apply>")),
        ("M002", doubling),
        (
            "M016",
            model("").replace(
                " level",
                " xmlns:q=\"http://www.sbml.org/sbml/level3/version1/qual/version1\" q:required=\"true\" level",
            ),
        ),
    ];
    for (code, text) in traps {
        let source = Source {
            path: "trap.xml".into(),
            text,
        };
        let reason = simulate(&source, &Settled::default())
            .expect_err("it is a trap")
            .to_string();
        assert!(
            reason.contains(&format!("error[{code}]")) && reason.contains("help:"),
            "{code}: {}",
            &reason[..reason.len().min(400)]
        );
    }
}
