//! The z statistic from look to look: recursive numerical integration.
//!
//! Source: Armitage, McPherson & Rowe 1969, J R Stat Soc A 132:235; grid and Simpson weights of Jennison & Turnbull
//! 2000, Group Sequential Methods, chapter 19.

use super::{DesignError, check_information};
use crate::distribution::normal_cdf;

/// Grid fineness r; the book's 16 and gsDesign's 18 leave errors of about 1e-7 in a boundary.
const FINENESS: usize = 18;

/// Distribution of z at the last look among trials that go on, as masses at grid points.
#[derive(Clone)]
pub(super) struct Walk {
    drift: f64,
    information: f64,
    masses: Vec<(f64, f64)>,
}

impl Walk {
    /// Before the first look.
    pub fn new(drift: f64) -> Self {
        Walk {
            drift,
            information: 0.0,
            masses: vec![(0.0, 1.0)],
        }
    }

    /// Standardised distance of `bound` at `information` from where a trial with statistic `z` is expected.
    fn distance(&self, information: f64, bound: f64, z: f64) -> f64 {
        let delta = information - self.information;
        (bound * information.sqrt() - z * self.information.sqrt() - self.drift * delta) / delta.sqrt()
    }

    /// Probability of going on so far and being at or above `bound` at `information`.
    pub fn above(&self, information: f64, bound: f64) -> f64 {
        let at = |&(z, mass): &(f64, f64)| mass * normal_cdf(-self.distance(information, bound, z));
        self.masses.iter().map(at).sum()
    }

    /// Probability of going on so far and being below `bound` at `information`.
    pub fn below(&self, information: f64, bound: f64) -> f64 {
        let at = |&(z, mass): &(f64, f64)| mass * normal_cdf(self.distance(information, bound, z));
        self.masses.iter().map(at).sum()
    }

    /// Moves on to `information`, keeping trials between the bounds.
    pub fn advance(&mut self, information: f64, lower: f64, upper: f64) {
        let delta = information - self.information;
        let scale = (information / delta).sqrt() / (2.0 * std::f64::consts::PI).sqrt();
        let density = |z: f64| -> f64 {
            let from = |&(before, mass): &(f64, f64)| {
                let x = self.distance(information, z, before);
                mass * libm::exp(-0.5 * x * x)
            };
            scale * self.masses.iter().map(from).sum::<f64>()
        };
        let nodes = grid(self.drift * information.sqrt(), lower, upper);
        self.masses = nodes.into_iter().map(|(z, weight)| (z, weight * density(z))).collect();
        self.information = information;
    }
}

/// Points and Simpson weights for a density that falls off as a normal one around `centre`.
fn grid(centre: f64, lower: f64, upper: f64) -> Vec<(f64, f64)> {
    let r = FINENESS as f64;
    let point = |i: usize| {
        let x = i as f64;
        centre
            + if i < FINENESS {
                -3.0 - 4.0 * libm::log(r / x)
            } else if i <= 5 * FINENESS {
                -3.0 + 3.0 * (x - r) / (2.0 * r)
            } else {
                3.0 + 4.0 * libm::log(r / (6.0 * r - x))
            }
    };
    let all: Vec<f64> = (1..6 * FINENESS).map(point).collect();
    let (from, to) = (lower.max(all[0]), upper.min(all[all.len() - 1]));
    if from >= to {
        return Vec::new();
    }
    let mut points = vec![from];
    points.extend(all.into_iter().filter(|x| *x > from && *x < to));
    points.push(to);
    let mut nodes = vec![(from, 0.0)];
    for pair in points.windows(2) {
        let sixth = (pair[1] - pair[0]) / 6.0;
        nodes.last_mut().expect("it starts with one").1 += sixth;
        nodes.push((0.5 * (pair[0] + pair[1]), 4.0 * sixth));
        nodes.push((pair[1], sixth));
    }
    nodes
}

/// The zero of a continuous `f` between `low` and `high`, above zero at the first and below at the second, to 1e-12.
///
/// False position with halved end values (Illinois: Dowell & Jarratt 1971, BIT 11:168); `None` without a change of sign.
pub(super) fn root(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> Option<f64> {
    let (mut f_low, mut f_high) = (f(low), f(high));
    if !(f_low >= 0.0 && f_high <= 0.0) {
        return None;
    }
    for step in 0..200 {
        if high - low < 1e-12 {
            break;
        }
        // Where false position crawls, as in the tails of the normal law, every third step halves.
        let middle = if step % 3 == 2 || f_low - f_high <= 0.0 {
            0.5 * (low + high)
        } else {
            low + (high - low) * f_low / (f_low - f_high)
        };
        let value = f(middle);
        if value.abs() < 1e-16 {
            return Some(middle);
        }
        if value > 0.0 {
            (low, f_low, f_high) = (middle, value, 0.5 * f_high);
        } else {
            (high, f_high, f_low) = (middle, value, 0.5 * f_low);
        }
    }
    Some(0.5 * (low + high))
}

/// Probability of stopping at each look.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossings {
    /// At or above the upper bound.
    pub upper: Vec<f64>,
    /// Below the lower bound.
    pub lower: Vec<f64>,
}

impl Crossings {
    /// Probability of success at any look.
    pub fn power(&self) -> f64 {
        self.upper.iter().sum()
    }

    /// Expected information at the stop, as a fraction of the full one.
    pub fn expected_information(&self, information: &[f64]) -> f64 {
        let stops = self.upper.iter().zip(&self.lower).map(|(u, l)| u + l);
        let weighted: f64 = stops.clone().zip(information).map(|(p, t)| p * t).sum();
        weighted + (1.0 - stops.sum::<f64>()).max(0.0)
    }
}

/// Probability of crossing each bound first, if z at full information is expected at `drift`.
///
/// `lower` is empty without a rule for stopping early without success; an entry may be minus infinity, one of `upper`
/// plus infinity. Checked: validation/stats/sequential/.
pub fn crossings(upper: &[f64], lower: &[f64], information: &[f64], drift: f64) -> Result<Crossings, DesignError> {
    check_information(information)?;
    let lower_at = |k: usize| lower.get(k).copied().unwrap_or(f64::NEG_INFINITY);
    let complete = upper.len() == information.len() && (lower.is_empty() || lower.len() == upper.len());
    if !complete || upper.iter().chain(lower).any(|bound| bound.is_nan()) {
        return Err(DesignError::Boundaries);
    }
    let mut walk = Walk::new(drift);
    let mut result = Crossings {
        upper: Vec::new(),
        lower: Vec::new(),
    };
    for (k, &t) in information.iter().enumerate() {
        result.upper.push(walk.above(t, upper[k]));
        result.lower.push(walk.below(t, lower_at(k).min(upper[k])));
        if k + 1 < upper.len() {
            walk.advance(t, lower_at(k), upper[k]);
        }
    }
    Ok(result)
}

/// Drift at which the upper bounds are crossed with probability `power`.
///
/// The square of it over that of a trial with one look, (z of alpha + z of power)², is the inflation of its size.
pub fn drift_for_power(upper: &[f64], lower: &[f64], information: &[f64], power: f64) -> Result<f64, DesignError> {
    let at = |drift: f64| crossings(upper, lower, information, drift).map(|c| c.power());
    if power.is_nan() || power <= at(0.0)? || power >= 1.0 {
        return Err(DesignError::Probability(power));
    }
    root(0.0, 20.0, |drift| at(drift).map_or(f64::NAN, |p| power - p)).ok_or(DesignError::Power)
}
