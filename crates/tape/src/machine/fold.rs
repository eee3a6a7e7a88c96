//! Operations on numbers that are known when the code is made: computed then, to the bits that the code would have computed.

use super::flow::{Comparison, Operator};

/// What an operation amounts to.
pub(super) enum Folded {
    /// A constant.
    Bits(u64),
    /// Its first operand.
    First,
}

/// `a operator b` as far as `a` and `b` are known.
pub(super) fn two(operator: Operator, a: Option<u64>, b: Option<u64>) -> Option<Folded> {
    if let (Operator::Xor | Operator::Or, Some(0)) = (operator, b) {
        return Some(Folded::First);
    }
    let (a, b) = (a?, b?);
    let numbers = |f: fn(f64, f64) -> f64| Some(Folded::Bits(f(f64::from_bits(a), f64::from_bits(b)).to_bits()));
    match operator {
        Operator::Add => numbers(|a, b| a + b),
        Operator::Subtract => numbers(|a, b| a - b),
        Operator::Multiply => numbers(|a, b| a * b),
        Operator::Divide => numbers(|a, b| a / b),
        Operator::Min => numbers(|a, b| if a < b { a } else { b }),
        Operator::Max => numbers(|a, b| if a > b { a } else { b }),
        Operator::And => Some(Folded::Bits(a & b)),
        Operator::Or => Some(Folded::Bits(a | b)),
        Operator::Xor => Some(Folded::Bits(a ^ b)),
        Operator::AddBits => Some(Folded::Bits(a.wrapping_add(b))),
    }
}

/// Whether `a comparison b` holds.
pub(super) fn holds(comparison: Comparison, a: u64, b: u64) -> bool {
    let (a, b) = (f64::from_bits(a), f64::from_bits(b));
    match comparison {
        // Exactly equal numbers: what the instruction asks.
        Comparison::Equal => a == b,
        Comparison::NotEqual => a != b,
        Comparison::Less => a < b,
        Comparison::LessEqual => a <= b,
        Comparison::Apart => a < b || a > b,
        Comparison::Unordered => a.is_nan() || b.is_nan(),
    }
}
