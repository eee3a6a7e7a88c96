//! One step of a Rosenbrock method for all lanes; reads like the formula at the top of `tableau.rs`.

use crate::batch::Batch;
use crate::dispatch::Kernel;
use crate::lane::{LANES, Lane};
use crate::lu::Factorisation;
use crate::math;
use crate::stages::{self, INVERSE_STEP, SHIFT, STAGE_TIME, StageMemory, Stages, TIME_DERIVATIVE, TIME_WEIGHT};
use crate::system::System;
use crate::tableau::Tableau;

/// Memory of a step, asked for once.
pub(crate) struct Scratch {
    pub work: Vec<Lane>,
    jacobian: Vec<Lane>,
    matrix: Vec<Lane>,
    /// u_1 ... u_s, one after the other.
    stages: Vec<Lane>,
    /// Sum of c_ij u_j of the current stage.
    sums: Vec<Lane>,
    /// Numbers of the step and more scratch, see [`StageMemory::extra`].
    pub extra: Vec<Lane>,
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
            matrix: lanes(lu.n_entries()),
            stages: lanes(n * tableau.stages),
            sums: lanes(n),
            extra: lanes(TIME_DERIVATIVE + n),
            result: lanes(n),
        }
    }

    /// Makes room for what `stages` want.
    pub fn reserve(&mut self, stages: Option<&dyn Stages>) {
        let wanted = TIME_DERIVATIVE + self.result.len() + stages.map_or(0, Stages::n_scratch);
        self.extra.resize(wanted, Lane::splat(0.0));
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
    /// Code of the system's own for the stages, if it has any for these instructions.
    pub own: Option<&'a dyn Stages>,
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
            own,
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
            matrix,
            stages,
            sums,
            extra,
            result,
        } = scratch;
        extra[STAGE_TIME] = *time;
        extra[INVERSE_STEP] = Lane::splat(1.0) / *trial;
        extra[SHIFT] = extra[INVERSE_STEP] * Lane::splat(1.0 / tableau.gamma);
        extra[TIME_WEIGHT] = *trial * Lane::splat(tableau.gamma_sum[0]);

        let u = &mut stages[..n];
        let mut memory = StageMemory {
            work,
            argument: y,
            sums,
            matrix,
            u,
            extra,
        };
        match own {
            Some(own) => own.first(&mut memory),
            None => stages::first(system, lu, inputs, jacobian, &mut memory),
        }
        for i in 1..tableau.stages {
            let (earlier, rest) = stages.split_at_mut(i * n);
            combine_earlier(tableau, i, y, earlier, result, sums);
            extra[STAGE_TIME] = *time + *trial * Lane::splat(tableau.alpha[i]);
            extra[TIME_WEIGHT] = *trial * Lane::splat(tableau.gamma_sum[i]);
            let u = &mut rest[..n];
            let mut memory = StageMemory {
                work,
                argument: result,
                sums,
                matrix,
                u,
                extra,
            };
            match own {
                Some(own) => own.later(&mut memory),
                None => stages::later(system, lu, inputs, &mut memory),
            }
        }
        let error = &stages[(tableau.stages - 1) * n..];
        let norm = finish(y, error, self.relative, self.absolute, result);
        let taken = |l: usize| norm.0[l] <= 1.0 && batch.records[l].patient.is_some();
        let taken = Lane(std::array::from_fn(|l| if taken(l) { 1.0 } else { 0.0 }));
        take_where(taken, result, &mut batch.y);
        norm
    }
}

// In the loops below `one_by_one` keeps the compiler from vectorising across states, with gathers and scatters, instead of across lanes;
// that took 40 % of the time of a step.

/// Argument of stage `i`, y + sum_j a_ij u_j, and sum_j c_ij u_j, in one pass; a loop is compiled for each number of terms.
#[inline(always)]
fn combine_earlier(tableau: &Tableau, i: usize, y: &[Lane], u: &[Lane], argument: &mut [Lane], sums: &mut [Lane]) {
    let (a, c) = (tableau.a(i), tableau.c(i));
    macro_rules! terms {
        ($($n:literal)*) => {
            match (i, tableau.extends_previous(i)) {
                $(($n, false) => combine::<$n>(a, c, y, u, argument, sums),
                ($n, true) => extend::<$n>(a, c, u, argument, sums),)*
                _ => unreachable!("methods have at most eight stages"),
            }
        };
    }
    terms!(1 2 3 4 5 6 7);
}

#[inline(always)]
fn combine<const N: usize>(a: &[f64], c: &[f64], y: &[Lane], u: &[Lane], argument: &mut [Lane], sums: &mut [Lane]) {
    let (a, c): ([Lane; N], [Lane; N]) = (splats(a), splats(c));
    let n = y.len();
    let (u, argument, sums) = (stages_of::<N>(u, n), &mut argument[..n], &mut sums[..n]);
    for i in 0..n {
        one_by_one();
        let first = u[0][i];
        let (mut value, mut sum) = (y[i] + a[0] * first, c[0] * first);
        for j in 1..N {
            let next = u[j][i];
            value = value + a[j] * next;
            sum = sum + c[j] * next;
        }
        argument[i] = value;
        sums[i] = sum;
    }
}

/// The same where the argument is the one before plus the last term.
#[inline(always)]
fn extend<const N: usize>(a: &[f64], c: &[f64], u: &[Lane], argument: &mut [Lane], sums: &mut [Lane]) {
    let (last, c): (Lane, [Lane; N]) = (Lane::splat(a[N - 1]), splats(c));
    let n = argument.len();
    let (u, sums) = (stages_of::<N>(u, n), &mut sums[..n]);
    for i in 0..n {
        one_by_one();
        let mut sum = c[0] * u[0][i];
        for j in 1..N {
            sum = sum + c[j] * u[j][i];
        }
        argument[i] = argument[i] + last * u[N - 1][i];
        sums[i] = sum;
    }
}

/// The first `N` stages of `n` states each: of known length, so that the loops need no checks.
#[inline(always)]
fn stages_of<const N: usize>(u: &[Lane], n: usize) -> [&[Lane]; N] {
    let mut stages = [&u[..n]; N];
    for j in 1..N {
        stages[j] = &u[j * n..][..n];
    }
    stages
}

/// Nothing that the compiler may look into or do twice at once.
#[inline(always)]
fn one_by_one() {
    std::hint::black_box(());
}

#[inline(always)]
fn splats<const N: usize>(weights: &[f64]) -> [Lane; N] {
    let mut out = [Lane::splat(0.0); N];
    for j in 0..N {
        out[j] = Lane::splat(weights[j]);
    }
    out
}

/// Adds the last stage to its argument, which gives the new state, and returns each lane's error norm:
/// the largest over the states of |error| / (absolute + relative max(|y|, |y new|)), NaN if anything is not finite.
///
/// The largest, not the mean: a state without error (a therapy nobody gets) then changes nothing, to the last bit.
#[inline(always)]
fn finish(y: &[Lane], error: &[Lane], relative: f64, absolute: &[f64], result: &mut [Lane]) -> Lane {
    let zero = Lane::splat(0.0);
    let (mut norm, mut poison) = (zero, zero);
    let magnitude = |v: Lane| v.map(f64::abs);
    let n = y.len();
    let (error, absolute, result) = (&error[..n], &absolute[..n], &mut result[..n]);
    for i in 0..n {
        one_by_one();
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

/// Copies `from` into the `wanted` lanes of `to`: those with 1, not 0.
#[inline(always)]
fn take_where(wanted: Lane, from: &[Lane], to: &mut [Lane]) {
    let from = &from[..to.len()];
    for i in 0..to.len() {
        one_by_one();
        let mut value = to[i];
        for l in 0..LANES {
            value.0[l] = if wanted.0[l] > 0.0 { from[i].0[l] } else { value.0[l] };
        }
        to[i] = value;
    }
}
