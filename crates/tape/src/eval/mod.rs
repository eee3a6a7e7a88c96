//! Two evaluators of one program that agree bit for bit: plain and for one patient, fast and for eight.

mod lanes;
mod scalar;

pub(crate) use lanes::RunLanes;
pub(crate) use scalar::run_scalar;

#[cfg(test)]
mod tests;
