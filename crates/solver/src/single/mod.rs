//! One system at a time, `M du/dt = f(t, u)` with a constant and perhaps singular mass matrix M.
//!
//! Beside the batched integrator, for what it cannot hold: algebraic equations, systems that stop at events that each
//! patient meets at another time, systems that look back in time. The caller drives step by step and decides where a
//! step ends; this module only knows how to make one, with an error estimate, and how to factorise a matrix.
//!
//! The method is Rodas5P (Steinebach 2023, BIT 63:27), order 5, stiffly accurate, made for index-1 problems, so that
//! algebraic equations hold at the end of each step to the accuracy of the step.

mod lu;
mod order;
mod step;

pub use lu::Factors;
pub use step::{Problem, Stepper};
