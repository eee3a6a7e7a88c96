//! Why placebo arms of different trials respond differently: chance, protocols, the trial's own effect; and what was published.

use malar_patients::Population;
use malar_stats::descriptive::{mean, standard_deviation};
use serde::Serialize;

use super::arms::Arm;
use super::{Course, ENDPOINTS, LATE, Rate, Runner, rates};
use crate::run::RunError;

/// Gauss–Hermite nodes and weights for a standard normal, five points: exact for polynomials up to degree nine.
/// Source: Abramowitz & Stegun, table 25.10, nodes times √2, weights over √π.
pub(super) const NODES: [(f64, f64); 5] = [
    (-2.856_970_013_872_806, 0.011_257_411_327_720_69),
    (-1.355_626_179_974_266, 0.222_075_922_005_612_64),
    (0.0, 0.533_333_333_333_333_3),
    (1.355_626_179_974_266, 0.222_075_922_005_612_64),
    (2.856_970_013_872_806, 0.011_257_411_327_720_69),
];

const OFFSET: &str = "clinical.trial_effect.offset";
const BETWEEN: &str = "clinical.trial_effect.between_trial_sd";

/// The response as a function of the trial's own deviation, all else the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// Endpoint id, at the late visit.
    pub endpoint: String,
    /// Standard deviations of the trial from the mean, factor on the effect, percent responding.
    pub points: Vec<(f64, f64, f64)>,
    /// Standard deviation between trials that this makes, points.
    pub sd: f64,
}

/// Spread of published placebo rates between trials, points; each trial with its last published rate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Between {
    /// Endpoint id.
    pub endpoint: String,
    /// Trials with a published rate and its number of patients.
    pub trials: usize,
    /// Published rates, without anything taken off.
    pub published: f64,
    /// Chance of samples of the published sizes.
    pub chance: f64,
    /// Published beyond chance; zero if chance explains all.
    pub beyond_chance: f64,
    /// Between simulated means of the protocols: entry criteria, weeks, rules.
    pub protocols: f64,
    /// Simulated minus published, on average.
    pub mean_error: f64,
    /// Published minus simulated, beyond chance: what protocols leave, errors of the model included.
    pub left: f64,
    /// What the trial effect makes, at the reference protocol.
    pub trial_effect: f64,
}

impl Between {
    /// Share of the predicted variance between trials (protocols and trial effect) that the trial effect makes, percent.
    pub fn share_predicted(&self) -> f64 {
        let own = self.trial_effect.powi(2);
        100.0 * own / (own + self.protocols.powi(2))
    }

    /// Its variance beside what protocols leave of the published one, percent; more than 100 if it makes trials differ too much.
    pub fn share_left(&self) -> f64 {
        100.0 * (self.trial_effect / self.left).powi(2)
    }
}

/// The reference placebo arm at every node of the trial's own deviation, the same luck at each.
pub(super) fn curves(runner: &Runner<'_>, arm: &Arm) -> Result<Vec<Curve>, RunError> {
    let mut at_nodes = Vec::new();
    for (z, _) in NODES {
        at_nodes.push((
            factor(arm.simulation.population(), z),
            runner.run(arm, |own| shift(own, z))?,
        ));
    }
    let curve = |id: &&str| {
        let endpoint = arm.endpoint(id)?;
        let level = |trials| mean(&rates(trials, endpoint, LATE)).unwrap_or(f64::NAN);
        let points: Vec<(f64, f64, f64)> = NODES
            .iter()
            .zip(&at_nodes)
            .map(|((z, _), (factor, trials))| (*z, *factor, level(trials)))
            .collect();
        Some(Curve {
            endpoint: (*id).to_owned(),
            sd: spread(points.iter().map(|(_, _, percent)| *percent)),
            points,
        })
    };
    Ok(ENDPOINTS.iter().filter_map(curve).collect())
}

/// The factor on the trial effect of a trial that is `z` deviations above the mean; its mean over trials is 1.
fn factor(population: &Population, z: f64) -> f64 {
    let sd = population.number(BETWEEN).expect("every population has a trial effect");
    (sd * z - 0.5 * sd * sd).exp()
}

/// Gives every trial the effect of one that is `z` deviations above the mean.
fn shift(population: &mut Population, z: f64) {
    let factor = factor(population, z);
    *population
        .number_mut(OFFSET)
        .expect("every population has a trial effect") *= factor;
    *population
        .number_mut(BETWEEN)
        .expect("every population has a trial effect") = 0.0;
}

/// Standard deviation of values at the nodes.
fn spread(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let weighted = |values: &mut dyn Iterator<Item = f64>| -> f64 {
        NODES
            .iter()
            .zip(values)
            .map(|((_, weight), value)| weight * value)
            .sum()
    };
    let centre = weighted(&mut values.clone());
    weighted(&mut values.map(|value| (value - centre).powi(2))).sqrt()
}

/// Spread of the last published rate of every trial, by endpoint; nothing with fewer than three trials.
pub(super) fn between(courses: &[Course], curves: &[Curve]) -> Vec<Between> {
    let of = |curve: &Curve| {
        let last: Vec<&Rate> = courses
            .iter()
            .filter_map(|c| c.last_published(&curve.endpoint))
            .collect();
        let pairs: Vec<(f64, f64, f64)> = last.iter().filter_map(|rate| pair(rate)).collect();
        (pairs.len() > 2).then(|| spreads(&pairs, curve))
    };
    curves.iter().filter_map(of).collect()
}

/// Published percent, its sampling variance, simulated percent.
fn pair(rate: &Rate) -> Option<(f64, f64, f64)> {
    let published = rate.published.as_ref()?;
    let (p, n) = (published.value, f64::from(published.n?));
    Some((p, p * (100.0 - p) / n, rate.simulated))
}

fn spreads(pairs: &[(f64, f64, f64)], curve: &Curve) -> Between {
    let column = |read: fn(&(f64, f64, f64)) -> f64| pairs.iter().map(read).collect::<Vec<f64>>();
    let deviation = |values: &[f64]| standard_deviation(values).expect("three trials or more");
    let average = |values: &[f64]| mean(values).expect("three trials or more");
    let chance = average(&column(|pair| pair.1));
    let published = deviation(&column(|pair| pair.0));
    let squares = average(&column(|pair| (pair.0 - pair.2).powi(2)));
    let beyond = |variance: f64| (variance - chance).max(0.0).sqrt();
    Between {
        endpoint: curve.endpoint.clone(),
        trials: pairs.len(),
        published,
        chance: chance.sqrt(),
        beyond_chance: beyond(published * published),
        protocols: deviation(&column(|pair| pair.2)),
        mean_error: average(&column(|pair| pair.2 - pair.0)),
        left: beyond(squares),
        trial_effect: curve.sd,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_give_the_moments_of_a_standard_normal() {
        let moment = |power: i32| NODES.iter().map(|(z, weight)| weight * z.powi(power)).sum::<f64>();
        let moments = [0, 1, 2, 4, 8].map(moment);
        for (found, expected) in moments.iter().zip([1.0, 0.0, 1.0, 3.0, 105.0]) {
            assert!((found - expected).abs() < 1e-12 * 105.0, "{moments:?}");
        }
        assert!((spread(NODES.iter().map(|(z, _)| 40.0 + 3.0 * z)) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn chance_is_taken_off_and_errors_of_the_model_stay() {
        let curve = Curve {
            endpoint: "bicla".into(),
            points: Vec::new(),
            sd: 2.0,
        };
        // Published 20, 30, 40 of 84 patients each; the model says 30 everywhere.
        let pairs = [20.0, 30.0, 40.0].map(|p: f64| (p, p * (100.0 - p) / 84.0, 30.0));
        let found = spreads(&pairs, &curve);
        let chance = (1600.0 + 2100.0 + 2400.0) / 84.0 / 3.0;
        assert!((found.chance.powi(2) - chance).abs() < 1e-9);
        assert!((found.beyond_chance.powi(2) - (100.0 - chance)).abs() < 1e-9);
        assert!((found.left.powi(2) - (200.0 / 3.0 - chance)).abs() < 1e-9);
        assert!(found.protocols == 0.0 && (found.share_predicted() - 100.0).abs() < 1e-12);
    }
}
