//! Batched stiff integration of many patients at once.
pub mod dispatch;
mod driver;
mod lane;
pub mod math;
mod system;
pub use driver::{Driver, Failure, FailureReason, LaneMut, Next, SEGMENT_KINDS};
pub use lane::{LANES, Lane};
pub use system::{Pattern, System};
