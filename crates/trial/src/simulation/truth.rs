//! What estimators should have found.

use super::enrol::Effort;
use super::{Infeasible, Simulation};
use crate::analysis::Subject;
use crate::conduct::{Course, Effect, Enrolled, World};
use crate::elsewhere::Group;
use crate::estimand::{Estimand, Potential, truth};
use crate::results::TruthRow;

/// The patients of one group on the day of randomisation.
struct Enrolment<'a> {
    trial: &'a Simulation,
    patients: Vec<Enrolled>,
    effect: Effect,
}

impl Simulation {
    /// The truth of every estimand among the patients of replicate `index`: each of them in every arm, with the same luck.
    ///
    /// Controls from elsewhere are not among them: the truth is about those who are treated, under the control's therapies.
    pub fn truth(&self, seed: u64, index: u32) -> Result<Vec<TruthRow>, Infeasible> {
        if self.estimands.is_empty() {
            return Ok(Vec::new());
        }
        let mut effort = Effort::default();
        let groups = std::iter::once(self).chain(&self.elsewhere);
        let groups = groups.filter(|trial| !matches!(trial.group, Group::External(_)));
        let enrolments = groups.map(|trial| trial.enrolment(seed, index, &mut effort));
        let enrolments: Vec<Enrolment<'_>> = enrolments.collect::<Result<_, _>>()?;
        let mut rows = Vec::new();
        for world in self.worlds() {
            let by_arm: Vec<Vec<Subject>> = (0..self.arms.len() as u16)
                .map(|arm| all_in(arm, &enrolments, world, &mut effort))
                .collect();
            for (number, estimand) in self.estimands.iter().enumerate().filter(|(_, e)| e.world() == world) {
                rows.extend(self.truth_rows(number as u16, estimand, &by_arm));
            }
        }
        rows.sort_by_key(|row| (row.estimand, row.arm));
        Ok(rows)
    }

    fn enrolment(&self, seed: u64, index: u32, effort: &mut Effort) -> Result<Enrolment<'_>, Infeasible> {
        let lot = self.lot(seed, index);
        let enrolled = self.enrol(lot, effort)?;
        Ok(Enrolment {
            trial: self,
            patients: enrolled.into_iter().map(|e| e.0).collect(),
            effect: Effect {
                offset: lot.offset,
                fades: true,
            },
        })
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
        estimand.comparisons(&self.protocol).map(row).collect()
    }
}

/// Every patient in one arm.
fn all_in(arm: u16, enrolments: &[Enrolment<'_>], world: World, effort: &mut Effort) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for Enrolment {
        trial,
        patients,
        effect,
    } in enrolments
    {
        let arms = vec![arm; patients.len()];
        let courses = trial.courses(patients.clone(), &arms, (*effect, world), effort);
        let subject = |course: &(Enrolled, Course)| {
            let place = (0, arm, trial.stratum(&course.0));
            Subject::new(place, trial.group, course, &trial.protocol)
        };
        subjects.extend(courses.iter().map(subject));
    }
    subjects
}
