//! Parameters of a simulator from observations, by an ensemble of guesses: tempered ensemble Kalman inversion.
//!
//! Each member has parameters (drawn from a standard normal prior) and predictions. One step moves the members by the covariance that
//! parameters and predictions have over the ensemble; steps h of all iterations add up to 1, when the ensemble stands for the posterior
//! (exactly so if predictions are linear in the parameters). Source: Iglesias, Law & Stuart 2013, Inverse Problems 29:045001; steps
//! chosen by the misfit: Iglesias & Yang 2021, Inverse Problems 37:025008. Checked: a linear problem against its exact posterior (tests).

use crate::descriptive::mean;
use crate::matrix::{Cholesky, Matrix, dot};

/// What was observed, and how far it may be from what a right simulator says.
#[derive(Clone, Debug)]
pub struct Observations {
    values: Vec<f64>,
    covariance: Matrix,
    factor: Cholesky,
}

impl Observations {
    /// `None` if `covariance` is not positive definite; panics unless its size is that of `values`.
    pub fn new(values: Vec<f64>, covariance: Matrix) -> Option<Observations> {
        assert_eq!(values.len(), covariance.n_rows(), "one row per observation");
        let factor = Cholesky::new(&covariance)?;
        Some(Observations {
            values,
            covariance,
            factor,
        })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The observed values.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// `(y − g)' R⁻¹ (y − g)`: about the number of observations for a right simulator.
    pub fn misfit(&self, predicted: &[f64]) -> f64 {
        let residual: Vec<f64> = self.values.iter().zip(predicted).map(|(y, g)| y - g).collect();
        dot(&residual, &self.factor.solve(&residual))
    }

    /// Those at `places`, in that order. `None` without any.
    pub fn only(&self, places: &[usize]) -> Option<Observations> {
        let values: Vec<f64> = places.iter().map(|&k| self.values[k]).collect();
        (!values.is_empty()).then(|| Observations::new(values, self.covariance.submatrix(places, places)))?
    }

    /// `L e` for standard normal `e`: one draw of the errors.
    pub fn error(&self, normals: &[f64]) -> Vec<f64> {
        let lower = self.factor.lower();
        (0..normals.len())
            .map(|i| dot(&lower.row(i)[..=i], &normals[..=i]))
            .collect()
    }
}

/// Longest step: predictions are not linear, so the posterior is looked at from nearby at least once.
const LONGEST_STEP: f64 = 0.5;

/// Step of the next iteration after steps that add up to `spent`, at most one half and at most what is left of 1.
///
/// From the mean and spread of the members' misfits, so that one step changes the ensemble's information by a bounded amount
/// (Iglesias & Yang 2021, eq. 3.8, with misfits here twice theirs).
pub fn next_step(misfits: &[f64], n_observations: usize, spent: f64) -> f64 {
    let n = n_observations as f64;
    let average = mean(misfits).unwrap_or(0.0);
    let variance = mean(
        &misfits
            .iter()
            .map(|m| (m - average) * (m - average))
            .collect::<Vec<_>>(),
    )
    .unwrap_or(0.0);
    let step = (n / average).max((2.0 * n / variance).sqrt());
    let step = step.min(LONGEST_STEP);
    let left = 1.0 - spent;
    // A rest below a hundredth is not worth an iteration of its own.
    if step.is_nan() || step > left - 0.01 {
        left
    } else {
        step
    }
}

/// Parameters after a step `h`, one row per member.
///
/// `normals` are standard normal, one row per member, one column per observation. A parameter that cannot reach an observation
/// (`reaches(parameter, observation)` false) is not moved by it, whatever their chance correlation; where it can, the covariance is
/// tapered by ρ²/(ρ² + (1 + ρ²)/members), which is best in mean square (Furrer & Bengtsson 2007, J Multivar Anal 98:227).
/// `None` if some prediction is not finite.
pub fn update(
    parameters: &Matrix,
    predictions: &Matrix,
    observations: &Observations,
    h: f64,
    normals: &Matrix,
    reaches: impl Fn(usize, usize) -> bool,
) -> Option<Matrix> {
    let (theta, g) = (centred(parameters), centred(predictions));
    let scale = 1.0 / (parameters.n_rows() as f64 - 1.0);
    let mut c_gg = g.transposed().times(&g);
    let mut c_theta_g = theta.transposed().times(&g);
    let spread = |of: &Matrix, k: usize| of.rows().map(|row| row[k] * row[k]).sum::<f64>().sqrt();
    for p in 0..parameters.n_columns() {
        for k in 0..predictions.n_columns() {
            let correlation = c_theta_g[(p, k)] / (spread(&theta, p) * spread(&g, k));
            let taper = match reaches(p, k) && correlation.is_finite() {
                true => squared_taper(correlation, parameters.n_rows()),
                false => 0.0,
            };
            c_theta_g[(p, k)] *= scale * taper;
        }
    }
    for i in 0..c_gg.n_rows() {
        for j in 0..c_gg.n_columns() {
            c_gg[(i, j)] *= scale;
        }
    }
    c_gg.add_scaled(1.0 / h, &observations.covariance);
    let factor = Cholesky::new(&c_gg)?;
    let mut moved = parameters.clone();
    for member in 0..parameters.n_rows() {
        let error = observations.error(normals.row(member));
        let wanted = observations.values.iter().zip(error).map(|(y, e)| y + e / h.sqrt());
        let residual: Vec<f64> = wanted.zip(predictions.row(member)).map(|(y, g)| y - g).collect();
        let change = c_theta_g.times_vector(&factor.solve(&residual));
        for (p, change) in change.into_iter().enumerate() {
            moved[(member, p)] += change;
        }
    }
    Some(moved)
}

fn squared_taper(correlation: f64, members: usize) -> f64 {
    let squared = correlation * correlation;
    squared / (squared + (1.0 + squared) / members as f64)
}

/// Rows minus their mean.
fn centred(rows: &Matrix) -> Matrix {
    let mut result = rows.clone();
    for column in 0..rows.n_columns() {
        let average = rows.rows().map(|row| row[column]).sum::<f64>() / rows.n_rows() as f64;
        for row in 0..rows.n_rows() {
            result[(row, column)] -= average;
        }
    }
    result
}

/// Logarithm of posterior density over the density of the normal distribution that the ensemble looks like, up to a constant: what
/// importance weights would correct. `None` if the ensemble has no covariance (fewer members than parameters).
pub fn log_weights(parameters: &Matrix, predictions: &Matrix, observations: &Observations) -> Option<Vec<f64>> {
    let factor = Cholesky::new(&covariance(parameters))?;
    let around = centred(parameters);
    let weight = |member: usize| {
        let (z, own) = (parameters.row(member), around.row(member));
        let proposal = dot(own, &factor.solve(own));
        0.5 * (proposal - dot(z, z) - observations.misfit(predictions.row(member)))
    };
    Some((0..parameters.n_rows()).map(weight).collect())
}

/// Weights proportional to exp(λ log weight), with the largest λ up to 1 that leaves at least `share` of the members effective
/// (1 / Σ w²). The weights, which sum to 1, and λ.
pub fn tempered_weights(log_weights: &[f64], share: f64) -> (Vec<f64>, f64) {
    let top = log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights = |power: f64| {
        let raw: Vec<f64> = log_weights.iter().map(|w| libm::exp(power * (w - top))).collect();
        let total: f64 = raw.iter().sum();
        raw.into_iter().map(|w| w / total).collect::<Vec<f64>>()
    };
    let enough = |power: f64| effective(&weights(power)) >= share * log_weights.len() as f64;
    let (mut low, mut high) = (0.0, 1.0);
    if enough(high) {
        return (weights(high), high);
    }
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if enough(middle) { low = middle } else { high = middle }
    }
    (weights(low), low)
}

/// Members that equal weights would need for the same precision: 1 / Σ w².
pub fn effective(weights: &[f64]) -> f64 {
    1.0 / weights.iter().map(|w| w * w).sum::<f64>()
}

/// Predictions as linear functions of the parameters, fitted by ridge regression.
#[derive(Clone, Debug)]
pub struct Linear {
    /// Prediction of each observation where every parameter is zero.
    pub at_zero: Vec<f64>,
    /// Change of each prediction (row) per parameter (column).
    pub slopes: Matrix,
    /// Standard deviation of what is left.
    pub residual_sd: Vec<f64>,
}

impl Linear {
    /// From one row of parameters and predictions per simulation; slopes have a normal prior with variance `1/ridge` of the residual's.
    pub fn fit(parameters: &Matrix, predictions: &Matrix, ridge: f64) -> Option<Linear> {
        let (n, p) = (parameters.n_rows(), parameters.n_columns());
        let design: Vec<Vec<f64>> = parameters
            .rows()
            .map(|row| std::iter::once(1.0).chain(row.iter().copied()).collect())
            .collect();
        let x = Matrix::from_rows(&design);
        let mut normal = x.transposed().times(&x);
        for k in 1..=p {
            normal[(k, k)] += ridge;
        }
        let solution = Cholesky::new(&normal)?.solve_matrix(&x.transposed().times(predictions));
        let fitted = x.times(&solution);
        let left = |k: usize| {
            let squares = (0..n)
                .map(|i| (predictions[(i, k)] - fitted[(i, k)]).powi(2))
                .sum::<f64>();
            (squares / (n as f64 - p as f64 - 1.0).max(1.0)).sqrt()
        };
        let columns: Vec<usize> = (0..predictions.n_columns()).collect();
        let rows: Vec<usize> = (1..=p).collect();
        Some(Linear {
            at_zero: solution.row(0).to_vec(),
            slopes: solution.submatrix(&rows, &columns).transposed(),
            residual_sd: columns.iter().map(|&k| left(k)).collect(),
        })
    }

    /// Posterior under a standard normal prior: mean, and the factor of its precision.
    pub fn posterior(&self, observations: &Observations) -> Option<(Vec<f64>, Precision)> {
        let weighted = observations.factor.solve_matrix(&self.slopes).transposed();
        let information = weighted.times(&self.slopes);
        let mut precision = Matrix::identity(self.slopes.n_columns());
        precision.add_scaled(1.0, &information);
        let factor = Cholesky::new(&precision)?;
        let residual: Vec<f64> = observations
            .values
            .iter()
            .zip(&self.at_zero)
            .map(|(y, g)| y - g)
            .collect();
        let mean = factor.solve(&weighted.times_vector(&residual));
        let matrix = precision;
        Some((mean, Precision { matrix, factor }))
    }

    /// Those observations at `places`.
    #[must_use]
    pub fn only(&self, places: &[usize]) -> Linear {
        let columns: Vec<usize> = (0..self.slopes.n_columns()).collect();
        Linear {
            at_zero: places.iter().map(|&k| self.at_zero[k]).collect(),
            slopes: self.slopes.submatrix(places, &columns),
            residual_sd: places.iter().map(|&k| self.residual_sd[k]).collect(),
        }
    }
}

/// Inverse of a posterior's covariance.
#[derive(Clone, Debug)]
pub struct Precision {
    matrix: Matrix,
    factor: Cholesky,
}

impl Precision {
    /// Standard deviation of each parameter.
    pub fn standard_deviations(&self) -> Vec<f64> {
        let inverse = self.factor.inverse();
        (0..inverse.n_rows()).map(|k| inverse[(k, k)].sqrt()).collect()
    }

    /// Standard deviation of parameter `k` if all others were known: what a slice, not a profile, would show.
    pub fn conditional_sd(&self, k: usize) -> f64 {
        1.0 / self.matrix[(k, k)].sqrt()
    }

    /// A draw with this precision and mean zero, from standard normals: `L⁻ᵀ e`.
    pub fn draw(&self, normals: &[f64]) -> Vec<f64> {
        let lower = self.factor.lower();
        let n = normals.len();
        let mut x = normals.to_vec();
        for i in (0..n).rev() {
            let above: f64 = (i + 1..n).map(|k| lower[(k, i)] * x[k]).sum();
            x[i] = (x[i] - above) / lower[(i, i)];
        }
        x
    }
}

/// Covariance of rows.
pub fn covariance(rows: &Matrix) -> Matrix {
    let rows_centred = centred(rows);
    let mut result = Matrix::zeros(rows.n_columns(), rows.n_columns());
    result.add_scaled(
        1.0 / (rows.n_rows() as f64 - 1.0),
        &rows_centred.transposed().times(&rows_centred),
    );
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::normal_quantile;

    /// Standard normals from a Kronecker sequence with one irrational per column: even, and the same on every machine.
    fn normals(rows: usize, columns: usize, first: usize) -> Matrix {
        let mut result = Matrix::zeros(rows, columns);
        let mut state = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(first as u64 + 1);
        for row in 0..rows {
            for column in 0..columns {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                result[(row, column)] = normal_quantile(((state >> 12) as f64 + 0.5) / (1u64 << 52) as f64);
            }
        }
        result
    }

    /// y = 2a + b observed as 1 ± 0.5 and b as −1 ± 1, standard normal priors: the posterior can be written down.
    fn problem() -> (Observations, Linear) {
        let covariance = Matrix::from_rows(&[[0.25, 0.0], [0.0, 1.0]]);
        let observations = Observations::new(vec![1.0, -1.0], covariance).expect("positive definite");
        let linear = Linear {
            at_zero: vec![0.0, 0.0],
            slopes: Matrix::from_rows(&[[2.0, 1.0], [0.0, 1.0]]),
            residual_sd: vec![0.0; 2],
        };
        (observations, linear)
    }

    fn predictions(parameters: &Matrix) -> Matrix {
        let rows: Vec<[f64; 2]> = parameters.rows().map(|z| [2.0 * z[0] + z[1], z[1]]).collect();
        Matrix::from_rows(&rows)
    }

    #[test]
    fn linear_posterior_is_the_written_one() {
        // Precision [[1 + 16, 8], [8, 1 + 4 + 1]] = [[17, 8], [8, 6]], right side [8, 4 - 1]; determinant 38.
        let (observations, linear) = problem();
        let (mean, precision) = linear.posterior(&observations).expect("regular");
        assert!((mean[0] - (6.0 * 8.0 - 8.0 * 3.0) / 38.0).abs() < 1e-12);
        assert!((mean[1] - (17.0 * 3.0 - 8.0 * 8.0) / 38.0).abs() < 1e-12);
        assert!((precision.standard_deviations()[0] - (6.0f64 / 38.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn ensemble_reaches_the_exact_posterior_of_a_linear_problem() {
        let members = 4000;
        let (observations, linear) = problem();
        let (exact, precision) = linear.posterior(&observations).expect("regular");
        let mut z = normals(members, 2, 1);
        for (k, h) in [0.2, 0.3, 0.5].into_iter().enumerate() {
            let noise = normals(members, 2, 10 + k);
            z = update(&z, &predictions(&z), &observations, h, &noise, |_, _| true).expect("finite");
        }
        let sd = precision.standard_deviations();
        let spread = covariance(&z);
        for k in 0..2 {
            let average = z.rows().map(|row| row[k]).sum::<f64>() / members as f64;
            // Four standard errors of a mean; of a standard deviation, relative, 4 / sqrt(2 n) and as much for the taper.
            assert!(
                (average - exact[k]).abs() < 4.0 * sd[k] / (members as f64).sqrt(),
                "{average} {}",
                exact[k]
            );
            assert!((spread[(k, k)].sqrt() / sd[k] - 1.0).abs() < 0.09);
        }
    }

    #[test]
    fn a_parameter_is_not_moved_by_what_it_cannot_reach() {
        let (observations, _) = problem();
        let z = normals(50, 2, 3);
        let moved = update(&z, &predictions(&z), &observations, 1.0, &normals(50, 2, 4), |p, _| {
            p == 1
        })
        .expect("finite");
        assert!(
            z.rows()
                .zip(moved.rows())
                .all(|(a, b)| a[0].to_bits() == b[0].to_bits() && a[1] != b[1])
        );
    }

    #[test]
    fn steps_are_short_while_the_misfit_is_large_and_add_up_to_one() {
        let far: Vec<f64> = (0..100).map(|k| 1000.0 + f64::from(k)).collect();
        let first = next_step(&far, 10, 0.0);
        assert!(first < 0.2, "{first}");
        assert_eq!(next_step(&[9.0, 10.0, 11.0], 10, first).to_bits(), 0.5f64.to_bits());
        assert!((next_step(&[9.0, 10.0, 11.0], 10, 0.7) - 0.3).abs() < 1e-15);
    }

    #[test]
    fn weights_keep_the_share_asked_for() {
        let log: Vec<f64> = (0..100).map(|k| -f64::from(k)).collect();
        let (weights, power) = tempered_weights(&log, 0.5);
        assert!(power < 1.0 && (effective(&weights) - 50.0).abs() < 0.01);
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(tempered_weights(&[0.0; 4], 0.5).1.to_bits(), 1f64.to_bits());
    }

    #[test]
    fn emulator_finds_slopes_of_a_linear_simulator() {
        let z = normals(200, 2, 7);
        let linear = Linear::fit(&z, &predictions(&z), 1e-9).expect("regular");
        assert!((linear.slopes[(0, 0)] - 2.0).abs() < 1e-6 && (linear.slopes[(1, 0)]).abs() < 1e-6);
        assert!(linear.residual_sd.iter().all(|sd| *sd < 1e-6));
    }
}
