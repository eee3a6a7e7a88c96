//! Sparse LU factorisation with row pivoting.
//!
//! Columns are eliminated left to right in an order of few new entries, each by one sparse triangular solve (Gilbert & Peierls
//! 1988, SIAM J. Sci. Stat. Comput. 9:862). Where entries appear and which rows are pivots is kept for the next matrix of the
//! same pattern, which then costs only the arithmetic; it is found anew when a kept pivot becomes small. So memory and time
//! follow the entries of the factors, not n².

use super::order::fewest_neighbours_first;

/// A pivot may be so much smaller than the largest entry of its column.
const SMALLEST_PIVOT: f64 = 0.1;
/// The position of a row that is no pivot yet.
const NONE: u32 = u32::MAX;

/// A matrix and its factors.
///
/// Pivots kept from one matrix to the next enter the rounding of the next: for results that depend on nothing else, begin each
/// simulation with new ones.
#[derive(Clone, Debug)]
pub struct Factors {
    /// Unknown eliminated at each position, and the reverse.
    order: Vec<u32>,
    position: Vec<u32>,
    /// The matrix: columns in the order of elimination, rows as they are.
    matrix: Columns,
    /// Multipliers below the diagonal.
    lower: Columns,
    /// What is above the diagonal; the entries of a column in an order in which they can be computed.
    upper: Columns,
    diagonal: Vec<f64>,
    /// Position at which each row is the pivot.
    pivot: Vec<u32>,
    /// Rows of the factors are positions and the pattern is known.
    is_planned: bool,
    /// One column; zero between uses.
    work: Vec<f64>,
    search: Search,
}

/// Columns of a sparse matrix, one after the other.
#[derive(Clone, Debug)]
struct Columns {
    /// Where each column begins; the end of the last.
    start: Vec<usize>,
    rows: Vec<u32>,
    values: Vec<f64>,
}

impl Columns {
    fn new() -> Self {
        Columns {
            start: vec![0],
            rows: Vec::new(),
            values: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.start.truncate(1);
        self.rows.clear();
        self.values.clear();
    }

    fn push(&mut self, row: u32, value: f64) {
        self.rows.push(row);
        self.values.push(value);
    }

    fn end_column(&mut self) {
        self.start.push(self.rows.len());
    }

    fn range(&self, column: usize) -> std::ops::Range<usize> {
        self.start[column]..self.start[column + 1]
    }

    /// `vector -= factor column`.
    fn subtract(&self, column: usize, factor: f64, vector: &mut [f64]) {
        let range = self.range(column);
        for (&row, value) in self.rows[range.clone()].iter().zip(&self.values[range]) {
            vector[row as usize] -= value * factor;
        }
    }
}

/// Where the entries of a column of the factors are: everything that can be reached from the entries of the matrix.
#[derive(Clone, Debug, Default)]
struct Search {
    /// Column at which each row was last met.
    met: Vec<u32>,
    /// Rows on the way, and how much of their columns was seen.
    path: Vec<(u32, usize)>,
    /// Rows that are pivots already, each before those that need it, backwards.
    above: Vec<u32>,
    /// Rows that may become the pivot.
    below: Vec<u32>,
}

impl Search {
    /// Everything reached from row `from` in column `k`; rows of `lower` are rows of the matrix.
    fn reach(&mut self, from: u32, k: u32, lower: &Columns, pivot: &[u32]) {
        if self.met[from as usize] == k {
            return;
        }
        self.met[from as usize] = k;
        self.path.push((from, 0));
        while let Some((row, seen)) = self.path.pop() {
            let at = pivot[row as usize];
            if at == NONE {
                self.below.push(row);
                continue;
            }
            let column = &lower.rows[lower.range(at as usize)];
            match (seen..column.len()).find(|&s| self.met[column[s] as usize] != k) {
                Some(next) => {
                    self.met[column[next] as usize] = k;
                    self.path.push((row, next + 1));
                    self.path.push((column[next], 0));
                }
                None => self.above.push(row),
            }
        }
    }
}

impl Factors {
    /// Room for matrices whose entries stand at `pattern` (row, column) and on the diagonal.
    pub fn new(n: usize, pattern: &[(usize, usize)]) -> Self {
        let order = fewest_neighbours_first(n, pattern);
        let mut position = vec![0; n];
        for (at, &unknown) in order.iter().enumerate() {
            position[unknown] = at as u32;
        }
        let mut columns: Vec<Vec<u32>> = order.iter().map(|&unknown| vec![unknown as u32]).collect();
        for &(row, column) in pattern {
            columns[position[column] as usize].push(row as u32);
        }
        let mut matrix = Columns::new();
        for mut rows in columns {
            rows.sort_unstable();
            rows.dedup();
            rows.into_iter().for_each(|row| matrix.push(row, 0.0));
            matrix.end_column();
        }
        Factors {
            order: order.into_iter().map(|unknown| unknown as u32).collect(),
            position,
            matrix,
            lower: Columns::new(),
            upper: Columns::new(),
            diagonal: vec![0.0; n],
            pivot: vec![NONE; n],
            is_planned: false,
            work: vec![0.0; n],
            search: Search::default(),
        }
    }

    /// Starts a new matrix of zeros.
    pub fn clear(&mut self) {
        self.matrix.values.fill(0.0);
    }

    /// Adds to an entry, which must be one of the pattern.
    pub fn add(&mut self, row: usize, column: usize, value: f64) {
        let range = self.matrix.range(self.position[column] as usize);
        let found = self.matrix.rows[range.clone()].binary_search(&(row as u32));
        let at = found.expect("the entry stands in the pattern");
        self.matrix.values[range.start + at] += value;
    }

    /// Entries of both factors; none before the first factorisation.
    pub fn entries(&self) -> usize {
        self.lower.rows.len() + self.upper.rows.len() + if self.is_planned { self.diagonal.len() } else { 0 }
    }

    /// Factorises what was added; false if the matrix is singular or not finite.
    pub fn factorise(&mut self) -> bool {
        (self.is_planned && self.factorise_again()) || self.factorise_anew()
    }

    /// With the pattern and the pivots of the last matrix; false if a pivot is too small now.
    fn factorise_again(&mut self) -> bool {
        for k in 0..self.order.len() {
            for at in self.matrix.range(k) {
                let place = self.pivot[self.matrix.rows[at] as usize];
                self.work[place as usize] = self.matrix.values[at];
            }
            for at in self.upper.range(k) {
                let above = self.upper.rows[at] as usize;
                let value = std::mem::take(&mut self.work[above]);
                self.upper.values[at] = value;
                self.lower.subtract(above, value, &mut self.work);
            }
            let pivot = std::mem::take(&mut self.work[k]);
            let below = self.lower.range(k);
            let mut largest = pivot.abs();
            for at in below {
                let value = std::mem::take(&mut self.work[self.lower.rows[at] as usize]);
                largest = larger(largest, value.abs());
                self.lower.values[at] = value / pivot;
            }
            if !(largest > 0.0 && largest.is_finite() && pivot.abs() >= SMALLEST_PIVOT * largest) {
                return false;
            }
            self.diagonal[k] = pivot;
        }
        true
    }

    /// From nothing: finds where entries appear and chooses pivots.
    fn factorise_anew(&mut self) -> bool {
        let n = self.order.len();
        self.is_planned = false;
        self.lower.clear();
        self.upper.clear();
        self.pivot.fill(NONE);
        self.search.met = vec![NONE; n];
        for k in 0..n {
            self.search.above.clear();
            self.search.below.clear();
            for at in self.matrix.range(k) {
                let row = self.matrix.rows[at];
                self.work[row as usize] = self.matrix.values[at];
                self.search.reach(row, k as u32, &self.lower, &self.pivot);
            }
            if !self.eliminate(k) {
                self.work.fill(0.0);
                return false;
            }
        }
        for row in &mut self.lower.rows {
            *row = self.pivot[*row as usize];
        }
        self.is_planned = true;
        true
    }

    /// Computes column `k`, whose entries were found; false if it has no pivot.
    fn eliminate(&mut self, k: usize) -> bool {
        for &row in self.search.above.iter().rev() {
            let value = std::mem::take(&mut self.work[row as usize]);
            let above = self.pivot[row as usize];
            self.upper.push(above, value);
            self.lower.subtract(above as usize, value, &mut self.work);
        }
        self.upper.end_column();
        let size = |row: u32| self.work[row as usize].abs();
        let best = self
            .search
            .below
            .iter()
            .copied()
            .reduce(|a, b| if larger(size(a), size(b)) > size(a) { b } else { a });
        let Some(best) = best.filter(|&row| size(row) > 0.0 && size(row).is_finite()) else {
            return false;
        };
        // The diagonal keeps the order, and with it the few entries.
        let own = self.order[k];
        let suits = self.pivot[own as usize] == NONE && size(own) >= SMALLEST_PIVOT * size(best);
        let chosen = if suits { own } else { best };
        let pivot = std::mem::take(&mut self.work[chosen as usize]);
        self.pivot[chosen as usize] = k as u32;
        self.diagonal[k] = pivot;
        for &row in self.search.below.iter().filter(|&&row| row != chosen) {
            let value = std::mem::take(&mut self.work[row as usize]);
            self.lower.push(row, value / pivot);
        }
        self.lower.end_column();
        true
    }

    /// Replaces `vector` by the solution.
    pub fn solve(&mut self, vector: &mut [f64]) {
        let x = &mut self.work;
        for (&place, &value) in self.pivot.iter().zip(vector.iter()) {
            x[place as usize] = value;
        }
        for k in 0..vector.len() {
            self.lower.subtract(k, x[k], x);
        }
        for k in (0..vector.len()).rev() {
            x[k] /= self.diagonal[k];
            self.upper.subtract(k, x[k], x);
        }
        for (&unknown, value) in self.order.iter().zip(x) {
            vector[unknown as usize] = std::mem::take(value);
        }
    }
}

/// The larger one; what is not a number counts as larger than all.
fn larger(a: f64, b: f64) -> f64 {
    if a.total_cmp(&b).is_ge() { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everywhere(n: usize) -> Vec<(usize, usize)> {
        (0..n * n).map(|at| (at / n, at % n)).collect()
    }

    /// Factorises and solves for a right side whose solution is known; the largest error.
    fn error_of(factors: &mut Factors, entries: &[(usize, usize, f64)], exact: &[f64]) -> f64 {
        factors.clear();
        let mut vector = vec![0.0; exact.len()];
        for &(i, j, value) in entries {
            factors.add(i, j, value);
            vector[i] += value * exact[j];
        }
        assert!(factors.factorise());
        factors.solve(&mut vector);
        vector.iter().zip(exact).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn solves_a_system_that_needs_pivoting() {
        // 0 x + 2 y = 4, 3 x + y = 5, z = y
        let entries = [(0, 1, 2.0), (1, 0, 3.0), (1, 1, 1.0), (2, 2, 1.0), (2, 1, -1.0)];
        let mut factors = Factors::new(3, &entries.map(|e| (e.0, e.1)));
        assert!(error_of(&mut factors, &entries, &[1.0, 2.0, 2.0]) < 1e-14);
    }

    #[test]
    fn rows_exchanged_late_take_their_multipliers_along() {
        let matrix = [
            [4.0, 1.0, 0.0, 2.0],
            [2.0, 0.5, 3.0, 1.0],
            [0.0, 5.0, 1.0, 0.0],
            [1.0, 0.0, 0.0, 7.0],
        ];
        let entries: Vec<_> = everywhere(4).into_iter().map(|(i, j)| (i, j, matrix[i][j])).collect();
        let mut factors = Factors::new(4, &everywhere(4));
        assert!(error_of(&mut factors, &entries, &[1.0, -2.0, 3.0, -4.0]) < 1e-13);
    }

    #[test]
    fn the_next_matrix_may_need_other_pivots() {
        let mut factors = Factors::new(2, &everywhere(2));
        let exact = [3.0, -1.0];
        for [a, b] in [[1.0, 0.5], [0.9, 1.0], [1e-9, 1.0], [0.0, 2.0], [5.0, 1.0]] {
            let entries = [(0, 0, a), (0, 1, b), (1, 0, b), (1, 1, -a)];
            assert!(error_of(&mut factors, &entries, &exact) < 1e-14, "{a} {b}");
        }
    }

    #[test]
    fn a_singular_matrix_is_refused_and_the_next_one_is_not() {
        let mut factors = Factors::new(2, &[(0, 1)]);
        factors.add(0, 1, 1.0);
        assert!(!factors.factorise());
        for value in [f64::NAN, f64::INFINITY] {
            factors.clear();
            factors.add(0, 0, value);
            factors.add(1, 1, 1.0);
            assert!(!factors.factorise());
        }
        assert!(error_of(&mut factors, &[(0, 0, 2.0), (1, 1, 4.0), (0, 1, 1.0)], &[1.0, 2.0]) < 1e-15);
    }

    /// Five-point grid of `side * side` unknowns: 2n(1 + log2 side) n would be nested dissection's entries up to a constant.
    #[test]
    fn a_grid_fills_in_no_more_than_nested_dissection_does() {
        let side = 60;
        let n = side * side;
        let mut entries: Vec<(usize, usize, f64)> = (0..n).map(|i| (i, i, 4.5)).collect();
        for i in 0..n {
            let right = (i % side + 1 < side).then_some(i + 1);
            for j in right.into_iter().chain((i + side < n).then_some(i + side)) {
                entries.extend([(i, j, -1.0), (j, i, -1.0)]);
            }
        }
        let pattern: Vec<_> = entries.iter().map(|e| (e.0, e.1)).collect();
        let mut factors = Factors::new(n, &pattern);
        let exact: Vec<f64> = (0..n).map(|i| (i % 7) as f64 - 3.0).collect();
        assert!(error_of(&mut factors, &entries, &exact) < 1e-12);
        // George 1973, SIAM J. Numer. Anal. 10:345: 31/4 n log2(side) entries in the lower factor, to leading order.
        let dissected = 2.0 * 31.0 / 4.0 * n as f64 * (side as f64).log2();
        assert!((factors.entries() as f64) < dissected, "{} entries", factors.entries());
        println!("{} entries of {n} unknowns", factors.entries());
    }
}
