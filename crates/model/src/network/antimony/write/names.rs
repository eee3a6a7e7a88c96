//! Names that Antimony can say: SBML's ids, except where they are words of the language or stand for two things.

use std::collections::{BTreeMap, BTreeSet};

use crate::network::antimony::read::is_reserved;
use crate::network::parts::Network;

/// The names under which a network is written.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
    quantities: BTreeMap<String, String>,
    functions: BTreeMap<String, String>,
    units: BTreeMap<String, String>,
}

impl Names {
    /// Quantities, reactions and events keep their ids first, then functions, then units.
    pub fn new(network: &Network) -> Names {
        let mut names = Names::default();
        let events = network.events.iter().map(|event| event.id.as_str());
        for id in network.names().chain(events).filter(|id| !id.is_empty()) {
            if !names.quantities.contains_key(id) {
                let name = names.free(id);
                names.quantities.insert(id.to_owned(), name);
            }
        }
        for function in &network.functions {
            let name = names.free(&function.id);
            names.functions.insert(function.id.clone(), name);
        }
        for unit in &network.units {
            let name = names.free(&unit.id);
            names.units.insert(unit.id.clone(), name);
        }
        names
    }

    /// A name of its own like `id`.
    pub fn free(&mut self, id: &str) -> String {
        let mut name = id.to_owned();
        while is_reserved(&name) || !self.taken.insert(name.clone()) {
            name.push('_');
        }
        name
    }

    pub fn quantity<'a>(&'a self, id: &'a str) -> &'a str {
        self.quantities.get(id).map_or(id, String::as_str)
    }

    pub fn function<'a>(&'a self, id: &'a str) -> &'a str {
        self.functions.get(id).map_or(id, String::as_str)
    }

    pub fn unit<'a>(&'a self, id: &'a str) -> &'a str {
        self.units.get(id).map_or(id, String::as_str)
    }
}
