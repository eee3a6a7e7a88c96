//! Finds the state to which endless repetition of a dose leads: cycles of one interval until nothing changes.
//!
//! In each cycle the model's clock runs from one interval before the dose to the dose. With y_n the state at the end of cycle n,
//! changes d_n = |y_n - y_(n-1)| fall geometrically, by a factor q = d_n/d_(n-1); what is still missing is d_n (q + q² + ...) =
//! d_n q/(1 - q). The search ends when that is within the tolerance of a step.

use super::doses::{Body, Cursor, Dose, Given, Steady, is_due};

/// Most cycles; with a change per interval that falls by a thousandth each time, 1e-9 takes 20,000.
const MOST_CYCLES: u32 = 30_000;
/// So many estimates in a row must say that nothing is missing: while fast changes still fall, q says little of the slow ones.
const AGREEING: u32 = 3;
/// A change that has not become smaller over so many cycles is not going to.
const PATIENCE: u32 = 300;

/// What a search for a steady state needs beside doses.
pub(super) trait Settle: Body {
    fn states(&self) -> Vec<f64>;
    fn set_states(&mut self, values: &[f64]);
    fn set_time(&mut self, time: f64);
}

/// Where the search stands.
pub(super) enum Outcome {
    /// Integrate until then.
    Until(f64),
    /// The steady state is reached and the dose given.
    Done,
    /// State that does not settle, and its change in the last cycle.
    Never(usize, f64),
}

/// A search under way.
pub(super) struct Settling {
    pub dose: Dose,
    steady: Steady,
    now: f64,
    /// What the steady state is added to.
    kept: Option<Vec<f64>>,
    cycle: u32,
    /// True between the two parts of a cycle: while one infusion more runs, and after it.
    in_second_part: bool,
    length: f64,
    before: Vec<f64>,
    change: f64,
    /// Estimates in a row by which nothing is missing.
    agreeing: u32,
    /// Smallest change so far, and in which cycle.
    least: (f64, u32),
}

impl Settling {
    pub fn begin(dose: Dose, now: f64, body: &mut impl Settle, cursor: &mut Cursor) -> Settling {
        let steady = dose.steady.expect("only doses at steady state are settled");
        let states = body.states();
        if steady.adds {
            cursor.pause(body);
            body.set_states(&vec![0.0; states.len()]);
        } else {
            cursor.stop(body);
            body.reset();
        }
        let before = body.states();
        Settling {
            dose,
            steady,
            now,
            kept: steady.adds.then_some(states),
            cycle: 0,
            in_second_part: false,
            // Without an interval each look is twice as far on as the one before, from an arbitrary first one.
            length: if steady.interval > 0.0 { steady.interval } else { 1.0 },
            before,
            change: f64::INFINITY,
            agreeing: 0,
            least: (f64::INFINITY, 0),
        }
    }

    /// How many infusions run during a whole interval, and for how long one more does.
    fn overlap(&self) -> (f64, f64, f64) {
        match self.dose.given {
            Given::Infusion { rate, .. } if self.steady.interval <= 0.0 => (rate, 1.0, 0.0),
            Given::Infusion { rate, duration } => {
                let whole = (duration / self.steady.interval).floor();
                (rate, whole, duration - whole * self.steady.interval)
            }
            _ => (0.0, 0.0, 0.0),
        }
    }

    /// Goes on from the end of a segment.
    pub fn next(&mut self, body: &mut impl Settle, cursor: &mut Cursor, tolerance: (f64, f64)) -> Outcome {
        let (rate, whole, rest) = self.overlap();
        if self.in_second_part {
            self.in_second_part = false;
            body.flow(self.dose.into, rate * whole);
            return Outcome::Until(self.now);
        }
        if self.cycle > 0 {
            let states = body.states();
            match self.judge(&states, tolerance) {
                Some(Outcome::Done) => {
                    self.finish(states, body, cursor);
                    return Outcome::Done;
                }
                Some(never) => return never,
                None => self.before = states,
            }
            if self.steady.interval <= 0.0 {
                self.length *= 2.0;
            }
        }
        self.cycle += 1;
        let start = self.now - self.length;
        body.set_time(start);
        if let Given::Bolus(amount) = self.dose.given {
            body.add(self.dose.into, amount);
        }
        if rest > 0.0 && !is_due(start + rest, start) && !is_due(self.now, start + rest) {
            body.flow(self.dose.into, rate * (whole + 1.0));
            self.in_second_part = true;
            return Outcome::Until(start + rest);
        }
        body.flow(self.dose.into, rate * whole);
        Outcome::Until(self.now)
    }

    /// Whether the search is over.
    fn judge(&mut self, states: &[f64], (relative, absolute): (f64, f64)) -> Option<Outcome> {
        let scaled = |i: usize| {
            let size = states[i].abs().max(self.before[i].abs());
            (states[i] - self.before[i]).abs() / (absolute + relative * size)
        };
        let worst = (0..states.len()).max_by(|&a, &b| scaled(a).total_cmp(&scaled(b)))?;
        let (change, earlier) = (scaled(worst), self.change);
        self.change = change;
        if change < self.least.0 {
            self.least = (change, self.cycle);
        }
        let q = change / earlier;
        let missing = if self.steady.interval > 0.0 {
            change * q / (1.0 - q)
        } else {
            change
        };
        let is_near = earlier.is_finite() && q < 1.0 && missing <= 1.0;
        self.agreeing = if is_near { self.agreeing + 1 } else { 0 };
        // Rounding and the error of steps end the fall of changes; what is left then is within a step's tolerance.
        let is_noise = change <= 1.0 && self.cycle > self.least.1 + 20;
        if change == 0.0 || self.agreeing >= AGREEING || is_noise {
            return Some(Outcome::Done);
        }
        // So many doublings are longer than anything, and the clock begins to lose digits.
        let is_long = self.steady.interval <= 0.0 && self.cycle > 36;
        if self.cycle > MOST_CYCLES || self.cycle > self.least.1 + PATIENCE || is_long || change.is_nan() {
            return Some(Outcome::Never(worst, states[worst] - self.before[worst]));
        }
        None
    }

    /// Puts the steady state in place and gives the dose itself.
    fn finish(&self, mut states: Vec<f64>, body: &mut impl Settle, cursor: &mut Cursor) {
        if let Some(kept) = &self.kept {
            states.iter_mut().zip(kept).for_each(|(state, kept)| *state += kept);
        }
        body.set_states(&states);
        body.set_time(self.now);
        body.flow(self.dose.into, 0.0);
        cursor.resume(body);
        if self.steady.interval <= 0.0 {
            return;
        }
        // Infusions of earlier doses that still run.
        if let Given::Infusion { rate, duration } = self.dose.given {
            let mut end = self.now - self.steady.interval + duration;
            while !is_due(end, self.now) {
                cursor.run_until(end, self.dose.into, rate, body);
                end -= self.steady.interval;
            }
        }
        cursor.give(&self.dose, self.now, body);
    }
}
