//! Normal estimates with priors that are mixtures of normal laws: updating, borrowing, assurance.

use crate::bayes::Heterogeneity;
use crate::distribution::{bisect, normal_cdf};

/// One normal law of a mixture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Component {
    /// Weight, above zero; weights of a mixture sum to one.
    pub weight: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation, above zero.
    pub sd: f64,
}

/// A mixture of normal laws.
#[derive(Clone, Debug, PartialEq)]
pub struct NormalMixture {
    components: Vec<Component>,
}

impl NormalMixture {
    /// A single normal law; `None` unless `sd` is above zero.
    pub fn normal(mean: f64, sd: f64) -> Option<NormalMixture> {
        NormalMixture::new(vec![Component { weight: 1.0, mean, sd }])
    }

    /// A mixture, weights scaled to sum to one; `None` without components, or if a weight or a deviation is not above zero.
    pub fn new(mut components: Vec<Component>) -> Option<NormalMixture> {
        let total: f64 = components.iter().map(|c| c.weight).sum();
        let valid = |c: &Component| c.weight > 0.0 && c.sd > 0.0 && c.sd.is_finite() && c.mean.is_finite();
        if components.is_empty() || !components.iter().all(valid) {
            return None;
        }
        for component in &mut components {
            component.weight /= total;
        }
        Some(NormalMixture { components })
    }

    /// The components.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// Mean.
    pub fn mean(&self) -> f64 {
        self.components.iter().map(|c| c.weight * c.mean).sum()
    }

    /// Standard deviation.
    pub fn standard_deviation(&self) -> f64 {
        let mean = self.mean();
        let square = |c: &Component| c.weight * (c.sd * c.sd + (c.mean - mean) * (c.mean - mean));
        self.components.iter().map(square).sum::<f64>().sqrt()
    }

    /// Probability of a value above `threshold`. Checked: validation/stats/bayes_normal/.
    pub fn probability_above(&self, threshold: f64) -> f64 {
        let tail = |c: &Component| c.weight * normal_cdf((c.mean - threshold) / c.sd);
        self.components.iter().map(tail).sum()
    }

    /// Value stayed below with probability `p`, in (0, 1).
    pub fn quantile(&self, p: f64) -> f64 {
        let reach = |sign: f64| self.components.iter().map(move |c| c.mean + sign * 40.0 * c.sd);
        let (low, high) = (
            reach(-1.0).fold(f64::MAX, f64::min),
            reach(1.0).fold(f64::MIN, f64::max),
        );
        bisect(low, high, |x| 1.0 - self.probability_above(x) < p)
    }

    /// Subjects that carry as much information as the mixture's variance, if one has standard deviation `unit_sd`.
    pub fn effective_sample_size(&self, unit_sd: f64) -> f64 {
        let sd = self.standard_deviation();
        (unit_sd / sd) * (unit_sd / sd)
    }

    /// Posterior after an estimate with its standard error, above zero.
    ///
    /// Weights move towards the components that foresaw the estimate. Checked: validation/stats/bayes_normal/.
    #[must_use]
    pub fn after(&self, estimate: f64, standard_error: f64) -> NormalMixture {
        assert!(standard_error > 0.0, "a standard error above zero");
        let error = standard_error * standard_error;
        let log_weight = |c: &Component| {
            let variance = c.sd * c.sd + error;
            let d = estimate - c.mean;
            libm::log(c.weight) - 0.5 * libm::log(variance) - 0.5 * d * d / variance
        };
        let logs: Vec<f64> = self.components.iter().map(log_weight).collect();
        let largest = logs.iter().copied().fold(f64::MIN, f64::max);
        let update = |(c, log): (&Component, &f64)| {
            let precision = 1.0 / (c.sd * c.sd) + 1.0 / error;
            Component {
                // So small a weight changes nothing, but zero would not be a weight.
                weight: libm::exp(log - largest).max(1e-300),
                mean: (c.mean / (c.sd * c.sd) + estimate / error) / precision,
                sd: (1.0 / precision).sqrt(),
            }
        };
        let components = self.components.iter().zip(&logs).map(update).collect();
        NormalMixture::new(components).expect("updated components are valid")
    }

    /// The same with a vague normal law mixed in with probability `vague`, in (0, 1), in case the new study is unlike the
    /// others. Source: Schmidli et al. 2014, Biometrics 70:1023.
    #[must_use]
    pub fn robust(&self, vague: f64, mean: f64, sd: f64) -> NormalMixture {
        assert!(vague > 0.0 && vague < 1.0 && sd > 0.0, "a share and a deviation");
        let mut components = self.components.clone();
        for component in &mut components {
            component.weight *= 1.0 - vague;
        }
        let weight = vague;
        components.push(Component { weight, mean, sd });
        NormalMixture::new(components).expect("components are valid")
    }

    /// Probability that a trial succeeds whose estimate has `standard_error` and wins above `critical` standard errors, if
    /// the effect follows this law: assurance (O'Hagan, Stevens & Campbell 2005, Pharm Stat 4:187).
    pub fn assurance(&self, standard_error: f64, critical: f64) -> f64 {
        let wins =
            |c: &Component| c.weight * normal_cdf((c.mean - critical * standard_error) / c.sd.hypot(standard_error));
        self.components.iter().map(wins).sum()
    }
}

/// An earlier study: estimate and standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Study {
    /// Estimate.
    pub estimate: f64,
    /// Standard error, above zero.
    pub standard_error: f64,
}

/// Points of the standard deviation between studies.
const TAUS: usize = 80;

/// Meta-analytic predictive prior of the next study's parameter: studies are normal about a common mean, which has the
/// prior N(0, `mean_scale`²), with a half-normal standard deviation between them.
///
/// Exact given the deviation, a sum over 80 points of it: a mixture of as many normal laws. `None` without studies or with
/// a scale or standard error that is not above zero. Source: Neuenschwander et al. 2010, Clin Trials 7:5.
/// Checked: validation/stats/bayes_normal/.
pub fn normal_meta_analytic_predictive(studies: &[Study], prior: Heterogeneity) -> Option<NormalMixture> {
    let valid = studies.iter().all(|s| s.standard_error > 0.0 && s.estimate.is_finite());
    if studies.is_empty() || !valid || !(prior.mean_scale > 0.0 && prior.between_scale > 0.0) {
        return None;
    }
    let mut components = Vec::new();
    let mut logs = Vec::new();
    for k in 0..TAUS {
        // tau = 5 scales times u², denser towards zero; the Jacobian is u.
        let u = (k as f64 + 0.5) / TAUS as f64;
        let tau = 5.0 * prior.between_scale * u * u;
        let x = tau / prior.between_scale;
        let given = given_tau(studies, tau, prior.mean_scale);
        logs.push(given.log_marginal - 0.5 * x * x + libm::log(u));
        components.push((given.mean, (given.variance + tau * tau).sqrt()));
    }
    let largest = logs.iter().copied().fold(f64::MIN, f64::max);
    let component = |((mean, sd), log): ((f64, f64), f64)| Component {
        weight: libm::exp(log - largest).max(1e-300),
        mean,
        sd,
    };
    NormalMixture::new(components.into_iter().zip(logs).map(component).collect())
}

/// The common mean given the deviation between studies, and how likely the studies are then.
struct GivenTau {
    mean: f64,
    variance: f64,
    log_marginal: f64,
}

fn given_tau(studies: &[Study], tau: f64, mean_scale: f64) -> GivenTau {
    let (mut mean, mut variance, mut log_marginal) = (0.0, mean_scale * mean_scale, 0.0);
    // One study after the other: predict, then update.
    for study in studies {
        let spread = tau * tau + study.standard_error * study.standard_error;
        let (total, d) = (variance + spread, study.estimate - mean);
        log_marginal -= 0.5 * (libm::log(total) + d * d / total);
        mean += d * variance / total;
        variance = variance * spread / total;
    }
    GivenTau {
        mean,
        variance,
        log_marginal,
    }
}
