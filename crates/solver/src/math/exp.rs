//! The exponential function.
//!
//! Method and coefficients: FreeBSD msun `e_exp.c`, (c) 1993 Sun Microsystems, freely redistributable: x = k ln 2 + r,
//! |r| <= ln 2 / 2, and a rational approximation of exp(r) in r^2 with error below 2^-59.

#![expect(clippy::excessive_precision, reason = "coefficients as published")]

use super::{LN2_HIGH, LN2_LOW, SHIFT};

const P1: f64 = 1.666_666_666_666_660_190_37e-01;
const P2: f64 = -2.777_777_777_701_559_338_42e-03;
const P3: f64 = 6.613_756_321_437_934_361_17e-05;
const P4: f64 = -1.653_390_220_546_525_153_90e-06;
const P5: f64 = 4.138_136_797_057_238_460_39e-08;

/// e to the power `x`. Overflows to infinity above 709.78, underflows gradually to zero below -708.4; NaN stays NaN.
#[inline(always)]
#[must_use]
pub fn exp(x: f64) -> f64 {
    exp_sum(x, 0.0)
}

/// exp(`high` + `low`) where `low` is no more than a rounding error of `high`.
#[inline(always)]
pub(super) fn exp_sum(high: f64, low: f64) -> f64 {
    // Beyond these the result is infinity or zero; the comparisons leave NaN alone.
    let x = if high > 720.0 { 720.0 } else { high };
    let x = if x < -760.0 { -760.0 } else { x };
    let low = if x == high { low } else { 0.0 };

    let k = (x * std::f64::consts::LOG2_E + SHIFT) - SHIFT;
    let high = x - k * LN2_HIGH;
    let low = k * LN2_LOW - low;
    let r = high - low;
    let rr = r * r;
    let c = r - rr * (P1 + rr * (P2 + rr * (P3 + rr * (P4 + rr * P5))));
    let y = 1.0 + ((r * c / (2.0 - c) - low) + high);

    // Two factors, because 2^k alone may be beyond the range of doubles while the result is not; the first product is exact.
    let half = (k * 0.5 + SHIFT) - SHIFT;
    y * power_of_two(half) * power_of_two(k - half)
}

/// 2^`k` for an integer `k` in [-1022, 1023].
#[inline(always)]
fn power_of_two(k: f64) -> f64 {
    f64::from_bits((k + (SHIFT + 1023.0)).to_bits() << 52)
}
