//! Intervals of one proportion.

use crate::distribution::{beta_quantile, two_sided_quantile};
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
