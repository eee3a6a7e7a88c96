//! Patients who are not drawn as the trial's own: external controls and baskets, each a trial within the trial.
//!
//! They live by the trial's protocol, with another population, other entry criteria or another trial effect; what they leave is
//! put beside what the trial's own patients leave. Their random numbers are others.

use malar_model::codes::{DATA_NOT_FOUND, POPULATION_LACKS};
use malar_model::diagnostic::Diagnostic;
use malar_patients::Population;

use crate::protocol::{Arm, External, Origin, Protocol};
use crate::setup::{Parts, error};

/// Which patients of a trial are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Those of the trial's own population, randomised to its arms.
    Own,
    /// Those of the external control at this position among the arms.
    External(u16),
    /// Those of the basket at this position.
    Basket(usize),
}

impl Group {
    /// Every group from elsewhere that has patients.
    pub fn elsewhere(protocol: &Protocol) -> Vec<Group> {
        let has_patients = |arm: &Arm| arm.external.as_ref().is_some_and(|external| !external.is_published());
        let externals = (0..protocol.arms.len()).filter(|&k| has_patients(&protocol.arms[k]));
        let externals = externals.map(|k| Group::External(k as u16));
        externals
            .chain((0..protocol.baskets.len()).map(Group::Basket))
            .collect()
    }

    /// How its patients differ; `None` for the trial's own.
    pub fn origin(self, protocol: &Protocol) -> Option<&Origin> {
        match self {
            Group::Own => None,
            Group::External(arm) => protocol.arms[usize::from(arm)]
                .external
                .as_ref()
                .map(|e: &External| &e.origin),
            Group::Basket(k) => Some(&protocol.baskets[k].origin),
        }
    }

    /// Patients to enrol.
    pub fn wanted(self, protocol: &Protocol) -> u32 {
        match self {
            Group::Own => protocol.randomised().iter().map(|arm| arm.n).sum(),
            Group::External(arm) => protocol.arms[usize::from(arm)].n,
            Group::Basket(k) => protocol.baskets[k].n,
        }
    }

    /// Position among the baskets, of which the trial's own patients are the first; `None` for controls from elsewhere.
    pub fn basket(self) -> Option<usize> {
        match self {
            Group::Own => Some(0),
            Group::External(_) => None,
            Group::Basket(k) => Some(k + 1),
        }
    }

    /// Seed of its patients: that of the trial for its own.
    pub fn seed(self, seed: u64) -> u64 {
        let number = match self {
            Group::Own => return seed,
            Group::External(arm) => 2 * u64::from(arm) + 1,
            Group::Basket(k) => 2 * (k as u64 + 1),
        };
        seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15) // 2^64 over the golden ratio: far from any seed a user types
    }

    /// What a trial of this group alone is made of.
    pub fn parts(self, parts: &Parts) -> Result<Parts, Vec<Diagnostic>> {
        let Some(origin) = self.origin(&parts.protocol) else {
            return Ok(parts.clone());
        };
        let mut own = parts.clone();
        if let Some(id) = &origin.population {
            let population = parts.others.get(id).ok_or_else(|| {
                let message = format!("population `{id}` does not exist");
                let help = "name a population of the library; `malar list populations` lists them";
                vec![error(DATA_NOT_FOUND, parts, origin.span.clone(), message).help(help)]
            })?;
            own.population = population.clone();
            own.protocol.constants.clear();
        }
        let is_different = |name: &str| origin.constants.iter().any(|(own, _)| own == name);
        own.protocol.constants.retain(|(name, _)| !is_different(name));
        if let Some(criteria) = &origin.criteria {
            own.protocol.criteria.clone_from(criteria);
        }
        let unknown = change(&mut own.population, origin);
        if let Some(name) = unknown {
            let message = format!("population `{}` has no constant `{name}`", own.population.id);
            let help = "name a parameter of the population file that is drawn as `constant`";
            return Err(vec![
                error(POPULATION_LACKS, parts, origin.span.clone(), message).help(help),
            ]);
        }
        Ok(own)
    }
}

/// Gives a population what is different elsewhere; the name of a constant that it lacks, if it lacks one.
pub(crate) fn change(population: &mut Population, origin: &Origin) -> Option<String> {
    population.clinical.trial_effect.offset *= origin.trial_effect;
    let mut constants = origin.constants.iter();
    let unknown = constants.find(|(name, value)| !population.set_constant(name, *value));
    unknown.map(|(name, _)| name.clone())
}
