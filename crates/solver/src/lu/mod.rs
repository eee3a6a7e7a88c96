//! Sparse LU factorisation without pivoting, for eight matrices of one pattern at once.
//!
//! The matrices are `shift I - J` with a large enough shift (1 / (gamma h)), so that the diagonal leads; if it does not, the result is not
//! finite or wrong, the step is rejected and a smaller step makes the shift larger. The elimination order and every operation are found
//! once per pattern; factorising and solving then walk flat index lists.

mod execute;
mod order;
mod plan;
mod program;

use std::collections::BTreeMap;

use crate::lane::Lane;
use crate::system::Pattern;
pub use plan::{Operation, Row};
use program::Program;

/// Programs that factorise matrices of one pattern and solve with them.
#[derive(Clone, Debug)]
pub struct Factorisation {
    n_entries: usize,
    order: Vec<u32>,
    /// Where each entry of the pattern goes in the factorised matrix.
    place: Vec<u32>,
    diagonal: Vec<u32>,
    fill: Vec<u32>,
    rows: Vec<Row>,
    factorise: Program,
    solve: Program,
}

impl Factorisation {
    /// Plans the elimination.
    #[must_use]
    pub fn new(pattern: &Pattern) -> Self {
        let (order, structure) = order::markowitz(pattern);
        let mut slots = BTreeMap::new();
        for &i in &order {
            for &j in &structure.rows[i] {
                let next = u32::try_from(slots.len()).expect("factors have fewer than 2^32 entries");
                slots.insert((i, j), next);
            }
        }
        let place = pattern.entries.iter().map(|&(i, j)| slots[&(i as usize, j as usize)]);
        let place: Vec<u32> = place.collect();
        let mut is_fill = vec![true; slots.len()];
        for &slot in &place {
            is_fill[slot as usize] = false;
        }
        let rows = plan::rows(&order, &structure, &slots);
        let factorise = rows.iter().flat_map(|row| &row.factorise).copied();
        let forward = rows.iter().flat_map(|row| &row.forward);
        let solve = forward.chain(rows.iter().rev().flat_map(|row| &row.backward)).copied();
        Factorisation {
            n_entries: slots.len(),
            diagonal: (0..pattern.n).map(|i| slots[&(i, i)]).collect(),
            fill: (0..slots.len() as u32).filter(|&slot| is_fill[slot as usize]).collect(),
            factorise: Program::schedule(&plan::instructions(factorise, true), slots.len()),
            solve: Program::schedule(&plan::instructions(solve, false), pattern.n),
            order: order.iter().map(|&i| i as u32).collect(),
            rows,
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
    pub fn order(&self) -> &[u32] {
        &self.order
    }

    /// Every operation, by row in the order of elimination: what [`Self::factorise`] and [`Self::solve`] compute, for those who compile it.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Where each entry of the pattern lies in the matrix.
    #[must_use]
    pub fn places(&self) -> &[u32] {
        &self.place
    }

    /// Where the diagonal entry of each row lies in the matrix.
    #[must_use]
    pub fn diagonal(&self) -> &[u32] {
        &self.diagonal
    }

    /// `matrix = jacobian - shift I`, `jacobian` in the order of the pattern.
    #[inline(always)]
    pub fn assemble(&self, shift: Lane, jacobian: &[Lane], matrix: &mut [Lane]) {
        for &slot in &self.fill {
            matrix[slot as usize] = Lane::splat(0.0);
        }
        for (&slot, &entry) in self.place.iter().zip(jacobian) {
            matrix[slot as usize] = entry;
        }
        for &slot in &self.diagonal {
            matrix[slot as usize] = matrix[slot as usize] - shift;
        }
    }

    /// Replaces the matrix by its factors: lower triangle negated, diagonal replaced by the negated reciprocal of its pivot.
    #[inline(always)]
    pub fn factorise(&self, matrix: &mut [Lane]) {
        execute::in_place(&self.factorise, matrix);
    }

    /// Replaces `vector` by the solution of `(shift I - jacobian) x = vector`, `matrix` holding the factors.
    #[inline(always)]
    pub fn solve(&self, matrix: &[Lane], vector: &mut [Lane]) {
        execute::with_vector(&self.solve, matrix, vector);
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

    /// The safe twin of the executor: one operation after the other, every access checked.
    fn apply(operation: Operation, left: &[Lane], target: &mut [Lane]) {
        match operation {
            Operation::AddProduct {
                target: t,
                left: l,
                right,
            } => {
                target[t as usize] = target[t as usize] + left[l as usize] * target[right as usize];
            }
            Operation::Scale { target: t, by } => target[t as usize] = target[t as usize] * left[by as usize],
            Operation::Invert { target: t } => target[t as usize] = Lane::splat(-1.0) / target[t as usize],
        }
    }

    #[test]
    fn programs_give_the_bits_of_their_operations() {
        let pattern = pattern(31);
        let lu = Factorisation::new(&pattern);
        let jacobian: Vec<Lane> = (0..pattern.entries.len())
            .map(|e| Lane(std::array::from_fn(|l| entry(e, l))))
            .collect();
        let mut matrix = vec![Lane::splat(0.0); lu.n_entries()];
        lu.assemble(Lane::splat(17.0), &jacobian, &mut matrix);
        let mut checked = matrix.clone();
        lu.factorise(&mut matrix);
        for &operation in lu.rows().iter().flat_map(|row| &row.factorise) {
            let left = checked.clone();
            apply(operation, &left, &mut checked);
        }
        assert_eq!(matrix, checked);

        let mut x: Vec<Lane> = (0..pattern.n).map(|i| Lane::splat(entry(500 + i, 3))).collect();
        let mut slow = x.clone();
        lu.solve(&matrix, &mut x);
        let forward = lu.rows().iter().flat_map(|row| &row.forward);
        for &operation in forward.chain(lu.rows().iter().rev().flat_map(|row| &row.backward)) {
            apply(operation, &matrix, &mut slow);
        }
        assert_eq!(x, slow);
    }

    #[test]
    #[should_panic(expected = "too small")]
    fn a_matrix_that_is_too_small_is_refused() {
        let lu = Factorisation::new(&pattern(9));
        lu.factorise(&mut vec![Lane::splat(1.0); lu.n_entries() - 1]);
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
