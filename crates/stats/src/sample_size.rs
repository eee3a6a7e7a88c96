//! How many subjects or events a comparison of two arms needs, by normal approximation.
//!
//! `alpha` is one-sided, in (0, 0.5); `power` in (alpha, 1). Results are exact numbers: round up. `None` for arguments
//! out of range or no difference to find. Checked: validation/stats/sample_size/; published values in tests/planning.rs.

use crate::distribution::normal_quantile;

/// Sum of the normal quantiles of 1 - alpha and of the power, each with its own standard deviation.
fn distance(alpha: f64, power: f64, null_sd: f64, sd: f64) -> Option<f64> {
    let valid = alpha > 0.0 && alpha < 0.5 && power > alpha && power < 1.0;
    valid.then(|| -normal_quantile(alpha) * null_sd + normal_quantile(power) * sd)
}

/// Which variance the test has under no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NullVariance {
    /// That of the two shares expected.
    Unpooled,
    /// That of their mean (Fleiss 1981, Statistical Methods for Rates and Proportions).
    Pooled,
}

/// Subjects per arm to tell `treated` from `control`, shares in [0, 1], arms of equal size.
pub fn two_proportions(treated: f64, control: f64, alpha: f64, power: f64, null: NullVariance) -> Option<f64> {
    let shares = 0.0..=1.0;
    let d = treated - control;
    if !(shares.contains(&treated) && shares.contains(&control)) || d.abs() <= 0.0 {
        return None;
    }
    let unpooled = treated * (1.0 - treated) + control * (1.0 - control);
    let mean = 0.5 * (treated + control);
    let null_variance = match null {
        NullVariance::Unpooled => unpooled,
        NullVariance::Pooled => 2.0 * mean * (1.0 - mean),
    };
    let sum = distance(alpha, power, null_variance.sqrt(), unpooled.sqrt())?;
    Some(sum * sum / (d * d))
}

/// Subjects per arm to find a difference of means of `effect` standard deviations.
pub fn two_means(effect: f64, alpha: f64, power: f64) -> Option<f64> {
    let sum = distance(alpha, power, 1.0, 1.0)?;
    (effect.abs() > 0.0 && effect.is_finite()).then(|| 2.0 * sum * sum / (effect * effect))
}

/// Events in both arms together to find a hazard ratio by the log-rank test, arms of equal size.
///
/// Source: Schoenfeld 1981, Biometrika 68:316.
pub fn log_rank_events(hazard_ratio: f64, alpha: f64, power: f64) -> Option<f64> {
    let valid = hazard_ratio > 0.0 && hazard_ratio.is_finite() && (hazard_ratio - 1.0).abs() > 0.0;
    let sum = distance(alpha, power, 1.0, 1.0)?;
    let log = libm::log(hazard_ratio);
    valid.then(|| 4.0 * sum * sum / (log * log))
}
