//! The patients of one trial, from enrolment to the end of their courses.

use malar_patients::random::{Key, Purpose, Stream};
use malar_solver::Integrator;

use super::enrol::{Effort, Lot};
use super::{Infeasible, Simulation};
use crate::conduct::{Course, Effect, Enrolled, TreatmentDriver, World, assign_arms, minimise};
use crate::elsewhere::Group;
use crate::protocol::RandomisedAgain;
use crate::regimes::is_week;
use crate::safety::Seen;

/// Patients with their courses, in order of randomisation, and what was seen of their safety.
pub(super) type Lives = (Vec<(Enrolled, Course)>, Seen);

/// Randomised patients and what became of them, in order of randomisation.
pub(super) struct Cohort {
    /// Number of the first of them among all patients of the trial.
    pub first: u32,
    pub strata: Vec<u16>,
    pub arms: Vec<u16>,
    pub attempts: Vec<u8>,
    pub courses: Vec<(Enrolled, Course)>,
    pub seen: Seen,
    pub effort: Effort,
}

impl Cohort {
    /// The same patients with numbers that begin later.
    pub fn numbered_from(mut self, first: u32) -> Cohort {
        self.seen.renumber(|patient| patient + first);
        self.first = first;
        self
    }
}

/// Number of the list by which patients are randomised again for the first time; the next rule has the next.
const AGAIN: u16 = 2;

impl Simulation {
    /// Enrols, randomises and treats.
    pub(super) fn cohort(&self, lot: Lot, fades: bool) -> Result<Cohort, Infeasible> {
        let mut effort = Effort::default();
        let enrolled = self.enrol(lot, &mut effort)?;
        let strata: Vec<u16> = enrolled.iter().map(|e| self.stratum(&e.0)).collect();
        let mut arms = self.randomise(&strata, lot);
        let attempts = enrolled.iter().map(|e| e.1).collect();
        let patients: Vec<Enrolled> = enrolled.into_iter().map(|e| e.0).collect();
        let effect = Effect {
            offset: lot.offset,
            fades,
        };
        let world = (effect, World::real(self.protocol.followed));
        let before = (!self.protocol.randomised_again.is_empty()).then(|| patients.clone());
        let mut lives = self.live(patients, &arms, world, &mut effort);
        for (number, rule) in self.protocol.randomised_again.iter().enumerate() {
            let list = (lot.seed, lot.replicate, AGAIN + number as u16);
            let changed = again(rule, &lives.0, &mut arms, &self.sizes(), list);
            let patients = before.as_ref().expect("kept where somebody may be randomised again");
            self.live_again(&changed, patients, &arms, &mut lives, |patients, arms| {
                self.live(patients, arms, world, &mut effort)
            });
        }
        let (courses, seen) = lives;
        Ok(Cohort {
            first: 0,
            strata,
            arms,
            attempts,
            courses,
            seen,
            effort,
        })
    }

    /// Planned patients of each arm to which patients are randomised.
    fn sizes(&self) -> Vec<u32> {
        self.protocol.randomised().iter().map(|a| a.n).collect()
    }

    fn randomise(&self, strata: &[u16], lot: Lot) -> Vec<u16> {
        if let Group::External(arm) = self.group {
            return vec![arm; strata.len()];
        }
        match self.protocol.minimisation {
            None => assign_arms(
                strata,
                &self.sizes(),
                self.protocol.block_size,
                (lot.seed, lot.replicate, 0),
            ),
            Some(probability) => {
                let factors = (self.protocol.strata.len(), probability);
                minimise(strata, &self.sizes(), factors, lot.seed, lot.replicate)
            }
        }
    }

    /// Treats patients and looks for adverse events, if anybody asked for them. Whom one makes stop study drug lives once more,
    /// and stops.
    ///
    /// Panics if events may stop study drug and nobody looks for them.
    fn live(&self, patients: Vec<Enrolled>, arms: &[u16], world: (Effect, World), effort: &mut Effort) -> Lives {
        let may_stop = self.needs_safety() && world.1.leaves;
        assert!(
            !may_stop || self.safety.is_some(),
            "a trial that needs its adverse events was given them"
        );
        let before = may_stop.then(|| patients.clone());
        let never = vec![f64::INFINITY; patients.len()];
        let mut lives = self.watched(patients, arms, &never, world, effort);
        let Some(before) = before else { return lives };
        let stops = self.stops(&lives);
        let stopped: Vec<usize> = (0..stops.len()).filter(|&k| stops[k].is_finite()).collect();
        let days: Vec<f64> = stopped.iter().map(|&k| stops[k]).collect();
        self.live_again(&stopped, &before, arms, &mut lives, |patients, arms| {
            self.watched(patients, arms, &days, world, effort)
        });
        lives
    }

    /// The courses alone; adverse events are looked for only where they have a say in them.
    pub(super) fn courses(
        &self,
        patients: Vec<Enrolled>,
        arms: &[u16],
        world: (Effect, World),
        effort: &mut Effort,
    ) -> Vec<(Enrolled, Course)> {
        if self.needs_safety() {
            return self.live(patients, arms, world, effort).0;
        }
        let never = vec![f64::INFINITY; patients.len()];
        self.treat(patients, arms, &never, world, effort)
    }

    /// Replaces the lives of `who` by those that `live` gives them.
    fn live_again(
        &self,
        who: &[usize],
        patients: &[Enrolled],
        arms: &[u16],
        lives: &mut Lives,
        live: impl FnOnce(Vec<Enrolled>, &[u16]) -> Lives,
    ) {
        if who.is_empty() {
            return;
        }
        let own = |k: &usize| arms[*k];
        let again = who.iter().map(|&k| patients[k].clone()).collect();
        let (courses, seen) = live(again, &who.iter().map(own).collect::<Vec<_>>());
        for (&k, course) in who.iter().zip(courses) {
            lives.0[k] = course;
        }
        lives.1.replace(who, seen);
    }

    /// One pass through all courses, stopping at these days.
    fn watched(
        &self,
        patients: Vec<Enrolled>,
        arms: &[u16],
        stops: &[f64],
        world: (Effect, World),
        effort: &mut Effort,
    ) -> Lives {
        let triggers = patients.iter().map(|p| p.candidate.luck.triggers.clone()).collect();
        let courses = self.treat(patients, arms, stops, world, effort);
        let seen = self.safety.as_ref().map_or_else(Seen::default, |safety| {
            safety.watch(&courses, arms, triggers, &self.roster, &self.settings)
        });
        (courses, seen)
    }

    /// Day on which each patient stops study drug because of an adverse event; infinity for most.
    ///
    /// Each event that may is one more chance, by numbers that are the same in every arm; a fatal one always stops it.
    fn stops(&self, (courses, seen): &Lives) -> Vec<f64> {
        let rule = self.protocol.adverse_events.expect("asked only where events may stop");
        let mut stops = vec![f64::INFINITY; courses.len()];
        let luck = |(enrolled, _): &(Enrolled, Course)| {
            Stream::new(Key {
                purpose: Purpose::Conduct,
                visit: 2,
                ..enrolled.candidate.luck.key
            })
        };
        let mut streams: Vec<Stream> = courses.iter().map(luck).collect();
        for event in &seen.events {
            let k = event.patient as usize;
            let serious_from = self.labels.event_serious_from[usize::from(event.event)];
            let may = rule.may_stop(event.grade, serious_from);
            let stops_now = event.grade == 5 || (may && streams[k].uniform() < rule.stop_probability);
            if stops_now && stops[k].is_infinite() {
                stops[k] = event.day;
            }
        }
        stops
    }

    /// Runs every arm and puts the patients back in order of randomisation.
    fn treat(
        &self,
        patients: Vec<Enrolled>,
        arms: &[u16],
        stops: &[f64],
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
            let driver = TreatmentDriver::new(arm, &self.protocol, clinical, &self.roster, world, group);
            let mut driver = driver.stopped(members.iter().map(|&k| stops[k]));
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

/// Randomises again those of whom the rule holds, in blocks of their own; who has another arm now.
fn again(
    rule: &RandomisedAgain,
    courses: &[(Enrolled, Course)],
    arms: &mut [u16],
    sizes: &[u32],
    list: (u64, u32, u16),
) -> Vec<usize> {
    let is_asked = |k: &usize| {
        let course = &courses[*k].1;
        let visit = course.visits.iter().find(|v| is_week(v.week, rule.week));
        let on_drug = course.left_week.is_none_or(|left| left > rule.week + 1e-9);
        rule.arms.contains(&usize::from(arms[*k])) && on_drug && visit.is_some_and(|v| rule.holds.holds(&v.variables))
    };
    let asked: Vec<usize> = (0..courses.len()).filter(is_asked).collect();
    let sizes: Vec<u32> = rule.arms.iter().map(|&arm| sizes[arm]).collect();
    let lots = assign_arms(&vec![0; asked.len()], &sizes, rule.block_size, list);
    let mut changed = Vec::new();
    for (&k, lot) in asked.iter().zip(lots) {
        let arm = rule.arms[usize::from(lot)] as u16;
        if arms[k] != arm {
            arms[k] = arm;
            changed.push(k);
        }
    }
    changed
}
