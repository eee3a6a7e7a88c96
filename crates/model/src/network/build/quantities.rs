//! Compartments, parameters and named stoichiometries.

use super::{Builder, Rate, Role};
use crate::expression::{ExprId, SymbolId};
use crate::model::Place;

impl<'a> Builder<'a> {
    /// Adds a quantity that formulas mean directly.
    pub(super) fn quantity(&mut self, name: &'a str, value: Option<f64>, place: &Place) {
        let (symbol, _) = self.symbol(name);
        match self.role(name) {
            Role::Defined => {
                let rule = self.rules[name];
                let value = self.plain(&rule.math, &rule.place);
                self.define(symbol, value);
                return;
            }
            Role::Rated => {
                let rule = self.rules[name];
                let rate = self.plain(&rule.math, &rule.place);
                self.unknown(symbol, Rate::Of(rate));
            }
            Role::Solved => {
                let residual = self.residual(name);
                self.unknown(symbol, Rate::Solved(residual));
            }
            Role::Reacting | Role::Stored => self.flow.stored.push(symbol),
        }
        let start = match self.initials.get(name) {
            Some(&math) => self.plain(math, place),
            None => self.low.arena.number(value.unwrap_or(f64::NAN)),
        };
        self.start(symbol, start);
    }

    pub(super) fn define(&mut self, symbol: SymbolId, value: ExprId) {
        self.flow.definitions.push((symbol, value));
        self.start(symbol, value);
    }

    pub(super) fn unknown(&mut self, symbol: SymbolId, rate: Rate) {
        self.flow.unknowns.push(symbol);
        self.flow.rates.push(rate);
    }

    pub(super) fn start(&mut self, symbol: SymbolId, value: ExprId) {
        if self.flow.start.insert(symbol, value).is_none() {
            self.flow.order.push(symbol);
        }
    }

    /// Compartments, parameters and named stoichiometries.
    pub(super) fn compartments_and_numbers(&mut self) {
        let network = self.network;
        for compartment in &network.compartments {
            let size = compartment.size.or_else(|| (network.level.0 < 3).then_some(1.0));
            self.quantity(&compartment.id, size, &compartment.place);
        }
        for parameter in &network.parameters {
            self.quantity(&parameter.id, parameter.value, &parameter.place);
        }
        for reaction in &network.reactions {
            for participant in reaction.reactants.iter().chain(&reaction.products) {
                if let Some(id) = &participant.id {
                    if let Some(math) = &participant.stoichiometry_math {
                        let (symbol, value) = (self.low.arena.symbol(id), self.plain(math, &reaction.place));
                        self.define(symbol, value);
                    } else {
                        self.quantity(id, participant.stoichiometry, &reaction.place);
                    }
                }
            }
        }
    }
}
