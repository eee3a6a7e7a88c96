//! Every value in validation/stats/*/expected.csv, as printed by the outside oracle.

use malar_stats::descriptive::{mean, quantile, standard_deviation, weighted_mean};
use malar_stats::difference::{miettinen_nurminen, newcombe};
use malar_stats::distribution::{beta_cdf, beta_quantile, normal_cdf, normal_quantile};
use malar_stats::proportion::{agresti_coull, clopper_pearson, jeffreys, wald, wilson};
use malar_stats::rate::{Events, rate_difference, rate_ratio};
use malar_stats::stratified::*;
use malar_stats::summary::Summary;
use malar_stats::{Count, Interval};

/// Rows of a file without comments and header, split at commas.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.map(|line| line.split(',').collect()).collect()
}

fn number(field: &str) -> f64 {
    field.parse().expect("a number")
}

fn count(responders: &str, n: &str) -> Count {
    Count {
        responders: responders.parse().expect("a count"),
        n: n.parse().expect("a count"),
    }
}

fn assert_near(got: f64, expected: f64, tolerance: f64, row: &[&str]) {
    assert!(
        (got - expected).abs() <= tolerance,
        "{row:?}: {got} instead of {expected}"
    );
}

fn assert_limits(got: Interval, low: &str, high: &str, tolerance: f64, row: &[&str]) {
    assert_near(got.low, number(low), tolerance, row);
    assert_near(got.high, number(high), tolerance, row);
}

#[test]
fn distributions_match_scipy() {
    for row in rows(include_str!("../../../validation/stats/distribution/expected.csv")) {
        let (x, a, b, expected) = (number(row[1]), number(row[2]), number(row[3]), number(row[4]));
        let got = match row[0] {
            "normal_cdf" => normal_cdf(x),
            "normal_quantile" => normal_quantile(x),
            "beta_cdf" => beta_cdf(x, a, b),
            "beta_quantile" => beta_quantile(x, a, b),
            other => panic!("{other}"),
        };
        let tolerance = match row[0] {
            "normal_quantile" => 2e-15 * expected.abs().max(1.0),
            // z enters rounded, and the tail falls as exp(-z^2/2).
            "normal_cdf" => (2.0 + x * x) * f64::EPSILON * expected,
            // lgamma(n) is about n ln n and carries that many roundings; three of them meet here.
            _ => (1e-13 + 4.0 * f64::EPSILON * (a + b) * (a + b).ln_1p()) * expected,
        };
        assert_near(got, expected, tolerance, &row);
    }
}

#[test]
fn ranked_probability_scores_match_their_definition() {
    for row in rows(include_str!("../../../validation/stats/score/expected.csv")) {
        let sample: Vec<f64> = row[4].split(' ').map(number).collect();
        let got = malar_stats::score::crps(&sample, number(row[3])).expect("a sample");
        // Two sums of n values, each with n roundings of at most their size.
        let size = sample.iter().map(|x| x.abs()).fold(number(row[3]).abs(), f64::max);
        assert_near(
            got,
            number(row[2]),
            2.0 * sample.len() as f64 * f64::EPSILON * size,
            &row,
        );
    }
}

#[test]
fn proportions_match_statsmodels() {
    for row in rows(include_str!("../../../validation/stats/proportion/expected.csv")) {
        let (count, level) = (count(row[1], row[2]), number(row[3]));
        let got = match row[0] {
            "wilson" => wilson(count, level),
            "clopper_pearson" => clopper_pearson(count, level),
            "wald" => wald(count, level, Continuity::Uncorrected),
            "agresti_coull" => agresti_coull(count, level),
            _ => jeffreys(count, level),
        }
        .expect("subjects");
        assert_limits(got, row[4], row[5], 1e-12, &row);
    }
}

#[test]
fn differences_match_statsmodels_and_numerical_likelihood() {
    for row in rows(include_str!("../../../validation/stats/difference/expected.csv")) {
        let method = if row[0] == "newcombe" {
            newcombe
        } else {
            miettinen_nurminen
        };
        let got = method(count(row[1], row[2]), count(row[3], row[4]), number(row[5])).expect("subjects");
        // The oracle looks for score limits no nearer than 1e-9 to -1, 1 and the estimate.
        let tolerance = if row[0] == "newcombe" { 1e-12 } else { 2e-9 };
        assert_limits(got, row[6], row[7], tolerance, &row);
    }
}

fn strata(field: &str) -> Vec<Stratum> {
    let stratum = |cell: &str| {
        let parts: Vec<&str> = cell.split('/').collect();
        Stratum {
            treated: count(parts[0], parts[1]),
            control: count(parts[2], parts[3]),
        }
    };
    field.split(' ').map(stratum).collect()
}

#[test]
fn stratified_comparisons_match_statsmodels_and_formulas() {
    for row in rows(include_str!("../../../validation/stats/stratified/expected.csv")) {
        let table = strata(row[1]);
        let sato = mantel_haenszel_difference(&table, Variance::Sato).expect("strata");
        let binomial = mantel_haenszel_difference(&table, Variance::IndependentBinomial).expect("strata");
        let plain = cochran_mantel_haenszel(&table, Continuity::Uncorrected).expect("strata");
        let corrected = cochran_mantel_haenszel(&table, Continuity::Corrected).expect("strata");
        let odds = mantel_haenszel_odds_ratio(&table).expect("strata");
        let hybrid = stratified_newcombe(&table, 0.95).expect("strata");
        let score = stratified_miettinen_nurminen(&table, 0.95).expect("strata");
        let got = match row[2] {
            "mh_difference" => sato.estimate,
            "mh_se_binomial" => binomial.standard_error,
            "mh_se_sato" => sato.standard_error,
            "mh_p_sato" => sato.p_value,
            "cmh" => plain.statistic,
            "cmh_p" => plain.p_value,
            "cmh_corrected" => corrected.statistic,
            "cmh_corrected_p" => corrected.p_value,
            "mh_odds_ratio" => odds.estimate,
            "mh_log_odds_se" => odds.log_standard_error,
            "newcombe_low" => hybrid.low,
            "newcombe_high" => hybrid.high,
            "miettinen_nurminen_low" => score.low,
            "miettinen_nurminen_high" => score.high,
            other => panic!("{other}"),
        };
        let tolerance = if row[2].starts_with("miettinen") { 1e-9 } else { 1e-12 };
        assert_near(got, number(row[3]), tolerance, &row);
    }
}

#[test]
fn rates_match_statsmodels() {
    for row in rows(include_str!("../../../validation/stats/rate/expected.csv")) {
        let arm = |events: &str, time: &str| Events {
            events: events.parse().expect("count"),
            person_time: number(time),
        };
        let (treated, control) = (arm(row[1], row[2]), arm(row[3], row[4]));
        let (estimate, low, high, p) = if row[0] == "ratio" {
            let r = rate_ratio(treated, control).expect("events");
            (r.estimate, r.low95, r.high95, r.p_value)
        } else {
            let d = rate_difference(treated, control).expect("time at risk");
            (d.estimate, d.low95, d.high95, d.p_value)
        };
        for (got, expected) in [estimate, low, high, p].into_iter().zip(&row[5..]) {
            assert_near(got, number(expected), 1e-12 * number(expected).abs(), &row);
        }
    }
}

#[test]
fn descriptions_match_numpy_and_exact_fractions() {
    for row in rows(include_str!("../../../validation/stats/descriptive/expected.csv")) {
        let data: Vec<f64> = row[3].split(' ').map(number).collect();
        let mut summary = Summary::default();
        data.iter().for_each(|&x| summary.add(x));
        let expected = number(row[2]);
        let scale = data.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        match row[1] {
            "sum" => assert_eq!(summary.sum().to_bits(), expected.to_bits(), "{row:?}"),
            "mean" => {
                assert_near(summary.mean().unwrap(), expected, 2e-16 * expected.abs(), &row);
                assert_near(mean(&data).unwrap(), expected, 1e-14 * scale, &row);
            }
            "standard_deviation" => {
                assert_near(summary.standard_deviation().unwrap(), expected, 4e-16 * expected, &row);
                assert_near(standard_deviation(&data).unwrap(), expected, 1e-12 * expected, &row);
            }
            "weighted_mean" => {
                let weights: Vec<f64> = (0..data.len()).map(|i| 1.0 + (i % 3) as f64).collect();
                assert_near(weighted_mean(&data, &weights).unwrap(), expected, 1e-14 * scale, &row);
            }
            other => {
                let p = number(other.strip_prefix("quantile ").expect("a quantile"));
                assert_near(quantile(&data, p).unwrap(), expected, 1e-15 * scale, &row);
            }
        }
    }
}
