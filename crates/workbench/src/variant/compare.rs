//! What structural alternatives predict, side by side with the model and with what was published.

use serde::Serialize;

use super::{variants, with_variant};
use crate::catalog::Library;
use crate::run::{Progress, Unfinished, thread_count};
use crate::score::{self, Ledger};
use crate::study::{self, prepare};
use crate::summarise::Summariser;
use crate::summary::Summary;

/// What to compare.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Trials to simulate; none scores every trial with published results.
    pub trials: Vec<String>,
    /// Alternatives; none takes all.
    pub variants: Vec<String>,
    /// Simulated trials per protocol and alternative, 1 or more.
    pub replicates: u32,
    /// Seed, the same for all.
    pub seed: u64,
    /// Worker threads; 0 takes one per core.
    pub threads: usize,
}

/// A table: a line per number, a column per model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// What the lines are.
    pub of: String,
    /// The alternatives, in the order of their columns.
    pub variants: Vec<String>,
    /// The lines.
    pub lines: Vec<Line>,
}

/// One number under every model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// What it is, with its unit.
    pub name: String,
    /// As published, if it was.
    pub published: Option<f64>,
    /// Under the model, then under each alternative; nothing where it is not defined.
    pub values: Vec<Option<f64>>,
    /// Decimals worth showing.
    pub decimals: usize,
    /// True for the median of a measured variable, which is for a closer look.
    pub median: bool,
}

/// Simulates the trials, or scores all, under the model and every alternative: the same seeds, so the same virtual patients.
pub fn compare(library: &Library, request: &Request, progress: &dyn Progress) -> Result<Comparison, Unfinished> {
    let ids = match request.variants.is_empty() {
        true => variants(library)?.into_iter().map(|variant| variant.id).collect(),
        false => request.variants.clone(),
    };
    let mut models = vec![library.clone()];
    for id in &ids {
        models.push(with_variant(library, id)?);
    }
    let (of, lines) = if request.trials.is_empty() {
        ("score".to_owned(), scored(&models, request, progress)?)
    } else {
        (
            "at the last week, all patients".to_owned(),
            simulated(&models, request, progress)?,
        )
    };
    Ok(Comparison {
        of,
        variants: ids,
        lines,
    })
}

fn simulated(models: &[Library], request: &Request, progress: &dyn Progress) -> Result<Vec<Line>, Unfinished> {
    let total = request.replicates * (request.trials.len() * models.len()) as u32;
    let (mut lines, mut before) = (Vec::new(), 0);
    for trial in &request.trials {
        let mut summaries = Vec::new();
        for model in models {
            let update = |done| progress.update(before + done, total);
            summaries.push(summary(model, trial, request, &update, progress)?);
            before += request.replicates;
        }
        lines.extend(lines_of(trial, &summaries));
    }
    Ok(lines)
}

/// All replicates of one trial under one model.
fn summary(
    library: &Library,
    trial: &str,
    request: &Request,
    update: &dyn Fn(u32),
    progress: &dyn Progress,
) -> Result<Summary, Unfinished> {
    let prepared = prepare(
        library,
        &study::Request {
            study: trial.to_owned(),
            replicates: Some(request.replicates),
            patients: None,
            seed: Some(request.seed),
        },
    )?;
    let mut summariser = Summariser::new(prepared.simulation.labels());
    let threads = thread_count(request.threads, request.replicates);
    prepared.replicates(threads, |replicate| summariser.add(&replicate), update, &|| {
        progress.cancelled()
    })?;
    Ok(summariser.finish(&prepared.manifest, &prepared.about, prepared.published.as_ref(), 0.0))
}

/// Rates, differences and medians of everybody at the last week of each.
fn lines_of(trial: &str, summaries: &[Summary]) -> Vec<Line> {
    let first = &summaries[0];
    let last = |endpoint: &str| {
        let weeks = first
            .endpoints
            .iter()
            .filter(|rate| rate.endpoint == endpoint)
            .map(|rate| rate.week);
        weeks.fold(0.0, f64::max)
    };
    let mut lines = Vec::new();
    for rate in first
        .endpoints
        .iter()
        .filter(|r| r.population == "all" && r.week >= last(&r.endpoint))
    {
        let same = |s: &Summary| {
            let found = s.endpoints.iter().find(|r| {
                (&r.endpoint, &r.arm, &r.population) == (&rate.endpoint, &rate.arm, &rate.population)
                    && r.week >= rate.week
            });
            found.map(|r| r.mean)
        };
        let name = format!("{trial} {} {} at {}, {}", rate.endpoint, rate.arm, rate.week, rate.unit);
        lines.push(line(name, rate.published, summaries, same, &rate.unit));
    }
    for c in first
        .contrasts
        .iter()
        .filter(|c| c.population == "all" && c.week >= last(&c.endpoint))
    {
        let same = |s: &Summary| {
            let found = s.contrasts.iter().find(|other| {
                (&other.endpoint, &other.arm, &other.control, &other.population)
                    == (&c.endpoint, &c.arm, &c.control, &c.population)
                    && other.week >= c.week
            });
            found.map(|other| other.difference)
        };
        let name = format!(
            "{trial} {} {} - {} at {}, {}",
            c.endpoint, c.arm, c.control, c.week, c.unit
        );
        lines.push(line(name, c.published, summaries, same, &c.unit));
    }
    for course in &first.trajectories {
        let same = |s: &Summary| {
            let found = s
                .trajectories
                .iter()
                .find(|t| t.variable == course.variable && t.arm == course.arm);
            found.and_then(|t| t.median.last().copied())
        };
        let week = course.weeks.last().copied().unwrap_or(0.0);
        let name = format!(
            "{trial} {} {} at {week}, median, {}",
            course.variable, course.arm, course.unit
        );
        lines.push(Line {
            median: true,
            ..line(name, None, summaries, same, &course.unit)
        });
    }
    lines
}

fn line(
    name: String,
    published: Option<f64>,
    summaries: &[Summary],
    value: impl Fn(&Summary) -> Option<f64>,
    unit: &str,
) -> Line {
    Line {
        name,
        published,
        values: summaries.iter().map(value).collect(),
        decimals: if unit.starts_with("percent") { 1 } else { 2 },
        median: false,
    }
}

fn scored(models: &[Library], request: &Request, progress: &dyn Progress) -> Result<Vec<Line>, Unfinished> {
    let asked = score::Request {
        replicates: request.replicates,
        seed: request.seed,
        threads: request.threads,
        own: None,
    };
    let mut ledgers = Vec::new();
    for model in models {
        ledgers.push(score::score(model, &asked, progress)?);
    }
    type Read = fn(&Ledger) -> Option<f64>;
    let share = |right: usize, n: usize| (n > 0).then(|| 100.0 * right as f64 / n as f64);
    let signs: Vec<Option<f64>> = ledgers
        .iter()
        .map(|l| share(l.overall.predicted.sign_right, l.overall.predicted.n_signed))
        .collect();
    let reads: [(&str, usize, Read); 6] = [
        ("error, fitted trials, points", 1, |l| l.overall.fitted.mae_points),
        ("error, predicted trials, points", 1, |l| l.overall.predicted.mae_points),
        ("error, predicted without shared patients, points", 1, |l| {
            l.independent.mae_points
        }),
        ("inside the middle 80 %, predicted, percent", 0, |l| {
            Some(100.0 * l.overall.predicted.coverage80?)
        }),
        ("CRPS, predicted, points", 1, |l| l.overall.predicted.crps),
        ("between-trial deviation, log odds", 2, |l| {
            Some(l.between_trials_sd_log_odds)
        }),
    ];
    let mut lines: Vec<Line> = reads
        .into_iter()
        .map(|(name, decimals, read)| Line {
            name: name.to_owned(),
            published: None,
            values: ledgers.iter().map(read).collect(),
            decimals,
            median: false,
        })
        .collect();
    lines.push(Line {
        name: "signs of clear differences right, predicted, percent".to_owned(),
        published: None,
        values: signs,
        decimals: 0,
        median: false,
    });
    Ok(lines)
}
