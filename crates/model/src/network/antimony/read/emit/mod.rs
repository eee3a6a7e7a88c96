//! From a finished module to a network.

mod quantities;
mod questions;
mod reactions;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Place;
use crate::network::antimony::read::formula::UPSTREAM;
use crate::network::antimony::read::say::Wrong;
use crate::network::antimony::read::symbols::{Course, Kind, Module, Symbol};
use crate::network::antimony::read::units::kind;
use crate::network::antimony::words::links_annotation;
use crate::network::math::Math;
use crate::network::parts::{Network, Remarks};

/// Species that are nowhere live here; its size is 1.
const NOWHERE: &str = "default_compartment";
/// Units by whose names a module sets its default units, and the attributes of SBML that say the same.
const DEFAULT_UNITS: [(&str, &str); 6] = [
    ("substance", "substanceUnits"),
    ("volume", "volumeUnits"),
    ("area", "areaUnits"),
    ("length", "lengthUnits"),
    ("time_unit", "timeUnits"),
    ("extent", "extentUnits"),
];

/// What is wrong, and where.
pub(super) type Misplaced = (Wrong, Place);

impl Module {
    /// The network that the module says.
    pub fn network(&self) -> Result<Network, Misplaced> {
        let nowhere = |wrong| (wrong, Place::default());
        self.check_strands().map_err(nowhere)?;
        self.check_homes()?;
        let ids = self.ids();
        let is_species = |name: &str| self.find(name).is_some_and(|at| self.symbols[at].kind == Kind::Species);
        let species = ids
            .iter()
            .filter(|entry| is_species(entry.0))
            .map(|entry| entry.1.clone());
        let mut writer = Writer {
            module: self,
            species: species.collect(),
            ids,
            reacting: self.reacting(),
            interacting: self.interacting(),
            constant: self.constants(),
            genes: self.gene_rates().map_err(nowhere)?,
            network: Network {
                level: (3, 2),
                id: self.name.clone(),
                ..Network::default()
            },
        };
        writer.network.remarks = writer.remarks("model", &self.remarks, &self.links);
        writer.network.conversion_factor = self.conversion_factor.as_deref().map(|name| writer.id(name));
        for (at, symbol) in self.symbols.iter().enumerate() {
            if symbol.same.is_none() {
                writer
                    .symbol(at, symbol)
                    .map_err(|wrong| (wrong, symbol.place.clone()))?;
            }
        }
        Ok(writer.network)
    }
}

struct Writer<'a> {
    module: &'a Module,
    ids: BTreeMap<&'a str, String>,
    constant: BTreeSet<&'a str>,
    genes: BTreeMap<String, Math>,
    /// Ids of species.
    species: BTreeSet<String>,
    /// Names of species that take part in a reaction.
    reacting: BTreeSet<&'a str>,
    /// Species that interactions name, by reaction.
    interacting: BTreeMap<&'a str, Vec<&'a str>>,
    network: Network,
}

impl Writer<'_> {
    fn id(&self, name: &str) -> String {
        let real = self.module.real_name(name);
        self.ids.get(real).cloned().unwrap_or_else(|| real.replace('.', "_"))
    }

    /// The formula with SBML's ids.
    fn math(&self, math: &Math) -> Math {
        let leaf = |leaf: &Math| match leaf {
            Math::Name(name) if name == UPSTREAM => Math::number(0.0),
            Math::Name(name) => Math::Name(self.id(name)),
            Math::Number(value, Some(unit)) => Math::Number(*value, Some(self.unit_id(unit))),
            other => other.clone(),
        };
        math.map(&leaf, &str::to_owned)
    }

    fn unit_id(&self, unit: &str) -> String {
        kind(unit).map_or_else(|| self.id(unit), str::to_owned)
    }

    fn remarks(&self, id: &str, remarks: &Remarks, links: &[(String, String)]) -> Remarks {
        let metaid = (!links.is_empty()).then(|| format!("meta_{id}"));
        Remarks {
            annotation: metaid.as_ref().map(|metaid| links_annotation(metaid, links)),
            metaid,
            ..remarks.clone()
        }
    }

    fn symbol(&mut self, at: usize, symbol: &Symbol) -> Result<(), Wrong> {
        match symbol.kind {
            Kind::Species => return self.species(at, symbol),
            Kind::Compartment => self.compartment(symbol),
            Kind::Number | Kind::Unknown | Kind::Operator | Kind::Dna => self.parameter(symbol),
            Kind::Reaction | Kind::Gene => self.reaction(at, symbol),
            Kind::Event => self.event(symbol),
            Kind::Unit => return self.unit(symbol),
            Kind::Algebraic => self.algebraic(symbol),
            Kind::Stoichiometry => self.rules(symbol),
            Kind::Strand | Kind::Interaction | Kind::Submodule | Kind::Constraint | Kind::Deleted => {}
        }
        Ok(())
    }

    /// The value at the start if it is a plain number.
    fn number(symbol: &Symbol) -> Option<f64> {
        match symbol.formula.as_ref().map(|formula| &formula.math) {
            Some(Math::Number(value, _)) if symbol.course != Course::Assigned => Some(*value),
            _ => None,
        }
    }
}
