//! Every protocol of the library runs: each therapy is given in one of them (`listing`).

use malar_workbench::catalog::{Kind, Library};
use malar_workbench::run::{Settings, Silent, run};
use malar_workbench::study::{Request, prepare};

/// Patients per trial: a few in each arm.
const PATIENTS: u32 = 24;

#[test]
fn every_protocol_runs_and_finishes_every_patient() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let library = Library::embedded();
    let ids = library.ids(Kind::Trials);
    assert!(ids.len() > 70, "{} protocols", ids.len());
    for id in ids {
        let request = Request {
            study: id.to_owned(),
            replicates: Some(1),
            patients: Some(PATIENTS),
            seed: Some(1),
        };
        let prepared = prepare(&library, &request).unwrap_or_else(|reason| panic!("{id}: {reason}"));
        let settings = Settings {
            threads: 1,
            out: Some(root.path().join(id)),
            ..Settings::default()
        };
        let done = run(&prepared, &settings, &Silent).unwrap_or_else(|reason| panic!("{id}: {reason}"));
        assert_eq!(done.summary.failed_patients, 0, "{id}");
        assert!(!done.summary.endpoints.is_empty(), "{id}");
    }
}
