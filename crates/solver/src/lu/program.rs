//! A straight-line list of operations on numbered quantities, ordered so that equal operations stand together.
//!
//! One loop per run of equal operations has no branch to mispredict; on the benchmark model this made the difference between
//! waiting for the branch predictor and waiting for memory (2.6 times faster than program order).

use std::collections::VecDeque;
use std::ops::Range;

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
    /// Schedules `operations`, which are correct in the given order, into runs. `n` is the number of quantities.
    ///
    /// Greedy: the kind with most operations ready goes next and goes on while one is ready. Ties: the first kind.
    pub fn schedule(operations: &[Operation], n: usize) -> Self {
        let (users, mut missing) = dependencies(operations, n);
        let mut ready: Vec<(Kind, VecDeque<usize>)> = [
            Kind::Subtract1,
            Kind::Subtract2,
            Kind::Subtract3,
            Kind::Subtract4,
            Kind::Scale,
            Kind::Reciprocal,
        ]
        .map(|kind| (kind, VecDeque::new()))
        .into();
        let queue_of = |kind: Kind| kind as usize;
        for (i, operation) in operations.iter().enumerate() {
            if missing[i] == 0 {
                ready[queue_of(operation.kind)].1.push_back(i);
            }
        }
        let mut program = Program {
            runs: Vec::new(),
            operands: Vec::new(),
        };
        loop {
            let longest = ready.iter().map(|(_, queue)| queue.len()).max().unwrap_or(0);
            let Some(at) = ready
                .iter()
                .position(|(_, queue)| queue.len() == longest && longest > 0)
            else {
                break;
            };
            let start = program.operands.len();
            while let Some(i) = ready[at].1.pop_front() {
                program.operands.extend(&operations[i].operands);
                for &user in &users[i] {
                    missing[user] -= 1;
                    if missing[user] == 0 {
                        ready[queue_of(operations[user].kind)].1.push_back(user);
                    }
                }
            }
            program.runs.push((ready[at].0, start..program.operands.len()));
        }
        program
    }
}

/// For each operation those that must wait for it, and how many it waits for: readers wait for the last writer, a writer waits for
/// the last writer and for everyone who still reads the old value.
fn dependencies(operations: &[Operation], n: usize) -> (Vec<Vec<usize>>, Vec<usize>) {
    let mut writer: Vec<Option<usize>> = vec![None; n];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut users = vec![Vec::new(); operations.len()];
    let mut missing = vec![0; operations.len()];
    for (i, operation) in operations.iter().enumerate() {
        let mut before: Vec<usize> = operation.reads.iter().filter_map(|&q| writer[q]).collect();
        before.extend(writer[operation.target]);
        before.append(&mut readers[operation.target]);
        before.sort_unstable();
        before.dedup();
        for &b in &before {
            users[b].push(i);
        }
        missing[i] = before.len();
        for &q in &operation.reads {
            readers[q].push(i);
        }
        writer[operation.target] = Some(i);
    }
    (users, missing)
}
