//! The verb `credibility`.

use std::path::PathBuf;

use clap::Args;
use malar_workbench::catalog::Library;
use malar_workbench::credibility::{CredibilityError, Request, credibility as written};

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
    /// Simulated trials per protocol
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub replicates: u32,
    /// Seed; the same seed gives the same file
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Threads; 0 takes one per core
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub threads: usize,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

/// Scores, simulates, writes.
pub(crate) fn credibility(arguments: &CredibilityArguments) -> Result {
    let library = Library::open(arguments.library.as_deref()).map_err(wrong)?;
    let request = Request {
        tree: arguments.tree.clone(),
        replicates: arguments.replicates,
        seed: arguments.seed,
        threads: arguments.threads,
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
