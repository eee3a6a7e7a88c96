//! Intervals of one proportion.

use crate::distribution::{beta_quantile, two_sided_quantile};
use crate::stratified::Continuity;
use crate::{Count, Interval};

/// Wilson's score interval at confidence `level`, in (0, 1); `None` without subjects.
///
/// Source: Wilson 1927, J Am Stat Assoc 22:209; Newcombe 1998, Stat Med 17:857, method 3.
/// Checked: validation/stats/proportion/.
pub fn wilson(count: Count, level: f64) -> Option<Interval> {
    wilson_z(count, two_sided_quantile(level))
}

/// Wilson's interval at `z` standard errors.
pub(crate) fn wilson_z(count: Count, z: f64) -> Option<Interval> {
    let p = count.share()?;
    let n = f64::from(count.n);
    let centre = p + z * z / (2.0 * n);
    let half_width = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    // At 0 and n successes one limit is 0 or 1 exactly; rounding would leave it a hair beside.
    let low = if count.responders == 0 {
        0.0
    } else {
        (centre - half_width) / scale
    };
    let high = if count.responders == count.n {
        1.0
    } else {
        (centre + half_width) / scale
    };
    Some(Interval { low, high })
}

/// Exact interval of Clopper and Pearson at confidence `level`, in (0, 1); `None` without subjects.
///
/// Each tail holds at most (1 - level) / 2; the limit at 0 or n successes is 0 or 1.
/// Source: Clopper & Pearson 1934, Biometrika 26:404. Checked: validation/stats/proportion/.
pub fn clopper_pearson(count: Count, level: f64) -> Option<Interval> {
    count.share()?;
    let tail = 0.5 * (1.0 - level);
    let x = f64::from(count.responders);
    let misses = f64::from(count.n) - x;
    let low = if count.responders == 0 {
        0.0
    } else {
        beta_quantile(tail, x, misses + 1.0)
    };
    let high = if count.responders == count.n {
        1.0
    } else {
        beta_quantile(1.0 - tail, x + 1.0, misses)
    };
    Some(Interval { low, high })
}

/// Plain normal interval (Wald) at confidence `level`, in (0, 1); `None` without subjects.
///
/// `Corrected` widens it by 1 / (2 n). Limits stay in [0, 1]. It covers too seldom near 0 and 1: for comparison only.
/// Checked: validation/stats/proportion/.
pub fn wald(count: Count, level: f64, continuity: Continuity) -> Option<Interval> {
    let p = count.share()?;
    let n = f64::from(count.n);
    let correction = if continuity == Continuity::Corrected {
        0.5 / n
    } else {
        0.0
    };
    let half_width = two_sided_quantile(level) * (p * (1.0 - p) / n).sqrt() + correction;
    Some(Interval {
        low: (p - half_width).max(0.0),
        high: (p + half_width).min(1.0),
    })
}

/// Interval of Agresti and Coull at confidence `level`, in (0, 1); `None` without subjects.
///
/// The plain interval after adding z²/2 successes and as many failures; limits stay in [0, 1].
/// Source: Agresti & Coull 1998, Am Stat 52:119. Checked: validation/stats/proportion/.
pub fn agresti_coull(count: Count, level: f64) -> Option<Interval> {
    count.share()?;
    let z = two_sided_quantile(level);
    let n = f64::from(count.n) + z * z;
    let p = (f64::from(count.responders) + 0.5 * z * z) / n;
    let half_width = z * (p * (1.0 - p) / n).sqrt();
    Some(Interval {
        low: (p - half_width).max(0.0),
        high: (p + half_width).min(1.0),
    })
}

/// Equal-tailed posterior interval under Jeffreys' prior Beta(½, ½), at `level`, in (0, 1); `None` without subjects.
///
/// The lower limit without successes is 0, the upper one without failures 1.
/// Source: Brown, Cai & DasGupta 2001, Stat Sci 16:101. Checked: validation/stats/proportion/.
pub fn jeffreys(count: Count, level: f64) -> Option<Interval> {
    count.share()?;
    let tail = 0.5 * (1.0 - level);
    let a = f64::from(count.responders) + 0.5;
    let b = f64::from(count.n - count.responders) + 0.5;
    let low = if count.responders == 0 {
        0.0
    } else {
        beta_quantile(tail, a, b)
    };
    let high = if count.responders == count.n {
        1.0
    } else {
        beta_quantile(1.0 - tail, a, b)
    };
    Some(Interval { low, high })
}
