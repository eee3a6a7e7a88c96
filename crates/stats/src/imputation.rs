//! Missing values filled in several times over, and the results put together.

use crate::contrast::Contrast;
use crate::matrix::{Cholesky, Matrix};

/// Estimates from imputed data sets pooled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooled {
    /// Mean estimate with its t interval and test.
    pub contrast: Contrast,
    /// Mean variance within data sets.
    pub within: f64,
    /// Variance of the estimates between data sets.
    pub between: f64,
}

/// Pools `estimates` with their `variances`, one pair per imputed data set.
///
/// `complete_df` are the degrees of freedom the analysis would have without missing values (infinity for large samples:
/// Rubin's rule); finite ones give Barnard and Rubin's. `None` below two data sets or without any variance.
/// Source: Rubin 1987, Multiple Imputation; Barnard & Rubin 1999, Biometrika 86:948. Checked: validation/stats/imputation/.
pub fn pool(estimates: &[f64], variances: &[f64], complete_df: f64) -> Option<Pooled> {
    assert_eq!(estimates.len(), variances.len(), "one variance per estimate");
    let m = estimates.len() as f64;
    let estimate = crate::descriptive::mean(estimates)?;
    let within = crate::descriptive::mean(variances)?;
    let between = crate::descriptive::standard_deviation(estimates)?.powi(2);
    let extra = (1.0 + 1.0 / m) * between;
    let total = within + extra;
    if total.is_nan() || total <= 0.0 {
        return None;
    }
    let lambda = extra / total;
    // Without variance between data sets Rubin's degrees of freedom are infinite.
    let inverse_rubin = lambda * lambda / (m - 1.0);
    let inverse_observed = if complete_df.is_finite() {
        (complete_df + 3.0) / ((complete_df + 1.0) * complete_df * (1.0 - lambda))
    } else {
        0.0
    };
    // Student's law at a million degrees of freedom is the normal one to seven digits.
    let df = (1.0 / (inverse_rubin + inverse_observed)).min(1e6);
    Some(Pooled {
        contrast: Contrast::student(estimate, total.sqrt(), df),
        within,
        between,
    })
}

/// What the later values of a subject who left are taken to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assumption {
    /// As in the subject's own arm (missing at random).
    OwnArm,
    /// From then on the mean of the reference arm (jump to reference).
    JumpToReference,
    /// As if in the reference arm from the start (copy reference).
    CopyReference,
}

/// Means by visit and the covariance between visits of one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct ArmModel {
    /// Mean at every visit.
    pub mean: Vec<f64>,
    /// Covariance between visits.
    pub covariance: Matrix,
}

/// Law of the missing values given those observed.
#[derive(Clone, Debug)]
pub struct Conditional {
    /// Visits without a value, ascending.
    pub visits: Vec<usize>,
    /// Mean at each of them.
    pub mean: Vec<f64>,
    factor: Matrix,
}

/// Law of the values missing in `values` (by visit; `None` is missing) under an assumption about them.
///
/// The covariance between observed and missing visits is the reference arm's for both reference-based assumptions.
/// `None` if nothing is missing or a covariance is not positive definite.
/// Source: Carpenter, Roger & Kenward 2013, J Biopharm Stat 23:1352. Checked: validation/stats/imputation/.
pub fn missing_given_observed(
    values: &[Option<f64>],
    own: &ArmModel,
    reference: &ArmModel,
    assumption: Assumption,
) -> Option<Conditional> {
    let observed: Vec<usize> = (0..values.len()).filter(|&v| values[v].is_some()).collect();
    let visits: Vec<usize> = (0..values.len()).filter(|&v| values[v].is_none()).collect();
    if visits.is_empty() {
        return None;
    }
    let (before, after, covariance) = match assumption {
        Assumption::OwnArm => (&own.mean, &own.mean, &own.covariance),
        Assumption::JumpToReference => (&own.mean, &reference.mean, &reference.covariance),
        Assumption::CopyReference => (&reference.mean, &reference.mean, &reference.covariance),
    };
    let mut conditional = covariance.submatrix(&visits, &visits);
    let mut mean: Vec<f64> = visits.iter().map(|&v| after[v]).collect();
    if !observed.is_empty() {
        let cross = covariance.submatrix(&observed, &visits);
        let slopes = Cholesky::new(&covariance.submatrix(&observed, &observed))?
            .solve_matrix(&cross)
            .transposed();
        let excess: Vec<f64> = observed
            .iter()
            .filter_map(|&v| values[v].map(|y| y - before[v]))
            .collect();
        for (m, shift) in mean.iter_mut().zip(slopes.times_vector(&excess)) {
            *m += shift;
        }
        conditional.add_scaled(-1.0, &slopes.times(&cross));
    }
    Some(Conditional {
        visits,
        mean,
        factor: Cholesky::new(&conditional)?.lower().clone(),
    })
}

impl Conditional {
    /// One draw, from as many independent standard normal numbers as values are missing.
    ///
    /// `shift` is added to every imputed value: raised until the conclusion turns, it finds the tipping point.
    pub fn draw(&self, normals: &[f64], shift: f64) -> Vec<f64> {
        assert_eq!(normals.len(), self.mean.len(), "one normal per missing value");
        let noise = self.factor.times_vector(normals);
        self.mean.iter().zip(noise).map(|(m, e)| m + e + shift).collect()
    }
}

/// The smallest shift, between 0 and `largest`, at which `p_value` exceeds `alpha`, to a millionth of `largest`.
///
/// `p_value` maps a shift of the imputed values (a harm of the treated arm) to the p value of the analysis, which should
/// not fall with it; `None` if even `largest` leaves the result significant. Zero if it never was.
pub fn tipping_point(largest: f64, alpha: f64, p_value: impl Fn(f64) -> f64) -> Option<f64> {
    if p_value(0.0) > alpha {
        return Some(0.0);
    }
    if p_value(largest) <= alpha {
        return None;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..20 {
        let middle = 0.5 * (low + high);
        if p_value(middle * largest) > alpha {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high * largest)
}
