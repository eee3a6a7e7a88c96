//! Priors as functions of one standard normal number, so that a calibration works where every parameter is alike.

use malar_model::codes::DISTRIBUTION;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_solver::math::{exp, ln};
use serde::Deserialize;
use toml::Spanned;

/// `{ normal = [mean, sd] }`, `{ lognormal = [median, log sd] }` or `{ logitnormal = { low, high, median, sd } }`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Prior {
    Normal([f64; 2]),
    LogNormal([f64; 2]),
    LogitNormal(Between),
}

/// Bounded from both sides: the logit of the place between `low` and `high` is normal with standard deviation `sd`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Between {
    low: f64,
    high: f64,
    median: f64,
    sd: f64,
}

impl Prior {
    /// Value at `z` standard deviations above the median.
    pub fn value(&self, z: f64) -> f64 {
        match self {
            Prior::Normal([mean, sd]) => mean + sd * z,
            Prior::LogNormal([median, sd]) => median * exp(sd * z),
            Prior::LogitNormal(b) => {
                let share = (b.median - b.low) / (b.high - b.low);
                let logit = ln(share / (1.0 - share)) + b.sd * z;
                b.low + (b.high - b.low) / (1.0 + exp(-logit))
            }
        }
    }

    /// The `z` whose value this is; not finite outside the bounds.
    pub fn standard(&self, value: f64) -> f64 {
        match self {
            Prior::Normal([mean, sd]) => (value - mean) / sd,
            Prior::LogNormal([median, sd]) => ln(value / median) / sd,
            Prior::LogitNormal(b) => {
                let logit = |x: f64| ln((x - b.low) / (b.high - x));
                (logit(value) - logit(b.median)) / b.sd
            }
        }
    }

    /// Fails if it is no distribution.
    pub fn check(prior: &Spanned<Prior>, source: &Source) -> Result<(), Diagnostic> {
        let good = match prior.get_ref() {
            Prior::Normal([mean, sd]) => mean.is_finite() && *sd > 0.0,
            Prior::LogNormal([median, sd]) => *median > 0.0 && *sd > 0.0,
            Prior::LogitNormal(b) => b.low < b.median && b.median < b.high && b.sd > 0.0,
        };
        if good {
            return Ok(());
        }
        let message = "the prior is no distribution".to_owned();
        Err(Diagnostic::error(DISTRIBUTION, source, prior.span(), message).help(
            "give a standard deviation above zero, a positive median of a lognormal, a median between `low` and `high`",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_bounds_are_kept() {
        let between = Between {
            low: 0.2,
            high: 1.0,
            median: 0.85,
            sd: 0.7,
        };
        let prior = Prior::LogitNormal(between);
        assert!((prior.value(0.0) - 0.85).abs() < 1e-15);
        assert!(prior.value(-30.0) > 0.199 && prior.value(30.0) <= 1.0 && prior.value(1.0) > prior.value(0.9));
        assert!((Prior::LogNormal([2.0, 0.5]).value(1.0) - 2.0 * 0.5f64.exp()).abs() < 1e-15);
        assert_eq!(Prior::Normal([1.0, 0.5]).value(-2.0).to_bits(), 0f64.to_bits());
    }

    #[test]
    fn standard_undoes_value() {
        let between = Between {
            low: 0.2,
            high: 1.0,
            median: 0.85,
            sd: 0.7,
        };
        let priors = [
            Prior::Normal([1.0, 0.5]),
            Prior::LogNormal([2.0, 0.5]),
            Prior::LogitNormal(between),
        ];
        for prior in priors {
            for z in [-2.0, 0.0, 1.3] {
                assert!((prior.standard(prior.value(z)) - z).abs() < 1e-12, "{prior:?} at {z}");
            }
        }
    }
}
