//! Mixed model for repeated measures: one regression of every visit, measurements of a subject correlated.
//!
//! Fitted by restricted maximum likelihood, which uses every measurement and needs no other missing one than at random.
//! With columns for visit, and for arm within visit, the coefficient of an arm at a visit is the treatment effect there.

mod likelihood;
mod structure;

pub use structure::Structure;

use crate::FitError;
use crate::contrast::Contrast;
use crate::matrix::{Cholesky, Matrix, dot};
use likelihood::{Data, Point, Slopes, Subject};

/// Measurements, one per row; missing ones have no row.
#[derive(Clone, Debug)]
pub struct Measurements<'a> {
    /// Columns of the regression, a column of ones included.
    pub design: &'a Matrix,
    /// Value measured in each row.
    pub response: &'a [f64],
    /// Subject of each row, any numbers.
    pub subject: &'a [usize],
    /// Visit of each row, from 0; at most once per subject.
    pub visit: &'a [usize],
}

/// How the uncertainty of the covariance enters a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DegreesOfFreedom {
    /// Plain standard errors (Fai & Cornelius 1996, J Stat Comput Simul 54:363).
    Satterthwaite,
    /// Standard errors corrected for small samples (Kenward & Roger 1997, Biometrics 53:983), with the observed
    /// information of the covariance parameters, as in SAS; R's pbkrtest takes the expected one.
    KenwardRoger,
}

/// A fitted mixed model for repeated measures.
#[derive(Clone, Debug, PartialEq)]
pub struct MmrmFit {
    /// Change of the response per unit of each column.
    pub coefficients: Vec<f64>,
    /// Covariance of the coefficients as if that of the measurements were known.
    pub covariance: Matrix,
    /// The same corrected by Kenward and Roger.
    pub adjusted_covariance: Matrix,
    /// Covariance of measurements, visit by visit.
    pub measurement_covariance: Matrix,
    /// Parameters of it, see [`Structure`].
    pub parameters: Vec<f64>,
    /// Minus twice the logarithm of the restricted likelihood.
    pub deviance: f64,
    /// Covariance of `parameters`, from the observed information as in SAS.
    pub parameter_covariance: Matrix,
    /// Derivative of `covariance` by each parameter.
    slopes: Vec<Matrix>,
}

/// Steps; a regular fit takes about ten.
const MAX_STEPS: usize = 100;

/// Fits the model by restricted maximum likelihood.
///
/// Fails with [`FitError::TooFew`] if there are not more rows than columns or some visit has no row,
/// [`FitError::Singular`] if columns depend on each other, [`FitError::NotConverged`] if the likelihood has no maximum
/// at a positive definite covariance: a protocol then names a simpler structure to fall back to.
/// Source: Mallinckrodt et al. 2008, Drug Inf J 42:303. Checked: validation/stats/mmrm/.
pub fn mmrm(measurements: &Measurements, structure: Structure) -> Result<MmrmFit, FitError> {
    FitError::check_size(measurements.design)?;
    FitError::check_finite(measurements.response.iter())?;
    let data = group(measurements)?;
    let variance = crate::least_squares::least_squares(measurements.design, measurements.response)?.residual_variance;
    let start = structure.independent(data.n_visits, variance);
    let mut here = data.at(structure, &start).ok_or(FitError::NotConverged)?;
    for _ in 0..MAX_STEPS {
        let slopes = data.slopes(&here);
        let (step, decrement) = direction(&slopes).ok_or(FitError::NotConverged)?;
        if decrement < 1e-16 * (1.0 + here.deviance.abs()) {
            return finish(&data, here, &slopes);
        }
        here = descend(&data, structure, &here, &step, decrement).ok_or(FitError::NotConverged)?;
    }
    Err(FitError::NotConverged)
}

/// Newton's step where the deviance curves upwards and the minimum is near, Fisher's elsewhere; with the decrease it
/// promises.
fn direction(slopes: &Slopes) -> Option<(Vec<f64>, f64)> {
    let step = |matrix: &Matrix| {
        let step = Cholesky::new(matrix)?.solve(&slopes.gradient);
        let decrement = dot(&step, &slopes.gradient);
        Some((step, decrement))
    };
    step(&slopes.observed)
        .filter(|(_, decrement)| *decrement < 1.0)
        .or_else(|| step(&slopes.expected))
}

/// The first of ever shorter steps that lowers the deviance.
fn descend(data: &Data, structure: Structure, here: &Point, step: &[f64], decrement: f64) -> Option<Point> {
    let mut length = 1.0;
    while length > 1e-10 {
        let parameters: Vec<f64> = here.parameters.iter().zip(step).map(|(p, s)| p - length * s).collect();
        // Near the minimum the deviance is flat to rounding; the step is then trusted.
        let allowed = if decrement < 1e-9 { 1e-9 } else { 0.0 };
        let there = data.at(structure, &parameters);
        if let Some(point) = there.filter(|point| point.deviance <= here.deviance + allowed) {
            return Some(point);
        }
        length *= 0.5;
    }
    None
}

/// Subjects in order of first appearance, their measurements in order of visit.
fn group(measurements: &Measurements) -> Result<Data, FitError> {
    let n = measurements.response.len();
    assert!(
        measurements.design.n_rows() == n && measurements.subject.len() == n && measurements.visit.len() == n,
        "one design row, subject and visit per measurement"
    );
    let n_visits = measurements.visit.iter().max().map_or(0, |last| last + 1);
    if (0..n_visits).any(|visit| !measurements.visit.contains(&visit)) {
        return Err(FitError::TooFew);
    }
    let mut rows: Vec<usize> = (0..n).collect();
    rows.sort_by_key(|&i| (measurements.subject[i], measurements.visit[i]));
    let mut data = Data {
        n_visits,
        patterns: Vec::new(),
        subjects: Vec::new(),
    };
    for of_subject in rows.chunk_by(|&a, &b| measurements.subject[a] == measurements.subject[b]) {
        let visits: Vec<usize> = of_subject.iter().map(|&i| measurements.visit[i]).collect();
        assert!(
            visits.is_sorted_by(|a, b| a < b),
            "one measurement per subject and visit"
        );
        let known = data.patterns.iter().position(|pattern| *pattern == visits);
        let pattern = known.unwrap_or_else(|| {
            data.patterns.push(visits);
            data.patterns.len() - 1
        });
        let design: Vec<&[f64]> = of_subject.iter().map(|&i| measurements.design.row(i)).collect();
        data.subjects.push(Subject {
            pattern,
            design: Matrix::from_rows(&design),
            response: of_subject.iter().map(|&i| measurements.response[i]).collect(),
        });
    }
    Ok(data)
}

fn finish(data: &Data, point: Point, slopes: &Slopes) -> Result<MmrmFit, FitError> {
    let factor = Cholesky::new(&slopes.observed).ok_or(FitError::NotConverged)?;
    let n = point.parameters.len();
    // The log-likelihood curves half as much as the deviance.
    let mut w = Matrix::zeros(n, n);
    w.add_scaled(2.0, &factor.inverse());
    let slope = |m_i: &Matrix| point.phi.times(m_i).times(&point.phi);
    Ok(MmrmFit {
        adjusted_covariance: data.adjusted_covariance(&point, &slopes.m, &w),
        slopes: slopes.m.iter().map(slope).collect(),
        coefficients: point.coefficients,
        covariance: point.phi,
        measurement_covariance: point.covariance.value,
        parameters: point.parameters,
        deviance: point.deviance,
        parameter_covariance: w,
    })
}

impl MmrmFit {
    /// Sum of `weights` times the coefficients, with approximate degrees of freedom.
    ///
    /// Those of Kenward and Roger equal Satterthwaite's for a single combination; the standard errors differ.
    pub fn contrast(&self, weights: &[f64], method: DegreesOfFreedom) -> Contrast {
        let variance = self.covariance.quadratic_form(weights);
        let gradient: Vec<f64> = self.slopes.iter().map(|slope| slope.quadratic_form(weights)).collect();
        let degrees_of_freedom = 2.0 * variance * variance / self.parameter_covariance.quadratic_form(&gradient);
        let used = match method {
            DegreesOfFreedom::Satterthwaite => variance,
            DegreesOfFreedom::KenwardRoger => self.adjusted_covariance.quadratic_form(weights),
        };
        Contrast::student(
            dot(weights, &self.coefficients),
            used.max(0.0).sqrt(),
            degrees_of_freedom,
        )
    }
}
