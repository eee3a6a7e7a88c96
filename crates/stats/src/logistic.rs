//! Logistic regression, and the difference of marginal response shares that follows from it.

use crate::matrix::{Matrix, dot};
use crate::newton::{Derivatives, maximise};
use crate::{Difference, FitError, Ratio};

/// A fitted logistic regression.
#[derive(Clone, Debug, PartialEq)]
pub struct LogisticFit {
    /// Log odds per unit of each column of the design.
    pub coefficients: Vec<f64>,
    /// Covariance of the coefficients, inverse of the expected information.
    pub covariance: Matrix,
    /// Natural logarithm of the likelihood.
    pub log_likelihood: f64,
}

/// Fits `responded` on the columns of `design` (a column of ones is the intercept) by maximum likelihood.
///
/// Iteratively reweighted least squares. Fails with [`FitError::Separated`] when some combination of
/// columns splits the responses perfectly, so that the likelihood has no finite maximum.
/// Source: McCullagh & Nelder 1989, Generalized Linear Models, ch. 4. Checked: validation/stats/logistic/.
pub fn logistic(design: &Matrix, responded: &[bool]) -> Result<LogisticFit, FitError> {
    assert_eq!(design.n_rows(), responded.len(), "one response per row");
    FitError::check_size(design)?;
    let fit = maximise(vec![0.0; design.n_columns()], |beta| {
        derivatives(design, responded, beta)
    })?;
    // A maximum at which somebody's response is certain to ten digits lies at infinity.
    if design.rows().any(|x| dot(x, &fit.at).abs() > 23.0) {
        return Err(FitError::Separated);
    }
    Ok(LogisticFit {
        coefficients: fit.at,
        covariance: fit.covariance,
        log_likelihood: fit.value,
    })
}

/// Probability at log odds `eta`.
fn expit(eta: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-eta))
}

/// log(1 + exp(x)) without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

/// Log-likelihood, gradient and expected information.
fn derivatives(design: &Matrix, responded: &[bool], beta: &[f64]) -> Derivatives {
    let mut result = Derivatives::zero(beta.len());
    for (x, &y) in design.rows().zip(responded) {
        let eta = dot(x, beta);
        let p = expit(eta);
        result.value -= softplus(if y { -eta } else { eta });
        let residual = f64::from(u8::from(y)) - p;
        for (s, x_j) in result.score.iter_mut().zip(x) {
            *s += residual * x_j;
        }
        result.information.add_outer(p * (1.0 - p), x, x);
    }
    result
}

impl LogisticFit {
    /// Odds ratio per unit of `column`.
    ///
    /// An odds ratio depends on which other columns stand in the model even when they are balanced.
    pub fn odds_ratio(&self, column: usize) -> Ratio {
        let log = self.coefficients[column];
        Ratio::log_normal(libm::exp(log), self.covariance[(column, column)].sqrt())
    }

    /// Mean predicted share over the rows of `design`, and its gradient by the coefficients.
    fn standardised_share(&self, design: &Matrix) -> (f64, Vec<f64>) {
        let (mut share, mut gradient) = (0.0, vec![0.0; self.coefficients.len()]);
        let n = design.n_rows() as f64;
        for x in design.rows() {
            let p = expit(dot(x, &self.coefficients));
            share += p / n;
            for (g, x_j) in gradient.iter_mut().zip(x) {
                *g += p * (1.0 - p) * x_j / n;
            }
        }
        (share, gradient)
    }

    /// Difference of the mean predicted shares if everyone had the rows of `treated` or those of `control`
    /// (g-computation).
    ///
    /// Both hold every subject once, equal but for the columns of treatment. Returns the difference in [-1, 1]; its
    /// standard error comes by the delta method and takes the covariates as given. `None` without rows.
    /// Source: Ge, Durham, Meyer, Xie & Thomas 2011, Drug Inf J 45:481. Checked: validation/stats/logistic/.
    pub fn marginal_difference(&self, treated: &Matrix, control: &Matrix) -> Option<Difference> {
        if treated.n_rows() == 0 || control.n_rows() == 0 {
            return None;
        }
        let (p1, g1) = self.standardised_share(treated);
        let (p0, g0) = self.standardised_share(control);
        let gradient: Vec<f64> = g1.iter().zip(&g0).map(|(a, b)| a - b).collect();
        let variance = self.covariance.quadratic_form(&gradient).max(0.0);
        Some(Difference::normal(p1 - p0, variance.sqrt()))
    }
}
