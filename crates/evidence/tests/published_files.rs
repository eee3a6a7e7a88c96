//! The files of data/evidence as they are.

use std::collections::BTreeSet;
use std::path::Path;

use malar_evidence::{
    Denominator, FitError, Kind, Library, Origin, Part, Source, Split, Target, check_fittable, fit_trials, targets,
};

fn read(path: &Path) -> Source {
    let name = path.file_name().expect("a file").to_string_lossy();
    Source {
        path: format!("evidence/{name}"),
        text: std::fs::read_to_string(path).expect("a readable file"),
    }
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/evidence")
}

fn library() -> Library {
    let entries = std::fs::read_dir(folder().join("trials")).expect("the folder exists");
    let sources: Vec<Source> = entries
        .map(|entry| read(&entry.expect("a readable folder").path()))
        .collect();
    Library::new(sources.clone()).unwrap_or_else(|found| {
        let text = |path: &str| {
            &sources
                .iter()
                .find(|source| source.path == path)
                .expect("a source")
                .text
        };
        panic!("{}", found.iter().map(|d| d.render(text(&d.path))).collect::<String>())
    })
}

fn split(library: &Library) -> Split {
    Split::new(&read(&folder().join("split.toml")), library).expect("a complete split")
}

#[test]
fn all_115_files_are_read_without_error_or_warning() {
    let library = library();
    assert_eq!(library.len(), 115);
    assert_eq!(library.warnings(), []);
    let n_verified: usize = library.iter().map(|trial| trial.results().count()).sum();
    let n_unverified: usize = library.iter().map(|trial| trial.n_unverified()).sum();
    // Three verified results of TULIP-1 stand under its original rules.
    assert_eq!(n_verified + n_unverified + 3, 1465);
}

#[test]
fn tulip_2_placebo_bicla_at_week_52_is_31_3_percent() {
    let library = library();
    let placebo = library
        .get("tulip-2")
        .unwrap()
        .arm_result("placebo", "bicla", 52.0, "all")
        .unwrap();
    assert_eq!(
        (placebo.value, placebo.n, placebo.responders),
        (Some(31.3), Some(182), Some(57))
    );
    assert_eq!(placebo.kind, Kind::Binary);
}

#[test]
fn tulip_1_is_reported_under_its_revised_rules() {
    let library = library();
    let tulip_1 = library.get("tulip-1").unwrap();
    let sri_4 = |arm| tulip_1.arm_result(arm, "sri-4", 52.0, "all").unwrap().value;
    assert_eq!((sri_4("placebo"), sri_4("anifrolumab-300")), (Some(42.9), Some(48.9)));
    let original: Vec<_> = tulip_1
        .variant_results("original-rules")
        .map(|o| o.value.unwrap())
        .collect();
    assert_eq!(original, [40.4, 36.2, -4.2]);
}

#[test]
fn a_printed_difference_wins_over_the_arms_own() {
    let library = library();
    let pooled = library.get("tulip-pooled").unwrap();
    let stated = pooled
        .difference("anifrolumab-300", "placebo", "bicla", 52.0, "all")
        .unwrap();
    assert_eq!(
        (stated.value, stated.low95, stated.high95),
        (16.6, Some(9.7), Some(23.6))
    );
    assert_eq!(
        (stated.origin, stated.unit.as_str()),
        (Origin::Stated, "percentage points")
    );

    let bliss = library.get("bliss-76").unwrap();
    let computed = bliss
        .difference("belimumab-10", "placebo", "sri-4", 52.0, "all")
        .unwrap();
    assert_eq!(
        (computed.origin, computed.unit.as_str()),
        (Origin::Computed, "percentage points")
    );
    assert!((computed.value - 9.7).abs() < 1e-9, "43.2 - 33.5");
    let (low, high) = (computed.low95.unwrap(), computed.high95.unwrap());
    assert!(
        low > 0.0 && low < computed.value && computed.value < high && high < 20.0,
        "{low} {high}"
    );
}

#[test]
fn baseline_is_weighted_over_arms() {
    let library = library();
    let tulip_1 = library.get("tulip-1").unwrap();
    let pga = tulip_1.baseline("pga_mean").unwrap();
    // Arms of 184 and 180 with means 1.84 and 1.87, sd 0.38 and 0.40.
    assert_eq!(pga.n, 364);
    assert!((pga.value - (1.84 * 184.0 + 1.87 * 180.0) / 364.0).abs() < 1e-12);
    assert!((pga.sd.unwrap() - 0.39).abs() < 0.005);
    assert!((tulip_1.baseline("bilag_a_percent").unwrap().value - 48.67).abs() < 0.01);
    assert_eq!(tulip_1.baseline("age_median"), None);
    assert_eq!(tulip_1.baseline("height_mean"), None);
}

#[test]
fn an_unverified_number_is_never_returned() {
    let library = library();
    let recalled = ["emblem", "ianalumab-p2", "allure"].map(|id| library.get(id).unwrap());
    assert!(recalled.iter().all(|trial| trial.n_unverified() > 0));
    assert_eq!(recalled[0].arm_result("placebo", "bicla", 12.0, "all"), None);
    assert_eq!(
        recalled[0].difference("epratuzumab-600qw", "placebo", "bicla", 12.0, "all"),
        None
    );
    for trial in library.iter() {
        assert!(trial.results().all(|outcome| outcome.verified), "{}", trial.id);
        assert!(trial.patients().all(|patient| patient.verified), "{}", trial.id);
    }
}

#[test]
fn the_split_is_disjoint_and_complete() {
    let library = library();
    let split = split(&library);
    let (fit, check): (BTreeSet<_>, BTreeSet<_>) = (split.ids(Part::Fit).collect(), split.ids(Part::Check).collect());
    assert!(fit.is_disjoint(&check));
    assert_eq!(
        fit.union(&check).copied().collect::<Vec<_>>(),
        library.iter().map(|t| t.id.as_str()).collect::<Vec<_>>()
    );
    assert_eq!(split.kind("tulip-2"), Some(Part::Check));
    assert_eq!(split.kind("muse"), Some(Part::Fit));
    assert_eq!(split.kind("nowhere"), None);
}

#[test]
fn pooled_analyses_of_checked_trials_are_marked() {
    let library = library();
    let split = split(&library);
    let leaks = |id| split.leaks(library.get(id).unwrap()).collect::<Vec<_>>();
    assert_eq!(leaks("tulip-pooled"), ["tulip-2"]);
    assert_eq!(leaks("bliss-pooled"), ["bliss-76"]);
    assert_eq!(leaks("muse"), Vec::<&str>::new());
    // The extension of TULIP-1 is checked; its first year may be fitted all the same.
    assert_eq!(leaks("tulip-1"), Vec::<&str>::new());
    assert!(library.shares_patients("tulip-1", "tulip-lte") && library.shares_patients("tulip-lte", "tulip-1"));
    assert_eq!(leaks("placebo-response-pooled").len(), split.ids(Part::Check).count());
}

/// The pooled placebo arms of 2021 cannot hold patients of an uncontrolled series, nor of a trial published later; a review of
/// uncontrolled cell therapy cannot hold placebo patients.
#[test]
fn a_review_shares_patients_only_with_earlier_trials_of_its_kind() {
    let library = library();
    let shared = |review: &str, trial: &str| library.shares_patients(review, trial);
    assert!(shared("placebo-response-pooled", "tulip-2") && shared("tulip-2", "placebo-response-pooled"));
    assert!(!shared("placebo-response-pooled", "allo-brl-sle-2025"));
    assert!(!shared("placebo-response-pooled", "sleek"));
    assert!(shared("cart-sle-systematic-review-2025", "cart-mackensen-2022"));
    assert!(!shared("cart-sle-systematic-review-2025", "tulip-2"));
}

#[test]
fn targets_are_verified_percentages_of_fitted_trials() {
    let library = library();
    let split = split(&library);
    let fit = targets(&library, &split, Part::Fit);
    assert!(fit.iter().all(|target| split.kind(&target.trial) == Some(Part::Fit)));
    assert!(
        fit.iter()
            .all(|t| (0.0..=100.0).contains(&t.value) && t.standard_error > 0.0 && t.n > 0)
    );
    assert!(fit.iter().is_sorted_by(|a, b| a.trial <= b.trial));
    let find = |trial: &str, arm: &str, endpoint: &str| -> Option<&Target> {
        let is_it = |t: &&Target| t.trial == trial && t.arm == arm && t.endpoint == endpoint && t.population == "all";
        fit.iter().find(is_it)
    };
    let sri_4 = find("sifalimumab-p2b", "placebo", "sri-4").unwrap();
    assert_eq!((sri_4.value, sri_4.week, sri_4.n), (45.4, 52.0, 108));
    assert_eq!(sri_4.denominator, Denominator::ArmSize);
    // Only patients on 10 mg or more could taper, and TULIP-1 did not print how many they were.
    assert_eq!(find("tulip-1", "placebo", "gc-taper"), None);
    assert_eq!(
        find("tulip-pooled", "placebo", "bicla").unwrap().shared_with_check,
        ["tulip-2"]
    );
}

#[test]
fn only_verified_results_of_the_fit_list_may_be_fitted_and_no_patient_twice() {
    let library = library();
    let split = Split::new(&read(&folder().join("split.toml")), &library).expect("complete");
    let fit = |split: &Split, ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        fit_trials(&library, split, &ids).map(|trials| trials.len())
    };
    assert_eq!(fit(&split, &["muse", "tulip-1", "bliss-52"]), Ok(3));
    assert_eq!(
        fit(&split, &["muse", "tulip-2"]),
        Err(FitError::Checked("tulip-2".into()))
    );
    let leak = FitError::Leaks {
        trial: "tulip-pooled".into(),
        checked: "tulip-2".into(),
    };
    assert_eq!(fit(&split, &["tulip-pooled"]), Err(leak));

    // With nothing held back, the pooled analysis and its trial still share patients.
    let ids: Vec<String> = library.iter().map(|trial| format!("{:?}", trial.id)).collect();
    let text = format!("check = []\nfit = [{}]", ids.join(", "));
    let source = Source {
        path: "split.toml".into(),
        text,
    };
    let all = Split::new(&source, &library).expect("complete");
    let twice = FitError::Twice("tulip-1".into(), "tulip-pooled".into());
    assert_eq!(fit(&all, &["tulip-1", "tulip-pooled"]), Err(twice));

    let tulip_1 = library.get("tulip-1").expect("a file");
    assert_eq!(check_fittable(tulip_1, "placebo", "sri-4", 52.0, "all"), Ok(()));
    let missing = check_fittable(tulip_1, "placebo", "sri-4", 51.0, "all");
    assert!(matches!(missing, Err(FitError::Missing { .. })));
}
