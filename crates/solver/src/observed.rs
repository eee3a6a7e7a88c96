//! A ready driver: patients with schedules, looked at at given times.

use crate::driver::{Driver, Failure, LaneMut, Next};
use crate::schedule::{Action, Schedule};

/// One patient: where it starts and what happens to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// Start, days.
    pub start: f64,
    /// Every state at the start.
    pub initial: Vec<f64>,
    /// Every input at the start.
    pub inputs: Vec<f64>,
    /// What happens later; events before `start` happen at `start`.
    pub schedule: Schedule,
}

/// Runs courses and records chosen states at chosen times.
///
/// At a time with both an observation and an event the observation comes first: what is seen at a dose is the trough.
pub struct Observed {
    courses: Vec<Course>,
    times: Vec<f64>,
    states: Vec<usize>,
    progress: Vec<Progress>,
    next_waiting: usize,
}

/// How far one patient has come, and what was seen of it.
#[derive(Clone, Debug, Default)]
struct Progress {
    events_done: usize,
    seen: Vec<f64>,
    failure: Option<Failure>,
}

impl Observed {
    /// Courses to run, times at which to look (days, ascending), states to record (at least one).
    ///
    /// # Panics
    /// If there are no states or the times are not ascending.
    #[must_use]
    pub fn new(courses: Vec<Course>, times: Vec<f64>, states: Vec<usize>) -> Self {
        assert!(
            !states.is_empty() && times.is_sorted(),
            "states to record, and ascending times"
        );
        let seen = || Progress {
            seen: Vec::with_capacity(times.len() * states.len()),
            ..Progress::default()
        };
        let progress = courses.iter().map(|_| seen()).collect();
        Observed {
            courses,
            times,
            states,
            progress,
            next_waiting: 0,
        }
    }

    /// What was seen of `patient`: at each time the chosen states, flat. Shorter if the patient failed.
    #[must_use]
    pub fn record(&self, patient: usize) -> &[f64] {
        &self.progress[patient].seen
    }

    /// All records, by patient.
    #[must_use]
    pub fn into_records(self) -> Vec<Vec<f64>> {
        self.progress.into_iter().map(|p| p.seen).collect()
    }

    /// Why `patient` could not be finished, if so.
    #[must_use]
    pub fn failure(&self, patient: usize) -> Option<Failure> {
        self.progress[patient].failure
    }

    /// Records as many observations as are due.
    fn look(&mut self, patient: usize, lane: &LaneMut<'_>) {
        let seen = &mut self.progress[patient].seen;
        while self
            .times
            .get(seen.len() / self.states.len())
            .is_some_and(|&t| t <= lane.time())
        {
            seen.extend(self.states.iter().map(|&state| lane.state(state)));
        }
    }

    /// Applies the events that are due; returns the kind of segment that follows.
    fn act(&mut self, patient: usize, lane: &mut LaneMut<'_>) -> u8 {
        let done = &mut self.progress[patient].events_done;
        let events = self.courses[patient].schedule.events();
        let mut kind = 0;
        while let Some(&(_, action)) = events.get(*done).filter(|(t, _)| *t <= lane.time()) {
            kind = apply(action, lane);
            *done += 1;
        }
        kind
    }
}

/// Applies `action`; returns the kind of segment that follows: 1 after a bolus, 2 while something flows, 3 after it stopped.
fn apply(action: Action, lane: &mut LaneMut<'_>) -> u8 {
    match action {
        Action::SetInput { input, value } => {
            lane.set_input(input, value);
            // Exactly zero means switched off.
            if value == 0.0 { 3 } else { 2 }
        }
        Action::AddToState { state, amount } => {
            lane.set_state(state, lane.state(state) + amount);
            1
        }
        Action::SetState { state, value } => {
            lane.set_state(state, value);
            1
        }
    }
}

impl Driver for Observed {
    fn load(&mut self, lane: &mut LaneMut<'_>) -> Option<usize> {
        let patient = self.next_waiting;
        let course = self.courses.get(patient)?;
        self.next_waiting += 1;
        lane.set_time(course.start);
        for (i, &value) in course.initial.iter().enumerate() {
            lane.set_state(i, value);
        }
        for (i, &value) in course.inputs.iter().enumerate() {
            lane.set_input(i, value);
        }
        Some(patient)
    }

    fn advance(&mut self, patient: usize, lane: &mut LaneMut<'_>) -> Next {
        self.look(patient, lane);
        let kind = self.act(patient, lane);
        let progress = &self.progress[patient];
        let n_seen = progress.seen.len() / self.states.len();
        let Some(&look) = self.times.get(n_seen) else {
            return Next::Done;
        };
        let event = self.courses[patient].schedule.events().get(progress.events_done);
        Next::Segment {
            end: event.map_or(look, |&(t, _)| t.min(look)),
            kind,
        }
    }

    fn fail(&mut self, patient: usize, failure: Failure) {
        self.progress[patient].failure = Some(failure);
    }
}
