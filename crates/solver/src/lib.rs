//! Batched stiff integration of many patients at once.
//!
//! In: a [`System`] of ordinary differential equations and a [`Driver`] that knows what happens to each patient. Out: whatever the
//! driver records, and [`Counters`]. Nothing here is biological.
//!
//! ```
//! use malar_solver::problems::{Batched, Linear};
//! use malar_solver::{Course, Integrator, Observed, Schedule, Settings};
//!
//! let mut schedule = Schedule::new();
//! schedule.infusion(1, 2.0, 0.25, 8.0); // input 1 is 8 from day 2 for a quarter of a day
//! let course = Course { initial: vec![1.0], inputs: vec![0.5, 0.0], schedule, ..Course::default() };
//! let mut driver = Observed::new(vec![course], vec![1.0, 3.0], vec![0]);
//! let counters = Integrator::new(Batched::<Linear>::default(), Settings::with_tolerance(1e-6)).integrate(&mut driver);
//! assert_eq!(counters.patients, 1);
//! assert!((driver.record(0)[0] - Linear::exact(1.0, 1.0, 0.5, 0.0)).abs() < 1e-5);
//! ```
//!
//! The design choice that matters: eight patients go through every instruction together, but each lane has its own time, step size,
//! error and fate, and gets the next patient as soon as its own is done. A shared step size would take twice as many steps. One-step
//! Rosenbrock methods start anew at every dose for free, which multistep methods do not.
pub mod dispatch;
pub mod lu;
pub mod math;
pub mod problems;
pub mod runs;
pub mod single;
pub mod stages;

mod batch;
mod controller;
mod driver;
mod integrator;
mod lane;
mod observed;
mod place;
mod schedule;
mod settings;
mod step;
mod system;
mod tableau;

pub use driver::{Driver, Failure, FailureReason, LaneMut, Next, SEGMENT_KINDS, Steps};
pub use integrator::Integrator;
pub use lane::{LANES, Lane};
pub use observed::{Course, Observed};
pub use place::Place;
pub use schedule::{Action, Schedule};
pub use settings::{Counters, Settings};
pub use system::{Pattern, System};
pub use tableau::Method;
