//! How good a predicted distribution was, once the outcome is known.

use crate::descriptive::quantile_sorted;

/// Continuous ranked probability score of the outcome under the sample's empirical distribution, in the unit of the values.
///
/// Zero for a sample that is the outcome; for a single value it is the absolute error. Mean |X − y| − ½ mean |X − X′|
/// over all pairs. `None` for an empty sample. Source: Gneiting & Raftery 2007, J Am Stat Assoc 102:359, eq. 21.
/// Checked: validation/stats/score/.
pub fn crps(sample: &[f64], outcome: f64) -> Option<f64> {
    let n = sample.len() as f64;
    let mut sorted = sample.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let distance: f64 = sorted.iter().map(|x| (x - outcome).abs()).sum();
    // Over ordered values the sum over pairs is linear in the rank.
    let weighted = |(i, x): (usize, &f64)| (2.0 * i as f64 + 1.0 - n) * x;
    let spread: f64 = sorted.iter().enumerate().map(weighted).sum();
    (n > 0.0).then(|| distance / n - spread / (n * n))
}

/// The middle `level` of a sample, 0 to 1: its quantiles at (1 ∓ level)/2. `None` for an empty sample.
pub fn central_interval(sample: &[f64], level: f64) -> Option<crate::Interval> {
    let mut sorted = sample.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Some(crate::Interval {
        low: quantile_sorted(&sorted, 0.5 * (1.0 - level))?,
        high: quantile_sorted(&sorted, 0.5 * (1.0 + level))?,
    })
}
