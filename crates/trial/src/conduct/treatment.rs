//! From randomisation to the last visit of one arm.

use malar_patients::Clinical;
use malar_patients::random::{Key, Purpose, Stream};
use malar_solver::{Driver, Failure, LaneMut, Next, math};

use super::candidate::{Candidate, Roster};
use super::course::{Course, Visit};
use super::decisions::{Leaving, decide};
use super::dosing::Given;
use super::screening::segment;
use super::world::World;
use crate::instruments::{
    Assessment, BILAG_FLARE_AT, Biology, Components, Correlation, Examination, Measured, RESTRICTED_AT, Variables,
    VisitContext,
};
use crate::program::{Dose, Program, Scratch};
use crate::protocol::{Arm, Protocol};

/// A patient on the way to an arm: who, and in which state.
#[derive(Clone, Debug)]
pub(crate) struct Enrolled {
    pub candidate: Candidate,
    pub screening: Assessment,
    /// States of the disease model at baseline.
    pub state: Vec<f64>,
}

/// The trial effect of one replicate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effect {
    /// At screening and baseline, ln units.
    pub offset: f64,
    /// Whether it fades from then on.
    pub fades: bool,
}

/// Runs the patients of one arm.
pub(crate) struct TreatmentDriver<'a> {
    program: &'a Program,
    protocol: &'a Protocol,
    arm: &'a Arm,
    clinical: &'a Clinical,
    roster: &'a Roster,
    effect: Effect,
    world: World,
    measured: Measured,
    /// What visit noise keeps from visit to visit.
    correlation: Correlation,
    patients: Vec<Enrolled>,
    courses: Vec<Course>,
    scratch: Scratch,
    next: usize,
}

impl<'a> TreatmentDriver<'a> {
    /// A driver for `patients`.
    pub fn new(
        (program, arm): (&'a Program, &'a Arm),
        protocol: &'a Protocol,
        clinical: &'a Clinical,
        roster: &'a Roster,
        (effect, world): (Effect, World),
        patients: Vec<Enrolled>,
    ) -> Self {
        let courses = patients
            .iter()
            .map(|p| {
                Course::new(
                    p.candidate.values[roster.prednisone],
                    taken(
                        program.doses_of(p.candidate.luck.key),
                        protocol.conduct.adherence,
                        p.candidate.luck.key,
                    ),
                )
            })
            .collect();
        TreatmentDriver {
            program,
            protocol,
            arm,
            clinical,
            roster,
            effect,
            world,
            measured: Measured::of(&protocol.instruments),
            correlation: Correlation::over(protocol.visit_every_weeks, &clinical.measurement),
            patients,
            courses,
            scratch: Scratch::new(program),
            next: 0,
        }
    }

    /// The same with days on which adverse events stop study drug, one per patient; infinity for none.
    pub fn stopped(mut self, days: impl Iterator<Item = f64>) -> Self {
        for (course, day) in self.courses.iter_mut().zip(days) {
            course.stop = day;
        }
        self
    }

    /// Patients and their courses, in the order given.
    pub fn finish(self) -> Vec<(Enrolled, Course)> {
        self.patients.into_iter().zip(self.courses).collect()
    }

    /// Trial effect and rater drift at a day: the effect whole at baseline, a part gone at the first visit, the rest decaying.
    fn offset_at(&self, day: f64, patient: usize) -> f64 {
        let law = &self.clinical.trial_effect;
        let share = self.patients[patient]
            .candidate
            .presentation
            .effect_share(law.between_patients_sd);
        let offset = self.effect.offset * share;
        let drift = self.protocol.conduct.rater_drift_per_year * day.max(0.0) / 365.25;
        if day <= 0.0 || !self.effect.fades {
            return offset + drift;
        }
        let rest = offset * (1.0 - law.lost_before_first_visit);
        rest * math::exp(-day * std::f64::consts::LN_2 / law.half_time) + drift
    }

    /// Assesses, decides, records. Returns false when the patient leaves.
    fn visit(&mut self, patient: usize, lane: &mut LaneMut<'_>) -> bool {
        let biology = self.program.biology(lane, &mut self.scratch);
        let offset = self.offset_at(lane.time(), patient);
        let Enrolled {
            candidate, screening, ..
        } = &mut self.patients[patient];
        let course = &mut self.courses[patient];
        let noise = candidate.luck.next_visit(self.correlation, self.measured);
        let previous = course.visits.last().map_or(*screening, |v| v.assessment);
        let examination = Examination {
            instruments: &self.clinical.measurement,
            single_organs: &self.clinical.single_organs,
            measured: self.measured,
            who: &candidate.presentation,
            offset,
            skin_share: self.clinical.trial_effect.skin_share,
        };
        let now = examination.assess(&biology, noise, Some(&previous));
        let context = VisitContext {
            form: self.protocol.sledai,
            week: lane.time() / 7.0,
            baseline: course.visits.first().map_or(&now, |v| &v.assessment),
            previous: &previous,
            now: &now,
            prednisone: course.steroids.total(),
            prednisone_baseline: course.steroids.baseline,
            weight: candidate.values[self.roster.weight],
            covariates: self.roster.covariates(&candidate.values),
            discontinued: course.left.is_some(),
            restricted: course.restricted_week.is_some(),
        };
        let (mut variables, mut components) = (context.variables(), context.components());
        let mut stays = true;
        if !course.visits.is_empty() {
            stays = self.decide(patient, &mut variables);
        }
        self.courses[patient].look_back(&mut components, &mut variables);
        self.record(patient, lane, now, (variables, components), &biology);
        if !stays && self.world.follows(self.patients[patient].candidate.luck.key) {
            self.courses[patient].stop_study_drug(lane);
            return true;
        }
        for condition in self.arm.conditions.iter().filter(|c| c.withholds(&variables)) {
            self.courses[patient].dosing.withhold(condition.therapy);
        }
        if stays && self.courses[patient].left.is_none() {
            self.retreat(patient, &variables, lane.time());
        }
        stays
    }

    /// Gives the first treatment again if the protocol calls for it.
    fn retreat(&mut self, patient: usize, variables: &Variables, day: f64) {
        let Some(rule) = &self.protocol.retreatment else { return };
        let course = &mut self.courses[patient];
        let week = day / 7.0;
        let due = course
            .retreated
            .last()
            .map_or(rule.from_week, |last| last + rule.again_after_weeks);
        let ends = week >= self.protocol.duration_weeks;
        let may = !ends && week >= due.max(rule.from_week) && course.retreated.len() < rule.most as usize;
        if may && course.visits.len() > 1 && !course.doses().is_empty() && rule.when.holds(variables) {
            course.retreated.push(week);
            course.dosing.repeat(day, rule.days);
        }
    }

    fn decide(&mut self, patient: usize, variables: &mut Variables) -> bool {
        let candidate = &self.patients[patient].candidate;
        let course = &mut self.courses[patient];
        if course.left.is_none() {
            course.flares += u16::from(variables[BILAG_FLARE_AT] != 0.0);
        }
        let frailty = candidate.values[self.roster.frailty];
        let luck = candidate.luck.decisions();
        let decision = decide(
            (self.protocol, self.world),
            &self.clinical.practice,
            variables,
            luck,
            frailty,
            &mut course.steroids,
        );
        if decision.restricted {
            course.restricted_week.get_or_insert(variables[0]);
            variables[RESTRICTED_AT] = 1.0;
        }
        if course.left.is_some() {
            return true; // study drug is stopped once
        }
        let is_over = variables[0] >= self.protocol.duration_weeks - 1e-9; // who came to the last visit has completed
        let event = course.is_stopped.then_some(Leaving::AdverseEvent);
        course.left = event.or(decision.leaves.filter(|_| !is_over));
        course.left_week = course.left.map(|_| variables[0]);
        course.left.is_none()
    }

    fn record(
        &mut self,
        patient: usize,
        lane: &mut LaneMut<'_>,
        now: Assessment,
        (variables, components): (Variables, Components),
        biology: &Biology,
    ) {
        let course = &mut self.courses[patient];
        course.set_steroid(self.program, lane);
        course.visits.push(Visit {
            week: lane.time() / 7.0,
            assessment: now,
            variables,
            components,
            prednisone: course.steroids.total(),
            ifn_signature: biology.ifn_signature,
            concentration: biology.concentration,
        });
    }

    /// Gives the dose that is due and returns the sort of segment that follows.
    fn dose(&mut self, patient: usize, lane: &mut LaneMut<'_>) -> u8 {
        let weight = self.patients[patient].candidate.values[self.roster.weight];
        let course = &mut self.courses[patient];
        match course.dosing.give(self.program, weight, lane) {
            Given::Dosed(kind) => kind,
            Given::Steroid(amount) => {
                course.steroids.dose = amount;
                course.set_steroid(self.program, lane);
                segment::DOSED
            }
        }
    }
}

/// The doses that a patient takes: each of them with probability `adherence`, the same in every arm.
fn taken(mut doses: Vec<Dose>, adherence: f64, key: Key) -> Vec<Dose> {
    if adherence < 1.0 {
        let mut stream = Stream::new(Key {
            purpose: Purpose::Conduct,
            visit: 1,
            ..key
        });
        doses.retain(|_| stream.uniform() < adherence);
    }
    doses
}

impl Driver for TreatmentDriver<'_> {
    fn load(&mut self, lane: &mut LaneMut<'_>) -> Option<usize> {
        let patient = self.next;
        let enrolled = self.patients.get(patient)?;
        self.next += 1;
        lane.set_time(0.0);
        let inputs = self
            .program
            .inputs(&enrolled.candidate.values, enrolled.candidate.luck.key);
        self.program.start(&inputs, &enrolled.state, &mut self.scratch.y);
        self.program.load(&inputs, &self.scratch.y, lane);
        for &(input, dose) in &self.program.daily_inputs {
            if dose > 0.0 {
                self.courses[patient].before.push((input, lane.input(input)));
            }
            lane.set_input(input, dose * self.protocol.conduct.adherence);
        }
        Some(patient)
    }

    fn advance(&mut self, patient: usize, lane: &mut LaneMut<'_>) -> Next {
        let now = lane.time();
        let mut kind = segment::PLAIN;
        if self.patients[patient].candidate.luck.triggers.next_time() <= now {
            let candidate = &mut self.patients[patient].candidate;
            let trigger = candidate.luck.triggers.take();
            let chance = self.roster.trigger_law(&candidate.values).organ_chance;
            self.program.pull_trigger(trigger, chance, lane);
            kind = segment::TRIGGER;
        }
        if self.courses[patient].dosing.end_infusions(lane) {
            kind = segment::DOSED;
        }
        if self.courses[patient].next_stop() <= now {
            self.courses[patient].is_stopped = true;
            self.courses[patient].stop_study_drug(lane);
            kind = segment::DOSED;
        }
        if self.courses[patient].next_visit <= now {
            let stays = self.visit(patient, lane);
            if !stays || now >= self.protocol.duration_weeks * 7.0 {
                return Next::Done;
            }
            self.courses[patient].next_visit = now + self.protocol.visit_every_weeks * 7.0;
            kind = segment::VISIT;
        }
        while self.courses[patient].dosing.next_day() <= now {
            kind = self.dose(patient, lane);
        }
        let course = &self.courses[patient];
        let end = (course.next_visit)
            .min(course.dosing.next_day())
            .min(course.dosing.infusion_end())
            .min(course.next_stop())
            .min(self.patients[patient].candidate.luck.triggers.next_time());
        Next::Segment { end, kind }
    }

    fn fail(&mut self, patient: usize, failure: Failure) {
        self.courses[patient].failure = Some(failure);
    }
}
