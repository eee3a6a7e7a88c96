//! The verb `subgroups`.

use std::path::PathBuf;

use clap::Args;
use malar_workbench::catalog::Library;
use malar_workbench::store::to_json;
use malar_workbench::subgroups::{Request, figure, page, subgroups as compared};

use crate::arguments::Luck;
use crate::page::Page;
use crate::progress::Bar;
use crate::score::posterior;
use crate::verbs::{Result, unfinished, wrong};

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
    #[command(flatten)]
    pub page: Page,
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
    let text = page(&report);
    arguments.page.give(|| to_json(&report), &text, || figure(&report))
}
