//! Tables of a run that was made before: the trial is simulated again, which gives the same patients.

use std::path::{Path, PathBuf};

use super::{Export, files, folder_name};
use crate::catalog::{Library, read_source};
use crate::dataset::TableError;
use crate::finding::InputError;
use crate::plan::Manifest;
use crate::run::RunError;
use crate::store::{EXPORT, StoreError};
use crate::study::{Request, prepare};

/// Why a run was not exported.
#[derive(Debug, thiserror::Error)]
pub enum AgainError {
    /// The folder, or what it names, is wrong.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The folder holds no run that can be repeated.
    #[error("{message}\nhelp: {help}")]
    Run {
        /// What is wrong.
        message: String,
        /// What to do.
        help: &'static str,
    },
    /// A trial could not be simulated.
    #[error(transparent)]
    Trial(#[from] RunError),
    /// The tables do not fit the format.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A file cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes the first trials of the run in `folder`, to `out` or to `export/` beside its tables. Returns where.
pub fn export_run(library: &Library, folder: &Path, export: Export, out: Option<&Path>) -> Result<PathBuf, AgainError> {
    let source = read_source(&folder.join("manifest.json")).map_err(InputError::from)?;
    let manifest: Manifest = serde_json::from_str(&source.text).map_err(|reason| AgainError::Run {
        message: format!("`{}` is no manifest of a run: {reason}", source.path),
        help: "give the folder that `malar run` printed",
    })?;
    let request = |patients| Request {
        study: manifest.study.clone(),
        replicates: Some(manifest.replicates),
        patients,
        seed: Some(manifest.seed),
    };
    let mut prepared = prepare(library, &request(None))?;
    if prepared.manifest != manifest {
        prepared = prepare(library, &request(Some(manifest.patients)))?;
    }
    if prepared.manifest != manifest {
        return Err(AgainError::Run {
            message: format!("`{}` was run with other files or another version", manifest.study),
            help: "run it again with `--export`",
        });
    }
    let target = out.map_or_else(|| folder.join(EXPORT), Path::to_path_buf);
    for index in 0..export.replicates.min(manifest.replicates) {
        let replicate = prepared.one(index)?;
        let inside = target.join(folder_name(&replicate));
        for (name, bytes) in files(&prepared.exported(&replicate), export.format)? {
            write(&inside, &name, &bytes)?;
        }
    }
    Ok(target)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(folder.join(name), bytes));
    written.map_err(|reason| StoreError {
        folder: folder.display().to_string(),
        reason: reason.to_string(),
    })
}
