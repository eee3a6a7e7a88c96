//! The heart of a step: the linear system of one stage, either from a [`System`]'s evaluators or by code that a system brings along.

use crate::lane::Lane;
use crate::lu::Factorisation;
use crate::system::System;

/// Where in [`StageMemory::extra`] the time of the stage stands.
pub const STAGE_TIME: usize = 0;
/// Where the inverse of the step size stands.
pub const INVERSE_STEP: usize = 1;
/// Where `1 / (gamma h)` stands.
pub const SHIFT: usize = 2;
/// Where the weight of the explicit time derivative stands: `gamma_i h`.
pub const TIME_WEIGHT: usize = 3;
/// Where the explicit time derivatives begin, one per state; whatever stands behind them is scratch.
pub const TIME_DERIVATIVE: usize = 4;

/// What the stages of a step read and write.
pub struct StageMemory<'a> {
    /// Whatever [`System::prepare`] left.
    pub work: &'a mut [Lane],
    /// Argument of the stage.
    pub argument: &'a [Lane],
    /// Sum of `c_ij u_j` over the earlier stages.
    pub sums: &'a [Lane],
    /// Factors of `I / (gamma h) - J`.
    pub matrix: &'a mut [Lane],
    /// The stage's `u_i`, written.
    pub u: &'a mut [Lane],
    /// Numbers of the step and scratch; see the constants of this module.
    pub extra: &'a mut [Lane],
}

/// Both kinds of stage in code of their own, the same bits as [`System`] and [`Factorisation`] compute.
pub trait Stages: Send + Sync {
    /// Lanes of scratch wanted behind the time derivatives.
    fn n_scratch(&self) -> usize;
    /// Leaves in `work` what the stages need of `inputs`; uses the scratch of `extra`.
    fn prepare(&self, inputs: &[Lane], work: &mut [Lane], extra: &mut [Lane]);
    /// Evaluates rates and derivatives, leaves the factors and the time derivatives in memory, and solves for the first `u`.
    fn first(&self, memory: &mut StageMemory<'_>);
    /// Evaluates the rates and solves for a later `u`.
    fn later(&self, memory: &mut StageMemory<'_>);
}

/// The first stage by the system's own evaluator. `jacobian` is scratch.
#[inline(always)]
pub(crate) fn first(
    system: &impl System,
    lu: &Factorisation,
    inputs: &[Lane],
    jacobian: &mut [Lane],
    memory: &mut StageMemory<'_>,
) {
    let (step, derivative) = memory.extra.split_at_mut(TIME_DERIVATIVE);
    let time = step[STAGE_TIME];
    system.rates_and_jacobian(
        &time,
        memory.argument,
        inputs,
        memory.work,
        memory.u,
        jacobian,
        derivative,
    );
    lu.assemble(step[SHIFT], jacobian, memory.matrix);
    lu.factorise(memory.matrix);
    if system.depends_on_time() {
        add(lu.order(), memory.u, step[TIME_WEIGHT], derivative);
    }
    lu.solve(memory.matrix, memory.u);
}

/// A later stage by the system's own evaluator.
#[inline(always)]
pub(crate) fn later(system: &impl System, lu: &Factorisation, inputs: &[Lane], memory: &mut StageMemory<'_>) {
    let time = memory.extra[STAGE_TIME];
    system.rates(&time, memory.argument, inputs, memory.work, memory.u);
    add(lu.order(), memory.u, memory.extra[INVERSE_STEP], memory.sums);
    if system.depends_on_time() {
        add(
            lu.order(),
            memory.u,
            memory.extra[TIME_WEIGHT],
            &memory.extra[TIME_DERIVATIVE..],
        );
    }
    lu.solve(memory.matrix, memory.u);
}

/// `to += factor * what`.
#[inline(always)]
fn add(states: &[u32], to: &mut [Lane], factor: Lane, what: &[Lane]) {
    for &i in states {
        let i = i as usize;
        to[i] = to[i] + factor * what[i];
    }
}
