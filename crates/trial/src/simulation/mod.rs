//! A trial that can be run: everything checked and compiled, one replicate at a time.

mod build;
mod cohort;
mod enrol;
mod replicate;
mod truth;

use std::ops::Range;
use std::sync::Arc;

use malar_patients::Population;
use malar_solver::{Settings, System};

use crate::conduct::Roster;
use crate::elsewhere::{Group, change};
use crate::endpoint::Endpoint;
use crate::estimand::Estimand;
use crate::filter::StabilityFilter;
use crate::instruments::{Measured, VARIABLES};
use crate::program::Program;
use crate::protocol::Protocol;
use crate::results::{Labels, Replicate};
use crate::safety::Safety;
use crate::survival::curves;

/// Nobody can be enrolled.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("only {found} of {candidates} virtual candidates are eligible, {wanted} are needed")]
pub struct Infeasible {
    /// Eligible candidates found.
    pub found: usize,
    /// Candidates drawn.
    pub candidates: usize,
    /// Patients wanted.
    pub wanted: usize,
    /// The criterion that most screening visits failed.
    pub worst: String,
    /// Its place in the protocol file; empty if the protocol has no criteria.
    pub span: Range<usize>,
}

/// A trial ready to run. Replicates are pure functions of (seed, index) and may run on any thread.
///
/// Clones share the compiled equations.
#[derive(Clone, Debug)]
pub struct Simulation {
    protocol: Protocol,
    population: Population,
    endpoints: Vec<Endpoint>,
    estimands: Vec<Estimand>,
    labels: Labels,
    roster: Roster,
    standard_of_care: Arc<Program>,
    arms: Arc<[Program]>,
    filter: StabilityFilter,
    settings: Settings,
    measured: Measured,
    safety: Option<Arc<Safety>>,
    group: Group,
    /// Controls and baskets from elsewhere, each a trial of its own.
    elsewhere: Vec<Simulation>,
}

/// What becomes of the trial effect after randomisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TrialEffect {
    /// It fades, as it does.
    Fades,
    /// It stays as it was at baseline.
    Stays,
}

impl Simulation {
    /// The same trial with adverse events. Nothing else of it changes, unless its protocol says that they stop study drug.
    #[must_use]
    pub fn with_safety(mut self, mut safety: Safety) -> Self {
        let elsewhere = self.elsewhere.into_iter().zip(safety.take_elsewhere());
        self.elsewhere = elsewhere.map(|(trial, safety)| trial.with_safety(safety)).collect();
        safety.label(&mut self.labels);
        self.labels.curves = curves(&self.protocol, true);
        self.safety = Some(Arc::new(safety));
        self
    }

    /// True if adverse events have a say in efficacy: such a trial cannot be simulated without them.
    pub fn needs_safety(&self) -> bool {
        self.protocol.adverse_events.is_some()
    }

    /// Names behind the indices of the rows.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The protocol in force.
    pub fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// The population.
    pub fn population(&self) -> &Population {
        &self.population
    }

    /// The same trial with other numbers in its population, save those that the protocol sets for its own candidates; nothing is compiled
    /// again.
    ///
    /// Panics unless `population` draws the same names in the same order.
    #[must_use]
    pub fn with_population(&self, mut population: Population) -> Simulation {
        assert_eq!(population.names(), self.population.names(), "one list of draws");
        for (name, value) in &self.protocol.constants {
            let known = population.set_constant(name, *value);
            assert!(known, "the protocol's constants were found before");
        }
        let elsewhere = self.elsewhere.iter().map(|trial| {
            let origin = trial.group.origin(&trial.protocol).expect("it is from elsewhere");
            if origin.population.is_some() {
                return trial.clone();
            }
            let mut own = population.clone();
            let unknown = change(&mut own, origin);
            assert!(unknown.is_none(), "its constants were found before");
            trial.with_population(own)
        });
        Simulation {
            elsewhere: elsewhere.collect(),
            population,
            ..self.clone()
        }
    }

    /// The same trial with `patients` in all, split over its arms as before.
    #[must_use]
    pub fn resized(&self, patients: u32) -> Simulation {
        Simulation {
            elsewhere: self.elsewhere.iter().map(|trial| trial.resized(patients)).collect(),
            protocol: self.protocol.clone().resized(patients),
            ..self.clone()
        }
    }

    /// Number of equations of each arm.
    pub fn n_states(&self) -> Vec<usize> {
        self.arms.iter().map(|a| a.tape.n_states()).collect()
    }

    #[cfg(test)]
    pub(crate) fn filter_parts(&self) -> (&StabilityFilter, &Program, &Roster, &Population) {
        (&self.filter, &self.standard_of_care, &self.roster, &self.population)
    }

    /// Simulates one trial.
    pub fn replicate(&self, seed: u64, index: u32) -> Result<Replicate, Infeasible> {
        self.replicate_with(seed, index, TrialEffect::Fades)
    }

    /// The same trial with a trial effect that does not fade after randomisation: the same patients are enrolled with the same
    /// baseline, and what is missing in their response is the effect's share.
    pub fn replicate_without_fading(&self, seed: u64, index: u32) -> Result<Replicate, Infeasible> {
        self.replicate_with(seed, index, TrialEffect::Stays)
    }
}

/// Names of all variables that rules may use, with their meaning, for documentation.
pub fn variables() -> impl Iterator<Item = (&'static str, &'static str)> {
    VARIABLES.iter().map(|(name, _, meaning)| (*name, *meaning))
}
