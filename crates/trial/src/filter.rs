//! The population's hard filter (b): stable at the own baseline, tested on the compiled equations eight patients at a time.

use malar_model::equations::Equations;
use malar_patients::{Population, stability};
use malar_solver::{LANES, Lane, System};
use malar_tape::StateRef;

use crate::conduct::{Candidate, Roster};
use crate::program::Program;

/// Which part of the Jacobian is looked at, and the limit.
#[derive(Debug)]
pub(crate) struct StabilityFilter {
    /// `(entry of the Jacobian, row, column)` within the tested part.
    entries: Vec<(usize, usize, usize)>,
    n: usize,
    limit: f64,
}

impl StabilityFilter {
    pub fn new(program: &Program, population: &Population, model: &Equations) -> Self {
        let names = model.states.iter().map(|s| model.arena.name(s.symbol));
        let tested = names.zip(&program.core).filter(|(name, _)| !population.stability_exclude.iter().any(|x| x == name));
        let mut position = vec![None; program.tape.n_states()];
        let mut n = 0;
        for (_, reference) in tested {
            if let StateRef::Index(i) = *reference {
                position[i] = Some(n);
                n += 1;
            }
        }
        let pattern = program.tape.pattern().entries.iter().enumerate();
        let entries = pattern
            .filter_map(|(k, &(row, column))| Some((k, position[row as usize]?, position[column as usize]?)))
            .collect();
        StabilityFilter { entries, n, limit: -population.eigenvalue_max }
    }

    /// For each candidate whether every eigenvalue lies below the limit.
    pub fn accepts(&self, program: &Program, roster: &Roster, candidates: &[Candidate]) -> Vec<bool> {
        let tape = &program.tape;
        let zero = Lane::splat(0.0);
        let n_inputs = tape.n_inputs();
        let (mut y, mut inputs) = (vec![zero; tape.n_states()], vec![zero; n_inputs]);
        let (mut work, mut rates) = (vec![zero; tape.n_work()], vec![zero; tape.n_states()]);
        let (mut jacobian, mut explicit) = (vec![zero; tape.pattern().entries.len()], vec![zero; tape.n_states()]);
        let (mut start, mut dense) = (vec![0.0; tape.n_states()], vec![0.0; self.n * self.n]);
        let mut accepted = Vec::with_capacity(candidates.len());
        for group in candidates.chunks(LANES) {
            for lane in 0..LANES {
                let c = &group[lane.min(group.len() - 1)]; // idle lanes repeat the last patient
                let values = program.inputs(&c.values, c.luck.key);
                program.baseline(&values, roster.trigger_mean(&c.values), &mut start);
                for (to, from) in inputs.iter_mut().zip(&values) {
                    to.0[lane] = *from;
                }
                for (to, from) in y.iter_mut().zip(&start) {
                    to.0[lane] = *from;
                }
            }
            tape.prepare(&inputs, &mut work);
            tape.rates_and_jacobian(&zero, &y, &inputs, &mut work, &mut rates, &mut jacobian, &mut explicit);
            for lane in 0..group.len() {
                dense.fill(0.0);
                for &(entry, row, column) in &self.entries {
                    dense[row * self.n + column] = jacobian[entry].0[lane];
                }
                accepted.push(stability::is_stable(&mut dense, self.n, self.limit));
            }
        }
        accepted
    }
}
