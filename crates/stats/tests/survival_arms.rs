//! Two arms' event times compared: Gehan's test by statsmodels, restricted means and quantiles by R's survival package.

use malar_stats::survival::*;

fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(',').collect()).collect()
}

fn number(field: &str) -> f64 {
    field.parse().expect("a number")
}

/// The arms of a data set of the survival folder, one stratum or several.
fn arms(set: &str, stratified: bool) -> Vec<ArmTimes> {
    let mut strata = vec![ArmTimes::default(); 3];
    for row in rows(include_str!("../../../validation/stats/survival/expected.csv")) {
        if row[0] != "data" || row[1] != set {
            continue;
        }
        let stratum = if stratified { number(row[6]) as usize } else { 0 };
        let (time, event) = (number(row[2]), row[3] == "1");
        let arm = match row[4] {
            "1" => &mut strata[stratum].treated,
            _ => &mut strata[stratum].control,
        };
        arm.push(Observation { time, event });
    }
    strata
}

#[test]
fn gehans_test_matches_statsmodels() {
    let table = rows(include_str!("../../../validation/stats/survival/gehan.csv"));
    for row in &table[1..] {
        let found = rank_test(&arms(row[0], row[1] == "yes"), EventWeight::Gehan).expect("events");
        for (got, expected) in [found.test.statistic, found.test.p_value].into_iter().zip(&row[2..]) {
            // Sums over some hundred event times.
            assert!(
                (got - number(expected)).abs() <= 1e-10 * number(expected),
                "{row:?}: {got}"
            );
        }
    }
    assert_eq!(table.len(), 7);
}

#[test]
fn restricted_mean_differences_and_quantiles_match_the_survival_package() {
    let table = rows(include_str!("../../../validation/stats/survival/differences.csv"));
    assert_eq!(table.len(), 18);
    for row in &table[1..] {
        let ArmTimes { treated, control } = &arms(row[0], false)[0];
        let (argument, expected) = (number(row[2]), number(row[3]));
        if row[1] == "quantile" {
            let curve = kaplan_meier(treated, 0.95).expect("patients");
            assert_eq!(curve.quantile(argument), Some(expected), "{row:?}");
            continue;
        }
        let found = restricted_mean_difference(treated, control, argument).expect("both arms are watched until then");
        for (got, expected) in [(found.estimate, expected), (found.standard_error, number(row[4]))] {
            assert!(
                (got - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                "{row:?}: {got}"
            );
        }
    }
}
