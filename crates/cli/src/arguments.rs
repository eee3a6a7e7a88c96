//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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
    /// Simulate one model over time and print a table
    Simulate(SimulateArguments),
    /// Check data files and show what is wrong with them
    Check(CheckArguments),
    /// List what the library holds
    List(ListArguments),
    /// Explain a code of a diagnostic, such as M003
    Explain(ExplainArguments),
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
    /// Threads; 0 takes one per core
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub threads: usize,
    /// Run folder [default: runs/<study>-<hash>]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SimulateArguments {
    /// Antimony file
    pub model: PathBuf,
    /// Length, in the model's unit of time (days)
    #[arg(long, default_value_t = 100.0, value_name = "DAYS")]
    pub duration: f64,
    /// Rows after the first
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub steps: u32,
    /// Give a parameter another value; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub set: Vec<(String, f64)>,
    /// Write to a file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
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
    /// models, therapies, populations, trials, endpoints, evidence, studies, assumptions or codes
    pub kind: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// Code, such as M003
    pub code: String,
}

/// `k=0.5` to its parts.
fn name_and_value(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    let value = value
        .trim()
        .parse::<f64>()
        .map_err(|_| format!("`{value}` is not a number"))?;
    Ok((name.trim().to_string(), value))
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
