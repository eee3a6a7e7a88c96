//! Models in SBML: read, changed, simulated.

use std::path::Path;

use malar_model::diagnostic::Source;
use malar_model::network::{Dynamics, Output};
use malar_model::{Network, read_sbml};
use malar_tape::network::{Measure, Plan, simulate};

use crate::finding::{Finding, InputError};
use crate::simulate::{Series, Settled, SimulateError};

/// Local errors are kept so much smaller than the accuracy asked for, because they add up along the way.
const LOCAL_SHARE: f64 = 1e-4;
/// Local relative errors outside this range are never asked of the integrator: its own rounding, and its order.
const RELATIVE: (f64, f64) = (1e-12, 1e-8);
/// The same for absolute errors.
const ABSOLUTE: (f64, f64) = (1e-20, 1e-12);

/// Reads an SBML file; external models are looked for beside it.
pub fn read(source: &Source) -> Result<Network, InputError> {
    let folder = Path::new(&source.path).parent().unwrap_or(Path::new("")).to_owned();
    let load = |name: &str| {
        let local = name.strip_prefix("file:").unwrap_or(name).trim_start_matches("./");
        if local.contains("://") || local.contains(':') {
            return Err(format!("`{name}` is not a file beside this one"));
        }
        let path = folder.join(local);
        let text = std::fs::read_to_string(&path).map_err(|reason| reason.to_string())?;
        Ok(Source { path: path.display().to_string(), text })
    };
    read_sbml(source, &load).map_err(|found| InputError::Wrong(Finding::all(found, source)))
}

/// Simulates the SBML model in `source`.
pub fn simulate_network(source: &Source, settings: &Settled) -> Result<Series, SimulateError> {
    let mut network = read(source)?;
    for (name, value) in &settings.set {
        if !network.set(name, *value) {
            let help = "name a parameter, species or compartment that no assignment rule defines".to_owned();
            return Err(InputError::Unknown { kind: "quantity that could be set", name: name.clone(), help }.into());
        }
    }
    let dynamics = network.dynamics(source).map_err(|found| InputError::Wrong(Finding::all(found, source)))?;
    series(&dynamics, settings)
}

/// Runs the equations and puts a name on each column.
fn series(dynamics: &Dynamics, settings: &Settled) -> Result<Series, SimulateError> {
    let shown = shown(&dynamics.outputs, settings)?;
    let plan = Plan {
        start: settings.start,
        duration: settings.duration,
        steps: settings.steps,
        relative: (settings.relative * LOCAL_SHARE).clamp(RELATIVE.0, RELATIVE.1),
        absolute: (settings.absolute * LOCAL_SHARE).clamp(ABSOLUTE.0, ABSOLUTE.1),
        shown,
    };
    let (rows, failure) = simulate(dynamics, &plan);
    let mut names = vec!["time".to_owned()];
    names.extend(plan.shown.iter().map(|&(output, _)| dynamics.outputs[output].name.clone()));
    let joined = rows.times.iter().zip(&rows.values).map(|(&time, values)| [&[time][..], values].concat());
    let series = Series { names, rows: joined.collect() };
    match failure {
        None => Ok(series),
        Some(failure) => Err(SimulateError::Unsolved { day: failure.time, state: failure.name, reason: failure.reason, before: series }),
    }
}

/// Which outputs in which order, and how.
fn shown(outputs: &[Output], settings: &Settled) -> Result<Vec<(usize, Measure)>, InputError> {
    let named = |name: &String| {
        let unknown = || InputError::Unknown {
            kind: "variable",
            name: name.clone(),
            help: "name species, parameters, compartments or reactions of the model".to_owned(),
        };
        outputs.iter().position(|output| output.name == *name).ok_or_else(unknown)
    };
    for name in settings.amount.iter().chain(&settings.concentration) {
        named(name)?;
    }
    let measure = |index: usize| {
        let name = &outputs[index].name;
        if settings.amount.contains(name) {
            Measure::Amount
        } else if settings.concentration.contains(name) {
            Measure::Concentration
        } else {
            Measure::Value
        }
    };
    let columns: Vec<usize> = if settings.variables.is_empty() {
        (0..outputs.len()).collect()
    } else {
        settings.variables.iter().map(named).collect::<Result<_, _>>()?
    };
    Ok(columns.into_iter().map(|column| (column, measure(column))).collect())
}
