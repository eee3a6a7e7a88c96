//! Normal mixtures, ordered outcomes and adaptive designs against outside values.

use malar_stats::FitError;
use malar_stats::adaptive::*;
use malar_stats::bayes::{Beta, Heterogeneity};
use malar_stats::bayes_normal::*;
use malar_stats::distribution::{normal_cdf, normal_quantile};
use malar_stats::matrix::Matrix;
use malar_stats::proportional_odds::proportional_odds;
use malar_stats::sequential::{combined_z, predictive_power, predictive_power_with_prior};

fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.map(|line| line.split(',').collect()).collect()
}

fn number(field: &str) -> f64 {
    field.parse().expect("a number")
}

fn assert_near(got: f64, expected: f64, tolerance: f64, what: &[&str]) {
    assert!(
        (got - expected).abs() <= tolerance,
        "{what:?}: {got} instead of {expected}"
    );
}

/// `polr` stops its search where the likelihood changes by rounding only: estimates are right to about the square root of
/// that, 1e-5 of a standard error; numDeriv's extrapolated Hessian there is good to 1e-6.
#[test]
fn proportional_odds_matches_polr() {
    let table = rows(include_str!("../../../validation/stats/proportional_odds/expected.csv"));
    for set in ["made", "small"] {
        let of_set = || table.iter().filter(|row| row[0] == set);
        let data = of_set().find(|row| row[1] == "data").expect("data")[3];
        let values = |text: &str| text.split('/').map(number).collect::<Vec<f64>>();
        let subjects: Vec<Vec<f64>> = data.split(' ').map(values).collect();
        let columns: Vec<&[f64]> = subjects.iter().map(|s| &s[..s.len() - 1]).collect();
        let category: Vec<usize> = subjects.iter().map(|s| s[s.len() - 1] as usize).collect();
        let fit = proportional_odds(&Matrix::from_rows(&columns), &category).expect("a maximum");
        for row in of_set().filter(|row| row[1] != "data") {
            let expected = number(row[2]);
            let at = |name: &str| row[1].strip_prefix(name).and_then(|k| k.parse::<usize>().ok());
            let error = |k: usize| fit.odds_ratio(k).log_standard_error;
            match (at("b"), at("se"), at("cut")) {
                (Some(k), ..) => assert_near(fit.coefficients[k], expected, 1e-5 * error(k), row),
                (_, Some(k), _) => assert_near(error(k), expected, 1e-6 * expected, row),
                (.., Some(k)) => assert_near(fit.thresholds[k], expected, 1e-4, row),
                _ => assert_near(fit.log_likelihood, expected, 1e-8, row),
            }
        }
    }
}

#[test]
fn proportional_odds_of_two_categories_is_logistic_regression() {
    let rows: Vec<[f64; 1]> = (0..40).map(|k| [f64::from(k % 2)]).collect();
    let category: Vec<usize> = (0..40).map(|k| usize::from(k % 3 == 0 || k % 8 == 1)).collect();
    let responded: Vec<bool> = category.iter().map(|c| *c == 1).collect();
    let with_intercept: Vec<[f64; 2]> = rows.iter().map(|r| [1.0, r[0]]).collect();
    let ordinal = proportional_odds(&Matrix::from_rows(&rows), &category).unwrap();
    let logistic = malar_stats::logistic::logistic(&Matrix::from_rows(&with_intercept), &responded).unwrap();
    assert_near(ordinal.coefficients[0], logistic.coefficients[1], 1e-10, &[]);
    assert_near(ordinal.thresholds[0], -logistic.coefficients[0], 1e-10, &[]);
    assert_near(ordinal.log_likelihood, logistic.log_likelihood, 1e-10, &[]);
}

#[test]
fn proportional_odds_refuses_what_has_no_maximum() {
    let rows: Vec<[f64; 1]> = (0..12).map(|k| [f64::from(k % 2)]).collect();
    let design = Matrix::from_rows(&rows);
    let sorted: Vec<usize> = (0..12).map(|k| k % 2).collect();
    assert_eq!(proportional_odds(&design, &sorted).err(), Some(FitError::Separated));
    assert_eq!(proportional_odds(&design, &[0; 12]).err(), Some(FitError::TooFew));
    let gap: Vec<usize> = (0..12).map(|k| 2 * (k % 2)).collect();
    assert_eq!(proportional_odds(&design, &gap).err(), Some(FitError::TooFew));
}

/// Conjugate updating is exact; the predictive prior sums over 80 deviations, the oracle over 800 and over a grid of means.
#[test]
fn normal_mixtures_match_quadrature() {
    let prior = NormalMixture::normal(1.0, 0.5).unwrap().robust(0.2, 0.0, 4.0);
    let posterior = prior.after(-0.4, 0.6);
    let studies = [(0.31, 0.12), (0.55, 0.2), (0.12, 0.15), (0.42, 0.1)];
    let studies = studies.map(|(estimate, standard_error)| Study {
        estimate,
        standard_error,
    });
    let scales = Heterogeneity {
        mean_scale: 2.0,
        between_scale: 0.5,
    };
    let map = normal_meta_analytic_predictive(&studies, scales).unwrap();
    for row in rows(include_str!("../../../validation/stats/bayes_normal/expected.csv")) {
        let expected = number(row[2]);
        let (got, tolerance) = match (row[0], row[1]) {
            ("mixture", "mean") => (posterior.mean(), 1e-9),
            ("mixture", "sd") => (posterior.standard_deviation(), 1e-9),
            ("mixture", "above_zero") => (posterior.probability_above(0.0), 1e-9),
            ("mixture", "assurance") => (prior.assurance(0.3, 1.959963984540054), 1e-9),
            ("map", "mean") => (map.mean(), 1e-4),
            ("map", "sd") => (map.standard_deviation(), 1e-3),
            ("map", "above_zero") => (map.probability_above(0.0), 1e-4),
            other => panic!("{other:?}"),
        };
        assert_near(got, expected, tolerance, &row);
        match row[1] {
            // The density there is at least 0.2: a quantile is off by at most five times the probability's error.
            "above_zero" if row[0] == "mixture" => assert_near(posterior.quantile(1.0 - expected), 0.0, 5e-9, &row),
            "sd" if row[0] == "mixture" => {
                assert_near(
                    posterior.effective_sample_size(2.0),
                    (2.0 / expected).powi(2),
                    1e-7,
                    &row,
                );
            }
            _ => {}
        }
    }
}

#[test]
fn a_robust_prior_lets_go_of_history_that_does_not_fit() {
    let history = NormalMixture::normal(0.0, 0.1).unwrap();
    let robust = history.robust(0.2, 0.0, 3.0);
    let vague_weight = |posterior: &NormalMixture| posterior.components()[1].weight;
    assert!(vague_weight(&robust.after(0.05, 0.1)) < 0.05);
    assert!(vague_weight(&robust.after(1.5, 0.1)) > 0.99);
    // What is far away is then believed nearly as it is; stubborn history would say 0.75.
    assert!((robust.after(1.5, 0.1).mean() - 1.5).abs() < 0.01);
    assert!((history.after(1.5, 0.1).mean() - 0.75).abs() < 1e-12);
    let quartile = history.quantile(0.25);
    assert_near(quartile, 0.1 * normal_quantile(0.25), 1e-12, &[]);
    assert_near(history.effective_sample_size(1.0), 100.0, 1e-9, &[]);
    assert!(
        NormalMixture::normal(0.0, 0.0).is_none()
            && normal_meta_analytic_predictive(
                &[],
                Heterogeneity {
                    mean_scale: 1.0,
                    between_scale: 1.0
                }
            )
            .is_none()
    );
}

#[test]
fn combination_and_simes_match_rpact_and_p_adjust() {
    for row in rows(include_str!("../../../validation/stats/adaptive/expected.csv")) {
        let (planned, z1, z2, expected) = (number(row[1]), number(row[2]), number(row[3]), number(row[5]));
        match (row[0], row[4]) {
            ("combination", _) => assert_near(normal_cdf(-combined_z(z1, z2, planned)), expected, 1e-11, &row),
            ("design", "combination") => assert_near(combined_z(z1, z2, planned), expected, 1e-8, &row),
            ("design", _) => assert_near(-normal_quantile(0.025), expected, 1e-8, &row),
            ("simes", p) => {
                let p: Vec<f64> = p.split('/').map(number).collect();
                assert_near(intersection_p_value(&p), expected, 1e-12, &row);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn closed_testing_rejects_nothing_that_was_dropped_and_no_more_than_every_intersection_allows() {
    let strong = StageTwo::Kept(0.0005);
    assert_eq!(
        adaptive_closed_test(&[0.001, 0.2], &[strong, StageTwo::Dropped], 0.5, 0.025),
        [true, false]
    );
    // Alone it would pass, but the intersection with a hopeless dropped arm is tested at Simes' price: 2 · 0.012 in stage one.
    let alone = adaptive_closed_test(&[0.012], &[StageTwo::Kept(0.3)], 0.5, 0.025);
    let among_two = adaptive_closed_test(&[0.012, 0.9], &[StageTwo::Kept(0.3), StageTwo::Dropped], 0.5, 0.025);
    assert_eq!((alone, among_two), (vec![true], vec![false, false]));
}

#[test]
fn the_promising_zone_enlarges_only_inside_and_reaches_its_aim() {
    let zone = PromisingZone::new(0.5, 0.025, (0.3, 0.9), 3.0).unwrap();
    assert_eq!((zone.second_stage(-1.0), zone.second_stage(3.0)), (0.5, 0.5));
    let information = zone.second_stage(1.6);
    assert!(information > 0.5 && information < 2.5);
    // Conditional power by the definition: a trend of 1.6/√0.5 over the new second stage.
    let (t, drift) = (0.5_f64, 1.6 / 0.5_f64.sqrt());
    let needed = (1.959963984540054 * (t + information).sqrt() - 1.6 * t.sqrt()) / information.sqrt();
    assert_near(normal_cdf(drift * information.sqrt() - needed), 0.9, 1e-9, &[]);
    // Just inside the zone the aim is out of reach, and the most is taken: a total of three plans.
    assert_near(zone.second_stage(1.2), 2.5, 1e-12, &[]);
    for wrong in [(0.9, 0.3), (0.0, 0.9)] {
        assert!(PromisingZone::new(0.5, 0.025, wrong, 2.0).is_err());
    }
    assert!(
        PromisingZone::new(1.0, 0.025, (0.3, 0.9), 2.0).is_err()
            && PromisingZone::new(0.5, 0.6, (0.3, 0.9), 2.0).is_err()
    );
}

#[test]
fn allocation_leans_to_the_better_arm_as_evidence_grows() {
    let (worse, better) = (Beta { a: 4.0, b: 8.0 }, Beta { a: 8.0, b: 4.0 });
    let best = probabilities_of_being_best(&[worse, better]);
    assert_near(best[1], better.probability_exceeds(worse, 0.0), 1e-4, &[]);
    assert_near(best.iter().sum(), 1.0, 1e-12, &[]);
    assert_eq!(thall_wathen(&[worse, better], 0, 100), [0.5, 0.5]);
    let (half, end) = (
        thall_wathen(&[worse, better], 50, 100)[1],
        thall_wathen(&[worse, better], 100, 100)[1],
    );
    assert!(0.5 < half && half < end && end < best[1]);
}

#[test]
fn a_vague_prior_gives_the_flat_predictive_power() {
    let flat = predictive_power(1.5, 0.5, 1.96).unwrap();
    assert_near(
        predictive_power_with_prior(1.5, 0.5, 1.96, (0.0, 1e6)).unwrap(),
        flat,
        1e-9,
        &[],
    );
    // A prior that knows the drift is 3 leaves conditional power under it.
    let sure = malar_stats::sequential::conditional_power(1.5, 0.5, 1.96, 3.0).unwrap();
    assert_near(
        predictive_power_with_prior(1.5, 0.5, 1.96, (3.0, 1e-6)).unwrap(),
        sure,
        1e-9,
        &[],
    );
    assert!(predictive_power_with_prior(1.5, 1.0, 1.96, (0.0, 1.0)).is_none());
}
