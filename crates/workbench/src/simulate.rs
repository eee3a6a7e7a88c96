//! One model, by itself, over time.

use malar_model::{Source, is_sbml, parse_antimony};
use malar_solver::{Course, Integrator, Observed, Settings};
use malar_tape::{CompileError, Request, Tape};

use crate::finding::{Finding, InputError};
use crate::network::simulate_network;

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

/// Every state and assignment at equal intervals.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Series {
    /// `time`, then the names of states and assignments in the order of the model.
    pub names: Vec<String>,
    /// A row per time.
    pub rows: Vec<Vec<f64>>,
}

/// Why a simulation has no result.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The model or the settings are wrong.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The model cannot be simulated as asked.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The solver gave up.
    #[error("the simulation cannot go on at time {day} in `{state}`: {reason}")]
    Unsolved {
        /// Time reached, days.
        day: f64,
        /// State in which it got stuck.
        state: String,
        /// What went wrong.
        reason: String,
        /// The rows before.
        before: Series,
    },
}

/// Simulates the model in `source` from its initial values.
pub fn simulate(source: &Source, settings: &Settled) -> Result<Series, SimulateError> {
    check(settings)?;
    if is_sbml(&source.text) {
        return simulate_network(source, settings);
    }
    let found = |found| InputError::Wrong(Finding::all(found, source));
    let model = parse_antimony(source).map_err(found)?;
    let equations = model.equations(source).map_err(found)?;
    let name = |symbol| equations.arena.name(symbol);
    let states: Vec<&str> = equations.states.iter().map(|state| name(state.symbol)).collect();
    let assignments = equations.assignments.iter().map(|assignment| name(assignment.symbol));
    let outputs: Vec<&str> = states.iter().copied().chain(assignments).collect();
    let fixed: Vec<(&str, f64)> = settings.set.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    // States count as dosed so that none is taken for constant and the table has a column for each.
    let request = Request { fixed: &fixed, dosed: &states, outputs: &outputs, ..Request::default() };
    run(&Tape::compile(&equations, &request)?, settings)
}

fn check(settings: &Settled) -> Result<(), InputError> {
    let wrong = |what, value: String, help| Err(InputError::Value { what, value, help });
    if !(settings.duration > 0.0 && settings.duration.is_finite()) {
        return wrong("the duration", settings.duration.to_string(), "write a number of days above 0");
    }
    if settings.steps == 0 {
        return wrong("the number of steps", "0".into(), "write 1 or more");
    }
    Ok(())
}

fn run(tape: &Tape, settings: &Settled) -> Result<Series, SimulateError> {
    let n_states = tape.state_names().len();
    let mut initial = vec![0.0; n_states];
    tape.initial_state(&[], &mut initial);
    let time = |step: u32| settings.duration * f64::from(step) / f64::from(settings.steps);
    let times: Vec<f64> = (0..=settings.steps).map(time).collect();
    let mut names = vec!["time".to_string()];
    names.extend(tape.output_names().iter().cloned());
    let seen = if n_states == 0 { Vec::new() } else { integrate(tape, initial, &times)? };
    let row = |(at, &time): (usize, &f64)| {
        let mut row = vec![0.0; names.len()];
        row[0] = time;
        tape.outputs(time, &seen[at * n_states..(at + 1) * n_states], &[], &mut row[1..]);
        row
    };
    let rows = times.iter().enumerate().map(row).collect();
    Ok(Series { names, rows })
}

/// Every state at every time, one after the other.
fn integrate(tape: &Tape, initial: Vec<f64>, times: &[f64]) -> Result<Vec<f64>, SimulateError> {
    let states = (0..initial.len()).collect();
    let mut driver = Observed::new(vec![Course { initial, ..Course::default() }], times.to_vec(), states);
    Integrator::new(tape, Settings::with_tolerance(1e-8)).integrate(&mut driver);
    if let Some(failure) = driver.failure(0) {
        let state = tape.state_names()[failure.state].clone();
        return Err(SimulateError::Unsolved { day: failure.time, state, reason: format!("{:?}", failure.reason), before: Series::default() });
    }
    Ok(driver.into_records().swap_remove(0))
}

impl Series {
    /// Comma-separated values with a line of names; numbers with as many digits as it takes to read them back exactly.
    pub fn to_csv(&self) -> String {
        let mut text = self.names.join(",") + "\n";
        for row in &self.rows {
            let numbers: Vec<String> = row.iter().map(f64::to_string).collect();
            text += &(numbers.join(",") + "\n");
        }
        text
    }
}
