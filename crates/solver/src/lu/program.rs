//! A straight-line list of operations on numbered quantities, ordered so that equal operations stand together.

use std::ops::Range;

use crate::runs::order_in_runs;

/// What an operation does. `Subtract(n)`: target -= sum over n pairs of left * right; then the operands are
/// `[target, left_1, right_1, ...]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Subtract1,
    Subtract2,
    Subtract3,
    Subtract4,
    /// target = target * left; operands `[target, left]`.
    Scale,
    /// target = 1 / target; operands `[target]`.
    Reciprocal,
}

/// Most pairs that one operation subtracts.
pub(super) const MOST_PAIRS: usize = 4;

impl Kind {
    /// The operation that subtracts `pairs` products.
    pub fn subtract(pairs: usize) -> Kind {
        [Kind::Subtract1, Kind::Subtract2, Kind::Subtract3, Kind::Subtract4][pairs - 1]
    }
}

/// One operation. A quantity is known by its number among all quantities (`target`, `reads`), from which the
/// dependencies follow; `operands` are the indices that the executor uses.
pub(super) struct Operation {
    pub kind: Kind,
    pub target: usize,
    pub reads: Vec<usize>,
    pub operands: Vec<u16>,
}

/// Runs of equal operations.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub runs: Vec<(Kind, Range<usize>)>,
    pub operands: Vec<u16>,
}

impl Program {
    /// Puts `operations`, which are correct in the given order, into runs. `n` is the number of quantities.
    pub fn schedule(operations: &[Operation], n: usize) -> Self {
        let kinds: Vec<Kind> = operations.iter().map(|operation| operation.kind).collect();
        let mut program = Program {
            runs: Vec::new(),
            operands: Vec::new(),
        };
        for i in order_in_runs(&kinds, &dependencies(operations, n)) {
            let start = program.operands.len();
            program.operands.extend(&operations[i].operands);
            let end = program.operands.len();
            match program.runs.last_mut() {
                Some((kind, range)) if *kind == kinds[i] => range.end = end,
                _ => program.runs.push((kinds[i], start..end)),
            }
        }
        program
    }
}

/// What each operation must wait for: a reader for the last writer, a writer for the last writer and for everyone who still reads the
/// old value.
fn dependencies(operations: &[Operation], n: usize) -> Vec<Vec<usize>> {
    let mut writer: Vec<Option<usize>> = vec![None; n];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut needs = Vec::with_capacity(operations.len());
    for (i, operation) in operations.iter().enumerate() {
        let mut before: Vec<usize> = operation.reads.iter().filter_map(|&q| writer[q]).collect();
        before.extend(writer[operation.target]);
        before.append(&mut readers[operation.target]);
        needs.push(before);
        for &q in &operation.reads {
            readers[q].push(i);
        }
        writer[operation.target] = Some(i);
    }
    needs
}
