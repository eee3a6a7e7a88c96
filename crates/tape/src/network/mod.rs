//! Networks with events, algebraic equations and delays, one at a time and accurately.
//!
//! In: [`Dynamics`](malar_model::Dynamics). Out: values of its quantities at equal intervals ([`simulate`]). This stands
//! beside the batched [`Tape`](crate::Tape): events stop each patient at another time and algebraic equations need a mass
//! matrix, which lanes side by side cannot share.
//!
//! `program` evaluates expressions, `machine` holds all values and is the solver's `Problem`, `history` looks back in
//! time, `events` keeps the queue of what is to happen, `doses` gives what comes from outside, `simulate` goes through time.
//!
//! [`Many`] runs many patients of one network. Where it is nothing but ordinary differential equations (`plain`) they go through
//! the batched [`Tape`](crate::Tape) (`lanes`, with `settling` for steady states), else one by one.

mod doses;
mod events;
mod history;
mod lanes;
mod machine;
mod many;
mod plain;
mod plan;
mod program;
mod settling;
mod simulate;

pub use doses::{Dose, Given, Steady};
pub use many::{Many, Outcome, Patient, Varied};
pub use plan::{Failure, Measure, Plan, Rows};
pub use simulate::{simulate, simulate_within};
