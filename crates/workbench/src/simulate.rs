//! One model, by itself, over time.

use malar_model::Source;

use crate::finding::InputError;
use crate::network::{self, simulate_network};

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

/// Simulates the model in `source`, Antimony or SBML, from its initial values.
pub fn simulate(source: &Source, settings: &Settled) -> Result<Series, SimulateError> {
    check(settings)?;
    let (network, usual) = network::read(source)?;
    simulate_network(source, &network, &usual, settings)
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

/// A number as CSV readers of every language take it.
fn number(x: f64) -> String {
    match x {
        f64::INFINITY => "INF".into(),
        f64::NEG_INFINITY => "-INF".into(),
        x => x.to_string(),
    }
}

impl Series {
    /// Comma-separated values with a line of names; numbers with as many digits as it takes to read them back exactly.
    pub fn to_csv(&self) -> String {
        let mut text = self.names.join(",") + "\n";
        for row in &self.rows {
            let numbers: Vec<String> = row.iter().map(|x| number(*x)).collect();
            text += &(numbers.join(",") + "\n");
        }
        text
    }
}

/// One simulation per row of values, one after the other, with a leading column.
pub struct Repeated {
    /// Name of the leading column.
    pub name: String,
    /// Value in that column, and the quantities that are set.
    pub rows: Vec<(f64, Vec<(String, f64)>)>,
}

/// Rows of a comma-separated file: one patient each, numbered from 1 or by a `patient` or `ID` column.
pub fn patients(text: &str) -> Result<Repeated, InputError> {
    let wrong = |value: &str, help| InputError::Value {
        what: "the patients file",
        value: value.to_owned(),
        help,
    };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let fields =
        |line: &str| -> Vec<String> { line.split(',').map(|f| f.trim().trim_matches('"').to_owned()).collect() };
    let names = fields(
        lines
            .next()
            .ok_or_else(|| wrong("", "write a line of names and a line per patient"))?,
    );
    let mut rows = Vec::new();
    for line in lines {
        let values = fields(line);
        if values.len() != names.len() {
            return Err(wrong(line, "give every patient as many values as there are names"));
        }
        let (mut id, mut set) = ((rows.len() + 1) as f64, Vec::new());
        for (name, text) in names.iter().zip(&values) {
            let value: f64 = text.parse().map_err(|_| wrong(text, "write a number"))?;
            if name == "patient" || name == "ID" {
                id = value
            } else {
                set.push((name.clone(), value))
            }
        }
        rows.push((id, set));
    }
    Ok(Repeated {
        name: "patient".into(),
        rows,
    })
}

/// `n` values from one to another, both included.
pub fn scan(name: &str, from: f64, to: f64, n: u32) -> Repeated {
    let value = |k: u32| {
        if n == 1 {
            from
        } else {
            from + (to - from) * f64::from(k) / f64::from(n - 1)
        }
    };
    Repeated {
        name: name.to_owned(),
        rows: (0..n).map(|k| (value(k), vec![(name.to_owned(), value(k))])).collect(),
    }
}

/// Simulates the model once per row.
pub fn simulate_repeatedly(source: &Source, settings: &Settled, repeated: &Repeated) -> Result<Series, SimulateError> {
    check(settings)?;
    let (network, usual) = network::read(source)?;
    let mut all = Series::default();
    for (value, set) in &repeated.rows {
        let mut settings = settings.clone();
        settings.set.extend(set.iter().cloned());
        let one = match simulate_network(source, &network, &usual, &settings) {
            Ok(one) => one,
            Err(SimulateError::Unsolved {
                day,
                state,
                reason,
                before,
            }) => {
                add(&mut all, &repeated.name, *value, before);
                let reason = format!("{reason} ({} {value})", repeated.name);
                return Err(SimulateError::Unsolved {
                    day,
                    state,
                    reason,
                    before: all,
                });
            }
            Err(other) => return Err(other),
        };
        add(&mut all, &repeated.name, *value, one);
    }
    Ok(all)
}

fn add(all: &mut Series, name: &str, value: f64, one: Series) {
    if all.names.is_empty() {
        all.names = [vec![name.to_owned()], one.names].concat();
    }
    all.rows
        .extend(one.rows.into_iter().map(|row| [vec![value], row].concat()));
}
