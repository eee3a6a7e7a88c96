//! Population file and seed to virtual patients.
//!
//! In: a population file (distributions, correlations, clinical constants). Out: per-patient parameter values, the same for
//! the same (seed, replicate, patient) whatever else is drawn.
//!
//! The design choice that matters: a population is a small program of named draws, so that the correlations, the derived
//! quantities and the clinical layer stand in one file that a scientist can change.

mod clinical;
pub mod normal;
mod numbers;
mod population;
pub mod random;
pub mod stability;

pub use clinical::{Clinical, Measurement, Practice, SingleOrgans, TrialEffect};
pub use population::Population;
