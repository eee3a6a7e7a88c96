//! The verb `subgroups`.

use std::path::PathBuf;

use clap::Args;
use malar_workbench::catalog::Library;
use malar_workbench::store::to_json;
use malar_workbench::subgroups::{Request, figure, page, subgroups as compared};

use crate::arguments::Luck;
use crate::progress::Bar;
use crate::score::posterior;
use crate::verbs::{Result, print, unfinished, write, wrong};

#[derive(Debug, Args)]
pub(crate) struct SubgroupsArguments {
    /// Only this comparison of `data/evidence/subgroups.toml` [default: all]
    pub comparison: Option<String>,
    /// Simulated trials per protocol
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub replicates: u32,
    #[command(flatten)]
    pub luck: Luck,
    /// Posterior to take trials from, or `none` [default: the library's, if it fits its files]
    #[arg(long, value_name = "NAME")]
    pub posterior: Option<String>,
    /// File to write the page to [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// File to draw the contrasts into, SVG
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Print everything as JSON
    #[arg(long, conflicts_with = "out")]
    pub json: bool,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

/// Simulates and writes.
pub(crate) fn subgroups(arguments: &SubgroupsArguments) -> Result {
    let library = Library::open(arguments.library.as_deref()).map_err(wrong)?;
    let posterior = posterior(&library, arguments.posterior.as_deref())?;
    let request = Request {
        comparison: arguments.comparison.clone(),
        replicates: arguments.replicates,
        seed: arguments.luck.seed,
        threads: arguments.luck.threads,
    };
    let report = compared(&library, &request, posterior.as_ref(), &Bar::new("trials")).map_err(unfinished)?;
    if let Some(path) = &arguments.plot {
        write(path, figure(&report))?;
    }
    match &arguments.out {
        _ if arguments.json => print(&to_json(&report)),
        Some(path) => write(path, page(&report)),
        None => print(&page(&report)),
    }
}
