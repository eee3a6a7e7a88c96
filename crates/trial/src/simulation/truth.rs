//! What estimators should have found.

use super::enrol::Effort;
use super::{Infeasible, Simulation};
use crate::analysis::{Subject, comparisons};
use crate::conduct::{Course, Effect, Enrolled, World};
use crate::estimand::{Estimand, Potential, truth};
use crate::results::TruthRow;

impl Simulation {
    /// The truth of every estimand among the patients of replicate `index`: each of them in every arm, with the same luck.
    pub fn truth(&self, seed: u64, index: u32) -> Result<Vec<TruthRow>, Infeasible> {
        if self.estimands.is_empty() {
            return Ok(Vec::new());
        }
        let lot = self.lot(seed, index);
        let mut effort = Effort::default();
        let enrolled = self.enrol(lot, &mut effort)?;
        let patients: Vec<Enrolled> = enrolled.into_iter().map(|e| e.0).collect();
        let effect = Effect {
            offset: lot.offset,
            fades: true,
        };
        let mut rows = Vec::new();
        for world in self.worlds() {
            let by_arm: Vec<Vec<Subject>> = (0..self.arms.len() as u16)
                .map(|arm| self.all_in(arm, &patients, (effect, world), &mut effort))
                .collect();
            for (number, estimand) in self.estimands.iter().enumerate().filter(|(_, e)| e.world() == world) {
                rows.extend(self.truth_rows(number as u16, estimand, &by_arm));
            }
        }
        rows.sort_by_key(|row| (row.estimand, row.arm));
        Ok(rows)
    }

    /// The worlds that estimands ask about, each once.
    fn worlds(&self) -> Vec<World> {
        let mut worlds: Vec<World> = Vec::new();
        for world in self.estimands.iter().map(Estimand::world) {
            if !worlds.contains(&world) {
                worlds.push(world);
            }
        }
        worlds
    }

    /// Every patient in one arm.
    fn all_in(&self, arm: u16, patients: &[Enrolled], world: (Effect, World), effort: &mut Effort) -> Vec<Subject> {
        let arms = vec![arm; patients.len()];
        let courses = self.treat(patients.to_vec(), &arms, world, effort);
        let subject = |(k, course): (usize, &(Enrolled, Course))| {
            Subject::new(k as u32, arm, self.stratum(&course.0), course, &self.protocol)
        };
        courses.iter().enumerate().map(subject).collect()
    }

    fn truth_rows(&self, number: u16, estimand: &Estimand, by_arm: &[Vec<Subject>]) -> Vec<TruthRow> {
        let row = |(arm, control): (usize, usize)| {
            let potential = Potential {
                treated: &by_arm[arm],
                control: &by_arm[control],
                endpoints: &self.endpoints,
            };
            let found = truth(estimand, &potential);
            TruthRow {
                estimand: number,
                arm: arm as u16,
                control: control as u16,
                value: found.map_or(f64::NAN, |t| t.value),
                treated: found.map_or(f64::NAN, |t| t.treated),
                of_control: found.map_or(f64::NAN, |t| t.control),
                patients: found.map_or(0, |t| t.patients),
            }
        };
        comparisons(&self.protocol).map(row).collect()
    }
}
