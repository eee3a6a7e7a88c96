//! One model, by itself, over time: once ([`simulate`]), or many times with other values and doses ([`simulate_many`]).

mod doses;
mod many;
mod patients;
mod plot;
mod series;
mod table;

use malar_model::Source;
use malar_tape::network::simulate as simulate_dynamics;

use crate::finding::InputError;
use crate::network;

pub use doses::DoseTable;
pub use many::simulate_many;
pub use patients::{Repeated, patients, scan};
pub use plot::plot;
pub use series::{Series, Unsolved};

/// How to simulate a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// First time, in the model's unit of time.
    pub start: f64,
    /// Length, in the model's unit of time (days in Antimony); above 0.
    pub duration: f64,
    /// Rows after the first; 1 or more.
    pub steps: u32,
    /// Accuracy wanted, relative to each value; above 0.
    pub relative: f64,
    /// Accuracy wanted near zero, in the unit of each value; above 0.
    pub absolute: f64,
    /// What to show, in this order; everything if empty.
    pub variables: Vec<String>,
    /// Species shown as amounts.
    pub amount: Vec<String>,
    /// Species shown as concentrations.
    pub concentration: Vec<String>,
    /// Quantities with another value at the start than the model's.
    pub set: Vec<(String, f64)>,
}

impl Default for Settled {
    fn default() -> Self {
        Settled {
            start: 0.0,
            duration: 100.0,
            steps: 100,
            relative: 1e-6,
            absolute: 1e-12,
            variables: Vec::new(),
            amount: Vec::new(),
            concentration: Vec::new(),
            set: Vec::new(),
        }
    }
}

/// Why a simulation has no result.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The model or the settings are wrong.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The solver gave up.
    #[error("the simulation cannot go on at time {} in `{state}`: {reason}", series::six_digits(*.day))]
    Unsolved {
        /// Time reached, days.
        day: f64,
        /// State in which it got stuck.
        state: String,
        /// What went wrong.
        reason: String,
        /// The rows before.
        before: Box<Series>,
    },
    /// Somebody wanted it to stop.
    #[error("stopped")]
    Cancelled,
}

/// Simulates the model in `source`, Antimony or SBML, from its initial values.
pub fn simulate(source: &Source, settings: &Settled) -> Result<Series, SimulateError> {
    check(settings)?;
    let (mut network, usual) = network::read(source)?;
    network::set(&mut network, &settings.set)?;
    let prepared = network::prepare(source, &network, &usual, settings)?;
    let (rows, failure) = simulate_dynamics(&prepared.dynamics, &prepared.plan);
    let joined = rows.times.iter().zip(&rows.values);
    let series = Series {
        rows: joined.map(|(&time, values)| [&[time][..], values].concat()).collect(),
        names: prepared.names,
        units: prepared.units,
        leading: 1,
        ..Series::default()
    };
    match failure {
        None => Ok(series),
        Some(failure) => Err(SimulateError::Unsolved {
            day: failure.time,
            state: failure.name,
            reason: failure.reason,
            before: Box::new(series),
        }),
    }
}

fn check(settings: &Settled) -> Result<(), InputError> {
    let wrong = |what, value: String, help| Err(InputError::Value { what, value, help });
    if !(settings.duration > 0.0 && settings.duration.is_finite()) {
        return wrong("the duration", settings.duration.to_string(), "write a number above 0");
    }
    if !settings.start.is_finite() {
        return wrong("the start", settings.start.to_string(), "write a number");
    }
    for (what, accuracy) in [
        ("the relative accuracy", settings.relative),
        ("the absolute accuracy", settings.absolute),
    ] {
        if !(accuracy > 0.0 && accuracy.is_finite()) {
            return wrong(what, accuracy.to_string(), "write a number above 0, such as 1e-6");
        }
    }
    if settings.steps > 10_000_000 {
        return wrong(
            "the number of steps",
            settings.steps.to_string(),
            "write at most 10000000",
        );
    }
    if settings.steps == 0 {
        return wrong("the number of steps", "0".into(), "write 1 or more");
    }
    Ok(())
}
