//! The folder a run leaves: `manifest.json`, `summary.json`, six Parquet tables, one more each if the trial has estimands,
//! hypotheses that share one error, or baskets, or gives cells, and `report.html`.
//!
//! Everything is first written to a hidden folder inside and renamed at the end, `manifest.json` last: a folder with
//! a manifest is whole. A run that stops half-way leaves nothing.

mod rows;
mod series;
mod table;

use std::path::{Path, PathBuf};

use malar_trial::results::{Labels, Replicate};
use parquet::errors::ParquetError;

use crate::plan::Manifest;
use crate::summary::Summary;
pub use series::write_series;
use table::Table;

/// Files of a run folder, in the order they are put in place.
pub const FILES: [&str; 9] = [
    "patients.parquet",
    "visits.parquet",
    "outcomes.parquet",
    "endpoints.parquet",
    "estimates.parquet",
    "events.parquet",
    "summary.json",
    "report.html",
    "manifest.json",
];

/// The table of a run whose trial has estimands.
const ESTIMANDS: &str = "estimands.parquet";
/// The table of a run whose trial lists hypotheses that share one error.
const HYPOTHESES: &str = "hypotheses.parquet";
/// The table of a run whose trial has baskets.
const BASKETS: &str = "baskets.parquet";
/// The table of a run whose trial gives cells or engagers.
const KINETICS: &str = "kinetics.parquet";

/// Folder of exported trials inside a run folder.
pub const EXPORT: &str = "export";

/// The run folder cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the run to `{folder}`: {reason}")]
pub struct StoreError {
    /// The run folder.
    pub folder: String,
    /// What the system said.
    pub reason: String,
}

/// A run folder being written, replicate by replicate.
pub struct Store {
    /// Dropped after `tables`: files are closed before their folder is removed.
    tables: Option<Tables>,
    unfinished: Unfinished,
    labels: Labels,
}

struct Tables {
    patients: Table,
    visits: Table,
    outcomes: Table,
    endpoints: Table,
    estimates: Table,
    estimands: Option<Table>,
    hypotheses: Option<Table>,
    events: Table,
    kinetics: Option<Table>,
    baskets: Option<Table>,
}

/// The hidden folder inside the run folder; gone, with the run folder if that is empty, once dropped.
struct Unfinished {
    folder: PathBuf,
    inside: PathBuf,
    /// The folder above, if it was not there before.
    made_parent: Option<PathBuf>,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Best effort: a folder that is already gone, or a run folder that holds files, is no failure.
        let _ = std::fs::remove_dir_all(&self.inside);
        let _ = std::fs::remove_dir(&self.folder);
        if let Some(parent) = &self.made_parent {
            let _ = std::fs::remove_dir(parent);
        }
    }
}

impl Store {
    /// Starts a run in `folder`, which is made if missing; an earlier run there is replaced at the end.
    pub fn create(folder: &Path, manifest: &Manifest, labels: &Labels) -> Result<Store, StoreError> {
        let inside = folder.join(format!(".unfinished-{}", std::process::id()));
        let unfinished = Unfinished {
            folder: folder.to_path_buf(),
            inside,
            made_parent: folder.parent().filter(|parent| !parent.exists()).map(Path::to_path_buf),
        };
        std::fs::create_dir_all(&unfinished.inside).map_err(|reason| unfinished.error(&reason))?;
        let hash = manifest.hash();
        let notes = [("malar.study", manifest.study.as_str()), ("malar.hash", hash.as_str())];
        let open = |name: &str, columns| Table::create(&unfinished.inside.join(name), columns, &notes);
        let tables = (|| {
            Ok::<_, ParquetError>(Tables {
                patients: open("patients.parquet", rows::PATIENTS)?,
                visits: open("visits.parquet", rows::VISITS)?,
                outcomes: open("outcomes.parquet", rows::OUTCOMES)?,
                endpoints: open("endpoints.parquet", rows::ENDPOINTS)?,
                estimates: open("estimates.parquet", rows::ESTIMATES)?,
                estimands: (!labels.estimands.is_empty())
                    .then(|| open(ESTIMANDS, rows::ESTIMANDS))
                    .transpose()?,
                hypotheses: (labels.multiplicity.as_ref())
                    .map(|_| open(HYPOTHESES, rows::HYPOTHESES))
                    .transpose()?,
                events: open("events.parquet", rows::EVENTS)?,
                kinetics: (!labels.traces.is_empty())
                    .then(|| open(KINETICS, rows::KINETICS))
                    .transpose()?,
                baskets: (!labels.baskets.is_empty())
                    .then(|| open(BASKETS, rows::BASKETS))
                    .transpose()?,
            })
        })()
        .map_err(|reason| unfinished.error(&reason))?;
        Ok(Store {
            tables: Some(tables),
            unfinished,
            labels: labels.clone(),
        })
    }

    /// Adds the rows of one replicate; replicates come in order.
    pub fn add(&mut self, replicate: &Replicate) -> Result<(), StoreError> {
        let tables = self.tables.as_mut().expect("`finish` consumes the store");
        tables
            .add(replicate, &self.labels)
            .map_err(|reason| self.unfinished.error(&reason))
    }

    /// Adds a file of an exported trial, `export/<folder>/<name>` of the run folder.
    pub fn export(&mut self, folder: &str, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let inside = self.unfinished.inside.join(EXPORT).join(folder);
        let written = std::fs::create_dir_all(&inside).and_then(|()| std::fs::write(inside.join(name), bytes));
        written.map_err(|reason| self.unfinished.error(&reason))
    }

    /// Closes the tables, writes summary and report, and puts everything in place.
    pub fn finish(mut self, manifest: &Manifest, summary: &Summary, report: &str) -> Result<(), StoreError> {
        let tables = self.tables.take().expect("`finish` consumes the store");
        tables.finish().map_err(|reason| self.unfinished.error(&reason))?;
        self.unfinished.write("summary.json", &to_json(summary))?;
        self.unfinished.write("report.html", report)?;
        self.unfinished.write("manifest.json", &to_json(manifest))?;
        self.unfinished.put_export_in_place()?;
        let estimands = (!self.labels.estimands.is_empty()).then_some(ESTIMANDS);
        let kinetics = (!self.labels.traces.is_empty()).then_some(KINETICS);
        let baskets = (!self.labels.baskets.is_empty()).then_some(BASKETS);
        let hypotheses = self.labels.multiplicity.as_ref().map(|_| HYPOTHESES);
        let asked = [estimands, kinetics, baskets, hypotheses].into_iter().flatten();
        for name in asked.chain(FILES) {
            std::fs::rename(self.unfinished.inside.join(name), self.unfinished.folder.join(name))
                .map_err(|reason| self.unfinished.error(&reason))?;
        }
        Ok(())
    }
}

impl Unfinished {
    /// An export of this run replaces one of an earlier run.
    fn put_export_in_place(&self) -> Result<(), StoreError> {
        let (from, to) = (self.inside.join(EXPORT), self.folder.join(EXPORT));
        if !from.exists() {
            return Ok(());
        }
        let removed = if to.exists() {
            std::fs::remove_dir_all(&to)
        } else {
            Ok(())
        };
        removed
            .and_then(|()| std::fs::rename(from, to))
            .map_err(|reason| self.error(&reason))
    }

    fn write(&self, name: &str, text: &str) -> Result<(), StoreError> {
        std::fs::write(self.inside.join(name), text).map_err(|reason| self.error(&reason))
    }

    fn error(&self, reason: &dyn std::error::Error) -> StoreError {
        StoreError {
            folder: self.folder.display().to_string(),
            reason: reason.to_string(),
        }
    }
}

impl Tables {
    fn add(&mut self, replicate: &Replicate, labels: &Labels) -> Result<(), ParquetError> {
        let at = rows::replicate_number(replicate);
        replicate
            .patients
            .iter()
            .try_for_each(|row| rows::push_patient(&mut self.patients, at, row, labels))?;
        replicate
            .visits
            .iter()
            .try_for_each(|row| rows::push_visit(&mut self.visits, at, row, labels))?;
        replicate
            .outcomes
            .iter()
            .try_for_each(|row| rows::push_outcome(&mut self.outcomes, at, row, labels))?;
        replicate
            .endpoints
            .iter()
            .try_for_each(|row| rows::push_endpoint(&mut self.endpoints, at, row, labels))?;
        replicate
            .estimates
            .iter()
            .try_for_each(|row| rows::push_estimate(&mut self.estimates, at, row, labels))?;
        replicate
            .events
            .iter()
            .try_for_each(|row| rows::push_event(&mut self.events, at, row, labels))?;
        if let Some(table) = &mut self.kinetics {
            let mut rows = replicate.kinetics.iter();
            rows.try_for_each(|row| rows::push_kinetics(table, at, row, labels))?;
        }
        if let Some(table) = &mut self.baskets {
            let mut rows = replicate.baskets.iter();
            rows.try_for_each(|row| rows::push_basket(table, at, row, labels))?;
        }
        if let Some((table, multiplicity)) = self.hypotheses.as_mut().zip(labels.multiplicity.as_ref()) {
            let mut rows = replicate.hypotheses.iter();
            rows.try_for_each(|row| rows::push_hypothesis(table, at, row, (multiplicity, labels)))?;
        }
        let Some(table) = &mut self.estimands else {
            return Ok(());
        };
        let mut rows = replicate.estimands.iter();
        rows.try_for_each(|row| rows::push_estimand(table, at, row, labels))
    }

    fn finish(self) -> Result<(), ParquetError> {
        let always = [
            self.patients,
            self.visits,
            self.outcomes,
            self.endpoints,
            self.estimates,
            self.events,
        ];
        let asked = [self.estimands, self.kinetics, self.baskets, self.hypotheses]
            .into_iter()
            .flatten();
        for table in always.into_iter().chain(asked) {
            table.finish()?;
        }
        Ok(())
    }
}

/// Pretty JSON with a final newline.
pub fn to_json(value: &impl serde::Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("summary and manifest have text keys only");
    text + "\n"
}
