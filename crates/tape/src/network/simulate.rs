//! From the first time to the last.

use malar_model::Dynamics;
use malar_model::expression::SymbolId;
use malar_solver::single::{Problem, Stepper};

use super::doses::{Body, Cursor, Dose, is_due};
use super::events::{Queue, Stuck};
use super::machine::Machine;
use super::plan::{Failure, Plan, Rows};
use super::program::Program;

/// Most steps, so that no model runs for ever.
const MOST_STEPS: usize = 5_000_000;
/// A step of so many spacings of numbers at its time is tiny; so many of them in a row lead nowhere.
const TINY: (f64, usize) = (100.0, 1000);
/// Places inside a step at which triggers are looked at.
const LOOKS: usize = 8;
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

/// Places of what a dose changes.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The unknown that takes an amount, if one does.
    pub unknown: Option<usize>,
    /// What an amount is divided by, if the unknown is a concentration.
    pub size: Option<Program>,
    /// The stored value to which rates of infusions are added.
    pub rate: usize,
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

/// Doses act on the values of a machine.
struct Dosing<'a> {
    machine: &'a mut Machine,
    targets: &'a [Target],
    initial: &'a [f64],
    time: f64,
}

impl Body for Dosing<'_> {
    fn add(&mut self, into: usize, amount: f64) {
        let target = &self.targets[into];
        let Machine { values, scratch, .. } = &mut *self.machine;
        let size = target
            .size
            .as_ref()
            .map_or(1.0, |size| size.value(self.time, values, scratch));
        if let Some(unknown) = target.unknown {
            values[unknown] += amount / size;
        }
    }

    fn flow(&mut self, into: usize, rate: f64) {
        let place = self.targets[into].rate;
        self.machine.values[place] = self.initial[place] + rate;
    }

    fn reset(&mut self) {
        for &place in &self.machine.unknowns {
            self.machine.values[place] = self.initial[place];
        }
    }
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

    /// Gives the doses that are due; true if there were any.
    fn dose(&mut self) -> Result<bool, Failure> {
        let is_due = |time| is_due(time, self.time);
        if !self.cursor.next_time(self.doses).is_some_and(is_due) {
            return Ok(false);
        }
        let mut body = Dosing {
            machine: &mut self.machine,
            targets: self.targets,
            initial: &self.initial,
            time: self.time,
        };
        if let Some(dose) = self.cursor.act(self.doses, self.time, &mut body) {
            let name = self.targets[dose.into].unknown.map_or(0, |place| place as u32);
            let name = self.dynamics.arena.name(SymbolId(name)).to_owned();
            return Err(self.failure(
                name,
                "a steady state needs a model without events, delays or algebraic rules",
            ));
        }
        let is_consistent = self.machine.settle(self.time);
        self.u = self.machine.unknown_values();
        self.size = 0.0;
        if !is_consistent {
            let name = self.dynamics.solved.first().map_or(String::new(), |&c| self.name(c));
            return Err(self.failure(name, "algebraic rules or fast reactions have no solution after a dose"));
        }
        self.record();
        self.echo(self.time, 0);
        Ok(true)
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

    /// One accepted step towards `stop`, cut where a trigger changes.
    fn step(&mut self, stop: f64) -> Result<(), Failure> {
        let whole = stop - self.time;
        if self.size <= 0.0 {
            self.size = self.first_size(whole);
        }
        let mut limit = whole;
        for index in 0..self.machine.n_delays() {
            let lag = self.machine.lag(index, self.time);
            if lag > 0.0 {
                limit = limit.min(lag);
            }
        }
        if self.machine.n_delays() > 0 {
            limit = limit.min(self.plan.duration / f64::from(self.plan.steps) / 4.0);
        }
        let mut size = self.size.min(limit);
        if !self.stepper.begin(&mut self.machine, self.time, &self.u, size) {
            self.lift();
            if !self.stepper.begin(&mut self.machine, self.time, &self.u, size) {
                return Err(self.not_finite());
            }
        }
        let mut was_rejected = false;
        loop {
            self.steps += 1;
            let is_last = size >= whole * (1.0 - 1e-10) && limit >= whole;
            let next = if is_last { stop } else { self.time + size };
            let is_tiny = next - self.time < TINY.0 * f64::EPSILON * self.time.abs();
            self.tiny = if is_tiny { self.tiny + 1 } else { 0 };
            if next <= self.time || self.steps > self.most_steps || self.tiny > TINY.1 {
                return Err(self.stuck());
            }
            let made = self
                .stepper
                .attempt(&mut self.machine, self.time, &self.u, next - self.time);
            let error = if made { self.error() } else { f64::INFINITY };
            if error <= 1.0 {
                let growth = if self.u.is_empty() {
                    5.0
                } else {
                    (0.9 * error.powf(-1.0 / f64::from(Stepper::ORDER))).clamp(0.2, 5.0)
                };
                let grown = size * if was_rejected { growth.min(1.0) } else { growth };
                // A step cut short by `stop` says little about the next one.
                self.size = if is_last { grown.max(self.size) } else { grown };
                return self.accept(next);
            }
            was_rejected = true;
            let shrink = if error.is_finite() {
                (0.9 * error.powf(-1.0 / f64::from(Stepper::ORDER))).clamp(0.1, 0.9)
            } else {
                0.1
            };
            size = (next - self.time) * shrink;
        }
    }

    /// Takes unknowns to zero that are negative by less than the error allowed: the right side may have no value there.
    fn lift(&mut self) {
        let allowed = self.plan.absolute;
        self.u
            .iter_mut()
            .filter(|u| (-allowed..0.0).contains(*u))
            .for_each(|u| *u = 0.0);
        self.machine.place(&self.u);
    }

    /// Error of the last attempt in units of what is allowed.
    fn error(&self) -> f64 {
        let n = self.u.len().max(1) as f64;
        let scaled = self
            .stepper
            .error
            .iter()
            .zip(&self.u)
            .zip(&self.stepper.result)
            .map(|((e, a), b)| {
                let allowed = self.plan.absolute + self.plan.relative * a.abs().max(b.abs());
                (e / allowed).powi(2)
            });
        (scaled.sum::<f64>() / n).sqrt()
    }

    /// A step over which the slope at the start changes things by a thousandth.
    fn first_size(&mut self, whole: f64) -> f64 {
        let mut right = vec![0.0; self.u.len()];
        let u = self.u.clone();
        self.machine.right(self.time, &u, &mut right);
        let scale = |x: f64| self.plan.absolute / self.plan.relative.max(1e-300) + x.abs();
        let speed = right
            .iter()
            .zip(&u)
            .map(|(f, u)| (f / scale(*u)).abs())
            .filter(|x| x.is_finite())
            .fold(0.0, f64::max);
        if speed > 0.0 { (1e-3 / speed).min(whole) } else { whole }
    }

    /// Takes the last attempt, or the part of it before a trigger changes.
    fn accept(&mut self, next: f64) -> Result<(), Failure> {
        if let Some(change) = self.first_change(next) {
            let time = self.locate(change);
            self.move_to(time);
            self.size = 0.0;
            return self.happen();
        }
        self.move_to(next);
        Ok(())
    }

    fn move_to(&mut self, time: f64) {
        self.time = time;
        self.u.copy_from_slice(&self.stepper.result);
        self.machine.place(&self.u);
        self.record();
    }

    /// A time in the step just attempted at which some trigger differs from now; the result stays that of the whole step.
    fn first_change(&mut self, next: f64) -> Option<f64> {
        if self.queue.triggers.is_empty() {
            return None;
        }
        let result = self.stepper.result.clone();
        let mut right = vec![0.0; result.len()];
        self.machine.right(next, &result, &mut right);
        let h = next - self.time;
        for look in 1..=LOOKS {
            let s = look as f64 / LOOKS as f64;
            let time = if look == LOOKS { next } else { self.time + s * h };
            let u: Vec<f64> = (0..result.len())
                .map(|i| {
                    let (a, b) = (self.u[i], result[i]);
                    let (fa, fb) = (self.stepper.right()[i] * h, right[i] * h);
                    let curve = s * (s - 1.0) * ((1.0 - 2.0 * s) * (b - a) + (s - 1.0) * fa + s * fb);
                    let is_plain = !self.machine.mass()[i].is_empty() && look < LOOKS;
                    a + s * (b - a) + if is_plain { curve } else { 0.0 }
                })
                .collect();
            self.machine.place(&u);
            if self.machine.triggers(time) != self.queue.triggers {
                // Only a real step decides.
                let made = self
                    .stepper
                    .attempt(&mut self.machine, self.time, &self.u, time - self.time);
                if made && self.differs(time) {
                    return Some(time);
                }
                let _ = self.stepper.attempt(&mut self.machine, self.time, &self.u, h);
            }
        }
        None
    }

    /// True if a trigger differs at the result of the last attempt, which ends at `time`.
    fn differs(&mut self, time: f64) -> bool {
        let result = self.stepper.result.clone();
        self.machine.place(&result);
        self.machine.triggers(time) != self.queue.triggers
    }

    /// The earliest time up to `late` at which a trigger differs, by halving; the last attempt ends there.
    fn locate(&mut self, late: f64) -> f64 {
        let (mut early, mut late) = (self.time, late);
        loop {
            let middle = early + (late - early) / 2.0;
            if middle <= early || middle >= late {
                break;
            }
            let made = self
                .stepper
                .attempt(&mut self.machine, self.time, &self.u, middle - self.time);
            if made && self.differs(middle) {
                late = middle;
            } else {
                early = middle;
            }
        }
        let _ = self
            .stepper
            .attempt(&mut self.machine, self.time, &self.u, late - self.time);
        late
    }

    fn not_finite(&mut self) -> Failure {
        let mut right = vec![0.0; self.u.len()];
        let u = self.u.clone();
        self.machine.right(self.time, &u, &mut right);
        let column = right.iter().position(|x| !x.is_finite()).unwrap_or(0);
        let reason = format!(
            "its rate of change is {}",
            right.get(column).copied().unwrap_or(f64::NAN)
        );
        self.failure(self.dynamics.rows[column].about.clone(), &reason)
    }

    fn stuck(&self) -> Failure {
        let worst = (0..self.u.len()).max_by(|&a, &b| {
            let size =
                |i: usize| (self.stepper.error[i] / (self.plan.absolute + self.plan.relative * self.u[i].abs())).abs();
            size(a).total_cmp(&size(b))
        });
        let name = worst.map_or(String::new(), |column| self.dynamics.rows[column].about.clone());
        let reason = if self.steps > self.most_steps {
            "it takes too many steps"
        } else {
            "no step is small enough; it may grow without bound"
        };
        self.failure(name, reason)
    }
}
