//! What happens to patients: screening, randomisation, visits, decisions.

mod candidate;
mod course;
pub(crate) mod decisions;
mod dosing;
mod minimise;
mod randomise;
pub(crate) mod screening;
mod treatment;
mod triggers;
mod world;

pub(crate) use candidate::{Candidate, Roster};
pub(crate) use course::Course;
pub(crate) use dosing::{Dosing, Given};
pub(crate) use minimise::minimise;
pub(crate) use randomise::assign_arms;
pub(crate) use screening::{Record, ScreeningDriver, ScreeningResult};
pub(crate) use treatment::{Effect, Enrolled, TreatmentDriver};
pub(crate) use triggers::{Trigger, Triggers};
pub(crate) use world::World;
