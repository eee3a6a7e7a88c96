//! Tests of means, once and repeatedly measured.

use malar_stats::imputation::pool;
use malar_stats::least_squares::{Subject, ancova};
use malar_stats::matrix::Matrix;
use malar_stats::mmrm::{DegreesOfFreedom, Measurements, Structure, mmrm};

use super::{Dice, Expectation, Method};

const REPEATED: &str = "15 patients an arm, 4 visits, a tenth leaves at each visit after a bad one";

pub fn methods() -> Vec<Method> {
    use Expectation::{Approximate, Nominal};
    let method = |name, setting, expectation, thousands, rejects| Method {
        name,
        setting,
        nominal: 0.05,
        expectation,
        thousands,
        rejects,
    };
    vec![
        method(
            "ANCOVA",
            "12 patients an arm, baseline as covariate",
            Nominal,
            100,
            |d| {
                let subjects: Vec<Subject> = (0..24).map(|k| subject(d, k % 2 == 1)).collect();
                Some(ancova(&subjects).ok()?.p_value < 0.05)
            },
        ),
        method(
            "MMRM, Kenward-Roger",
            REPEATED,
            Approximate("series correction for small samples", 0.01),
            2,
            |d| repeated(d, DegreesOfFreedom::KenwardRoger),
        ),
        method(
            "MMRM, Satterthwaite",
            REPEATED,
            Approximate(
                "plain standard errors are too small in small samples (Kenward & Roger 1997)",
                0.02,
            ),
            2,
            |d| repeated(d, DegreesOfFreedom::Satterthwaite),
        ),
        method(
            "multiple imputation, Rubin's rules",
            "50 patients an arm, a third of values missing at random, 20 data sets",
            Approximate("moments of 20 draws", 0.005),
            5,
            imputed,
        ),
    ]
}

fn subject(d: &mut Dice, treated: bool) -> Subject {
    let baseline = d.normal();
    Subject {
        treated,
        covariates: vec![baseline],
        response: 0.6 * baseline + 0.8 * d.normal(),
    }
}

/// Unstructured covariance; whoever stands one standard deviation below the mean leaves with probability 0.4.
fn repeated(d: &mut Dice, method: DegreesOfFreedom) -> Option<bool> {
    const VISITS: usize = 4;
    let (mut rows, mut response, mut subject, mut visit) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for patient in 0..30 {
        let treated = patient % 2 == 1;
        let own = d.normal();
        for v in 0..VISITS {
            let y = own + 0.7 * d.normal();
            let mut row = vec![0.0; 2 * VISITS];
            row[v] = 1.0;
            row[VISITS + v] = f64::from(u8::from(treated));
            rows.push(row);
            response.push(y);
            subject.push(patient);
            visit.push(v);
            if y < -1.0 && d.chance(0.4) {
                break;
            }
        }
    }
    let measurements = Measurements {
        design: &Matrix::from_rows(&rows),
        response: &response,
        subject: &subject,
        visit: &visit,
    };
    let fit = mmrm(&measurements, Structure::Unstructured).ok()?;
    let mut weights = vec![0.0; 2 * VISITS];
    weights[2 * VISITS - 1] = 1.0;
    Some(fit.contrast(&weights, method).p_value < 0.05)
}

/// Values missing completely at random, drawn from a normal law whose mean and variance are drawn first (proper).
fn imputed(d: &mut Dice) -> Option<bool> {
    const N: usize = 50;
    let arms = [0, 1].map(|_| {
        let seen: Vec<f64> = (0..N).map(|_| d.normal()).collect();
        seen.into_iter().filter(|_| !d.chance(1.0 / 3.0)).collect::<Vec<f64>>()
    });
    let moments = |values: &[f64]| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (
            mean,
            values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0),
        )
    };
    let (mut estimates, mut variances) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let complete = arms.each_ref().map(|seen| {
            let (mean, variance) = moments(seen);
            let n = seen.len();
            // Posterior under Jeffreys' prior: scaled inverse chi-square, then normal.
            let chi: f64 = (1..n).map(|_| d.normal().powi(2)).sum();
            let sd = (variance * (n - 1) as f64 / chi).sqrt();
            let centre = mean + sd / (n as f64).sqrt() * d.normal();
            let drawn = (n..N).map(|_| centre + sd * d.normal()).collect::<Vec<f64>>();
            moments(&[seen.as_slice(), &drawn].concat())
        });
        estimates.push(complete[1].0 - complete[0].0);
        variances.push((complete[0].1 + complete[1].1) / N as f64);
    }
    Some(pool(&estimates, &variances, (2 * N - 2) as f64)?.contrast.p_value < 0.05)
}
