//! Which numbers behind a simulated trial move its results: Morris screening, Sobol indices, partial rank correlations, tornado.
//!
//! In: a trial, the numbers to move ([`Factor`]s, places in the data files with a range) and the results to watch ([`Target`]s, read
//! off the summary of a run). Out: a [`Sensitivity`], the same on any number of threads. Every computation is a whole simulated trial;
//! all of them share one seed, so that two differ by what was moved and not by the luck of the draw. How much that luck matters
//! stands beside the other numbers as one more of them ([`LUCK`]).

mod apply;
mod design;
mod factor;
mod layers;
mod measure;
mod over;
mod range;
mod target;
mod trial;

use malar_trial::Parts;
use serde::Serialize;

use crate::catalog::Library;
use crate::finding::InputError;
use crate::run::{Progress, order, thread_count};
use crate::study;
use design::Design;
pub use factor::Factor;
pub use measure::{Measure, Row};
pub use over::sensitivity_over;
pub(crate) use range::Ranges;
pub use target::Target;
use trial::Trial;

/// Name of the factor that stands for other virtual patients and other noise.
pub const LUCK: &str = "luck";
/// Share of the draws inside an interval.
pub const LEVEL: f64 = 0.9;

/// How inputs are moved and judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Random one-at-a-time walks.
    Morris,
    /// Shares of variance.
    Sobol,
    /// Partial rank correlations.
    Prcc,
    /// Each number alone to both ends of its range.
    Tornado,
}

impl Method {
    /// Walks, rows, samples, or simulated trials per end, if nobody says.
    pub fn default_size(self) -> u32 {
        match self {
            Method::Morris => 10,
            Method::Sobol => 64,
            Method::Prcc => 200,
            Method::Tornado => 10,
        }
    }

    /// What the size counts.
    pub fn counts(self) -> &'static str {
        match self {
            Method::Morris => "walks",
            Method::Sobol => "rows",
            Method::Prcc => "samples",
            Method::Tornado => "simulated trials per point",
        }
    }
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Trial or study, as [`study::prepare`] takes it.
    pub study: String,
    /// Numbers to move: names, patterns with `*`, `name=low:high`; empty for those with a declared range.
    pub parameters: Vec<String>,
    /// Every number the trial uses, instead.
    pub all: bool,
    /// Results to watch, such as `bicla difference at 52`.
    pub targets: Vec<String>,
    /// How.
    pub method: Method,
    /// Walks, rows, samples or simulated trials; the method's usual number if absent.
    pub size: Option<u32>,
    /// Patients per simulated trial; the protocol's number if absent.
    pub patients: Option<u32>,
    /// Seed.
    pub seed: u64,
    /// Worker threads; 0 takes one per core.
    pub threads: usize,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SensitivityError {
    /// The question is wrong.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Some point of the ranges is no possible trial.
    #[error("with {values}: {reason}\nhelp: narrow the ranges (`name=low:high`), or leave a parameter out")]
    Impossible {
        /// The numbers there.
        values: String,
        /// What fails.
        reason: String,
    },
    /// The result never changed, or too few computations were asked for.
    #[error("`{target}` cannot be judged: {reason}\nhelp: {help}")]
    Unclear {
        /// The result.
        target: String,
        /// What is missing.
        reason: String,
        /// What to do.
        help: &'static str,
    },
    /// Stopped from outside.
    #[error("stopped before the end; nothing was written")]
    Cancelled,
}

/// What moved what.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sensitivity {
    /// Engine version.
    pub version: String,
    /// Id of the trial.
    pub study: String,
    /// Its full name.
    pub name: String,
    /// Structural alternative of the disease model, if any.
    pub variant: Option<String>,
    /// Posterior whose members, or 5 to 95 % of whose numbers, were simulated; none for ranges.
    pub posterior: Option<String>,
    /// How.
    pub method: Method,
    /// Walks, rows, samples or simulated trials per point.
    pub size: u32,
    /// Patients per simulated trial.
    pub patients: u32,
    /// Seed.
    pub seed: u64,
    /// Simulated trials.
    pub trials: u32,
    /// What was moved.
    pub factors: Vec<Factor>,
    /// What was watched.
    pub targets: Vec<TargetResult>,
    /// Every computation: the numbers, then the results.
    #[serde(skip)]
    pub runs: Vec<(Vec<f64>, Vec<f64>)>,
    /// Command that repeats it.
    pub command: String,
}

impl Sensitivity {
    /// Where the numbers stand for [`TargetResult::base`], in words.
    pub fn stand(&self) -> &'static str {
        match (&self.posterior, self.method) {
            (None, _) => "with every number as it stands",
            (Some(_), Method::Prcc) => "on average over the posterior",
            (Some(_), _) => "with every number at its posterior median",
        }
    }
}

/// What moved one result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetResult {
    /// As asked for.
    pub target: String,
    /// Unit of the result.
    pub unit: String,
    /// With all numbers as they stand in the data files.
    pub base: f64,
    /// A row per factor, what matters most first.
    pub rows: Vec<Row>,
}

/// Answers a request. Results do not depend on the number of threads.
pub fn sensitivity(
    library: &Library,
    request: &Request,
    progress: &dyn Progress,
) -> Result<Sensitivity, SensitivityError> {
    let assembled = study::assemble(library, &request.study, request.patients)?;
    let trial = Trial::new(&assembled, request.seed)?;
    let mut factors = factor::choose(&trial.available, request)?;
    let size = request.size.unwrap_or(request.method.default_size());
    if request.method != Method::Tornado {
        factors.push(Factor::luck());
    }
    let targets = targets(request, &assembled.parts)?;
    let design = Design::new(request.method, factors.len(), size, request.seed)?;
    let base = trial.base(&targets, design.replicates)?;
    let results = simulate(&trial, &factors, &targets, &design, request, progress)?;
    let judge = |(k, target): (usize, &Target)| -> Result<TargetResult, SensitivityError> {
        let of_target = |values: &Vec<Vec<f64>>| values[k].clone();
        let results: Vec<Vec<f64>> = results.iter().map(of_target).collect();
        Ok(TargetResult {
            target: target.text.clone(),
            unit: base.units[k].clone(),
            base: mean(&base.values[k]),
            rows: measure::rows(&design, &factors, &results, request.seed, &target.text)?,
        })
    };
    let judged = targets.iter().enumerate().map(judge).collect::<Result<_, _>>()?;
    let values = |point: &Vec<f64>| factors.iter().zip(point).map(|(f, u)| f.at(*u)).collect();
    let means = |result: &Vec<Vec<f64>>| result.iter().map(|values| mean(values)).collect();
    let runs = design.points.iter().zip(&results);
    Ok(Sensitivity {
        version: env!("CARGO_PKG_VERSION").into(),
        study: assembled.parts.protocol.id.clone(),
        name: assembled.parts.protocol.name.clone(),
        variant: library.variant().map(str::to_owned),
        posterior: None,
        method: request.method,
        size,
        patients: assembled.parts.protocol.n_patients(),
        seed: request.seed,
        trials: design.points.len() as u32 * design.replicates,
        runs: runs.map(|(point, result)| (values(point), means(result))).collect(),
        factors,
        targets: judged,
        command: command(request, library.variant(), None),
    })
}

/// Every number of a trial that can be moved, with the range it moves over if nobody says otherwise.
pub fn factors(library: &Library, study: &str) -> Result<Vec<Factor>, InputError> {
    let assembled = study::assemble(library, study, None)?;
    Ok(Trial::new(&assembled, 0)?.available.factors)
}

/// What is asked for, else the differences in the primary endpoint.
fn targets(request: &Request, parts: &Parts) -> Result<Vec<Target>, InputError> {
    if !request.targets.is_empty() {
        return request.targets.iter().map(|text| Target::parse(text)).collect();
    }
    let mut endpoints = parts.protocol.endpoints.iter();
    let Some((endpoint, week)) = endpoints.find_map(|(usage, _)| Some((&usage.id, usage.primary_week?))) else {
        return Err(InputError::Value {
            what: "the result to watch",
            value: String::new(),
            help: "the protocol names no primary endpoint: write `--of \"bicla difference at 52\"`",
        });
    };
    let treated = parts.protocol.arms.iter().filter(|arm| !arm.control);
    let difference = |arm: &malar_trial::Arm| Target::parse(&format!("{endpoint} {} difference at {week}", arm.id));
    treated.map(difference).collect()
}

/// `[point][target][replicate]`.
fn simulate(
    trial: &Trial<'_>,
    factors: &[Factor],
    targets: &[Target],
    design: &Design,
    request: &Request,
    progress: &dyn Progress,
) -> Result<Vec<Vec<Vec<f64>>>, SensitivityError> {
    let count = design.points.len() as u32;
    let mut results = Vec::with_capacity(design.points.len());
    let done = std::cell::Cell::new(0);
    order::in_order(
        count,
        thread_count(request.threads, count),
        |index| trial.at(factors, &design.points[index as usize], targets, design.replicates),
        |values| {
            results.push(values?);
            done.set(done.get() + 1);
            Ok(())
        },
        || progress.tick(done.get(), count, SensitivityError::Cancelled),
    )?;
    Ok(results)
}

fn mean(values: &[f64]) -> f64 {
    malar_stats::descriptive::mean(values).unwrap_or(f64::NAN)
}

fn command(request: &Request, variant: Option<&str>, posterior: Option<&str>) -> String {
    let method = format!("{:?}", request.method).to_lowercase();
    let mut words = format!("malar sensitivity {} --method {method}", request.study);
    if let Some(posterior) = posterior {
        words += &format!(" --posterior {posterior}");
    }
    if request.all {
        words += " --all";
    }
    if !request.parameters.is_empty() {
        words += &format!(" --parameters '{}'", request.parameters.join(","));
    }
    for target in &request.targets {
        words += &format!(" --of '{target}'");
    }
    let number = |flag: &str, value: Option<u32>| value.map_or(String::new(), |value| format!(" --{flag} {value}"));
    words += &number("size", request.size);
    words += &number("patients", request.patients);
    words += &format!(" --seed {}", request.seed);
    words + &variant.map_or(String::new(), |id| format!(" --variant {id}"))
}
