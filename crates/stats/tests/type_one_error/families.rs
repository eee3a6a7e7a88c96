//! Families of hypotheses as a trial has them: a primary endpoint and key secondaries, correlated. One-sided 0.025.

use malar_stats::distribution::normal_cdf;
use malar_stats::multiplicity::{Graph, holm};

use super::{Dice, Expectation, Method};

const FAMILY: &str = "a primary and four key secondary endpoints, correlated by 0.5, all hypotheses true";
const PRIMARY_FALSE: &str = "the same, but the primary hypothesis false and always rejected: errors among the others";
const ALPHA: f64 = 0.025;

pub fn methods() -> Vec<Method> {
    let family = |name, setting, expectation, rejects| Method {
        name,
        setting,
        nominal: ALPHA,
        expectation,
        thousands: 200,
        rejects,
    };
    vec![
        family(
            "no correction for hypotheses",
            FAMILY,
            Expectation::Inflated("each of five tests spends the whole error"),
            |d| Some(wrong(&p_values(d, false), false)),
        ),
        family(
            "Holm, correlated",
            FAMILY,
            Expectation::Conservative("Bonferroni's inequality, further from equality the more tests have in common"),
            |d| Some(wrong(&holm(&p_values(d, false)), false)),
        ),
        family("graph of rehearsal-hypotheses", FAMILY, Expectation::Nominal, |d| {
            Some(wrong(&graph().adjust(&p_values(d, false)), false))
        }),
        family(
            "graph of rehearsal-hypotheses, past its gate",
            PRIMARY_FALSE,
            Expectation::Conservative("Bonferroni's inequality, further from equality the more tests have in common"),
            |d| Some(wrong(&graph().adjust(&p_values(d, true)), true)),
        ),
    ]
}

/// One-sided p values of standard normal scores that share half of their variance.
fn p_values(d: &mut Dice, primary_false: bool) -> Vec<f64> {
    let half = std::f64::consts::FRAC_1_SQRT_2;
    let shared = d.normal();
    let mut p: Vec<f64> = (0..5).map(|_| normal_cdf(-half * (shared + d.normal()))).collect();
    if primary_false {
        p[0] = 0.0;
    }
    p
}

/// Any rejection of a true hypothesis.
fn wrong(adjusted: &[f64], primary_false: bool) -> bool {
    adjusted[usize::from(primary_false)..].iter().any(|p| *p <= ALPHA)
}

/// That of data/trials/rehearsal-hypotheses.toml.
fn graph() -> Graph {
    let rows = [
        [0.0, 0.4, 0.3, 0.3, 0.0],
        [0.0, 0.0, 0.5, 0.5, 0.0],
        [0.0, 0.0, 0.0, 0.5, 0.5],
        [0.0, 0.0, 0.5, 0.0, 0.5],
        [0.0, 1.0, 0.0, 0.0, 0.0],
    ];
    let weights = vec![1.0, 0.0, 0.0, 0.0, 0.0];
    Graph::new(weights, rows.map(|row| row.to_vec()).to_vec()).unwrap()
}
