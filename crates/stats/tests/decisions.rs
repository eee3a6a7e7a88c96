//! Multiplicity, imputation and Bayesian quantities: printed values and agreement with outside programs.

use malar_stats::Count;
use malar_stats::bayes::*;
use malar_stats::imputation::*;
use malar_stats::matrix::Matrix;
use malar_stats::multiplicity::*;
use proptest::prelude::*;

fn assert_near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got} instead of {expected}");
}

fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace().map(|field| field.parse().unwrap()).collect()
}

fn count(responders: u32, n: u32) -> Count {
    Count { responders, n }
}

fn graph(name: &str) -> Graph {
    let third = 1.0 / 3.0;
    let (weights, rows) = match name {
        "holm4" => (
            [0.25; 4],
            [
                [0.0, third, third, third],
                [third, 0.0, third, third],
                [third, third, 0.0, third],
                [third, third, third, 0.0],
            ],
        ),
        "parallel" => (
            [0.5, 0.5, 0.0, 0.0],
            [
                [0.0, 0.5, 0.5, 0.0],
                [0.5, 0.0, 0.0, 0.5],
                [0.0, 1.0, 0.0, 0.0],
                [1.0, 0.0, 0.0, 0.0],
            ],
        ),
        _ => (
            [0.5, 0.25, 0.125, 0.125],
            [
                [0.0, 1.0, 0.0, 0.0],
                [0.0, 0.0, 1.0, 0.0],
                [0.0, 0.0, 0.0, 1.0],
                [0.0; 4],
            ],
        ),
    };
    Graph::new(weights.to_vec(), rows.iter().map(|row| row.to_vec()).collect()).unwrap()
}

#[test]
fn adjusted_p_values_match_statsmodels_and_closed_testing() {
    let text = include_str!("../../../validation/stats/multiplicity/expected.csv");
    for line in text.lines().skip(2) {
        let fields: Vec<&str> = line.split(',').collect();
        let p = numbers(fields[1]);
        let got = match fields[0] {
            "holm" => holm(&p),
            "hochberg" => hochberg(&p),
            name => graph(name).adjust(&p),
        };
        for (got, expected) in got.iter().zip(numbers(fields[2])) {
            assert!((got - expected).abs() < 1e-12, "{line}: {got}");
        }
    }
    assert_eq!(fixed_sequence(&[0.01, 0.2, 0.03]), [0.01, 0.2, 0.2]);
    assert_eq!(
        Graph::new(vec![0.7, 0.7], vec![vec![0.0; 2]; 2]),
        Err(GraphError::Weights)
    );
    assert_eq!(
        Graph::new(vec![0.5, 0.5], vec![vec![0.5, 0.0], vec![0.0; 2]]),
        Err(GraphError::Transitions(0))
    );
}

proptest! {
    #[test]
    fn holm_is_closed_testing_by_bonferroni(p in prop::collection::vec(0.0f64..=1.0, 1..6)) {
        let smallest = |set: &[usize]| set.iter().map(|&i| p[i]).fold(1.0, f64::min);
        let bonferroni = |set: &[usize]| (set.len() as f64 * smallest(set)).min(1.0);
        for (a, b) in holm(&p).iter().zip(closed_test(p.len(), bonferroni)) {
            prop_assert!((a - b).abs() < 1e-12);
        }
    }
}

/// Rubin 1987 and Barnard & Rubin 1999 by hand.
#[test]
fn pooled_estimates_match_reference() {
    let (q, u) = ([1.2, 1.5, 1.1, 1.4, 1.3], [0.25, 0.26, 0.24, 0.27, 0.25]);
    let rubin = pool(&q, &u, f64::INFINITY).unwrap();
    assert_near(rubin.contrast.estimate, 1.30, 1e-12);
    assert_near(rubin.within, 0.254, 1e-12);
    assert_near(rubin.between, 0.025, 1e-12);
    assert_near(rubin.contrast.standard_error, 0.532917, 5.1e-7);
    assert_near(rubin.contrast.degrees_of_freedom, 358.471, 5.1e-4);
    assert_near(rubin.contrast.low95, 0.251964, 5.1e-7);
    assert_near(rubin.contrast.high95, 2.348036, 5.1e-7);
    assert_near(pool(&q, &u, 100.0).unwrap().contrast.degrees_of_freedom, 70.46, 5.1e-3);
    assert!(pool(&[1.0], &[1.0], 10.0).is_none() && pool(&[], &[], 10.0).is_none());
    assert!(pool(&[1.0; 3], &[0.0; 3], 10.0).is_none());
}

#[test]
fn reference_based_laws_match_numpy() {
    let arm = |mean: [f64; 4], rows: [[f64; 4]; 4]| ArmModel {
        mean: mean.to_vec(),
        covariance: Matrix::from_rows(&rows),
    };
    let own = arm(
        [10.0, 8.0, 6.5, 5.0],
        [
            [4.0, 2.5, 2.0, 1.5],
            [2.5, 5.0, 3.0, 2.2],
            [2.0, 3.0, 6.0, 3.5],
            [1.5, 2.2, 3.5, 7.0],
        ],
    );
    let reference = arm(
        [10.2, 9.6, 9.1, 8.8],
        [
            [4.4, 2.1, 1.8, 1.1],
            [2.1, 5.2, 2.6, 2.0],
            [1.8, 2.6, 5.5, 3.1],
            [1.1, 2.0, 3.1, 6.2],
        ],
    );
    let values = [Some(11.5), Some(7.0), None, None];
    for line in include_str!("../../../validation/stats/imputation/expected.csv")
        .lines()
        .skip(2)
    {
        let fields: Vec<&str> = line.split(',').collect();
        let assumption = match fields[0] {
            "own" => Assumption::OwnArm,
            "jump" => Assumption::JumpToReference,
            _ => Assumption::CopyReference,
        };
        let law = missing_given_observed(&values, &own, &reference, assumption).unwrap();
        assert_eq!(law.visits, [2, 3]);
        let mean = numbers(fields[1]);
        assert_near(law.mean[0], mean[0], 1e-12);
        assert_near(law.mean[1], mean[1], 1e-12);
        // The draws of the unit vectors are the columns of the factor.
        let column =
            |z: [f64; 2]| -> Vec<f64> { law.draw(&z, 0.5).iter().zip(&mean).map(|(d, m)| d - m - 0.5).collect() };
        let (a, b) = (column([1.0, 0.0]), column([0.0, 1.0]));
        let got = [
            a[0] * a[0] + b[0] * b[0],
            a[0] * a[1] + b[0] * b[1],
            a[1] * a[1] + b[1] * b[1],
        ];
        for (got, expected) in got.into_iter().zip(numbers(fields[2])) {
            assert_near(got, expected, 1e-12);
        }
    }
    assert!(missing_given_observed(&[Some(1.0); 4], &own, &reference, Assumption::OwnArm).is_none());
    assert_near(tipping_point(10.0, 0.05, |shift| 0.01 * shift).unwrap(), 5.0, 1e-5);
    assert_eq!(tipping_point(1.0, 0.05, |_| 0.01), None);
    assert_eq!(tipping_point(1.0, 0.05, |_| 0.5), Some(0.0));
}

const FLAT: Beta = Beta { a: 1.0, b: 1.0 };

#[test]
fn posterior_probabilities_match_printed_ones() {
    let posterior = FLAT.after(count(12, 20));
    assert_near(posterior.probability_above(0.4), 0.964772, 5.1e-7);
    assert_near(posterior.mean(), 0.590909, 5.1e-7);
    let interval = posterior.interval(0.95);
    assert_near(interval.low, 0.384354, 5.1e-7);
    assert_near(interval.high, 0.781803, 5.1e-7);
    assert_near(FLAT.after(count(27, 60)).probability_above(0.35), 0.948737, 5.1e-7);
    let jeffreys = Beta { a: 0.5, b: 0.5 };
    assert_near(jeffreys.after(count(8, 10)).probability_above(0.5), 0.973963, 5.1e-7);
    let chance = predictive_probability(FLAT, count(12, 20), 40, 0.4, 0.975).unwrap();
    assert_near(chance, 0.674473, 5.1e-7);
    assert!(predictive_probability(FLAT, count(12, 20), 19, 0.4, 0.975).is_none());
}

#[test]
fn bayesian_quantities_match_scipy() {
    // Placebo arms of eight ankylosing spondylitis trials, as used for Baeten et al. 2013.
    let responders = [23, 12, 19, 9, 39, 6, 9, 10];
    let subjects = [107, 44, 51, 39, 139, 20, 78, 35];
    let studies: Vec<Count> = responders.into_iter().zip(subjects).map(|(x, n)| count(x, n)).collect();
    let scales = Heterogeneity {
        mean_scale: 2.0,
        between_scale: 1.0,
    };
    let prior = meta_analytic_predictive(&studies, scales).unwrap();
    for line in include_str!("../../../validation/stats/bayes/expected.csv")
        .lines()
        .skip(2)
    {
        let fields: Vec<&str> = line.split(',').collect();
        let v = numbers(fields[1]);
        let (got, tolerance) = match fields[0] {
            "exceeds" => {
                let (treated, control) = (Beta { a: v[0], b: v[1] }, Beta { a: v[2], b: v[3] });
                (treated.probability_exceeds(control, v[4]), 1e-6)
            }
            "predictive" => {
                let seen = count(v[0] as u32, v[1] as u32);
                (
                    predictive_probability(FLAT, seen, v[2] as u32, v[3], v[4]).unwrap(),
                    1e-11,
                )
            }
            // The grid's slices are 0.04 wide on the logit scale.
            "map_mean" => (prior.mean(), 2e-5),
            "map_sd" => (prior.standard_deviation(), 2e-5),
            _ => (prior.probability_above(v[0]), 2e-4),
        };
        let expected: f64 = fields[2].parse().unwrap();
        assert!((got - expected).abs() < tolerance, "{line}: {got}");
    }
    // By the outside moments: the beta law with the same mean and variance, less 1 (0.02 for 2e-5 in each).
    let outside = |name: &str| -> f64 {
        let text = include_str!("../../../validation/stats/bayes/expected.csv");
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_start_matches(',').parse().unwrap()
    };
    let (mean, sd) = (outside("map_mean"), outside("map_sd"));
    assert_near(
        prior.effective_sample_size(),
        mean * (1.0 - mean) / (sd * sd) - 1.0,
        0.02,
    );
    assert_near(prior.quantile(1.0 - outside("map_above,0.25,")), 0.25, 1e-4);
    let robust = prior.robust(0.2);
    assert!(robust.effective_sample_size() < prior.effective_sample_size());
    // Data that contradict the earlier studies make the robust prior let go of them.
    let conflict = count(28, 35);
    let (kept, let_go) = (prior.after(conflict).mean(), robust.after(conflict).mean());
    assert!(kept < let_go && (let_go - 0.8).abs() < 0.05, "{kept} {let_go}");
    assert!(meta_analytic_predictive(&[], scales).is_none());
}

/// Products of at most eight numbers, printed to 15 digits.
#[test]
fn families_match_p_adjust_and_every_intersection() {
    let text = include_str!("../../../validation/stats/multiplicity/families.csv");
    let simes = |p: &[f64]| {
        closed_test(p.len(), |set| {
            let members: Vec<f64> = set.iter().map(|k| p[*k]).collect();
            malar_stats::adaptive::intersection_p_value(&members)
        })
    };
    for line in text.lines().skip(2) {
        let fields: Vec<&str> = line.split(',').collect();
        let p = numbers(fields[1]);
        let got = match fields[0] {
            "holm" => holm(&p),
            "hochberg" => hochberg(&p),
            "hommel" => simes(&p),
            _ => fixed_sequence(&p),
        };
        for (got, expected) in got.iter().zip(numbers(fields[2])) {
            assert!((got - expected).abs() < 1e-14, "{line}: {got}");
        }
    }
    assert_eq!(text.lines().count(), 2 + 4 * 10);
}

/// Moments agree to a few roundings; Student's quantile is the solution of an equation, on either side to about 1e-12.
#[test]
fn pooled_estimates_match_fractions_and_scipy() {
    for line in include_str!("../../../validation/stats/imputation/pool.csv")
        .lines()
        .skip(2)
    {
        let fields: Vec<&str> = line.split(',').collect();
        let complete: f64 = fields[2].parse().unwrap();
        let found = pool(&numbers(fields[0]), &numbers(fields[1]), complete).expect("variance");
        let contrast = found.contrast;
        let got = [
            contrast.estimate,
            found.within,
            found.between,
            contrast.standard_error,
            contrast.degrees_of_freedom,
            contrast.low95,
            contrast.high95,
            contrast.p_value,
        ];
        for (got, expected) in got.into_iter().zip(&fields[3..]) {
            let expected: f64 = expected.parse().unwrap();
            assert_near(got, expected, 1e-11 * expected.abs().max(1.0));
        }
    }
}

#[test]
fn beta_posteriors_match_scipy() {
    for line in include_str!("../../../validation/stats/bayes/posteriors.csv")
        .lines()
        .skip(2)
    {
        let v: Vec<f64> = line.split(',').map(|field| field.parse().unwrap()).collect();
        let posterior = Beta { a: v[0], b: v[1] }.after(count(v[2] as u32, v[3] as u32));
        let interval = posterior.interval(0.95);
        let above = posterior.probability_above(v[4]);
        for (got, expected) in [posterior.mean(), interval.low, interval.high, above]
            .into_iter()
            .zip(&v[5..])
        {
            // As in the test of distributions: three logarithms of gamma functions of a + b, each with that many roundings.
            let size = posterior.a + posterior.b;
            let tolerance = (1e-13 + 4.0 * f64::EPSILON * size * size.ln_1p()) * expected.max(1e-3);
            assert!((got - expected).abs() <= tolerance, "{line}: {got}");
        }
    }
}
