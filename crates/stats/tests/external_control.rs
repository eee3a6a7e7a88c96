//! Controls from elsewhere: values of validation/stats/external_control/, and what weighting can and cannot do.

use malar_stats::FitError;
use malar_stats::external_control::{Subject, external_comparison};

fn subjects(data: &str) -> Vec<Subject> {
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let subject = |text: &str| {
        let fields: Vec<f64> = text.split('/').map(number).collect();
        let [treated, age, score, outcome] = fields[..] else {
            panic!("four fields")
        };
        Subject {
            treated: treated == 1.0,
            covariates: vec![age, score],
            outcome,
        }
    };
    data.split(' ').map(subject).collect()
}

#[test]
fn weighting_by_the_odds_matches_statsmodels_and_stacked_equations() {
    let text = include_str!("../../../validation/stats/external_control/expected.csv");
    let rows: Vec<Vec<&str>> = text.lines().skip(2).map(|line| line.split(',').collect()).collect();
    let data = rows.iter().find(|row| row[0] == "data").expect("data");
    let found = external_comparison(&subjects(data[2])).expect("both groups");
    let fair = &found.comparability;
    for row in rows.iter().filter(|row| row[0] != "data") {
        let got = match row[0] {
            "difference" => found.difference.estimate,
            "se" => found.difference.standard_error,
            "effective" => fair.effective_controls,
            "beyond" => fair.treated_without_match,
            "before0" => fair.before[0],
            "before1" => fair.before[1],
            "after0" => fair.after[0],
            "after1" => fair.after[1],
            other => panic!("{other}"),
        };
        let expected: f64 = row[1].parse().expect("a number");
        // The oracle's Jacobian is a difference quotient of fourth order; everything else agrees to the fits' tolerance.
        let tolerance = if row[0] == "se" { 1e-7 } else { 1e-9 };
        assert!(
            (got - expected).abs() <= tolerance * expected.abs().max(1.0),
            "{row:?}: {got}"
        );
    }
}

#[test]
fn controls_like_the_treated_weigh_alike_and_others_are_told() {
    let subject = |treated: bool, age: f64, outcome: f64| Subject {
        treated,
        covariates: vec![age],
        outcome,
    };
    let ages = [20.0, 30.0, 40.0, 50.0];
    let group =
        |treated: bool, older: f64| ages.map(|age| subject(treated, age + older, f64::from(u8::from(age > 30.0))));
    let alike: Vec<Subject> = [group(true, 0.0), group(false, 0.0)].concat();
    let found = external_comparison(&alike).expect("both groups");
    assert!(found.difference.estimate.abs() < 1e-12 && found.comparability.is_fair());
    assert!((found.comparability.effective_controls - 4.0).abs() < 1e-9);
    let older: Vec<Subject> = [group(true, 15.0), group(false, 0.0)].concat();
    let found = external_comparison(&older).expect("both groups");
    assert!(found.comparability.treated_without_match > 0.0 && !found.comparability.is_fair());
    let apart: Vec<Subject> = [group(true, 100.0), group(false, 0.0)].concat();
    assert_eq!(external_comparison(&apart), Err(FitError::Separated));
    assert_eq!(external_comparison(&group(true, 0.0)), Err(FitError::TooFew));
}
