//! Exact unconditional inference on the difference of two proportions.
//!
//! Every table that could have been seen with these arm sizes is ranked by a statistic; the share of responders of the
//! control arm, on which the probabilities depend, takes the value least favourable to the claim.

use crate::difference::restricted_variance;
use crate::{Count, Interval};

/// What tables are ranked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ranking {
    /// The observed difference (Santner & Snell 1980, J Am Stat Assoc 75:386; default of SAS).
    Difference,
    /// The score of Farrington and Manning (Chan & Zhang 1999, Biometrics 55:1202): shorter intervals.
    Score,
}

/// Points of the nuisance share looked at before the best one is refined; the maximum is smooth at this scale for arms
/// of up to some hundreds.
const GRID: usize = 200;

/// Interval of the difference, treated minus control, at confidence `level`, in (0, 1): never covers less often.
///
/// Inverts two one-sided tests at half of 1 - level each. `None` if either arm has no subjects. Work grows as the
/// product of the arm sizes times some ten thousand; meant for arms of up to about a hundred.
/// Checked: validation/stats/exact/.
pub fn exact_unconditional(treated: Count, control: Count, level: f64, ranking: Ranking) -> Option<Interval> {
    let d = treated.share()? - control.share()?;
    let tail = 0.5 * (1.0 - level);
    let low = bisect_to(-1.0, d, |delta| at_least(treated, control, delta, ranking) < tail);
    // The upper limit of a difference is the negative of the lower limit of its reverse.
    let high = -bisect_to(-1.0, -d, |delta| at_least(control, treated, delta, ranking) < tail);
    Some(Interval { low, high })
}

/// Bisection to 2^-30, far finer than tables of counts resolve.
fn bisect_to(low: f64, high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (low, high);
    for _ in 0..30 {
        let middle = 0.5 * (low + high);
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Greatest probability, over the control share, of a table ranked at least as high as the observed one if the true
/// difference is `delta`.
fn at_least(treated: Count, control: Count, delta: f64, ranking: Ranking) -> f64 {
    let tail = tail_starts(treated, control, delta, ranking);
    let (choose1, choose0) = (log_choose(treated.n), log_choose(control.n));
    let (from, to) = ((-delta).max(0.0), (1.0 - delta).min(1.0));
    let at = |share: f64| {
        let (p1, p0) = ((share + delta).clamp(0.0, 1.0), share);
        tail_probability(&tail, &binomial(&choose1, p1), &binomial(&choose0, p0))
    };
    let step = (to - from) / GRID as f64;
    let coarse = |best: (f64, f64), i: usize| {
        let share = from + step * i as f64;
        let p = at(share);
        if p > best.1 { (share, p) } else { best }
    };
    let (best, p) = (0..=GRID).fold((from, 0.0), coarse);
    refine((best - step).max(from), (best + step).min(to), at).max(p)
}

/// Maximum of `f` between `low` and `high` by golden sections.
fn refine(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    for _ in 0..25 {
        let (a, b) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
        if f(a) < f(b) {
            low = a;
        } else {
            high = b;
        }
    }
    f(0.5 * (low + high))
}

/// For each count of control responders, the least count of treated responders whose table ranks as high as observed.
fn tail_starts(treated: Count, control: Count, delta: f64, ranking: Ranking) -> Vec<u32> {
    let rank = |x1: u32, x0: u32| {
        let (a, b) = (
            Count {
                responders: x1,
                n: treated.n,
            },
            Count {
                responders: x0,
                n: control.n,
            },
        );
        let d = f64::from(x1) / f64::from(treated.n) - f64::from(x0) / f64::from(control.n);
        match ranking {
            Ranking::Difference => d,
            Ranking::Score => score(d - delta, restricted_variance(a, b, delta)),
        }
    };
    let observed = rank(treated.responders, control.responders);
    // Tables that tie exactly in theory differ by rounding.
    let limit = observed - 1e-9 * (1.0 + observed.abs());
    let start = |x0: u32| {
        // Both statistics rise with the treated count.
        let (mut low, mut high) = (0, treated.n + 1);
        while low < high {
            let middle = (low + high) / 2;
            if rank(middle, x0) >= limit {
                high = middle
            } else {
                low = middle + 1
            }
        }
        low
    };
    (0..=control.n).map(start).collect()
}

/// Excess over its standard error; a variance of zero leaves its sign only.
fn score(excess: f64, variance: f64) -> f64 {
    if variance > 0.0 {
        excess / variance.sqrt()
    } else if excess.abs() < 1e-12 {
        0.0
    } else {
        (1e6_f64).copysign(excess)
    }
}

/// Probability of the tables from `starts` on, given the probabilities of each arm's counts.
fn tail_probability(starts: &[u32], treated: &[f64], control: &[f64]) -> f64 {
    // upper[k]: probability of k or more treated responders.
    let mut upper = vec![0.0; treated.len() + 1];
    for k in (0..treated.len()).rev() {
        upper[k] = upper[k + 1] + treated[k];
    }
    control.iter().zip(starts).map(|(p, &k)| p * upper[k as usize]).sum()
}

/// Logarithms of the binomial coefficients of 0 to n successes.
pub(crate) fn log_choose(n: u32) -> Vec<f64> {
    let log_factorial = |k: u32| libm::lgamma(f64::from(k) + 1.0);
    (0..=n)
        .map(|k| log_factorial(n) - log_factorial(k) - log_factorial(n - k))
        .collect()
}

/// Probabilities of 0 to n successes at share `p`, from the logarithms of the coefficients.
pub(crate) fn binomial(log_choose: &[f64], p: f64) -> Vec<f64> {
    let n = log_choose.len() - 1;
    let (log_p, log_q) = (libm::log(p), libm::log1p(-p));
    let power = |count: usize, log: f64| if count > 0 { count as f64 * log } else { 0.0 };
    let at = |(k, choose): (usize, &f64)| libm::exp(choose + power(k, log_p) + power(n - k, log_q));
    log_choose.iter().enumerate().map(at).collect()
}
