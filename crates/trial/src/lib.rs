//! Protocol, therapies and cohort to visits, outcomes, endpoints and analysis.
//!
//! In: checked files ([`Parts`]). Out: [`Replicate`]s, each a whole simulated trial, a pure function of (seed, index).
//!
//! One grammar: screen (on noisy, measured values) → randomise (stratified blocks) → visit → assess (with rater and assay
//! error) → act (steroid taper, rescue, drop-out) → analyse. Arms share their patients' luck: no random stream knows the arm.
//!
//! The design choice that matters: a visit is a pause of the integrator. The driver assesses the patient, changes the steroid
//! dose or ends the course, and the integration goes on, so that medication and disease act on each other.

// The tests' library of data files names this crate from outside and from inside.
#[cfg(test)]
extern crate self as malar_trial;
#[cfg(test)]
#[path = "../tests/library/mod.rs"]
mod library;

mod analysis;
mod assembly;
mod baskets;
mod conduct;
mod elsewhere;
mod endpoint;
mod estimand;
pub mod exposure;
mod filter;
pub mod joints;
mod multiplicity;
mod panel;
mod planned;
mod product;
mod program;
mod protocol;
mod regimen;
mod regimes;
mod rows;
pub mod safety;
mod score;
mod setup;
mod simulation;
mod studied;
mod survival;
mod therapy;

pub mod instruments;
pub mod results;

/// Reasons that every endpoint has, by index; `Endpoint::reason_id` gives their names.
pub mod reason {
    pub use crate::endpoint::{DISCONTINUED, NOT_ASSESSED, NOT_SOLVED, RESPONDER, RESTRICTED};
}

pub use endpoint::{Case, Criterion, Endpoint, Intercurrent, Kind, Strategy, held_until};
pub use estimand::{Declared, EstimandFile};
pub use panel::Panel;
pub use planned::{Encounter, Epoch};
pub use product::{Hooks, Product};
pub use protocol::{
    AdverseEvents, Arm, Basket, BasketAnalysis, Conduct, EndpointUse, External, Hypothesis, Multiplicity, NamedRule,
    Origin, Procedure, Protocol, PublishedCount, RandomisedAgain, Region, Rescue, Retreatment, RunIn, Taper,
};
pub use regimen::{Amount, Days, TherapyUse};
pub use regimes::{Condition, OnlyIf};
pub use setup::Parts;
pub use simulation::{Infeasible, Simulation, variables};
pub use studied::warnings;
pub use therapy::{Daily, DoseUnit, Manufacturing, RandomEffect, Route, Studied, Support, Therapy};
