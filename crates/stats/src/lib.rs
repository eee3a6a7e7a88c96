//! Tables in, estimates out.
//!
//! | question | module |
//! |---|---|
//! | a share, two shares, shares within strata, exactly | [`proportion`], [`difference`], [`stratified`], [`exact`] |
//! | a share adjusted for covariates, an ordered outcome | [`logistic`], [`proportional_odds`] |
//! | a mean, adjusted or measured repeatedly | [`descriptive`], [`summary`], [`least_squares`], [`mmrm`] |
//! | events over time at risk | [`rate`], [`negative_binomial`] |
//! | time to an event | [`survival`], [`cox`] |
//! | how many subjects | [`sample_size`], [`two_stage`] |
//! | looks before the end, several hypotheses | [`sequential`], [`multiplicity`] |
//! | changes after a look | [`adaptive`] |
//! | missing values | [`imputation`] |
//! | controls from elsewhere | [`external_control`] |
//! | posterior probabilities, borrowing, assurance | [`bayes`], [`bayes_normal`] |
//! | predictions against outcomes | [`score`] |
//! | parameters of a simulator from observations | [`ensemble`] |
//! | which inputs move a result | [`sensitivity`] |
//!
//! A table that says nothing (no subjects, an arm empty in every stratum) gives `None`, a regression or a design that
//! cannot be is refused with the reason ([`FitError`], [`sequential::DesignError`]); never NaN.
//!
//! ```
//! use malar_stats::stratified::{Stratum, Variance, mantel_haenszel_difference};
//! use malar_stats::{Count, proportion::wilson};
//!
//! let treated = Count { responders: 86, n: 180 };
//! let control = Count { responders: 57, n: 182 };
//! let shares = wilson(treated, 0.95).expect("n is not zero");
//! assert!((shares.low - 0.4060).abs() < 1e-4 && (shares.high - 0.5505).abs() < 1e-4);
//!
//! let table = [Stratum { treated, control }];
//! let difference = mantel_haenszel_difference(&table, Variance::Sato).expect("both arms have subjects");
//! assert!((difference.estimate - 0.1646).abs() < 1e-4);
//! assert!(difference.p_value < 0.01);
//! ```
//!
//! The choice that matters: every function of the normal and beta distributions comes from `libm`, which is plain Rust,
//! and sums of summaries are exact. So an estimate has the same bits on every machine, however the subjects were split
//! into batches. Each function names its paper; outside values and their scripts are in `validation/stats/`.

pub mod adaptive;
pub mod bayes;
pub mod bayes_normal;
pub mod contrast;
pub mod cox;
pub mod descriptive;
pub mod difference;
pub mod distribution;
pub mod ensemble;
pub mod error;
pub mod exact;
pub mod external_control;
pub mod imputation;
pub mod least_squares;
pub mod logistic;
pub mod matrix;
pub mod mmrm;
pub mod multiplicity;
pub mod negative_binomial;
mod newton;
pub mod proportion;
pub mod proportional_odds;
pub mod rate;
pub mod sample_size;
pub mod score;
pub mod sensitivity;
pub mod sequential;
pub mod stratified;
pub mod summary;
pub mod survival;
pub mod two_stage;

pub use error::FitError;

/// Successes among subjects.
///
/// `responders` never exceeds `n`; functions panic on a table that breaks this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Subjects with a success.
    pub responders: u32,
    /// Subjects.
    pub n: u32,
}

impl Count {
    /// Share of successes in [0, 1]; `None` without subjects.
    pub fn share(self) -> Option<f64> {
        assert!(
            self.responders <= self.n,
            "{} responders among {} subjects",
            self.responders,
            self.n
        );
        (self.n > 0).then(|| f64::from(self.responders) / f64::from(self.n))
    }

    /// Counts of two disjoint groups taken together.
    #[must_use]
    pub fn pooled(self, other: Count) -> Count {
        Count {
            responders: self.responders + other.responders,
            n: self.n + other.n,
        }
    }
}

/// Lower and upper limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
}

impl Interval {
    /// True if `value` lies within the limits, limits included.
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// A difference with its 95 % interval and two-sided p value from the normal approximation.
///
/// A standard error of zero (every subject alike within arms) collapses the interval; `p_value` is then 1 for an estimate
/// of exactly zero and 0 otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Treated minus control.
    pub estimate: f64,
    /// Standard error of the estimate.
    pub standard_error: f64,
    /// Lower 95 % limit.
    pub low95: f64,
    /// Upper 95 % limit.
    pub high95: f64,
    /// Two-sided p value of no difference.
    pub p_value: f64,
}

impl Difference {
    /// Normal approximation around `estimate`.
    pub fn normal(estimate: f64, standard_error: f64) -> Self {
        let half_width = distribution::Z95 * standard_error;
        Difference {
            estimate,
            standard_error,
            low95: estimate - half_width,
            high95: estimate + half_width,
            p_value: distribution::wald_p_value(estimate, standard_error),
        }
    }
}

/// A ratio with its 95 % interval and two-sided p value, normal approximation of the logarithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// Treated over control, above zero.
    pub estimate: f64,
    /// Standard error of the natural logarithm of the estimate.
    pub log_standard_error: f64,
    /// Lower 95 % limit.
    pub low95: f64,
    /// Upper 95 % limit.
    pub high95: f64,
    /// Two-sided p value of a ratio of one.
    pub p_value: f64,
}

impl Ratio {
    /// Normal approximation around the logarithm of `estimate`, which is above zero.
    pub fn log_normal(estimate: f64, log_standard_error: f64) -> Self {
        let log = Difference::normal(libm::log(estimate), log_standard_error);
        Ratio {
            estimate,
            log_standard_error,
            low95: libm::exp(log.low95),
            high95: libm::exp(log.high95),
            p_value: log.p_value,
        }
    }
}
