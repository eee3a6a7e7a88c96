//! Flare triggers: infections, sun, stress, missed tablets. A Poisson process with exponential jumps.

use malar_patients::random::Stream;

use crate::instruments::items::N_ORGANS;

/// One event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Trigger {
    /// Size of the jump.
    pub size: f64,
    /// Organs that take part, as bits.
    pub organs: u8,
}

/// How a patient's triggers come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TriggerLaw {
    /// Events per day.
    pub rate: f64,
    /// Mean of the jump.
    pub jump: f64,
    /// Chance of each organ to take part.
    pub organ_chance: f64,
}

/// The events still to come of one patient, drawn one after another.
#[derive(Clone, Debug)]
pub(crate) struct Triggers {
    stream: Stream,
    law: TriggerLaw,
    next_time: f64,
}

impl Triggers {
    /// Events from `start` (days) on.
    pub fn new(stream: Stream, law: TriggerLaw, start: f64) -> Self {
        let mut triggers = Triggers {
            stream,
            law,
            next_time: start,
        };
        triggers.draw_time();
        triggers
    }

    /// Time of the next event, days; infinite if none will come.
    pub fn next_time(&self) -> f64 {
        self.next_time
    }

    /// Moves the clock, when a patient's day 0 becomes randomisation.
    pub fn shift(&mut self, days: f64) {
        self.next_time += days;
    }

    /// Takes the next event.
    pub fn take(&mut self) -> Trigger {
        let size = self.law.jump * self.stream.exponential();
        let organs = (0..N_ORGANS).fold(0, |bits, o| {
            bits | u8::from(self.stream.uniform() < self.law.organ_chance) << o
        });
        self.draw_time();
        Trigger { size, organs }
    }

    fn draw_time(&mut self) {
        let gap = self.stream.exponential();
        self.next_time += if self.law.rate > 0.0 {
            gap / self.law.rate
        } else {
            f64::INFINITY
        };
    }
}
