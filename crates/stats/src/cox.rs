//! Proportional hazards regression (Cox).
//!
//! Letters as in Klein & Moeschberger 2003, chapter 8: within the risk set of an event time, S0, S1 and S2 are the sums
//! of exp(x'b), of x exp(x'b) and of x x' exp(x'b); those over the subjects with the event carry a d.

use crate::matrix::{Cholesky, Matrix, dot};
use crate::newton::{Derivatives, maximise};
use crate::survival::Observation;
use crate::{FitError, Ratio};

/// What is done about events at the same time. Visits at fixed weeks make many ties, and the choice then shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ties {
    /// Every tied event faces the whole risk set (Breslow 1974, Biometrics 30:89); default of SAS.
    Breslow,
    /// The risk set shrinks by the average of the tied subjects (Efron 1977, J Am Stat Assoc 72:557); default of R.
    Efron,
}

/// A fitted proportional hazards regression.
#[derive(Clone, Debug, PartialEq)]
pub struct CoxFit {
    /// Log hazard ratio per unit of each column.
    pub coefficients: Vec<f64>,
    /// Covariance of the coefficients, inverse of the observed information.
    pub covariance: Matrix,
    /// Logarithm of the partial likelihood.
    pub log_likelihood: f64,
    /// The same with all coefficients zero.
    pub null_log_likelihood: f64,
    /// Score statistic of all coefficients zero, chi-square with as many degrees of freedom as columns.
    pub score_statistic: f64,
}

impl CoxFit {
    /// Hazard ratio per unit of `column`.
    pub fn hazard_ratio(&self, column: usize) -> Ratio {
        let log = self.coefficients[column];
        Ratio::log_normal(libm::exp(log), self.covariance[(column, column)].sqrt())
    }
}

/// Fits the hazard of `observations` on the columns of `design` (no intercept), within strata.
///
/// `strata` numbers each subject's stratum; empty if there is but one. Times are finite and at least zero.
/// Fails with [`FitError::TooFew`] without events and [`FitError::Separated`] if the likelihood has no finite maximum
/// (say, no event in one arm). Source: Cox 1972, J R Stat Soc B 34:187. Checked: validation/stats/cox/.
pub fn cox(design: &Matrix, observations: &[Observation], strata: &[usize], ties: Ties) -> Result<CoxFit, FitError> {
    assert_eq!(design.n_rows(), observations.len(), "one observation per row");
    assert!(
        strata.is_empty() || strata.len() == observations.len(),
        "one stratum per row"
    );
    FitError::check_finite(design.rows().flatten().chain(observations.iter().map(|o| &o.time)))?;
    if !observations.iter().any(|o| o.event) || design.n_columns() == 0 {
        return Err(FitError::TooFew);
    }
    let centred = centred(design);
    let order = risk_order(observations, strata);
    let at = |beta: &[f64]| derivatives(&centred, observations, strata, &order, ties, beta);
    let null = at(&vec![0.0; design.n_columns()]);
    let factor = Cholesky::new(&null.information).ok_or(FitError::Singular)?;
    let fit = maximise(vec![0.0; design.n_columns()], at)?;
    // Hazards that differ by more than eight orders of magnitude mean that the maximum lies at infinity.
    let log_hazards = || centred.rows().map(|x| dot(x, &fit.at));
    if log_hazards().fold(f64::MIN, f64::max) - log_hazards().fold(f64::MAX, f64::min) > 20.0 {
        return Err(FitError::Separated);
    }
    Ok(CoxFit {
        coefficients: fit.at,
        covariance: fit.covariance,
        log_likelihood: fit.value,
        null_log_likelihood: null.value,
        score_statistic: dot(&factor.solve(&null.score), &null.score),
    })
}

/// Columns minus their means, which changes no coefficient but keeps exp(x'b) moderate.
fn centred(design: &Matrix) -> Matrix {
    let mut result = design.clone();
    for j in 0..design.n_columns() {
        let mean = design.rows().map(|x| x[j]).sum::<f64>() / design.n_rows() as f64;
        for i in 0..design.n_rows() {
            result[(i, j)] -= mean;
        }
    }
    result
}

/// Rows by stratum, within it from the latest time to the earliest: risk sets then grow by appending.
fn risk_order(observations: &[Observation], strata: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..observations.len()).collect();
    let stratum = |i: usize| strata.get(i).copied().unwrap_or(0);
    order.sort_by(|&a, &b| {
        let later_first = observations[b].time.total_cmp(&observations[a].time);
        stratum(a).cmp(&stratum(b)).then(later_first)
    });
    order
}

/// S0, S1, S2 of a set of subjects.
#[derive(Clone)]
struct Sums {
    s0: f64,
    s1: Vec<f64>,
    s2: Matrix,
}

impl Sums {
    fn none(n: usize) -> Self {
        Sums {
            s0: 0.0,
            s1: vec![0.0; n],
            s2: Matrix::zeros(n, n),
        }
    }

    fn add(&mut self, x: &[f64], weight: f64) {
        self.s0 += weight;
        for (sum, x_j) in self.s1.iter_mut().zip(x) {
            *sum += weight * x_j;
        }
        self.s2.add_outer(weight, x, x);
    }
}

fn derivatives(
    design: &Matrix,
    observations: &[Observation],
    strata: &[usize],
    order: &[usize],
    ties: Ties,
    beta: &[f64],
) -> Derivatives {
    let n = design.n_columns();
    let mut result = Derivatives::zero(n);
    let same_stratum = |a: usize, b: usize| strata.is_empty() || strata[a] == strata[b];
    for stratum in order.chunk_by(|&a, &b| same_stratum(a, b)) {
        let mut risk = Sums::none(n);
        for group in stratum.chunk_by(|&a, &b| observations[a].time <= observations[b].time) {
            let mut failed = Sums::none(n);
            let mut n_failed = 0;
            for &i in group {
                let (x, eta) = (design.row(i), dot(design.row(i), beta));
                risk.add(x, libm::exp(eta));
                if observations[i].event {
                    failed.add(x, libm::exp(eta));
                    n_failed += 1;
                    result.value += eta;
                    for (s, x_j) in result.score.iter_mut().zip(x) {
                        *s += x_j;
                    }
                }
            }
            for l in 0..n_failed {
                let share = match ties {
                    Ties::Breslow => 0.0,
                    Ties::Efron => f64::from(l) / f64::from(n_failed),
                };
                subtract_event(&mut result, &risk, &failed, share);
            }
        }
    }
    result
}

/// One event against the risk set less `share` of the tied subjects.
fn subtract_event(result: &mut Derivatives, risk: &Sums, failed: &Sums, share: f64) {
    let s0 = risk.s0 - share * failed.s0;
    let mean: Vec<f64> = risk
        .s1
        .iter()
        .zip(&failed.s1)
        .map(|(r, f)| (r - share * f) / s0)
        .collect();
    result.value -= libm::log(s0);
    for (s, m) in result.score.iter_mut().zip(&mean) {
        *s -= m;
    }
    result.information.add_scaled(1.0 / s0, &risk.s2);
    result.information.add_scaled(-share / s0, &failed.s2);
    result.information.add_outer(-1.0, &mean, &mean);
}
