//! Event times: published values, agreement with R's survival package, invariances.

use malar_stats::FitError;
use malar_stats::cox::{Ties, cox};
use malar_stats::matrix::Matrix;
use malar_stats::survival::*;
use proptest::prelude::*;

fn assert_near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got} instead of {expected}");
}

fn times(text: &str) -> Vec<Observation> {
    let one = |word: &str| Observation {
        time: word.trim_end_matches('+').parse().unwrap(),
        event: !word.ends_with('+'),
    };
    text.split_whitespace().map(one).collect()
}

/// Acute myelogenous leukaemia, Miller 1997, as in R's survival package; a plus marks censoring.
fn aml() -> ArmTimes {
    ArmTimes {
        treated: times("9 13 13+ 18 23 28+ 31 34 45+ 48 161+"),
        control: times("5 5 8 8 12 16+ 23 27 30 33 43 45"),
    }
}

fn column(values: &[f64]) -> Matrix {
    Matrix::from_rows(&values.iter().map(|&x| [x]).collect::<Vec<_>>())
}

#[test]
fn comparison_of_maintained_patients_matches_survival_package() {
    let result = rank_test(&[aml()], EventWeight::LogRank).unwrap();
    assert_near(result.observed, 7.0, 0.0);
    assert_near(result.expected, 10.68934, 5.1e-6);
    assert_near(result.variance, 4.007551, 5.1e-7);
    assert_near(result.test.statistic, 3.396389, 5.1e-7);
    assert_near(result.test.p_value, 0.065339, 5.1e-7);
    let early = rank_test(&[aml()], EventWeight::Gehan).unwrap();
    assert_near(early.test.statistic, 2.723312, 5.1e-7);
    assert_near(early.test.p_value, 0.098893, 5.1e-7);
    assert_eq!(kaplan_meier(&aml().treated, 0.95).unwrap().median(), Some(31.0));
    assert_eq!(kaplan_meier(&aml().control, 0.95).unwrap().median(), Some(23.0));
}

#[test]
fn hazard_ratio_of_maintained_patients_matches_survival_package() {
    let observations = [aml().treated, aml().control].concat();
    let x: Vec<f64> = (0..observations.len())
        .map(|i| if i < 11 { 0.0 } else { 1.0 })
        .collect();
    for (ties, b, se, value) in [
        (Ties::Breslow, 0.904220, 0.512248, -41.250114),
        (Ties::Efron, 0.915533, 0.511934, -41.032616),
    ] {
        let fit = cox(&column(&x), &observations, &[], ties).unwrap();
        assert_near(fit.coefficients[0], b, 5.1e-7);
        assert_near(fit.hazard_ratio(0).log_standard_error, se, 5.1e-7);
        assert_near(fit.log_likelihood, value, 5.1e-7);
    }
}

/// Therneau's hand-worked example, appendix of the survival package's validation vignette.
#[test]
fn ties_worked_by_hand_match() {
    let observations = times("9 1 1+ 6 6 8+");
    let x = column(&[0.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
    let breslow = cox(&x, &observations, &[], Ties::Breslow).unwrap();
    assert_near(breslow.coefficients[0], (1.5 + 33f64.sqrt() / 2.0).ln(), 1e-9);
    assert_near(breslow.log_likelihood, -3.824750, 5.1e-7);
    let efron = cox(&x, &observations, &[], Ties::Efron).unwrap();
    assert_near(efron.coefficients[0], 1.676857, 5.1e-7);
    assert_near(efron.log_likelihood, -3.358975, 5.1e-7);
}

#[test]
fn times_that_say_nothing_are_refused() {
    assert!(kaplan_meier(&[], 0.95).is_none());
    assert!(rank_test(&[], EventWeight::LogRank).is_none());
    let alone = ArmTimes {
        treated: times("1 2 3"),
        control: vec![],
    };
    assert!(rank_test(&[alone], EventWeight::LogRank).is_none());
    let x = column(&[0.0, 0.0, 1.0, 1.0]);
    assert_eq!(cox(&x, &times("1 2 3+ 4+"), &[], Ties::Efron), Err(FitError::Separated));
    assert_eq!(cox(&x, &times("1+ 2+ 3+ 4+"), &[], Ties::Efron), Err(FitError::TooFew));
    assert_eq!(
        cox(&column(&[1.0; 4]), &times("1 2 3 4"), &[], Ties::Efron),
        Err(FitError::Singular)
    );
    // The last subject leaves at 4: the mean up to 5 is not known.
    assert!(
        kaplan_meier(&times("1 2 4+"), 0.95)
            .unwrap()
            .restricted_mean(5.0)
            .is_none()
    );
}

fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(',').collect())
}

/// The observations of a data set, and per subject: arm, a covariate, stratum.
fn data_set(rows_of_set: &[Vec<&str>]) -> (Vec<Observation>, Vec<[f64; 2]>, Vec<usize>) {
    let number = |field: &str| field.parse::<f64>().unwrap();
    let observation = |r: &Vec<&str>| Observation {
        time: number(r[2]),
        event: r[3] == "1",
    };
    let observations = rows_of_set.iter().map(observation).collect();
    let columns = rows_of_set.iter().map(|r| [number(r[4]), number(r[5])]).collect();
    (
        observations,
        columns,
        rows_of_set.iter().map(|r| r[6].parse().unwrap()).collect(),
    )
}

#[test]
fn everything_matches_the_survival_package_of_r() {
    let text = include_str!("../../../validation/stats/survival/expected.csv");
    let data: Vec<Vec<&str>> = rows(text).filter(|r| r[0] == "data").collect();
    for row in rows(text).filter(|r| r[0] != "data") {
        let of_set: Vec<Vec<&str>> = data.iter().filter(|r| r[1] == row[1]).cloned().collect();
        let (observations, columns, strata) = data_set(&of_set);
        let arm = |value: f64| -> Vec<Observation> {
            let in_arm = |(o, c): (&Observation, &[f64; 2])| ((c[0] - value).abs() < 0.5).then_some(*o);
            observations.iter().zip(&columns).filter_map(in_arm).collect()
        };
        let curve = kaplan_meier(&arm(1.0), 0.95).unwrap();
        let stratum = |h: usize| {
            let pick = |value: f64| {
                let keep = |i: &usize| strata[*i] == h && (columns[*i][0] - value).abs() < 0.5;
                (0..strata.len()).filter(keep).map(|i| observations[i]).collect()
            };
            ArmTimes {
                treated: pick(1.0),
                control: pick(0.0),
            }
        };
        let n_strata = strata.iter().max().unwrap() + 1;
        let by_stratum: Vec<ArmTimes> = (0..n_strata).map(stratum).collect();
        let whole = [ArmTimes {
            treated: arm(1.0),
            control: arm(0.0),
        }];
        let argument: f64 = row[3].parse().unwrap_or(0.0);
        let got: Vec<f64> = match row[2] {
            "km" => {
                let step = curve.steps.iter().rfind(|s| s.time <= argument).unwrap();
                let limits = step.interval.unwrap();
                vec![step.survival, step.standard_error, limits.low, limits.high]
            }
            "rmst" => {
                let (mean, se) = curve.restricted_mean(argument).unwrap();
                vec![mean, se]
            }
            "median" => vec![curve.median().unwrap()],
            "log_rank" | "log_rank_strata" => {
                let tables = if row[2] == "log_rank" { &whole[..] } else { &by_stratum };
                let r = rank_test(tables, EventWeight::LogRank).unwrap();
                vec![r.observed, r.expected, r.variance, r.test.statistic]
            }
            model => {
                let ties = if model.contains("breslow") {
                    Ties::Breslow
                } else {
                    Ties::Efron
                };
                let by = if model.contains("strata") { &strata[..] } else { &[] };
                let fit = cox(&Matrix::from_rows(&columns), &observations, by, ties).unwrap();
                let v = &fit.covariance;
                let b = &fit.coefficients;
                let se = [v[(0, 0)].sqrt(), v[(1, 1)].sqrt()];
                vec![
                    b[0],
                    b[1],
                    se[0],
                    se[1],
                    fit.log_likelihood,
                    fit.null_log_likelihood,
                    fit.score_statistic,
                ]
            }
        };
        assert_eq!(got.len(), row.len() - 4, "{row:?}");
        for (got, expected) in got.iter().zip(&row[4..]) {
            let expected: f64 = expected.parse().unwrap();
            assert!(
                (got - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                "{row:?}: {got}"
            );
        }
    }
}

proptest! {
    #[test]
    fn order_of_patients_and_unit_of_time_do_not_matter(
        raw in prop::collection::vec((1u32..30, any::<bool>(), any::<bool>()), 6..40),
        unit in 0.1f64..10.0,
    ) {
        let make = |scale: f64, reversed: bool| {
            let mut list = raw.clone();
            if reversed {
                list.reverse();
            }
            let pick = |arm: bool| {
                let of = |&(t, event, _): &(u32, bool, bool)| Observation { time: f64::from(t) * scale, event };
                list.iter().filter(|o| o.2 == arm).map(of).collect::<Vec<_>>()
            };
            ArmTimes { treated: pick(true), control: pick(false) }
        };
        let (a, b) = (make(1.0, false), make(unit, true));
        let test = |arms: &ArmTimes| rank_test(std::slice::from_ref(arms), EventWeight::LogRank);
        let (p, q) = (test(&a), test(&b));
        prop_assert_eq!(p, q);
        if let (Some(c), Some(d)) = (kaplan_meier(&a.treated, 0.95), kaplan_meier(&b.treated, 0.95)) {
            for (s, t) in c.steps.iter().zip(&d.steps) {
                prop_assert!((s.survival - t.survival).abs() <= 0.0 && (s.time * unit - t.time).abs() < 1e-9);
            }
        }
    }
}
