//! Doses, given when they are due.

use malar_model::expression::SymbolId;

use super::Run;
use crate::network::doses::{Body, is_due};
use crate::network::machine::Machine;
use crate::network::plan::Failure;
use crate::network::program::Program;

/// Places of what a dose changes.
#[derive(Clone, Debug)]
pub(in crate::network) struct Target {
    /// The unknown that takes an amount, if one does.
    pub unknown: Option<usize>,
    /// What an amount is divided by, if the unknown is a concentration.
    pub size: Option<Program>,
    /// The stored value to which rates of infusions are added.
    pub rate: usize,
}

/// Doses act on the values of a machine.
struct Dosing<'a> {
    machine: &'a mut Machine,
    targets: &'a [Target],
    initial: &'a [f64],
    time: f64,
}

impl Body for Dosing<'_> {
    fn add(&mut self, into: usize, amount: f64) {
        let target = &self.targets[into];
        let Machine { values, scratch, .. } = &mut *self.machine;
        let size = target
            .size
            .as_ref()
            .map_or(1.0, |size| size.value(self.time, values, scratch));
        if let Some(unknown) = target.unknown {
            values[unknown] += amount / size;
        }
    }

    fn flow(&mut self, into: usize, rate: f64) {
        let place = self.targets[into].rate;
        self.machine.values[place] = self.initial[place] + rate;
    }

    fn reset(&mut self) {
        for &place in &self.machine.unknowns {
            self.machine.values[place] = self.initial[place];
        }
    }
}

impl Run<'_> {
    /// Gives the doses that are due; true if there were any.
    pub(super) fn dose(&mut self) -> Result<bool, Failure> {
        let is_due = |time| is_due(time, self.time);
        if !self.cursor.next_time(self.doses).is_some_and(is_due) {
            return Ok(false);
        }
        let mut body = Dosing {
            machine: &mut self.machine,
            targets: self.targets,
            initial: &self.initial,
            time: self.time,
        };
        if let Some(dose) = self.cursor.act(self.doses, self.time, &mut body) {
            let name = self.targets[dose.into].unknown.map_or(0, |place| place as u32);
            let name = self.dynamics.arena.name(SymbolId(name)).to_owned();
            return Err(self.failure(
                name,
                "a steady state needs a model without events, delays or algebraic rules",
            ));
        }
        let is_consistent = self.machine.settle(self.time);
        self.u = self.machine.unknown_values();
        self.size = 0.0;
        if !is_consistent {
            let name = self.dynamics.solved.first().map_or(String::new(), |&c| self.name(c));
            return Err(self.failure(name, "algebraic rules or fast reactions have no solution after a dose"));
        }
        self.record();
        self.echo(self.time, 0);
        Ok(true)
    }
}
