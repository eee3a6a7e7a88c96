//! Endpoints and comparisons over replicates, beside what was published.

use std::collections::BTreeMap;

use super::sample::Sample;
use crate::published::Published;
use crate::summary::{ContrastSummary, EndpointSummary, Status};
use malar_trial::results::{Labels, Replicate};

/// Two-sided level at which a simulated trial counts as won.
const LEVEL: f64 = 0.05;

/// Endpoint, week (as ordered bits), population, arm: the order of the summary. Weeks are never negative, so their
/// bits are ordered as they are.
type Key = (u16, u64, u16, u16);

/// Endpoints and comparisons seen so far.
#[derive(Default)]
pub(super) struct Endpoints {
    rates: BTreeMap<Key, Sample>,
    contrasts: BTreeMap<(Key, u16), Contrast>,
}

struct Contrast {
    difference: Sample,
    won: u32,
    replicates: u32,
}

impl Endpoints {
    pub fn add(&mut self, replicate: &Replicate, labels: &Labels) {
        for row in &replicate.endpoints {
            let key = (row.endpoint, row.week.to_bits(), row.population, row.arm);
            self.rates.entry(key).or_insert_with(Sample::new).add(row.value);
        }
        for row in &replicate.estimates {
            let key = (row.endpoint, row.week.to_bits(), row.population, row.arm);
            let contrast = self.contrasts.entry((key, row.control)).or_insert_with(Contrast::new);
            let better = if lower_is_better(&labels.endpoint_units[usize::from(row.endpoint)]) {
                row.difference < 0.0
            } else {
                row.difference > 0.0
            };
            contrast.difference.add(row.difference);
            contrast.replicates += 1;
            contrast.won += u32::from(better && row.p_value < LEVEL);
        }
    }

    pub fn rates(&self, labels: &Labels, published: &dyn Published, fitted: bool) -> Vec<EndpointSummary> {
        self.rates
            .iter()
            .map(|(key, sample)| rate(*key, sample, labels, published, fitted))
            .collect()
    }

    pub fn contrasts(&self, labels: &Labels, published: &dyn Published, fitted: bool) -> Vec<ContrastSummary> {
        let summarise = |((key, control), seen): (&(Key, u16), &Contrast)| {
            contrast(*key, *control, seen, labels, published, fitted)
        };
        self.contrasts.iter().map(summarise).collect()
    }
}

impl Contrast {
    fn new() -> Contrast {
        Contrast {
            difference: Sample::new(),
            won: 0,
            replicates: 0,
        }
    }
}

/// Events per time, pain and operations are unwanted; responses, function and joint space are wanted.
fn lower_is_better(unit: &str) -> bool {
    ["per patient-year", "points of pain", "arthroplasties"].contains(&unit)
}

fn rate(key: Key, sample: &Sample, labels: &Labels, published: &dyn Published, fitted: bool) -> EndpointSummary {
    let (endpoint, week, population, arm) = names(key, labels);
    let [low90, high90] = sample.quantiles([0.05, 0.95]);
    let unit = &labels.endpoint_units[usize::from(key.0)];
    let seen = published
        .rate(arm, published_as(key, labels), week, population)
        .filter(|seen| seen.unit == *unit);
    EndpointSummary {
        arm: arm.into(),
        endpoint: endpoint.into(),
        week,
        population: population.into(),
        unit: unit.clone(),
        mean: sample.mean(),
        low90,
        high90,
        status: status(seen.is_some(), fitted),
        published: seen.as_ref().map(|seen| seen.value),
        published_n: seen.as_ref().and_then(|seen| seen.n),
        published_source: seen.map(|seen| seen.source),
    }
}

fn contrast(
    key: Key,
    control: u16,
    seen: &Contrast,
    labels: &Labels,
    published: &dyn Published,
    fitted: bool,
) -> ContrastSummary {
    let (endpoint, week, population, arm) = names(key, labels);
    let control = labels.arms[usize::from(control)].as_str();
    let unit = labels.endpoint_units[usize::from(key.0)].as_str();
    let [low90, high90] = seen.difference.quantiles([0.05, 0.95]);
    let unit = if unit == "percent" { "percentage points" } else { unit };
    let value = published
        .difference(arm, control, published_as(key, labels), week, population)
        .filter(|value| value.unit == unit);
    ContrastSummary {
        arm: arm.into(),
        control: control.into(),
        endpoint: endpoint.into(),
        week,
        population: population.into(),
        unit: unit.into(),
        difference: seen.difference.mean(),
        low90,
        high90,
        power: f64::from(seen.won) / f64::from(seen.replicates),
        published: value.as_ref().map(|value| value.value),
        published_low95: value.as_ref().and_then(|value| value.limits).map(|limits| limits.0),
        published_high95: value.as_ref().and_then(|value| value.limits).map(|limits| limits.1),
        published_computed: value.as_ref().is_some_and(|value| value.computed),
        status: status(value.is_some(), fitted),
    }
}

/// What the trial's results call the endpoint.
fn published_as(key: Key, labels: &Labels) -> &str {
    &labels.published_as[usize::from(key.0)]
}

fn names<'a>(key: Key, labels: &'a Labels) -> (&'a str, f64, &'a str, &'a str) {
    let (endpoint, week, population, arm) = key;
    let name = |names: &'a [String], index: u16| names[usize::from(index)].as_str();
    let week = f64::from_bits(week);
    (
        name(&labels.endpoints, endpoint),
        week,
        name(&labels.populations, population),
        name(&labels.arms, arm),
    )
}

fn status(published: bool, fitted: bool) -> Status {
    match (published, fitted) {
        (false, _) => Status::None,
        (true, true) => Status::Fitted,
        (true, false) => Status::Predicted,
    }
}
