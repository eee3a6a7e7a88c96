//! `malar export`: simulated trials in the shapes of real ones.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use malar_workbench::catalog::Library;
use malar_workbench::dataset::Format;
use malar_workbench::export::{AgainError, Export, export_run};
use malar_workbench::run::RunError;
use malar_workbench::store::to_json;
use malar_workbench::usdm::of_trial;

use crate::verbs::{Failure, Result, failed, print, write, wrong};

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
    /// Run folder; with `--usdm` the id of a trial or the path of a trial file
    pub what: PathBuf,
    /// Write the trial's protocol as a study definition of USDM 4, JSON
    #[arg(long, conflicts_with_all = ["format", "replicates"])]
    pub usdm: bool,
    /// Format of the tables
    #[arg(long, value_name = "FORMAT", default_value = "dataset-json")]
    pub format: TableFormat,
    /// Simulated trials to export
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub replicates: u32,
    /// Folder to write to [default: export/ in the run folder]; with `--usdm` the file [default: stdout]
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

pub(crate) fn export(arguments: &ExportArguments) -> Result {
    let library = Library::open(arguments.library.as_deref()).map_err(wrong)?;
    if arguments.usdm {
        let trial = arguments
            .what
            .to_str()
            .ok_or_else(|| wrong("the trial's name is not UTF-8"))?;
        let study = of_trial(&library, trial).map_err(wrong)?;
        return put(&to_json(&study), arguments.out.as_deref());
    }
    let export = arguments.format.of(arguments.replicates);
    let folder = export_run(&library, &arguments.what, export, arguments.out.as_deref()).map_err(refused)?;
    print(&format!("{}\n", folder.display()))
}

/// To a file, or to stdout.
pub(crate) fn put(text: &str, out: Option<&Path>) -> Result {
    match out {
        None => print(text),
        Some(out) => write(out, text),
    }
}

fn refused(error: AgainError) -> Failure {
    match error {
        AgainError::Trial(RunError::Infeasible(finding)) => wrong(finding),
        AgainError::Trial(_) | AgainError::Store(_) => failed(error),
        other => wrong(other),
    }
}
