//! One step of a Rosenbrock method for all lanes; reads like the formula at the top of `tableau.rs`.

use crate::batch::Batch;
use crate::dispatch::Kernel;
use crate::lane::{LANES, Lane};
use crate::lu::Factorisation;
use crate::system::System;
use crate::tableau::Tableau;

/// Memory of a step, asked for once.
pub(crate) struct Scratch {
    pub work: Vec<Lane>,
    jacobian: Vec<Lane>,
    time_derivative: Vec<Lane>,
    matrix: Vec<Lane>,
    /// u_1 ... u_s, one after the other.
    stages: Vec<Lane>,
    /// Argument of the current stage; after the step the new state.
    pub result: Vec<Lane>,
}

impl Scratch {
    pub fn new(system: &impl System, lu: &Factorisation, tableau: &Tableau) -> Self {
        let n = system.n_states();
        let lanes = |n| vec![Lane::splat(0.0); n];
        Scratch {
            work: lanes(system.n_work()),
            jacobian: lanes(system.pattern().entries.len()),
            time_derivative: lanes(n),
            matrix: lanes(lu.n_entries()),
            stages: lanes(n * tableau.stages),
            result: lanes(n),
        }
    }

    /// The error estimate of the last step, state by state.
    pub fn error(&self) -> &[Lane] {
        let n = self.result.len();
        &self.stages[self.stages.len() - n..]
    }
}

/// Tries one step of `batch.trial` in every lane and takes it in each active lane whose error is within tolerance. Returns the
/// error norm of each lane.
pub(crate) struct Attempt<'a, S> {
    pub system: &'a S,
    pub tableau: &'static Tableau,
    pub lu: &'a Factorisation,
    pub relative: f64,
    pub absolute: &'a [f64],
    pub batch: &'a mut Batch,
    pub scratch: &'a mut Scratch,
}

impl<S: System> Kernel for Attempt<'_, S> {
    type Output = Lane;

    #[inline(always)]
    fn run(self) -> Lane {
        let Attempt {
            system,
            tableau,
            lu,
            batch,
            scratch,
            ..
        } = self;
        let n = batch.y.len();
        let Batch {
            time, trial, y, inputs, ..
        } = batch;
        let Scratch {
            work,
            jacobian,
            time_derivative,
            matrix,
            stages,
            result,
        } = scratch;
        let inverse_step = Lane::splat(1.0) / *trial;
        let autonomous = !system.depends_on_time();

        system.rates_and_jacobian(time, y, inputs, work, &mut stages[..n], jacobian, time_derivative);
        lu.assemble(inverse_step * Lane::splat(1.0 / tableau.gamma), jacobian, matrix);
        lu.factorise(matrix);
        if !autonomous {
            add_scaled(
                &mut stages[..n],
                time_derivative,
                *trial * Lane::splat(tableau.gamma_sum[0]),
            );
        }
        lu.solve(matrix, &mut stages[..n]);

        for i in 1..tableau.stages {
            let (earlier, rest) = stages.split_at_mut(i * n);
            let u = &mut rest[..n];
            if tableau.extends_previous(i) {
                add_scaled(result, &earlier[(i - 1) * n..], Lane::splat(tableau.a(i)[i - 1]));
            } else {
                argument(i, tableau.a(i), y, earlier, result);
            }
            let at = *time + *trial * Lane::splat(tableau.alpha[i]);
            system.rates(&at, result, inputs, work, u);
            add_earlier(i, tableau.c(i), inverse_step, earlier, u);
            if !autonomous {
                add_scaled(u, time_derivative, *trial * Lane::splat(tableau.gamma_sum[i]));
            }
            lu.solve(matrix, u);
        }
        let norm = finish(
            y,
            &stages[(tableau.stages - 1) * n..],
            self.relative,
            self.absolute,
            result,
        );
        take_where(
            |l| norm.0[l] <= 1.0 && batch.records[l].patient.is_some(),
            result,
            &mut batch.y,
        );
        norm
    }
}

/// Adds `factor * v` to `to`.
#[inline(always)]
fn add_scaled(to: &mut [Lane], v: &[Lane], factor: Lane) {
    for (to, &v) in to.iter_mut().zip(v) {
        *to = *to + factor * v;
    }
}

/// `out = y + sum_j a_j u_j`, with a loop compiled for each number of terms.
#[inline(always)]
fn argument(terms: usize, a: &[f64], y: &[Lane], u: &[Lane], out: &mut [Lane]) {
    match terms {
        1 => combine::<1>(weights(a), y, u, out),
        2 => combine::<2>(weights(a), y, u, out),
        3 => combine::<3>(weights(a), y, u, out),
        4 => combine::<4>(weights(a), y, u, out),
        5 => combine::<5>(weights(a), y, u, out),
        _ => unreachable!("later stages extend the one before"),
    }
}

#[inline(always)]
fn weights<const N: usize>(a: &[f64]) -> [Lane; N] {
    std::array::from_fn(|j| Lane::splat(a[j]))
}

#[inline(always)]
fn combine<const N: usize>(weights: [Lane; N], base: &[Lane], u: &[Lane], out: &mut [Lane]) {
    let n = out.len();
    let u: [&[Lane]; N] = std::array::from_fn(|j| &u[j * n..(j + 1) * n]);
    let base = &base[..n];
    for i in 0..n {
        let mut sum = base[i];
        for j in 0..N {
            sum = sum + weights[j] * u[j][i];
        }
        out[i] = sum;
    }
}

/// Adds `sum_j (c_j / h) u_j` to `to`.
#[inline(always)]
fn add_earlier(terms: usize, c: &[f64], inverse_step: Lane, u: &[Lane], to: &mut [Lane]) {
    match terms {
        1 => accumulate::<1>(c, inverse_step, u, to),
        2 => accumulate::<2>(c, inverse_step, u, to),
        3 => accumulate::<3>(c, inverse_step, u, to),
        4 => accumulate::<4>(c, inverse_step, u, to),
        5 => accumulate::<5>(c, inverse_step, u, to),
        6 => accumulate::<6>(c, inverse_step, u, to),
        7 => accumulate::<7>(c, inverse_step, u, to),
        _ => unreachable!("methods have at most eight stages"),
    }
}

#[inline(always)]
fn accumulate<const N: usize>(c: &[f64], inverse_step: Lane, u: &[Lane], to: &mut [Lane]) {
    let n = to.len();
    let weights: [Lane; N] = std::array::from_fn(|j| Lane::splat(c[j]) * inverse_step);
    let u: [&[Lane]; N] = std::array::from_fn(|j| &u[j * n..(j + 1) * n]);
    for i in 0..n {
        let mut sum = to[i];
        for j in 0..N {
            sum = sum + weights[j] * u[j][i];
        }
        to[i] = sum;
    }
}

/// Adds the last stage to its argument, which gives the new state, and returns each lane's error norm:
/// the largest over the states of |error| / (absolute + relative max(|y|, |y new|)), NaN if anything is not finite.
///
/// The largest, not the mean: a state without error (a therapy nobody gets) then changes nothing, to the last bit.
#[inline(always)]
fn finish(y: &[Lane], error: &[Lane], relative: f64, absolute: &[f64], result: &mut [Lane]) -> Lane {
    let mut norm = Lane::splat(0.0);
    let mut poison = Lane::splat(0.0);
    for i in 0..result.len() {
        let new = result[i] + error[i];
        result[i] = new;
        for l in 0..LANES {
            let size = crate::math::max(y[i].0[l].abs(), new.0[l].abs());
            let ratio = error[i].0[l].abs() / (absolute[i] + relative * size);
            norm.0[l] = crate::math::max(ratio, norm.0[l]);
            // 0 for finite numbers, NaN for the others; a comparison would lose them.
            poison.0[l] += (new.0[l] - new.0[l]) + (ratio - ratio);
        }
    }
    norm + poison
}

/// Copies `from` into the lanes of `to` that `wanted` names.
#[inline(always)]
fn take_where(wanted: impl Fn(usize) -> bool, from: &[Lane], to: &mut [Lane]) {
    let wanted: [bool; LANES] = std::array::from_fn(wanted);
    for (to, from) in to.iter_mut().zip(from) {
        for l in 0..LANES {
            to.0[l] = if wanted[l] { from.0[l] } else { to.0[l] };
        }
    }
}
