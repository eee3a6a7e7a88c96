//! Designs that change after a look, without losing control of the error.
//!
//! One-sided throughout: a large z, a small p is success. Stages are independent groups of subjects; each has its own z or p.

mod closed;
mod promising;
mod response_adaptive;

pub use closed::{StageTwo, adaptive_closed_test, intersection_p_value};
pub use promising::PromisingZone;
pub use response_adaptive::{best_arm_probabilities, thall_wathen};
