//! The verb `placebo`.

use std::path::PathBuf;

use clap::Args;
use malar_workbench::placebo::{Request, figure, page, placebo as simulated};
use malar_workbench::store::to_json;

use crate::arguments::Luck;
use crate::page::Page;
use crate::progress::Bar;
use crate::score::posterior;
use crate::variants::open;
use crate::verbs::{Result, unfinished};

#[derive(Debug, Args)]
pub(crate) struct PlaceboArguments {
    /// Population whose placebo arms are simulated (see `malar list populations`)
    #[arg(default_value = "sle-trial")]
    pub population: String,
    /// Simulated trials per placebo arm and per source that is switched off
    #[arg(long, default_value_t = 40, value_name = "N")]
    pub replicates: u32,
    #[command(flatten)]
    pub luck: Luck,
    /// Posterior to take numbers from: an id, a file of `malar calibrate`, or `none` for the numbers of the library's files [default: as
    /// `malar score`]
    #[arg(long, value_name = "POSTERIOR")]
    pub posterior: Option<String>,
    #[command(flatten)]
    pub page: Page,
    /// Structural alternative of the disease model (see `malar variants`)
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

/// Simulates, draws, writes.
pub(crate) fn placebo(arguments: &PlaceboArguments) -> Result {
    let library = open(arguments.library.as_deref(), arguments.variant.as_deref())?;
    let posterior = posterior(&library, arguments.posterior.as_deref())?;
    let request = Request {
        population: arguments.population.clone(),
        replicates: arguments.replicates,
        seed: arguments.luck.seed,
        threads: arguments.luck.threads,
    };
    let report = simulated(&library, &request, posterior.as_ref(), &Bar::new("trials")).map_err(unfinished)?;
    let text = page(&report, arguments.page.drawing());
    arguments.page.give(|| to_json(&report), &text, || figure(&report))
}
