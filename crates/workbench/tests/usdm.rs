//! CDISC's pilot study comes in with its schedule; our protocols go out as USDM and come back whole.
//!
//! `validation/usdm/validate.py` holds an export against CDISC's API schema; its output stands beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

use malar_model::Source;
use malar_trial::Protocol;
use malar_workbench::catalog::{Kind, Library};
use malar_workbench::usdm::{Design, draft, intercurrent_strategy, of_trial, schedule};

/// The pilot study; skips visibly where it is not there, or where `zstd` is not.
fn pilot() -> Option<String> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("SHARED").map_or_else(beside, PathBuf::from);
    let file = shared.join("conformance/usdm/CDISC_Pilot_Study.json.zst");
    if !file.exists() {
        eprintln!("SKIPPED: CDISC's pilot study is not in ../shared/conformance");
        return None;
    }
    match Command::new("zstd").arg("-dc").arg(&file).output() {
        Ok(output) if output.status.success() => Some(String::from_utf8(output.stdout).expect("UTF-8")),
        _ => {
            eprintln!("SKIPPED: `zstd` cannot be run");
            None
        }
    }
}

/// Day that the name of an encounter of the pilot study states.
fn day_by_name(name: &str) -> f64 {
    match name {
        "Screening 1" => -14.0,
        "Screening 2" => -2.0,
        "Baseline" => 0.0,
        other => {
            7.0 * other
                .strip_prefix("Week ")
                .expect("a week")
                .parse::<f64>()
                .expect("a number")
        }
    }
}

#[test]
fn the_pilot_study_comes_in_with_the_schedule_of_its_encounters() {
    let Some(text) = pilot() else { return };
    let design = Design::read(&text, "pilot.json").expect("a study");
    let planned = schedule(&design).expect("a schedule");
    let encounters: Vec<(&str, &str)> = design.encounters().collect();
    assert_eq!(encounters.len(), 12);
    for (planned, (id, name)) in planned.iter().zip(&encounters) {
        assert_eq!((planned.id.as_str(), planned.name.as_str()), (*id, *name));
        assert_eq!(planned.day, Some(day_by_name(name)), "{name}");
        assert!(planned.epoch.is_some(), "{name}");
    }
    assert_eq!(
        planned[3].window_days,
        Some([3.0, 3.0]),
        "week 2 may be three days early or late"
    );
    let source = Source {
        path: "pilot.toml".into(),
        text: draft(&design).expect("a draft"),
    };
    let protocol = Protocol::parse(&source).unwrap_or_else(|e| panic!("{}", e.render(&source.text)));
    assert_eq!(protocol.arms.iter().map(|a| a.n).collect::<Vec<_>>(), [100, 100, 100]);
    assert!(protocol.arms[0].control && protocol.arms[0].id == "placebo");
    assert_eq!((protocol.duration_weeks, protocol.visit_every_weeks), (26.0, 2.0));
    assert_eq!((protocol.epochs.len(), protocol.encounters.len()), (5, 12));
    assert_eq!(
        source.text.matches("# Inclusion").count() + source.text.matches("# Exclusion").count(),
        31
    );
    assert!(
        source
            .text
            .contains("Temporary Treatment Interruption: treatment-policy")
    );
    assert!(source.text.contains("at least [min_age] years of age"));
}

#[test]
fn a_protocol_goes_out_and_comes_back_whole() {
    let library = Library::embedded();
    let is_trial = |id: &&str| {
        let file = library.find(Kind::Trials, id).expect("listed");
        !file.text.contains("kind = \"joint-cohort\"")
    };
    for id in library.ids(Kind::Trials).into_iter().filter(is_trial) {
        let text = of_trial(&library, id).expect("a trial of the library").to_string();
        let design = Design::read(&text, "study.json").unwrap_or_else(|e| panic!("{id}: {e}"));
        assert_eq!(
            draft(&design).expect("a draft"),
            library.find(Kind::Trials, id).expect("listed").text,
            "{id}"
        );
        let planned = schedule(&design).expect("a schedule");
        assert!(planned.iter().all(|p| p.day.is_some()), "{id}");
        assert!(design.criteria.iter().all(|c| c.rule.is_some()), "{id}");
    }
}

#[test]
fn visits_of_an_export_are_those_of_the_protocol() {
    let text = of_trial(&Library::embedded(), "tulip-2").expect("a trial").to_string();
    let design = Design::read(&text, "study.json").expect("a study");
    let days: Vec<f64> = schedule(&design)
        .expect("a schedule")
        .iter()
        .filter_map(|p| p.day)
        .collect();
    let expected: Vec<f64> = (-1..=13).map(|k| 28.0 * f64::from(k)).collect();
    assert_eq!(days, expected);
}

#[test]
fn every_id_of_an_export_leads_somewhere() {
    let study = of_trial(&Library::embedded(), "tulip-2").expect("a trial");
    let (mut ids, mut used) = (Vec::new(), Vec::new());
    collect(&study, &mut ids, &mut used);
    let n = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), n, "ids are unique");
    for id in used {
        assert!(ids.contains(&id), "{id} leads nowhere");
    }
}

fn collect(value: &serde_json::Value, ids: &mut Vec<String>, used: &mut Vec<String>) {
    match value {
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, ids, used)),
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                let texts = value
                    .as_str()
                    .into_iter()
                    .chain(value.as_array().into_iter().flatten().filter_map(|v| v.as_str()));
                match key.as_str() {
                    "id" => ids.extend(value.as_str().map(str::to_owned)),
                    key if key.ends_with("Id") || key.ends_with("Ids") => used.extend(texts.map(str::to_owned)),
                    _ => collect(value, ids, used),
                }
            }
        }
        _ => {}
    }
}

/// A study of two encounters, with one thing replaced.
fn small(from: &str, to: &str) -> String {
    let text = r#"{"usdmVersion":"4.0.0","study":{"name":"S","versions":[{"studyDesigns":[{
        "arms":[{"id":"A1","name":"placebo","type":{"code":"C174268","decode":"Placebo Control Arm"}}],
        "epochs":[{"id":"P1","name":"Treatment"}],"population":{"plannedEnrollmentNumber":{"value":10}},
        "encounters":[{"id":"E1","name":"Baseline"},{"id":"E2","name":"Week 4"}],
        "scheduleTimelines":[{"mainTimeline":true,
          "instances":[{"id":"I1","encounterId":"E1","epochId":"P1"},{"id":"I2","encounterId":"E2","epochId":"P1"}],
          "timings":[{"id":"T1","type":{"code":"C201358","decode":"Fixed Reference"},"value":"P0D","relativeFromScheduledInstanceId":"I1"},
            {"id":"T2","type":{"code":"C201356","decode":"After"},"value":"P4W","relativeFromScheduledInstanceId":"I2","relativeToScheduledInstanceId":"I1"}]}]}]}]}}"#;
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn a_study_that_contradicts_itself_is_refused_with_its_place_and_a_remedy() {
    let cases = [
        ("\"4.0.0\"", "\"3.0.0\"", "is USDM 3.0.0", "study.json"),
        (
            "\"studyDesigns\":[{",
            "\"other\":[{",
            "has no study design",
            "study.json",
        ),
        ("\"epochs\"", "\"apochs\"", "missing field `epochs`", "study.json:"),
        ("\"P4W\"", "\"P1M\"", "`P1M` is no length in days", "T2"),
        (
            "\"relativeToScheduledInstanceId\":\"I1\"",
            "\"relativeToScheduledInstanceId\":\"I9\"",
            "`T2` leads to `I9`",
            "T2",
        ),
        (
            "\"relativeToScheduledInstanceId\":\"I1\"",
            "\"relativeToScheduledInstanceId\":\"I2\"",
            "timings lead in a circle",
            "T2",
        ),
        ("\"C201356\"", "\"C1\"", "the unknown type `C1`", "T2"),
    ];
    for (from, to, wanted, place) in cases {
        let said = Design::read(&small(from, to), "study.json")
            .and_then(|design| draft(&design))
            .expect_err(wanted)
            .to_string();
        assert!(said.starts_with("error[V006]") && said.contains(wanted), "{said}");
        assert!(said.contains(place) && said.contains("help: "), "{said}");
    }
    assert!(malar_workbench::codes::explain("V006").is_some());
}

#[test]
fn names_that_are_the_same_become_different_ids() {
    let two = small(
        "\"arms\":[",
        "\"arms\":[{\"id\":\"A0\",\"name\":\"PLACEBO \\\"x\\\"\"},{\"id\":\"A2\",\"name\":\"Placebo x\"},",
    );
    let text = draft(&Design::read(&two, "s.json").expect("a study")).expect("a draft");
    assert!(
        text.contains("id = \"placebo-x\"") && text.contains("id = \"placebo-x-2\""),
        "{text}"
    );
    let source = Source {
        path: "s.toml".into(),
        text,
    };
    assert!(Protocol::parse(&source).is_ok());
}

#[test]
fn strategies_are_those_of_ich() {
    for (text, strategy) in [
        (
            "Treatment Policy – Continue to measure effect",
            Some("treatment-policy"),
        ),
        ("Composite variable strategy", Some("composite")),
        ("HYPOTHETICAL", Some("hypothetical")),
        ("While on treatment", Some("while-on-treatment")),
        ("principal stratum", Some("principal-stratum")),
        ("ignore", None),
    ] {
        assert_eq!(intercurrent_strategy(text), strategy);
    }
}
