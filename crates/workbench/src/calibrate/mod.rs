//! A population, priors and the results of the `fit` list in; a posterior ensemble out.
//!
//! Tempered ensemble Kalman inversion (`malar_stats::ensemble`), then weights that make up for what is not Gaussian, tempered so that at
//! least half of the members stay effective. Members meet the same virtual patients, ten sets of them, drawn anew for each iteration.
//! Everything done is kept in a checkpoint; killed at any moment, a calibration resumes to the same bits.
//! Maths: `docs/methods/calibration.md`.

mod checkpoint;
mod error;
mod file;
mod iterate;
mod leave_out;
mod luck;
mod prior;
mod recover;
mod report;
mod setup;
mod standard;
mod targets;
mod trials;

use std::path::{Path, PathBuf};

use malar_stats::ensemble::{log_weights, tempered_weights};
use malar_stats::matrix::Matrix;

use crate::catalog::{Kind, Library};
use crate::finding::InputError;
use crate::posterior::Posterior;
use crate::run::thread_count;
use crate::study::{Used, read_population};
use checkpoint::{Iteration, load, save, write_atomically};
pub use error::{CalibrateError, Diverged};
pub use file::CalibrationFile;
pub use iterate::Progress;
use iterate::iterate;
use leave_out::linear;
pub use leave_out::reuse;
pub use recover::{Recovery, recover};
use setup::Setup;
pub(crate) use standard::standardised;
use targets::farthest;

/// Least share of members that weights may leave effective.
const EFFECTIVE: f64 = 0.5;

/// What to calibrate and how large.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Id of a calibration of the library, usually that of its population.
    pub calibration: String,
    /// Split of the evidence; the library's if absent.
    pub split: Option<PathBuf>,
    /// Members of the ensemble, 10 or more.
    pub members: usize,
    /// Most updates, 1 or more.
    pub iterations: usize,
    /// Virtual patients per trial and member, 10 or more; trials of fewer than 400 published patients in proportion.
    pub patients: u32,
    /// Seed.
    pub seed: u64,
    /// Worker threads; 0 takes one per core.
    pub threads: usize,
    /// Therapies whose trials are left out.
    pub without: Vec<String>,
    /// File to write; a checkpoint stands beside it.
    pub out: PathBuf,
}

/// What a calibration left.
#[derive(Clone, Debug)]
pub struct Calibrated {
    /// As written.
    pub posterior: Posterior,
    /// What moved, what did not, and what stayed apart, Markdown.
    pub report: String,
}

/// Hears how a calibration goes.
pub trait Listener {
    /// Targets, parameters and patients per member, before the first simulation.
    fn starts(&self, targets: usize, parameters: usize, patients: u32);
    /// An iteration is done.
    fn iteration(&self, progress: Progress);
    /// Share of the current iteration that is done, 0 to 1. Called often.
    fn within(&self, share: f64);
    /// True to stop; the checkpoint stays.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Says nothing.
pub struct Silent;

impl Listener for Silent {
    fn starts(&self, _targets: usize, _parameters: usize, _patients: u32) {}
    fn iteration(&self, _progress: Progress) {}
    fn within(&self, _share: f64) {}
}

/// Calibrates, writes the posterior, and says what moved.
pub fn calibrate(library: &Library, request: &Request, listener: &dyn Listener) -> Result<Calibrated, CalibrateError> {
    let setup = Setup::new(library, request)?;
    listener.starts(setup.trials.targets.len(), setup.names.len(), setup.trials.n_patients());
    let all = iterations(&setup, request, listener)?;
    let last = all.last().expect("the loop ends with a look");
    // With fewer members than numbers there is nothing to weigh against.
    let log = log_weights(&last.parameters, &last.predictions, &setup.observations);
    let (weights, power) = tempered_weights(&log.unwrap_or(vec![0.0; request.members]), EFFECTIVE);
    let mut posterior = posterior(library, &setup, request, &last.parameters, weights)?;
    posterior.made.push(format!(
        "{} iterations, steps {}; weights with power {power:.2}",
        all.len() - 1,
        all.iter()
            .filter(|i| i.step > 0.0)
            .map(|i| format!("{:.3}", i.step))
            .collect::<Vec<_>>()
            .join(" ")
    ));
    posterior.source.text = posterior.text();
    write_atomically(&request.out, &posterior.source.text)?;
    let fitted = linear(&setup, &all).and_then(|linear| linear.posterior(&setup.observations));
    let precision = fitted.map(|(_, precision)| precision);
    let report = report::markdown(&setup, request, &all, &posterior, precision);
    Ok(Calibrated { posterior, report })
}

/// All iterations, from the checkpoint on.
fn iterations(setup: &Setup, request: &Request, listener: &dyn Listener) -> Result<Vec<Iteration>, CalibrateError> {
    let path = checkpoint_path(&request.out);
    let done = load(&path, &setup.hash)?;
    let reaches = |parameter: usize, target: usize| setup.reaches[parameter][target];
    let threads = thread_count(request.threads, u32::MAX);
    let tick = |share: f64| {
        listener.within(share);
        if listener.cancelled() {
            Err(CalibrateError::Cancelled)
        } else {
            Ok(())
        }
    };
    let sets = luck::n_sets(request.members);
    let mut simulate = |iteration: usize, z: &Matrix| {
        let luck = |member| luck_of(iteration, member, sets);
        setup
            .trials
            .simulate(&setup.names, &setup.values(z), (request.seed, &luck), threads, &tick)
    };
    let mut remember = |all: &[Iteration], progress: Progress| {
        save(&path, &setup.hash, all)?;
        listener.iteration(progress);
        Ok(())
    };
    let plan = setup.plan(request, &reaches);
    iterate(&plan, done, &mut simulate, &mut remember).map_err(|error| explained(setup, error))
}

/// Number of the replicate that a member meets in an iteration.
fn luck_of(iteration: usize, member: usize, sets: usize) -> u32 {
    u32::try_from(iteration * sets + luck::set_of(member, sets)).expect("few iterations")
}

/// A divergence with the targets behind it.
fn explained(setup: &Setup, error: CalibrateError) -> CalibrateError {
    match error {
        CalibrateError::Diverged(mut found) => {
            found.apart = farthest(&setup.trials.targets, &setup.file.discrepancy, &found.predicted, 3);
            CalibrateError::Diverged(found)
        }
        other => other,
    }
}

/// Where a calibration remembers what it has done.
pub(crate) fn checkpoint_path(out: &Path) -> PathBuf {
    let mut path = out.as_os_str().to_owned();
    path.push(".checkpoint");
    PathBuf::from(path)
}

fn posterior(
    library: &Library,
    setup: &Setup,
    request: &Request,
    z: &Matrix,
    weights: Vec<f64>,
) -> Result<Posterior, CalibrateError> {
    let mut calibrated_on = hand_fitted(library, &setup.file.populations)?;
    calibrated_on.extend(setup.trials.ids.iter().cloned());
    calibrated_on.sort();
    calibrated_on.dedup();
    let stem = request
        .out
        .file_stem()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok(Posterior {
        id: stem,
        name: setup.file.name.clone(),
        populations: setup.file.populations.clone(),
        calibrated_on,
        without: request.without.clone(),
        names: setup.names.clone(),
        weights,
        members: setup.values(z),
        made: vec![
            format!("malar {}", env!("CARGO_PKG_VERSION")),
            format!(
                "{} targets of {} trials, {} members, {} virtual patients per large trial, seed {}",
                setup.trials.targets.len(),
                setup.trials.ids.len(),
                request.members,
                request.patients,
                request.seed
            ),
        ],
        files: setup.files.clone(),
        source: malar_model::Source {
            path: request.out.display().to_string(),
            text: String::new(),
        },
    })
}

/// Trials that the populations were fitted to before, by hand: their numbers are where the priors stand.
fn hand_fitted(library: &Library, populations: &[String]) -> Result<Vec<String>, InputError> {
    let mut trials = Vec::new();
    for id in populations {
        let source = library.find(Kind::Populations, id).ok_or_else(|| InputError::Unknown {
            kind: "population",
            name: id.clone(),
            help: format!("known: {}", library.ids(Kind::Populations).join(", ")),
        })?;
        let population = read_population(&mut Used::new(library), source)?;
        trials.extend(population.calibrated_on);
    }
    Ok(trials)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A population that rests on another is fitted to trials of its own.
    #[test]
    fn a_population_based_on_another_can_be_calibrated() {
        let library = Library::embedded();
        let found = hand_fitted(&library, &["sle-nephritis".to_owned()]).expect("in the library");
        assert!(
            found.contains(&"nobility".to_owned()) && !found.contains(&"muse".to_owned()),
            "{found:?}"
        );
    }
}
