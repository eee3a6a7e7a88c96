//! The population's hard filter (b): stable at the own baseline, tested on the compiled equations eight patients at a time.

use malar_model::equations::Equations;
use malar_patients::{Population, stability};
use malar_solver::{LANES, Lane, System};
use malar_tape::StateRef;

use crate::conduct::{Candidate, Roster};
use crate::program::Program;

/// Which part of the Jacobian is looked at, and the limit.
#[derive(Clone, Debug)]
pub(crate) struct StabilityFilter {
    /// `(entry of the Jacobian, row, column)` within the tested part.
    entries: Vec<(usize, usize, usize)>,
    n: usize,
    limit: f64,
}

impl StabilityFilter {
    pub fn new(program: &Program, population: &Population, model: &Equations) -> Self {
        let names = model.states.iter().map(|s| model.arena.name(s.symbol));
        let tested = names
            .zip(&program.core)
            .filter(|(name, _)| !population.stability_exclude.iter().any(|x| x == name));
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
        StabilityFilter {
            entries,
            n,
            limit: -population.eigenvalue_max,
        }
    }

    /// The tested part of one candidate's Jacobian.
    #[cfg(test)]
    fn jacobian(&self, program: &Program, roster: &Roster, candidate: &Candidate) -> Vec<Vec<f64>> {
        let inputs = program.inputs(&candidate.values, candidate.luck.key);
        let mut y = vec![0.0; program.tape.n_states()];
        program.baseline(&inputs, roster.trigger_mean(&candidate.values), &mut y);
        let all = program.tape.jacobian_of_one(0.0, &y, &inputs);
        let mut dense = vec![vec![0.0; self.n]; self.n];
        for &(entry, row, column) in &self.entries {
            dense[row][column] = all[y.len() + entry];
        }
        dense
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;
    use crate::simulation::Simulation;

    type Matrix = Vec<Vec<f64>>;

    fn product(a: &Matrix, b: &Matrix) -> Matrix {
        let entry = |i: usize, j: usize| (0..b.len()).map(|k| a[i][k] * b[k][j]).sum();
        (0..a.len())
            .map(|i| (0..b.len()).map(|j| entry(i, j)).collect())
            .collect()
    }

    /// Inverse by Gauss–Jordan with row pivoting.
    fn inverse(mut a: Matrix) -> Matrix {
        let n = a.len();
        for (i, row) in a.iter_mut().enumerate() {
            row.extend((0..n).map(|j| f64::from(u8::from(i == j))));
        }
        for k in 0..n {
            let pivot = (k..n).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs())).unwrap();
            a.swap(k, pivot);
            let scale = a[k][k];
            a[k].iter_mut().for_each(|x| *x /= scale);
            for i in (0..n).filter(|&i| i != k) {
                let factor = a[i][k];
                for j in 0..2 * n {
                    a[i][j] -= factor * a[k][j];
                }
            }
        }
        a.into_iter().map(|row| row[n..].to_vec()).collect()
    }

    /// Growth rate per day of the slowest mode of `y' = J y`, from the spectral radius of `(I - J)^-1`: implicit Euler with
    /// steps of a day, squared thirty times. An eigenvalue `l` of J is `1/(1 - l)` there, so the radius gives `l = 1 - 1/radius`.
    fn slowest_rate(jacobian: &Matrix) -> f64 {
        let n = jacobian.len();
        let step = (0..n)
            .map(|i| (0..n).map(|j| f64::from(u8::from(i == j)) - jacobian[i][j]).collect())
            .collect();
        let (mut power, mut log_radius, mut days) = (inverse(step), 0.0, 1.0);
        for _ in 0..30 {
            let size = power.iter().flatten().fold(0.0, |m: f64, x| m.max(x.abs()));
            power.iter_mut().flatten().for_each(|x| *x /= size);
            log_radius += size.ln() / days;
            power = product(&power, &power);
            days *= 2.0;
        }
        1.0 - (-log_radius).exp()
    }

    /// With the wide feedback ranges of the proposal about half of the candidates are refused, which tests both verdicts.
    #[test]
    fn verdicts_are_those_of_the_slowest_eigenvalue() {
        let mut parts = library::parts("tulip-2", |text| text);
        let file = library::source("populations/sle-trial.toml");
        let wide = file.text.replace("loguniform = [0.1, 0.6]", "loguniform = [0.3, 1.5]");
        let wide = wide.replace(
            "name = \"feedback_share\", unit = \"1\", constant = 0.25",
            "name = \"feedback_share\", unit = \"1\", constant = 0.8",
        );
        parts.population = Population::parse(&malar_model::diagnostic::Source { text: wide, ..file }).unwrap();
        let trial = Simulation::new(parts).unwrap();
        let (filter, program, roster, population) = trial.filter_parts();
        let candidates: Vec<Candidate> = (0..120).map(|k| Candidate::draw(population, roster, 1, 0, k)).collect();
        let verdicts = filter.accepts(program, roster, &candidates);
        let mut refused = 0;
        for (candidate, accepted) in candidates.iter().zip(verdicts) {
            let rate = slowest_rate(&filter.jacobian(program, roster, candidate));
            refused += usize::from(!accepted);
            // Within 1e-6 per day of the limit rounding may decide.
            assert!(
                (rate < -filter.limit) == accepted || (rate + filter.limit).abs() < 1e-6,
                "{rate} {accepted}"
            );
        }
        assert!((20..100).contains(&refused), "{refused} of 120 refused");
    }
}
