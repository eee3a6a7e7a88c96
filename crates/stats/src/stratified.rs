//! Two arms compared within strata.
//!
//! A stratum in which one arm has no subjects says nothing about a difference: its weight is zero. Letters: x successes, n
//! subjects, N both arms; 1 treated, 0 control.

use crate::difference::{restricted_variance, score_interval};
use crate::distribution::{chi_square_1_tail, two_sided_quantile};
use crate::matrix::dot;
use crate::proportion::wilson_z;
use crate::{Count, Difference, Interval, Ratio};

/// Counts of the two arms in one stratum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stratum {
    /// Treated arm.
    pub treated: Count,
    /// Control arm.
    pub control: Count,
}

/// How uncertain a Mantel-Haenszel difference is taken to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variance {
    /// Binomial variance of each cell (Greenland & Robins 1985, Biometrics 41:55): many subjects per stratum.
    IndependentBinomial,
    /// Holds for many small strata as well (Sato 1989, Biometrics 45:1323); the usual companion in trial reports.
    Sato,
}

/// Whether a discrete count is moved half a step towards its expectation before a continuous law is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuity {
    /// As it is.
    Uncorrected,
    /// Moved by one half, never past the expectation.
    Corrected,
}

/// A chi-square test with one degree of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChiSquare {
    /// Test statistic, at least zero.
    pub statistic: f64,
    /// Probability of a larger one if there is no association.
    pub p_value: f64,
}

/// A stratum with subjects in both arms, its counts as numbers.
struct Cells {
    treated: Count,
    control: Count,
    x1: f64,
    n1: f64,
    x0: f64,
    n0: f64,
}

impl Cells {
    fn total(&self) -> f64 {
        self.n1 + self.n0
    }

    fn weight(&self) -> f64 {
        self.n1 * self.n0 / self.total()
    }

    fn difference(&self) -> f64 {
        self.x1 / self.n1 - self.x0 / self.n0
    }

    /// Sum of the binomial variances of both shares.
    fn binomial_variance(&self) -> f64 {
        let of = |x: f64, n: f64| x * (n - x) / (n * n * n);
        of(self.x1, self.n1) + of(self.x0, self.n0)
    }
}

/// Strata with subjects in both arms, in the order given.
fn informative(strata: &[Stratum]) -> Vec<Cells> {
    let has_both = |s: &&Stratum| s.treated.share().is_some() && s.control.share().is_some();
    let cells = |s: &Stratum| Cells {
        treated: s.treated,
        control: s.control,
        x1: f64::from(s.treated.responders),
        n1: f64::from(s.treated.n),
        x0: f64::from(s.control.responders),
        n0: f64::from(s.control.n),
    };
    strata.iter().filter(has_both).map(cells).collect()
}

/// Sum of the weights of the strata.
fn total_weight(cells: &[Cells]) -> f64 {
    cells.iter().map(Cells::weight).sum()
}

/// Weighted mean of the differences of the strata.
fn weighted_difference(cells: &[Cells]) -> f64 {
    cells.iter().map(|c| c.weight() * c.difference()).sum::<f64>() / total_weight(cells)
}

/// Difference of the shares of responders, treated minus control, Mantel-Haenszel weighted over strata.
///
/// Returns the difference in [-1, 1] with its 95 % interval, or `None` if no stratum has subjects in both arms.
/// Source: Sato, Greenland & Robins 1989, Biometrics 45:1323. Checked: validation/stats/stratified/.
pub fn mantel_haenszel_difference(strata: &[Stratum], variance: Variance) -> Option<Difference> {
    let (mut weighted, mut weights, mut binomial, mut p, mut q) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for c in informative(strata) {
        let (w, total) = (c.weight(), c.total());
        weights += w;
        weighted += w * c.difference();
        binomial += w * w * c.binomial_variance();
        p += (c.n0 * c.n0 * c.x1 - c.n1 * c.n1 * c.x0 + c.n1 * c.n0 * (c.n0 - c.n1) / 2.0) / (total * total);
        q += (c.x1 * (c.n0 - c.x0) + c.x0 * (c.n1 - c.x1)) / (2.0 * total);
    }
    if weights <= 0.0 {
        return None;
    }
    let estimate = weighted / weights;
    let sum = match variance {
        Variance::IndependentBinomial => binomial,
        Variance::Sato => estimate * p + q,
    };
    Some(Difference::normal(estimate, sum.max(0.0).sqrt() / weights))
}

/// Test of no association between arm and response within strata (Cochran-Mantel-Haenszel).
///
/// Strata where nobody or everybody responded contribute nothing; `None` if that leaves none.
/// Source: Mantel & Haenszel 1959, J Natl Cancer Inst 22:719. Checked: validation/stats/stratified/.
pub fn cochran_mantel_haenszel(strata: &[Stratum], continuity: Continuity) -> Option<ChiSquare> {
    let (mut excess, mut variance) = (0.0, 0.0);
    for c in informative(strata) {
        let (total, successes) = (c.total(), c.x1 + c.x0);
        excess += c.x1 - c.n1 * successes / total;
        variance += c.n1 * c.n0 * successes * (total - successes) / (total * total * (total - 1.0));
    }
    let shift = if continuity == Continuity::Corrected { 0.5 } else { 0.0 };
    let distance = (excess.abs() - shift).max(0.0);
    let statistic = distance * distance / variance;
    (variance > 0.0).then(|| ChiSquare {
        statistic,
        p_value: chi_square_1_tail(statistic),
    })
}

/// Odds ratio of response, treated over control, Mantel-Haenszel weighted over strata.
///
/// `None` if it would be zero, infinite or undefined.
/// Variance of the logarithm: Robins, Breslow & Greenland 1986, Biometrics 42:311. Checked: validation/stats/stratified/.
pub fn mantel_haenszel_odds_ratio(strata: &[Stratum]) -> Option<Ratio> {
    // r, s, p, q as in the paper: concordant and discordant products, and their shares of each stratum.
    let (mut r, mut s, mut pr, mut mixed, mut qs) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for c in informative(strata) {
        let total = c.total();
        let (misses1, misses0) = (c.n1 - c.x1, c.n0 - c.x0);
        let (r_h, s_h) = (c.x1 * misses0 / total, misses1 * c.x0 / total);
        let (p_h, q_h) = ((c.x1 + misses0) / total, (misses1 + c.x0) / total);
        r += r_h;
        s += s_h;
        pr += p_h * r_h;
        mixed += p_h * s_h + q_h * r_h;
        qs += q_h * s_h;
    }
    if r <= 0.0 || s <= 0.0 {
        return None;
    }
    let log_variance = pr / (2.0 * r * r) + mixed / (2.0 * r * s) + qs / (2.0 * s * s);
    Some(Ratio::log_normal(r / s, log_variance.sqrt()))
}

/// Hybrid score interval of the Mantel-Haenszel weighted difference at confidence `level`, in (0, 1).
///
/// `None` if no stratum has subjects in both arms.
/// Source: Yan & Su 2010, Stat Biopharm Res 2:392. Checked: validation/stats/stratified/.
pub fn stratified_newcombe(strata: &[Stratum], level: f64) -> Option<Interval> {
    let z = two_sided_quantile(level);
    let cells = informative(strata);
    let total = total_weight(&cells);
    let treated = StratifiedWilson::new(&cells, |c| (c.treated, c.weight() / total), z)?;
    let control = StratifiedWilson::new(&cells, |c| (c.control, c.weight() / total), z)?;
    let estimate = weighted_difference(&cells);
    Some(Interval {
        low: estimate - z * (treated.variance_at(treated.low) + control.variance_at(control.high)).sqrt(),
        high: estimate + z * (treated.variance_at(treated.high) + control.variance_at(control.low)).sqrt(),
    })
}

/// Wilson's limits of one arm's weighted share.
struct StratifiedWilson {
    low: f64,
    high: f64,
    /// Sum of squared weights over n.
    lambda: f64,
}

impl StratifiedWilson {
    /// `arm` picks the arm's count and the stratum's weight; weights sum to one. `None` without strata.
    fn new(cells: &[Cells], arm: impl Fn(&Cells) -> (Count, f64), z: f64) -> Option<Self> {
        let (mut squares, mut roots) = (0.0, 0.0);
        for (count, w) in cells.iter().map(&arm) {
            let p = count.share()?;
            let variance = w * w * p * (1.0 - p) / f64::from(count.n);
            squares += variance;
            roots += variance.sqrt();
        }
        // Without any spread each stratum keeps the full quantile, the cautious choice.
        let z_stratum = if roots > 0.0 { z * squares.sqrt() / roots } else { z };
        let mut limits = StratifiedWilson {
            low: 0.0,
            high: 0.0,
            lambda: 0.0,
        };
        for (count, w) in cells.iter().map(&arm) {
            let wilson = wilson_z(count, z_stratum)?;
            limits.low += w * wilson.low;
            limits.high += w * wilson.high;
            limits.lambda += w * w / f64::from(count.n);
        }
        (limits.lambda > 0.0).then_some(limits)
    }

    fn variance_at(&self, p: f64) -> f64 {
        // Weights sum to one only up to rounding, so a limit of one can end a hair above.
        self.lambda * (p * (1.0 - p)).max(0.0)
    }
}

/// Score interval of the Mantel-Haenszel weighted difference at confidence `level`, in (0, 1).
///
/// `None` if no stratum has subjects in both arms.
/// Source: Miettinen & Nurminen 1985, Stat Med 4:213, section on stratified series. Checked: validation/stats/stratified/.
pub fn stratified_miettinen_nurminen(strata: &[Stratum], level: f64) -> Option<Interval> {
    let z = two_sided_quantile(level);
    let cells = informative(strata);
    if cells.is_empty() {
        return None;
    }
    let (estimate, total) = (weighted_difference(&cells), total_weight(&cells));
    let score = |delta: f64| {
        let variance = |c: &Cells| c.weight() * c.weight() * restricted_variance(c.treated, c.control, delta);
        (estimate - delta) * total / cells.iter().map(variance).sum::<f64>().sqrt()
    };
    Some(score_interval(estimate, z, score))
}

/// Difference with the weights that make its mean squared error least, by Mehrotra and Railkar.
///
/// Strata lacking an arm are left out. `None` without strata, or if both arms of one are all alike (its variance is
/// zero and the weights are undefined).
/// Source: Mehrotra & Railkar 2000, Stat Med 19:811. Checked: validation/stats/stratified/.
pub fn minimum_risk_difference(strata: &[Stratum]) -> Option<Difference> {
    let cells = informative(strata);
    let weights = minimum_risk_weights(&cells)?;
    let estimate = cells.iter().zip(&weights).map(|(c, w)| w * c.difference()).sum();
    let variance: f64 = cells
        .iter()
        .zip(&weights)
        .map(|(c, w)| w * w * c.binomial_variance())
        .sum();
    Some(Difference::normal(estimate, variance.sqrt()))
}

/// Letters of the paper: V variances, d differences, f shares of subjects, S the sum of 1/V.
fn minimum_risk_weights(cells: &[Cells]) -> Option<Vec<f64>> {
    if cells.is_empty() || cells.iter().any(|c| c.binomial_variance() <= 0.0) {
        return None;
    }
    let v_inverse: Vec<f64> = cells.iter().map(|c| 1.0 / c.binomial_variance()).collect();
    let d: Vec<f64> = cells.iter().map(Cells::difference).collect();
    let total: f64 = cells.iter().map(Cells::total).sum();
    let s: f64 = v_inverse.iter().sum();
    let d_v = dot(&d, &v_inverse);
    let d_f: f64 = cells.iter().map(|c| c.difference() * c.total() / total).sum();
    let alpha: Vec<f64> = d.iter().map(|d_h| d_h * s - d_v).collect();
    let beta: Vec<f64> = v_inverse.iter().zip(&alpha).map(|(v, a)| v * (1.0 + a * d_f)).collect();
    let share = dot(&d, &beta)
        / (s * (s + alpha
            .iter()
            .zip(&d)
            .zip(&v_inverse)
            .map(|((a, d), v)| a * d * v)
            .sum::<f64>()));
    let weight = |h: usize| beta[h] / s - alpha[h] * v_inverse[h] * share;
    Some((0..cells.len()).map(weight).collect())
}
