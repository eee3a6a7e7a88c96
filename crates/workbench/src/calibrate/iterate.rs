//! The loop: simulate every member, look at the misfit, move the members, remember. Pure but for what simulates and what remembers.

use malar_patients::random::{Key, Purpose, Stream};
use malar_stats::ensemble::{Observations, next_step, update};
use malar_stats::matrix::Matrix;

use super::checkpoint::Iteration;
use super::luck::aligned;
use super::{CalibrateError, Diverged};

/// An ensemble whose misfit has grown by this factor since its start runs away; a step of the method lowers it.
const RUNAWAY: f64 = 2.0;
/// Largest share of members that may fail in one iteration.
const MOST_FAILURES: f64 = 0.2;

/// What a calibration is, without its simulator.
pub(crate) struct Plan<'a> {
    pub observations: &'a Observations,
    pub n_parameters: usize,
    pub members: usize,
    /// Most updates.
    pub iterations: usize,
    pub seed: u64,
    /// Sets of virtual patients (`luck`).
    pub sets: usize,
    /// Whether a parameter can change an observation.
    pub reaches: &'a dyn Fn(usize, usize) -> bool,
}

/// What an iteration shows, for those who watch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// From 0, the prior.
    pub iteration: usize,
    /// Mean misfit per target: about 1 for a right model.
    pub misfit: f64,
    /// Mean standard deviation of the parameters, in units of their priors'.
    pub spread: f64,
    /// Share of the information used before this iteration, 0 to 1.
    pub spent: f64,
    /// Members that could not be simulated.
    pub failed: usize,
}

/// Gives predictions, a row per member, for parameters at an iteration.
pub(crate) type Simulate<'a> = dyn FnMut(usize, &Matrix) -> Result<Matrix, CalibrateError> + 'a;
/// Takes all iterations so far, and what to show of the last.
pub(crate) type Remember<'a> = dyn FnMut(&[Iteration], Progress) -> Result<(), CalibrateError> + 'a;

/// Runs from where `done` ends to the last look. `simulate` gives predictions for parameters; `remember` is called with all
/// iterations after each one.
pub(crate) fn iterate(
    plan: &Plan<'_>,
    mut done: Vec<Iteration>,
    simulate: &mut Simulate<'_>,
    remember: &mut Remember<'_>,
) -> Result<Vec<Iteration>, CalibrateError> {
    loop {
        let spent = done.iter().fold(0.0, |sum, iteration| sum + iteration.step);
        if done.last().is_some_and(|last| last.step == 0.0) {
            return Ok(done);
        }
        let mut parameters = match done.last() {
            None => prior(plan),
            Some(last) => moved(plan, done.len() - 1, last)?,
        };
        let mut predictions = simulate(done.len(), &parameters)?;
        let failed = replace_failed(plan, done.len(), &mut parameters, &mut predictions)?;
        let predictions = aligned(&parameters, predictions, plan.sets);
        let misfits: Vec<f64> = predictions.rows().map(|row| plan.observations.misfit(row)).collect();
        let n = plan.observations.len() as f64;
        let misfit = misfits.iter().sum::<f64>() / misfits.len() as f64 / n;
        let first = done
            .first()
            .map_or(misfit, |first| mean_misfit(plan, &first.predictions));
        if misfit.is_nan() || misfit > RUNAWAY * first {
            let predicted = mean_row(&predictions);
            return Err(CalibrateError::Diverged(Diverged {
                iteration: done.len(),
                misfit,
                first,
                predicted,
                apart: Vec::new(),
            }));
        }
        let is_last = 1.0 - spent < 1e-9;
        let step = match (is_last, done.len() + 1 >= plan.iterations) {
            (true, _) => 0.0,
            (false, true) => 1.0 - spent,
            (false, false) => next_step(&misfits, plan.observations.len(), spent),
        };
        let progress = Progress {
            iteration: done.len(),
            misfit,
            spread: spread(&parameters),
            spent,
            failed,
        };
        done.push(Iteration {
            step,
            parameters,
            predictions,
        });
        remember(&done, progress)?;
    }
}

/// Standard normal numbers of a purpose: `what` tells draws of one iteration apart.
pub(crate) fn normals(seed: u64, iteration: usize, what: u16, rows: usize, columns: usize) -> Matrix {
    let mut result = Matrix::zeros(rows, columns);
    for row in 0..rows {
        let mut stream = Stream::new(Key {
            seed,
            replicate: u32::try_from(iteration).expect("few iterations"),
            patient: u32::try_from(row).expect("few members"),
            purpose: Purpose::Calibration,
            visit: what,
        });
        for column in 0..columns {
            result[(row, column)] = stream.normal();
        }
    }
    result
}

/// The first ensemble, in pairs of opposites: its mean is the prior's.
fn prior(plan: &Plan<'_>) -> Matrix {
    let mut members = normals(plan.seed, 0, 0, plan.members, plan.n_parameters);
    for member in (1..plan.members).step_by(2) {
        for k in 0..plan.n_parameters {
            members[(member, k)] = -members[(member - 1, k)];
        }
    }
    members
}

/// The ensemble after the step of iteration number `index`.
fn moved(plan: &Plan<'_>, index: usize, last: &Iteration) -> Result<Matrix, CalibrateError> {
    let noise = normals(plan.seed, index, 1, plan.members, plan.observations.len());
    let (parameters, predictions) = (&last.parameters, &last.predictions);
    update(
        parameters,
        predictions,
        plan.observations,
        last.step,
        &noise,
        plan.reaches,
    )
    .ok_or(CalibrateError::NotFinite)
}

/// Puts copies of others in the place of members that could not be simulated; the next update parts them again.
fn replace_failed(
    plan: &Plan<'_>,
    iteration: usize,
    parameters: &mut Matrix,
    predictions: &mut Matrix,
) -> Result<usize, CalibrateError> {
    let is_good = |row: &[f64]| row.iter().all(|value| value.is_finite());
    let good: Vec<usize> = (0..plan.members).filter(|&k| is_good(predictions.row(k))).collect();
    let failed = plan.members - good.len();
    if failed as f64 > MOST_FAILURES * plan.members as f64 {
        let bad = |k: &usize| (0..plan.members).any(|member| !predictions[(member, *k)].is_finite());
        let target = (0..predictions.n_columns()).find(bad).unwrap_or(0);
        return Err(CalibrateError::CannotSimulate { failed, target });
    }
    for member in (0..plan.members).filter(|k| !good.contains(k)).collect::<Vec<_>>() {
        let mut stream = Stream::new(Key {
            seed: plan.seed,
            replicate: u32::try_from(iteration).expect("few iterations"),
            patient: u32::try_from(member).expect("few members"),
            purpose: Purpose::Calibration,
            visit: 2,
        });
        let other = good[stream.below(good.len())];
        for k in 0..parameters.n_columns() {
            parameters[(member, k)] = parameters[(other, k)];
        }
        for k in 0..predictions.n_columns() {
            predictions[(member, k)] = predictions[(other, k)];
        }
    }
    Ok(failed)
}

fn mean_misfit(plan: &Plan<'_>, predictions: &Matrix) -> f64 {
    let total: f64 = predictions.rows().map(|row| plan.observations.misfit(row)).sum();
    total / predictions.n_rows() as f64 / plan.observations.len() as f64
}

/// Mean over members of every prediction.
pub(crate) fn mean_row(rows: &Matrix) -> Vec<f64> {
    let n = rows.n_rows() as f64;
    (0..rows.n_columns())
        .map(|k| rows.rows().map(|row| row[k]).sum::<f64>() / n)
        .collect()
}

/// Mean standard deviation of the columns.
fn spread(parameters: &Matrix) -> f64 {
    let covariance = malar_stats::ensemble::covariance(parameters);
    let n = parameters.n_columns();
    (0..n).map(|k| covariance[(k, k)].sqrt()).sum::<f64>() / n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observations(values: &[f64], variance: f64) -> Observations {
        let mut covariance = Matrix::identity(values.len());
        covariance.add_scaled(variance - 1.0, &Matrix::identity(values.len()));
        Observations::new(values.to_vec(), covariance).expect("positive definite")
    }

    fn plan(observations: &Observations) -> Plan<'_> {
        Plan {
            observations,
            n_parameters: 2,
            members: 60,
            iterations: 6,
            seed: 5,
            sets: 1,
            reaches: &|_, _| true,
        }
    }

    /// Two bent functions of two parameters.
    fn bent(z: &Matrix) -> Matrix {
        let rows: Vec<[f64; 2]> = z
            .rows()
            .map(|z| [z[0] + 0.1 * z[0] * z[0], z[1] - 0.5 * z[0]])
            .collect();
        Matrix::from_rows(&rows)
    }

    fn run(
        plan: &Plan<'_>,
        done: Vec<Iteration>,
        killed_after: usize,
    ) -> (Vec<Iteration>, Result<Vec<Iteration>, CalibrateError>) {
        let mut file = done.clone();
        let result = iterate(plan, done, &mut |_, z| Ok(bent(z)), &mut |all, _| {
            file = all.to_vec();
            if all.len() == killed_after {
                Err(CalibrateError::Cancelled)
            } else {
                Ok(())
            }
        });
        (file, result)
    }

    #[test]
    fn killed_after_any_iteration_it_resumes_to_the_same_bits() {
        let observations = observations(&[1.5, -0.5], 0.01);
        let plan = plan(&observations);
        let whole = run(&plan, Vec::new(), 0).1.expect("finishes");
        assert!(whole.len() > 3, "several steps");
        for killed_after in 1..whole.len() {
            let (file, stopped) = run(&plan, Vec::new(), killed_after);
            assert!(matches!(stopped, Err(CalibrateError::Cancelled)));
            assert_eq!(run(&plan, file, 0).1.expect("resumes"), whole);
        }
    }

    #[test]
    fn steps_add_up_to_one_and_the_misfit_falls_to_what_noise_allows() {
        let observations = observations(&[1.5, -0.5], 0.01);
        let plan = plan(&observations);
        let all = run(&plan, Vec::new(), 0).1.expect("finishes");
        assert!((all.iter().map(|i| i.step).sum::<f64>() - 1.0).abs() < 1e-12);
        // Two observations fitted by two parameters: posterior predictions spread like the noise, so about 1 per target.
        assert!(
            mean_misfit(&plan, &all[0].predictions) > 20.0 && mean_misfit(&plan, &all[all.len() - 1].predictions) < 3.0
        );
    }

    #[test]
    fn a_simulator_that_runs_away_is_stopped() {
        let observations = observations(&[1.0, -1.0], 0.01);
        let plan = plan(&observations);
        let mut worse = |iteration: usize, z: &Matrix| {
            let mut g = bent(z);
            for member in 0..g.n_rows() {
                g[(member, 0)] += 10.0 * iteration as f64;
            }
            Ok(g)
        };
        let result = iterate(&plan, Vec::new(), &mut worse, &mut |_, _| Ok(()));
        assert!(matches!(result, Err(CalibrateError::Diverged(found)) if found.iteration == 1));
    }

    #[test]
    fn a_member_that_fails_gives_way_to_another() {
        let observations = observations(&[1.0, -1.0], 0.1);
        let plan = plan(&observations);
        let mut failing = |iteration: usize, z: &Matrix| {
            let mut g = bent(z);
            if iteration == 0 {
                g[(3, 1)] = f64::NAN;
            }
            Ok(g)
        };
        let all = iterate(&plan, Vec::new(), &mut failing, &mut |_, _| Ok(())).expect("finishes");
        assert!(all[0].predictions.rows().flatten().all(|g| g.is_finite()));
    }
}
