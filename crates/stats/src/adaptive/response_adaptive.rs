//! Randomisation that leans towards the arms doing better.

use crate::bayes::Beta;
use crate::distribution::beta_cdf;

/// Probability of each arm to have the highest share, given independent beta posteriors.
///
/// Of two arms that began with whole numbers an exact sum. Else a midpoint sum over 1,000 slices of the unit interval; error
/// below 1e-5 for posteriors of up to some thousand subjects.
pub fn probabilities_of_being_best(posteriors: &[Beta]) -> Vec<f64> {
    match posteriors {
        [one, other] if other.a.fract() == 0.0 && other.a >= 1.0 => {
            let second = exceeds(*other, *one);
            vec![1.0 - second, second]
        }
        _ => by_slices(posteriors),
    }
}

/// Probability that `this` exceeds `other`, a sum of as many terms as `this.a`, a whole number.
///
/// 1 - F(p) of a beta law with whole `a` is a binomial sum, whose terms integrate to beta functions over `other`; each is the
/// one before times a ratio, and all are positive.
fn exceeds(this: Beta, other: Beta) -> f64 {
    let failures = this.b + other.b;
    let log_first = libm::lgamma(failures) + libm::lgamma(other.a + other.b)
        - libm::lgamma(other.a + failures)
        - libm::lgamma(other.b);
    let (mut term, mut sum, mut i) = (libm::exp(log_first), 0.0, 0.0);
    while i < this.a {
        sum += term;
        term *= (other.a + i) / (other.a + failures + i) * (this.b + i) / (1.0 + i);
        i += 1.0;
    }
    sum.min(1.0)
}

fn by_slices(posteriors: &[Beta]) -> Vec<f64> {
    const SLICES: u32 = 1000;
    let mut best = vec![0.0; posteriors.len()];
    let step = 1.0 / f64::from(SLICES);
    let mut below: Vec<f64> = posteriors.iter().map(|_| 0.0).collect();
    for slice in 1..=SLICES {
        let end = step * f64::from(slice);
        let upto: Vec<f64> = posteriors.iter().map(|p| beta_cdf(end, p.a, p.b)).collect();
        let middle: Vec<f64> = below.iter().zip(&upto).map(|(a, b)| 0.5 * (a + b)).collect();
        for (k, sum) in best.iter_mut().enumerate() {
            let others = middle.iter().enumerate().filter(|(j, _)| *j != k);
            *sum += (upto[k] - below[k]) * others.map(|(_, f)| f).product::<f64>();
        }
        below = upto;
    }
    // Slices in which two arms end share their mass; together the arms have all of it.
    let total: f64 = best.iter().sum();
    best.into_iter().map(|p| p / total).collect()
}

/// Shares in which the next subjects are randomised: probabilities of being best to the power `seen` / (2 `planned`), so
/// that the first subjects are randomised equally.
///
/// Source: Thall & Wathen 2007, Eur J Cancer 43:859. `planned` above zero. Checked: validation/stats/adaptive/.
pub fn thall_wathen(posteriors: &[Beta], seen: u32, planned: u32) -> Vec<f64> {
    assert!(planned > 0, "a trial has subjects");
    let power = f64::from(seen) / (2.0 * f64::from(planned));
    let raw: Vec<f64> = probabilities_of_being_best(posteriors)
        .into_iter()
        .map(|p| libm::pow(p, power))
        .collect();
    let total: f64 = raw.iter().sum();
    raw.into_iter().map(|share| share / total).collect()
}
