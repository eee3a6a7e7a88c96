//! Sensitivity over a posterior: its members are the sample, or 5 to 95 % of each of its numbers the ends.
//!
//! A range says how far somebody thinks a number may be; a posterior says how far the data leave it, and which numbers they leave together. Numbers
//! are laid over the compiled trial, so that no point compiles anything.

use std::cell::Cell;

use malar_patients::Population;
use malar_trial::Simulation;

use super::design::{Design, Kind};
use super::factor::{Place, matches};
use super::trial::{read, summaries};
use super::{
    Factor, Method, Request, Sensitivity, SensitivityError, Target, TargetResult, command, mean, measure, targets,
};
use crate::catalog::Library;
use crate::finding::InputError;
use crate::posterior::{Posterior, with_numbers};
use crate::run::{Progress, order, thread_count};
use crate::study::{self, compile};

/// Share of a posterior below and above the ends of a tornado.
const TAIL: f64 = 0.05;

/// Why a range is what it is.
const WHY: &str = "5 to 95 % of the posterior";

/// A compiled trial, the posterior laid over it, and which of its numbers are watched.
struct Over<'a> {
    simulation: Simulation,
    posterior: &'a Posterior,
    /// Places among the posterior's names.
    moved: Vec<usize>,
    request: &'a Request,
}

/// Answers a request with [`Method::Prcc`] or [`Method::Tornado`].
///
/// Rank correlations: `size` simulated trials, members taken in proportion to their weights, each trial with its own patients; so the numbers move together
/// as the data leave them. Tornado: every number alone to 5 and 95 % of its posterior, the others at their medians, the same patients throughout.
pub fn sensitivity_over(
    library: &Library,
    request: &Request,
    posterior: &Posterior,
    progress: &dyn Progress,
) -> Result<Sensitivity, SensitivityError> {
    let over = open(library, request, posterior)?;
    let size = request.size.unwrap_or(request.method.default_size());
    let (design, base) = over.design(size)?;
    let parts = study::assemble(library, &request.study, request.patients)?.parts;
    let targets = targets(request, &parts)?;
    let base = over.results(&base, 0..design.replicates, &targets)?;
    let units = over.units(&targets)?;
    let results = over.simulate(&design, &targets, progress)?;
    let factors: Vec<Factor> = over.moved.iter().map(|k| over.factor(*k)).collect();
    let judge = |(k, target): (usize, &Target)| -> Result<TargetResult, SensitivityError> {
        let of_target: Vec<Vec<f64>> = results.iter().map(|values| values[k].clone()).collect();
        let all: Vec<f64> = of_target.iter().flatten().copied().collect();
        Ok(TargetResult {
            target: target.text.clone(),
            unit: units[k].clone(),
            base: if request.method == Method::Prcc {
                mean(&all)
            } else {
                mean(&base[k])
            },
            rows: measure::rows(&design, &factors, &of_target, request.seed, &target.text)?,
        })
    };
    let means = |result: &Vec<Vec<f64>>| result.iter().map(|values| mean(values)).collect();
    let runs = design.points.iter().zip(&results);
    Ok(Sensitivity {
        version: env!("CARGO_PKG_VERSION").into(),
        study: parts.protocol.id.clone(),
        name: parts.protocol.name.clone(),
        variant: library.variant().map(str::to_owned),
        posterior: Some(posterior.id.clone()),
        method: request.method,
        size,
        patients: parts.protocol.n_patients(),
        seed: request.seed,
        trials: design.points.len() as u32 * design.replicates,
        targets: targets.iter().enumerate().map(judge).collect::<Result<_, _>>()?,
        runs: runs.map(|(point, result)| (point.clone(), means(result))).collect(),
        factors,
        command: command(request, library.variant(), Some(&posterior.id)),
    })
}

fn open<'a>(library: &Library, request: &'a Request, posterior: &'a Posterior) -> Result<Over<'a>, SensitivityError> {
    if !matches!(request.method, Method::Prcc | Method::Tornado) {
        let (what, value) = (
            "the method over a posterior",
            format!("{:?}", request.method).to_lowercase(),
        );
        let help =
            "write prcc or tornado: walks and indices need numbers that vary independently, and a posterior's do not";
        return Err(InputError::Value { what, value, help }.into());
    }
    let asked = study::Request {
        study: request.study.clone(),
        replicates: Some(1),
        patients: request.patients,
        seed: Some(request.seed),
    };
    let compiled = compile(library, &asked, Some(posterior))?;
    study::check_laid_over(posterior, &compiled.about)?;
    let given: Vec<&str> = compiled.about.arms.iter().flat_map(|(_, own)| own.split('+')).collect();
    let is_clinical = |name: &str| name.starts_with("clinical.");
    let own = compiled.simulation.population();
    // A number of a therapy that no arm gives moves nothing.
    let is_used = |name: &str| match name.split_once('.') {
        Some((first, _)) => is_clinical(name) || own.index(first).is_some() || given.contains(&first),
        None => true,
    };
    let wanted = |name: &str| request.parameters.is_empty() || request.parameters.iter().any(|own| matches(own, name));
    let names = posterior.names.iter().enumerate();
    let moved: Vec<usize> = names
        .filter(|(_, name)| is_used(name) && wanted(name))
        .map(|(k, _)| k)
        .collect();
    if moved.is_empty() {
        let (kind, name) = (
            "number of the posterior that this trial uses",
            request.parameters.join(","),
        );
        let help = format!("it has {}", posterior.names.join(", "));
        return Err(InputError::Unknown { kind, name, help }.into());
    }
    Ok(Over {
        simulation: study::efficacy(compiled.simulation, compiled.safety),
        posterior,
        moved,
        request,
    })
}

impl Over<'_> {
    /// Points in values of the moved numbers, and the point that stands for the middle.
    fn design(&self, size: u32) -> Result<(Design, Vec<f64>), InputError> {
        let least = if self.request.method == Method::Prcc {
            self.moved.len() as u32 + 4
        } else {
            2
        };
        if size < least {
            let (what, value) = ("the size of this analysis", size.to_string());
            let help = "write at least 2 for tornado, the number of parameters plus 4 for prcc";
            return Err(InputError::Value { what, value, help });
        }
        let middle: Vec<f64> = self.moved.iter().map(|k| self.quantile(*k, 0.5)).collect();
        let design = match self.request.method {
            Method::Prcc => Design {
                kind: Kind::Samples,
                points: (0..size)
                    .map(|k| self.of_member(member(&self.posterior.weights, k, size)))
                    .collect(),
                replicates: 1,
            },
            _ => Design {
                kind: Kind::Ends,
                points: self.ends(&middle),
                replicates: size,
            },
        };
        Ok((design, middle))
    }

    /// The middle, then each number alone to its lower and its upper end.
    fn ends(&self, middle: &[f64]) -> Vec<Vec<f64>> {
        let alone = |(place, k): (usize, &usize), share: f64| {
            let mut point = middle.to_vec();
            point[place] = self.quantile(*k, share);
            point
        };
        let both = self.moved.iter().enumerate();
        let both = both.flat_map(|own| [alone(own, TAIL), alone(own, 1.0 - TAIL)]);
        std::iter::once(middle.to_vec()).chain(both).collect()
    }

    fn of_member(&self, member: usize) -> Vec<f64> {
        self.moved.iter().map(|k| self.posterior.members[member][*k]).collect()
    }

    /// Value below which so much of the posterior's weight lies.
    fn quantile(&self, number: usize, share: f64) -> f64 {
        let values: Vec<f64> = self.posterior.members.iter().map(|member| member[number]).collect();
        weighted_quantile(&values, &self.posterior.weights, share)
    }

    fn factor(&self, number: usize) -> Factor {
        Factor {
            name: self.posterior.names[number].clone(),
            unit: String::new(),
            value: self.quantile(number, 0.5),
            low: self.quantile(number, TAIL),
            high: self.quantile(number, 1.0 - TAIL),
            log: false,
            range: WHY.into(),
            place: Place::Posterior,
        }
    }

    /// The population at a point; numbers that are not watched move with their member in a sample, and stand at their medians in a tornado.
    fn population(&self, index: u32, point: &[f64], size: u32) -> Population {
        let mut values: Vec<f64> = match self.request.method {
            Method::Prcc => self.posterior.members[member(&self.posterior.weights, index, size)].clone(),
            _ => (0..self.posterior.names.len()).map(|k| self.quantile(k, 0.5)).collect(),
        };
        for (k, value) in self.moved.iter().zip(point) {
            values[*k] = *value;
        }
        with_numbers(self.simulation.population(), &self.posterior.names, &values)
    }

    /// `[target][replicate]` with every number at its median but for those of `point`.
    fn results(
        &self,
        point: &[f64],
        replicates: std::ops::Range<u32>,
        targets: &[Target],
    ) -> Result<Vec<Vec<f64>>, SensitivityError> {
        self.at(self.population(0, point, 1), replicates, targets)
    }

    fn at(
        &self,
        population: Population,
        replicates: std::ops::Range<u32>,
        targets: &[Target],
    ) -> Result<Vec<Vec<f64>>, SensitivityError> {
        let simulation = self.simulation.with_population(population);
        let found = summaries(&simulation, self.request.seed, replicates, "numbers of the posterior")?;
        Ok(targets.iter().map(|target| read(target, &found)).collect())
    }

    /// Unit of every target, or what the trial offers instead.
    fn units(&self, targets: &[Target]) -> Result<Vec<String>, SensitivityError> {
        let found = summaries(&self.simulation, self.request.seed, 0..1, "the numbers as they are")?;
        let unit = |target: &Target| Ok(target.unit(&found[0])?);
        targets.iter().map(unit).collect()
    }

    /// `[point][target][replicate]`. Every sample has patients of its own; all ends have the same.
    fn simulate(
        &self,
        design: &Design,
        targets: &[Target],
        progress: &dyn Progress,
    ) -> Result<Vec<Vec<Vec<f64>>>, SensitivityError> {
        let count = design.points.len() as u32;
        let (mut results, done) = (Vec::with_capacity(design.points.len()), Cell::new(0));
        order::in_order(
            count,
            thread_count(self.request.threads, count),
            |index| {
                let population = self.population(index, &design.points[index as usize], count);
                let replicates = match design.kind {
                    Kind::Samples => index..index + 1,
                    _ => 0..design.replicates,
                };
                self.at(population, replicates, targets)
            },
            |values| {
                results.push(values?);
                done.set(done.get() + 1);
                Ok(())
            },
            || progress.tick(done.get(), count, SensitivityError::Cancelled),
        )?;
        Ok(results)
    }
}

/// The member of sample `k` of `n`: systematic, so that every member comes as often as its weight says, up to one.
fn member(weights: &[f64], k: u32, n: u32) -> usize {
    let u = (f64::from(k) + 0.5) / f64::from(n);
    let mut sum = 0.0;
    let reaches = |weight: &f64| {
        sum += weight;
        u < sum
    };
    weights.iter().position(reaches).unwrap_or(weights.len() - 1)
}

/// The smallest value at which the weights of it and all smaller ones reach `share`.
fn weighted_quantile(values: &[f64], weights: &[f64], share: f64) -> f64 {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut sum = 0.0;
    let reaches = |&&k: &&usize| {
        sum += weights[k];
        sum >= share
    };
    let found = order.iter().find(reaches).or(order.last());
    values[*found.expect("a posterior has members")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_as_often_as_their_weights_say() {
        let weights = [0.5, 0.0, 0.3, 0.2];
        let mut counts = [0; 4];
        (0..10).for_each(|k| counts[member(&weights, k, 10)] += 1);
        assert_eq!(counts, [5, 0, 3, 2]);
    }

    #[test]
    fn quantiles_count_weight_and_not_members() {
        let (values, weights) = ([3.0, 1.0, 2.0], [0.1, 0.8, 0.1]);
        let at = |share| weighted_quantile(&values, &weights, share);
        assert_eq!([at(0.05), at(0.5), at(0.85), at(0.95)], [1.0, 1.0, 2.0, 3.0]);
    }
}
