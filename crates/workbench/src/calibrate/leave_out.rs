//! Refits without a therapy's trials, from the simulations of a calibration that had them.

use std::collections::BTreeSet;
use std::path::Path;

use malar_stats::ensemble::Linear;
use malar_stats::matrix::Matrix;

use super::iterate::normals;
use super::{CalibrateError, Calibrated, Request, Setup, checkpoint_path, posterior, write_atomically};
use crate::calibrate::checkpoint::{Iteration, load};
use crate::catalog::Library;

/// Ridge of the linear fit: slopes of a prior standard deviation are as wide as the scatter of a hundred simulations can tell.
const RIDGE: f64 = 1.0;

/// A posterior without the trials of `request.without`: predictions as linear functions of the parameters, fitted to all simulations in
/// the checkpoint of `full`, and the exact posterior of these under the targets that are left. No new simulation.
///
/// Cheap, and right as far as the linear fit is; the sizes and the seed of `request` must be those of `full`.
pub fn reuse(library: &Library, request: &Request, full: &Path) -> Result<Calibrated, CalibrateError> {
    let with_all = Request {
        without: Vec::new(),
        out: full.to_owned(),
        ..request.clone()
    };
    let setup = Setup::new(library, &with_all)?;
    let all = load(&checkpoint_path(full), &setup.hash)?;
    let kept = kept(&setup, &request.without);
    let linear = linear(&all).ok_or(CalibrateError::NotFinite)?.only(&kept);
    let left = setup.observations.only(&kept).ok_or(CalibrateError::NothingToFit)?;
    let (mean, precision) = linear.posterior(&left).ok_or(CalibrateError::NotFinite)?;
    let noise = normals(request.seed, all.len(), 3, request.members, setup.names.len());
    let member = |normals: &[f64]| -> Vec<f64> {
        let drawn = precision.draw(normals);
        mean.iter().zip(drawn).map(|(mean, x)| mean + x).collect()
    };
    let members: Vec<Vec<f64>> = noise.rows().map(member).collect();
    let weights = vec![1.0 / members.len() as f64; members.len()];
    let mut found = posterior(library, &setup, request, &Matrix::from_rows(&members), weights)?;
    let gone: BTreeSet<&String> = trials_of(&setup, &request.without);
    found.calibrated_on.retain(|trial| !gone.contains(trial));
    found
        .made
        .push("linear refit from the simulations of the full calibration".into());
    found.source.text = found.text();
    write_atomically(&request.out, &found.source.text)?;
    let report = format!(
        "Left out: {}.\n",
        gone.into_iter().cloned().collect::<Vec<_>>().join(", ")
    );
    Ok(Calibrated {
        posterior: found,
        report,
    })
}

/// Predictions as linear functions of the parameters near the posterior: from all iterations but the first, if there are more.
pub(crate) fn linear(all: &[Iteration]) -> Option<Linear> {
    let near = if all.len() > 2 { &all[1..] } else { all };
    let rows = |of: fn(&Iteration) -> &Matrix| {
        let rows: Vec<&[f64]> = near.iter().flat_map(|iteration| of(iteration).rows()).collect();
        Matrix::from_rows(&rows)
    };
    Linear::fit(&rows(|i| &i.parameters), &rows(|i| &i.predictions), RIDGE)
}

fn trials_of<'a>(setup: &'a Setup, therapies: &[String]) -> BTreeSet<&'a String> {
    let gives = |target: &&super::targets::Target| target.therapies.iter().any(|own| therapies.contains(own));
    setup
        .trials
        .targets
        .iter()
        .filter(gives)
        .map(|target| &target.trial)
        .collect()
}

/// Places of the targets whose trials give none of `therapies`.
fn kept(setup: &Setup, therapies: &[String]) -> Vec<usize> {
    let gone = trials_of(setup, therapies);
    let targets = setup.trials.targets.iter().enumerate();
    targets
        .filter(|(_, target)| !gone.contains(&target.trial))
        .map(|(place, _)| place)
        .collect()
}
