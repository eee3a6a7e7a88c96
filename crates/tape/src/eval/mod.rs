//! Two evaluators of one program that agree bit for bit: plain and for one patient, fast and for eight.

#[cfg(test)]
use malar_model::expression::{Binary, Unary};

mod lanes;
mod scalar;

pub(crate) use lanes::{Gather, RunLanes};
pub(crate) use scalar::run_scalar;
#[cfg(all(test, target_arch = "x86_64"))]
pub(crate) use scalar::{binary, unary};

#[cfg(test)]
mod tests;

/// Every one-operand operation.
#[cfg(test)]
pub(crate) const UNARY: [Unary; 17] = [
    Unary::Neg,
    Unary::Exp,
    Unary::Ln,
    Unary::Sqrt,
    Unary::Abs,
    Unary::Floor,
    Unary::Ceil,
    Unary::Sin,
    Unary::Cos,
    Unary::Tan,
    Unary::Asin,
    Unary::Acos,
    Unary::Atan,
    Unary::Sinh,
    Unary::Cosh,
    Unary::Tanh,
    Unary::Not,
];

/// Every two-operand operation.
#[cfg(test)]
pub(crate) const BINARY: [Binary; 15] = [
    Binary::Add,
    Binary::Sub,
    Binary::Mul,
    Binary::Div,
    Binary::Pow,
    Binary::Min,
    Binary::Max,
    Binary::Lt,
    Binary::Le,
    Binary::Gt,
    Binary::Ge,
    Binary::Eq,
    Binary::Ne,
    Binary::And,
    Binary::Or,
];
