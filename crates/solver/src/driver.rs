//! The border between integrator and whoever knows what happens to a patient.
//!
//! A patient's life is a chain of smooth segments. At the end of each the integrator stops exactly, hands the lane to the
//! [`Driver`], which may read and change state and inputs (a dose, a visit, a new steroid dose) and names the next segment.

/// One lane, as a driver sees it between two segments.
///
/// `y` and `inputs` are strided views: element `i` of the patient is `y.get(i)`.
pub struct LaneMut<'a> {
    pub(crate) time: &'a mut f64,
    pub(crate) lane: usize,
    pub(crate) y: &'a mut [crate::Lane],
    pub(crate) inputs: &'a mut [crate::Lane],
    pub(crate) inputs_changed: &'a mut bool,
    pub(crate) disturbed: &'a mut bool,
    pub(crate) steps: Steps,
}

/// Steps a patient needed so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// Steps taken.
    pub accepted: u32,
    /// Steps tried and thrown away.
    pub rejected: u32,
}

impl LaneMut<'_> {
    /// Current time, days; equals the end of the segment just finished, exactly.
    pub fn time(&self) -> f64 {
        *self.time
    }
    /// Sets the clock, when a patient is loaded.
    pub fn set_time(&mut self, time: f64) {
        *self.time = time;
    }
    /// Number of states.
    pub fn n_states(&self) -> usize {
        self.y.len()
    }
    /// Value of state `i`.
    pub fn state(&self, i: usize) -> f64 {
        self.y[i].0[self.lane]
    }
    /// Replaces state `i` (initial values, bolus doses).
    pub fn set_state(&mut self, i: usize, value: f64) {
        let old = std::mem::replace(&mut self.y[i].0[self.lane], value);
        *self.disturbed |= old.to_bits() != value.to_bits();
    }
    /// Number of inputs.
    pub fn n_inputs(&self) -> usize {
        self.inputs.len()
    }
    /// Value of input `i`.
    pub fn input(&self, i: usize) -> f64 {
        self.inputs[i].0[self.lane]
    }
    /// Replaces input `i` (patient parameters, infusion rates, daily doses).
    pub fn set_input(&mut self, i: usize, value: f64) {
        let old = std::mem::replace(&mut self.inputs[i].0[self.lane], value);
        let changed = old.to_bits() != value.to_bits();
        *self.disturbed |= changed;
        *self.inputs_changed |= changed;
    }
    /// Steps of this patient since it was loaded.
    pub fn steps(&self) -> Steps {
        self.steps
    }
}

/// What a driver asks for next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// Integrate to `end` (days, later than now). `kind` names the sort of segment (after a dose, plain ...), below
    /// [`SEGMENT_KINDS`]: the first step size after a disturbance is remembered per kind and patient. If the driver changed
    /// neither state nor input (it only looked), the integration goes on with its step size and `kind` is ignored.
    Segment {
        /// End of the segment, days.
        end: f64,
        /// Sort of segment.
        kind: u8,
    },
    /// This patient is done; the lane may be refilled.
    Done,
}

/// Number of segment kinds a driver may use.
pub const SEGMENT_KINDS: usize = 8;

/// Why a patient could not be finished. A value in the table, never a panic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failure {
    /// Time reached, days.
    pub time: f64,
    /// Index of the state with the largest error or the first non-finite value.
    pub state: usize,
    /// What went wrong.
    pub reason: FailureReason,
}

/// Ways to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureReason {
    /// A state or rate became NaN or infinite and smaller steps did not help.
    NotFinite,
    /// The step size fell below what the clock can resolve.
    StepTooSmall,
    /// More steps in one segment than `Settings::max_steps`.
    TooManySteps,
}

/// Decides what happens to patients; owns their records.
///
/// Calls for different patients interleave in an order that depends on lanes, so an implementation keeps its state per patient.
/// `patient` is the number that [`Driver::load`] returned.
pub trait Driver {
    /// Puts the next waiting patient into an empty lane: sets time, every state and every input, and returns the
    /// patient's number. `None` when nobody waits. [`Driver::advance`] is called right after, at the patient's start time.
    fn load(&mut self, lane: &mut LaneMut<'_>) -> Option<usize>;
    /// A patient was loaded or reached the end of a segment.
    fn advance(&mut self, patient: usize, lane: &mut LaneMut<'_>) -> Next;
    /// A patient cannot go on; the lane is freed.
    fn fail(&mut self, patient: usize, failure: Failure);
}
