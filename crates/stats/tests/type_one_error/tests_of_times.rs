//! Tests of event times: continuous, and seen at visits only.

use malar_stats::cox::{Ties, cox};
use malar_stats::matrix::Matrix;
use malar_stats::survival::{ArmTimes, EventWeight, Observation, rank_test, restricted_mean_difference};

use super::{Dice, Expectation, Method};

const VISITS: &str = "75 patients an arm, events seen at 13 visits, a fifth lost";

pub fn methods() -> Vec<Method> {
    use Expectation::{Approximate, Conservative};
    let method = |name, expectation, thousands, rejects| Method {
        name,
        setting: VISITS,
        nominal: 0.05,
        expectation,
        thousands,
        rejects,
    };
    vec![
        method(
            "log-rank",
            Approximate("chi-square law of a rank statistic", 0.003),
            40,
            |d| ranks(d, EventWeight::LogRank),
        ),
        method(
            "Gehan",
            Approximate("chi-square law of a rank statistic", 0.003),
            40,
            |d| ranks(d, EventWeight::Gehan),
        ),
        method("Cox, Efron", Approximate("Wald test", 0.004), 10, |d| {
            hazards(d, Ties::Efron)
        }),
        method(
            "Cox, Breslow",
            Conservative("ties shrink the coefficient and not its standard error"),
            10,
            |d| hazards(d, Ties::Breslow),
        ),
        method(
            "restricted mean",
            Approximate("Greenwood's variance is a little small in samples of this size", 0.006),
            20,
            |d| {
                let times = arms(d);
                Some(restricted_mean_difference(&times.treated, &times.control, 12.0)?.p_value < 0.05)
            },
        ),
    ]
}

/// Exponential events with mean 13 visits, seen at the next one; losses with mean 40 visits; the end at visit 13.
fn arms(d: &mut Dice) -> ArmTimes {
    let observation = |d: &mut Dice| {
        let (event, lost) = (
            (13.0 * d.exponential()).ceil(),
            (40.0 * d.exponential()).floor().min(13.0),
        );
        Observation {
            time: event.min(lost),
            event: event <= lost,
        }
    };
    ArmTimes {
        treated: (0..75).map(|_| observation(d)).collect(),
        control: (0..75).map(|_| observation(d)).collect(),
    }
}

fn ranks(d: &mut Dice, weight: EventWeight) -> Option<bool> {
    Some(rank_test(&[arms(d)], weight)?.test.p_value < 0.05)
}

fn hazards(d: &mut Dice, ties: Ties) -> Option<bool> {
    let times = arms(d);
    let rows: Vec<[f64; 1]> = (0..150).map(|k| [if k < 75 { 1.0 } else { 0.0 }]).collect();
    let observations = [times.treated, times.control].concat();
    Some(
        cox(&Matrix::from_rows(&rows), &observations, &[], ties)
            .ok()?
            .hazard_ratio(0)
            .p_value
            < 0.05,
    )
}
