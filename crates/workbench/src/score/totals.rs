//! Scores of many rows, and the bars a ledger is held to.

use serde::Serialize;

use super::ledger::{Ledger, Row, Totals};

/// Largest mean absolute error of responder rates, percentage points.
const LARGEST_ERROR: f64 = 7.0;
/// Largest share of the baseline's error.
const LARGEST_SHARE_OF_BASELINE: f64 = 0.85;
/// Limits of the share of published values inside the middle 80 %.
const COVERAGE80: (f64, f64) = (0.70, 0.90);
/// Smallest share of clear differences with the right sign.
const SIGN_RIGHT: f64 = 0.85;

/// Scores of `rows`.
pub(super) fn totals(rows: &[&Row]) -> Totals {
    let responses: Vec<&Row> = rows.iter().copied().filter(|row| row.is_response()).collect();
    let with_baseline: Vec<(&Row, f64)> = responses.iter().filter_map(|row| Some((*row, row.baseline?))).collect();
    let left_out: Vec<(&Row, f64)> = responses.iter().filter_map(|row| Some((*row, row.left_out?))).collect();
    let covered = |interval: fn(&Row) -> (f64, f64)| {
        average(responses.iter().map(|row| {
            let (low, high) = interval(row);
            f64::from(u8::from((low..=high).contains(&row.published)))
        }))
    };
    let signs: Vec<bool> = rows.iter().filter_map(|row| row.sign_right()).collect();
    Totals {
        n: responses.len(),
        mae_points: average(responses.iter().map(|row| row.error())),
        n_baseline: with_baseline.len(),
        baseline_mae_points: average(
            with_baseline
                .iter()
                .map(|(row, baseline)| (baseline - row.published).abs()),
        ),
        mae_points_beside_baseline: average(with_baseline.iter().map(|(row, _)| row.error())),
        coverage50: covered(|row| row.interval50),
        coverage80: covered(|row| row.interval80),
        coverage90: covered(|row| row.interval90),
        crps: average(responses.iter().map(|row| row.crps)),
        n_left_out: left_out.len(),
        left_out_mae_points: average(left_out.iter().map(|(row, refit)| (refit - row.published).abs())),
        mae_points_beside_left_out: average(left_out.iter().map(|(row, _)| row.error())),
        sign_right: signs.iter().filter(|right| **right).count(),
        n_signed: signs.len(),
    }
}

fn average(values: impl Iterator<Item = f64>) -> Option<f64> {
    malar_stats::descriptive::mean(&values.collect::<Vec<_>>())
}

/// One thing asked of predictions on trials that were not fitted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bar {
    /// What is asked.
    pub asked: String,
    /// What was reached, in words; empty if there was nothing to judge.
    pub reached: String,
    /// Whether it holds; `None` if there was nothing to judge.
    pub holds: Option<bool>,
}

/// The bars on predicted rows.
pub fn bars(ledger: &Ledger) -> Vec<Bar> {
    let predicted = &ledger.overall.predicted;
    let bar = |asked: String, reached: Option<(String, bool)>| Bar {
        asked,
        holds: reached.as_ref().map(|(_, holds)| *holds),
        reached: reached.map_or_else(String::new, |(words, _)| words),
    };
    let both = predicted.mae_points_beside_baseline.zip(predicted.baseline_mae_points);
    let signs = predicted.sign_right as f64 / predicted.n_signed as f64;
    vec![
        bar(
            format!("mean absolute error at most {LARGEST_ERROR} points"),
            predicted.mae_points.map(|e| (format!("{e:.1}"), e <= LARGEST_ERROR)),
        ),
        bar(
            "at least 15 % below the baseline's error".into(),
            both.map(|(own, base)| {
                (
                    format!("{own:.1} against {base:.1}"),
                    own <= LARGEST_SHARE_OF_BASELINE * base,
                )
            }),
        ),
        bar(
            "80 % intervals cover 70 to 90 %".into(),
            predicted.coverage80.map(|c| {
                let holds = (COVERAGE80.0..=COVERAGE80.1).contains(&c);
                (format!("{:.0} %", 100.0 * c), holds)
            }),
        ),
        bar(
            "sign of clear differences right in at least 85 %".into(),
            (predicted.n_signed > 0).then(|| {
                let words = format!("{} of {}", predicted.sign_right, predicted.n_signed);
                (words, signs >= SIGN_RIGHT)
            }),
        ),
    ]
}
