//! One trial, simulated again and again with other numbers.

use std::ops::Range;

use malar_model::diagnostic::Source;
use malar_trial::{Parts, Simulation};
use toml::{Table, Value};

use super::apply::{available, moved};
use super::factor::{Available, Factor, Place};
use super::layers::merged;
use super::range::Ranges;
use super::{SensitivityError, Target};
use crate::catalog::Kind;
use crate::finding::{Finding, InputError};
use crate::plan::Manifest;
use crate::published::Nothing;
use crate::run::About;
use crate::study::Assembled;
use crate::summarise::Summariser;
use crate::summary::Summary;

/// Seeds between which luck moves.
const SEEDS: f64 = 1_048_576.0;

/// A trial whose numbers can be moved.
pub(super) struct Trial<'a> {
    parts: &'a Parts,
    population: Table,
    source: &'a Source,
    seed: u64,
    pub available: Available,
}

/// Results with all numbers as they stand.
pub(super) struct Base {
    /// `[target][replicate]`.
    pub values: Vec<Vec<f64>>,
    /// Unit of each target.
    pub units: Vec<String>,
}

impl<'a> Trial<'a> {
    /// Reads the ranges and finds what can be moved.
    pub fn new(assembled: &'a Assembled, seed: u64) -> Result<Trial<'a>, InputError> {
        let (parts, source) = (&assembled.parts, &assembled.population);
        let path = format!("models/{}/ranges.toml", parts.protocol.model);
        let ranges = match assembled.library.get(&path) {
            Some(file) => Ranges::parse(file).map_err(|found| vec![Finding::new(found, file)])?,
            None => Ranges::default(),
        };
        let mut population: Table = source.text.parse().expect("the population was read before");
        let base = population.get("based_on").and_then(Value::as_str);
        if let Some(base) = base.and_then(|id| assembled.library.find(Kind::Populations, id)) {
            population = merged(base.text.parse().expect("the base was read before"), population);
        }
        Ok(Trial {
            available: available(parts, &population, &ranges),
            parts,
            population,
            source,
            seed,
        })
    }

    /// Results without moving anything; refuses targets that the trial does not have.
    pub fn base(&self, targets: &[Target], replicates: u32) -> Result<Base, SensitivityError> {
        let summaries = self.summaries(self.parts.clone(), self.seed, replicates, "the numbers as they are")?;
        let first = summaries.first().expect("one replicate or more");
        let units = targets
            .iter()
            .map(|target| target.unit(first))
            .collect::<Result<_, _>>()?;
        let values = targets.iter().map(|target| read(target, &summaries)).collect();
        Ok(Base { values, units })
    }

    /// `[target][replicate]` with each factor a share of the way along its range.
    pub fn at(
        &self,
        factors: &[Factor],
        point: &[f64],
        targets: &[Target],
        replicates: u32,
    ) -> Result<Vec<Vec<f64>>, SensitivityError> {
        let moving = || factors.iter().zip(point).filter(|(_, u)| !u.is_nan());
        let values: Vec<(&Place, f64)> = moving().map(|(f, u)| (&f.place, f.at(*u))).collect();
        let described = || {
            let named = moving().filter(|(f, _)| f.place != Place::Luck);
            let words: Vec<String> = named.map(|(f, u)| format!("{} = {:.4}", f.name, f.at(*u))).collect();
            words.join(", ")
        };
        let parts = moved(self.parts, &self.population, self.source, &values).map_err(|found| {
            SensitivityError::Impossible {
                values: described(),
                reason: found.message,
            }
        })?;
        let luck = factors.iter().zip(point).find(|(f, _)| f.place == Place::Luck);
        let seed = luck.map_or(self.seed, |(_, u)| self.seed.wrapping_add((u * SEEDS) as u64));
        let summaries = self.summaries(parts, seed, replicates, &described())?;
        Ok(targets.iter().map(|target| read(target, &summaries)).collect())
    }

    /// One summary per simulated trial.
    fn summaries(
        &self,
        parts: Parts,
        seed: u64,
        replicates: u32,
        described: &str,
    ) -> Result<Vec<Summary>, SensitivityError> {
        let impossible = |reason: String| SensitivityError::Impossible {
            values: described.to_owned(),
            reason,
        };
        let simulation = Simulation::new(parts).map_err(|found| impossible(found[0].message.clone()))?;
        if simulation.needs_safety() {
            return Err(impossible(
                "its `[adverse_events]` stop study drug; take the section out here".to_owned(),
            ));
        }
        summaries(&simulation, seed, 0..replicates, described)
    }
}

/// One summary per simulated trial; `described` says what was moved, should nobody be eligible.
pub(super) fn summaries(
    simulation: &Simulation,
    seed: u64,
    replicates: Range<u32>,
    described: &str,
) -> Result<Vec<Summary>, SensitivityError> {
    let manifest = Manifest {
        engine: env!("CARGO_PKG_VERSION").into(),
        study: simulation.protocol().id.clone(),
        seed,
        replicates: 1,
        patients: simulation.protocol().n_patients(),
        files: Vec::new(),
    };
    let one = |index| {
        let replicate = simulation
            .replicate(seed, index)
            .map_err(|why| SensitivityError::Impossible {
                values: described.to_owned(),
                reason: why.to_string(),
            })?;
        let mut summary = Summariser::new(simulation.labels());
        summary.add(&replicate);
        Ok(summary.finish(&manifest, &About::default(), &Nothing, 0.0))
    };
    replicates.map(one).collect()
}

/// A target in every summary; a result that is not defined in one of them is NaN there.
pub(super) fn read(target: &Target, summaries: &[Summary]) -> Vec<f64> {
    summaries
        .iter()
        .map(|summary| target.value(summary).unwrap_or(f64::NAN))
        .collect()
}
