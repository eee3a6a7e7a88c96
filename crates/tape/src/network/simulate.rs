//! From the first time to the last.

mod dosing;
mod step;

use malar_model::Dynamics;
use malar_solver::single::{Problem, Stepper};

use super::doses::{Cursor, Dose};
use super::events::{Queue, Stuck};
use super::machine::Machine;
use super::plan::{Failure, Plan, Rows};
pub(super) use dosing::Target;

/// Most steps, so that no model runs for ever.
const MOST_STEPS: usize = 5_000_000;
/// A kink travels on through delays and becomes smoother each time; after so many times the method does not feel it.
const ECHOES: u32 = 6;

/// How often fast reactions run through between two rows: their distance from equilibrium is one part in so many, and the
/// digits that this costs in the matrix of a step are as many as its accuracy can spare.
const FAST_PACE: f64 = 1e8;

/// Runs `dynamics` as planned; the rows so far, and why there are no more.
pub fn simulate(dynamics: &Dynamics, plan: &Plan) -> (Rows, Option<Failure>) {
    simulate_within(dynamics, plan, MOST_STEPS)
}

/// The same, given up after `most_steps` attempted steps.
pub fn simulate_within(dynamics: &Dynamics, plan: &Plan, most_steps: usize) -> (Rows, Option<Failure>) {
    let machine = Machine::new(dynamics, &plan.expressions(dynamics));
    run(Run::new(dynamics, plan, machine, most_steps))
}

/// The same with a machine that is ready, and doses into `targets`.
pub(super) fn simulate_dosed(
    dynamics: &Dynamics,
    plan: &Plan,
    machine: Machine,
    targets: &[Target],
    doses: &[Dose],
) -> (Rows, Option<Failure>) {
    let mut dosed = Run::new(dynamics, plan, machine, MOST_STEPS);
    (dosed.targets, dosed.doses) = (targets, doses);
    run(dosed)
}

fn run(mut run: Run<'_>) -> (Rows, Option<Failure>) {
    let failure = run.all().err();
    (run.rows, failure)
}

struct Run<'a> {
    dynamics: &'a Dynamics,
    plan: &'a Plan,
    machine: Machine,
    stepper: Stepper,
    queue: Queue,
    targets: &'a [Target],
    doses: &'a [Dose],
    cursor: Cursor,
    /// All values at the start, for resets.
    initial: Vec<f64>,
    time: f64,
    u: Vec<f64>,
    /// Size of the next step.
    size: f64,
    /// Times at which delayed kinks arrive, and how often they travelled.
    echoes: Vec<(f64, u32)>,
    steps: usize,
    /// Tiny steps in a row.
    tiny: usize,
    most_steps: usize,
    rows: Rows,
}

impl<'a> Run<'a> {
    fn new(dynamics: &'a Dynamics, plan: &'a Plan, machine: Machine, most_steps: usize) -> Self {
        let stepper = Stepper::new(&machine);
        let queue = Queue::new(dynamics);
        let rows = Rows::default();
        Run {
            dynamics,
            plan,
            machine,
            stepper,
            queue,
            targets: &[],
            doses: &[],
            cursor: Cursor::default(),
            initial: Vec::new(),
            time: plan.start,
            u: Vec::new(),
            size: 0.0,
            echoes: Vec::new(),
            steps: 0,
            tiny: 0,
            most_steps,
            rows,
        }
    }

    fn all(&mut self) -> Result<(), Failure> {
        if !self.machine.start(self.time) {
            let name = self
                .dynamics
                .solved
                .first()
                .map_or(String::new(), |&column| self.name(column));
            return Err(self.failure(name, "algebraic rules or fast reactions have no solution at the start"));
        }
        self.machine
            .set_pace(FAST_PACE * f64::from(self.plan.steps) / self.plan.duration);
        self.u = self.machine.unknown_values();
        self.initial = self.machine.values.clone();
        self.record();
        self.dose()?;
        self.happen()?;
        self.check_limits()?;
        self.echo(self.time, 0);
        self.show();
        for row in 1..=self.plan.steps {
            let end = self.plan.time(row);
            if let Some(column) = self.u.iter().position(|x| x.is_nan()) {
                return Err(self.failure(self.name(column), "it has no value to start from"));
            }
            self.until(end)?;
            self.show();
        }
        Ok(())
    }

    fn name(&self, column: usize) -> String {
        self.dynamics
            .arena
            .name(self.dynamics.unknowns[column])
            .trim_end_matches(" amount")
            .to_owned()
    }

    fn failure(&self, name: String, reason: &str) -> Failure {
        Failure {
            time: self.time,
            name,
            reason: reason.to_owned(),
        }
    }

    fn show(&mut self) {
        let mut row = vec![0.0; self.plan.shown.len()];
        self.machine.place(&self.u);
        self.machine.outputs(self.time, &mut row);
        self.rows.times.push(self.time);
        self.rows.values.push(row);
    }

    /// Notes the present for delayed quantities.
    fn record(&mut self) {
        if self.machine.n_delays() > 0 {
            let mut right = vec![0.0; self.u.len()];
            self.machine.right(self.time, &self.u, &mut right);
            self.machine.record(self.time, &right);
        }
    }

    /// Lets happen what happens now.
    fn happen(&mut self) -> Result<(), Failure> {
        self.machine.place(&self.u);
        let outcome = self.queue.happen(self.dynamics, &mut self.machine, self.time);
        self.u = self.machine.unknown_values();
        match outcome {
            Ok(false) => Ok(()),
            Ok(true) => {
                self.size = 0.0;
                self.record();
                self.echo(self.time, 0);
                Ok(())
            }
            Err(Stuck { event, reason }) => Err(self.failure(self.dynamics.events[event].name.clone(), reason)),
        }
    }

    /// Stops where the model stops to mean anything.
    fn check_limits(&mut self) -> Result<(), Failure> {
        self.machine.place(&self.u);
        let Some(index) = self.machine.violated(self.time) else {
            return Ok(());
        };
        let limit = &self.dynamics.limits[index];
        let reason = match limit.message.as_str() {
            "" => "a constraint of the model is violated".to_owned(),
            message => format!("a constraint of the model is violated: {message}"),
        };
        Err(self.failure(limit.name.clone(), &reason))
    }

    /// Notes when a kink at `time` arrives through each delay.
    fn echo(&mut self, time: f64, travelled: u32) {
        if travelled >= ECHOES {
            return;
        }
        for index in 0..self.machine.n_delays() {
            let lag = self.machine.lag(index, time);
            let arrival = time + lag;
            if lag > 0.0
                && arrival.is_finite()
                && !self
                    .echoes
                    .iter()
                    .any(|e| (e.0 - arrival).abs() < 1e-12 * arrival.abs())
            {
                self.echoes.push((arrival, travelled + 1));
            }
        }
    }

    /// Goes on to `end`, stopping where something happens.
    fn until(&mut self, end: f64) -> Result<(), Failure> {
        while self.time < end {
            self.echoes.retain(|e| e.0 > self.time);
            let arrival = self
                .echoes
                .iter()
                .copied()
                .filter(|e| e.0 <= end)
                .min_by(|a, b| a.0.total_cmp(&b.0));
            let due = self.queue.next_time().unwrap_or(end);
            let dose = self.cursor.next_time(self.doses).unwrap_or(end);
            let stop = end.min(due).min(dose).min(arrival.map_or(end, |a| a.0)).max(self.time);
            if stop > self.time {
                self.step(stop)?;
            }
            if self.dose()? {
                self.happen()?;
            }
            if let Some((time, travelled)) = arrival
                && self.time >= time
            {
                self.echo(time, travelled);
            }
            if self.queue.next_time().is_some_and(|due| due <= self.time) {
                self.happen()?;
            }
            self.check_limits()?;
        }
        Ok(())
    }
}
