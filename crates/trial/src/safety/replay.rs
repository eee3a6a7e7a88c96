//! A course lived through again, with equations that also carry what hazards look at.

use malar_solver::{Driver, Failure, LaneMut, Next};

use super::layer::Watched;
use super::signals::{Moment, Signal};
use crate::conduct::screening::segment;
use crate::conduct::{Course, Dosing, Enrolled, Given, Roster, Triggers};
use crate::program::Scratch;

/// Days between moments, where nothing asks for more.
const INTERVAL: f64 = 14.0;
/// Days between moments while a reaction may come.
const CLOSE: f64 = 1.0;

/// One patient on the way through the course again.
pub(crate) struct Subject<'a> {
    enrolled: &'a Enrolled,
    course: &'a Course,
    triggers: Triggers,
    dosing: Dosing,
    next_steroid: usize,
    prednisone: f64,
    prednisone_peak: f64,
    next_moment: f64,
    /// Days to look at closely, from and to.
    close: Vec<(f64, f64)>,
    end: f64,
    pub(super) moments: Vec<Moment>,
    /// When cells are looked at, days since randomisation and since the first dose.
    looks: Vec<(f64, f64)>,
    /// What was seen then.
    pub(super) traced: Vec<((f64, f64), Vec<f64>)>,
}

impl<'a> Subject<'a> {
    pub fn new(course: &'a (Enrolled, Course), triggers: Triggers, close: Vec<(f64, f64)>, roster: &Roster) -> Self {
        let (enrolled, course) = course;
        let prednisone = enrolled.candidate.values[roster.prednisone];
        Subject {
            enrolled,
            course,
            triggers,
            dosing: Dosing::new(course.doses().to_vec()),
            next_steroid: 0,
            prednisone,
            prednisone_peak: prednisone,
            next_moment: 0.0,
            close,
            // Those who are followed after stopping study drug are watched until they stop.
            end: 7.0 * course.last_week(),
            moments: Vec::new(),
            looks: Vec::new(),
            traced: Vec::new(),
        }
    }

    /// The same with cells looked at on these days, ascending.
    pub fn followed(mut self, looks: Vec<(f64, f64)>) -> Self {
        self.looks = looks;
        self
    }

    /// Day of the next look at cells; infinity if there is none.
    fn next_look(&self) -> f64 {
        self.looks.get(self.traced.len()).map_or(f64::INFINITY, |look| look.0)
    }

    /// What was observed, to the last moment.
    pub fn end(&self) -> f64 {
        self.moments.last().map_or(0.0, |moment| moment.get(Signal::day))
    }

    /// The moment after `now`.
    fn after(&self, now: f64) -> f64 {
        let regular = (now / INTERVAL + 1e-9).floor() * INTERVAL + INTERVAL;
        let close = self.close.iter().filter_map(|&(from, to)| {
            let next = if now < from { from } else { now + CLOSE };
            (next <= to).then_some(next)
        });
        close.fold(regular, f64::min).min(self.end)
    }

    fn set_steroid(&mut self, input: usize, lane: &mut LaneMut<'_>) -> bool {
        let mut any = false;
        while let Some(&(day, dose)) = self
            .course
            .prednisone
            .get(self.next_steroid)
            .filter(|set| set.0 <= lane.time())
        {
            debug_assert!(day <= lane.time());
            self.prednisone = dose;
            self.prednisone_peak = self.prednisone_peak.max(dose);
            lane.set_input(input, dose);
            self.next_steroid += 1;
            any = true;
        }
        any
    }

    fn next_steroid_day(&self) -> f64 {
        self.course
            .prednisone
            .get(self.next_steroid)
            .map_or(f64::INFINITY, |set| set.0)
    }
}

/// Runs the patients of one arm again.
pub(crate) struct Replay<'a> {
    pub watched: &'a Watched,
    pub roster: &'a Roster,
    pub subjects: Vec<Subject<'a>>,
    pub scratch: Scratch,
    pub next: usize,
}

impl Replay<'_> {
    fn look(&mut self, patient: usize, lane: &LaneMut<'_>) {
        let values = self.watched.program.watched(lane, &mut self.scratch);
        let mut moment = self.watched.moment(values);
        let subject = &mut self.subjects[patient];
        let day = lane.time();
        let seen = subject
            .course
            .visits
            .iter()
            .rev()
            .find(|visit| visit.week * 7.0 <= day + 1e-9);
        let [_, antimalarial, immunosuppressant] = self.roster.covariates(&subject.enrolled.candidate.values);
        moment.set(Signal::day, day);
        moment.set(
            Signal::sledai_2k,
            seen.map_or(0.0, |visit| f64::from(visit.assessment.sledai_2k)),
        );
        moment.set(Signal::prednisone, subject.prednisone);
        moment.set(Signal::prednisone_peak, subject.prednisone_peak);
        moment.set(Signal::antimalarial, f64::from(u8::from(antimalarial)));
        moment.set(Signal::immunosuppressant, f64::from(u8::from(immunosuppressant)));
        subject.moments.push(moment);
    }
}

impl Replay<'_> {
    /// Looks at cells, once for every look that is due.
    fn trace(&mut self, patient: usize, lane: &LaneMut<'_>) {
        let values = self.watched.program.watched(lane, &mut self.scratch);
        let subject = &mut self.subjects[patient];
        let look = subject.looks[subject.traced.len()];
        subject.traced.push((look, self.watched.traced(values)));
    }
}

impl Driver for Replay<'_> {
    fn load(&mut self, lane: &mut LaneMut<'_>) -> Option<usize> {
        let patient = self.next;
        let enrolled = self.subjects.get(patient)?.enrolled;
        self.next += 1;
        lane.set_time(0.0);
        let program = &self.watched.program;
        let inputs = program.inputs(&enrolled.candidate.values, enrolled.candidate.luck.key);
        program.start(&inputs, &enrolled.state, &mut self.scratch.y);
        program.load(&inputs, &self.scratch.y, lane);
        for &(input, dose) in &program.daily_inputs {
            lane.set_input(input, dose);
        }
        Some(patient)
    }

    fn advance(&mut self, patient: usize, lane: &mut LaneMut<'_>) -> Next {
        let now = lane.time();
        let program = &self.watched.program;
        let mut kind = segment::PLAIN;
        let subject = &mut self.subjects[patient];
        let values = &subject.enrolled.candidate.values;
        if subject.triggers.next_time() <= now {
            let chance = self.roster.trigger_law(values).organ_chance;
            program.pull_trigger(subject.triggers.take(), chance, lane);
            kind = segment::TRIGGER;
        }
        if subject.dosing.end_infusions(lane) {
            kind = segment::DOSED;
        }
        if now < subject.end {
            while subject.dosing.next_day() <= now {
                kind = match subject.dosing.give(program, values[self.roster.weight], lane) {
                    Given::Dosed(kind) => kind,
                    Given::Steroid(_) => segment::DOSED, // set from the record below
                };
            }
        }
        if subject.set_steroid(program.steroid_input, lane) {
            kind = segment::VISIT;
        }
        if subject.next_moment <= now {
            subject.next_moment = subject.after(now);
            self.look(patient, lane);
        }
        while self.subjects[patient].next_look() <= now {
            self.trace(patient, lane);
        }
        let subject = &self.subjects[patient];
        if now >= subject.end {
            return Next::Done;
        }
        let end = (subject.next_moment)
            .min(subject.next_look())
            .min(subject.dosing.next_day())
            .min(subject.dosing.infusion_end())
            .min(subject.next_steroid_day())
            .min(subject.triggers.next_time());
        Next::Segment { end, kind }
    }

    /// What was seen until then is what is known; the efficacy tables say that the solver lost the patient, if it did there too.
    fn fail(&mut self, _patient: usize, _failure: Failure) {}
}
