//! What happens to a patient from outside, and when.

/// One change from outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// Sets an input: an infusion rate, a daily dose.
    SetInput {
        /// Index of the input.
        input: usize,
        /// New value.
        value: f64,
    },
    /// Adds to a state: a bolus dose.
    AddToState {
        /// Index of the state.
        state: usize,
        /// What is added, in the state's unit.
        amount: f64,
    },
    /// Replaces a state.
    SetState {
        /// Index of the state.
        state: usize,
        /// New value.
        value: f64,
    },
}

/// Changes in order of time; those at the same time happen in the order in which they were added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    events: Vec<(f64, Action)>,
}

impl Schedule {
    /// Nothing happens.
    #[must_use]
    pub fn new() -> Self {
        Schedule::default()
    }

    /// Adds `action` at `time`, days.
    ///
    /// # Panics
    /// If `time` is NaN.
    pub fn at(&mut self, time: f64, action: Action) {
        assert!(!time.is_nan(), "an event needs a time");
        let after = self.events.partition_point(|&(t, _)| t <= time);
        self.events.insert(after, (time, action));
    }

    /// `input` is `rate` from `start` on and 0 again after `duration`, days.
    pub fn infusion(&mut self, input: usize, start: f64, duration: f64, rate: f64) {
        self.at(start, Action::SetInput { input, value: rate });
        self.at(start + duration, Action::SetInput { input, value: 0.0 });
    }

    /// `action` at `first`, and again every `interval` days, `count` times in all.
    pub fn repeated(&mut self, first: f64, interval: f64, count: usize, action: Action) {
        for i in 0..count {
            self.at(first + i as f64 * interval, action);
        }
    }

    /// All events, sorted by time, days.
    #[must_use]
    pub fn events(&self) -> &[(f64, Action)] {
        &self.events
    }
}
