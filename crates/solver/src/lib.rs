//! Batched stiff integration of many patients at once.
mod driver;
mod system;
pub use driver::{Driver, Failure, FailureReason, LaneMut, Next, SEGMENT_KINDS};
pub use system::{LANES, Lane, Pattern, System};
