//! One quantity of eight patients, and arithmetic on it.
//!
//! Every operation is a plain loop over the lanes, so that the compiler turns it into one vector instruction where the CPU
//! has one, and into the same IEEE operations where it has not.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// Patients integrated side by side. Each lane has its own time, step size, error and status.
pub const LANES: usize = 8;

/// One quantity of all lanes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Lane(pub [f64; LANES]);

impl Lane {
    /// The same value in every lane.
    #[inline(always)]
    #[must_use]
    pub const fn splat(value: f64) -> Self {
        Lane([value; LANES])
    }

    /// `f` of every lane.
    #[inline(always)]
    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let mut out = Lane::splat(0.0);
        for l in 0..LANES {
            out.0[l] = f(self.0[l]);
        }
        out
    }

    /// `f` of both values of every lane.
    #[inline(always)]
    #[must_use]
    pub fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let mut out = Lane::splat(0.0);
        for l in 0..LANES {
            out.0[l] = f(self.0[l], other.0[l]);
        }
        out
    }
}

impl Add for Lane {
    type Output = Lane;
    #[inline(always)]
    fn add(self, other: Lane) -> Lane {
        self.zip(other, |a, b| a + b)
    }
}

impl Sub for Lane {
    type Output = Lane;
    #[inline(always)]
    fn sub(self, other: Lane) -> Lane {
        self.zip(other, |a, b| a - b)
    }
}

impl Mul for Lane {
    type Output = Lane;
    #[inline(always)]
    fn mul(self, other: Lane) -> Lane {
        self.zip(other, |a, b| a * b)
    }
}

impl Div for Lane {
    type Output = Lane;
    #[inline(always)]
    fn div(self, other: Lane) -> Lane {
        self.zip(other, |a, b| a / b)
    }
}

impl Neg for Lane {
    type Output = Lane;
    #[inline(always)]
    fn neg(self) -> Lane {
        self.map(|a| -a)
    }
}
