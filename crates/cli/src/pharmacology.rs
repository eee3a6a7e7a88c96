//! The verb `pharmacology`.

use std::path::PathBuf;

use clap::Args;
use malar_workbench::catalog::Library;
use malar_workbench::listing;
use malar_workbench::pharmacology::{GOAL, Report, Request, figure, page, pharmacology as compared};
use malar_workbench::store::to_json;

use crate::page::Page;
use crate::progress::Bar;
use crate::verbs::{Failure, Result, wrong};

#[derive(Debug, Args)]
pub(crate) struct PharmacologyArguments {
    /// Only this therapy (see `malar list therapies`) [default: all]
    pub therapy: Option<String>,
    /// Virtual patients per regimen
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub patients: u32,
    /// Seed; the same seed gives the same numbers
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    #[command(flatten)]
    pub page: Page,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

/// Simulates, writes, and says whether enough rows are within.
pub(crate) fn pharmacology(arguments: &PharmacologyArguments) -> Result {
    let library = Library::open(arguments.library.as_deref()).map_err(wrong)?;
    let request = Request {
        patients: arguments.patients,
        seed: arguments.seed,
        therapy: arguments.therapy.clone(),
    };
    let report = compared(&library, &request, &Bar::new("regimens")).map_err(wrong)?;
    let text = page(&report, &listing::therapies(&library));
    arguments.page.give(|| to_json(&report), &text, || figure(&report))?;
    verdict(&report, arguments.therapy.is_some())
}

/// Status 1 if too few rows are within; one therapy alone is not judged.
fn verdict(report: &Report, is_part: bool) -> Result {
    let fit = report.count(|row| row.evidence.is_some());
    eprintln!("{} of {} rows of the `fit` list within", fit.within, fit.of);
    if is_part || report.is_good() {
        return Ok(());
    }
    Err(Failure {
        status: 1,
        message: format!("error: less than {:.0} % of them", 100.0 * GOAL),
    })
}
