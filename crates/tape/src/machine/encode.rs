//! Words of a flow in the assembler's words.

use super::assembler::Operand;
use super::flow::{Block, Comparison, Operator, Place};

/// Bytes of a lane.
pub(super) const LANE: i32 = 64;

/// The general registers that hold the first six arguments of the System V calling convention, in the order of the blocks.
pub(super) fn memory(Place { block, index }: Place) -> Operand {
    let base = match block {
        Block::Work => 7,     // rdi
        Block::Argument => 6, // rsi
        Block::Sums => 2,     // rdx
        Block::Matrix => 1,   // rcx
        Block::U => 8,
        Block::Extra => 9,
    };
    Operand::Memory {
        base,
        offset: index as i32 * LANE,
    }
}

pub(super) fn opcode(operator: Operator) -> u8 {
    match operator {
        Operator::Add => 0x58,
        Operator::Multiply => 0x59,
        Operator::Subtract => 0x5c,
        Operator::Min => 0x5d,
        Operator::Divide => 0x5e,
        Operator::Max => 0x5f,
        Operator::And => 0x54,
        Operator::Or => 0x56,
        Operator::Xor => 0x57,
        Operator::AddBits => 0xd4,
    }
}

/// Predicates of `vcmppd` that do not signal.
pub(super) fn predicate(comparison: Comparison) -> u8 {
    match comparison {
        Comparison::Equal => 0x00,
        Comparison::Unordered => 0x03,
        Comparison::NotEqual => 0x04,
        Comparison::Apart => 0x0c,
        Comparison::Less => 0x11,
        Comparison::LessEqual => 0x12,
    }
}
