//! More subjects when the interim result is promising.

use crate::distribution::normal_quantile;
use crate::sequential::{DesignError, combined_z, conditional_power};

/// A rule that enlarges the second stage when conditional power under the current trend lies in a zone below the aim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PromisingZone {
    /// Planned information fraction of the first stage, in (0, 1).
    planned: f64,
    /// z that wins at the end.
    critical: f64,
    least: f64,
    aim: f64,
    most: f64,
}

impl PromisingZone {
    /// `alpha` is one-sided; the zone runs from conditional power `least` to `aim`, both in (0, 1); `most` is the largest
    /// total information, as a multiple of the plan's, at least 1.
    pub fn new(planned: f64, alpha: f64, (least, aim): (f64, f64), most: f64) -> Result<PromisingZone, DesignError> {
        if !(planned > 0.0 && planned < 1.0) || most.is_nan() || most < 1.0 {
            return Err(DesignError::Information);
        }
        for p in [least, aim] {
            if !(p > 0.0 && p < 1.0) {
                return Err(DesignError::Probability(p));
            }
        }
        if !(alpha > 0.0 && alpha < 0.5) {
            return Err(DesignError::Probability(alpha));
        }
        if least >= aim {
            return Err(DesignError::Probability(least));
        }
        Ok(PromisingZone {
            planned,
            critical: -normal_quantile(alpha),
            least,
            aim,
            most,
        })
    }

    /// Information of the second stage after `first`, the z of the first stage, in units of the plan's full information.
    ///
    /// The least that reaches the aim under the current trend by the conventional statistic, not more than allowed.
    /// Source: Mehta & Pocock 2011, Stat Med 30:3267. Checked: validation/stats/adaptive/.
    pub fn second_stage(&self, first: f64) -> f64 {
        let (t, rest) = (self.planned, 1.0 - self.planned);
        let drift = first / t.sqrt();
        let power = conditional_power(first, t, self.critical, drift).expect("a fraction inside");
        if power < self.least || power >= self.aim {
            return rest;
        }
        // Conventional z at the end wins if z2 >= (c √(t+m) − z1 √t)/√m; mean of z2 is drift √m.
        let reaches = |m: f64| {
            let needed = (self.critical * (t + m).sqrt() - first * t.sqrt()) / m.sqrt();
            crate::distribution::normal_cdf(drift * m.sqrt() - needed) >= self.aim
        };
        let most = self.most - t;
        if !reaches(most) {
            return most.max(rest);
        }
        crate::distribution::bisect(rest, most, |m| !reaches(m))
    }

    /// Whether the trial wins: stages combined with the weights planned, so that the error is alpha whatever became of the
    /// second stage's size. Source: Cui, Hung & Wang 1999, Biometrics 55:853.
    pub fn wins(&self, first: f64, second: f64) -> bool {
        combined_z(first, second, self.planned) >= self.critical
    }

    /// Whether the conventional statistic, subjects weighted alike, would win. It keeps the error only for zones that start
    /// high enough.
    pub fn wins_unweighted(&self, first: f64, second: f64, second_information: f64) -> bool {
        let total = self.planned + second_information;
        let z = (first * self.planned.sqrt() + second * second_information.sqrt()) / total.sqrt();
        z >= self.critical
    }
}
