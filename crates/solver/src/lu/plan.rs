//! The operations of elimination and substitution, row by row.

use std::collections::BTreeMap;

use super::order::Structure;
use super::program::{Instruction, Kind, MOST_PAIRS};

/// One operation on numbered quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// target += left * right, rounded twice.
    AddProduct {
        /// What is added to.
        target: u32,
        /// Entry of the matrix.
        left: u32,
        /// Entry of the matrix while factorising, unknown while substituting.
        right: u32,
    },
    /// target *= by, an entry of the matrix.
    Scale {
        /// What is multiplied.
        target: u32,
        /// Entry of the matrix.
        by: u32,
    },
    /// target = -1 / target.
    Invert {
        /// What is inverted.
        target: u32,
    },
}

/// What happens to one row of the matrix, and to its unknown.
///
/// With a matrix whose diagonal was inverted to -1 / u_ii and whose lower triangle holds -l_ij, nothing is ever subtracted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Number of the row and of its unknown.
    pub state: u32,
    /// Turns the row into its part of the factors; needs the rows before.
    pub factorise: Vec<Operation>,
    /// Forward substitution, after the rows before.
    pub forward: Vec<Operation>,
    /// Backward substitution, after the rows behind.
    pub backward: Vec<Operation>,
}

/// Writes down the rows in the order of elimination. `slots` numbers the entries of the factors.
pub(super) fn rows(order: &[usize], structure: &Structure, slots: &BTreeMap<(usize, usize), u32>) -> Vec<Row> {
    let mut position = vec![0; order.len()];
    for (at, &i) in order.iter().enumerate() {
        position[i] = at;
    }
    let row = |&i: &usize| {
        let mut columns: Vec<usize> = structure.rows[i].iter().copied().collect();
        columns.sort_unstable_by_key(|&j| position[j]);
        let substitute = |&j: &usize| Operation::AddProduct {
            target: i as u32,
            left: slots[&(i, j)],
            right: j as u32,
        };
        let (lower, upper) = columns.split_at(columns.partition_point(|&j| position[j] < position[i]));
        // The unknown found last comes last, so that the sum waits as little as possible.
        let mut backward: Vec<Operation> = upper[1..].iter().rev().map(substitute).collect();
        backward.push(Operation::Scale {
            target: i as u32,
            by: slots[&(i, i)],
        });
        Row {
            state: i as u32,
            factorise: factorise(i, &columns, &position, slots),
            forward: lower.iter().map(substitute).collect(),
            backward,
        }
    };
    order.iter().map(row).collect()
}

/// a_ij += sum of (-l_ik) u_kj over k before both; then -l_ij = a_ij (-1 / u_jj) below the diagonal, and the diagonal is inverted.
fn factorise(i: usize, columns: &[usize], position: &[usize], slots: &BTreeMap<(usize, usize), u32>) -> Vec<Operation> {
    let mut operations = Vec::new();
    for &j in columns {
        let target = slots[&(i, j)];
        let last = position[i].min(position[j]);
        for &k in columns.iter().take_while(|&&k| position[k] < last) {
            if let Some(&right) = slots.get(&(k, j)) {
                operations.push(Operation::AddProduct {
                    target,
                    left: slots[&(i, k)],
                    right,
                });
            }
        }
        if i == j {
            operations.push(Operation::Invert { target });
        } else if position[j] < position[i] {
            operations.push(Operation::Scale {
                target,
                by: slots[&(j, j)],
            });
        }
    }
    operations
}

/// The operations as instructions, products onto the same target a few at a time. `in_place`: all operands lie in the matrix.
pub(super) fn instructions(operations: impl Iterator<Item = Operation>, in_place: bool) -> Vec<Instruction> {
    let mut instructions: Vec<Instruction> = Vec::new();
    for operation in operations {
        match operation {
            Operation::AddProduct { target, left, right } => {
                let reads = if in_place {
                    vec![left as usize, right as usize]
                } else {
                    vec![right as usize]
                };
                match instructions.last_mut() {
                    Some(last)
                        if last.target == target as usize && (3..=2 * MOST_PAIRS).contains(&last.operands.len()) =>
                    {
                        last.reads.extend(reads);
                        last.operands.extend([left, right]);
                        last.kind = Kind::add(last.operands.len() / 2);
                    }
                    _ => instructions.push(Instruction {
                        kind: Kind::add(1),
                        target: target as usize,
                        reads,
                        operands: vec![target, left, right],
                    }),
                }
            }
            Operation::Scale { target, by } => instructions.push(Instruction {
                kind: Kind::Scale,
                target: target as usize,
                reads: if in_place { vec![by as usize] } else { vec![] },
                operands: vec![target, by],
            }),
            Operation::Invert { target } => instructions.push(Instruction {
                kind: Kind::Invert,
                target: target as usize,
                reads: vec![],
                operands: vec![target],
            }),
        }
    }
    instructions
}
