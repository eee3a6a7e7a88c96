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

/// Rows of one trial: rates, then differences, each in the order of the protocol. `left_out` is the same trial simulated by a refit without
/// its therapy.
pub(super) fn rows(
    trial: &Simulated,
    left_out: Option<&Simulated>,
    meta: &MetaAnalysis<'_>,
    deviation: f64,
) -> Vec<Row> {
    let refit = |key: Key| mean(&left_out?.predictive(key, 0.0));
    let rates = trial.rates.keys().filter_map(|key| {
        let row = rate(trial, *key, meta, deviation)?;
        Some(Row {
            left_out: refit(*key),
            ..row
        })
    });
    let differences = trial.rates.keys().flat_map(|key| {
        let compared = trial.comparisons.iter().filter(|(arm, _)| *arm == key.3);
        compared.filter_map(|(_, control)| {
            let row = difference(trial, *key, *control, meta, deviation)?;
            let control_key = (key.0, key.1, key.2, *control);
            let left_out = refit(*key).zip(refit(control_key)).map(|(arm, control)| arm - control);
            Some(Row { left_out, ..row })
        })
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
    let (all, without_deviation) = (spread(&defined), spread(&within));
    let replicates_sd = match trial.per_member {
        Some(per_member) => within_groups(&within, per_member).min(without_deviation),
        None => without_deviation,
    };
    let rest = |whole: f64, part: f64| (whole * whole - part * part).max(0.0).sqrt();
    Some(Row {
        trial: trial.id.clone(),
        therapy: names.therapy.to_owned(),
        arm: names.arm.to_owned(),
        weak: trial.weak_arms.iter().any(|arm| arm == names.arm),
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
            members_sd: rest(without_deviation, replicates_sd),
            replicates_sd,
            between_trials_sd: rest(all, without_deviation),
        },
        published: answer.value,
        published95: answer.limits95,
        published_n: answer.n,
        source: answer.source,
        baseline: answer.baseline,
        left_out: None,
        crps: crps(&defined, answer.value)?,
    })
}

/// Standard deviation within groups of `size` in a row: of replicates that share a member.
fn within_groups(values: &[f64], size: usize) -> f64 {
    let (mut squares, mut degrees) = (0.0, 0.0);
    for group in values.chunks(size) {
        let average = mean(group).unwrap_or(0.0);
        squares += group.iter().map(|x| (x - average) * (x - average)).sum::<f64>();
        degrees += group.len() as f64 - 1.0;
    }
    if degrees > 0.0 { (squares / degrees).sqrt() } else { 0.0 }
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
