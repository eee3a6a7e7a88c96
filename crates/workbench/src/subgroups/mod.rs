//! Whom a therapy helps more: its contrast in two analysis populations, simulated beside published, and again with one thing changed in
//! the virtual patients.

mod figure;
mod file;
mod page;
mod pooled;
mod report;

use malar_evidence::{Library as Evidence, Part, Published};
use malar_model::diagnostic::{Diagnostic, Source};
use toml::Spanned;

use crate::catalog::Library;
use crate::finding::{Finding, InputError};
use crate::posterior::Posterior;
use crate::run::{Progress, Unfinished};
use crate::score::library_evidence_with;
use crate::study::{self, Numbers, prepare_changed};

pub use figure::figure;
pub use file::{At, Comparison, Scenario, SubgroupsFile};
pub use page::page;
pub use pooled::Interval;
pub use report::{Changed, Compared, Contrast, Report, Row, Side};

use pooled::Pooled;

/// Path of the file below the library.
pub const FILE: &str = "evidence/subgroups.toml";
/// Trials pooled with others take seeds this far apart, so that their patients are other people.
const SEED_STEP: u64 = 1_000_003;

/// What to simulate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Only the comparison with this id.
    pub comparison: Option<String>,
    /// Simulated trials per protocol, 1 or more.
    pub replicates: u32,
    /// Seed.
    pub seed: u64,
    /// Worker threads; 0 takes one per core.
    pub threads: usize,
}

/// Simulates every comparison and its scenarios.
///
/// # Errors
/// Unknown ids, files that are wrong, trials that cannot be simulated.
pub fn subgroups(
    library: &Library,
    request: &Request,
    posterior: Option<&Posterior>,
    progress: &dyn Progress,
) -> Result<Report, Unfinished> {
    let (evidence, split) = library_evidence_with(library, None)?;
    let (file, source) = read(library, &evidence)?;
    let wanted: Vec<&Comparison> = wanted(&file, request)?;
    let runs = |c: &&Comparison| (c.trials.get_ref().len() * (1 + c.scenarios.len())) as u32;
    let mut work = Work {
        library,
        source: &source,
        request,
        progress,
        done: 0,
        total: request.replicates * wanted.iter().map(runs).sum::<u32>(),
    };
    let comparisons = wanted.into_iter().map(|comparison| {
        let fitted = split.kind(comparison.published.get_ref()) == Some(Part::Fit);
        let published = evidence
            .get(comparison.published.get_ref())
            .expect("the file was checked");
        work.compare(comparison, published, fitted, posterior)
    });
    Ok(Report {
        comparisons: comparisons.collect::<Result<_, _>>()?,
        posterior: posterior.map(|posterior| posterior.id.clone()),
        replicates: request.replicates,
        seed: request.seed,
    })
}

/// What is wrong with the file.
pub(crate) fn check(library: &Library, source: &Source) -> Vec<Finding> {
    let Ok((evidence, _)) = library_evidence_with(library, None) else {
        return Vec::new(); // said where it is wrong
    };
    let found = SubgroupsFile::read(source, &evidence).and_then(|file| file.find_numbers(library, source));
    Finding::all(found.err().unwrap_or_default(), source)
}

fn read(library: &Library, evidence: &Evidence) -> Result<(SubgroupsFile, Source), InputError> {
    let source = library.get(FILE).ok_or_else(|| InputError::Unknown {
        kind: "file",
        name: FILE.into(),
        help: "it says which populations to compare".into(),
    })?;
    let read = SubgroupsFile::read(source, evidence).and_then(|file| file.find_numbers(library, source));
    let file = read.map_err(|found| Finding::all(found, source))?;
    Ok((file, source.clone()))
}

fn wanted<'a>(file: &'a SubgroupsFile, request: &Request) -> Result<Vec<&'a Comparison>, InputError> {
    if request.replicates == 0 {
        let (what, help) = ("the number of replicates", "write 1 or more");
        let value = "0".to_owned();
        return Err(InputError::Value { what, value, help });
    }
    let Some(id) = &request.comparison else {
        return Ok(file.comparisons.iter().collect());
    };
    let found: Vec<&Comparison> = file.comparisons.iter().filter(|c| c.id.get_ref() == id).collect();
    if found.is_empty() {
        let known: Vec<&str> = file.comparisons.iter().map(|c| c.id.get_ref().as_str()).collect();
        return Err(InputError::Unknown {
            kind: "comparison",
            name: id.clone(),
            help: format!("known: {}", known.join(", ")),
        });
    }
    Ok(found)
}

struct Work<'a> {
    library: &'a Library,
    source: &'a Source,
    request: &'a Request,
    progress: &'a dyn Progress,
    done: u32,
    total: u32,
}

impl Work<'_> {
    fn compare(
        &mut self,
        comparison: &Comparison,
        published: &Published,
        fitted: bool,
        posterior: Option<&Posterior>,
    ) -> Result<Compared, Unfinished> {
        let pooled = self.pooled(comparison, posterior, &Numbers::new())?;
        let row = |at: &Spanned<At>| self.row(comparison, at, &pooled, published);
        let rows = comparison.endpoints.iter().map(row).collect::<Result<_, _>>()?;
        let mut scenarios = Vec::new();
        for scenario in comparison.scenarios.iter().map(Spanned::get_ref) {
            scenarios.push(self.changed(comparison, scenario, posterior)?);
        }
        Ok(Compared {
            id: comparison.id.get_ref().clone(),
            name: comparison.name.clone(),
            question: comparison.question.clone(),
            trials: comparison.trials.get_ref().clone(),
            published: comparison.published.get_ref().clone(),
            fitted,
            weak: pooled.weak_arms.contains(&comparison.arm),
            arms: [comparison.arm.clone(), comparison.control.clone()],
            subgroups: comparison.subgroups.clone(),
            rows,
            scenarios,
        })
    }

    fn changed(
        &mut self,
        comparison: &Comparison,
        scenario: &Scenario,
        posterior: Option<&Posterior>,
    ) -> Result<Changed, Unfinished> {
        let pooled = self.pooled(comparison, posterior, scenario.set.get_ref())?;
        let both = |at| self.differences(comparison, at, &pooled);
        Ok(Changed {
            name: scenario.name.clone(),
            assumed: scenario.assumed.clone(),
            differences: comparison.endpoints.iter().map(both).collect::<Result<_, _>>()?,
        })
    }

    /// Simulates the protocols of a comparison, with some numbers changed.
    fn pooled(
        &mut self,
        comparison: &Comparison,
        posterior: Option<&Posterior>,
        numbers: &Numbers,
    ) -> Result<Pooled, Unfinished> {
        let mut pooled = Pooled::default();
        for (place, trial) in comparison.trials.get_ref().iter().enumerate() {
            let request = study::Request {
                study: trial.clone(),
                replicates: Some(self.request.replicates),
                patients: None,
                seed: Some(self.request.seed + place as u64 * SEED_STEP),
            };
            let prepared = prepare_changed(self.library, &request, posterior, numbers)?;
            pooled.weak_arms.extend(prepared.about.weak_arms.iter().cloned());
            let labels = prepared.simulation.labels();
            let (before, total, progress) = (self.done, self.total, self.progress);
            prepared.replicates(
                self.request.threads,
                |replicate| pooled.add(labels, &replicate),
                &|done| progress.update(before + done, total),
                &|| progress.cancelled(),
            )?;
            self.done += self.request.replicates;
        }
        Ok(pooled)
    }

    fn row(
        &self,
        comparison: &Comparison,
        at: &Spanned<At>,
        pooled: &Pooled,
        published: &Published,
    ) -> Result<Row, InputError> {
        let At { id: endpoint, week } = at.get_ref();
        let arms = [comparison.arm.as_str(), comparison.control.as_str()];
        let populations = comparison.subgroups.each_ref().map(String::as_str);
        let [first, second] = self.differences(comparison, at, pooled)?;
        let side = |population: &str, difference| {
            let rate = |arm| pooled.rate(endpoint, *week, population, arm).unwrap_or(f64::NAN);
            let printed = |arm| published.arm_result(arm, endpoint, *week, population)?.value;
            let [arm, control] = arms;
            Side {
                rates: [rate(control), rate(arm)],
                difference,
                published_rates: [printed(control), printed(arm)],
                published: Contrast::of(published, arms, at.get_ref(), population),
            }
        };
        let sides = [side(populations[0], first), side(populations[1], second)];
        Ok(Row {
            endpoint: endpoint.clone(),
            week: *week,
            unit: pooled.unit(endpoint).unwrap_or_default().to_owned(),
            interaction: pooled
                .interaction(endpoint, *week, populations, arms)
                .ok_or_else(|| self.absent(at))?,
            published_interaction: sides[0].published.minus(sides[1].published),
            sides,
        })
    }

    fn differences(
        &self,
        comparison: &Comparison,
        at: &Spanned<At>,
        pooled: &Pooled,
    ) -> Result<[Interval; 2], InputError> {
        let At { id: endpoint, week } = at.get_ref();
        let arms = [comparison.arm.as_str(), comparison.control.as_str()];
        let [first, second] = comparison
            .subgroups
            .each_ref()
            .map(|population| pooled.difference(endpoint, *week, population, arms));
        first
            .zip(second)
            .map(<[Interval; 2]>::from)
            .ok_or_else(|| self.absent(at))
    }

    /// The protocols do not give what the file asks.
    fn absent(&self, at: &Spanned<At>) -> InputError {
        let At { id, week } = at.get_ref();
        let message = format!("the trials do not give `{id}` at week {week} in both populations and arms");
        let help = "write arms, populations, endpoints and weeks as the protocols have them";
        let found = Diagnostic::error(malar_model::codes::DATA_NOT_FOUND, self.source, at.span(), message).help(help);
        vec![Finding::new(found, self.source)].into()
    }
}

#[cfg(test)]
mod tests;
