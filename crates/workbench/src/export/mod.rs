//! Simulated trials in the shapes of real ones: SDTM-like and ADaM-like tables that `malar derive` and others read.
//!
//! | table | rows | what |
//! |---|---|---|
//! | `dm`, `adsl` | patient | arm; covariates, disposition |
//! | `rs` | item and visit | SLEDAI-2K descriptors and total, BILAG-2004 grades, PGA, CLASI, joint counts |
//! | `lb` | test and visit | complement, anti-dsDNA; urine and creatinine where the trial measures them |
//! | `adcm` | visit | prednisone-equivalent before the visit's decision |
//! | `cm` | interval | background prednisone; restricted medication |
//! | `ex` | dose or interval | what the arm gave |
//! | `ds` | patient | how the trial ended for the patient |
//!
//! Virtual patients have SLEDAI-2K descriptors and BILAG-2004 grades, but neither the laboratory values behind most
//! descriptors nor the items behind a grade; `derive.toml` beside the tables says so.

mod again;
mod findings;
mod patients;

pub use again::{AgainError, export_run};
use malar_trial::instruments::Sledai;
use malar_trial::results::{Labels, PatientRow, Replicate, VisitRow};

use crate::dataset::{Dataset, Format, TableError, write};
use crate::derive::SETTINGS_FILE;

/// What to export of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Export {
    /// Format of the tables.
    pub format: Format,
    /// The first so many simulated trials; each is a study of its own.
    pub replicates: u32,
}

/// A simulated trial to be written.
#[derive(Clone, Copy)]
pub struct Exported<'a> {
    /// Id of the study.
    pub study: &'a str,
    /// Form of SLEDAI that its endpoints look at.
    pub sledai: Sledai,
    /// Names behind indices.
    pub labels: &'a Labels,
    /// The trial.
    pub replicate: &'a Replicate,
}

/// Name of a replicate's folder: `0001` for the first.
pub fn folder_name(replicate: &Replicate) -> String {
    format!("{:04}", replicate.index + 1)
}

/// All files of a simulated trial: `(name, bytes)`.
pub fn files(exported: &Exported, format: Format) -> Result<Vec<(String, Vec<u8>)>, TableError> {
    let mut files = Vec::new();
    for table in tables(exported) {
        let name = format!("{}.{}", table.name.to_lowercase(), format.ending());
        files.push((name, write(&table, format)?));
    }
    files.push((SETTINGS_FILE.to_owned(), settings(exported.sledai).into_bytes()));
    Ok(files)
}

/// All tables of a simulated trial.
pub fn tables(exported: &Exported) -> Vec<Dataset> {
    vec![
        patients::demographics(exported),
        patients::subjects(exported),
        findings::scores(exported),
        findings::laboratory(exported),
        findings::steroids(exported),
        patients::medication(exported),
        patients::exposure(exported),
        patients::disposition(exported),
    ]
}

/// What `malar derive` has to know of the tables.
fn settings(sledai: Sledai) -> String {
    let form = match sledai {
        Sledai::Sledai2k => "sledai-2k",
        Sledai::SelenaSledai => "selena-sledai",
    };
    format!(
        "# Virtual patients: descriptors and grades are given without the values and items behind them.\n\
         sledai = \"{form}\"\nas-recorded = true\n"
    )
}

impl Exported<'_> {
    /// Unique id of a patient.
    fn subject(&self, patient: u32) -> String {
        format!("{}-{:04}-{:04}", self.study, self.replicate.index + 1, patient + 1)
    }

    /// A table with the columns that all have.
    fn table<'a>(&self, name: &str, label: &str, patients: impl Iterator<Item = &'a u32> + Clone) -> Dataset {
        let study = patients.clone().map(|_| self.study);
        let table = Dataset::new(name, label).with_texts("STUDYID", "Study Identifier", study);
        let table = match name.len() {
            2 => table.with_texts("DOMAIN", "Domain Abbreviation", patients.clone().map(|_| name)),
            _ => table,
        };
        table.with_texts(
            "USUBJID",
            "Unique Subject Identifier",
            patients.map(|&p| self.subject(p)),
        )
    }

    /// Visits of a patient, baseline first.
    fn visits(&self, patient: &PatientRow) -> impl Iterator<Item = &VisitRow> {
        let number = patient.patient;
        self.replicate.visits.iter().filter(move |v| v.patient == number)
    }
}

/// Day of the study, 1 at randomisation.
fn study_day(week: f64) -> f64 {
    (7.0 * week + 1.0).round()
}

/// Name of a visit.
fn visit_name(week: f64) -> String {
    if week == 0.0 {
        "BASELINE".into()
    } else {
        format!("WEEK {week}")
    }
}

/// Y or N.
fn yes(truth: bool) -> &'static str {
    if truth { "Y" } else { "N" }
}
