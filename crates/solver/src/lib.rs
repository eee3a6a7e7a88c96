//! Batched stiff integration of many patients at once.
pub mod dispatch;
pub mod lu;
pub mod math;
pub mod problems;
pub mod single;

mod batch;
mod controller;
mod driver;
mod integrator;
mod lane;
mod observed;
mod schedule;
mod settings;
mod step;
mod system;
mod tableau;

pub use driver::{Driver, Failure, FailureReason, LaneMut, Next, SEGMENT_KINDS, Steps};
pub use integrator::Integrator;
pub use lane::{LANES, Lane};
pub use observed::{Course, Observed};
pub use schedule::{Action, Schedule};
pub use settings::{Counters, Settings};
pub use system::{Pattern, System};
pub use tableau::Method;
