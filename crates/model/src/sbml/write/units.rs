//! Units that Levels 1 and 2 have without saying so.

use std::borrow::Cow;

use crate::network::{BaseUnit, Network, Remarks, UnitDefinition};

/// Units that Levels 1 and 2 know by themselves: name, kind, exponent.
const BUILT_IN: [(&str, &str, f64); 5] = [
    ("substance", "mole", 1.0),
    ("volume", "litre", 1.0),
    ("area", "metre", 2.0),
    ("length", "metre", 1.0),
    ("time", "second", 1.0),
];
/// Defaults that they have of the same names.
const DEFAULTS: [(&str, &str); 6] = [
    ("substanceUnits", "substance"),
    ("timeUnits", "time"),
    ("volumeUnits", "volume"),
    ("areaUnits", "area"),
    ("lengthUnits", "length"),
    ("extentUnits", "substance"),
];

/// The network with its units as Level 3 says them.
pub(super) fn explicit(network: &Network) -> Cow<'_, Network> {
    if network.level.0 >= 3 {
        return Cow::Borrowed(network);
    }
    let mut network = network.clone();
    for (id, kind, exponent) in BUILT_IN {
        if !network.units.iter().any(|unit| unit.id == id) {
            let base = BaseUnit {
                kind: kind.to_owned(),
                exponent,
                scale: 0,
                multiplier: 1.0,
            };
            network.units.push(UnitDefinition {
                id: id.to_owned(),
                units: vec![base],
                remarks: Remarks::default(),
            });
        }
    }
    network.default_units = DEFAULTS.map(|(name, unit)| (name.to_owned(), unit.to_owned())).into();
    for base in network.units.iter_mut().flat_map(|unit| &mut unit.units) {
        base.kind = kind(&base.kind).to_owned();
    }
    let compartments = network.compartments.iter_mut().map(|c| &mut c.units);
    let species = network.species.iter_mut().map(|s| &mut s.substance_units);
    let parameters = network.parameters.iter_mut().map(|p| &mut p.units);
    let locals = network
        .reactions
        .iter_mut()
        .flat_map(|r| r.locals.iter_mut().map(|l| &mut l.units));
    for unit in compartments.chain(species).chain(parameters).chain(locals).flatten() {
        *unit = kind(unit).to_owned();
    }
    Cow::Owned(network)
}

/// Level 1 spells two kinds otherwise.
fn kind(name: &str) -> &str {
    match name {
        "liter" => "litre",
        "meter" => "metre",
        other => other,
    }
}
