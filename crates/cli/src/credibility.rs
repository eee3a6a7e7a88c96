//! The verb `credibility`.

use std::path::PathBuf;

use clap::Args;
use malar_workbench::catalog::{Library, read_source};
use malar_workbench::credibility::{CredibilityError, Request, credibility as written};
use malar_workbench::score::Ledger;

use crate::arguments::Luck;
use crate::progress::Bar;
use crate::verbs::{Result, failed, print, write, wrong};

#[derive(Debug, Args)]
pub(crate) struct CredibilityArguments {
    /// File to write [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Source tree whose documents and tests count as verification
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub tree: PathBuf,
    /// Ledger that was scored before, as `malar score --json` printed it [default: score now]
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// Simulated trials per protocol of a new ledger and per figure of the limits [default: as in the ledger, else 100]
    #[arg(long, value_name = "N")]
    pub replicates: Option<u32>,
    #[command(flatten)]
    pub luck: Luck,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

/// Scores, simulates, writes.
pub(crate) fn credibility(arguments: &CredibilityArguments) -> Result {
    let library = Library::open(arguments.library.as_deref()).map_err(wrong)?;
    let read = |path: &PathBuf| Ledger::parse(&read_source(path).map_err(wrong)?).map_err(wrong);
    let request = Request {
        ledger: arguments.ledger.as_ref().map(read).transpose()?,
        tree: arguments.tree.clone(),
        replicates: arguments.replicates,
        seed: arguments.luck.seed,
        threads: arguments.luck.threads,
    };
    let text = written(&library, &request, &Bar::new("trials")).map_err(|reason| match reason {
        CredibilityError::Run(reason) => failed(reason),
        other => wrong(other),
    })?;
    match &arguments.out {
        None => print(&text),
        Some(path) => write(path, text),
    }
}
