//! Second stages and leaning allocation against validation/stats/adaptive/zone.py.

use malar_stats::Count;
use malar_stats::adaptive::{PromisingZone, StageTwo, adaptive_closed_test, thall_wathen};
use malar_stats::bayes::Beta;

fn rows(what: &str) -> Vec<(Vec<String>, f64)> {
    let text = include_str!("../../../validation/stats/adaptive/zone.csv");
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let arguments = fields[1].split('/').map(str::to_owned).collect();
        (fields[0] == what).then(|| (arguments, fields[2].parse().expect("a number")))
    };
    text.lines().skip(2).filter_map(row).collect()
}

#[test]
fn second_stages_of_a_promising_zone_match_scipy() {
    let rows = rows("zone");
    assert_eq!(rows.len(), 27);
    for (arguments, expected) in rows {
        let x: Vec<f64> = arguments.iter().map(|a| a.parse().expect("a number")).collect();
        let zone = PromisingZone::new(x[0], 0.025, (x[1], x[2]), x[3]).expect("a zone");
        let got = zone.second_stage(x[4]);
        // Both find the root of the same equation, to about 1e-12.
        assert!(
            (got - expected).abs() < 1e-9,
            "{arguments:?}: {got} instead of {expected}"
        );
    }
}

#[test]
fn leaning_allocation_matches_quadrature() {
    let rows = rows("share");
    assert_eq!(rows.len(), 9);
    for (arguments, expected) in rows {
        let counts = arguments[0].split(' ').map(|pair| {
            let (r, f) = pair.split_once(':').expect("responders and failures");
            let (r, f): (u32, u32) = (r.parse().expect("a number"), f.parse().expect("a number"));
            let count = Count {
                responders: r,
                n: r + f,
            };
            Beta { a: 1.0, b: 1.0 }.after(count)
        });
        let posteriors: Vec<Beta> = counts.collect();
        let number = |k: usize| arguments[k].parse::<u32>().expect("a number");
        let got = thall_wathen(&posteriors, number(1), number(2))[number(3) as usize];
        // The sum over a thousand slices is good to 1e-5 in the probability of being best.
        assert!(
            (got - expected).abs() < 2e-5,
            "{arguments:?}: {got} instead of {expected}"
        );
    }
}

/// Decisions, for separate p values printed to 15 digits.
#[test]
fn closed_tests_of_several_arms_match_rpact() {
    let text = include_str!("../../../validation/stats/adaptive/closed.csv");
    let mut won = 0;
    for line in text.lines().skip(2) {
        let fields: Vec<&str> = line.split(',').collect();
        let first: Vec<f64> = fields[1].split(' ').map(|p| p.parse().expect("a number")).collect();
        let second = fields[2].split(' ').map(|p| match p {
            "dropped" => StageTwo::Dropped,
            p => StageTwo::Kept(p.parse().expect("a number")),
        });
        let second: Vec<StageTwo> = second.collect();
        let planned: f64 = fields[0].parse().expect("a number");
        let rejected = adaptive_closed_test(&first, &second, planned, 0.025);
        let words: Vec<&str> = rejected.iter().map(|r| if *r { "yes" } else { "no" }).collect();
        assert_eq!(words.join(" "), fields[3], "{line}");
        won += usize::from(rejected.contains(&true));
    }
    assert!(won > 20, "{won}");
}
