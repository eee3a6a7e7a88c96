//! Values printed in papers and by other packages, to the digits printed.

use malar_stats::difference::{miettinen_nurminen, newcombe};
use malar_stats::proportion::{clopper_pearson, wilson};
use malar_stats::stratified::*;
use malar_stats::{Count, Interval};

fn count(responders: u32, n: u32) -> Count {
    Count { responders, n }
}

/// Half a unit of the last digit printed, with room for the rounding of the comparison itself.
fn assert_limits(got: Option<Interval>, low: f64, high: f64, digits: i32) {
    let got = got.expect("subjects");
    let half_unit = 0.5 * 10f64.powi(-digits) + 1e-12;
    assert!(
        (got.low - low).abs() <= half_unit && (got.high - high).abs() <= half_unit,
        "{got:?}: {low} {high}"
    );
}

/// Newcombe 1998, Stat Med 17:857, table I (81/263, 15/148, 0/20, 1/29); R package tern (5/10).
#[test]
fn single_proportions_match_newcombe_and_tern() {
    let cases = [
        (81, 263, [0.252737, 0.367622], [0.255289, 0.366210]),
        (15, 148, [0.057844, 0.161650], [0.062386, 0.160487]),
        (0, 20, [0.0, 0.168433], [0.0, 0.161125]),
        (1, 29, [0.000873, 0.177644], [0.006113, 0.171755]),
        (5, 10, [0.187086, 0.812914], [0.236593, 0.763407]),
        (7, 20, [0.153909, 0.592189], [0.181192, 0.567146]),
        (10, 10, [0.691503, 1.0], [0.722467, 1.0]),
    ];
    for (x, n, exact, score) in cases {
        assert_limits(clopper_pearson(count(x, n), 0.95), exact[0], exact[1], 6);
        assert_limits(wilson(count(x, n), 0.95), score[0], score[1], 6);
    }
    assert_limits(wilson(count(5, 10), 0.90), 0.2692718, 0.7307282, 7);
}

/// With no successes the one-sided 95 % limit is 1 - 0.05^(1/n).
#[test]
fn upper_limit_without_successes_follows_the_rule_of_three() {
    for (n, upper) in [(10, 0.258866), (20, 0.139108), (30, 0.095034), (60, 0.048703)] {
        assert_limits(clopper_pearson(count(0, n), 0.90), 0.0, upper, 6);
    }
}

/// Newcombe 1998, Stat Med 17:873, table II contrasts; the 90 % interval from R package tern.
#[test]
fn differences_match_newcombe_and_tern() {
    let cases = [
        (56, 70, 48, 80, [0.052431, 0.333873], Some([0.052830, 0.338173])),
        (9, 10, 3, 10, [0.170523, 0.809018], Some([0.170025, 0.840650])),
        (6, 7, 2, 7, [0.058228, 0.806250], Some([0.034176, 0.853405])),
        (5, 56, 0, 29, [-0.038137, 0.192560], Some([-0.032597, 0.193331])),
        (0, 10, 0, 20, [-0.161125, 0.277533], None),
        (0, 10, 0, 10, [-0.277533, 0.277533], None),
        (10, 10, 0, 20, [0.679086, 1.0], None),
        (10, 10, 0, 10, [0.607509, 1.0], None),
    ];
    for (x1, n1, x0, n0, hybrid, score) in cases {
        assert_limits(newcombe(count(x1, n1), count(x0, n0), 0.95), hybrid[0], hybrid[1], 6);
        if let Some([low, high]) = score {
            assert_limits(miettinen_nurminen(count(x1, n1), count(x0, n0), 0.95), low, high, 6);
        }
    }
    assert_limits(newcombe(count(3, 4), count(1, 2), 0.90), -0.2966681, 0.6750199, 7);
}

/// Three strata of R package tern (tests of prop_diff).
fn tern_strata() -> [Stratum; 3] {
    [
        Stratum {
            treated: count(1, 15),
            control: count(3, 5),
        },
        Stratum {
            treated: count(3, 10),
            control: count(4, 10),
        },
        Stratum {
            treated: count(2, 25),
            control: count(18, 35),
        },
    ]
}

#[test]
fn mantel_haenszel_difference_matches_tern() {
    let binomial = mantel_haenszel_difference(&tern_strata(), Variance::IndependentBinomial).unwrap();
    let sato = mantel_haenszel_difference(&tern_strata(), Variance::Sato).unwrap();
    assert!((binomial.estimate + 0.3785714).abs() < 5e-8 && (sato.estimate + 0.3785714).abs() < 5e-8);
    assert!((binomial.standard_error - 0.0857389).abs() < 5e-8 && (sato.standard_error - 0.1174739).abs() < 5e-8);
    assert_limits(
        Some(Interval {
            low: binomial.low95,
            high: binomial.high95,
        }),
        -0.546617,
        -0.210526,
        6,
    );
    assert_limits(
        Some(Interval {
            low: sato.low95,
            high: sato.high95,
        }),
        -0.608816,
        -0.148327,
        6,
    );
    assert_limits(
        stratified_miettinen_nurminen(&tern_strata(), 0.95),
        -0.538124,
        -0.196288,
        6,
    );
    assert_limits(stratified_newcombe(&tern_strata(), 0.95), -0.531274, -0.193380, 6);
}

#[test]
fn test_of_seven_strata_matches_reference() {
    // Columns: responders and subjects of the treated arm, then of placebo; two strata have an empty margin.
    let table = [
        (10, 27, 7, 27),
        (3, 3, 2, 2),
        (0, 14, 3, 24),
        (0, 0, 1, 1),
        (4, 22, 3, 24),
        (9, 25, 30, 109),
        (4, 4, 13, 14),
    ]
    .map(|(x1, n1, x0, n0)| Stratum {
        treated: count(x1, n1),
        control: count(x0, n0),
    });
    let plain = cochran_mantel_haenszel(&table, Continuity::Uncorrected).unwrap();
    assert!((plain.statistic - 0.9388554).abs() < 5e-8 && (plain.p_value - 0.3325724).abs() < 5e-8);
    let corrected = cochran_mantel_haenszel(&table, Continuity::Corrected).unwrap();
    assert!((corrected.statistic - 0.6513743).abs() < 5e-8);
    assert!((mantel_haenszel_odds_ratio(&table).unwrap().estimate - 1.3711128).abs() < 5e-8);
}

/// Pooled BICLA counts of two published trials: the plain difference and its Wald limits.
#[test]
fn one_stratum_reduces_to_the_plain_difference() {
    let table = [Stratum {
        treated: count(171, 360),
        control: count(112, 366),
    }];
    let plain = mantel_haenszel_difference(&table, Variance::IndependentBinomial).unwrap();
    assert!((plain.estimate - 0.168989).abs() < 5e-7);
    assert_limits(
        Some(Interval {
            low: plain.low95,
            high: plain.high95,
        }),
        0.0991,
        0.2389,
        4,
    );
}
