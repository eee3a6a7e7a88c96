//! Does a calibration find numbers that are known? Trials simulated from them take the place of the published ones.

use std::fmt::Write as _;

use malar_stats::descriptive::quantile;
use malar_stats::ensemble::covariance;
use malar_stats::matrix::Matrix;

use super::checkpoint::Iteration;
use super::iterate::{Plan, Progress, iterate, mean_row, normals};
use super::targets::{Target, observations};
use super::{CalibrateError, Listener, Request, Setup, luck_of};
use crate::catalog::Library;
use crate::run::thread_count;

/// Simulated trials averaged into one "published" result, so that the chance of its few virtual patients does not count twice.
const LUCKS: usize = 10;
/// Level of the intervals that should hold the truth.
const LEVEL: f64 = 0.90;

/// What a recovery study found.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovery {
    /// Share of true values inside the 90 % intervals, 0 to 1.
    pub coverage: f64,
    /// Intervals looked at: truths times numbers.
    pub n: usize,
    /// The study as Markdown.
    pub report: String,
}

/// Simulates the trials of the calibration from `truths` draws of the prior, with all errors that a calibration assumes, calibrates
/// to each, and counts how often the truth is inside. Nothing is written.
pub fn recover(
    library: &Library,
    request: &Request,
    truths: usize,
    listener: &dyn Listener,
) -> Result<Recovery, CalibrateError> {
    let setup = Setup::new(library, request)?;
    listener.starts(setup.trials.targets.len(), setup.names.len(), setup.trials.n_patients());
    let z = normals(request.seed, 0, 10, truths, setup.names.len());
    let mut inside = Matrix::zeros(truths, setup.names.len());
    let mut contraction = Matrix::zeros(truths, setup.names.len());
    for truth in 0..truths {
        let members = one(&setup, request, truth, z.row(truth), listener)?;
        let spread = covariance(&members);
        for k in 0..setup.names.len() {
            let drawn: Vec<f64> = members.rows().map(|row| row[k]).collect();
            let at = |p: f64| quantile(&drawn, p).unwrap_or(f64::NAN);
            let (low, high) = (at(0.5 - LEVEL / 2.0), at(0.5 + LEVEL / 2.0));
            inside[(truth, k)] = f64::from(u8::from((low..=high).contains(&z[(truth, k)])));
            contraction[(truth, k)] = 1.0 - spread[(k, k)];
        }
    }
    let (coverages, contractions) = (mean_row(&inside), mean_row(&contraction));
    let coverage = coverages.iter().sum::<f64>() / coverages.len() as f64;
    Ok(Recovery {
        coverage,
        n: truths * setup.names.len(),
        report: report(&setup, request, truths, &coverages, &contractions),
    })
}

/// Calibrates to trials simulated from `truth`; the last ensemble.
fn one(
    setup: &Setup,
    request: &Request,
    number: usize,
    truth: &[f64],
    listener: &dyn Listener,
) -> Result<Matrix, CalibrateError> {
    let threads = thread_count(request.threads, u32::MAX);
    let tick = |share: f64| {
        listener.within(share);
        if listener.cancelled() {
            Err(CalibrateError::Cancelled)
        } else {
            Ok(())
        }
    };
    // Luck of the "published" trials is never that of the ensemble: its iterations count from 0.
    let first = 100_000 + LUCKS * number;
    let luck = |k: usize| u32::try_from(first + k).expect("few truths");
    let values = vec![setup.values(&Matrix::from_rows(&[truth]))[0].clone(); LUCKS];
    let simulated = setup
        .trials
        .simulate(&setup.names, &values, (request.seed, &luck), threads, &tick)?;
    let published = mean_row(&simulated);
    let targets = made_up(setup, request, number, &published)?;
    let observed = observations(&targets, &setup.file.discrepancy).ok_or(CalibrateError::NotFinite)?;
    let reaches = |parameter: usize, target: usize| setup.reaches[parameter][target];
    let plan = Plan {
        observations: &observed,
        ..setup.plan(request, &reaches)
    };
    let mut simulate = |iteration: usize, z: &Matrix| {
        let luck = |member| luck_of(iteration, member, plan.sets);
        setup
            .trials
            .simulate(&setup.names, &setup.values(z), (request.seed, &luck), threads, &tick)
    };
    let mut remember = |_: &[Iteration], progress: Progress| {
        listener.iteration(progress);
        Ok(())
    };
    let all = iterate(&plan, Vec::new(), &mut simulate, &mut remember)?;
    Ok(all.last().expect("the loop ends with a look").parameters.clone())
}

/// The targets with made-up values: what a right model says, plus a draw of everything that separates a published number from it.
fn made_up(setup: &Setup, request: &Request, number: usize, right: &[f64]) -> Result<Vec<Target>, CalibrateError> {
    let own = &setup.trials.targets;
    let exact: Vec<Target> = (0..own.len()).map(|k| own[k].observed_as(right[k], 0.0)).collect();
    let errors = observations(&exact, &setup.file.discrepancy).ok_or(CalibrateError::NotFinite)?;
    let noise = normals(request.seed, number, 11, 1, exact.len());
    let errors = errors.error(noise.row(0));
    let made_up = |k: usize| own[k].observed_as(right[k] + errors[k], own[k].simulated_variance);
    Ok((0..own.len()).map(made_up).collect())
}

fn report(setup: &Setup, request: &Request, truths: usize, coverages: &[f64], contractions: &[f64]) -> String {
    let total = coverages.iter().sum::<f64>() / coverages.len() as f64;
    let mut text = format!(
        "# Recovery of known numbers\n\nWritten by `malar calibrate {} --recover {truths} --members {} --iterations {} --patients {} --seed {} \
         --report FILE`. {truths} sets of numbers drawn from the priors; the trials of the `fit` list simulated from each, with errors of sampling, \
         trial, endpoint and arm as a calibration assumes them; calibrated; looked whether the truth is inside the 90 % interval.\n\n\
         **{:.0} % of {} true values are inside.** Asked for: 80 to 97 %.\n\n| number | inside | mean contraction |\n|---|---|---|\n",
        request.calibration,
        request.members,
        request.iterations,
        request.patients,
        request.seed,
        100.0 * total,
        truths * coverages.len(),
    );
    for ((name, inside), contraction) in setup.names.iter().zip(coverages).zip(contractions) {
        writeln!(
            text,
            "| `{name}` | {:.0} of {truths} | {contraction:.2} |",
            inside * truths as f64
        )
        .expect("text takes text");
    }
    text
}
