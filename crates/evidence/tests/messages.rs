//! What the author of a wrong file is told.

use malar_evidence::{Library, Source, Split};

const HEAD: &str = r#"id = "demo"
name = "Demo"
registry = ""
phase = "3"
indication = "SLE"
design = ""
randomised = true
blinded = true
year = 2020
duration_weeks = 52
n_total = 20
eligibility = []
background_therapy = ""
restricted_medication = ""
steroid_taper = ""
source = ["a paper"]

[[arms]]
id = "placebo"
therapy = "placebo"
regimen = "placebo"
n = 20

[[outcomes]]
arm = "placebo"
endpoint = "bicla"
week = 52
population = "all"
kind = "binary"
responders = 6
n = 20
value = 30.0
unit = "percent"
source = "a paper"
url = ""
verified = true
"#;

fn demo(text: &str) -> Source {
    Source {
        path: "evidence/trials/demo.toml".into(),
        text: text.into(),
    }
}

/// The findings in the demo file after one replacement.
fn findings(old: &str, new: &str) -> String {
    assert!(HEAD.contains(old), "{old}");
    let text = HEAD.replacen(old, new, 1);
    let found = match Library::new(vec![demo(&text)]) {
        Ok(library) => library.warnings().to_vec(),
        Err(found) => found,
    };
    found.iter().map(|diagnostic| diagnostic.render(&text)).collect()
}

#[test]
fn a_good_file_is_silent() {
    assert_eq!(findings("30.0", "30.0"), "");
}

#[test]
fn more_responders_than_patients_are_refused_at_their_place() {
    let message = findings("responders = 6", "responders = 26");
    assert!(
        message.contains("error[E001]: 26 responders among 20 patients"),
        "{message}"
    );
    assert!(message.contains("--> evidence/trials/demo.toml:30:14\n"), "{message}");
    assert!(message.contains("^^"), "{message}");
}

#[test]
fn counts_that_disagree_with_the_percentage_are_a_warning() {
    let message = findings("value = 30.0", "value = 31.3");
    assert!(
        message.starts_with("warning[E001]: 6 of 20 are 30.00 percent"),
        "{message}"
    );
    // 30.4 would round to another tenth, 30 stands for anything from 29.5 to 30.5.
    assert!(findings("value = 30.0", "value = 30.1").starts_with("warning"));
    assert_eq!(
        findings(
            "responders = 6\nn = 20\nvalue = 30.0",
            "responders = 61\nn = 200\nvalue = 30.5"
        ),
        ""
    );
}

#[test]
fn impossible_values_are_refused() {
    assert!(findings("value = 30.0", "value = 130.0").contains("percent lies in 0 to 100"));
    assert!(findings("value = 30.0\n", "").contains("an outcome needs a value"));
    assert!(findings("value = 30.0", "value = 30.0\nci_low = 31.0").contains("does not hold its estimate"));
    assert!(findings("n = 20\nvalue", "value").contains("responders of how many?"));
}

#[test]
fn unknown_arms_and_keys_are_refused() {
    let message = findings("arm = \"placebo\"", "arm = \"placebo-vs-drug\"");
    assert!(
        message.contains("no arm `placebo-vs-drug`") && message.contains("known arms: placebo;"),
        "{message}"
    );
    assert_eq!(findings("arm = \"placebo\"", "arm = \"all\""), "");
    let message = findings("verified = true", "verifed = true");
    assert!(message.contains("error[D001]: unknown field `verifed`"), "{message}");
    let message = findings("[[outcomes]]", "[arms.baseline]\npga_maen = 1.8\n\n[[outcomes]]");
    assert!(message.contains("unknown baseline key `pga_maen`"), "{message}");
    assert!(findings("id = \"demo\"", "id = \"other\"").contains("error[D005]"));
}

#[test]
fn two_results_for_one_question_need_a_variant() {
    let outcome = &HEAD[HEAD.find("[[outcomes]]").unwrap()..];
    let twice = |changed: &str| Library::new(vec![demo(&format!("{HEAD}\n{changed}"))]).is_ok();
    assert!(!twice(outcome));
    assert!(twice(&outcome.replace("week = 52", "week = 24")));
    assert!(twice(
        &outcome.replace("week = 52", "week = 52\nvariant = \"original-rules\"")
    ));
    assert!(twice(&outcome.replace("verified = true", "verified = false")));
}

#[test]
fn a_split_names_each_trial_once() {
    let library = Library::new(vec![demo(HEAD)]).unwrap();
    let read = |text: &str| {
        let source = Source {
            path: "split.toml".into(),
            text: text.into(),
        };
        Split::new(&source, &library).map_err(|found| found[0].render(text))
    };
    assert!(read("check = []\nfit = [\"demo\"]").is_ok());
    assert!(
        read("check = []\nfit = []")
            .unwrap_err()
            .contains("`demo` is in neither list")
    );
    assert!(
        read("check = [\"demo\"]\nfit = [\"demo\"]")
            .unwrap_err()
            .contains("`demo` is listed twice")
    );
    assert!(
        read("check = []\nfit = [\"demo\", \"dmeo\"]")
            .unwrap_err()
            .contains("error[D006]")
    );
}
