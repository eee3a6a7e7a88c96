//! The patients of one trial, from enrolment to the end of their courses.

use malar_solver::Integrator;

use super::enrol::{Effort, Lot};
use super::{Infeasible, Simulation};
use crate::conduct::{Course, Effect, Enrolled, TreatmentDriver, World, assign_arms, minimise};
use crate::safety::Seen;

/// Randomised patients and what became of them, in order of randomisation.
pub(super) struct Cohort {
    pub strata: Vec<u16>,
    pub arms: Vec<u16>,
    pub attempts: Vec<u8>,
    pub courses: Vec<(Enrolled, Course)>,
    pub seen: Seen,
    pub effort: Effort,
}

impl Simulation {
    /// Enrols, randomises and treats.
    pub(super) fn cohort(&self, lot: Lot, fades: bool) -> Result<Cohort, Infeasible> {
        let mut effort = Effort::default();
        let enrolled = self.enrol(lot, &mut effort)?;
        let strata: Vec<u16> = enrolled.iter().map(|e| self.stratum(&e.0)).collect();
        let arms = self.randomise(&strata, lot);
        let attempts = enrolled.iter().map(|e| e.1).collect();
        let patients: Vec<Enrolled> = enrolled.into_iter().map(|e| e.0).collect();
        let effect = Effect {
            offset: lot.offset,
            fades,
        };
        let world = World::real(self.protocol.followed);
        let (courses, seen) = self.live(patients, &arms, (effect, world), &mut effort);
        Ok(Cohort {
            strata,
            arms,
            attempts,
            courses,
            seen,
            effort,
        })
    }

    fn randomise(&self, strata: &[u16], lot: Lot) -> Vec<u16> {
        let sizes: Vec<u32> = self.protocol.arms.iter().map(|a| a.n).collect();
        match self.protocol.minimisation {
            None => assign_arms(strata, &sizes, self.protocol.block_size, lot.seed, lot.replicate),
            Some(probability) => {
                let factors = (self.protocol.strata.len(), probability);
                minimise(strata, &sizes, factors, lot.seed, lot.replicate)
            }
        }
    }

    /// Treats patients and looks for adverse events, if anybody asked for them.
    fn live(
        &self,
        patients: Vec<Enrolled>,
        arms: &[u16],
        world: (Effect, World),
        effort: &mut Effort,
    ) -> (Vec<(Enrolled, Course)>, Seen) {
        let triggers = patients.iter().map(|p| p.candidate.luck.triggers.clone()).collect();
        let courses = self.treat(patients, arms, world, effort);
        let seen = self.safety.as_ref().map_or_else(Seen::default, |safety| {
            safety.watch(&courses, arms, triggers, &self.roster, &self.settings)
        });
        (courses, seen)
    }

    /// Runs every arm and puts the patients back in order of randomisation.
    pub(super) fn treat(
        &self,
        patients: Vec<Enrolled>,
        arms: &[u16],
        world: (Effect, World),
        effort: &mut Effort,
    ) -> Vec<(Enrolled, Course)> {
        let mut places: Vec<Option<(Enrolled, Course)>> = (0..patients.len()).map(|_| None).collect();
        let mut waiting: Vec<Option<Enrolled>> = patients.into_iter().map(Some).collect();
        for (a, program) in self.arms.iter().enumerate() {
            let members: Vec<usize> = (0..arms.len()).filter(|&k| usize::from(arms[k]) == a).collect();
            let group = members
                .iter()
                .map(|&k| waiting[k].take().expect("each patient has one arm"))
                .collect();
            let clinical = &self.population.clinical;
            let arm = (program, &self.protocol.arms[a]);
            let mut driver = TreatmentDriver::new(arm, &self.protocol, clinical, &self.roster, world, group);
            effort.counters += Integrator::new(&program.tape, self.settings.clone()).integrate(&mut driver);
            for (k, course) in members.into_iter().zip(driver.finish()) {
                effort.days += course.1.visits.last().map_or(0.0, |v| v.week * 7.0);
                places[k] = Some(course);
            }
        }
        let treated = places.into_iter().map(|p| p.expect("every patient was treated"));
        treated.collect()
    }
}
