//! One step of a Rosenbrock method for all lanes; reads like the formula at the top of `tableau.rs`.

use crate::batch::Batch;
use crate::dispatch::Kernel;
use crate::lane::{LANES, Lane};
use crate::lu::Factorisation;
use crate::math;
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
        let states = lu.order();

        system.rates_and_jacobian(time, y, inputs, work, &mut stages[..n], jacobian, time_derivative);
        lu.assemble(inverse_step * Lane::splat(1.0 / tableau.gamma), jacobian, matrix);
        lu.factorise(matrix);
        if !autonomous {
            let factor = *trial * Lane::splat(tableau.gamma_sum[0]);
            add_terms::<1>(states, &mut stages[..n], [factor], time_derivative);
        }
        lu.solve(matrix, &mut stages[..n]);

        for i in 1..tableau.stages {
            let (earlier, rest) = stages.split_at_mut(i * n);
            let u = &mut rest[..n];
            if tableau.extends_previous(i) {
                let factor = Lane::splat(tableau.a(i)[i - 1]);
                add_terms::<1>(states, result, [factor], &earlier[(i - 1) * n..]);
            } else {
                result.copy_from_slice(y);
                add_earlier(states, tableau.a(i), Lane::splat(1.0), earlier, result);
            }
            let at = *time + *trial * Lane::splat(tableau.alpha[i]);
            system.rates(&at, result, inputs, work, u);
            add_earlier(states, tableau.c(i), inverse_step, earlier, u);
            if !autonomous {
                let factor = *trial * Lane::splat(tableau.gamma_sum[i]);
                add_terms::<1>(states, u, [factor], time_derivative);
            }
            lu.solve(matrix, u);
        }
        let error = &stages[(tableau.stages - 1) * n..];
        let norm = finish(states, y, error, self.relative, self.absolute, result);
        let taken = std::array::from_fn(|l| norm.0[l] <= 1.0 && batch.records[l].patient.is_some());
        take_where(taken, states, result, &mut batch.y);
        norm
    }
}

// The loops below walk the states by a list of their numbers. A plain `0..n` invites the compiler to vectorise across states, with
// gathers and scatters, instead of across lanes; that took 40 % of the time of a step.

/// Adds `sum_j factor weights_j u_j` to `to`; a loop is compiled for each number of terms.
#[inline(always)]
fn add_earlier(states: &[u16], weights: &[f64], factor: Lane, u: &[Lane], to: &mut [Lane]) {
    match weights.len() {
        1 => add_terms::<1>(states, to, products(weights, factor), u),
        2 => add_terms::<2>(states, to, products(weights, factor), u),
        3 => add_terms::<3>(states, to, products(weights, factor), u),
        4 => add_terms::<4>(states, to, products(weights, factor), u),
        5 => add_terms::<5>(states, to, products(weights, factor), u),
        6 => add_terms::<6>(states, to, products(weights, factor), u),
        7 => add_terms::<7>(states, to, products(weights, factor), u),
        _ => unreachable!("methods have at most eight stages"),
    }
}

#[inline(always)]
fn products<const N: usize>(weights: &[f64], factor: Lane) -> [Lane; N] {
    let mut out = [factor; N];
    for j in 0..N {
        out[j] = Lane::splat(weights[j]) * factor;
    }
    out
}

#[inline(always)]
fn add_terms<const N: usize>(states: &[u16], to: &mut [Lane], weights: [Lane; N], u: &[Lane]) {
    let n = to.len();
    for &i in states {
        let i = i as usize;
        let mut sum = to[i];
        for j in 0..N {
            sum = sum + weights[j] * u[j * n + i];
        }
        to[i] = sum;
    }
}

/// Adds the last stage to its argument, which gives the new state, and returns each lane's error norm:
/// the largest over the states of |error| / (absolute + relative max(|y|, |y new|)), NaN if anything is not finite.
///
/// The largest, not the mean: a state without error (a therapy nobody gets) then changes nothing, to the last bit.
#[inline(always)]
fn finish(states: &[u16], y: &[Lane], error: &[Lane], relative: f64, absolute: &[f64], result: &mut [Lane]) -> Lane {
    let zero = Lane::splat(0.0);
    let (mut norm, mut poison) = (zero, zero);
    let magnitude = |v: Lane| v.map(f64::abs);
    for &i in states {
        let i = i as usize;
        let new = result[i] + error[i];
        result[i] = new;
        let size = magnitude(y[i]).zip(magnitude(new), math::max);
        let ratio = magnitude(error[i]) / (Lane::splat(absolute[i]) + Lane::splat(relative) * size);
        norm = ratio.zip(norm, math::max);
        // Zero for finite numbers, NaN for the others; a comparison would lose them.
        poison = poison + zero * new + zero * ratio;
    }
    norm + poison
}

/// Copies `from` into the `wanted` lanes of `to`.
#[inline(always)]
fn take_where(wanted: [bool; LANES], states: &[u16], from: &[Lane], to: &mut [Lane]) {
    for &i in states {
        let i = i as usize;
        let mut value = to[i];
        for l in 0..LANES {
            value.0[l] = if wanted[l] { from[i].0[l] } else { value.0[l] };
        }
        to[i] = value;
    }
}
