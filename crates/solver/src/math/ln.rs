//! The natural logarithm.
//!
//! Method and coefficients: FreeBSD msun `e_log.c`, (c) 1993 Sun Microsystems, freely redistributable: x = 2^k (1 + f) with
//! sqrt(1/2) < 1 + f < sqrt(2), s = f / (2 + f), and an odd polynomial in s with error below 2^-58.

#![expect(clippy::excessive_precision, reason = "coefficients as published")]

use super::{LN2_HIGH, LN2_LOW};

const LG1: f64 = 6.666_666_666_666_735_130e-01;
const LG2: f64 = 3.999_999_999_940_941_908e-01;
const LG3: f64 = 2.857_142_874_366_239_149e-01;
const LG4: f64 = 2.222_219_843_214_978_396e-01;
const LG5: f64 = 1.818_357_216_161_805_012e-01;
const LG6: f64 = 1.531_383_769_920_937_332e-01;
const LG7: f64 = 1.479_819_860_511_658_591e-01;

/// Natural logarithm: minus infinity at zero, NaN below.
#[inline(always)]
#[must_use]
pub fn ln(x: f64) -> f64 {
    let (k, m) = split(x);
    let f = m - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (LG2 + w * (LG4 + w * LG6));
    let odd = z * (LG1 + w * (LG3 + w * (LG5 + w * LG7)));
    let r = even + odd;
    let finite = s * (half_square + r) + k * LN2_LOW - half_square + f + k * LN2_HIGH;

    let result = if x == f64::INFINITY { x } else { finite };
    let result = if x == 0.0 { f64::NEG_INFINITY } else { result };
    if x >= 0.0 { result } else { f64::NAN }
}

/// `(k, m)` with x = 2^k m and m in [sqrt(1/2), sqrt(2)), for positive finite `x`, subnormal or not.
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    /// Upper bits of sqrt(1/2), below which the mantissa is doubled and the exponent lowered.
    const LOW_END: u64 = 0x3fe6_a09e << 32;
    const ONE: u64 = 0x3ff0_0000 << 32;
    const TWO_52: f64 = 4_503_599_627_370_496.0;
    const TWO_54: f64 = 18_014_398_509_481_984.0;

    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = if subnormal { x * TWO_54 } else { x };
    let offset = if subnormal { 1023.0 + 54.0 } else { 1023.0 };
    let bits = scaled.to_bits().wrapping_add(ONE - LOW_END);
    // An integer below 2^52 in the low bits of 2^52 is that integer as a double.
    let exponent = f64::from_bits(TWO_52.to_bits() | (bits >> 52)) - TWO_52;
    let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(LOW_END));
    (exponent - offset, m)
}
