//! Placebo arms: how many respond, whether they keep it, what it hangs on, and what data can tell about the trial's own effect.
//!
//! In: a population, a posterior if there is one. Out: a [`Report`], the same on any number of threads. Every protocol whose published results
//! hold a placebo rate of [`ENDPOINTS`] is simulated with its placebo arm alone, from the one population and its one trial effect: there is no
//! number of a trial's own. The choice that matters: a source of response is judged by taking it away and enrolling again with the same luck,
//! since who is enrolled is part of what it does.

mod arms;
mod between;
mod figure;
mod identify;
mod keeping;
mod page;
mod switches;

use std::cell::Cell;

use malar_patients::Population;
use malar_stats::descriptive::mean;
use malar_stats::score::central_interval;
use malar_trial::results::{EndpointRow, OutcomeRow};
use serde::Serialize;

use crate::catalog::{Kind, Library};
use crate::finding::InputError;
use crate::posterior::{Ensemble, Posterior};
use crate::run::{Progress, RunError, Simulate, Unfinished, infeasible, order, thread_count};
use arms::Arm;
pub use between::{Between, Curve};
pub use figure::figure;
pub use identify::{Identified, Together};
pub use keeping::{Keeping, Lost, Published as PublishedKeeping};
pub use page::page;
pub use switches::{Effect, Switched};

/// Endpoints that are followed.
pub const ENDPOINTS: [&str; 2] = ["sri-4", "bicla"];

/// Early and late visit between which responses are kept or lost, weeks.
pub const EARLY: f64 = 12.0;
/// See [`EARLY`].
pub const LATE: f64 = 52.0;

/// What to simulate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Id of a population.
    pub population: String,
    /// Simulated trials per protocol and per switch, 2 or more.
    pub replicates: u32,
    /// Seed.
    pub seed: u64,
    /// Worker threads; 0 takes one per core.
    pub threads: usize,
}

/// What placebo does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Engine version.
    pub version: String,
    /// Population.
    pub population: String,
    /// Posterior whose members predict; none for the library's own numbers.
    pub posterior: Option<String>,
    /// Simulated trials per protocol and per switch.
    pub replicates: u32,
    /// Seed.
    pub seed: u64,
    /// Placebo arms, in the order of protocol ids.
    pub courses: Vec<Course>,
    /// The protocol in whose placebo arm responses are followed and sources switched off.
    pub reference: String,
    /// Its name.
    pub reference_name: String,
    /// Whether responders keep their response.
    pub keeping: Vec<Keeping>,
    /// The response without one source at a time.
    pub switched: Vec<Switched>,
    /// What makes trials differ.
    pub between: Vec<Between>,
    /// The response at other sizes of the trial effect.
    pub curves: Vec<Curve>,
    /// Numbers of the trial effect in the posterior; empty without one.
    pub identified: Vec<Identified>,
    /// Virtual patients enrolled.
    pub patients: u32,
}

/// One placebo arm.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Course {
    /// Protocol id.
    pub trial: String,
    /// Name for people.
    pub name: String,
    /// True if its results could have shaped the prediction.
    pub fitted: bool,
    /// Fitted trials that report some of the same patients.
    pub shares_patients_with: Vec<String>,
    /// Patients on placebo.
    pub n: u32,
    /// By endpoint, then week.
    pub rates: Vec<Rate>,
}

/// A response rate of one placebo arm, percent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// Endpoint id.
    pub endpoint: String,
    /// Week.
    pub week: f64,
    /// Mean over simulated trials.
    pub simulated: f64,
    /// Middle 80 % of simulated trials of the published size.
    pub middle80: (f64, f64),
    /// As published and verified.
    pub published: Option<Published>,
}

/// A published rate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Published {
    /// Percent.
    pub value: f64,
    /// Patients.
    pub n: Option<u32>,
    /// Where it was read.
    pub source: String,
}

impl Rate {
    /// Simulated minus published, percentage points.
    pub fn error(&self) -> Option<f64> {
        Some(self.simulated - self.published.as_ref()?.value)
    }

    /// True if the published value lies in the middle 80 %.
    pub fn is_inside(&self) -> Option<bool> {
        let value = self.published.as_ref()?.value;
        Some(self.middle80.0 <= value && value <= self.middle80.1)
    }
}

impl Course {
    /// The rate of an endpoint at a week.
    pub fn rate(&self, endpoint: &str, week: f64) -> Option<&Rate> {
        let is_it = |rate: &&Rate| rate.endpoint == endpoint && (rate.week - week).abs() < 1e-9;
        self.rates.iter().find(is_it)
    }

    /// Rates of an endpoint in order of weeks.
    pub fn of<'a>(&'a self, endpoint: &'a str) -> impl Iterator<Item = &'a Rate> {
        self.rates.iter().filter(move |rate| rate.endpoint == endpoint)
    }

    /// The last published rate of an endpoint, with its simulated counterpart.
    pub fn last_published<'a>(&'a self, endpoint: &'a str) -> Option<&'a Rate> {
        self.of(endpoint).filter(|rate| rate.published.is_some()).last()
    }
}

/// Simulates and compares. `posterior` is taken if it is one of the population.
pub fn placebo(
    library: &Library,
    request: &Request,
    posterior: Option<&Posterior>,
    progress: &dyn Progress,
) -> Result<Report, Unfinished> {
    if request.replicates < 2 {
        let (what, value) = ("the number of replicates", request.replicates.to_string());
        let help = "write 2 or more: spread is asked for";
        return Err(InputError::Value { what, value, help }.into());
    }
    let posterior = posterior.filter(|p| p.populations.contains(&request.population));
    let arms = arms::arms(library, &request.population, posterior)?;
    let reference = reference(&arms, &request.population)?;
    switches::check(reference.simulation.population())?;
    let total = arms.len() + switches::SWITCHES.len() + between::NODES.len();
    let runner = Runner {
        request,
        posterior,
        progress,
        done: Cell::new(0),
        total: request.replicates * u32::try_from(total).expect("few protocols"),
        patients: Cell::new(0),
    };
    let (mut courses, mut keeping, mut as_is) = (Vec::new(), Vec::new(), Vec::new());
    for arm in &arms {
        let trials = runner.run(arm, |_| ())?;
        courses.push(course(arm, &trials));
        if arm.id == reference.id {
            keeping = keeping::keeping(arm, &trials, library)?;
            as_is = trials;
        }
    }
    let switched = switches::switched(&runner, reference, &as_is)?;
    let curves = between::curves(&runner, reference)?;
    Ok(Report {
        version: env!("CARGO_PKG_VERSION").into(),
        population: request.population.clone(),
        posterior: posterior.map(|posterior| posterior.id.clone()),
        replicates: request.replicates,
        seed: request.seed,
        between: between::between(&courses, &curves),
        identified: posterior.map_or(Ok(Vec::new()), |posterior| identify::identified(library, posterior))?,
        courses,
        reference: reference.id.clone(),
        reference_name: reference.name.clone(),
        keeping,
        switched,
        curves,
        patients: runner.patients.get(),
    })
}

/// The fitted trial that reads both endpoints early and late and at every visit between, with most patients on placebo.
fn reference<'a>(arms: &'a [Arm], population: &str) -> Result<&'a Arm, InputError> {
    let reads_all = |arm: &&Arm| {
        let weeks = |endpoint: &str| arm.weeks(endpoint);
        let both = |week: f64| ENDPOINTS.iter().all(|e| weeks(e).contains(&week.to_bits()));
        both(EARLY) && both(LATE) && weeks(ENDPOINTS[0]) == weeks(ENDPOINTS[1])
    };
    let fitted = || arms.iter().filter(|arm| arm.fitted).filter(reads_all);
    let most = fitted().map(|arm| arm.n).max();
    let found = fitted().find(|arm| Some(arm.n) == most);
    found.ok_or_else(|| InputError::Unknown {
        kind: "placebo arm to follow in population",
        name: population.to_owned(),
        help: format!(
            "take a population for which some trial of the `fit` list has verified placebo rates and reads {} at weeks {EARLY} and {LATE}",
            ENDPOINTS.join(" and ")
        ),
    })
}

fn course(arm: &Arm, trials: &[Trial]) -> Course {
    let rate = |(endpoint, week): (u16, f64)| {
        let values = rates(trials, endpoint, week);
        let middle = central_interval(&values, 0.8);
        Rate {
            endpoint: arm.labels.endpoints[usize::from(endpoint)].clone(),
            week,
            simulated: mean(&values).unwrap_or(f64::NAN),
            middle80: middle.map_or((f64::NAN, f64::NAN), |limits| (limits.low, limits.high)),
            published: arm.published(endpoint, week),
        }
    };
    Course {
        trial: arm.id.clone(),
        name: arm.name.clone(),
        fitted: arm.fitted,
        shares_patients_with: arm.shares_patients_with.clone(),
        n: arm.n,
        rates: arm.readings().into_iter().map(rate).collect(),
    }
}

/// What is kept of one simulated placebo arm.
struct Trial {
    endpoints: Vec<EndpointRow>,
    outcomes: Vec<OutcomeRow>,
    /// Screening visits held, patients randomised.
    screening: (u32, u32),
}

/// Percent of all patients who respond, one value per simulated trial.
fn rates(trials: &[Trial], endpoint: u16, week: f64) -> Vec<f64> {
    let is_it = |row: &&EndpointRow| row.endpoint == endpoint && row.week.to_bits() == week.to_bits();
    let value = |trial: &Trial| trial.endpoints.iter().find(is_it).map(|row| row.value);
    trials.iter().filter_map(value).collect()
}

/// Simulates placebo arms and counts them.
struct Runner<'a> {
    request: &'a Request,
    posterior: Option<&'a Posterior>,
    progress: &'a dyn Progress,
    done: Cell<u32>,
    total: u32,
    patients: Cell<u32>,
}

impl Runner<'_> {
    /// All simulated trials of one arm, with `change` made to the population of every member.
    fn run(&self, arm: &Arm, change: impl Fn(&mut Population)) -> Result<Vec<Trial>, RunError> {
        let ensemble = Ensemble::new(&arm.simulation, self.posterior, change);
        let (mut trials, n) = (Vec::new(), self.request.replicates);
        order::in_order(
            n,
            thread_count(self.request.threads, n),
            |index| ensemble.replicate(self.request.seed, index),
            |replicate| {
                let replicate = replicate.map_err(|why| infeasible(&arm.source, &why))?;
                self.done.set(self.done.get() + 1);
                self.patients.set(self.patients.get() + replicate.screening.randomised);
                let all = replicate.endpoints.into_iter().filter(|row| row.population == 0);
                trials.push(Trial {
                    endpoints: all.collect(),
                    outcomes: replicate.outcomes,
                    screening: (replicate.screening.attempts, replicate.screening.randomised),
                });
                Ok(())
            },
            || self.progress.tick(self.done.get(), self.total, RunError::Cancelled),
        )?;
        Ok(trials)
    }
}

/// The library's populations, for messages.
pub(crate) fn known(library: &Library) -> String {
    library.ids(Kind::Populations).join(", ")
}
