//! Small dense matrices (columns below a hundred or so) and the Cholesky factor.

use std::ops::{Index, IndexMut};

/// Numbers in rows and columns, indexed by `(row, column)` from zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    n_rows: usize,
    n_columns: usize,
    values: Vec<f64>,
}

impl Index<(usize, usize)> for Matrix {
    type Output = f64;

    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        &self.values[row * self.n_columns + column]
    }
}

impl IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut f64 {
        &mut self.values[row * self.n_columns + column]
    }
}

impl Matrix {
    /// All zero.
    pub fn zeros(n_rows: usize, n_columns: usize) -> Self {
        Matrix {
            n_rows,
            n_columns,
            values: vec![0.0; n_rows * n_columns],
        }
    }

    /// Ones on the diagonal.
    pub fn identity(n: usize) -> Self {
        let mut matrix = Matrix::zeros(n, n);
        for i in 0..n {
            matrix[(i, i)] = 1.0;
        }
        matrix
    }

    /// From rows of equal length; panics if they differ.
    pub fn from_rows<R: AsRef<[f64]>>(rows: &[R]) -> Self {
        let n_columns = rows.first().map_or(0, |row| row.as_ref().len());
        let mut values = Vec::with_capacity(rows.len() * n_columns);
        for row in rows {
            assert_eq!(row.as_ref().len(), n_columns, "rows of one length");
            values.extend_from_slice(row.as_ref());
        }
        Matrix {
            n_rows: rows.len(),
            n_columns,
            values,
        }
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.n_columns..(row + 1) * self.n_columns]
    }

    /// Rows in order.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        (0..self.n_rows).map(|row| self.row(row))
    }

    /// Rows and columns exchanged.
    #[must_use]
    pub fn transposed(&self) -> Matrix {
        let mut result = Matrix::zeros(self.n_columns, self.n_rows);
        for i in 0..self.n_rows {
            for j in 0..self.n_columns {
                result[(j, i)] = self[(i, j)];
            }
        }
        result
    }

    /// Matrix product; panics unless the inner sizes agree.
    #[must_use]
    pub fn times(&self, other: &Matrix) -> Matrix {
        assert_eq!(self.n_columns, other.n_rows, "inner sizes");
        let mut result = Matrix::zeros(self.n_rows, other.n_columns);
        for i in 0..self.n_rows {
            for k in 0..self.n_columns {
                let factor = self[(i, k)];
                for j in 0..other.n_columns {
                    result[(i, j)] += factor * other[(k, j)];
                }
            }
        }
        result
    }

    /// Product with a column vector.
    pub fn times_vector(&self, x: &[f64]) -> Vec<f64> {
        assert_eq!(self.n_columns, x.len(), "inner sizes");
        self.rows().map(|row| dot(row, x)).collect()
    }

    /// `x' A x`.
    pub fn quadratic_form(&self, x: &[f64]) -> f64 {
        dot(&self.times_vector(x), x)
    }

    /// The rows and columns named by `indices`, in that order.
    #[must_use]
    pub fn submatrix(&self, rows: &[usize], columns: &[usize]) -> Matrix {
        let mut result = Matrix::zeros(rows.len(), columns.len());
        for (i, &row) in rows.iter().enumerate() {
            for (j, &column) in columns.iter().enumerate() {
                result[(i, j)] = self[(row, column)];
            }
        }
        result
    }

    /// Adds `factor` times `other`, of the same shape.
    pub fn add_scaled(&mut self, factor: f64, other: &Matrix) {
        assert_eq!(
            (self.n_rows, self.n_columns),
            (other.n_rows, other.n_columns),
            "one shape"
        );
        for (value, addend) in self.values.iter_mut().zip(&other.values) {
            *value += factor * addend;
        }
    }

    /// Adds `factor` times `x y'`.
    pub(crate) fn add_outer(&mut self, factor: f64, x: &[f64], y: &[f64]) {
        for (row, x_i) in self.values.chunks_exact_mut(self.n_columns.max(1)).zip(x) {
            for (value, y_j) in row.iter_mut().zip(y) {
                *value += factor * x_i * y_j;
            }
        }
    }

    /// Sum of the products of entries in the same place; the trace of `A B'`.
    pub(crate) fn inner(&self, other: &Matrix) -> f64 {
        dot(&self.values, &other.values)
    }
}

/// Sum of products.
pub(crate) fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

/// The lower triangular `L` with `A = L L'`; `None` if `a` is not positive definite.
pub fn lower_factor(a: &Matrix) -> Option<Matrix> {
    Cholesky::new(a).map(|factor| factor.lower)
}

/// `A = L L'` for a symmetric positive definite `A`.
#[derive(Clone, Debug)]
pub(crate) struct Cholesky {
    lower: Matrix,
}

impl Cholesky {
    /// `None` if `a` is not positive definite; a pivot below 1e-11 of its diagonal entry counts as zero, because about
    /// that much of it is rounding once columns are as collinear as that.
    pub fn new(a: &Matrix) -> Option<Self> {
        assert_eq!(a.n_rows, a.n_columns, "a square matrix");
        let n = a.n_rows;
        let mut lower = Matrix::zeros(n, n);
        for j in 0..n {
            let pivot = a[(j, j)] - dot(&lower.row(j)[..j], &lower.row(j)[..j]);
            if pivot.is_nan() || pivot <= 1e-11 * a[(j, j)].abs() || !pivot.is_finite() {
                return None;
            }
            lower[(j, j)] = pivot.sqrt();
            for i in j + 1..n {
                let below = a[(i, j)] - dot(&lower.row(i)[..j], &lower.row(j)[..j]);
                lower[(i, j)] = below / lower[(j, j)];
            }
        }
        Some(Cholesky { lower })
    }

    /// The lower factor.
    pub fn lower(&self) -> &Matrix {
        &self.lower
    }

    /// Solves `A x = b`.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let n = b.len();
        let mut x = b.to_vec();
        for i in 0..n {
            x[i] = (x[i] - dot(&self.lower.row(i)[..i], &x[..i])) / self.lower[(i, i)];
        }
        for i in (0..n).rev() {
            let above: f64 = (i + 1..n).map(|k| self.lower[(k, i)] * x[k]).sum();
            x[i] = (x[i] - above) / self.lower[(i, i)];
        }
        x
    }

    /// Solves `A X = B` column by column.
    pub fn solve_matrix(&self, b: &Matrix) -> Matrix {
        let columns: Vec<Vec<f64>> = b.transposed().rows().map(|column| self.solve(column)).collect();
        Matrix::from_rows(&columns).transposed()
    }

    /// Inverse of `A`.
    pub fn inverse(&self) -> Matrix {
        self.solve_matrix(&Matrix::identity(self.lower.n_rows))
    }

    /// Natural logarithm of the determinant of `A`.
    pub fn log_determinant(&self) -> f64 {
        (0..self.lower.n_rows)
            .map(|i| 2.0 * libm::log(self.lower[(i, i)]))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factor_solves_inverts_and_gives_the_determinant() {
        let a = Matrix::from_rows(&[[4.0, 2.0, 0.0], [2.0, 5.0, 1.0], [0.0, 1.0, 3.0]]);
        let factor = Cholesky::new(&a).unwrap();
        let product = a.times(&factor.inverse());
        for i in 0..3 {
            for j in 0..3 {
                let expected = f64::from(u8::from(i == j));
                assert!((product[(i, j)] - expected).abs() < 1e-15);
            }
        }
        // 4 (15 - 1) - 2 (6 - 0) = 44.
        assert!((factor.log_determinant() - 44f64.ln()).abs() < 1e-14);
        let x = factor.solve(&[8.0, 15.0, 11.0]);
        assert!(
            x.iter()
                .zip([1.0, 2.0, 3.0])
                .all(|(got, expected)| (got - expected).abs() < 1e-14)
        );
    }

    #[test]
    fn dependent_columns_have_no_factor() {
        assert!(Cholesky::new(&Matrix::from_rows(&[[1.0, 2.0], [2.0, 4.0]])).is_none());
        assert!(Cholesky::new(&Matrix::from_rows(&[[f64::NAN]])).is_none());
    }
}
