//! Powers with a real exponent.
//!
//! x^y = exp(y ln x). A rounding error of ln x would be multiplied by y ln x, so the logarithm is carried as the sum of two
//! doubles (Dekker 1971, Numer. Math. 18:224) from 2 artanh((m - 1) / (m + 1)), which leaves about 6 extra bits.

use super::exp::exp_sum;
use super::ln::split;
use super::{LN2_HIGH, LN2_LOW};

/// `x` to the power `y`, with the special values of IEEE 754 `pow`: 1 for `y` = 0 or `x` = 1 whatever the other, NaN for a
/// negative base and a fractional exponent.
#[inline(always)]
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    let base = x.abs();
    let (log_high, log_low) = ln_sum(base);
    // Beyond 2^65 every base but 1 gives infinity or zero; the limit keeps the exact product below in range.
    let limit = 36_893_488_147_419_103_232.0;
    let exponent = if y > limit { limit } else { y };
    let exponent = if exponent < -limit { -limit } else { exponent };
    let (high, low) = exact_product(exponent, log_high);
    let result = exp_sum(high, low + exponent * log_low);

    let result = if base == f64::INFINITY {
        if y > 0.0 { base } else { 0.0 }
    } else {
        result
    };
    let result = if base == 0.0 {
        if y > 0.0 { 0.0 } else { f64::INFINITY }
    } else {
        result
    };
    let (integer, odd) = parity(y);
    let negative = x.to_bits() >> 63 != 0;
    let result = if negative & odd { -result } else { result };
    let result = if (x < 0.0) & !integer & (base < f64::INFINITY) {
        f64::NAN
    } else {
        result
    };
    let result = if x.is_nan() | y.is_nan() { f64::NAN } else { result };
    if (y == 0.0) | (x == 1.0) { 1.0 } else { result }
}

/// Whether `y` is an integer (infinity counts as one), and whether it is an odd one.
#[inline(always)]
fn parity(y: f64) -> (bool, bool) {
    let is_integer = |v: f64| {
        const TWO_52: f64 = 4_503_599_627_370_496.0;
        (v >= TWO_52) | ((v + TWO_52) - TWO_52 == v)
    };
    let magnitude = y.abs();
    let integer = is_integer(magnitude);
    (integer, integer & !is_integer(magnitude * 0.5))
}

/// ln x as an unevaluated sum of two doubles, for positive finite `x`.
#[inline(always)]
fn ln_sum(x: f64) -> (f64, f64) {
    let (k, m) = split(x);
    // s = (m - 1) / (m + 1); the difference is exact, the sum is `d + d_low`, the remainder of the division gives `s_low`.
    let f = m - 1.0;
    let d = m + 1.0;
    let d_low = m - (d - 1.0);
    let reciprocal = 1.0 / d;
    let s = f * reciprocal;
    let (p, p_low) = exact_product(s, d);
    let s_low = (((f - p) - p_low) - s * d_low) * reciprocal;

    let z = s * s;
    let tail = s * z * artanh_tail(z);
    let (high, high_low) = exact_sum(k * LN2_HIGH, 2.0 * s);
    let low = high_low + (tail + (2.0 * s_low * (1.0 + z) + k * LN2_LOW));
    let sum = high + low;
    (sum, low - (sum - high))
}

/// 2/3 + 2/5 z + 2/7 z^2 + ..., cut where the next term is below 2^-65 for z <= 0.0295.
#[inline(always)]
fn artanh_tail(z: f64) -> f64 {
    let mut sum = 2.0 / 25.0;
    sum = sum * z + 2.0 / 23.0;
    sum = sum * z + 2.0 / 21.0;
    sum = sum * z + 2.0 / 19.0;
    sum = sum * z + 2.0 / 17.0;
    sum = sum * z + 2.0 / 15.0;
    sum = sum * z + 2.0 / 13.0;
    sum = sum * z + 2.0 / 11.0;
    sum = sum * z + 2.0 / 9.0;
    sum = sum * z + 2.0 / 7.0;
    sum = sum * z + 2.0 / 5.0;
    sum * z + 2.0 / 3.0
}

/// `a b` and its rounding error, by Dekker's splitting.
#[inline(always)]
fn exact_product(a: f64, b: f64) -> (f64, f64) {
    let split = |v: f64| {
        let c = 134_217_729.0 * v; // 2^27 + 1
        let high = c - (c - v);
        (high, v - high)
    };
    let product = a * b;
    let (a_high, a_low) = split(a);
    let (b_high, b_low) = split(b);
    let error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    (product, error)
}

/// `a + b` and its rounding error (Knuth).
#[inline(always)]
fn exact_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let virtual_b = sum - a;
    (sum, (a - (sum - virtual_b)) + (b - virtual_b))
}
