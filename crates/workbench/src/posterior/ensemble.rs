//! A trial whose replicates come from the members of a posterior.

use malar_patients::Population;
use malar_trial::results::{Labels, Replicate, TruthRow};
use malar_trial::{Infeasible, Simulation};

use super::Posterior;
use crate::run::Simulate;

/// Replicates in a row that share a member, so that chance within a trial can be told from doubt about the numbers.
pub(crate) const REPLICATES_PER_MEMBER: u32 = 2;

/// One simulation per member; they share their compiled equations.
pub(crate) struct Ensemble {
    members: Vec<Simulation>,
    /// Sums of the weights up to each member.
    upper: Vec<f64>,
}

impl Ensemble {
    /// `simulation`, compiled with room in its population for the posterior's numbers, with those of each member and then changed; without a
    /// posterior there is one member, the library's own numbers.
    pub fn new(simulation: &Simulation, posterior: Option<&Posterior>, change: impl Fn(&mut Population)) -> Ensemble {
        let own = simulation.population();
        let populations = match posterior {
            Some(posterior) => (0..posterior.members.len()).map(|k| posterior.member(own, k)).collect(),
            None => vec![own.clone()],
        };
        let weights = posterior.map_or(vec![1.0], |posterior| posterior.weights.clone());
        let member = |mut population: Population| {
            change(&mut population);
            simulation.with_population(population)
        };
        let upper = weights.iter().scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        Ensemble {
            members: populations.into_iter().map(member).collect(),
            upper: upper.collect(),
        }
    }

    /// The member of a replicate: pairs of replicates walk through the weights by a Kronecker sequence, so that any number of
    /// replicates covers them evenly. Its step differs from the one that spreads between-trial deviations in a score.
    fn member(&self, replicate: u32) -> usize {
        let u = ((f64::from(replicate / REPLICATES_PER_MEMBER) + 0.5) * std::f64::consts::SQRT_2).fract();
        let found = self.upper.iter().position(|upper| u < *upper);
        found.unwrap_or(self.members.len() - 1)
    }
}

impl Simulate for Ensemble {
    fn labels(&self) -> &Labels {
        self.members[0].labels()
    }
    fn replicate(&self, seed: u64, index: u32) -> Result<Replicate, Infeasible> {
        self.members[self.member(index)].replicate(seed, index)
    }
    fn replicate_without_fading(&self, seed: u64, index: u32) -> Option<Result<Replicate, Infeasible>> {
        Some(self.members[self.member(index)].replicate_without_fading(seed, index))
    }
    fn control(&self) -> usize {
        Simulate::control(&self.members[0])
    }
    fn truth(&self, seed: u64, index: u32) -> Result<Vec<TruthRow>, Infeasible> {
        self.members[self.member(index)].truth(seed, index)
    }
}
