//! LU factorisation with row pivoting that skips zeros.
//!
//! Rows are dense, so memory is n², but only entries that are there cost time: with unknowns of few neighbours eliminated
//! first, networks of thousands of species factorise in a fraction of a second.

/// A factorised matrix.
#[derive(Clone, Debug)]
pub struct Factors {
    n: usize,
    /// Position of each unknown in the order of elimination.
    position: Vec<usize>,
    order: Vec<usize>,
    matrix: Vec<f64>,
    pivots: Vec<usize>,
    /// Columns of the upper triangle that are not zero, row by row.
    upper: Vec<Vec<usize>>,
    /// Rows below the pivot with a multiplier, column by column.
    lower: Vec<Vec<usize>>,
}

impl Factors {
    /// Room for matrices whose entries stand at `pattern` (row, column) and on the diagonal.
    pub fn new(n: usize, pattern: &[(usize, usize)]) -> Self {
        let order = fewest_neighbours_first(n, pattern);
        let mut position = vec![0; n];
        for (at, &unknown) in order.iter().enumerate() {
            position[unknown] = at;
        }
        Factors {
            n,
            position,
            order,
            matrix: vec![0.0; n * n],
            pivots: vec![0; n],
            upper: vec![Vec::new(); n],
            lower: vec![Vec::new(); n],
        }
    }

    /// Starts a new matrix of zeros.
    pub fn clear(&mut self) {
        self.matrix.fill(0.0);
    }

    /// Adds to an entry.
    pub fn add(&mut self, row: usize, column: usize, value: f64) {
        self.matrix[self.position[row] * self.n + self.position[column]] += value;
    }

    /// Factorises what was added; false if the matrix is singular or not finite.
    pub fn factorise(&mut self) -> bool {
        let n = self.n;
        for k in 0..n {
            let Some(best) = self.pivot(k) else { return false };
            self.pivots[k] = best;
            if best != k {
                let (upper, lower) = self.matrix.split_at_mut(best * n);
                upper[k * n..(k + 1) * n].swap_with_slice(&mut lower[..n]);
            }
            let (above, below) = self.matrix.split_at_mut((k + 1) * n);
            let row = &above[k * n..];
            let columns = &mut self.upper[k];
            columns.clear();
            columns.extend((k + 1..n).filter(|&j| row[j].abs() > 0.0));
            for other in below.chunks_exact_mut(n) {
                if other[k].abs() > 0.0 {
                    let factor = other[k] / row[k];
                    other[k] = factor;
                    for &j in columns.iter() {
                        other[j] -= factor * row[j];
                    }
                }
            }
        }
        self.list_multipliers();
        true
    }

    /// Rows are exchanged until the last column, so where multipliers stand is known only then.
    fn list_multipliers(&mut self) {
        self.lower.iter_mut().for_each(Vec::clear);
        for row in 1..self.n {
            for k in 0..row {
                if self.matrix[row * self.n + k].abs() > 0.0 {
                    self.lower[k].push(row);
                }
            }
        }
    }

    /// The row with the largest entry in column k; the diagonal if it is within a factor of ten, which keeps the order.
    fn pivot(&self, k: usize) -> Option<usize> {
        let entry = |row: usize| self.matrix[row * self.n + k].abs();
        let best = (k..self.n).max_by(|&a, &b| entry(a).total_cmp(&entry(b)))?;
        if !(entry(best) > 0.0 && entry(best).is_finite()) {
            return None;
        }
        Some(if entry(k) >= 0.1 * entry(best) { k } else { best })
    }

    /// Replaces `vector` by the solution.
    pub fn solve(&self, vector: &mut [f64]) {
        let n = self.n;
        let mut x: Vec<f64> = self.order.iter().map(|&unknown| vector[unknown]).collect();
        // Multipliers were swapped along with their rows, so all exchanges come first.
        for k in 0..n {
            x.swap(k, self.pivots[k]);
        }
        for k in 0..n {
            for &row in &self.lower[k] {
                x[row] -= self.matrix[row * n + k] * x[k];
            }
        }
        for k in (0..n).rev() {
            let sum: f64 = self.upper[k].iter().map(|&j| self.matrix[k * n + j] * x[j]).sum();
            x[k] = (x[k] - sum) / self.matrix[k * n + k];
        }
        for (at, &unknown) in self.order.iter().enumerate() {
            vector[unknown] = x[at];
        }
    }
}

/// Unknowns in order of their number of neighbours, neighbours of the eliminated joined (minimum degree).
fn fewest_neighbours_first(n: usize, pattern: &[(usize, usize)]) -> Vec<usize> {
    use std::collections::BTreeSet;
    let mut neighbours = vec![BTreeSet::new(); n];
    for &(i, j) in pattern.iter().filter(|(i, j)| i != j) {
        neighbours[i].insert(j);
        neighbours[j].insert(i);
    }
    let mut queue: BTreeSet<(usize, usize)> = (0..n).map(|i| (neighbours[i].len(), i)).collect();
    let mut order = Vec::with_capacity(n);
    while let Some((_, next)) = queue.pop_first() {
        order.push(next);
        let around: Vec<usize> = std::mem::take(&mut neighbours[next]).into_iter().collect();
        // A hub that touches nearly everything ends the search: the rest is dense in any order.
        let dense = around.len() > 200;
        for &i in &around {
            queue.remove(&(neighbours[i].len(), i));
            neighbours[i].remove(&next);
            if !dense {
                neighbours[i].extend(around.iter().copied().filter(|&j| j != i));
            }
            queue.insert((neighbours[i].len(), i));
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_a_system_that_needs_pivoting() {
        // 0 x + 2 y = 4, 3 x + y = 5, z = y
        let entries = [(0, 1, 2.0), (1, 0, 3.0), (1, 1, 1.0), (2, 2, 1.0), (2, 1, -1.0)];
        let mut factors = Factors::new(3, &entries.map(|e| (e.0, e.1)));
        entries.iter().for_each(|&(i, j, x)| factors.add(i, j, x));
        assert!(factors.factorise());
        let mut vector = [4.0, 5.0, 0.0];
        factors.solve(&mut vector);
        assert!(
            vector.iter().zip([1.0, 2.0, 2.0]).all(|(a, b)| (a - b).abs() < 1e-14),
            "{vector:?}"
        );
    }

    #[test]
    fn rows_exchanged_late_take_their_multipliers_along() {
        let matrix = [
            [4.0, 1.0, 0.0, 2.0],
            [2.0, 0.5, 3.0, 1.0],
            [0.0, 5.0, 1.0, 0.0],
            [1.0, 0.0, 0.0, 7.0],
        ];
        let exact = [1.0, -2.0, 3.0, -4.0];
        let mut factors = Factors::new(4, &[]);
        let mut vector = [0.0; 4];
        for i in 0..4 {
            for j in 0..4 {
                factors.add(i, j, matrix[i][j]);
                vector[i] += matrix[i][j] * exact[j];
            }
        }
        assert!(factors.factorise());
        factors.solve(&mut vector);
        assert!(
            vector.iter().zip(exact).all(|(a, b)| (a - b).abs() < 1e-13),
            "{vector:?}"
        );
    }

    #[test]
    fn a_singular_matrix_is_refused() {
        let mut factors = Factors::new(2, &[(0, 1)]);
        factors.add(0, 1, 1.0);
        assert!(!factors.factorise());
    }
}
