//! Steps of the method, cut where a trigger changes.

use malar_solver::single::{Problem, Stepper};

use super::Run;
use crate::network::plan::Failure;

/// A step of so many spacings of numbers at its time is tiny; so many of them in a row lead nowhere.
const TINY: (f64, usize) = (100.0, 1000);
/// Places inside a step at which triggers are looked at.
const LOOKS: usize = 8;

impl Run<'_> {
    /// One accepted step towards `stop`, cut where a trigger changes.
    pub(super) fn step(&mut self, stop: f64) -> Result<(), Failure> {
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
