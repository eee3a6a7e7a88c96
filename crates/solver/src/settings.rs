//! What a user may choose about the integration, and what it reports.

use crate::tableau::Method;

/// Accuracy and limits of an integration.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Tolerated error of each step relative to the state, above 0.
    pub relative: f64,
    /// Tolerated error of each step in the state's own unit, above 0: one for all states, or one per state.
    pub absolute: Vec<f64>,
    /// Most steps, accepted and rejected, in one segment.
    pub max_steps: u32,
    /// First step that is tried after a patient is loaded or disturbed for the first time, days; above 0.
    pub initial_step: f64,
    /// Rosenbrock method.
    pub method: Method,
}

impl Default for Settings {
    /// Rodas5 at 1e-4 relative: errors below 0.1 % of the state on the benchmark model, below 0.01 % on the lupus model.
    fn default() -> Self {
        Settings {
            relative: 1e-4,
            absolute: vec![1e-7],
            max_steps: 100_000,
            initial_step: 1e-4,
            method: Method::default(),
        }
    }
}

impl Settings {
    /// The default with another tolerance: `relative`, and a thousandth of it absolute.
    #[must_use]
    pub fn with_tolerance(relative: f64) -> Self {
        Settings {
            relative,
            absolute: vec![relative * 1e-3],
            ..Settings::default()
        }
    }

    /// Absolute tolerance of each of `n` states.
    ///
    /// # Panics
    /// If a tolerance or the initial step is not positive and finite, or there are neither one nor `n` absolute tolerances.
    pub(crate) fn absolute_by_state(&self, n: usize) -> Vec<f64> {
        let positive = |x: f64| x > 0.0 && x.is_finite();
        assert!(
            positive(self.relative) && positive(self.initial_step),
            "tolerance and first step must be positive"
        );
        assert!(
            self.absolute.iter().all(|&x| positive(x)),
            "absolute tolerances must be positive"
        );
        match self.absolute.as_slice() {
            [one] => vec![*one; n],
            each => {
                assert_eq!(each.len(), n, "one absolute tolerance, or one per state");
                each.to_vec()
            }
        }
    }
}

/// What an integration did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Steps taken, over all patients.
    pub accepted: u64,
    /// Steps tried and thrown away.
    pub rejected: u64,
    /// Segments finished.
    pub segments: u64,
    /// Patients finished.
    pub patients: u64,
    /// Patients given up.
    pub failures: u64,
    /// Evaluations of the rates, over all patients (one of them with the Jacobian per step tried).
    pub evaluations: u64,
    /// Batched steps: how often the machine advanced all lanes together. Unlike the others this depends on how patients
    /// shared the lanes; `accepted + rejected` would be `LANES` times this if no lane ever idled.
    pub sweeps: u64,
}

impl std::ops::AddAssign for Counters {
    fn add_assign(&mut self, other: Counters) {
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.segments += other.segments;
        self.patients += other.patients;
        self.failures += other.failures;
        self.evaluations += other.evaluations;
        self.sweeps += other.sweeps;
    }
}
