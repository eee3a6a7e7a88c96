//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::calibrate::CalibrateArguments;
use crate::credibility::CredibilityArguments;
use crate::derive::DeriveArguments;
use crate::export::{ExportArguments, TableFormat};
use crate::import::ImportArguments;
use crate::pharmacology::PharmacologyArguments;
use crate::placebo::PlaceboArguments;
use crate::sensitivity::SensitivityArguments;
use crate::subgroups::SubgroupsArguments;
use crate::variants::VariantsArguments;

/// Rehearse a lupus trial before anyone runs it.
///
/// Virtual patients. For research and trial design only: not a medical device, not medical advice.
#[derive(Debug, Parser)]
#[command(name = "malar", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Simulate a trial and compare it with what was published
    Run(RunArguments),
    /// Operating characteristics of a study's group-sequential design, on simulated patients
    Design(DesignArguments),
    /// Simulate every trial with published results and say how far each prediction was off
    Score(ScoreArguments),
    /// Fit a population and therapies to published trials, with uncertainty
    Calibrate(CalibrateArguments),
    /// Derive endpoints from a trial's own tables: ADaM, SDTM
    Derive(DeriveArguments),
    /// Write the simulated trials of a run as SDTM- and ADaM-like tables, or a protocol as USDM
    Export(ExportArguments),
    /// Say which numbers behind a trial move its result: tornado, Morris, Sobol, rank correlations
    Sensitivity(SensitivityArguments),
    /// List structural alternatives of the disease model, or set what they predict side by side
    Variants(VariantsArguments),
    /// Write the credibility file: what the model is for, what was verified and validated, what it cannot do
    Credibility(CredibilityArguments),
    /// Hold every therapy against its published pharmacology: levels, B cells, antibodies, CAR cells
    Pharmacology(PharmacologyArguments),
    /// Say what placebo arms do: response over time, whether it lasts, what it hangs on, what data can tell
    Placebo(PlaceboArguments),
    /// Ask whom a therapy helps more: contrasts in two populations, simulated beside published, and with one thing changed
    Subgroups(SubgroupsArguments),
    /// Turn a study definition of USDM 4 into a draft of a protocol file
    Import(ImportArguments),
    /// Simulate one model over time and print a table
    Simulate(SimulateArguments),
    /// Write a model in another format: Antimony or SBML
    Convert(ConvertArguments),
    /// Check data files and show what is wrong with them
    Check(CheckArguments),
    /// List what the library holds
    List(ListArguments),
    /// Print the card of a therapy: what it is, how it acts here, which numbers are solid, what the model cannot say
    Show(ShowArguments),
    /// Explain a code of a diagnostic, such as M003
    Explain(ExplainArguments),
}

/// Whose luck, and on how many threads.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Luck {
    /// Seed; the same seed gives the same numbers
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Threads; 0 takes one per core
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub threads: usize,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Id of a trial (see `malar list trials`), or path of a trial file
    pub study: String,
    /// Simulated trials [default: the study's, else 20]
    #[arg(long, value_name = "N")]
    pub replicates: Option<u32>,
    /// Patients per trial [default: as in the protocol]
    #[arg(long, value_name = "N")]
    pub patients: Option<u32>,
    /// Seed; the same seed gives the same tables [default: the study's, else 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Posterior to take numbers from: an id (see `malar list posteriors`) or a file of `malar calibrate`
    #[arg(long, value_name = "POSTERIOR")]
    pub posterior: Option<String>,
    /// Threads; 0 takes one per core
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub threads: usize,
    /// Run folder [default: runs/<study>-<hash>]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Leave the first simulated trial as SDTM- and ADaM-like tables in `export/` of the run folder
    #[arg(long, value_name = "FORMAT")]
    pub export: Option<TableFormat>,
    /// Simulated trials to export
    #[arg(long, default_value_t = 1, value_name = "N", requires = "export")]
    pub export_replicates: u32,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
    /// Structural alternative of the disease model (see `malar variants`)
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DesignArguments {
    /// Study with a `[design]`: an id (see `malar list studies`), or a file
    pub study: String,
    /// Simulated trials whose patients are drawn from; the study's number if absent, 200 with a posterior
    #[arg(long, value_name = "N")]
    pub replicates: Option<u32>,
    /// Posterior to simulate from, an id or a file of `malar calibrate`; adds assurance: power over everything the calibration left open
    #[arg(long, value_name = "POSTERIOR")]
    pub posterior: Option<String>,
    /// Seed; the same seed gives the same numbers
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Threads; 0 takes one per core
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub threads: usize,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ScoreArguments {
    /// Simulated trials per protocol
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub replicates: u32,
    #[command(flatten)]
    pub luck: Luck,
    /// Posterior to take numbers from: an id (see `malar list posteriors`), a file of `malar calibrate`, or `none` for the numbers of the
    /// library's files [default: the library's posterior, if it was made from its populations, models and therapies]
    #[arg(long, value_name = "POSTERIOR")]
    pub posterior: Option<String>,
    /// Posterior of `malar calibrate --without`: predicts once more the trials it left out; may be repeated
    #[arg(long, value_name = "POSTERIOR")]
    pub left_out: Vec<String>,
    /// Folder of protocols to score instead of the library's
    #[arg(long, value_name = "DIR", requires = "evidence")]
    pub trials: Option<PathBuf>,
    /// Folder of their published results
    #[arg(long, value_name = "DIR", requires = "trials")]
    pub evidence: Option<PathBuf>,
    /// Where to write the ledger, HTML
    #[arg(long, default_value = "ledger.html", value_name = "FILE")]
    pub out: PathBuf,
    /// Print the ledger as JSON
    #[arg(long)]
    pub json: bool,
    /// Structural alternative of the disease model (see `malar variants`)
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SimulateArguments {
    /// Model in Antimony or SBML
    pub model: PathBuf,
    /// First time, in the model's unit of time
    #[arg(long, default_value_t = 0.0, value_name = "TIME", allow_hyphen_values = true)]
    pub start: f64,
    /// Length, in the model's unit of time (days in Antimony)
    #[arg(long, default_value_t = 100.0, value_name = "TIME", allow_hyphen_values = true)]
    pub duration: f64,
    /// Intervals: rows after the first
    #[arg(long, default_value_t = 100, value_name = "N", allow_hyphen_values = true, value_parser = intervals)]
    pub steps: u32,
    /// Relative accuracy wanted
    #[arg(long, default_value_t = 1e-6, value_name = "NUMBER", allow_hyphen_values = true)]
    pub relative: f64,
    /// Absolute accuracy wanted
    #[arg(long, default_value_t = 1e-12, value_name = "NUMBER", allow_hyphen_values = true)]
    pub absolute: f64,
    /// What to show, in this order [default: all]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub variables: Vec<String>,
    /// Species to show as amounts
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub amount: Vec<String>,
    /// Species to show as concentrations
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub concentration: Vec<String>,
    /// Give a quantity another value at the start; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub set: Vec<(String, f64)>,
    /// Simulate for several values of a quantity, first and last included
    #[arg(long, value_name = "NAME=FROM:TO:N", value_parser = scanned, conflicts_with = "patients")]
    pub scan: Option<Scan>,
    /// Table with a line of names and a line of values per patient
    #[arg(long, value_name = "FILE")]
    pub patients: Option<PathBuf>,
    /// Table of doses: ID TIME EVID AMT CMT RATE DUR II ADDL SS, as for NONMEM
    #[arg(long, value_name = "FILE")]
    pub doses: Option<PathBuf>,
    /// Threads for many patients; 0 takes one per core
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub threads: usize,
    /// Write to a file instead of stdout: comma-separated, .parquet or .svg
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Draw to an .svg file; the table goes where it goes without
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
}

/// `--scan k=0:1:11`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scan {
    pub name: String,
    pub from: f64,
    pub to: f64,
    pub n: u32,
}

#[derive(Debug, Args)]
pub(crate) struct ConvertArguments {
    /// Model in Antimony or SBML
    pub model: PathBuf,
    /// File to write: .xml or .sbml for SBML, .ant for Antimony
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// Files or folders
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// models, therapies, populations, trials, endpoints, evidence, studies, calibrations, posteriors,
    /// assumptions or codes
    pub kind: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// Id of a therapy (see `malar list therapies`)
    pub therapy: String,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// Code, such as M003
    pub code: String,
}

/// A number of intervals.
fn intervals(text: &str) -> Result<u32, String> {
    text.parse()
        .ok()
        .filter(|&n| n > 0)
        .ok_or_else(|| "write a whole number of intervals, 1 or more".to_owned())
}

/// `k=0.5` to its parts.
fn name_and_value(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    let value = value
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|value| value.is_finite())
        .ok_or_else(|| format!("`{}` is not a number", value.trim()))?;
    Ok((name.trim().to_string(), value))
}

/// `k=0:1:11` to its parts.
fn scanned(text: &str) -> Result<Scan, String> {
    let wrong = || "expected NAME=FROM:TO:N".to_owned();
    let (name, range) = text.split_once('=').ok_or_else(wrong)?;
    let parts: Vec<&str> = range.split(':').collect();
    let [from, to, n] = parts[..] else { return Err(wrong()) };
    let number = |text: &str| {
        text.trim()
            .parse::<f64>()
            .ok()
            .filter(|x| x.is_finite())
            .ok_or_else(wrong)
    };
    let n = n
        .trim()
        .parse()
        .ok()
        .filter(|n| (1..=1_000_000).contains(n))
        .ok_or_else(wrong)?;
    Ok(Scan {
        name: name.trim().to_owned(),
        from: number(from)?,
        to: number(to)?,
        n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn arguments_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn settings_are_names_and_numbers() {
        assert_eq!(name_and_value("k = 0.5"), Ok(("k".into(), 0.5)));
        assert!(name_and_value("k").is_err() && name_and_value("k=x").is_err());
    }
}
