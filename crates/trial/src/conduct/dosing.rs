//! A patient's doses as they come due: boluses, infusions that may overlap, daily drugs.

use malar_solver::LaneMut;

use super::screening::segment;
use crate::program::{Dose, Entry, Program};

/// A running infusion.
#[derive(Clone, Copy, Debug)]
struct Infusion {
    input: usize,
    end: f64,
    /// Amount per day.
    rate: f64,
}

/// The doses of one patient, and what of them is running.
#[derive(Clone, Debug)]
pub(crate) struct Dosing {
    /// All doses in order of time.
    doses: Vec<Dose>,
    next: usize,
    /// The first treatment, as long as something may be repeated.
    first: Vec<Dose>,
    infusions: Vec<Infusion>,
}

/// What a dose that was given means for the patient.
pub(crate) enum Given {
    /// It is in the body; the sort of segment that follows.
    Dosed(u8),
    /// The maintenance dose of the background steroid is to be this, mg/day.
    Steroid(f64),
}

impl Dosing {
    pub fn new(doses: Vec<Dose>) -> Self {
        Dosing {
            first: doses.clone(),
            doses,
            next: 0,
            infusions: Vec::new(),
        }
    }

    /// All doses in order of time.
    pub fn doses(&self) -> &[Dose] {
        &self.doses
    }

    /// Gives the first treatment's doses of the first `days` again, from day `now` on.
    pub fn repeat(&mut self, now: f64, days: f64) {
        let first = self.first.iter().filter(|dose| dose.day < days);
        self.doses.extend(first.map(|dose| Dose {
            day: dose.day + now,
            ..*dose
        }));
        self.doses[self.next..].sort_by(|a, b| a.day.total_cmp(&b.day).then(a.entry.cmp(&b.entry)));
    }

    /// A therapy of the arm, by its number, is not given from now on.
    pub fn withhold(&mut self, usage: usize) {
        let next = self.next;
        let mut position = 0;
        self.doses.retain(|dose| {
            position += 1;
            position <= next || dose.usage != usage
        });
        self.first.retain(|dose| dose.usage != usage);
    }

    /// Nothing more is given; what runs goes on to its end.
    pub fn stop(&mut self) {
        self.doses.truncate(self.next);
    }

    /// When the next dose is due, days; infinity if none is.
    pub fn next_day(&self) -> f64 {
        self.doses.get(self.next).map_or(f64::INFINITY, |dose| dose.day)
    }

    /// When the next infusion ends, days; infinity if none runs.
    pub fn infusion_end(&self) -> f64 {
        let ends = self.infusions.iter().map(|infusion| infusion.end);
        ends.fold(f64::INFINITY, f64::min)
    }

    /// Ends the infusions that are over; true if there were any.
    pub fn end_infusions(&mut self, lane: &mut LaneMut<'_>) -> bool {
        let now = lane.time();
        let mut any = false;
        while let Some(ended) = self.infusions.iter().position(|infusion| infusion.end <= now) {
            let input = self.infusions.remove(ended).input;
            lane.set_input(input, self.rate(input));
            any = true;
        }
        any
    }

    /// Gives the dose that is due.
    pub fn give(&mut self, program: &Program, weight: f64, lane: &mut LaneMut<'_>) -> Given {
        let dose = self.doses[self.next];
        self.next += 1;
        let amount = if dose.per_kg { dose.amount * weight } else { dose.amount };
        match program.entries[dose.entry] {
            Entry::Bolus { state } => {
                let before = lane.state(state);
                lane.set_state(state, before + amount);
                Given::Dosed(segment::DOSED)
            }
            Entry::Infusion { input, days } => {
                self.infusions.push(Infusion {
                    input,
                    end: lane.time() + days,
                    rate: amount / days,
                });
                lane.set_input(input, self.rate(input));
                Given::Dosed(segment::INFUSION)
            }
            Entry::Daily { input } => {
                lane.set_input(input, amount);
                Given::Dosed(segment::DOSED)
            }
            Entry::Steroid => Given::Steroid(amount),
        }
    }

    /// What flows into an input, all infusions together; added anew each time, so that it is zero exactly when nothing runs.
    fn rate(&self, input: usize) -> f64 {
        let running = self.infusions.iter().filter(|infusion| infusion.input == input);
        running.fold(0.0, |sum, infusion| sum + infusion.rate)
    }
}
