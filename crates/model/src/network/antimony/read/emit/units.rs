//! Units of the network.

use std::collections::BTreeSet;

use super::{DEFAULT_UNITS, Writer};
use crate::network::antimony::read::say::Wrong;
use crate::network::antimony::read::symbols::Symbol;
use crate::network::antimony::read::units::{base, kind, reduced};
use crate::network::parts::{BaseUnit, Remarks, UnitDefinition};

impl Writer<'_> {
    /// The unit of amounts: the unit of the species, times that of its compartment if it is one of concentrations.
    pub(super) fn substance_unit(&mut self, symbol: &Symbol, home: Option<&str>) -> Result<Option<String>, Wrong> {
        let Some(unit) = symbol.unit.as_deref() else {
            return Ok(None);
        };
        if symbol.substance_only {
            return Ok(Some(self.unit_id(unit)));
        }
        let compartment = home
            .and_then(|home| self.module.find(home))
            .map(|at| &self.module.symbols[at]);
        let volume = match compartment.and_then(|symbol| symbol.unit.as_deref()) {
            Some(unit) => self.module.unit_factors(unit)?,
            None => vec![base("litre")],
        };
        let Ok(mut factors) = self.module.unit_factors(unit) else {
            return Ok(None);
        };
        factors.extend(volume);
        Ok(Some(self.unit_for(reduced(factors))))
    }

    /// The id of a unit made of these factors.
    fn unit_for(&mut self, units: Vec<BaseUnit>) -> String {
        if let [only] = units.as_slice()
            && *only == base(&only.kind)
        {
            return only.kind.clone();
        }
        if let Some(known) = self.network.units.iter().find(|known| known.units == units) {
            return known.id.clone();
        }
        let taken: BTreeSet<&str> = self.ids.values().map(String::as_str).collect();
        let mut names = (1..).map(|number| format!("substance_unit_{number}"));
        let is_free =
            |name: &String| !taken.contains(name.as_str()) && !self.network.units.iter().any(|u| u.id == *name);
        let id = names.find(is_free).expect("numbers do not end");
        self.network.units.push(UnitDefinition {
            id: id.clone(),
            units,
            remarks: Remarks::default(),
        });
        id
    }

    pub(super) fn unit(&mut self, symbol: &Symbol) -> Result<(), Wrong> {
        if kind(&symbol.name).is_some() {
            return Ok(());
        }
        let id = self.id(&symbol.name);
        if let Some((_, attribute)) = DEFAULT_UNITS.iter().find(|known| known.0 == symbol.name) {
            self.network.default_units.push(((*attribute).to_owned(), id.clone()));
        }
        let units = match symbol.definition {
            Some(_) => self.module.unit_factors(&symbol.name)?,
            None => Vec::new(),
        };
        let remarks = self.remarks(&id, &symbol.remarks, &symbol.links);
        self.network.units.push(UnitDefinition { id, units, remarks });
        Ok(())
    }
}
