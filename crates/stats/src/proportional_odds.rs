//! Ordered categories: cumulative logits with one effect for every cut (McCullagh 1980, J R Stat Soc B 42:109).
//!
//! P(category at most j) = F(theta_j - x'b) with F the logistic law, so that a positive coefficient moves subjects up.

use crate::matrix::{Matrix, dot};
use crate::newton::{Derivatives, maximise};
use crate::{FitError, Ratio};

/// A fitted proportional odds model.
#[derive(Clone, Debug, PartialEq)]
pub struct OrdinalFit {
    /// Log odds of a higher category per unit of each column.
    pub coefficients: Vec<f64>,
    /// Rising cuts between categories, one fewer than categories.
    pub thresholds: Vec<f64>,
    /// Covariance of the thresholds, then of the coefficients; inverse of the observed information.
    pub covariance: Matrix,
    /// Natural logarithm of the likelihood.
    pub log_likelihood: f64,
}

/// Fits ordered `category` (0, 1, ... without gaps) on the columns of `design` (no intercept) by maximum likelihood.
///
/// Fails with [`FitError::TooFew`] with fewer than two categories or one that nobody is in, [`FitError::Separated`] if
/// the columns sort the categories perfectly. Checked: validation/stats/proportional_odds/.
pub fn proportional_odds(design: &Matrix, category: &[usize]) -> Result<OrdinalFit, FitError> {
    assert_eq!(design.n_rows(), category.len(), "one category per row");
    FitError::check_finite(design.rows().flatten())?;
    let n_categories = category.iter().max().map_or(0, |last| last + 1);
    let mut counts = vec![0u32; n_categories];
    for &k in category {
        counts[k] += 1;
    }
    let n_parameters = (n_categories + design.n_columns()).saturating_sub(1);
    if n_categories < 2 || counts.contains(&0) || category.len() < n_parameters {
        return Err(FitError::TooFew);
    }
    let n_cuts = n_categories - 1;
    let mut start = empirical_cuts(&counts);
    start.resize(n_parameters, 0.0);
    let fit = maximise(start, |at| derivatives(design, category, n_cuts, at))?;
    let (thresholds, coefficients) = fit.at.split_at(n_cuts);
    // Linear predictors that differ by more than this mean that the maximum lies at infinity, as in logistic regression.
    let eta = || design.rows().map(|x| dot(x, coefficients));
    if eta().fold(f64::MIN, f64::max) - eta().fold(f64::MAX, f64::min) > 40.0 {
        return Err(FitError::Separated);
    }
    Ok(OrdinalFit {
        coefficients: coefficients.to_vec(),
        thresholds: thresholds.to_vec(),
        covariance: fit.covariance,
        log_likelihood: fit.value,
    })
}

/// Logits of the cumulative shares, the fit without columns.
fn empirical_cuts(counts: &[u32]) -> Vec<f64> {
    let total = f64::from(counts.iter().sum::<u32>());
    let mut below = 0.0;
    let cut = |count: &u32| {
        below += f64::from(*count);
        libm::log(below / (total - below))
    };
    counts[..counts.len() - 1].iter().map(cut).collect()
}

/// One side of a category: probability below it, density and slope of the density there.
struct Edge {
    below: f64,
    density: f64,
    slope: f64,
}

impl Edge {
    fn at(distance: f64) -> Edge {
        let below = 1.0 / (1.0 + libm::exp(-distance));
        let density = below * (1.0 - below);
        Edge {
            below,
            density,
            slope: density * (1.0 - 2.0 * below),
        }
    }

    /// Below the first category or above the last: no probability moves there.
    fn beyond(below: f64) -> Edge {
        Edge {
            below,
            density: 0.0,
            slope: 0.0,
        }
    }
}

/// Log-likelihood, gradient and observed information; parameters are cuts, then coefficients.
fn derivatives(design: &Matrix, category: &[usize], n_cuts: usize, at: &[f64]) -> Derivatives {
    let (cuts, beta) = at.split_at(n_cuts);
    let mut result = Derivatives::zero(at.len());
    let gradient = |cut: Option<usize>, x: &[f64]| {
        let mut g = vec![0.0; n_cuts];
        if let Some(cut) = cut {
            g[cut] = 1.0;
        }
        g.extend(x.iter().map(|x_j| -x_j));
        g
    };
    for (x, &k) in design.rows().zip(category) {
        let eta = dot(x, beta);
        let (upper_cut, lower_cut) = ((k < n_cuts).then_some(k), k.checked_sub(1));
        let upper = upper_cut.map_or(Edge::beyond(1.0), |j| Edge::at(cuts[j] - eta));
        let lower = lower_cut.map_or(Edge::beyond(0.0), |j| Edge::at(cuts[j] - eta));
        let p = upper.below - lower.below;
        // Cuts out of order make p negative and its logarithm NaN; the climb then takes a shorter step.
        result.value += libm::log(p);
        let (up, down) = (gradient(upper_cut, x), gradient(lower_cut, x));
        let (a, b) = (upper.density / p, lower.density / p);
        for (s, (u, d)) in result.score.iter_mut().zip(up.iter().zip(&down)) {
            *s += a * u - b * d;
        }
        result.information.add_outer(a * a - upper.slope / p, &up, &up);
        result.information.add_outer(b * b + lower.slope / p, &down, &down);
        result.information.add_outer(-a * b, &up, &down);
        result.information.add_outer(-a * b, &down, &up);
    }
    result
}

impl OrdinalFit {
    /// Odds ratio of a higher category, at every cut, per unit of `column`.
    pub fn odds_ratio(&self, column: usize) -> Ratio {
        let log = self.coefficients[column];
        let at = self.thresholds.len() + column;
        Ratio::log_normal(libm::exp(log), self.covariance[(at, at)].sqrt())
    }
}
