//! Which inputs of a computation move its result: designs that say where to compute, and measures from what was computed.
//!
//! | question | module |
//! |---|---|
//! | which of many inputs matter at all, with few computations | [`morris`] |
//! | which share of the result's variance does each input explain, alone and with others | [`indices`] |
//! | how strongly does the result rise or fall with each input, the others held | [`rank_correlation`] |
//! | points that fill the unit cube evenly | [`sequence`] |
//!
//! Inputs are numbers in 0..1; what they stand for is the caller's. Every design and every interval depends on its seed and on
//! nothing else.

pub mod indices;
pub mod morris;
mod random;
pub mod rank_correlation;
pub mod sequence;

use crate::Interval;
use crate::descriptive::quantile_sorted;

/// A number with the middle part of its bootstrap distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// From the data as they are.
    pub value: f64,
    /// From the data drawn again.
    pub interval: Interval,
}

/// How intervals are found: draw the units of the design again, with replacement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Draws, 1 or more.
    pub resamples: u32,
    /// Share of the draws inside an interval, 0 to 1.
    pub level: f64,
    /// Seed.
    pub seed: u64,
}

impl Bootstrap {
    /// Percentile intervals of statistics of `n` units; `statistics` gets the numbers of the units drawn. Source: Efron & Tibshirani
    /// 1993, An Introduction to the Bootstrap, chapter 13.
    fn intervals<const K: usize>(&self, n: usize, statistics: impl Fn(&[usize]) -> [f64; K]) -> [Interval; K] {
        let mut drawn = vec![0; n];
        let mut seen: [Vec<f64>; K] = std::array::from_fn(|_| Vec::with_capacity(self.resamples as usize));
        for draw in 0..u64::from(self.resamples) {
            for (k, unit) in drawn.iter_mut().enumerate() {
                *unit = random::below(&[self.seed, draw, k as u64], n);
            }
            for (list, value) in seen.iter_mut().zip(statistics(&drawn)) {
                list.push(value);
            }
        }
        seen.map(|mut values| {
            values.sort_unstable_by(f64::total_cmp);
            let at = |p| quantile_sorted(&values, p).unwrap_or(f64::NAN);
            Interval {
                low: at(0.5 * (1.0 - self.level)),
                high: at(0.5 * (1.0 + self.level)),
            }
        })
    }
}
