//! A treated group against controls who were not randomised beside it. What they differ in decides the error.

use malar_stats::external_control::{Subject, external_comparison};
use malar_stats::stratified::{Stratum, Variance, mantel_haenszel_difference};

use super::{Dice, Expectation, Method};
use malar_stats::Count;

const TREATED: usize = 100;
const CONTROLS: usize = 200;
/// Distance of the groups' means in the covariate, standard deviations.
const APART: f64 = 0.5;
const COVARIATE: &str =
    "100 treated, 200 controls half a standard deviation better in a covariate that decides the response";

/// How the controls' world differs from that of the treated.
#[derive(Clone, Copy)]
enum World {
    /// In what was measured only.
    Same,
    /// Eight points less respond, for a reason that nobody measured.
    Drifted,
    /// By luck of a trial, with a standard deviation of eight points.
    OwnLuck,
}

pub fn methods() -> Vec<Method> {
    use Expectation::{Approximate, Inflated};
    let method = |name, setting, expectation, rejects| Method {
        name,
        setting,
        nominal: 0.05,
        expectation,
        thousands: 10,
        rejects,
    };
    vec![
        method(
            "external control, weighted by odds",
            COVARIATE,
            Approximate("sandwich variance of estimated weights, in large samples", 0.015),
            |d| weighted(&subjects(d, World::Same)),
        ),
        method(
            "external control, not weighted",
            "the same",
            Inflated("the groups differ in what decides the response: six points, about one standard error"),
            |d| unweighted(&subjects(d, World::Same)),
        ),
        method(
            "external control, weighted, drift",
            "the same, and controls respond eight points less often for a reason that nobody measured",
            Inflated(
                "weights see what was measured only: 0.08 is 1.4 standard errors (0.0575, from variances about the covariate and \
                 156 controls' worth of weights), and Phi(1.4 - 1.96) = 0.29",
            ),
            |d| weighted(&subjects(d, World::Drifted)),
        ),
        method(
            "external control, weighted, luck of its own",
            "the same, and the response among controls differs by eight points (standard deviation) from trial to trial",
            Inflated(
                "the standard error knows patients, not trials: with 1.4 of it between trials, 1.96 of it are \
                 1.96/sqrt(1 + 1.4^2) = 1.14 of all, and 0.25 lie beyond",
            ),
            |d| weighted(&subjects(d, World::OwnLuck)),
        ),
    ]
}

/// Nobody's treatment does anything: the share is 0.35 at a covariate of zero, and rises by 0.12 a standard deviation.
fn subjects(d: &mut Dice, world: World) -> Vec<Subject> {
    let drift = match world {
        World::Same => 0.0,
        World::Drifted => -0.08,
        World::OwnLuck => 0.08 * d.normal(),
    };
    let subject = |k: usize| {
        let treated = k < TREATED;
        let covariate = d.normal() + if treated { 0.0 } else { APART };
        let share = 0.35 + 0.12 * covariate + if treated { 0.0 } else { drift };
        Subject {
            treated,
            covariates: vec![covariate],
            outcome: f64::from(u8::from(d.chance(share))),
        }
    };
    (0..TREATED + CONTROLS).map(subject).collect()
}

fn weighted(subjects: &[Subject]) -> Option<bool> {
    Some(external_comparison(subjects).ok()?.difference.p_value < 0.05)
}

fn unweighted(subjects: &[Subject]) -> Option<bool> {
    let count = |treated: bool| {
        let group = subjects.iter().filter(move |s| s.treated == treated);
        Count {
            responders: group.clone().filter(|s| s.outcome == 1.0).count() as u32,
            n: group.count() as u32,
        }
    };
    let all = [Stratum {
        treated: count(true),
        control: count(false),
    }];
    Some(mantel_haenszel_difference(&all, Variance::Sato)?.p_value < 0.05)
}
