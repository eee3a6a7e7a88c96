//! Posteriors from simulations that are there already: of a calibration that was stopped, or without a therapy's trials.

use std::collections::BTreeSet;
use std::path::Path;

use malar_stats::ensemble::{Linear, covariance};
use malar_stats::matrix::Matrix;

use super::iterate::normals;
use super::{CalibrateError, Calibrated, Request, Setup, checkpoint_path, posterior, report, write_atomically};
use crate::calibrate::checkpoint::{Iteration, load};
use crate::catalog::Library;

/// Ridge of the linear fit: slopes of a prior standard deviation are as wide as the scatter of a hundred simulations can tell.
const RIDGE: f64 = 1.0;

/// A posterior without the trials of `request.without`, if any: predictions as linear functions of the parameters, fitted to the
/// simulations in the checkpoint of `full`, and the exact posterior of these under the targets that are left. No new simulation.
///
/// Cheap, and right as far as the linear fit is; the sizes and the seed of `request` must be those of `full`, whose calibration need not
/// have come to its end.
pub fn reuse(library: &Library, request: &Request, full: &Path) -> Result<Calibrated, CalibrateError> {
    let with_all = Request {
        without: Vec::new(),
        out: full.to_owned(),
        ..request.clone()
    };
    let setup = Setup::new(library, &with_all)?;
    let mut all = load(&checkpoint_path(full), &setup.hash)?;
    if all.is_empty() {
        return Err(CalibrateError::NoSimulations(full.display().to_string()));
    }
    let kept = kept(&setup, &request.without);
    let whole = linear(&setup, &all).ok_or(CalibrateError::NotFinite)?;
    let linear = whole.only(&kept);
    let left = setup.observations.only(&kept).ok_or(CalibrateError::NothingToFit)?;
    let (mean, precision) = linear.posterior(&left).ok_or(CalibrateError::NotFinite)?;
    let noise = normals(request.seed, all.len(), 3, request.members, setup.names.len());
    let member = |normals: &[f64]| -> Vec<f64> {
        let drawn = precision.draw(normals);
        mean.iter().zip(drawn).map(|(mean, x)| mean + x).collect()
    };
    let members: Vec<Vec<f64>> = noise.rows().map(member).collect();
    let weights = vec![1.0 / members.len() as f64; members.len()];
    let members = Matrix::from_rows(&members);
    let mut found = posterior(library, &setup, request, &members, weights)?;
    let gone: BTreeSet<&String> = trials_of(&setup, &request.without);
    found.calibrated_on.retain(|trial| !gone.contains(trial));
    found
        .made
        .push("linear refit from the simulations of the full calibration".into());
    found.source.text = found.text();
    write_atomically(&request.out, &found.source.text)?;
    let rows: Vec<Vec<f64>> = members.rows().map(|z| predicted(&whole, z)).collect();
    let fitted = whole.only(&kept).posterior(&left).map(|(_, precision)| precision);
    all.push(Iteration {
        step: 0.0,
        parameters: members,
        predictions: Matrix::from_rows(&rows),
    });
    let words = gone.into_iter().cloned().collect::<Vec<_>>().join(", ");
    let report = report::markdown(&setup, request, &all, &found, fitted)
        + &format!(
            "\nWith `--reuse`: the last iteration is the posterior of a linear fit to the simulations before it. Trials left out: {}.\n",
            or_none(&words)
        );
    Ok(Calibrated {
        posterior: found,
        report,
    })
}

fn predicted(linear: &Linear, parameters: &[f64]) -> Vec<f64> {
    let moved = linear.slopes.times_vector(parameters);
    linear
        .at_zero
        .iter()
        .zip(moved)
        .map(|(at_zero, moved)| at_zero + moved)
        .collect()
}

fn or_none(words: &str) -> &str {
    if words.is_empty() { "none" } else { words }
}

/// Predictions as linear functions of the parameters near the posterior, from all iterations.
///
/// Slopes are fitted to noisy simulations. Their noise would pass for information about every number, so a slope of t standard errors is
/// multiplied by 1 − 4/t², and one below two standard errors is zero (Breiman 1995, Technometrics 37:373, the non-negative garrote of an
/// orthogonal design). Of pure noise this leaves a thirtieth of its squares. A number of a therapy has no slope where it is not given.
pub(crate) fn linear(setup: &Setup, all: &[Iteration]) -> Option<Linear> {
    let rows = |of: fn(&Iteration) -> &Matrix| {
        let rows: Vec<&[f64]> = all.iter().flat_map(|iteration| of(iteration).rows()).collect();
        Matrix::from_rows(&rows)
    };
    let parameters = rows(|i| &i.parameters);
    let mut fitted = Linear::fit(&parameters, &rows(|i| &i.predictions), RIDGE)?;
    let spread = covariance(&parameters);
    for target in 0..fitted.slopes.n_rows() {
        for k in 0..fitted.slopes.n_columns() {
            let error = fitted.residual_sd[target] / (spread[(k, k)] * parameters.n_rows() as f64).sqrt();
            let t = fitted.slopes[(target, k)] / error;
            let kept = if setup.reaches[k][target] {
                (1.0 - 4.0 / (t * t)).max(0.0)
            } else {
                0.0
            };
            fitted.slopes[(target, k)] *= kept;
        }
    }
    Some(fitted)
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
