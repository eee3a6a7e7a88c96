//! `malar export`: simulated trials in the shapes of real ones.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use malar_workbench::catalog::Library;
use malar_workbench::dataset::Format;
use malar_workbench::export::{AgainError, Export, export_run};
use malar_workbench::run::RunError;

use crate::verbs::{Failure, Result, failed, print, wrong};

/// Formats of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// CDISC Dataset-JSON 1.1
    DatasetJson,
    /// The same, a line per row
    Ndjson,
    /// The same, compressed
    Dsjc,
    /// SAS transport files, version 5
    Xpt,
    /// Comma-separated
    Csv,
    /// Parquet
    Parquet,
}

impl TableFormat {
    /// What to export: the first so many trials.
    pub fn of(self, replicates: u32) -> Export {
        let format = match self {
            TableFormat::DatasetJson => Format::Json,
            TableFormat::Ndjson => Format::Ndjson,
            TableFormat::Dsjc => Format::Dsjc,
            TableFormat::Xpt => Format::Xpt,
            TableFormat::Csv => Format::Csv,
            TableFormat::Parquet => Format::Parquet,
        };
        Export { format, replicates }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// Run folder
    pub run: PathBuf,
    /// Format of the tables
    #[arg(long, value_name = "FORMAT", default_value = "dataset-json")]
    pub format: TableFormat,
    /// Simulated trials to export
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub replicates: u32,
    /// Folder to write to [default: export/ in the run folder]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

pub(crate) fn export(arguments: &ExportArguments) -> Result {
    let library = Library::open(arguments.library.as_deref()).map_err(wrong)?;
    let export = arguments.format.of(arguments.replicates);
    let folder = export_run(&library, &arguments.run, export, arguments.out.as_deref()).map_err(refused)?;
    print(&format!("{}\n", folder.display()))
}

fn refused(error: AgainError) -> Failure {
    match error {
        AgainError::Trial(RunError::Infeasible(finding)) => wrong(finding),
        AgainError::Trial(_) | AgainError::Store(_) => failed(error),
        other => wrong(other),
    }
}
