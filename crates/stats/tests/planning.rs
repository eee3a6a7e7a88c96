//! Sample sizes and two-stage designs as published.

use malar_stats::sample_size::*;
use malar_stats::two_stage::*;

fn assert_near(got: Option<f64>, expected: f64, tolerance: f64) {
    let got = got.unwrap();
    assert!((got - expected).abs() <= tolerance, "{got} instead of {expected}");
}

/// As nQuery, PASS and gsDesign print them; one-sided 0.025.
#[test]
fn sample_sizes_match_published_ones() {
    for (p1, p0, power, unpooled, pooled) in [
        (0.46, 0.28, 0.9, 145.94, 149.10),
        (0.50, 0.30, 0.9, 120.84, 124.00),
        (0.464, 0.331, 0.9, 279.27, 282.44),
        (0.15, 0.10, 0.9, 914.15, 917.32),
        (0.15, 0.10, 0.8, 682.85, 685.60),
        (0.43, 0.32, 0.9, 401.80, 404.97),
    ] {
        assert_near(
            two_proportions(p1, p0, 0.025, power, NullVariance::Unpooled),
            unpooled,
            5.1e-3,
        );
        assert_near(
            two_proportions(p1, p0, 0.025, power, NullVariance::Pooled),
            pooled,
            5.1e-3,
        );
    }
    assert_near(two_means(0.5, 0.025, 0.9), 84.06, 5.1e-3);
    assert_near(log_rank_events(0.7, 0.025, 0.9), 330.378, 5.1e-4);
    assert_near(log_rank_events(0.7, 0.025, 0.8), 246.787, 5.1e-4);
    assert_near(log_rank_events(0.75, 0.025, 0.9), 507.844, 5.1e-4);
    assert!(two_proportions(0.3, 0.3, 0.025, 0.9, NullVariance::Pooled).is_none());
    assert!(log_rank_events(1.0, 0.025, 0.9).is_none() && two_means(0.5, 0.025, 0.01).is_none());
}

/// Simon 1989, tables 1 and 2.
#[test]
fn two_stage_designs_match_simon() {
    for (uninteresting, hoped, alpha, power, largest, optimal, minimax, expected) in [
        (
            0.1,
            0.3,
            0.05,
            0.8,
            35,
            [1, 10, 5, 29],
            [1, 15, 5, 25],
            [15.0141, 19.5096],
        ),
        (
            0.05,
            0.25,
            0.1,
            0.9,
            30,
            [0, 9, 2, 24],
            [0, 13, 2, 20],
            [14.5463, 16.4066],
        ),
        (
            0.2,
            0.4,
            0.05,
            0.8,
            45,
            [3, 13, 12, 43],
            [4, 18, 10, 33],
            [20.5803, 22.2547],
        ),
        (
            0.3,
            0.5,
            0.05,
            0.8,
            48,
            [5, 15, 18, 46],
            [6, 19, 16, 39],
            [23.6297, 25.6900],
        ),
    ] {
        let question = Question {
            uninteresting,
            hoped,
            alpha,
            power,
        };
        let (a, b) = two_stage_designs(question, largest).unwrap();
        let numbers = |d: TwoStage| [d.first_limit, d.first_n, d.limit, d.n];
        assert_eq!((numbers(a), numbers(b)), (optimal, minimax));
        assert_near(Some(a.expected_n), expected[0], 5.1e-5);
        assert_near(Some(b.expected_n), expected[1], 5.1e-5);
        assert!(a.alpha <= alpha && a.power >= power && b.alpha <= alpha && b.power >= power);
    }
    let question = Question {
        uninteresting: 0.1,
        hoped: 0.3,
        alpha: 0.05,
        power: 0.8,
    };
    let (optimal, _) = two_stage_designs(question, 35).unwrap();
    assert_near(Some(optimal.early_stop), 0.7361, 5.1e-5);
    assert_near(Some(optimal.alpha), 0.04709, 5.1e-6);
    assert_near(Some(optimal.power), 0.80506, 5.1e-6);
    assert!(two_stage_designs(question, 10).is_none());
    assert!(
        two_stage_designs(
            Question {
                hoped: 0.05,
                ..question
            },
            35
        )
        .is_none()
    );
}

fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.map(|line| line.split(',').collect()).collect()
}

fn number(field: &str) -> f64 {
    field.parse().unwrap()
}

/// rpact and `uniroot` (tolerance 1e-10, from 1 on) compute what we do, in doubles: a relative 1e-9. `power.prop.test` looks for the
/// size to 1e-12 of its interval, which ends at ten million: 1e-5 subjects.
#[test]
fn sample_sizes_match_rpact_and_r() {
    let rows = rows(include_str!("../../../validation/stats/sample_size/expected.csv"));
    for row in &rows {
        let (first, second, alpha, power) = (number(row[2]), number(row[3]), number(row[4]), number(row[5]));
        let got = match row[1] {
            "pooled" => two_proportions(first, second, alpha, power, NullVariance::Pooled),
            "unpooled" => two_proportions(first, second, alpha, power, NullVariance::Unpooled),
            "means" => two_means(first, alpha, power),
            _ => log_rank_events(first, alpha, power),
        };
        let (got, expected) = (got.unwrap(), number(row[6]));
        let searched = row[0] == "R" && row[1] == "pooled";
        let tolerance = if searched { 1e-5 } else { 1e-9 * expected };
        assert!((got - expected).abs() <= tolerance, "{row:?}: {got}");
    }
    assert_eq!(rows.len(), 9 * (3 * 8 + 3 + 5));
}

/// The oracle's last numbers are exact fractions, printed to 15 digits; ours are sums of some hundred products near 1e-15.
#[test]
fn two_stage_designs_match_an_enumeration_of_all_of_them() {
    let rows = rows(include_str!("../../../validation/stats/two_stage/expected.csv"));
    assert_eq!(rows.len(), 96);
    for pair in rows.chunks(2) {
        let hundredths = |k: usize| number(pair[0][k]) / 100.0;
        let question = Question {
            uninteresting: hundredths(1),
            hoped: hundredths(2),
            alpha: hundredths(3),
            power: hundredths(4),
        };
        let (optimal, minimax) = two_stage_designs(question, pair[0][5].parse().unwrap()).expect("a design");
        for (row, found) in pair.iter().zip([optimal, minimax]) {
            let numbers = [found.first_limit, found.first_n, found.limit, found.n].map(|k| k.to_string());
            assert_eq!(numbers.join("/"), row[6], "{row:?}");
            for (got, expected) in [found.alpha, found.power, found.early_stop, found.expected_n]
                .into_iter()
                .zip(&row[7..])
            {
                assert!(
                    (got - number(expected)).abs() < 1e-11 * number(expected).max(1.0),
                    "{row:?}: {got}"
                );
            }
        }
    }
}
