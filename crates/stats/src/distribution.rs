//! Normal, chi-square (one degree of freedom) and beta distributions, as far as the estimators need them.

/// 97.5 % point of the standard normal distribution.
pub const Z95: f64 = 1.959_963_984_540_054;

/// Probability that a standard normal variable is at most `z`.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// Value that a standard normal variable stays below with probability `p`, in (0, 1).
///
/// Halley steps on [`normal_cdf`] from a rational start; relative error below 1e-14 for p in [1e-300, 1 - 1e-16].
/// Start: Abramowitz & Stegun 1964, formula 26.2.23.
pub fn normal_quantile(p: f64) -> f64 {
    assert!(p > 0.0 && p < 1.0, "normal quantile of {p}");
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    let t = (-2.0 * libm::log(p)).sqrt();
    let start = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    let mut z = -start;
    for _ in 0..3 {
        // e is the error in p over the density; -z/2 is the second-order term of the expansion.
        let e = (normal_cdf(z) - p) * (2.0 * std::f64::consts::PI).sqrt() * libm::exp(0.5 * z * z);
        z -= e / (1.0 + 0.5 * z * e);
    }
    z
}

/// Normal quantile that cuts off both tails outside a two-sided interval of `level`, in (0, 1).
pub fn two_sided_quantile(level: f64) -> f64 {
    assert!(level > 0.0 && level < 1.0, "confidence level of {level}");
    -normal_quantile(0.5 * (1.0 - level))
}

/// Two-sided p value of `z`, in [0, 1].
pub fn two_sided_p_value(z: f64) -> f64 {
    libm::erfc(z.abs() * std::f64::consts::FRAC_1_SQRT_2)
}

/// Upper tail of the chi-square distribution with one degree of freedom, `x >= 0`.
pub fn chi_square_1_tail(x: f64) -> f64 {
    two_sided_p_value(x.sqrt())
}

/// Two-sided p value of `estimate` being zero; see [`crate::Difference`] for a standard error of zero.
pub(crate) fn wald_p_value(estimate: f64, standard_error: f64) -> f64 {
    if standard_error > 0.0 {
        two_sided_p_value(estimate / standard_error)
    } else if estimate.abs() > 0.0 {
        0.0
    } else {
        1.0
    }
}

/// Probability that a beta variable with parameters `a`, `b` (above zero) is at most `x`, in [0, 1].
///
/// Continued fraction of DiDonato & Morris 1992 (ACM TOMS 18:360, eq. 8) in Lentz' form; error below 1e-13.
pub fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast below the mean; above it the mirror image is used.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_cdf(1.0 - x, b, a);
    }
    let log_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let front = libm::exp(a * libm::log(x) + b * libm::log1p(-x) - log_beta) / a;
    front / beta_fraction(x, a, b)
}

/// 1 + d1/(1 + d2/(1 + ...)), the denominator of the incomplete beta function (Abramowitz & Stegun 26.5.8).
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let (mut value, mut c, mut d) = (1.0, 1.0, 0.0);
    for step in 1..10_000 {
        let m = f64::from(step / 2);
        let term = if step % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        d = 1.0 / (1.0 + term * d);
        c = 1.0 + term / c;
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

/// Value that a beta variable with parameters `a`, `b` (above zero) stays below with probability `p`, in (0, 1).
///
/// Bisection on [`beta_cdf`]: the limits of an interval deserve certainty more than speed.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    bisect(0.0, 1.0, |x| beta_cdf(x, a, b) < p)
}

/// The point in [`low`, `high`] where `is_below` turns from true to false, to the last bit.
pub(crate) fn bisect(mut low: f64, mut high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// Two-sided p value of a Student t variable with `df` degrees of freedom (above zero, not necessarily whole) at `t`.
pub fn student_two_sided_p_value(t: f64, df: f64) -> f64 {
    beta_cdf(df / (df + t * t), 0.5 * df, 0.5)
}

/// Value that a Student t variable with `df` degrees of freedom exceeds in absolute value with probability 1 - `level`.
///
/// `df` above zero, not necessarily whole; `level` in (0, 1). Checked: validation/stats/least_squares/.
pub fn student_two_sided_quantile(level: f64, df: f64) -> f64 {
    assert!(level > 0.0 && level < 1.0, "confidence level of {level}");
    let x = beta_quantile(1.0 - level, 0.5 * df, 0.5);
    // Near the middle 1 - x would cancel; the mirrored quantile holds it.
    let rest = beta_quantile(level, 0.5, 0.5 * df);
    (df * rest / x).sqrt()
}
