//! Counts of events over unequal times, for subjects who differ in their own rates.
//!
//! Variance of a count with mean mu: mu + alpha mu². Written with products over 1 + alpha k instead of gamma functions,
//! the likelihood needs none of them and passes smoothly into Poisson's as alpha goes to zero.

use crate::distribution::bisect;
use crate::matrix::{Cholesky, Matrix, dot};
use crate::newton::{Derivatives, maximise};
use crate::{FitError, Ratio};

/// A fitted negative binomial regression with logarithmic link.
#[derive(Clone, Debug, PartialEq)]
pub struct NegativeBinomialFit {
    /// Log rate ratio per unit of each column.
    pub coefficients: Vec<f64>,
    /// Covariance of the coefficients, from the observed information of coefficients and dispersion together.
    pub covariance: Matrix,
    /// alpha, at least zero; zero where the counts vary no more than Poisson's law has it.
    pub dispersion: f64,
    /// Standard error of alpha; `None` at zero.
    pub dispersion_standard_error: Option<f64>,
    /// Natural logarithm of the likelihood.
    pub log_likelihood: f64,
}

/// One count and the time it was counted over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tally {
    /// Events.
    pub events: u32,
    /// Time at risk, above zero, any one unit.
    pub exposure: f64,
}

/// Dispersions beyond this are a likelihood without a maximum.
const LARGEST: f64 = 1e4;

/// Fits the rates of `tallies` on the columns of `design` (a column of ones is the intercept) by maximum likelihood.
///
/// Fails with [`FitError::NotFinite`] on an exposure that is not above zero, [`FitError::Separated`] if a group has no
/// event at all. Source: Lawless 1987, Can J Stat 15:209 (observed information, as in SAS).
/// Checked: validation/stats/negative_binomial/.
pub fn negative_binomial(design: &Matrix, tallies: &[Tally]) -> Result<NegativeBinomialFit, FitError> {
    assert_eq!(design.n_rows(), tallies.len(), "one tally per row");
    FitError::check_size(design)?;
    if !tallies.iter().all(|t| t.exposure > 0.0 && t.exposure.is_finite()) {
        return Err(FitError::NotFinite);
    }
    let from = |start: &[f64], alpha: f64| maximise(start.to_vec(), |beta| derivatives(design, tallies, alpha, beta));
    let poisson = from(&vec![0.0; design.n_columns()], 0.0)?;
    let fit = |alpha: f64| from(&poisson.at, alpha);
    if design.rows().any(|x| dot(x, &poisson.at).abs() > 20.0) {
        return Err(FitError::Separated);
    }
    if slope(design, tallies, 0.0, &poisson.at) <= 0.0 {
        return Ok(NegativeBinomialFit {
            coefficients: poisson.at,
            covariance: poisson.covariance,
            dispersion: 0.0,
            dispersion_standard_error: None,
            log_likelihood: poisson.value,
        });
    }
    let rises = |alpha: f64| fit(alpha).is_ok_and(|there| slope(design, tallies, alpha, &there.at) > 0.0);
    let alpha = bisect(0.0, LARGEST, rises);
    if alpha > 0.99 * LARGEST {
        return Err(FitError::NotConverged);
    }
    let there = fit(alpha)?;
    let joint = joint_information(design, tallies, alpha, &there.at);
    let inverse = Cholesky::new(&joint).ok_or(FitError::NotConverged)?.inverse();
    let columns: Vec<usize> = (0..design.n_columns()).collect();
    let last = design.n_columns();
    Ok(NegativeBinomialFit {
        covariance: inverse.submatrix(&columns, &columns),
        dispersion_standard_error: Some(inverse[(last, last)].sqrt()),
        coefficients: there.at,
        dispersion: alpha,
        log_likelihood: there.value,
    })
}

fn mean(x: &[f64], tally: &Tally, beta: &[f64]) -> f64 {
    tally.exposure * libm::exp(dot(x, beta))
}

/// log(1 + alpha mu) / alpha.
fn scaled_log(alpha: f64, mu: f64) -> f64 {
    if alpha > 0.0 {
        libm::log1p(alpha * mu) / alpha
    } else {
        mu
    }
}

/// Log-likelihood at given alpha, gradient and observed information by the coefficients.
fn derivatives(design: &Matrix, tallies: &[Tally], alpha: f64, beta: &[f64]) -> Derivatives {
    let mut result = Derivatives::zero(beta.len());
    for (x, tally) in design.rows().zip(tallies) {
        let (y, mu) = (f64::from(tally.events), mean(x, tally, beta));
        let products: f64 = (0..tally.events).map(|k| libm::log1p(alpha * f64::from(k))).sum();
        let power = y * libm::log(mu) - y * libm::log1p(alpha * mu) - scaled_log(alpha, mu);
        result.value += products + power - libm::lgamma(y + 1.0);
        let spread = 1.0 + alpha * mu;
        for (s, x_j) in result.score.iter_mut().zip(x) {
            *s += (y - mu) / spread * x_j;
        }
        result
            .information
            .add_outer(mu * (1.0 + alpha * y) / (spread * spread), x, x);
    }
    result
}

/// Derivative of the log-likelihood by alpha.
fn slope(design: &Matrix, tallies: &[Tally], alpha: f64, beta: &[f64]) -> f64 {
    let term = |(x, tally): (&[f64], &Tally)| {
        let (y, mu) = (f64::from(tally.events), mean(x, tally, beta));
        let counts: f64 = (0..tally.events)
            .map(|k| f64::from(k) / (1.0 + alpha * f64::from(k)))
            .sum();
        counts - y * mu / (1.0 + alpha * mu) + mu * mu * log_remainder(alpha * mu)
    };
    design.rows().zip(tallies).map(term).sum()
}

/// (log(1 + x) - x / (1 + x)) / x², by its series where the difference would cancel.
fn log_remainder(x: f64) -> f64 {
    if x < 1e-3 {
        0.5 - x * (2.0 / 3.0 - x * (3.0 / 4.0 - x * (4.0 / 5.0 - x * 5.0 / 6.0)))
    } else {
        (libm::log1p(x) - x / (1.0 + x)) / (x * x)
    }
}

/// Observed information of the coefficients and, last, of alpha.
fn joint_information(design: &Matrix, tallies: &[Tally], alpha: f64, beta: &[f64]) -> Matrix {
    let n = beta.len();
    let mut joint = Matrix::zeros(n + 1, n + 1);
    for (x, tally) in design.rows().zip(tallies) {
        let (y, mu) = (f64::from(tally.events), mean(x, tally, beta));
        let spread = 1.0 + alpha * mu;
        let mut row = x.to_vec();
        row.push(0.0);
        joint.add_outer(mu * (1.0 + alpha * y) / (spread * spread), &row, &row);
        let cross = (y - mu) * mu / (spread * spread);
        for (j, x_j) in x.iter().enumerate() {
            joint[(j, n)] += cross * x_j;
            joint[(n, j)] += cross * x_j;
        }
        let term = |k: u32| f64::from(k) / (1.0 + alpha * f64::from(k));
        let counts: f64 = (0..tally.events).map(|k| term(k) * term(k)).sum();
        let logs = 2.0 * log_remainder(alpha * mu) * mu * mu / alpha - mu * mu / (alpha * spread * spread);
        joint[(n, n)] += counts - y * (mu / spread) * (mu / spread) + logs;
    }
    joint
}

impl NegativeBinomialFit {
    /// Ratio of the rates per unit of `column`.
    pub fn rate_ratio(&self, column: usize) -> Ratio {
        let log = self.coefficients[column];
        Ratio::log_normal(libm::exp(log), self.covariance[(column, column)].sqrt())
    }
}
