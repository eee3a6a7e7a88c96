//! Networks with events, algebraic equations and delays, one at a time and accurately.
//!
//! In: [`Dynamics`](malar_model::Dynamics). Out: values of its quantities at equal intervals ([`simulate`]). This stands
//! beside the batched [`Tape`](crate::Tape): events stop each patient at another time and algebraic equations need a mass
//! matrix, which lanes side by side cannot share.
//!
//! `program` evaluates expressions, `machine` holds all values and is the solver's `Problem`, `history` looks back in
//! time, `events` keeps the queue of what is to happen, `simulate` goes through time.

mod events;
mod history;
mod machine;
mod program;
mod simulate;

pub use simulate::{Failure, Measure, Plan, Rows, simulate, simulate_within};
