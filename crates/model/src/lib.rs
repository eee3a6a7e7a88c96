//! Antimony text to a checked symbolic model, and back.
pub mod diagnostic;
pub mod equations;
pub mod expression;
