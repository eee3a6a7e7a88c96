//! The restricted likelihood of a mixed model for repeated measures and its derivatives.
//!
//! Letters as in Kenward & Roger 1997, Biometrics 53:983: V covariance, V_i its derivative by parameter i, X design,
//! Phi = (X'V⁻¹X)⁻¹ covariance of the coefficients, P_i = -X'V⁻¹V_iV⁻¹X, Q_ij = X'V⁻¹V_iV⁻¹V_jV⁻¹X,
//! R_ij = X'V⁻¹V_ijV⁻¹X. M_i stands for -P_i. Sums over subjects run in the order given.

use super::structure::{Covariance, Structure};
use crate::matrix::{Cholesky, Matrix, dot};

/// Measurements of one subject: its rows of the design and its values, in order of visit.
pub(super) struct Subject {
    pub pattern: usize,
    pub design: Matrix,
    pub response: Vec<f64>,
}

/// Subjects, and the sets of visits that occur among them.
pub(super) struct Data {
    pub n_visits: usize,
    pub patterns: Vec<Vec<usize>>,
    pub subjects: Vec<Subject>,
}

/// The covariance at one set of visits.
struct Pattern {
    inverse: Matrix,
    log_determinant: f64,
    first: Vec<Matrix>,
    second: Vec<Vec<Option<Matrix>>>,
}

/// Everything at one set of parameters that does not need derivatives.
pub(super) struct Point {
    pub parameters: Vec<f64>,
    /// Of all visits.
    pub covariance: Covariance,
    patterns: Vec<Pattern>,
    pub phi: Matrix,
    pub coefficients: Vec<f64>,
    /// Minus twice the logarithm of the restricted likelihood.
    pub deviance: f64,
}

impl Data {
    fn n_columns(&self) -> usize {
        self.subjects[0].design.n_columns()
    }

    /// `None` where a covariance matrix, or X'V⁻¹X, is not positive definite.
    pub fn at(&self, structure: Structure, parameters: &[f64]) -> Option<Point> {
        let covariance = structure.covariance(self.n_visits, parameters);
        Cholesky::new(&covariance.value)?;
        let pattern = |visits: &Vec<usize>| Pattern::new(&covariance, visits);
        let patterns: Vec<Pattern> = self.patterns.iter().map(pattern).collect::<Option<_>>()?;
        let p = self.n_columns();
        let (mut information, mut products) = (Matrix::zeros(p, p), vec![0.0; p]);
        let mut log_determinants = 0.0;
        for s in &self.subjects {
            let pattern = &patterns[s.pattern];
            log_determinants += pattern.log_determinant;
            let weighted = pattern.inverse.times(&s.design);
            for (k, x) in s.design.rows().enumerate() {
                information.add_outer(1.0, x, weighted.row(k));
                for (sum, w) in products.iter_mut().zip(weighted.row(k)) {
                    *sum += w * s.response[k];
                }
            }
        }
        let factor = Cholesky::new(&information)?;
        let coefficients = factor.solve(&products);
        let n: usize = self.subjects.iter().map(|s| s.response.len()).sum();
        let squares: f64 = self
            .subjects
            .iter()
            .map(|s| patterns[s.pattern].inverse.quadratic_form(&s.residual(&coefficients)))
            .sum();
        let constant = (n - p) as f64 * libm::log(2.0 * std::f64::consts::PI);
        Some(Point {
            deviance: constant + log_determinants + factor.log_determinant() + squares,
            parameters: parameters.to_vec(),
            covariance,
            patterns,
            phi: factor.inverse(),
            coefficients,
        })
    }
}

impl Subject {
    fn residual(&self, coefficients: &[f64]) -> Vec<f64> {
        let fitted = self.design.times_vector(coefficients);
        self.response.iter().zip(&fitted).map(|(y, f)| y - f).collect()
    }
}

impl Pattern {
    fn new(covariance: &Covariance, visits: &[usize]) -> Option<Self> {
        let part = |matrix: &Matrix| matrix.submatrix(visits, visits);
        let factor = Cholesky::new(&part(&covariance.value))?;
        let second = |row: &Vec<Option<Matrix>>| row.iter().map(|m| m.as_ref().map(part)).collect();
        Some(Pattern {
            inverse: factor.inverse(),
            log_determinant: factor.log_determinant(),
            first: covariance.first.iter().map(part).collect(),
            second: covariance.second.iter().map(second).collect(),
        })
    }

    /// V⁻¹V_i for every parameter.
    fn relative(&self) -> Vec<Matrix> {
        self.first.iter().map(|v_i| self.inverse.times(v_i)).collect()
    }
}

/// Derivatives of the deviance by the parameters.
pub(super) struct Slopes {
    pub gradient: Vec<f64>,
    /// Second derivatives.
    pub observed: Matrix,
    /// Their expectation: tr(P V_i P V_j).
    pub expected: Matrix,
    /// M_i = X'V⁻¹V_iV⁻¹X.
    pub m: Vec<Matrix>,
}

impl Data {
    /// With e = V⁻¹(y - Xb), H = V⁻¹X Phi X'V⁻¹ and u_i = X'V⁻¹V_i e, the projection P = V⁻¹ - H gives
    /// gradient tr(P V_i) - e'V_i e and second derivative
    /// tr(P V_ij) - tr(P V_i P V_j) + 2 (e'V_iV⁻¹V_j e - u_i' Phi u_j) - e'V_ij e.
    pub fn slopes(&self, point: &Point) -> Slopes {
        let (n, p) = (point.parameters.len(), self.n_columns());
        let mut gradient = vec![0.0; n];
        let (mut observed, mut expected) = (Matrix::zeros(n, n), Matrix::zeros(n, n));
        let mut m = vec![Matrix::zeros(p, p); n];
        let mut u = vec![vec![0.0; p]; n];
        let relative: Vec<Vec<Matrix>> = point.patterns.iter().map(Pattern::relative).collect();
        for s in &self.subjects {
            let (pattern, relative) = (&point.patterns[s.pattern], &relative[s.pattern]);
            let weighted = pattern.inverse.times(&s.design);
            let h = weighted.times(&point.phi).times(&weighted.transposed());
            let e = pattern.inverse.times_vector(&s.residual(&point.coefficients));
            let pushed: Vec<Vec<f64>> = pattern.first.iter().map(|v_i| v_i.times_vector(&e)).collect();
            let projected: Vec<Matrix> = pattern.first.iter().map(|v_i| h.times(v_i)).collect();
            for i in 0..n {
                let v_i = &pattern.first[i];
                gradient[i] += pattern.inverse.inner(v_i) - h.inner(v_i) - dot(&pushed[i], &e);
                m[i].add_scaled(1.0, &weighted.transposed().times(v_i).times(&weighted));
                for (k, row) in weighted.rows().enumerate() {
                    for (sum, w) in u[i].iter_mut().zip(row) {
                        *sum += w * pushed[i][k];
                    }
                }
                for j in 0..=i {
                    let transposed = relative[j].transposed();
                    let trace = relative[i].inner(&transposed) - 2.0 * projected[i].inner(&transposed);
                    expected[(i, j)] += trace;
                    observed[(i, j)] += 2.0 * dot(&pushed[i], &pattern.inverse.times_vector(&pushed[j])) - trace;
                    if let Some(v_ij) = &pattern.second[i][j] {
                        observed[(i, j)] += pattern.inverse.inner(v_ij) - h.inner(v_ij) - v_ij.quadratic_form(&e);
                    }
                }
            }
        }
        let turned: Vec<Matrix> = m.iter().map(|m_i| point.phi.times(m_i)).collect();
        for i in 0..n {
            let phi_u = point.phi.times_vector(&u[i]);
            for j in 0..=i {
                let trace = turned[i].inner(&turned[j].transposed());
                expected[(i, j)] += trace;
                observed[(i, j)] -= trace + 2.0 * dot(&phi_u, &u[j]);
                expected[(j, i)] = expected[(i, j)];
                observed[(j, i)] = observed[(i, j)];
            }
        }
        Slopes {
            gradient,
            observed,
            expected,
            m,
        }
    }

    /// Phi + 2 Phi (sum of W_ij (Q_ij - P_i Phi P_j - R_ij / 4)) Phi, the covariance of Kenward and Roger.
    pub fn adjusted_covariance(&self, point: &Point, m: &[Matrix], w: &Matrix) -> Matrix {
        let (n, p) = (point.parameters.len(), self.n_columns());
        let mut sum = Matrix::zeros(p, p);
        // Inner matrices are alike for all subjects of a pattern: sum over parameters first, over subjects after.
        let inner: Vec<Matrix> = point
            .patterns
            .iter()
            .map(|pattern| pattern.inner_adjustment(w))
            .collect();
        for s in &self.subjects {
            sum.add_scaled(1.0, &s.design.transposed().times(&inner[s.pattern]).times(&s.design));
        }
        for i in 0..n {
            for j in 0..n {
                sum.add_scaled(-w[(i, j)], &m[i].times(&point.phi).times(&m[j]));
            }
        }
        let mut adjusted = point.phi.clone();
        adjusted.add_scaled(2.0, &point.phi.times(&sum).times(&point.phi));
        adjusted
    }
}

impl Pattern {
    /// Sum over i, j of W_ij (V⁻¹V_iV⁻¹V_jV⁻¹ - V⁻¹V_ijV⁻¹ / 4).
    fn inner_adjustment(&self, w: &Matrix) -> Matrix {
        let size = self.inverse.n_rows();
        let mut sum = Matrix::zeros(size, size);
        let relative = self.relative();
        for i in 0..relative.len() {
            for j in 0..relative.len() {
                let q = relative[i].times(&relative[j]).times(&self.inverse);
                sum.add_scaled(w[(i, j)], &q);
                if let Some(v_ij) = &self.second[i.max(j)][i.min(j)] {
                    let r = self.inverse.times(v_ij).times(&self.inverse);
                    sum.add_scaled(-0.25 * w[(i, j)], &r);
                }
            }
        }
        sum
    }
}
