//! Linear regression with equal variance, of which analysis of covariance (ANCOVA) is the usual case.

use crate::FitError;
use crate::contrast::Contrast;
use crate::matrix::{Cholesky, Matrix, dot};

/// A fitted linear regression.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearFit {
    /// Change of the response per unit of each column.
    pub coefficients: Vec<f64>,
    /// Covariance of the coefficients.
    pub covariance: Matrix,
    /// Residual variance, divisor n - columns.
    pub residual_variance: f64,
    /// n - columns.
    pub degrees_of_freedom: u32,
}

/// Least squares of `response` on the columns of `design` (a column of ones is the intercept).
///
/// Needs more rows than columns. Checked: validation/stats/least_squares/.
pub fn least_squares(design: &Matrix, response: &[f64]) -> Result<LinearFit, FitError> {
    assert_eq!(design.n_rows(), response.len(), "one response per row");
    FitError::check_size(design)?;
    FitError::check_finite(response.iter())?;
    if design.n_rows() == design.n_columns() {
        return Err(FitError::TooFew);
    }
    let n = design.n_columns();
    let (mut information, mut products) = (Matrix::zeros(n, n), vec![0.0; n]);
    for (x, y) in design.rows().zip(response) {
        information.add_outer(1.0, x, x);
        for (sum, x_j) in products.iter_mut().zip(x) {
            *sum += x_j * y;
        }
    }
    let factor = Cholesky::new(&information).ok_or(FitError::Singular)?;
    let mut coefficients = factor.solve(&products);
    // One pass over the residuals wins back the digits that squaring the condition number cost.
    let mut left = vec![0.0; n];
    for (x, y) in design.rows().zip(response) {
        let residual = y - dot(x, &coefficients);
        for (sum, x_j) in left.iter_mut().zip(x) {
            *sum += x_j * residual;
        }
    }
    for (b, correction) in coefficients.iter_mut().zip(factor.solve(&left)) {
        *b += correction;
    }
    let square = |(x, y): (&[f64], &f64)| (y - dot(x, &coefficients)) * (y - dot(x, &coefficients));
    let degrees_of_freedom = (design.n_rows() - n) as u32;
    let residual_variance = design.rows().zip(response).map(square).sum::<f64>() / f64::from(degrees_of_freedom);
    let mut covariance = Matrix::zeros(n, n);
    covariance.add_scaled(residual_variance, &factor.inverse());
    Ok(LinearFit {
        coefficients,
        covariance,
        residual_variance,
        degrees_of_freedom,
    })
}

impl LinearFit {
    /// Sum of `weights` times the coefficients.
    pub fn contrast(&self, weights: &[f64]) -> Contrast {
        let variance = self.covariance.quadratic_form(weights).max(0.0);
        Contrast::student(
            dot(weights, &self.coefficients),
            variance.sqrt(),
            f64::from(self.degrees_of_freedom),
        )
    }
}

/// One subject of an analysis of covariance.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// True in the treated arm.
    pub treated: bool,
    /// Baseline value and other covariates, as many for every subject.
    pub covariates: Vec<f64>,
    /// Value compared.
    pub response: f64,
}

/// Mean response, treated minus control, at equal covariates: least squares on an intercept, the arm and the covariates.
///
/// Checked: validation/stats/least_squares/.
pub fn ancova(subjects: &[Subject]) -> Result<Contrast, FitError> {
    let row = |s: &Subject| [&[1.0, f64::from(u8::from(s.treated))], s.covariates.as_slice()].concat();
    let design = Matrix::from_rows(&subjects.iter().map(row).collect::<Vec<_>>());
    let response: Vec<f64> = subjects.iter().map(|s| s.response).collect();
    let fit = least_squares(&design, &response)?;
    let mut weights = vec![0.0; design.n_columns()];
    weights[1] = 1.0;
    Ok(fit.contrast(&weights))
}
