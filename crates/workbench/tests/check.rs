//! What `check` says about good and bad files.

use std::fs;
use std::path::Path;

use malar_workbench::catalog::Library;
use malar_workbench::check::check;

#[test]
fn our_own_data_are_good() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let checked = check(&data, &Library::embedded()).expect("readable");
    let text: String = checked.findings.iter().map(ToString::to_string).collect();
    assert!(checked.is_good(), "{text}");
    assert!(checked.files > 100);
}

/// Findings about a `trials/x.toml` made from TULIP-2 by a replacement.
fn findings(from: &str, to: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("trials")).expect("writable");
    let library = Library::embedded();
    let text = &library.get("trials/tulip-2.toml").expect("embedded").text;
    assert!(text.contains(from), "the test replaces something");
    let file = folder.path().join("trials/tulip-2.toml");
    fs::write(&file, text.replace(from, to)).expect("writable");
    let checked = check(&file, &library).expect("readable");
    checked.findings.iter().map(ToString::to_string).collect()
}

#[test]
fn an_unknown_key_is_underlined() {
    let text = findings("duration_weeks = 52", "duration_weks = 52");
    assert!(text.contains("error[D001]") && text.contains("^^^"), "{text}");
    assert!(text.contains("duration_weeks"), "{text}");
}

#[test]
fn an_unknown_therapy_is_named_with_the_known_ones() {
    let text = findings("id = \"anifrolumab\"", "id = \"anifrolumap\"");
    assert!(text.contains("anifrolumap") && text.contains("anifrolumab"), "{text}");
}

#[test]
fn an_unknown_population_is_named_with_the_known_ones() {
    let text = findings("population = \"sle-trial\"", "population = \"sle\"");
    assert!(text.contains("error[D006]") && text.contains("sle-trial"), "{text}");
}

#[test]
fn an_id_that_is_not_the_file_name_is_an_error() {
    let text = findings("\nid = \"tulip-2\"", "\nid = \"tulip-3\"");
    assert!(text.contains("error[D005]"), "{text}");
}

#[test]
fn a_model_with_an_undefined_name_is_underlined() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("decay.ant");
    fs::write(&file, "x' = -los*x; x = 1; loss = 0.1\n").expect("writable");
    let checked = check(&file, &Library::embedded()).expect("readable");
    assert!(!checked.is_good());
    assert!(
        checked.findings[0].to_string().contains("los"),
        "{}",
        checked.findings[0]
    );
}
