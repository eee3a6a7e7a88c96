//! Upper boundaries.

use super::walk::{Walk, root};
use super::{DesignError, check_error, check_information, crossings};
use crate::distribution::{bisect, normal_cdf, normal_quantile};

/// How much of the error may be spent by an information fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Spending {
    /// Little early (Lan & DeMets 1983, Biometrika 70:659): close to, not the same as, O'Brien and Fleming's bounds.
    ObrienFlemingType,
    /// Much early (Lan & DeMets 1983).
    PocockType,
    /// Family of Hwang, Shih & DeCani 1990, Stat Med 9:1439: -4 spends little early, 1 about as Pocock.
    HwangShihDeCani {
        /// Shape, any number.
        gamma: f64,
    },
    /// Fraction to a power (Kim & DeMets 1987, Biometrika 74:149).
    Power {
        /// Exponent, above zero.
        rho: f64,
    },
}

impl Spending {
    /// Error spent by information fraction `t` in [0, 1], out of `total`, one-sided.
    pub fn spent(self, total: f64, t: f64) -> f64 {
        if t <= 0.0 {
            return 0.0;
        }
        if t >= 1.0 {
            return total;
        }
        match self {
            Spending::ObrienFlemingType => 2.0 * normal_cdf(normal_quantile(0.5 * total) / t.sqrt()),
            Spending::PocockType => total * libm::log1p((std::f64::consts::E - 1.0) * t),
            Spending::HwangShihDeCani { gamma } if gamma.abs() < 1e-8 => total * t,
            Spending::HwangShihDeCani { gamma } => total * libm::expm1(-gamma * t) / libm::expm1(-gamma),
            Spending::Power { rho } => total * libm::pow(t, rho),
        }
    }
}

/// Largest z looked for; the normal tail beyond is below 1e-300.
const HIGHEST: f64 = 36.0;

/// The bound above which `walk` arrives at `information` with probability `increment`.
pub(super) fn bound_spending(walk: &Walk, information: f64, increment: f64, look: usize) -> Result<f64, DesignError> {
    let reachable = walk.above(information, -HIGHEST);
    if increment.is_nan() || increment <= 1e-300 || increment >= reachable {
        return Err(DesignError::CannotSpend { look });
    }
    Ok(bisect(-HIGHEST, HIGHEST, |bound| {
        walk.above(information, bound) > increment
    }))
}

/// Bounds on z that spend `alpha` (one-sided) over the looks as `spending` allows.
///
/// Refuses a spending function that leaves nothing for some look. Checked: validation/stats/sequential/.
pub fn spending_bounds(information: &[f64], alpha: f64, spending: Spending) -> Result<Vec<f64>, DesignError> {
    check_information(information)?;
    check_error(alpha)?;
    let mut walk = Walk::new(0.0);
    let (mut bounds, mut before) = (Vec::new(), 0.0);
    for (k, &t) in information.iter().enumerate() {
        let spent = spending.spent(alpha, t);
        let bound = bound_spending(&walk, t, spent - before, k + 1)?;
        walk.advance(t, f64::NEG_INFINITY, bound);
        bounds.push(bound);
        before = spent;
    }
    Ok(bounds)
}

/// Bounds c t^(shape - 1/2) of Wang and Tsiatis, crossed with probability `alpha` in all, one-sided.
///
/// Source: Wang & Tsiatis 1987, Biometrics 43:193. Checked: validation/stats/sequential/.
pub fn wang_tsiatis(information: &[f64], alpha: f64, shape: f64) -> Result<Vec<f64>, DesignError> {
    check_information(information)?;
    check_error(alpha)?;
    let bounds = |c: f64| -> Vec<f64> { information.iter().map(|t| c * libm::pow(*t, shape - 0.5)).collect() };
    let excess = |c: f64| crossings(&bounds(c), &[], information, 0.0).map_or(f64::NAN, |x| x.power() - alpha);
    root(0.0, 10.0, excess)
        .map(bounds)
        .ok_or(DesignError::CannotSpend { look: 1 })
}

/// Bounds of O'Brien and Fleming 1979, Biometrics 35:549: falling as one over the square root of information.
pub fn obrien_fleming(information: &[f64], alpha: f64) -> Result<Vec<f64>, DesignError> {
    wang_tsiatis(information, alpha, 0.0)
}

/// Bounds of Pocock 1977, Biometrika 64:191: the same z at every look.
pub fn pocock(information: &[f64], alpha: f64) -> Result<Vec<f64>, DesignError> {
    wang_tsiatis(information, alpha, 0.5)
}

/// Error that bounds given from outside spend in all; [`DesignError::Overspent`] if that is more than `alpha`.
///
/// A millionth of alpha is left to the rounding of printed bounds' computation, not to that of printing them.
pub fn check_bounds(upper: &[f64], information: &[f64], alpha: f64) -> Result<f64, DesignError> {
    check_error(alpha)?;
    let spent = crossings(upper, &[], information, 0.0)?.power();
    if spent <= alpha * (1.0 + 1e-6) {
        Ok(spent)
    } else {
        Err(DesignError::Overspent { spent })
    }
}
