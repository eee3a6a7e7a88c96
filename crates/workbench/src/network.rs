//! Models in SBML: read, changed, simulated.

use std::collections::BTreeSet;
use std::path::Path;

use malar_model::codes::UNDEFINED;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::nearest::suggestion;
use malar_model::network::to_antimony;
use malar_model::network::{Dynamics, Output};
use malar_model::{Network, is_sbml, read_antimony, read_sbml, write_sbml};
use malar_tape::network::{Measure, Plan};

use crate::finding::{Finding, InputError};
use crate::simulate::Settled;

/// Local errors are kept so much smaller than the accuracy asked for, because they add up along the way.
const LOCAL_SHARE: f64 = 1e-4;
/// Local relative errors outside this range are never asked of the integrator: its own rounding, and its order.
const RELATIVE: (f64, f64) = (1e-12, 1e-8);
/// The same for absolute errors.
const ABSOLUTE: (f64, f64) = (1e-20, 1e-12);

/// Reads a model in Antimony or SBML, and says what of it is shown when nobody asks: in SBML everything (no names), in
/// Antimony what changes. Files that it imports are looked for beside it.
pub fn read(source: &Source) -> Result<(Network, Vec<String>), InputError> {
    let load = |name: &str| load_beside(source, name);
    let found = |found: Vec<Diagnostic>| {
        let finding = |diagnostic: Diagnostic| match std::fs::read_to_string(&diagnostic.path) {
            // What is wrong in an imported file is shown with that file's lines.
            Ok(text) if diagnostic.path != source.path => {
                let path = diagnostic.path.clone();
                Finding::new(diagnostic, &Source { path, text })
            }
            _ => Finding::new(diagnostic, source),
        };
        InputError::Wrong(found.into_iter().map(finding).collect())
    };
    if is_sbml(&source.text) {
        return Ok((read_sbml(source, &load).map_err(found)?, Vec::new()));
    }
    let network = read_antimony(source, &load).map_err(found)?;
    let usual = changing(&network);
    Ok((network, usual))
}

/// The text of a file named by `source`, by its path from the folder of `source`.
fn load_beside(source: &Source, name: &str) -> Result<Source, String> {
    let local = name.strip_prefix("file:").unwrap_or(name).trim_start_matches("./");
    if local.contains("://") || local.contains(':') {
        return Err(format!("`{name}` is not a file beside this one"));
    }
    let folder = Path::new(&source.path).parent().unwrap_or(Path::new(""));
    let path = folder.join(local);
    let text = std::fs::read_to_string(&path).map_err(|reason| reason.to_string())?;
    Ok(Source {
        path: path.display().to_string(),
        text,
    })
}

/// Species that reactions change, and whatever has a rule or is changed by an event.
fn changing(network: &Network) -> Vec<String> {
    let members = network
        .reactions
        .iter()
        .flat_map(|r| r.reactants.iter().chain(&r.products));
    let reacting: BTreeSet<&str> = members.map(|member| member.species.as_str()).collect();
    let targets = network.events.iter().flat_map(|event| &event.assignments);
    let rules = network.rules.iter().map(|rule| rule.variable.as_str());
    let changed: BTreeSet<&str> = rules.chain(targets.map(|target| target.variable.as_str())).collect();
    let is_boundary = |name: &str| network.species.iter().any(|s| s.id == name && s.boundary);
    let changes = |name: &&str| changed.contains(name) || (reacting.contains(name) && !is_boundary(name));
    network.names().filter(changes).map(str::to_owned).collect()
}

/// A network ready to run.
pub(crate) struct Prepared {
    pub dynamics: Dynamics,
    pub plan: Plan,
    /// `time`, then the name of each column.
    pub names: Vec<String>,
    /// The unit of each; empty if the model does not say.
    pub units: Vec<String>,
}

/// Gives quantities other values at the start.
pub(crate) fn set(network: &mut Network, values: &[(String, f64)]) -> Result<(), InputError> {
    for (name, value) in values {
        network.set(name, *value).map_err(|_| InputError::Unknown {
            kind: "quantity that could be set",
            name: name.clone(),
            help: settable(network, name),
        })?;
    }
    Ok(())
}

/// What to do about `name`, which cannot be set.
pub(crate) fn settable(network: &Network, name: &str) -> String {
    if network.names().any(|known| known == name) {
        return "name a parameter, species or compartment that no assignment rule defines".to_owned();
    }
    suggestion(name, network.open_names())
}

/// The equations of `network`, what is shown and how; `usual` names what is shown when nothing is asked for, everything if
/// empty.
pub(crate) fn prepare(
    source: &Source,
    network: &Network,
    usual: &[String],
    settings: &Settled,
) -> Result<Prepared, InputError> {
    let mut settings = settings.clone();
    if settings.variables.is_empty() {
        settings.variables = usual.to_vec();
    }
    if !is_sbml(&source.text)
        && let Some(bare) = network.unset().next()
    {
        let error = Diagnostic::error(
            UNDEFINED,
            source,
            bare.place.0.clone(),
            format!("`{}` has no value", bare.id),
        );
        let error = error.help("give it one, as in `k = 3`, or a rule");
        return Err(InputError::Wrong(Finding::all(vec![error], source)));
    }
    let dynamics = network
        .dynamics(source)
        .map_err(|found| InputError::Wrong(Finding::all(found, source)))?;
    let shown = shown(&dynamics.outputs, &settings)?;
    let (mut names, mut units) = (vec!["time".to_owned()], vec![time_unit(network)]);
    for &(output, measure) in &shown {
        let name = &dynamics.outputs[output].name;
        units.push(unit(network, name, measure));
        names.push(name.clone());
    }
    let plan = Plan {
        start: settings.start,
        duration: settings.duration,
        steps: settings.steps,
        relative: (settings.relative * LOCAL_SHARE).clamp(RELATIVE.0, RELATIVE.1),
        absolute: (settings.absolute * LOCAL_SHARE).clamp(ABSOLUTE.0, ABSOLUTE.1),
        shown,
    };
    Ok(Prepared {
        dynamics,
        plan,
        names,
        units,
    })
}

/// A unit as people write it: the name of its definition, else its id.
fn unit_name(network: &Network, id: &str) -> String {
    let definition = network.units.iter().find(|unit| unit.id == id);
    definition
        .and_then(|unit| unit.remarks.name.clone())
        .unwrap_or_else(|| id.to_owned())
}

fn default_unit(network: &Network, what: &str) -> Option<String> {
    let default = network.default_units.iter().find(|(name, _)| name == what)?;
    Some(unit_name(network, &default.1))
}

/// The unit of time, if the model says: `timeUnits` in SBML, `unit time_unit` in Antimony.
fn time_unit(network: &Network) -> String {
    let default = network.default_units.iter().find(|(name, _)| name == "timeUnits");
    let id = default.map_or("time_unit", |(_, id)| id.as_str());
    let definition = network.units.iter().find(|unit| unit.id == id);
    let seconds = match definition {
        // A number of seconds is told by its name where it has one.
        Some(unit) => {
            let powers = unit
                .units
                .iter()
                .map(|u| (u.multiplier * 10f64.powi(u.scale)).powf(u.exponent));
            let is_time = unit
                .units
                .iter()
                .filter(|u| u.kind != "dimensionless")
                .all(|u| u.kind == "second");
            if is_time { powers.product() } else { f64::NAN }
        }
        None if id == "second" => 1.0,
        None if default.is_some() => f64::NAN,
        None => return String::new(),
    };
    let known = [
        (1.0, "seconds"),
        (60.0, "minutes"),
        (3600.0, "hours"),
        (86400.0, "days"),
        (604_800.0, "weeks"),
    ];
    let found = known.iter().find(|(length, _)| (seconds / length - 1.0).abs() < 1e-9);
    found.map_or_else(|| unit_name(network, id), |(_, name)| (*name).to_owned())
}

/// The unit of a column, if the model says.
fn unit(network: &Network, name: &str, measure: Measure) -> String {
    let named = |unit: &Option<String>| unit.as_ref().map(|id| unit_name(network, id));
    if let Some(species) = network.species.iter().find(|s| s.id == name) {
        let Some(substance) = named(&species.substance_units).or_else(|| default_unit(network, "substanceUnits"))
        else {
            return String::new();
        };
        let is_amount = match measure {
            Measure::Amount => true,
            Measure::Concentration => false,
            Measure::Value => network.is_amount(species),
        };
        let home = network.compartments.iter().find(|c| c.id == species.compartment);
        let volume = home.and_then(|home| named(&home.units).or_else(|| default_unit(network, "volumeUnits")));
        return match volume {
            Some(volume) if !is_amount => format!("{substance}/{volume}"),
            _ => substance,
        };
    }
    if let Some(parameter) = network.parameters.iter().find(|p| p.id == name) {
        return named(&parameter.units).unwrap_or_default();
    }
    let compartment = network.compartments.iter().find(|c| c.id == name);
    compartment
        .and_then(|c| named(&c.units).or_else(|| default_unit(network, "volumeUnits")))
        .unwrap_or_default()
}

/// Which outputs in which order, and how.
fn shown(outputs: &[Output], settings: &Settled) -> Result<Vec<(usize, Measure)>, InputError> {
    let named = |name: &String| {
        let unknown = || InputError::Unknown {
            kind: "variable",
            name: name.clone(),
            help: suggestion(name, outputs.iter().map(|output| output.name.as_str())),
        };
        outputs
            .iter()
            .position(|output| output.name == *name)
            .ok_or_else(unknown)
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

/// A model in the other format: SBML for Antimony, Antimony for SBML, by the ending of the path it goes to (`.xml`, `.sbml`,
/// else Antimony).
pub fn convert(source: &Source, to: &Path) -> Result<String, InputError> {
    let (network, _) = read(source)?;
    let ending = to.extension().and_then(|e| e.to_str()).unwrap_or("").to_lowercase();
    if ending == "xml" || ending == "sbml" {
        return Ok(write_sbml(&network));
    }
    to_antimony(&network).map_err(|lost| InputError::Value {
        what: "Antimony",
        value: lost.join("; "),
        help: "Antimony has no words for this; keep the model in SBML",
    })
}
