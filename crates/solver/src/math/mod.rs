//! exp, ln and pow with the same bits on every machine.
//!
//! The standard library calls the system's mathematics library, whose last bit differs between systems. These use nothing but
//! IEEE addition, subtraction, multiplication, division, comparison and bit patterns, never a fused multiply-add; so the result
//! is the same whatever the CPU, the compiler's vector width or the lane. They have no branches: `if` below is a choice between two
//! computed values, which lets the compiler run eight lanes at once.
//!
//! Largest errors, checked against the standard library in the tests (1 ulp = distance to the next double):
//! [`exp`] 1 ulp, [`ln`] 1 ulp, [`pow`] 1 ulp + `|y ln x|` / 50 ulp.
//! Square root, floor, ceil and absolute value of `std` are exact by IEEE 754 and used as they are.

mod exp;
mod ln;
mod pow;

pub use exp::exp;
pub use ln::ln;
pub use pow::pow;

use crate::lane::{LANES, Lane};

/// [`exp`] of every lane, the same bits.
#[inline(always)]
#[must_use]
pub fn exp_lanes(x: &Lane) -> Lane {
    let mut out = Lane::splat(0.0);
    for l in 0..LANES {
        out.0[l] = exp(x.0[l]);
    }
    out
}

/// [`ln`] of every lane, the same bits.
#[inline(always)]
#[must_use]
pub fn ln_lanes(x: &Lane) -> Lane {
    let mut out = Lane::splat(0.0);
    for l in 0..LANES {
        out.0[l] = ln(x.0[l]);
    }
    out
}

/// [`pow`] of every lane, the same bits.
#[inline(always)]
#[must_use]
pub fn pow_lanes(x: &Lane, y: &Lane) -> Lane {
    let mut out = Lane::splat(0.0);
    for l in 0..LANES {
        out.0[l] = pow(x.0[l], y.0[l]);
    }
    out
}

/// The larger of two numbers as one vector instruction computes it: `b` if either is NaN or they are equal.
#[inline(always)]
#[must_use]
pub fn max(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The smaller of two numbers as one vector instruction computes it: `b` if either is NaN or they are equal.
#[inline(always)]
#[must_use]
pub fn min(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// 1.5 * 2^52: adding it rounds a number below 2^51 to the nearest integer and leaves that integer in the low bits.
const SHIFT: f64 = 6_755_399_441_055_744.0;
/// ln 2, first 33 bits; a multiple of it by an integer below 2^20 is exact.
const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
/// ln 2 less [`LN2_HIGH`].
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

#[cfg(test)]
mod tests;
