//! Published numbers that a protocol simulates, on a scale on which their errors are about normal, with the covariance of these errors.

use std::collections::BTreeMap;

use malar_evidence::{Kind, Outcome, Published};
use malar_solver::math::ln;
use malar_stats::ensemble::Observations;
use malar_stats::matrix::Matrix;
use malar_trial::results::{EndpointRow, Replicate};
use malar_trial::{Arm, Simulation};

use super::file::Discrepancy;

/// Endpoint, week (ordered bits), analysis population, arm: which row of a replicate.
type Key = (u16, u64, u16, u16);

/// How a number is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// A percentage of patients, as log odds.
    LogOdds,
    /// Events per patient-year, as logarithm.
    Log,
}

/// One published number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Target {
    /// Id of the published results.
    pub trial: String,
    pub arm: String,
    pub endpoint: String,
    pub week: f64,
    pub population: String,
    /// Therapies of the arm.
    pub therapies: Vec<String>,
    pub scale: Scale,
    /// As printed: percent, or events per patient-year.
    pub published: f64,
    /// Patients behind it.
    pub n: f64,
    /// On the scale.
    pub observed: f64,
    /// Of the published number, by chance of its patients.
    pub variance: f64,
    /// Of the simulated number, by chance of fewer virtual patients.
    pub simulated_variance: f64,
    /// Position of the trial.
    place: usize,
    key: Key,
}

impl Target {
    /// `trial, arm, endpoint week 52 (population)`.
    pub fn words(&self) -> String {
        let population = match self.population.as_str() {
            "all" => String::new(),
            other => format!(" ({other})"),
        };
        format!(
            "{}, {}, {} week {}{population}",
            self.trial, self.arm, self.endpoint, self.week
        )
    }

    /// The same number with another value on its scale.
    pub fn observed_as(&self, observed: f64, simulated_variance: f64) -> Target {
        Target {
            observed,
            simulated_variance,
            ..self.clone()
        }
    }

    /// True for a target of the trial at `place`.
    pub fn is_of(&self, place: usize) -> bool {
        self.place == place
    }

    /// From the scale back to percent or events per patient-year.
    pub fn natural(&self, value: f64) -> f64 {
        match self.scale {
            Scale::LogOdds => 100.0 / (1.0 + malar_solver::math::exp(-value)),
            Scale::Log => malar_solver::math::exp(value),
        }
    }

    /// True if a number called `name` can change it: those of a therapy reach its own arms only.
    pub fn is_reached_by(&self, name: &str, therapies: &[String]) -> bool {
        match name.split_once('.') {
            Some((id, _)) if therapies.iter().any(|t| t == id) => self.therapies.iter().any(|own| own == id),
            _ => true,
        }
    }

    fn predicted(&self, row: &EndpointRow) -> f64 {
        match self.scale {
            Scale::LogOdds => ln((row.count + 0.5) / (row.n - row.count + 0.5)),
            Scale::Log => ln((row.count + 0.5) / row.n.max(1e-3)),
        }
    }
}

/// Every verified number of `published` that the trial at `place` simulates, in the order of its protocol. `patients` of it are
/// simulated, all sets of them together.
pub(crate) fn targets(place: usize, simulation: &Simulation, published: &Published, patients: u32) -> Vec<Target> {
    let share = f64::from(patients) / f64::from(simulation.protocol().n_patients());
    let protocol = simulation.protocol();
    let labels = simulation.labels();
    let mut found = Vec::new();
    for (e, (usage, _)) in protocol.endpoints.iter().enumerate() {
        // A trial's own `crr-nobility` is published as its `crr`.
        let endpoint = &labels.published_as[e];
        for week in &usage.weeks {
            for (p, population) in labels.populations.iter().enumerate() {
                for (a, arm) in protocol.arms.iter().enumerate() {
                    let Some(outcome) = published.arm_result(&arm.id, endpoint, *week, population) else {
                        continue;
                    };
                    let Some(number) = Number::new(published, outcome, arm, &labels.endpoint_units[e], *week) else {
                        continue;
                    };
                    found.push(Target {
                        trial: published.id.clone(),
                        arm: arm.id.clone(),
                        endpoint: endpoint.clone(),
                        week: *week,
                        population: population.clone(),
                        therapies: arm.therapies.iter().map(|(usage, _)| usage.id.clone()).collect(),
                        scale: number.scale,
                        published: number.value,
                        n: number.n,
                        observed: number.observed,
                        variance: number.variance,
                        simulated_variance: number.variance * number.n / (share * number.n_protocol),
                        place,
                        key: (index(e), week.to_bits(), index(p), index(a)),
                    });
                }
            }
        }
    }
    found
}

fn index(position: usize) -> u16 {
    u16::try_from(position).expect("a protocol has few arms, endpoints and populations")
}

/// A published number on its scale.
struct Number {
    scale: Scale,
    value: f64,
    n: f64,
    /// Of them, as many as the protocol's arm has.
    n_protocol: f64,
    observed: f64,
    variance: f64,
}

impl Number {
    /// `None` for kinds that are not compared, and if nothing says how many patients stand behind it. Where a number about all patients
    /// has no denominator, the protocol's arm is taken.
    fn new(published: &Published, outcome: &Outcome, arm: &Arm, unit: &str, week: f64) -> Option<Number> {
        let value = outcome.value?;
        let arm_size = f64::from(arm.n);
        let stated = published.denominator(outcome).map(|(n, _)| f64::from(n));
        let everybody = outcome.population == "all" && !outcome.endpoint.starts_with("gc-");
        let n = stated.or(everybody.then_some(arm_size))?;
        let n_protocol = n.min(arm_size);
        match (outcome.kind, unit) {
            (Kind::Binary, "percent") => {
                let events = outcome.responders.map_or(value / 100.0 * n, f64::from).min(n);
                Some(Number {
                    scale: Scale::LogOdds,
                    observed: ln((events + 0.5) / (n - events + 0.5)),
                    variance: 1.0 / (events + 0.5) + 1.0 / (n - events + 0.5),
                    value,
                    n,
                    n_protocol,
                })
            }
            (Kind::Rate, own) if own == outcome.unit && value > 0.0 => Some(Number {
                scale: Scale::Log,
                observed: ln(value),
                variance: 1.0 / (value * n * week * 7.0 / 365.25),
                value,
                n,
                n_protocol,
            }),
            _ => None,
        }
    }
}

/// What the trial at `place` says about its targets, in their order; NaN where the replicate has no such row.
pub(crate) fn predictions(place: usize, targets: &[Target], replicate: &Replicate) -> Vec<f64> {
    let rows: BTreeMap<Key, &EndpointRow> = replicate
        .endpoints
        .iter()
        .map(|row| ((row.endpoint, row.week.to_bits(), row.population, row.arm), row))
        .collect();
    let own = targets.iter().filter(|target| target.is_of(place));
    own.map(|target| rows.get(&target.key).map_or(f64::NAN, |row| target.predicted(row)))
        .collect()
}

/// The targets with the covariance of what separates them from a right model.
pub(crate) fn observations(targets: &[Target], by: &Discrepancy) -> Option<Observations> {
    let n = targets.len();
    let mut covariance = Matrix::zeros(n, n);
    for (i, a) in targets.iter().enumerate() {
        for (j, b) in targets.iter().enumerate() {
            covariance[(i, j)] = shared(a, b, by);
        }
        covariance[(i, i)] += (1.0 - by.same_patients) * a.variance + a.simulated_variance;
    }
    Observations::new(targets.iter().map(|target| target.observed).collect(), covariance)
}

/// Covariance that two numbers share: of a trial, of its endpoint, of its arm, of the arm's patients. So a trial that printed an
/// endpoint at twelve weeks counts little more than one that printed it once.
fn shared(a: &Target, b: &Target, by: &Discrepancy) -> f64 {
    if a.trial != b.trial {
        return 0.0;
    }
    // Events of a rate are not log odds; a trial's deviation moves both, to about the same size.
    let sign = if a.scale == b.scale { 1.0 } else { -1.0 };
    let mut sum = by.trial_sd * by.trial_sd;
    if a.endpoint == b.endpoint {
        sum += by.endpoint_sd * by.endpoint_sd;
    }
    if a.arm == b.arm {
        sum += by.same_patients * (a.variance * b.variance).sqrt();
        if a.endpoint == b.endpoint {
            sum += by.arm_sd * by.arm_sd;
        }
    }
    sign * sum
}

/// Targets whose mean prediction is farthest from the published value, in standard errors: the lowest, then the highest.
pub(crate) fn farthest(targets: &[Target], by: &Discrepancy, predicted: &[f64], most: usize) -> Vec<String> {
    let mut apart: Vec<(f64, &Target, f64)> = targets
        .iter()
        .zip(predicted)
        .map(|(target, g)| {
            let variance = target.variance + target.simulated_variance + shared(target, target, by);
            ((g - target.observed) / variance.sqrt(), target, *g)
        })
        .collect();
    apart.sort_by(|a, b| a.0.total_cmp(&b.0));
    let words = |(z, target, g): &(f64, &Target, f64)| {
        let (predicted, published) = (target.natural(*g), target.published);
        format!(
            "{}: {predicted:.1} against {published:.1} published ({z:+.1} standard errors)",
            target.words()
        )
    };
    let (low, high) = (apart.iter().take(most), apart.iter().rev().take(most));
    low.filter(|a| a.0 < 0.0)
        .chain(high.filter(|a| a.0 > 0.0))
        .map(words)
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A target of 40 of 100 patients.
    pub(crate) fn target(trial: &str, arm: &str, endpoint: &str, week: f64, place: usize) -> Target {
        Target {
            trial: trial.into(),
            arm: arm.into(),
            endpoint: endpoint.into(),
            week,
            population: "all".into(),
            therapies: Vec::new(),
            scale: Scale::LogOdds,
            published: 40.0,
            n: 100.0,
            observed: ln(40.5 / 60.5),
            variance: 1.0 / 40.5 + 1.0 / 60.5,
            simulated_variance: 0.0,
            place,
            key: (0, week.to_bits(), 0, 0),
        }
    }

    pub(crate) const BY: Discrepancy = Discrepancy {
        trial_sd: 0.2,
        endpoint_sd: 0.15,
        arm_sd: 0.15,
        same_patients: 0.5,
    };

    /// Responses that a trial defines for itself are found under the name they were published by.
    #[test]
    fn own_definitions_of_an_endpoint_are_targets_by_their_published_name() {
        let library = crate::catalog::Library::embedded();
        let request = crate::study::Request {
            study: "nobility".into(),
            replicates: Some(1),
            patients: None,
            seed: None,
        };
        let trial = crate::study::compile(&library, &request, None).expect("in the library");
        let published = trial.published.expect("its results are in the library");
        let found = targets(0, &trial.simulation, &published, 125);
        let is_it = |t: &&Target| t.arm == "placebo" && t.endpoint == "crr" && t.week.to_bits() == 52f64.to_bits();
        let own = found.iter().find(is_it).expect("complete response at a year");
        assert_eq!(
            trial.simulation.labels().endpoints[usize::from(own.key.0)],
            "crr-nobility"
        );
        assert!((own.published - 23.0).abs() < 1.0, "{}", own.published);
    }

    /// Information about a shift of all numbers: 1' R⁻¹ 1.
    fn information(targets: &[Target]) -> f64 {
        let shifted: Vec<f64> = targets.iter().map(|t| t.observed - 1.0).collect();
        observations(targets, &BY).expect("positive definite").misfit(&shifted)
    }

    #[test]
    fn twelve_weeks_of_one_arm_count_less_than_two_trials() {
        let weeks: Vec<Target> = (1..=12)
            .map(|k| target("a", "x", "sri-4", 4.0 * f64::from(k), 0))
            .collect();
        let trials = [target("a", "x", "sri-4", 52.0, 0), target("b", "x", "sri-4", 52.0, 1)];
        let one = information(&trials[..1]);
        assert!(information(&weeks) < 1.6 * one && (information(&trials) - 2.0 * one).abs() < 1e-9);
    }

    #[test]
    fn a_therapys_number_reaches_its_own_arms_only() {
        let mut treated = target("a", "x", "sri-4", 52.0, 0);
        treated.therapies = vec!["anifrolumab".into()];
        let known = ["anifrolumab".to_owned(), "belimumab".to_owned()];
        assert!(treated.is_reached_by("anifrolumab.effect_max", &known));
        assert!(!treated.is_reached_by("belimumab.effect_max", &known));
        assert!(treated.is_reached_by("k_skin.median", &known));
    }
}
