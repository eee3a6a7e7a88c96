//! Sparse LU factorisation without pivoting, for eight matrices of one pattern at once.
//!
//! The matrices are `shift I - J` with a large enough shift (1 / (gamma h)), so that the diagonal leads; if it does not, the result is not
//! finite or wrong, the step is rejected and a smaller step makes the shift larger. The elimination order and every operation are found
//! once per pattern; factorising and solving then walk flat index lists.

mod order;
mod program;

use std::collections::BTreeMap;

use crate::lane::Lane;
use crate::system::Pattern;
use program::{Kind, MOST_PAIRS, Operation, Program};

/// Programs that factorise matrices of one pattern and solve with them.
#[derive(Clone, Debug)]
pub struct Factorisation {
    n_entries: usize,
    order: Vec<u16>,
    /// Where each entry of the pattern goes in the factorised matrix.
    place: Vec<u16>,
    diagonal: Vec<u16>,
    fill: Vec<u16>,
    factorise: Program,
    solve: Program,
}

impl Factorisation {
    /// Plans the elimination.
    ///
    /// # Panics
    /// If the factors need more than 65,536 entries.
    #[must_use]
    pub fn new(pattern: &Pattern) -> Self {
        let (order, structure) = order::markowitz(pattern);
        let mut slots = BTreeMap::new();
        for &i in &order {
            for &j in &structure.rows[i] {
                let next = u16::try_from(slots.len()).expect("factors have fewer than 65,536 entries");
                slots.insert((i, j), next);
            }
        }
        let place: Vec<u16> = pattern
            .entries
            .iter()
            .map(|&(i, j)| slots[&(i as usize, j as usize)])
            .collect();
        let plan = Plan::new(&order, &slots);
        Factorisation {
            n_entries: slots.len(),
            order: order.iter().map(|&i| i as u16).collect(),
            diagonal: (0..pattern.n).map(|i| slots[&(i, i)]).collect(),
            fill: (0..slots.len() as u16).filter(|slot| !place.contains(slot)).collect(),
            factorise: Program::schedule(&plan.factorisation(), slots.len()),
            solve: Program::schedule(&plan.solution(), pattern.n),
            place,
        }
    }

    /// Number of entries of the factors, fill-in included: the length of `matrix` below.
    #[must_use]
    pub fn n_entries(&self) -> usize {
        self.n_entries
    }

    /// The variables in the order of their elimination.
    #[must_use]
    pub fn order(&self) -> &[u16] {
        &self.order
    }

    /// `matrix = shift I - jacobian`, `jacobian` in the order of the pattern.
    #[inline(always)]
    pub fn assemble(&self, shift: Lane, jacobian: &[Lane], matrix: &mut [Lane]) {
        for &slot in &self.fill {
            matrix[slot as usize] = Lane::splat(0.0);
        }
        for (&slot, &entry) in self.place.iter().zip(jacobian) {
            matrix[slot as usize] = -entry;
        }
        for &slot in &self.diagonal {
            matrix[slot as usize] = shift + matrix[slot as usize];
        }
    }

    /// Replaces the matrix by its factors: unit lower triangle, upper triangle, reciprocals of the diagonal.
    #[inline(always)]
    pub fn factorise(&self, matrix: &mut [Lane]) {
        execute(&self.factorise, &mut InPlace(matrix));
    }

    /// Replaces `vector` by the solution of `matrix x = vector`, `matrix` holding the factors.
    #[inline(always)]
    pub fn solve(&self, matrix: &[Lane], vector: &mut [Lane]) {
        execute(&self.solve, &mut WithVector { matrix, vector });
    }
}

/// The matrix entries in elimination order, from which the operations are written down.
struct Plan<'a> {
    order: &'a [usize],
    slots: &'a BTreeMap<(usize, usize), u16>,
    position: Vec<usize>,
}

impl<'a> Plan<'a> {
    fn new(order: &'a [usize], slots: &'a BTreeMap<(usize, usize), u16>) -> Self {
        let mut position = vec![0; order.len()];
        for (at, &i) in order.iter().enumerate() {
            position[i] = at;
        }
        Plan { order, slots, position }
    }

    /// Columns of row `i` in elimination order.
    fn row(&self, i: usize) -> Vec<usize> {
        let mut columns: Vec<usize> = self
            .slots
            .range((i, 0)..=(i, usize::MAX))
            .map(|(&(_, j), _)| j)
            .collect();
        columns.sort_unstable_by_key(|&j| self.position[j]);
        columns
    }

    /// Row by row: a_ij -= sum of l_ik u_kj over k before both, then l_ij *= 1 / u_jj, and the diagonal is inverted.
    fn factorisation(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for &i in self.order {
            let row = self.row(i);
            for &j in &row {
                let target = self.slots[&(i, j)];
                let last = self.position[i].min(self.position[j]);
                let earlier = row.iter().take_while(|&&k| self.position[k] < last);
                let pairs = earlier
                    .filter_map(|&k| Some((self.slots[&(i, k)], *self.slots.get(&(k, j))?)))
                    .collect::<Vec<_>>();
                subtract(&mut operations, target, &pairs, |&(l, u)| vec![l as usize, u as usize]);
                if i == j {
                    operations.push(Operation {
                        kind: Kind::Reciprocal,
                        target: target as usize,
                        reads: vec![],
                        operands: vec![target],
                    });
                } else if self.position[j] < self.position[i] {
                    operations.push(scale(target, self.slots[&(j, j)], &[self.slots[&(j, j)] as usize]));
                }
            }
        }
        operations
    }

    /// Forward substitution with the lower triangle, then backward with the upper.
    fn solution(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        let pairs = |i: usize, upper: bool| -> Vec<(u16, u16)> {
            let wanted = |j: &usize| {
                if upper {
                    self.position[*j] > self.position[i]
                } else {
                    self.position[*j] < self.position[i]
                }
            };
            self.row(i)
                .into_iter()
                .filter(wanted)
                .map(|j| (self.slots[&(i, j)], j as u16))
                .collect()
        };
        let reads = |&(_, j): &(u16, u16)| vec![j as usize];
        for &i in self.order {
            subtract(&mut operations, i as u16, &pairs(i, false), reads);
        }
        for &i in self.order.iter().rev() {
            subtract(&mut operations, i as u16, &pairs(i, true), reads);
            operations.push(scale(i as u16, self.slots[&(i, i)], &[]));
        }
        operations
    }
}

/// Operations that subtract the products of `pairs` from `target`, a few at a time.
fn subtract(
    operations: &mut Vec<Operation>,
    target: u16,
    pairs: &[(u16, u16)],
    reads: impl Fn(&(u16, u16)) -> Vec<usize>,
) {
    for some in pairs.chunks(MOST_PAIRS) {
        let mut operands = vec![target];
        operands.extend(some.iter().flat_map(|&(left, right)| [left, right]));
        operations.push(Operation {
            kind: Kind::subtract(some.len()),
            target: target as usize,
            reads: some.iter().flat_map(&reads).collect(),
            operands,
        });
    }
}

fn scale(target: u16, by: u16, reads: &[usize]) -> Operation {
    Operation {
        kind: Kind::Scale,
        target: target as usize,
        reads: reads.to_vec(),
        operands: vec![target, by],
    }
}

/// Where the operands of a program live.
trait Operands {
    fn target(&mut self, i: u16) -> &mut Lane;
    fn left(&self, i: u16) -> Lane;
    fn right(&self, i: u16) -> Lane;
}

/// Everything in the matrix: factorisation.
struct InPlace<'a>(&'a mut [Lane]);

impl Operands for InPlace<'_> {
    #[inline(always)]
    fn target(&mut self, i: u16) -> &mut Lane {
        &mut self.0[i as usize]
    }
    #[inline(always)]
    fn left(&self, i: u16) -> Lane {
        self.0[i as usize]
    }
    #[inline(always)]
    fn right(&self, i: u16) -> Lane {
        self.0[i as usize]
    }
}

/// Coefficients in the matrix, unknowns in a vector: substitution.
struct WithVector<'a> {
    matrix: &'a [Lane],
    vector: &'a mut [Lane],
}

impl Operands for WithVector<'_> {
    #[inline(always)]
    fn target(&mut self, i: u16) -> &mut Lane {
        &mut self.vector[i as usize]
    }
    #[inline(always)]
    fn left(&self, i: u16) -> Lane {
        self.matrix[i as usize]
    }
    #[inline(always)]
    fn right(&self, i: u16) -> Lane {
        self.vector[i as usize]
    }
}

#[inline(always)]
fn execute(program: &Program, on: &mut impl Operands) {
    for (kind, range) in &program.runs {
        let operands = &program.operands[range.clone()];
        match kind {
            Kind::Subtract1 => subtract_run::<1, 3>(operands, on),
            Kind::Subtract2 => subtract_run::<2, 5>(operands, on),
            Kind::Subtract3 => subtract_run::<3, 7>(operands, on),
            Kind::Subtract4 => subtract_run::<4, 9>(operands, on),
            Kind::Scale => {
                for &[target, by] in operands.as_chunks().0 {
                    let factor = on.left(by);
                    *on.target(target) = *on.target(target) * factor;
                }
            }
            Kind::Reciprocal => {
                for &[target] in operands.as_chunks().0 {
                    *on.target(target) = Lane::splat(1.0) / *on.target(target);
                }
            }
        }
    }
}

/// `WIDTH` is `1 + 2 * PAIRS`.
#[inline(always)]
fn subtract_run<const PAIRS: usize, const WIDTH: usize>(operands: &[u16], on: &mut impl Operands) {
    for operation in operands.as_chunks::<WIDTH>().0 {
        let mut value = *on.target(operation[0]);
        for p in 0..PAIRS {
            value = value - on.left(operation[1 + 2 * p]) * on.right(operation[2 + 2 * p]);
        }
        *on.target(operation[0]) = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An arrow with a band: fills in under most orders, diagonally dominant.
    fn pattern(n: usize) -> Pattern {
        let wanted = |i: usize, j: usize| i == j || i == 0 || j == 0 || (i + 3) % n == j || (i * 7) % n == j;
        let entries = (0..n)
            .flat_map(|i| (0..n).filter(move |&j| wanted(i, j)).map(move |j| (i as u32, j as u32)))
            .collect();
        Pattern { n, entries }
    }

    fn entry(e: usize, lane: usize) -> f64 {
        ((e * 37 + lane * 11 + 5) as f64 * 0.618_033_988_749_894_9).fract() - 0.5
    }

    #[test]
    fn solution_satisfies_the_equations_in_every_lane() {
        let pattern = pattern(23);
        let lu = Factorisation::new(&pattern);
        let jacobian: Vec<Lane> = (0..pattern.entries.len())
            .map(|e| Lane(std::array::from_fn(|l| entry(e, l))))
            .collect();
        let shift = Lane(std::array::from_fn(|l| 20.0 + l as f64));
        let mut matrix = vec![Lane::splat(0.0); lu.n_entries()];
        lu.assemble(shift, &jacobian, &mut matrix);
        lu.factorise(&mut matrix);
        let right: Vec<Lane> = (0..pattern.n)
            .map(|i| Lane(std::array::from_fn(|l| entry(1000 + i, l))))
            .collect();
        let mut x = right.clone();
        lu.solve(&matrix, &mut x);
        for l in 0..crate::LANES {
            let mut residual: Vec<f64> = (0..pattern.n).map(|i| shift.0[l] * x[i].0[l] - right[i].0[l]).collect();
            for (e, &(i, j)) in pattern.entries.iter().enumerate() {
                residual[i as usize] -= jacobian[e].0[l] * x[j as usize].0[l];
            }
            // Backward error of elimination with a leading diagonal: a few n eps times right sides below 1.
            let bound = 8.0 * pattern.n as f64 * f64::EPSILON;
            assert!(residual.iter().all(|r| r.abs() < bound), "{residual:?}");
        }
    }

    #[test]
    fn an_arrow_is_eliminated_from_its_tips_without_fill_in() {
        let n = 9;
        let entries = (0..n)
            .flat_map(|i| (0..n).filter(move |&j| i == j || i == 0 || j == 0).map(move |j| (i, j)))
            .collect();
        let pattern = Pattern { n: n as usize, entries };
        assert_eq!(Factorisation::new(&pattern).n_entries(), pattern.entries.len());
    }

    #[test]
    fn one_unknown_is_a_division() {
        let lu = Factorisation::new(&Pattern {
            n: 1,
            entries: vec![(0, 0)],
        });
        let mut matrix = [Lane::splat(0.0)];
        lu.assemble(Lane::splat(3.0), &[Lane::splat(1.0)], &mut matrix);
        lu.factorise(&mut matrix);
        let mut x = [Lane::splat(8.0)];
        lu.solve(&matrix, &mut x);
        assert_eq!(x[0], Lane::splat(4.0));
    }
}
