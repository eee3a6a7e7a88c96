//! The eight patients being integrated, as a structure of arrays.

use crate::driver::{LaneMut, SEGMENT_KINDS, Steps};
use crate::lane::{LANES, Lane};

/// State of the integration of all lanes.
pub(crate) struct Batch {
    pub time: Lane,
    /// End of the current segment.
    pub end: Lane,
    /// Step size the controller proposes next.
    pub proposal: Lane,
    /// Step size being tried: the proposal, or less to hit the end.
    pub trial: Lane,
    pub y: Vec<Lane>,
    pub inputs: Vec<Lane>,
    pub records: [Record; LANES],
    /// Some lane's inputs changed since the system last prepared itself.
    pub inputs_changed: bool,
}

/// What the integrator remembers of one lane's patient; plain scalars, looked at once per step.
#[derive(Clone, Copy)]
pub(crate) struct Record {
    /// The patient in this lane, if any.
    pub patient: Option<usize>,
    /// The step being tried ends the segment.
    pub reaches_end: bool,
    /// The next accepted step is the first after a disturbance.
    pub first: bool,
    /// The last step was thrown away.
    pub after_rejection: bool,
    pub kind: u8,
    /// Good first step after a disturbance, by kind of segment.
    pub first_step: [f64; SEGMENT_KINDS],
    pub steps: Steps,
    /// Steps tried in this segment.
    pub attempts: u32,
}

impl Record {
    pub fn idle() -> Self {
        Record {
            patient: None,
            reaches_end: false,
            first: true,
            after_rejection: false,
            kind: 0,
            first_step: [0.0; SEGMENT_KINDS],
            steps: Steps::default(),
            attempts: 0,
        }
    }
}

impl Batch {
    pub fn new(n_states: usize, n_inputs: usize) -> Self {
        let zero = Lane::splat(0.0);
        Batch {
            time: zero,
            end: zero,
            proposal: zero,
            trial: zero,
            y: vec![zero; n_states],
            inputs: vec![zero; n_inputs],
            records: [Record::idle(); LANES],
            inputs_changed: true,
        }
    }

    /// The lane as a driver sees it; `disturbed` becomes true if the driver changes something.
    pub fn lane<'a>(&'a mut self, l: usize, disturbed: &'a mut bool) -> LaneMut<'a> {
        LaneMut {
            time: &mut self.time.0[l],
            lane: l,
            y: &mut self.y,
            inputs: &mut self.inputs,
            inputs_changed: &mut self.inputs_changed,
            disturbed,
            steps: self.records[l].steps,
        }
    }

    pub fn is_active(&self, l: usize) -> bool {
        self.records[l].patient.is_some()
    }

    /// Decides the step that each lane tries: the proposal, the rest of the segment if that is within 5 % of it, or half the rest
    /// if two steps will do, so that no tiny step is left over.
    pub fn choose_trial(&mut self) {
        for l in 0..LANES {
            let rest = self.end.0[l] - self.time.0[l];
            let proposal = self.proposal.0[l];
            let reaches_end = rest <= 1.05 * proposal;
            let shortened = if rest < 2.0 * proposal { 0.5 * rest } else { proposal };
            self.trial.0[l] = if reaches_end { rest } else { shortened };
            self.records[l].reaches_end = reaches_end;
        }
    }

    /// Gives lanes that never held a patient the numbers of lane `from`, so that they compute something harmless.
    pub fn fill_idle(&mut self, from: usize) {
        for l in (0..LANES).filter(|&l| self.records[l].patient.is_none()) {
            for quantity in self.y.iter_mut().chain(&mut self.inputs) {
                quantity.0[l] = quantity.0[from];
            }
        }
    }
}
