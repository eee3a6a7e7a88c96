//! What happens to patients in lanes: rows noted, doses given, steady states found.

use malar_solver::{Driver, Failure as Stop, FailureReason, LaneMut, Next};

use super::doses::{Body, Cursor, Dose, is_due};
use super::plain::Plain;
use super::plan::{Failure, Plan};
use super::settling::{Outcome as Settled, Settling};

/// Kinds of segments: nothing changed, after a dose, on the way to a steady state.
const LOOKING: u8 = 0;
const DOSED: u8 = 1;
const SETTLING: u8 = 2;

/// One patient in a lane.
pub(super) struct Course<'a> {
    pub initial: Vec<f64>,
    pub inputs: Vec<f64>,
    pub doses: &'a [Dose],
    pub cursor: Cursor,
    settling: Option<Settling>,
    /// Rows noted so far.
    pub n_rows: u32,
    /// Their values, one row after the other.
    pub seen: Vec<f64>,
    pub failure: Option<Failure>,
    /// Why the solver stopped, if it did.
    pub stop: Option<FailureReason>,
}

impl<'a> Course<'a> {
    pub fn new(initial: Vec<f64>, inputs: Vec<f64>, doses: &'a [Dose]) -> Self {
        Course {
            initial,
            inputs,
            doses,
            cursor: Cursor::default(),
            settling: None,
            n_rows: 0,
            seen: Vec::new(),
            failure: None,
            stop: None,
        }
    }
}

/// Patients of one plain network.
pub(super) struct Lanes<'a> {
    pub plain: &'a Plain,
    pub plan: &'a Plan,
    pub courses: Vec<Course<'a>>,
    /// Local tolerances, relative and absolute.
    pub tolerance: (f64, f64),
    waiting: usize,
    y: Vec<f64>,
    inputs: Vec<f64>,
    registers: Vec<f64>,
}

/// Doses act on a lane.
struct InLane<'a, 'l> {
    lane: &'a mut LaneMut<'l>,
    targets: &'a [(Option<usize>, usize)],
    initial: &'a [f64],
    inputs: &'a [f64],
    acted: &'a mut bool,
}

impl Body for InLane<'_, '_> {
    fn add(&mut self, into: usize, amount: f64) {
        *self.acted = true;
        if let Some(state) = self.targets[into].0 {
            self.lane.set_state(state, self.lane.state(state) + amount);
        }
    }

    fn flow(&mut self, into: usize, rate: f64) {
        *self.acted = true;
        let input = self.targets[into].1;
        self.lane.set_input(input, self.inputs[input] + rate);
    }

    fn reset(&mut self) {
        *self.acted = true;
        (0..self.initial.len()).for_each(|state| self.lane.set_state(state, self.initial[state]));
    }
}

impl<'a> Lanes<'a> {
    pub fn new(plain: &'a Plain, plan: &'a Plan, courses: Vec<Course<'a>>, tolerance: (f64, f64)) -> Self {
        Lanes {
            plain,
            plan,
            courses,
            tolerance,
            waiting: 0,
            y: Vec::new(),
            inputs: Vec::new(),
            registers: Vec::new(),
        }
    }

    /// Name of a state of the tape, for messages.
    fn name(&self, state: usize) -> String {
        self.plain.tape.state_names()[state]
            .trim_end_matches(" amount")
            .to_owned()
    }

    /// Notes the rows that are due.
    fn look(&mut self, patient: usize, lane: &LaneMut<'_>) {
        let course = &mut self.courses[patient];
        while course.n_rows <= self.plan.steps && is_due(self.plan.time(course.n_rows), lane.time()) {
            self.y.clear();
            self.y.extend((0..lane.n_states()).map(|i| lane.state(i)));
            self.inputs.clear();
            self.inputs.extend((0..lane.n_inputs()).map(|i| lane.input(i)));
            let (at, n) = (course.seen.len(), self.plan.shown.len());
            course.seen.resize(at + n, 0.0);
            let time = self.plan.time(course.n_rows);
            let tape = &self.plain.tape;
            tape.outputs_with(&mut self.registers, time, &self.y, &self.inputs, &mut course.seen[at..]);
            course.n_rows += 1;
        }
    }
}

impl Driver for Lanes<'_> {
    fn load(&mut self, lane: &mut LaneMut<'_>) -> Option<usize> {
        while self.courses.get(self.waiting)?.failure.is_some() {
            self.waiting += 1;
        }
        let course = &self.courses[self.waiting];
        lane.set_time(self.plan.start);
        (0..course.initial.len()).for_each(|i| lane.set_state(i, course.initial[i]));
        (0..course.inputs.len()).for_each(|i| lane.set_input(i, course.inputs[i]));
        self.waiting += 1;
        Some(self.waiting - 1)
    }

    fn advance(&mut self, patient: usize, lane: &mut LaneMut<'_>) -> Next {
        let course = &mut self.courses[patient];
        let mut acted = false;
        let mut body = InLane {
            lane,
            targets: &self.plain.targets,
            initial: &course.initial,
            inputs: &course.inputs,
            acted: &mut acted,
        };
        loop {
            if let Some(settling) = &mut course.settling {
                match settling.next(&mut body, &mut course.cursor, self.tolerance) {
                    Settled::Until(end) => return Next::Segment { end, kind: SETTLING },
                    Settled::Done => course.settling = None,
                    Settled::Never(state, change) => {
                        let time = settling.dose.time;
                        let reason =
                            format!("no steady state: it still changes by {change:.3e} from one look to the next");
                        let name = self.name(state);
                        self.courses[patient].failure = Some(Failure { time, name, reason });
                        return Next::Done;
                    }
                }
            }
            let now = body.lane.time();
            let Some(dose) = course.cursor.act(course.doses, now, &mut body) else {
                break;
            };
            course.settling = Some(Settling::begin(dose, now, &mut body, &mut course.cursor));
        }
        self.look(patient, lane);
        let course = &self.courses[patient];
        if course.n_rows > self.plan.steps {
            return Next::Done;
        }
        let row = self.plan.time(course.n_rows);
        let end = course.cursor.next_time(course.doses).map_or(row, |next| next.min(row));
        let kind = if acted { DOSED } else { LOOKING };
        Next::Segment { end, kind }
    }

    fn fail(&mut self, patient: usize, stop: Stop) {
        let reason = match stop.reason {
            FailureReason::NotFinite => "its rate of change is not a number",
            FailureReason::TooManySteps => "it takes too many steps",
            _ => "no step is small enough; it may grow without bound",
        };
        let course = &mut self.courses[patient];
        let time = course
            .settling
            .as_ref()
            .map_or(stop.time, |settling| settling.dose.time);
        course.stop = Some(stop.reason);
        let name = self.name(stop.state);
        self.courses[patient].failure = Some(Failure {
            time,
            name,
            reason: reason.to_owned(),
        });
    }
}

impl super::settling::Settle for InLane<'_, '_> {
    fn states(&self) -> Vec<f64> {
        (0..self.lane.n_states()).map(|i| self.lane.state(i)).collect()
    }

    fn set_states(&mut self, values: &[f64]) {
        *self.acted = true;
        values
            .iter()
            .enumerate()
            .for_each(|(i, &value)| self.lane.set_state(i, value));
    }

    fn set_time(&mut self, time: f64) {
        self.lane.set_time(time);
    }
}
