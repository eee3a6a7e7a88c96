//! Newton's method for a concave log-likelihood.

use crate::FitError;
use crate::matrix::{Cholesky, Matrix, dot};

/// A log-likelihood with its gradient and the negative of its (expected or observed) second derivative.
pub(crate) struct Derivatives {
    pub value: f64,
    pub score: Vec<f64>,
    pub information: Matrix,
}

impl Derivatives {
    /// All zero, to be summed into.
    pub fn zero(n: usize) -> Self {
        Derivatives {
            value: 0.0,
            score: vec![0.0; n],
            information: Matrix::zeros(n, n),
        }
    }
}

/// Where the log-likelihood is greatest.
pub(crate) struct Maximum {
    pub at: Vec<f64>,
    pub value: f64,
    /// Inverse of the information there.
    pub covariance: Matrix,
}

/// A regular maximum takes about six steps.
const MAX_STEPS: usize = 60;

/// Climbs from `start`, halving steps that lead down.
///
/// [`FitError::Singular`] if the information is singular at the start; if it becomes so, or no maximum is reached, the
/// likelihood rises for ever: [`FitError::Separated`].
pub(crate) fn maximise(start: Vec<f64>, derivatives: impl Fn(&[f64]) -> Derivatives) -> Result<Maximum, FitError> {
    let mut at = start;
    let mut here = derivatives(&at);
    let mut factor = Cholesky::new(&here.information).ok_or(FitError::Singular)?;
    for _ in 0..MAX_STEPS {
        let step = factor.solve(&here.score);
        let moved = |length: f64| -> Vec<f64> { at.iter().zip(&step).map(|(b, s)| b + length * s).collect() };
        // So close the likelihood is flat to rounding, but one more step squares the error that is left.
        if dot(&step, &here.score) < 1e-14 * (1.0 + here.value.abs()) {
            at = moved(1.0);
            here = derivatives(&at);
            factor = Cholesky::new(&here.information).ok_or(FitError::Separated)?;
            return Ok(Maximum {
                at,
                value: here.value,
                covariance: factor.inverse(),
            });
        }
        let mut length = 1.0;
        let mut there = derivatives(&moved(length));
        while there.value.is_nan() || there.value < here.value {
            length *= 0.5;
            if length < 1e-8 {
                return Err(FitError::NotConverged);
            }
            there = derivatives(&moved(length));
        }
        at = moved(length);
        here = there;
        factor = Cholesky::new(&here.information).ok_or(FitError::Separated)?;
    }
    Err(FitError::Separated)
}
