//! What an interim z says about the end, and how large the rest should be.

use crate::distribution::{normal_cdf, normal_quantile};

/// Probability that z ends at or above `critical`, given `z` at information fraction `t` in (0, 1) and the drift.
///
/// The current trend is the drift `z / sqrt(t)`. `None` for `t` outside (0, 1).
/// Source: Jennison & Turnbull 2000, Group Sequential Methods, eq. 10.1. Checked: validation/stats/conditional_power/.
pub fn conditional_power(z: f64, t: f64, critical: f64, drift: f64) -> Option<f64> {
    let rest = 1.0 - t;
    let excess = z * t.sqrt() + drift * rest - critical;
    (t > 0.0 && t < 1.0).then(|| normal_cdf(excess / rest.sqrt()))
}

/// The same averaged over what the data say about the drift (flat prior).
///
/// Source: Spiegelhalter, Freedman & Blackburn 1986, Control Clin Trials 7:8. Checked: validation/stats/conditional_power/.
pub fn predictive_power(z: f64, t: f64, critical: f64) -> Option<f64> {
    let excess = z / t.sqrt() - critical;
    (t > 0.0 && t < 1.0).then(|| normal_cdf(excess / ((1.0 - t) / t).sqrt()))
}

/// The same if the drift follows a normal prior with `mean` and `sd` (above zero), updated by the data so far.
///
/// A vague prior gives [`predictive_power`]. `None` for `t` outside (0, 1). Checked: validation/stats/conditional_power/.
pub fn predictive_power_with_prior(z: f64, t: f64, critical: f64, (mean, sd): (f64, f64)) -> Option<f64> {
    if !(t > 0.0 && t < 1.0 && sd > 0.0) {
        return None;
    }
    // z √t has mean drift·t and variance t.
    let precision = 1.0 / (sd * sd) + t;
    let drift = (mean / (sd * sd) + z * t.sqrt()) / precision;
    let rest = 1.0 - t;
    let excess = z * t.sqrt() + drift * rest - critical;
    Some(normal_cdf(excess / (rest + rest * rest / precision).sqrt()))
}

/// Probability under no effect of ending at or above `critical`: what a changed second stage may spend.
///
/// Source: Müller & Schäfer 2001, Biometrics 57:886. Checked: validation/stats/conditional_power/.
pub fn conditional_error(z: f64, t: f64, critical: f64) -> Option<f64> {
    conditional_power(z, t, critical, 0.0)
}

/// z of both stages taken together with the weights planned, whatever the size of the second became.
///
/// `planned` is the planned information fraction of the first stage, in [0, 1]; under no effect the result is standard
/// normal, so the error is kept. Source: Cui, Hung & Wang 1999, Biometrics 55:853; Lehmacher & Wassmer 1999.
pub fn combined_z(first: f64, second: f64, planned: f64) -> f64 {
    planned.sqrt() * first + (1.0 - planned).sqrt() * second
}

/// Information of a second stage that reaches `power` at `drift` given the first, as a fraction of the plan's full one.
///
/// The second stage alone is tested at the conditional error, so the error is kept however large it becomes.
/// `None` if `t` or `power` is outside (0, 1), or drift is not above zero; zero if the first stage suffices.
/// Checked: validation/stats/conditional_power/.
pub fn second_stage_information(z: f64, t: f64, critical: f64, drift: f64, power: f64) -> Option<f64> {
    let error = conditional_error(z, t, critical)?;
    let possible = drift > 0.0 && power > 0.0 && power < 1.0 && error > 0.0;
    if !possible {
        return None;
    }
    if error >= 1.0 {
        return Some(0.0);
    }
    let needed = (normal_quantile(power) - normal_quantile(error)).max(0.0) / drift;
    Some(needed * needed)
}
