//! From results at the points of a design to a row per factor.

use malar_stats::descriptive::{mean, standard_deviation};
use malar_stats::distribution::student_two_sided_quantile;
use malar_stats::sensitivity::Bootstrap;
use malar_stats::sensitivity::indices::{Results, indices};
use malar_stats::sensitivity::morris::{Trajectory, screen};
use malar_stats::sensitivity::rank_correlation::partial_rank_correlations;
use serde::Serialize;

use super::design::{Design, Kind};
use super::{Factor, LEVEL, SensitivityError};

/// Draws behind an interval.
const RESAMPLES: u32 = 1000;

/// What one factor does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub factor: String,
    /// By the method's measure.
    #[serde(flatten)]
    pub measure: Measure,
}

/// The measure of a method; changes are in the unit of the result, intervals hold 90 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Measure {
    /// Effects per whole range.
    Morris {
        /// Mean, mu.
        mean: f64,
        /// Mean of absolute effects, mu*.
        mean_absolute: f64,
        /// Its interval.
        low: f64,
        /// Its interval.
        high: f64,
        /// Standard deviation of effects, sigma.
        deviation: f64,
    },
    /// Shares of variance.
    Sobol {
        /// Alone.
        first: f64,
        /// Its interval.
        first_low: f64,
        /// Its interval.
        first_high: f64,
        /// With all others.
        total: f64,
        /// Its interval.
        total_low: f64,
        /// Its interval.
        total_high: f64,
    },
    /// Partial rank correlation.
    Prcc {
        /// In -1..1.
        correlation: f64,
        /// Its interval.
        low: f64,
        /// Its interval.
        high: f64,
        /// Against none.
        p_value: f64,
    },
    /// One at a time.
    Tornado {
        /// Change of the result at the lower end.
        at_low: f64,
        /// At the upper end.
        at_high: f64,
        /// Upper minus lower.
        swing: f64,
        /// Interval of the swing, over simulated trials.
        low: f64,
        /// Its interval.
        high: f64,
    },
}

impl Measure {
    /// What rows are ordered by.
    pub fn size(&self) -> f64 {
        match *self {
            Measure::Morris { mean_absolute, .. } => mean_absolute,
            Measure::Sobol { total, .. } => total,
            Measure::Prcc { correlation, .. } => correlation.abs(),
            Measure::Tornado {
                at_low, at_high, swing, ..
            } => at_low.abs().max(at_high.abs()).max(swing.abs()),
        }
    }
}

/// Rows of one target, largest first; `results[point][replicate]`.
pub(super) fn rows(
    design: &Design,
    factors: &[Factor],
    results: &[Vec<f64>],
    seed: u64,
    target: &str,
) -> Result<Vec<Row>, SensitivityError> {
    let unclear = |reason: &str, help: &'static str| SensitivityError::Unclear {
        target: target.to_owned(),
        reason: reason.to_owned(),
        help,
    };
    if results.iter().flatten().any(|value| !value.is_finite()) {
        let help = "take more patients, or another result";
        return Err(unclear("some simulated trial has no patient for it", help));
    }
    let bootstrap = Bootstrap {
        resamples: RESAMPLES,
        level: LEVEL,
        seed,
    };
    let single: Vec<f64> = results.iter().map(|values| values[0]).collect();
    let measures = match &design.kind {
        Kind::Walks(walks) => of_walks(walks, &single, &bootstrap),
        Kind::Rows => of_rows(&single, factors.len(), &bootstrap),
        Kind::Samples => of_samples(&design.points, &single),
        Kind::Ends => Some(of_ends(results)),
    };
    let help = "take more patients or a larger `--size`, or move something that matters";
    let measures = measures.ok_or_else(|| unclear("it does not vary, or not by itself", help))?;
    let row = |(factor, measure): (&Factor, Measure)| Row {
        factor: factor.name.clone(),
        measure,
    };
    let mut rows: Vec<Row> = factors.iter().zip(measures).map(row).collect();
    rows.sort_by(|a, b| b.measure.size().total_cmp(&a.measure.size()));
    Ok(rows)
}

fn of_walks(walks: &[Trajectory], results: &[f64], bootstrap: &Bootstrap) -> Option<Vec<Measure>> {
    let steps = walks.first()?.points.len();
    let effects: Vec<Vec<f64>> = (walks.iter().zip(results.chunks(steps)))
        .map(|(walk, r)| walk.effects(r))
        .collect();
    let measure = |e: malar_stats::sensitivity::morris::Effect| Measure::Morris {
        mean: e.mean,
        mean_absolute: e.mean_absolute.value,
        low: e.mean_absolute.interval.low,
        high: e.mean_absolute.interval.high,
        deviation: e.deviation,
    };
    Some(screen(&effects, bootstrap)?.into_iter().map(measure).collect())
}

fn of_rows(results: &[f64], factors: usize, bootstrap: &Bootstrap) -> Option<Vec<Measure>> {
    let row = |values: &[f64]| Results {
        a: values[0],
        b: values[1],
        mixed: values[2..].to_vec(),
    };
    let rows: Vec<Results> = results.chunks(factors + 2).map(row).collect();
    let measure = |i: malar_stats::sensitivity::indices::Index| Measure::Sobol {
        first: i.first.value,
        first_low: i.first.interval.low,
        first_high: i.first.interval.high,
        total: i.total.value,
        total_low: i.total.interval.low,
        total_high: i.total.interval.high,
    };
    Some(indices(&rows, bootstrap)?.into_iter().map(measure).collect())
}

fn of_samples(points: &[Vec<f64>], results: &[f64]) -> Option<Vec<Measure>> {
    let found = partial_rank_correlations(points, results, LEVEL).ok()?;
    let measure = |r: malar_stats::sensitivity::rank_correlation::RankCorrelation| Measure::Prcc {
        correlation: r.value,
        low: r.interval.low,
        high: r.interval.high,
        p_value: r.p_value,
    };
    Some(found.into_iter().map(measure).collect())
}

/// The first point is the base; low and high ends follow. Simulated trials of one number pair up: they have the same seed.
fn of_ends(results: &[Vec<f64>]) -> Vec<Measure> {
    let centre = |values: &[f64]| mean(values).expect("one simulated trial or more");
    let base = centre(&results[0]);
    let measure = |ends: &[Vec<f64>]| {
        let pairs: Vec<f64> = ends[1].iter().zip(&ends[0]).map(|(high, low)| high - low).collect();
        let (swing, n) = (centre(&pairs), pairs.len() as f64);
        let error = standard_deviation(&pairs).expect("two simulated trials or more") / n.sqrt();
        let half = student_two_sided_quantile(LEVEL, n - 1.0) * error;
        Measure::Tornado {
            at_low: centre(&ends[0]) - base,
            at_high: centre(&ends[1]) - base,
            swing,
            low: swing - half,
            high: swing + half,
        }
    };
    results[1..].chunks(2).map(measure).collect()
}
