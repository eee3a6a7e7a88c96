//! Adjusted comparisons of shares: logistic regression, minimum-risk weights, exact intervals; published values.

use malar_stats::exact::{Ranking, exact_unconditional};
use malar_stats::logistic::logistic;
use malar_stats::matrix::Matrix;
use malar_stats::proportion::{agresti_coull, jeffreys, wald};
use malar_stats::stratified::*;
use malar_stats::{Count, FitError, Interval};
use proptest::prelude::*;

fn count(responders: u32, n: u32) -> Count {
    Count { responders, n }
}

fn assert_near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got} instead of {expected}");
}

fn assert_limits(got: Option<Interval>, low: f64, high: f64, tolerance: f64) {
    let got = got.expect("subjects");
    assert_near(got.low, low, tolerance);
    assert_near(got.high, high, tolerance);
}

/// The strata of the R package tern's tests: treated, then control, as (responders, subjects).
const STRATA: [(u32, u32, u32, u32); 3] = [(1, 15, 3, 5), (3, 10, 4, 10), (2, 25, 18, 35)];

/// Columns: intercept, treatment, second stratum, third stratum.
fn subjects() -> (Vec<[f64; 4]>, Vec<bool>) {
    let (mut rows, mut responded) = (Vec::new(), Vec::new());
    for (h, &(x1, n1, x0, n0)) in STRATA.iter().enumerate() {
        for (arm, x, n) in [(1.0, x1, n1), (0.0, x0, n0)] {
            for i in 0..n {
                rows.push([1.0, arm, f64::from(u8::from(h == 1)), f64::from(u8::from(h == 2))]);
                responded.push(i < x);
            }
        }
    }
    (rows, responded)
}

fn with_arm(rows: &[[f64; 4]], arm: f64) -> Matrix {
    Matrix::from_rows(&rows.iter().map(|r| [r[0], arm, r[2], r[3]]).collect::<Vec<_>>())
}

/// R package tern (prop_ci).
#[test]
fn intervals_of_five_in_ten_match_tern() {
    let five = count(5, 10);
    assert_limits(wald(five, 0.95, Continuity::Uncorrected), 0.1901025, 0.8098975, 5.1e-8);
    assert_limits(wald(five, 0.95, Continuity::Corrected), 0.1401025, 0.8598975, 5.1e-8);
    assert_limits(agresti_coull(five, 0.95), 0.2365931, 0.7634069, 5.1e-8);
    assert_limits(jeffreys(five, 0.95), 0.2235287, 0.7764713, 5.1e-8);
    for method in [jeffreys, agresti_coull] {
        assert!(method(count(0, 0), 0.95).is_none());
    }
}

#[test]
fn minimum_risk_weights_match_merck_example() {
    let table = STRATA.map(|(x1, n1, x0, n0)| Stratum {
        treated: count(x1, n1),
        control: count(x0, n0),
    });
    let d = minimum_risk_difference(&table).unwrap();
    assert_near(d.estimate, -0.389473, 5.1e-7);
    assert_near(d.standard_error, 0.084409, 5.1e-7);
    let alike = [Stratum {
        treated: count(0, 5),
        control: count(0, 5),
    }];
    assert!(minimum_risk_difference(&alike).is_none() && minimum_risk_difference(&[]).is_none());
}

/// SAS PROC FREQ, exact risk difference, as quoted by the R package tern.
#[test]
fn exact_intervals_match_sas() {
    assert_limits(
        exact_unconditional(count(40, 78), count(5, 17), 0.95, Ranking::Difference),
        -0.0466,
        0.4676,
        5.1e-5,
    );
    assert_limits(
        exact_unconditional(count(27, 57), count(3, 3), 0.95, Ranking::Difference),
        -0.9057,
        0.1197,
        5.1e-5,
    );
}

#[test]
fn exact_intervals_match_enumeration() {
    let text = include_str!("../../../validation/stats/exact/expected.csv");
    for line in text.lines().skip(2) {
        let fields: Vec<&str> = line.split(',').collect();
        let n = |i: usize| fields[i].parse::<u32>().unwrap();
        let ranking = if fields[0] == "score" {
            Ranking::Score
        } else {
            Ranking::Difference
        };
        let got = exact_unconditional(
            count(n(1), n(2)),
            count(n(3), n(4)),
            fields[5].parse().unwrap(),
            ranking,
        );
        // The enumeration looks at 2001 values of the control share and refines none.
        assert_limits(got, fields[6].parse().unwrap(), fields[7].parse().unwrap(), 2e-6);
    }
}

/// glm of R at its default tolerance: the last digit of the second coefficient is its stopping rule's.
#[test]
fn logistic_regression_and_its_marginal_difference_match_reference() {
    let (rows, responded) = subjects();
    let fit = logistic(&Matrix::from_rows(&rows), &responded).unwrap();
    for (got, expected) in fit.coefficients.iter().zip([-0.112504, -1.984735, 0.329875, 0.066689]) {
        assert_near(*got, expected, 1e-6);
    }
    let odds = fit.odds_ratio(1);
    assert_near(odds.estimate, 0.137417, 5.1e-7);
    assert_near(odds.log_standard_error, 0.535779, 5.1e-7);
    assert_near(fit.log_likelihood, -52.887771, 5.1e-7);
    let d = fit
        .marginal_difference(&with_arm(&rows, 1.0), &with_arm(&rows, 0.0))
        .unwrap();
    assert_near(d.estimate, 0.120667 - 0.498336, 1.01e-6);
    assert_near(d.standard_error, 0.0877566, 5.1e-8);
}

#[test]
fn logistic_regressions_match_statsmodels() {
    let text = include_str!("../../../validation/stats/logistic/expected.csv");
    let line = text.lines().find(|line| line.starts_with("made,data")).unwrap();
    let subject = |cell: &str| -> Vec<f64> { cell.split('/').map(|field| field.parse().unwrap()).collect() };
    let made: Vec<Vec<f64>> = line.rsplit(',').next().unwrap().split(' ').map(subject).collect();
    let made_rows: Vec<[f64; 4]> = made.iter().map(|s| [1.0, s[2], s[0], s[1]]).collect();
    let made_outcomes = made.iter().map(|s| s[3] > 0.5).collect();
    for (name, (rows, responded)) in [("tern", subjects()), ("made", (made_rows, made_outcomes))] {
        let fit = logistic(&Matrix::from_rows(&rows), &responded).unwrap();
        let d = fit
            .marginal_difference(&with_arm(&rows, 1.0), &with_arm(&rows, 0.0))
            .unwrap();
        for line in text
            .lines()
            .filter(|line| line.starts_with(name) && !line.contains(",data,"))
        {
            let fields: Vec<&str> = line.split(',').collect();
            let got = match fields[1] {
                "log_likelihood" => fit.log_likelihood,
                "difference" => d.estimate,
                "difference_se" => d.standard_error,
                b if b.starts_with('b') => fit.coefficients[b[1..].parse::<usize>().unwrap()],
                se => fit.odds_ratio(se[2..].parse().unwrap()).log_standard_error,
            };
            let expected: f64 = fields[2].parse().unwrap();
            // The oracle's standard errors carry the weights of its last step but one.
            let tolerance = if fields[1].contains("se") { 1e-8 } else { 1e-11 };
            assert_near(got, expected, tolerance * expected.abs().max(1.0));
        }
    }
}

#[test]
fn regressions_without_an_answer_say_why() {
    let x = Matrix::from_rows(&[[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]]);
    assert_eq!(logistic(&x, &[false, false, true, true]), Err(FitError::Separated));
    assert_eq!(logistic(&x, &[false; 4]), Err(FitError::Separated));
    let twice = Matrix::from_rows(&[[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]);
    assert_eq!(logistic(&twice, &[false, true, true]), Err(FitError::Singular));
    assert_eq!(
        logistic(&Matrix::from_rows(&[[1.0, 2.0]]), &[true]),
        Err(FitError::TooFew)
    );
    let broken = Matrix::from_rows(&[[1.0], [f64::NAN]]);
    assert_eq!(logistic(&broken, &[true, false]), Err(FitError::NotFinite));
}

proptest! {
    #[test]
    fn order_of_patients_and_scale_of_columns_do_not_matter(seed in any::<u64>(), scale in 0.01f64..100.0) {
        let (rows, responded) = subjects();
        let shuffle = |i: usize| (i as u64).wrapping_mul(seed | 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|&i| shuffle(i));
        let mixed: Vec<_> = order.iter().map(|&i| rows[i].map(|x| x * scale)).collect();
        let outcomes: Vec<_> = order.iter().map(|&i| responded[i]).collect();
        let plain = logistic(&Matrix::from_rows(&rows), &responded).unwrap();
        let other = logistic(&Matrix::from_rows(&mixed), &outcomes).unwrap();
        for (a, b) in plain.coefficients.iter().zip(&other.coefficients) {
            prop_assert!((a - b * scale).abs() < 1e-9);
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn exact_intervals_contain_the_estimate_and_mirror(x1 in 0u32..=8, x0 in 0u32..=6) {
        for ranking in [Ranking::Difference, Ranking::Score] {
            let (a, b) = (count(x1, 8), count(x0, 6));
            let (i, j) = (exact_unconditional(a, b, 0.9, ranking).unwrap(), exact_unconditional(b, a, 0.9, ranking).unwrap());
            let d = f64::from(x1) / 8.0 - f64::from(x0) / 6.0;
            prop_assert!(i.low <= d + 1e-8 && d <= i.high + 1e-8);
            prop_assert!((i.low + j.high).abs() < 1e-8 && (i.high + j.low).abs() < 1e-8);
        }
    }
}

/// A linear system of five equations, solved in doubles; both print 15 digits.
#[test]
fn minimum_risk_differences_match_their_quadratic_programme() {
    for line in include_str!("../../../validation/stats/stratified/minimum_risk.csv")
        .lines()
        .skip(2)
    {
        let fields: Vec<&str> = line.split(',').collect();
        let stratum = |cell: &str| {
            let n: Vec<u32> = cell.split('/').map(|n| n.parse().unwrap()).collect();
            Stratum {
                treated: count(n[0], n[1]),
                control: count(n[2], n[3]),
            }
        };
        let table: Vec<Stratum> = fields[0].split(' ').map(stratum).collect();
        let found = minimum_risk_difference(&table).expect("every stratum has both arms");
        assert_near(found.estimate, fields[2].parse().unwrap(), 1e-12);
        assert_near(found.standard_error, fields[3].parse().unwrap(), 1e-12);
    }
}
