//! The reference evaluator: one patient, one instruction at a time.

use malar_model::expression::{Binary, Unary};
use malar_solver::math;

use crate::program::{Opcode, Program};

/// Runs `program` on a register file for one patient.
pub(crate) fn run_scalar(program: &Program, registers: &mut [f64]) {
    let mut code = program.code.iter();
    for &(opcode, n) in &program.runs {
        for instruction in code.by_ref().take(n) {
            let [destination, a, b, c] = instruction.registers();
            registers[destination] = apply(opcode, registers[a], registers[b], registers[c]);
        }
    }
}

fn apply(opcode: Opcode, a: f64, b: f64, c: f64) -> f64 {
    match opcode {
        Opcode::Unary(op) => unary(op, a),
        Opcode::Binary(op) => binary(op, a, b),
        Opcode::Reciprocal => 1.0 / a,
        Opcode::Select => {
            if holds(a) {
                b
            } else {
                c
            }
        }
        Opcode::MultiplyAdd => c + a * b,
        Opcode::MultiplySubtract => c - a * b,
        Opcode::MultiplyMinus => a * b - c,
        Opcode::MultiplyMultiply => a * b * c,
        Opcode::AddAdd => a + b + c,
        Opcode::AddSubtract => a + b - c,
        Opcode::SubtractSubtract => a - b - c,
        Opcode::DivideSum => a / (b + c),
    }
}

/// One-operand operations. exp and ln are the solver's; the rarer ones come from the model crate's portable library.
#[inline(always)]
pub(crate) fn unary(op: Unary, a: f64) -> f64 {
    match op {
        Unary::Exp => math::exp(a),
        Unary::Ln => math::ln(a),
        _ => op.apply(a),
    }
}

#[inline(always)]
pub(crate) fn binary(op: Binary, a: f64, b: f64) -> f64 {
    match op {
        Binary::Pow => math::pow(a, b),
        Binary::Min => {
            if a < b || a.is_nan() {
                a
            } else {
                b
            }
        }
        Binary::Max => {
            if a > b || a.is_nan() {
                a
            } else {
                b
            }
        }
        Binary::And => truth(holds(a) & holds(b)),
        Binary::Or => truth(holds(a) | holds(b)),
        _ => op.apply(a, b),
    }
}

/// True for any number but zero; NaN holds nothing.
#[inline(always)]
pub(super) fn holds(a: f64) -> bool {
    (a < 0.0) | (a > 0.0)
}

#[inline(always)]
pub(super) fn truth(condition: bool) -> f64 {
    if condition { 1.0 } else { 0.0 }
}
