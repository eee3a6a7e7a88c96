//! Compiles a model into pruned, lane-batched evaluators.
//!
//! In: the flat [`Equations`](malar_model::equations::Equations) of a model and a [`Request`] that says which parameters vary, which
//! states are dosed and what the caller wants to see. Out: a [`Tape`], a [`System`](malar_solver::System) that the integrator runs.
//!
//! On the way, in the order of the modules: names are replaced by what they stand for (`inline`), states that can never move become
//! constants (`prune`), expressions are rearranged so that what depends on inputs only stands together (`arrange`), the Jacobian is
//! derived with shared intermediates (`jacobian`), and everything becomes runs of equal instructions over numbered registers
//! (`program`), evaluated for one patient or for eight (`eval`).
//!
//! The design choice that matters: there is no machine code. Instructions stand sorted by operation, so that one loop without a branch
//! serves many of them, each for eight patients; that comes within a factor of two of compiled code and runs everywhere.

pub mod network;

mod arrange;
mod eval;
mod inline;
mod jacobian;
mod program;
mod prune;
mod request;
mod tape;

pub use request::{CompileError, Request, StateRef};
pub use tape::Tape;
