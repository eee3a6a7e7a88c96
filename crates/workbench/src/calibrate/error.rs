//! Why a calibration ends without a posterior.

use std::path::Path;

use malar_evidence::FitError;

use crate::finding::InputError;

/// An ensemble that runs away from what was published.
#[derive(Clone, Debug, PartialEq)]
pub struct Diverged {
    /// Iteration at which it was seen.
    pub iteration: usize,
    /// Misfit per target.
    pub misfit: f64,
    /// The same at the start.
    pub first: f64,
    /// Mean prediction of every target, on its scale.
    pub(crate) predicted: Vec<f64>,
    /// Targets that pull apart, in words.
    pub apart: Vec<String>,
}

impl std::fmt::Display for Diverged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the calibration diverges: misfit {:.1} per target at iteration {}, {:.1} at the start; these targets pull apart:\n{}\n\
             help: tighten the priors, or raise `discrepancy` if these trials differ for reasons the model does not have",
            self.misfit,
            self.iteration,
            self.first,
            self.apart.join("\n")
        )
    }
}

/// Why there is no posterior.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    /// A file is wrong.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Results that must not be fitted.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// No target is left.
    #[error("there is nothing to fit\nhelp: the protocols simulate none of the published numbers asked for")]
    NothingToFit,
    /// The misfit grows.
    #[error("{0}")]
    Diverged(Diverged),
    /// A trial that many members cannot fill.
    #[error(
        "{failed} members cannot be simulated, the first in target number {target}\n\
         help: tighten the priors: with these numbers too few virtual candidates are eligible"
    )]
    CannotSimulate {
        /// Members that failed.
        failed: usize,
        /// Position of a target of the trial.
        target: usize,
    },
    /// A prediction or covariance without meaning.
    #[error("the ensemble has no finite covariance\nhelp: use more members, or tighter priors")]
    NotFinite,
    /// A checkpoint of something else.
    #[error(
        "`{0}` belongs to another calibration: other files, sizes, seed or version\n\
         help: delete it to start anew, or write elsewhere with `--out`"
    )]
    OtherCheckpoint(String),
    /// Nothing to refit from.
    #[error(
        "there is no checkpoint of `{0}`\nhelp: give the file that `malar calibrate --out` names; the checkpoint stands beside it"
    )]
    NoSimulations(String),
    /// A file cannot be written or read.
    #[error("cannot use `{path}`: {reason}")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// Stopped from outside.
    #[error("stopped; the same command goes on from the checkpoint")]
    Cancelled,
}

impl CalibrateError {
    pub(crate) fn file(path: &Path, reason: &std::io::Error) -> CalibrateError {
        CalibrateError::File {
            path: path.display().to_string(),
            reason: reason.to_string(),
        }
    }
}
