//! What data tell of the trial effect's numbers, alone and against severity, triggers and noise.

use malar_stats::ensemble::effective;
use malar_stats::matrix::{Matrix, lower_factor};
use serde::Serialize;

use crate::calibrate::standardised;
use crate::catalog::Library;
use crate::finding::InputError;
use crate::posterior::Posterior;

/// Numbers of the trial effect start with this, and the ones that a referral changes.
const TRIAL_EFFECT: &str = "clinical.trial_effect.";
const REFERRAL: &str = "referral_effect";

/// What trades off with the trial effect, by group.
const OTHERS: [(&str, &[&str]); 3] = [
    (
        "severity",
        &[
            "clinical.measurement.mean_skin",
            "clinical.measurement.mean_other",
            "clinical.measurement.severity_sd",
            "clinical.measurement.item_lasting_sd",
            "referral_severity",
        ],
    ),
    ("trigger rate", &["trigger_rate.scale"]),
    (
        "noise",
        &[
            "clinical.measurement.organ_noise_sd",
            "clinical.measurement.item_noise_sd",
            "clinical.measurement.item_noise_correlation",
        ],
    ),
];

/// A number of the trial effect in the posterior.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Identified {
    /// Its name.
    pub number: String,
    /// One minus posterior over prior variance.
    pub contraction: f64,
    /// Its posterior correlations.
    pub with: Vec<Together>,
    /// Share of its posterior variance that goes with all of these, adjusted for their number, 0 to 1.
    pub shared: f64,
    /// Correlations that chance alone gives to one pair in twenty.
    pub chance: f64,
}

/// A posterior correlation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Together {
    /// `severity`, `trigger rate` or `noise`.
    pub group: String,
    /// The other number.
    pub number: String,
    /// In -1..1, where both priors are standard normal.
    pub correlation: f64,
}

/// Every number of the trial effect that the posterior moves; none if the library has no calibration of the posterior's name.
pub(super) fn identified(library: &Library, posterior: &Posterior) -> Result<Vec<Identified>, InputError> {
    let Some(z) = standardised(library, posterior)? else {
        return Ok(Vec::new());
    };
    let is_effect = |name: &String| name.starts_with(TRIAL_EFFECT) || name == REFERRAL;
    let own = (0..posterior.names.len()).filter(|&k| is_effect(&posterior.names[k]));
    Ok(own.map(|k| of(posterior, &z, k)).collect())
}

fn of(posterior: &Posterior, z: &Matrix, own: usize) -> Identified {
    let place = |name: &str| posterior.names.iter().position(|other| other == name);
    let others: Vec<(&str, usize)> = OTHERS
        .iter()
        .flat_map(|(group, names)| names.iter().filter_map(|name| Some((*group, place(name)?))))
        .collect();
    let covariance = |i, j| covariance(z, &posterior.weights, i, j);
    let correlation = |i, j| covariance(i, j) / (covariance(i, i) * covariance(j, j)).sqrt();
    let together = |(group, k): &(&str, usize)| Together {
        group: (*group).to_owned(),
        number: posterior.names[*k].clone(),
        correlation: correlation(own, *k),
    };
    let places: Vec<usize> = others.iter().map(|(_, k)| *k).collect();
    let members = effective(&posterior.weights);
    Identified {
        number: posterior.names[own].clone(),
        contraction: 1.0 - covariance(own, own),
        with: others.iter().map(together).collect(),
        shared: shared(own, &places, correlation, members),
        chance: 2.0 / members.sqrt(),
    }
}

/// Weighted covariance of two columns, unbiased for weights that stand for reliability.
fn covariance(z: &Matrix, weights: &[f64], i: usize, j: usize) -> f64 {
    let centre = |k: usize| z.rows().zip(weights).map(|(row, w)| w * row[k]).sum::<f64>();
    let (a, b) = (centre(i), centre(j));
    let rows = z.rows().zip(weights);
    let sum: f64 = rows.map(|(row, w)| w * (row[i] - a) * (row[j] - b)).sum();
    sum / (1.0 - weights.iter().map(|w| w * w).sum::<f64>())
}

/// Squared multiple correlation of `own` with `others`, adjusted as if `members` independent ones had been drawn; not below zero.
fn shared(own: usize, others: &[usize], correlation: impl Fn(usize, usize) -> f64, members: f64) -> f64 {
    let n = others.len();
    let mut among = Matrix::zeros(n, n);
    for (i, a) in others.iter().enumerate() {
        for (j, b) in others.iter().enumerate() {
            among[(i, j)] = correlation(*a, *b);
        }
    }
    let with: Vec<f64> = others.iter().map(|k| correlation(own, *k)).collect();
    let left = members - n as f64 - 1.0;
    let Some(lower) = lower_factor(&among).filter(|_| n > 0 && left > 0.0) else {
        return 0.0;
    };
    // With L L' = among, the square is |L⁻¹ with|².
    let mut solved: Vec<f64> = Vec::with_capacity(n);
    for (i, correlation) in with.iter().enumerate() {
        let known: f64 = solved.iter().zip(lower.row(i)).map(|(x, l)| x * l).sum();
        solved.push((correlation - known) / lower[(i, i)]);
    }
    let square: f64 = solved.iter().map(|x| x * x).sum();
    (1.0 - (1.0 - square) * (members - 1.0) / left).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Column 2 is column 0 plus column 1, which are uncorrelated.
    fn columns() -> Matrix {
        Matrix::from_rows(&[[1.0, 1.0, 2.0], [1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [-1.0, -1.0, -2.0]])
    }

    #[test]
    fn covariances_are_weighted_and_unbiased() {
        let (z, even) = (columns(), [0.25; 4]);
        assert!((covariance(&z, &even, 0, 0) - 4.0 / 3.0).abs() < 1e-12);
        assert!(covariance(&z, &even, 0, 1).abs() < 1e-12);
        // Two members alone: mean 1 and 0, deviations ±1 in column 1.
        assert!((covariance(&z, &[0.5, 0.5, 0.0, 0.0], 1, 1) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn what_follows_from_others_is_shared_with_them() {
        let (z, even) = (columns(), [0.25; 4]);
        let correlation =
            |i, j| covariance(&z, &even, i, j) / (covariance(&z, &even, i, i) * covariance(&z, &even, j, j)).sqrt();
        assert!((shared(2, &[0, 1], correlation, 100.0) - 1.0).abs() < 1e-9);
        // One of two halves: R² = 1/2, adjusted by 99/98.
        assert!((shared(2, &[0], correlation, 100.0) - (1.0 - 0.5 * 99.0 / 98.0)).abs() < 1e-9);
        assert_eq!(shared(0, &[1], correlation, 100.0).to_bits(), 0f64.to_bits());
    }

    #[test]
    fn the_librarys_posterior_moves_the_trial_effect() {
        let library = Library::embedded();
        let posterior = Posterior::open(&library, "sle-trial").expect("in the library");
        let found = identified(&library, &posterior).expect("a good calibration file");
        let offset = found
            .iter()
            .find(|n| n.number == "clinical.trial_effect.offset")
            .expect("it moves");
        assert!(offset.contraction > 0.3 && offset.contraction < 1.0, "{offset:?}");
        let groups = ["severity", "trigger rate", "noise"];
        assert!(
            groups
                .iter()
                .all(|group| offset.with.iter().any(|other| other.group == *group))
        );
    }
}
