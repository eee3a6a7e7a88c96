//! One row for every published number that the simulation answers.

use malar_evidence::{Kind, MetaAnalysis};
use malar_stats::descriptive::{mean, standard_deviation};
use malar_stats::proportion::wilson;
use malar_stats::score::{central_interval, crps};

use super::ledger::{Parts, Row, RowKind};
use super::simulated::{Key, Simulated};

/// A published number as a row wants it.
struct Answer {
    value: f64,
    limits95: Option<(f64, f64)>,
    n: Option<f64>,
    source: String,
    unit: String,
    baseline: Option<f64>,
}

/// Rows of one trial: rates, then differences, each in the order of the protocol.
pub(super) fn rows(trial: &Simulated, meta: &MetaAnalysis<'_>, deviation: f64) -> Vec<Row> {
    let rates = trial.rates.keys().filter_map(|key| rate(trial, *key, meta, deviation));
    let differences = trial.rates.keys().flat_map(|key| {
        let compared = trial.comparisons.iter().filter(|(arm, _)| *arm == key.3);
        compared.filter_map(|(_, control)| difference(trial, *key, *control, meta, deviation))
    });
    rates.chain(differences).collect()
}

fn rate(trial: &Simulated, key: Key, meta: &MetaAnalysis<'_>, deviation: f64) -> Option<Row> {
    let names = Names::new(trial, key);
    let outcome = trial
        .published
        .arm_result(names.arm, names.published_as, names.week, names.population)?;
    let unit = &trial.labels.endpoint_units[usize::from(key.0)];
    if outcome.unit != *unit || (trial.is_percent(key) && outcome.kind != Kind::Binary) {
        return None;
    }
    let count = trial.published.count(outcome);
    let limits = count.and_then(|count| wilson(count, 0.95));
    let answer = Answer {
        value: outcome.value?,
        limits95: limits.map(|limits| (100.0 * limits.low, 100.0 * limits.high)),
        n: trial.published.denominator(outcome).map(|(n, _)| f64::from(n)),
        source: outcome.source.clone(),
        unit: unit.clone(),
        baseline: baseline(trial, &names, meta).filter(|_| trial.is_percent(key)),
    };
    let sample = trial.predictive(key, deviation);
    let within = trial.predictive(key, 0.0);
    row(trial, &names, None, answer, &sample, &within)
}

fn difference(trial: &Simulated, key: Key, control: u16, meta: &MetaAnalysis<'_>, deviation: f64) -> Option<Row> {
    let names = Names::new(trial, key);
    let control_key = (key.0, key.1, key.2, control);
    let control_names = Names::new(trial, control_key);
    let (arm, endpoint) = (names.arm, names.published_as);
    let published = trial
        .published
        .difference(arm, control_names.arm, endpoint, names.week, names.population)?;
    let own_unit = trial.labels.endpoint_units[usize::from(key.0)].as_str();
    let unit = if own_unit == "percent" {
        "percentage points"
    } else {
        own_unit
    };
    if published.unit != unit {
        return None;
    }
    let both = baseline(trial, &names, meta).zip(baseline(trial, &control_names, meta));
    let answer = Answer {
        value: published.value,
        limits95: published.low95.zip(published.high95),
        n: None,
        source: published.source,
        unit: unit.to_owned(),
        baseline: both
            .map(|(arm, control)| arm - control)
            .filter(|_| own_unit == "percent"),
    };
    let minus = |deviation: f64| -> Vec<f64> {
        let (arm, control) = (
            trial.predictive(key, deviation),
            trial.predictive(control_key, deviation),
        );
        arm.iter().zip(control).map(|(arm, control)| arm - control).collect()
    };
    row(
        trial,
        &names,
        Some(control_names.arm),
        answer,
        &minus(deviation),
        &minus(0.0),
    )
}

/// Only all patients have a baseline: published subgroups are too few to pool.
fn baseline(trial: &Simulated, names: &Names<'_>, meta: &MetaAnalysis<'_>) -> Option<f64> {
    if names.population != "all" {
        return None;
    }
    let found = meta.predict(&trial.published, names.arm, names.published_as, names.week)?;
    Some(found.percent)
}

fn row(
    trial: &Simulated,
    names: &Names<'_>,
    control: Option<&str>,
    answer: Answer,
    sample: &[f64],
    within: &[f64],
) -> Option<Row> {
    let defined: Vec<f64> = sample.iter().copied().filter(|value| value.is_finite()).collect();
    let within: Vec<f64> = within.iter().copied().filter(|value| value.is_finite()).collect();
    let middle = |level| central_interval(&defined, level).map(|limits| (limits.low, limits.high));
    let spread = |values: &[f64]| standard_deviation(values).unwrap_or(0.0);
    let (all, replicates_sd) = (spread(&defined), spread(&within));
    Some(Row {
        trial: trial.id.clone(),
        therapy: names.therapy.to_owned(),
        arm: names.arm.to_owned(),
        control: control.map(str::to_owned),
        kind: if control.is_some() {
            RowKind::Difference
        } else {
            RowKind::Rate
        },
        endpoint: names.endpoint.to_owned(),
        week: names.week,
        population: names.population.to_owned(),
        unit: answer.unit,
        status: trial.status,
        shares_patients_with: trial.shares_patients_with.clone(),
        predicted: mean(&within)?,
        interval50: middle(0.5)?,
        interval80: middle(0.8)?,
        interval90: middle(0.9)?,
        parts: Parts {
            replicates_sd,
            between_trials_sd: (all * all - replicates_sd * replicates_sd).max(0.0).sqrt(),
        },
        published: answer.value,
        published95: answer.limits95,
        published_n: answer.n,
        source: answer.source,
        baseline: answer.baseline,
        crps: crps(&defined, answer.value)?,
    })
}

/// The words behind a key.
struct Names<'a> {
    arm: &'a str,
    therapy: &'a str,
    endpoint: &'a str,
    /// What the trial's own results call the endpoint.
    published_as: &'a str,
    week: f64,
    population: &'a str,
}

impl<'a> Names<'a> {
    fn new(trial: &'a Simulated, key: Key) -> Names<'a> {
        let (endpoint, week, population, arm) = key;
        Names {
            arm: &trial.labels.arms[usize::from(arm)],
            therapy: &trial.therapies[usize::from(arm)],
            endpoint: &trial.labels.endpoints[usize::from(endpoint)],
            published_as: &trial.labels.published_as[usize::from(endpoint)],
            week: f64::from_bits(week),
            population: &trial.labels.populations[usize::from(population)],
        }
    }
}
