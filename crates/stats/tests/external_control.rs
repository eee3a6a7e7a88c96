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

/// A covariate of two values and exact counts, so that the propensity is the share of the treated at each value and the weighted
/// mean of controls is their mean at each value, weighted as the treated are. Bias is then what the trial does to everybody in it
/// at a value of the covariate, 0.2 here, plus what selection does, 0.6 · 0.5 + 0.4 · 0.2 − 55/200 = 0.105. Weighting removes the
/// second and cannot see the first, whatever is measured at baseline.
#[test]
fn weighting_takes_away_what_selection_did_and_leaves_what_the_trial_did_to_everybody() {
    let (drug, trial_effect) = (0.15, 0.2);
    let group = |treated: bool, severe: f64, responders: u32, n: u32| {
        (0..n).map(move |k| Subject {
            treated,
            covariates: vec![severe],
            outcome: f64::from(u8::from(k < responders)),
        })
    };
    // Of registry patients 0.5 of the severe and 0.2 of the others respond; in the trial 0.2 more, and 0.15 by the drug.
    let treated = group(true, 1.0, 51, 60).chain(group(true, 0.0, 22, 40));
    let registry = group(false, 1.0, 25, 50).chain(group(false, 0.0, 30, 150));
    let subjects: Vec<Subject> = treated.chain(registry).collect();
    let weighted = external_comparison(&subjects).expect("both groups").difference.estimate;
    let share = |of: bool| {
        let own: Vec<f64> = subjects.iter().filter(|s| s.treated == of).map(|s| s.outcome).collect();
        own.iter().sum::<f64>() / own.len() as f64
    };
    let plain = share(true) - share(false);
    // The fit stops where a step promises less than 1e-10 or so of a coefficient.
    assert!((weighted - drug - trial_effect).abs() < 1e-8, "{weighted}");
    assert!((plain - drug - trial_effect - 0.105).abs() < 1e-12, "{plain}");
}
