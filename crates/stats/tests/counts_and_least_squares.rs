//! Negative binomial and linear regression against statsmodels, Student's distribution against scipy.

use malar_stats::FitError;
use malar_stats::distribution::{student_two_sided_p_value, student_two_sided_quantile};
use malar_stats::least_squares::{Subject, ancova};
use malar_stats::matrix::Matrix;
use malar_stats::negative_binomial::*;

fn assert_near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got} instead of {expected}");
}

fn numbers(text: &str, separator: char) -> Vec<f64> {
    text.split(separator).map(|field| field.parse().unwrap()).collect()
}

#[test]
fn negative_binomial_regression_matches_statsmodels() {
    let text = include_str!("../../../validation/stats/negative_binomial/expected.csv");
    for line in text.lines().skip(2) {
        let fields: Vec<&str> = line.split(',').collect();
        let subjects: Vec<Vec<f64>> = fields[6].split(' ').map(|cell| numbers(cell, '/')).collect();
        let tally = |s: &Vec<f64>| Tally {
            events: s[0] as u32,
            exposure: s[1],
        };
        let row = |s: &Vec<f64>| [&[1.0], &s[2..]].concat();
        let design = Matrix::from_rows(&subjects.iter().map(row).collect::<Vec<_>>());
        let fit = negative_binomial(&design, &subjects.iter().map(tally).collect::<Vec<_>>()).unwrap();
        let errors = numbers(fields[2], ' ');
        for (j, expected) in numbers(fields[1], ' ').into_iter().enumerate() {
            assert_near(fit.coefficients[j], expected, 1e-8);
            assert_near(fit.rate_ratio(j).log_standard_error, errors[j], 1e-8);
        }
        let values = [
            fit.dispersion,
            fit.dispersion_standard_error.unwrap(),
            fit.log_likelihood,
        ];
        for (got, expected) in values.into_iter().zip(&fields[3..6]) {
            assert_near(got, expected.parse().unwrap(), 1e-7);
        }
    }
}

/// Two arms of one count each: the fitted rates are events over exposure whatever the dispersion.
#[test]
fn counts_that_vary_no_more_than_poisson_have_no_dispersion() {
    let design = Matrix::from_rows(&[[1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]]);
    let tally = |events, exposure| Tally { events, exposure };
    let fit = negative_binomial(&design, &[tally(4, 2.0), tally(4, 2.0), tally(1, 1.0), tally(1, 1.0)]).unwrap();
    assert_eq!((fit.dispersion, fit.dispersion_standard_error), (0.0, None));
    assert_near(fit.rate_ratio(1).estimate, 0.5, 1e-12);
    let none = [tally(4, 2.0), tally(4, 2.0), tally(0, 1.0), tally(0, 1.0)];
    assert_eq!(negative_binomial(&design, &none), Err(FitError::Separated));
    let never = [tally(4, 2.0), tally(4, 0.0), tally(0, 1.0), tally(0, 1.0)];
    assert_eq!(negative_binomial(&design, &never), Err(FitError::NotFinite));
}

#[test]
fn analysis_of_covariance_and_student_match_statsmodels_and_scipy() {
    let text = include_str!("../../../validation/stats/least_squares/expected.csv");
    let mut expected = Vec::new();
    for line in text.lines().skip(2) {
        let (kind, values) = line.split_once(',').unwrap();
        match kind {
            "arm" => expected = numbers(values, ' '),
            "data" => {
                let subject = |cell: &str| {
                    let v = numbers(cell, '/');
                    Subject {
                        treated: v[0] > 0.5,
                        covariates: vec![v[1], v[2]],
                        response: v[3],
                    }
                };
                let got = ancova(&values.split(' ').map(subject).collect::<Vec<_>>()).unwrap();
                let list = [
                    got.estimate,
                    got.standard_error,
                    got.low95,
                    got.high95,
                    got.p_value,
                    got.degrees_of_freedom,
                ];
                for (got, expected) in list.into_iter().zip(&expected) {
                    assert_near(got, *expected, 1e-10 * expected.abs());
                }
            }
            _ => {
                let v = numbers(values, ' ');
                // lgamma(n) is about n ln n and carries that many roundings.
                let tolerance = 1e-12 + 4.0 * f64::EPSILON * v[0] * v[0].ln_1p();
                assert_near(student_two_sided_quantile(v[1], v[0]), v[2], tolerance * v[2]);
                assert_near(student_two_sided_p_value(1.7, v[0]), v[3], tolerance);
            }
        }
    }
    assert_eq!(ancova(&[]), Err(FitError::TooFew));
}
