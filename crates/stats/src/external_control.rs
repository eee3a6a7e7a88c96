//! A treated group against controls from elsewhere, weighted by the odds of having been treated.
//!
//! Weighting makes controls look like the treated in what was measured. It cannot do so where they do not overlap, nor for
//! what was not measured: [`Comparability`] says how far the first goes, and nothing here speaks of the second.

use crate::logistic::logistic;
use crate::matrix::{Matrix, dot};
use crate::{Difference, FitError};

/// A subject of either group.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// In the treated group.
    pub treated: bool,
    /// What was measured before treatment, in the same order for everybody.
    pub covariates: Vec<f64>,
    /// The outcome; 1 or 0 for a response.
    pub outcome: f64,
}

/// The mean difference among the treated, and whether it should be believed.
#[derive(Clone, Debug, PartialEq)]
pub struct ExternalComparison {
    /// Treated minus weighted controls.
    pub difference: Difference,
    /// How alike the groups are.
    pub comparability: Comparability,
}

/// How alike two groups are in what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparability {
    /// Standardised mean difference of each covariate before weighting, in standard deviations of the treated; zero where it
    /// does not vary.
    pub before: Vec<f64>,
    /// The same after weighting.
    pub after: Vec<f64>,
    /// As many equally weighted controls would be as informative as these (Kish).
    pub effective_controls: f64,
    /// Share of the treated whose propensity lies above that of every control: nobody can stand for them.
    pub treated_without_match: f64,
}

/// A standardised difference beyond this is imbalance that matters (Austin 2009, Stat Med 28:3083).
const LARGEST_DIFFERENCE: f64 = 0.1;

impl Comparability {
    /// True if all covariates are balanced to a tenth of a standard deviation and every treated subject has controls beside it.
    pub fn is_fair(&self) -> bool {
        self.treated_without_match == 0.0 && self.after.iter().all(|d| d.abs() <= LARGEST_DIFFERENCE)
    }
}

/// The mean outcome of the treated against that of controls weighted by their odds of treatment, e/(1 - e).
///
/// The propensity e is logistic in the covariates. The variance is the sandwich of all estimating equations together, so that
/// it knows that weights were estimated. Fails without subjects of both groups, and with [`FitError::Separated`] where the
/// covariates tell the groups apart.
/// Source: Lunceford & Davidian 2004, Stat Med 23:2937 (for the treated: Hirano, Imbens & Ridder 2003, Econometrica 71:1161).
/// Checked: validation/stats/external_control/.
pub fn external_comparison(subjects: &[Subject]) -> Result<ExternalComparison, FitError> {
    let n_treated = subjects.iter().filter(|s| s.treated).count();
    if n_treated == 0 || n_treated == subjects.len() {
        return Err(FitError::TooFew);
    }
    let rows: Vec<Vec<f64>> = subjects
        .iter()
        .map(|s| std::iter::once(1.0).chain(s.covariates.iter().copied()).collect())
        .collect();
    let design = Matrix::from_rows(&rows);
    let treated: Vec<bool> = subjects.iter().map(|s| s.treated).collect();
    let fit = logistic(&design, &treated)?;
    let log_odds: Vec<f64> = design.rows().map(|x| dot(x, &fit.coefficients)).collect();
    let weight = |k: usize| if treated[k] { 0.0 } else { libm::exp(log_odds[k]) };
    let total: f64 = (0..subjects.len()).map(weight).sum();
    let mean_treated = mean_of(subjects, &|k| f64::from(u8::from(treated[k])));
    let mean_control = mean_of(subjects, &weight);

    // What each subject adds to the estimate's error: through its own outcome, and through the coefficients of the weights.
    let mut slope = vec![0.0; design.n_columns()];
    for (k, x) in design.rows().enumerate() {
        let residual = weight(k) * (subjects[k].outcome - mean_control);
        slope.iter_mut().zip(x).for_each(|(s, x_j)| *s += residual * x_j);
    }
    let through = fit.covariance.times_vector(&slope);
    let variance: f64 = (design.rows().enumerate())
        .map(|(k, x)| {
            let propensity = 1.0 / (1.0 + libm::exp(-log_odds[k]));
            let of_treatment = f64::from(u8::from(treated[k]));
            let by_treated = of_treatment * (subjects[k].outcome - mean_treated) / n_treated as f64;
            let by_weights = (of_treatment - propensity) * dot(x, &through);
            let by_control = (weight(k) * (subjects[k].outcome - mean_control) + by_weights) / total;
            (by_treated - by_control).powi(2)
        })
        .sum();
    let squares: f64 = (0..subjects.len()).map(|k| weight(k).powi(2)).sum();
    let most_alike = (0..subjects.len()).filter(|&k| !treated[k]).map(|k| log_odds[k]);
    let most_alike = most_alike.fold(f64::NEG_INFINITY, f64::max);
    let beyond = (0..subjects.len()).filter(|&k| treated[k] && log_odds[k] > most_alike);
    Ok(ExternalComparison {
        difference: Difference::normal(mean_treated - mean_control, variance.sqrt()),
        comparability: Comparability {
            before: standardised(subjects, &|k| f64::from(u8::from(!treated[k]))),
            after: standardised(subjects, &weight),
            effective_controls: total * total / squares,
            treated_without_match: beyond.count() as f64 / n_treated as f64,
        },
    })
}

/// Weighted mean of the outcome.
fn mean_of(subjects: &[Subject], weight: &dyn Fn(usize) -> f64) -> f64 {
    weighted_mean(subjects.iter().map(|s| s.outcome), weight)
}

fn weighted_mean(values: impl Iterator<Item = f64>, weight: &dyn Fn(usize) -> f64) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for (k, value) in values.enumerate() {
        sum += weight(k) * value;
        total += weight(k);
    }
    sum / total
}

/// Mean of the treated minus weighted mean, over the standard deviation of the treated, by covariate.
fn standardised(subjects: &[Subject], weight: &dyn Fn(usize) -> f64) -> Vec<f64> {
    let one = |j: usize| {
        let values = subjects.iter().map(|s| s.covariates[j]);
        let own: Vec<f64> = subjects.iter().filter(|s| s.treated).map(|s| s.covariates[j]).collect();
        let mean = crate::descriptive::mean(&own).expect("there are treated subjects");
        let deviation = crate::descriptive::standard_deviation(&own).unwrap_or(0.0);
        let difference = mean - weighted_mean(values, weight);
        if deviation > 0.0 { difference / deviation } else { 0.0 }
    };
    (0..subjects[0].covariates.len()).map(one).collect()
}
