//! The SBML semantic test suite, where it is present: every case in its newest level and version.

use std::path::Path;

use malar_workbench::conformance::{Verdict, cases, counts, run, unpacked};

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
    let told = |v: &Verdict| {
        v.failure
            .as_ref()
            .map(|why| format!("{} {}: {why}", v.case.tier, v.case.id))
    };
    let failing: Vec<String> = verdicts.iter().filter_map(told).collect();
    assert!(failing.is_empty(), "{}", failing.join("\n"));
    assert_eq!(verdicts.len(), 896);
}
