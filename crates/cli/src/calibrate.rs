//! The verb `calibrate`.

use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use malar_workbench::calibrate::{CalibrateError, Listener, Progress, Request, calibrate as fit, recover, reuse};
use malar_workbench::report::NOTE;

use crate::arguments::Luck;
use crate::variants::open;
use crate::verbs::{Failure, Result, failed, print, write, wrong};

#[derive(Debug, Args)]
pub(crate) struct CalibrateArguments {
    /// Id of a calibration (see `malar list calibrations`), usually that of its population
    pub calibration: String,
    /// Split of the published results: only its `fit` list is fitted [default: the library's]
    #[arg(long, value_name = "FILE")]
    pub fit: Option<PathBuf>,
    /// Members of the ensemble
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub members: usize,
    /// Most updates of the ensemble
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub iterations: usize,
    /// Virtual patients per trial and member; trials of fewer than 400 published patients in proportion
    #[arg(long, default_value_t = 500, value_name = "N")]
    pub patients: u32,
    #[command(flatten)]
    pub luck: Luck,
    /// Leave out all trials that give this therapy; may be repeated
    #[arg(long, value_name = "THERAPY")]
    pub without: Vec<String>,
    /// Take the simulations in this file's checkpoint and a linear fit to them instead of new ones; with --without, or for a
    /// calibration that was stopped
    #[arg(long, value_name = "POSTERIOR")]
    pub reuse: Option<PathBuf>,
    /// Calibrate to N sets of simulated trials whose numbers are known, and say how often these are found
    #[arg(long, value_name = "N", conflicts_with_all = ["without", "reuse"])]
    pub recover: Option<usize>,
    /// File to write; a checkpoint stands beside it [default: <calibration>.toml]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write what moved and what did not, Markdown
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Structural alternative of the disease model (see `malar variants`); its posterior is used where the same alternative is
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

/// Calibrates, says how it goes, and prints where the posterior is.
pub(crate) fn calibrate(arguments: &CalibrateArguments) -> Result {
    let library = open(arguments.library.as_deref(), arguments.variant.as_deref())?;
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{}.toml", arguments.calibration)));
    let request = Request {
        calibration: arguments.calibration.clone(),
        split: arguments.fit.clone(),
        members: arguments.members,
        iterations: arguments.iterations,
        patients: arguments.patients,
        seed: arguments.luck.seed,
        threads: arguments.luck.threads,
        without: arguments.without.clone(),
        out,
    };
    let talk = Talk::new();
    if let Some(truths) = arguments.recover {
        let found = recover(&library, &request, truths, &talk).map_err(failure)?;
        if let Some(path) = &arguments.report {
            write(path, &found.report)?;
        }
        return print(&format!(
            "{:.0} % of {} true values are inside their 90 % intervals\n{NOTE}\n",
            100.0 * found.coverage,
            found.n
        ));
    }
    let found = match &arguments.reuse {
        Some(full) => reuse(&library, &request, full),
        None => fit(&library, &request, &talk),
    };
    let found = found.map_err(failure)?;
    if let Some(path) = &arguments.report {
        write(path, &found.report)?;
    }
    let posterior = &found.posterior;
    print(&format!(
        "{} members of {} numbers, fitted to {} trials\nposterior: {}\n{NOTE}\n",
        posterior.members.len(),
        posterior.names.len(),
        posterior.calibrated_on.len(),
        request.out.display()
    ))
}

fn failure(reason: CalibrateError) -> Failure {
    match reason {
        CalibrateError::Diverged(_)
        | CalibrateError::Cancelled
        | CalibrateError::NotFinite
        | CalibrateError::CannotSimulate { .. }
        | CalibrateError::File { .. } => failed(reason),
        other => wrong(other),
    }
}

/// A line per iteration on stderr; within an iteration the share done, where somebody looks.
struct Talk {
    started: Instant,
    drawn: Cell<Option<Instant>>,
    watched: bool,
}

impl Talk {
    fn new() -> Talk {
        Talk {
            started: Instant::now(),
            drawn: Cell::new(None),
            watched: std::io::stderr().is_terminal(),
        }
    }

    // A progress line nobody can read is no reason to stop.
    fn say(&self, line: &str) {
        let start = if self.watched { "\r\x1b[2K" } else { "" };
        let _ = writeln!(std::io::stderr(), "{start}{line}");
    }
}

impl Listener for Talk {
    fn starts(&self, targets: usize, parameters: usize, patients: u32) {
        self.say(&format!(
            "{targets} targets, {parameters} numbers, {patients} virtual patients per member"
        ));
    }

    fn iteration(&self, progress: Progress) {
        let failed = match progress.failed {
            0 => String::new(),
            n => format!(", {n} members failed"),
        };
        self.say(&format!(
            "iteration {}: misfit {:.2} per target, spread {:.2} of the prior, {:.0} % of the data used{failed}, {} s",
            progress.iteration,
            progress.misfit,
            progress.spread,
            100.0 * progress.spent,
            self.started.elapsed().as_secs()
        ));
    }

    fn within(&self, share: f64) {
        let recent = self
            .drawn
            .get()
            .is_some_and(|drawn| drawn.elapsed() < Duration::from_millis(500));
        if self.watched && !recent {
            let _ = write!(std::io::stderr(), "\r\x1b[2K{:.0} % of this iteration", 100.0 * share);
            let _ = std::io::stderr().flush();
            self.drawn.set(Some(Instant::now()));
        }
    }
}
