//! A straight-line list of operations on numbered quantities, ordered so that equal ones stand together.

use std::ops::Range;

use crate::place::Place;
use crate::runs::order_in_runs;

/// What an instruction does. `AddN`: target += sum over N pairs of left * right; then the operands are
/// `[target, left_1, right_1, ...]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Add1,
    Add2,
    Add3,
    Add4,
    /// target = target * left; operands `[target, left]`.
    Scale,
    /// target = -1 / target; operands `[target]`.
    Invert,
}

/// Most pairs that one instruction adds.
pub(super) const MOST_PAIRS: usize = 4;

/// Lists longer than this keep their order: finding a better one would take longer than it saves.
const MOST_ORDERED: usize = 300_000;

impl Kind {
    /// The instruction that adds `pairs` products.
    pub fn add(pairs: usize) -> Kind {
        [Kind::Add1, Kind::Add2, Kind::Add3, Kind::Add4][pairs - 1]
    }
}

/// One instruction. A quantity is known by its number among all quantities (`target`, `reads`), from which the
/// dependencies follow; `operands` are the indices that the executor uses.
pub(super) struct Instruction {
    pub kind: Kind,
    pub target: usize,
    pub reads: Vec<usize>,
    pub operands: Vec<u32>,
}

/// Runs of equal instructions.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub runs: Vec<(Kind, Range<usize>)>,
    pub operands: Vec<Place>,
    /// Every target and right operand is below this,
    pub n: usize,
    /// and every left one below this.
    pub n_left: usize,
}

impl Program {
    /// Puts `instructions`, which are correct in the given order, into runs. `n` is the number of quantities.
    pub fn schedule(instructions: &[Instruction], n: usize) -> Self {
        let kinds: Vec<Kind> = instructions.iter().map(|instruction| instruction.kind).collect();
        let mut program = Program {
            runs: Vec::new(),
            operands: Vec::new(),
            n,
            n_left: 0,
        };
        let order = if instructions.len() < MOST_ORDERED {
            order_in_runs(&kinds, &dependencies(instructions, n))
        } else {
            (0..instructions.len()).collect()
        };
        for i in order {
            let start = program.operands.len();
            for (k, &operand) in instructions[i].operands.iter().enumerate() {
                program.push(operand as usize, k % 2 == 1);
            }
            let end = program.operands.len();
            match program.runs.last_mut() {
                Some((kind, range)) if *kind == kinds[i] => range.end = end,
                _ => program.runs.push((kinds[i], start..end)),
            }
        }
        program
    }

    fn push(&mut self, operand: usize, is_left: bool) {
        if is_left {
            self.n_left = self.n_left.max(operand + 1);
        } else {
            assert!(operand < self.n, "operands are quantities");
        }
        self.operands
            .push(Place::new(operand).expect("factors take less than 4 GiB"));
    }
}

/// What each operation must wait for: a reader for the last writer, a writer for the last writer and for everyone who still reads the
/// old value.
fn dependencies(instructions: &[Instruction], n: usize) -> Vec<Vec<usize>> {
    let mut writer: Vec<Option<usize>> = vec![None; n];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut needs = Vec::with_capacity(instructions.len());
    for (i, instruction) in instructions.iter().enumerate() {
        let mut before: Vec<usize> = instruction.reads.iter().filter_map(|&q| writer[q]).collect();
        before.extend(writer[instruction.target]);
        before.append(&mut readers[instruction.target]);
        needs.push(before);
        for &q in &instruction.reads {
            readers[q].push(i);
        }
        writer[instruction.target] = Some(i);
    }
    needs
}
