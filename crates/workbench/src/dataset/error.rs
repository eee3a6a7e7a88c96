//! What can be wrong with a table.

use malar_model::codes::DATASET;

/// A table that cannot be read or used: what, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error[{code}]: {message}\n  --> {place}\n   = help: {help}")]
pub struct TableError {
    /// Code that `malar explain` knows.
    pub code: &'static str,
    /// File, row and column.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl TableError {
    /// A file that as a whole is not a table.
    pub fn file(path: &str, message: String) -> TableError {
        TableError::at(
            path.into(),
            message,
            "give CSV, Parquet (Snappy), Dataset-JSON 1.1 (.json, .ndjson, .dsjc) or a SAS transport file (version 5)",
        )
    }

    /// The same at a place of it.
    pub fn at(place: String, message: String, help: &str) -> TableError {
        TableError {
            code: DATASET,
            place,
            message,
            help: help.into(),
        }
    }
}
