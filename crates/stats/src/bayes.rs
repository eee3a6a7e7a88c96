//! Beta-binomial posteriors, predictive probabilities and borrowing from earlier studies.

use crate::distribution::{beta_cdf, beta_quantile};
use crate::exact::log_choose;
use crate::{Count, Interval};

/// A beta distribution of a share; both parameters above zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beta {
    /// Successes, prior ones included.
    pub a: f64,
    /// Failures, prior ones included.
    pub b: f64,
}

impl Beta {
    /// Posterior after `count`.
    #[must_use]
    pub fn after(self, count: Count) -> Beta {
        Beta {
            a: self.a + f64::from(count.responders),
            b: self.b + f64::from(count.n - count.responders),
        }
    }

    /// Mean share.
    pub fn mean(self) -> f64 {
        self.a / (self.a + self.b)
    }

    /// Probability of a share above `threshold`. Checked: validation/stats/bayes/.
    pub fn probability_above(self, threshold: f64) -> f64 {
        // The mirror image keeps the digits of a small tail.
        beta_cdf(1.0 - threshold, self.b, self.a)
    }

    /// Equal-tailed interval that holds the share with probability `level`, in (0, 1).
    pub fn interval(self, level: f64) -> Interval {
        let tail = 0.5 * (1.0 - level);
        Interval {
            low: beta_quantile(tail, self.a, self.b),
            high: beta_quantile(1.0 - tail, self.a, self.b),
        }
    }

    /// Probability that this share exceeds an independent `other` one by more than `margin`, in (-1, 1).
    ///
    /// Midpoint sum over 2000 equal slices of the other share; error below 1e-6. Checked: validation/stats/bayes/.
    pub fn probability_exceeds(self, other: Beta, margin: f64) -> f64 {
        const SLICES: u32 = 2000;
        let limits = (other.quantile_or_zero(1e-14), other.quantile_or_one(1e-14));
        let step = (limits.1 - limits.0) / f64::from(SLICES);
        let mut below = beta_cdf(limits.0, other.a, other.b);
        let mut sum = 0.0;
        for slice in 0..SLICES {
            let from = limits.0 + step * f64::from(slice);
            let upto = beta_cdf(from + step, other.a, other.b);
            let threshold = (from + 0.5 * step + margin).clamp(0.0, 1.0);
            sum += (upto - below) * self.probability_above(threshold);
            below = upto;
        }
        sum
    }

    fn quantile_or_zero(self, p: f64) -> f64 {
        beta_quantile(p, self.a, self.b).max(0.0)
    }

    fn quantile_or_one(self, p: f64) -> f64 {
        1.0 - beta_quantile(p, self.b, self.a)
    }

    /// Probabilities of 0 to `n` further successes (beta-binomial).
    pub fn predictive(self, n: u32) -> Vec<f64> {
        let log_beta = |a: f64, b: f64| libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
        let base = log_beta(self.a, self.b);
        let at = |(k, choose): (usize, &f64)| {
            let (x, y) = (k as f64, f64::from(n) - k as f64);
            libm::exp(choose + log_beta(self.a + x, self.b + y) - base)
        };
        log_choose(n).iter().enumerate().map(at).collect()
    }
}

/// Probability, after `seen`, that a trial of `n` subjects ends with a posterior above `threshold` with probability of
/// more than `required`.
///
/// `None` if more than `n` were seen. Source: Lee & Liu 2008, Clin Trials 5:93. Checked: validation/stats/bayes/.
pub fn predictive_probability(prior: Beta, seen: Count, n: u32, threshold: f64, required: f64) -> Option<f64> {
    let left = n.checked_sub(seen.n)?;
    let now = prior.after(seen);
    let success = |further: u32| {
        let end = now.after(Count {
            responders: further,
            n: left,
        });
        end.probability_above(threshold) > required
    };
    let chances = now.predictive(left);
    Some(
        (0..=left)
            .zip(chances)
            .filter(|(k, _)| success(*k))
            .map(|(_, p)| p)
            .sum(),
    )
}

/// How alike the shares of earlier studies are taken to be, on the logit scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heterogeneity {
    /// Standard deviation of the normal prior (mean zero) of the mean logit.
    pub mean_scale: f64,
    /// Scale of the half-normal prior of the standard deviation between studies.
    pub between_scale: f64,
}

/// A prior of a share on a grid of logits: what earlier studies say about the next one.
#[derive(Clone, Debug, PartialEq)]
pub struct GridPrior {
    shares: Vec<f64>,
    /// Probability of each; they sum to one.
    masses: Vec<f64>,
}

/// Logits from -8 to 8; steps well below the width of any study's likelihood of up to some thousand subjects.
const LOGITS: usize = 401;
const SPACING: f64 = 0.04;

fn logit_at(i: usize) -> f64 {
    (i as f64 - 200.0) * SPACING
}

/// Meta-analytic predictive prior of the share in a new study: study logits are normal about a common mean.
///
/// Numerical integration over study logits, their mean and their standard deviation; `None` without studies or with a
/// scale that is not above zero. Source: Neuenschwander et al. 2010, Clin Trials 7:5. Checked: validation/stats/bayes/.
pub fn meta_analytic_predictive(studies: &[Count], prior: Heterogeneity) -> Option<GridPrior> {
    if studies.is_empty() || !(prior.mean_scale > 0.0 && prior.between_scale > 0.0) {
        return None;
    }
    let shares: Vec<f64> = (0..LOGITS).map(|i| 1.0 / (1.0 + libm::exp(-logit_at(i)))).collect();
    let likelihoods: Vec<Vec<f64>> = studies
        .iter()
        .map(|study| relative_likelihood(*study, &shares))
        .collect();
    const TAUS: usize = 60;
    // tau = scale 4 u², denser towards zero; du is constant and its factor cancels, the Jacobian 2 u does not.
    let mut masses = vec![0.0; LOGITS];
    for k in 0..TAUS {
        let u = (k as f64 + 0.5) / TAUS as f64;
        let tau = 4.0 * prior.between_scale * u * u;
        let weight = u * libm::exp(-0.5 * (tau / prior.between_scale) * (tau / prior.between_scale));
        let kernel = Kernel::new(tau);
        let smoothed: Vec<Vec<f64>> = likelihoods.iter().map(|l| kernel.smooth(l)).collect();
        let posterior: Vec<f64> = (0..LOGITS)
            .map(|i| {
                let mu = logit_at(i) / prior.mean_scale;
                weight * libm::exp(-0.5 * mu * mu) * smoothed.iter().map(|s| s[i]).product::<f64>()
            })
            .collect();
        for (mass, p) in masses.iter_mut().zip(kernel.smooth(&posterior)) {
            *mass += p;
        }
    }
    let total: f64 = masses.iter().sum();
    masses.iter_mut().for_each(|mass| *mass /= total);
    Some(GridPrior { shares, masses })
}

/// Binomial likelihood at each share, one at its greatest.
fn relative_likelihood(study: Count, shares: &[f64]) -> Vec<f64> {
    let (x, y) = (f64::from(study.responders), f64::from(study.n - study.responders));
    let logs: Vec<f64> = shares.iter().map(|p| x * libm::log(*p) + y * libm::log1p(-p)).collect();
    let greatest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logs.iter().map(|log| libm::exp(log - greatest)).collect()
}

/// A normal smoother on the grid of logits.
struct Kernel {
    weights: Vec<f64>,
}

impl Kernel {
    fn new(tau: f64) -> Self {
        let reach = ((6.0 * tau / SPACING).ceil() as usize).min(LOGITS);
        let at = |i: usize| {
            let x = i as f64 * SPACING / tau;
            libm::exp(-0.5 * x * x)
        };
        let raw: Vec<f64> = (0..=reach).map(at).collect();
        let total = 2.0 * raw.iter().sum::<f64>() - raw[0];
        Kernel {
            weights: raw.into_iter().map(|w| w / total).collect(),
        }
    }

    fn smooth(&self, values: &[f64]) -> Vec<f64> {
        let n = values.len();
        let at = |i: usize| {
            let sides = |(d, w): (usize, &f64)| {
                let left = i.checked_sub(d).map_or(0.0, |j| values[j]);
                let right = if d > 0 && i + d < n { values[i + d] } else { 0.0 };
                w * (left + right)
            };
            self.weights.iter().enumerate().map(sides).sum()
        };
        (0..n).map(at).collect()
    }
}

impl GridPrior {
    /// Mean share.
    pub fn mean(&self) -> f64 {
        self.expectation(|p| p)
    }

    /// Standard deviation of the share.
    pub fn standard_deviation(&self) -> f64 {
        let mean = self.mean();
        self.expectation(|p| (p - mean) * (p - mean)).sqrt()
    }

    fn expectation(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.shares.iter().zip(&self.masses).map(|(p, m)| f(*p) * m).sum()
    }

    /// Subjects of a beta prior with the same mean and standard deviation.
    pub fn effective_sample_size(&self) -> f64 {
        let (mean, sd) = (self.mean(), self.standard_deviation());
        mean * (1.0 - mean) / (sd * sd) - 1.0
    }

    /// Share that the true one stays below with probability `p`, in (0, 1).
    pub fn quantile(&self, p: f64) -> f64 {
        let mut below = 0.0;
        for (i, mass) in self.masses.iter().enumerate() {
            if below + mass >= p {
                // Masses belong to slices of the logit about their points.
                let within = (p - below) / mass - 0.5;
                return 1.0 / (1.0 + libm::exp(-(logit_at(i) + within * SPACING)));
            }
            below += mass;
        }
        1.0
    }

    /// Probability of a share above `threshold`, in (0, 1).
    pub fn probability_above(&self, threshold: f64) -> f64 {
        let logit = libm::log(threshold / (1.0 - threshold));
        let part = |i: usize| (0.5 + (logit_at(i) - logit) / SPACING).clamp(0.0, 1.0);
        self.masses.iter().enumerate().map(|(i, mass)| mass * part(i)).sum()
    }

    /// Mixture that holds a vague Beta(1, 1) with probability `vague`, in [0, 1], in case the new study is unlike the others.
    ///
    /// Source: Schmidli et al. 2014, Biometrics 70:1023.
    #[must_use]
    pub fn robust(&self, vague: f64) -> GridPrior {
        assert!((0.0..=1.0).contains(&vague), "a weight in [0, 1]");
        // Uniform in the share is p (1 - p) in the logit.
        let flat: Vec<f64> = self.shares.iter().map(|p| p * (1.0 - p)).collect();
        let total: f64 = flat.iter().sum();
        let mix = |(mass, f): (&f64, &f64)| (1.0 - vague) * mass + vague * f / total;
        GridPrior {
            shares: self.shares.clone(),
            masses: self.masses.iter().zip(&flat).map(mix).collect(),
        }
    }

    /// Posterior after `count`.
    #[must_use]
    pub fn after(&self, count: Count) -> GridPrior {
        let likelihood = relative_likelihood(count, &self.shares);
        let raw: Vec<f64> = self.masses.iter().zip(&likelihood).map(|(m, l)| m * l).collect();
        let total: f64 = raw.iter().sum();
        GridPrior {
            shares: self.shares.clone(),
            masses: raw.into_iter().map(|m| m / total).collect(),
        }
    }
}
