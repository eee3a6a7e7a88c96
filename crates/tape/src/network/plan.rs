//! What to simulate, and what comes of it.

use malar_model::Dynamics;
use malar_model::expression::ExprId;

/// How a species is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Measure {
    /// As formulas mean it.
    #[default]
    Value,
    /// As amount.
    Amount,
    /// As concentration.
    Concentration,
}

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Plan {
    /// First time.
    pub start: f64,
    /// Length.
    pub duration: f64,
    /// Rows after the first.
    pub steps: u32,
    /// Local error allowed per step, relative.
    pub relative: f64,
    /// Local error allowed per step, absolute.
    pub absolute: f64,
    /// What to show: position in the dynamics' outputs, and how.
    pub shown: Vec<(usize, Measure)>,
}

/// The values shown, a row per time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Times.
    pub times: Vec<f64>,
    /// Values in the order of the plan, row by row.
    pub values: Vec<Vec<f64>>,
}

/// Why a simulation cannot go on. Rows before it are good.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the simulation cannot go on at time {time} in `{name}`: {reason}")]
pub struct Failure {
    /// Time reached.
    pub time: f64,
    /// Quantity or event in which it got stuck.
    pub name: String,
    /// What went wrong.
    pub reason: String,
}

impl Plan {
    /// Time of row `row`, from 0 to the number of steps.
    pub fn time(&self, row: u32) -> f64 {
        self.start + self.duration * f64::from(row) / f64::from(self.steps)
    }

    /// What is shown, as expressions of `dynamics`.
    pub(super) fn expressions(&self, dynamics: &Dynamics) -> Vec<ExprId> {
        let expression = |&(output, measure): &(usize, Measure)| -> ExprId {
            let output = &dynamics.outputs[output];
            match (measure, output.species) {
                (Measure::Amount, Some((amount, _))) => amount,
                (Measure::Concentration, Some((_, concentration))) => concentration,
                _ => output.value,
            }
        };
        self.shown.iter().map(expression).collect()
    }
}
