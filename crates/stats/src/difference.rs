//! Two independent proportions compared: treated minus control.

use crate::distribution::{bisect, two_sided_quantile};
use crate::proportion::wilson_z;
use crate::{Count, Interval};

/// Newcombe's hybrid score interval of the difference (his method 10) at confidence `level`, in (0, 1).
///
/// `None` if either arm has no subjects.
/// Source: Newcombe 1998, Stat Med 17:873. Checked: validation/stats/difference/.
pub fn newcombe(treated: Count, control: Count, level: f64) -> Option<Interval> {
    let z = two_sided_quantile(level);
    let (p1, p0) = (treated.share()?, control.share()?);
    let (w1, w0) = (wilson_z(treated, z)?, wilson_z(control, z)?);
    let d = p1 - p0;
    Some(Interval {
        low: d - (p1 - w1.low).hypot(w0.high - p0),
        high: d + (w1.high - p1).hypot(p0 - w0.low),
    })
}

/// Score interval of the difference by Miettinen and Nurminen at confidence `level`, in (0, 1).
///
/// `None` if either arm has no subjects.
/// Source: Miettinen & Nurminen 1985, Stat Med 4:213, eq. 8-10. Checked: validation/stats/difference/.
pub fn miettinen_nurminen(treated: Count, control: Count, level: f64) -> Option<Interval> {
    let z = two_sided_quantile(level);
    let d = treated.share()? - control.share()?;
    let score = |delta: f64| (d - delta) / restricted_variance(treated, control, delta).sqrt();
    Some(score_interval(d, z, score))
}

/// The values of delta between which `score`, a decreasing function that is zero at `d`, stays within plus and minus `z`.
pub(crate) fn score_interval(d: f64, z: f64, score: impl Fn(f64) -> f64) -> Interval {
    Interval {
        low: bisect(-1.0, d, |delta| score(delta) > z),
        high: bisect(d, 1.0, |delta| score(delta) > -z),
    }
}

/// Variance of the observed difference if the true difference were `delta`, in [-1, 1], with the factor N / (N - 1).
///
/// Both arms have subjects.
pub(crate) fn restricted_variance(treated: Count, control: Count, delta: f64) -> f64 {
    let (n1, n0) = (f64::from(treated.n), f64::from(control.n));
    let p0 = restricted_control_share(treated, control, delta);
    let p1 = (p0 + delta).clamp(0.0, 1.0);
    (p1 * (1.0 - p1) / n1 + p0 * (1.0 - p0) / n0) * (n1 + n0) / (n1 + n0 - 1.0)
}

/// Maximum-likelihood share of the control arm if the treated share exceeds it by `delta`.
///
/// Closed root of the cubic of Miettinen & Nurminen 1985, appendix I; letters theirs.
fn restricted_control_share(treated: Count, control: Count, delta: f64) -> f64 {
    let (x1, n1) = (f64::from(treated.responders), f64::from(treated.n));
    let (x0, n0) = (f64::from(control.responders), f64::from(control.n));
    let l3 = n1 + n0;
    let l2 = (n1 + 2.0 * n0) * delta - l3 - (x1 + x0);
    let l1 = (n0 * delta - l3 - 2.0 * x0) * delta + x1 + x0;
    let l0 = x0 * delta * (1.0 - delta);
    let q = (l2 / (3.0 * l3)).powi(3) - l1 * l2 / (6.0 * l3 * l3) + l0 / (2.0 * l3);
    let p = ((l2 / (3.0 * l3)).powi(2) - l1 / (3.0 * l3))
        .max(0.0)
        .sqrt()
        .copysign(q);
    // Rounding can push the cosine just past one; a triple root has p = 0.
    let cosine = if p.abs() > 0.0 {
        (q / p.powi(3)).clamp(-1.0, 1.0)
    } else {
        0.0
    };
    let angle = (std::f64::consts::PI + libm::acos(cosine)) / 3.0;
    (2.0 * p * libm::cos(angle) - l2 / (3.0 * l3)).clamp(0.0_f64.max(-delta), 1.0_f64.min(1.0 - delta))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restricted_shares_and_variance_match_tern() {
        let treated = Count { responders: 6, n: 15 };
        let control = Count { responders: 4, n: 10 };
        assert!((restricted_control_share(treated, control, 0.1) - 0.3422136).abs() < 5e-8);
        assert!((restricted_variance(treated, control, 0.1) - 0.0405775).abs() < 5e-8);
    }
}
