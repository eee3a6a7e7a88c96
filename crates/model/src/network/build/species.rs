//! Species: amounts and concentrations.

use super::{Builder, Rate, Role};
use crate::expression::{ExprId, SymbolId};
use crate::network::parts::{RuleKind, Species};

impl<'a> Builder<'a> {
    pub(super) fn species(&mut self) {
        let network = self.network;
        for species in &network.species {
            if self.is_amount(species) {
                self.species_as_amount(species);
            } else {
                self.species_as_concentration(species);
            }
        }
    }

    fn species_as_amount(&mut self, species: &'a Species) {
        let concentration = species.initial_concentration;
        if concentration.is_some()
            && species.initial_amount.is_none()
            && !self.initials.contains_key(species.id.as_str())
        {
            let (_, size) = self.symbol(&species.compartment);
            let (symbol, _) = self.symbol(&species.id);
            let value = self.low.arena.number(concentration.unwrap_or(f64::NAN));
            let amount = self.low.arena.mul(value, size);
            self.species_quantity(species, symbol);
            if self.role(&species.id) != Role::Defined {
                self.start(symbol, amount);
            }
        } else {
            let (symbol, _) = self.symbol(&species.id);
            self.species_quantity(species, symbol);
        }
    }

    /// Adds a species whose amount formulas mean.
    fn species_quantity(&mut self, species: &'a Species, symbol: SymbolId) {
        if self.role(&species.id) == Role::Reacting {
            let rate = self.reaction_flow(species);
            self.unknown(symbol, Rate::Of(rate));
            let value = match self.initials.get(species.id.as_str()) {
                Some(&math) => self.plain(math, &species.place),
                None => self.low.arena.number(species.initial_amount.unwrap_or(f64::NAN)),
            };
            self.start(symbol, value);
        } else {
            self.quantity(&species.id, species.initial_amount, &species.place);
        }
    }

    fn species_as_concentration(&mut self, species: &'a Species) {
        let (symbol, concentration) = self.symbol(&species.id);
        let (amount_symbol, amount) = self.amount(species);
        let (_, size) = self.symbol(&species.compartment);
        let role = self.role(&species.id);
        let product = self.low.arena.mul(concentration, size);
        let size_is_free = matches!(self.role(&species.compartment), Role::Stored | Role::Rated);
        // The amount is what stays when the size of the compartment changes, so it is what is kept where it can be.
        let direct = role == Role::Defined || role == Role::Solved || (role == Role::Rated && !size_is_free);
        if direct {
            let start = species.initial_concentration;
            self.quantity(&species.id, start, &species.place);
            self.define(amount_symbol, product);
        } else {
            let quotient = self.low.arena.div(amount, size);
            self.flow.definitions.push((symbol, quotient));
            match role {
                Role::Reacting => {
                    let rate = self.reaction_flow(species);
                    self.unknown(amount_symbol, Rate::Of(rate));
                }
                Role::Rated => {
                    let rule = self.rules[species.id.as_str()];
                    let rate = self.plain(&rule.math, &rule.place);
                    let rate = self.low.arena.mul(rate, size);
                    let growth = self.size_rate(&species.compartment);
                    let growth = self.low.arena.mul(concentration, growth);
                    let rate = self.low.arena.add(rate, growth);
                    self.unknown(amount_symbol, Rate::Of(rate));
                }
                _ => self.flow.stored.push(amount_symbol),
            }
            self.start(amount_symbol, product);
        }
        if role == Role::Defined {
            return;
        }
        let start = match (self.initials.get(species.id.as_str()), species.initial_amount) {
            (Some(&math), _) => self.plain(math, &species.place),
            (None, Some(value)) => {
                let value = self.low.arena.number(value);
                if direct {
                    self.low.arena.div(value, size)
                } else {
                    // Given as an amount: that needs no size, and the concentration follows from it.
                    self.start(amount_symbol, value);
                    self.low.arena.div(amount, size)
                }
            }
            _ => self.low.arena.number(species.initial_concentration.unwrap_or(f64::NAN)),
        };
        self.start(symbol, start);
    }

    /// Rate of change of a compartment's size.
    fn size_rate(&mut self, compartment: &str) -> ExprId {
        match self.rules.get(compartment).copied() {
            Some(rule) if rule.kind == RuleKind::Rate => self.plain(&rule.math, &rule.place),
            _ => self.low.arena.number(0.0),
        }
    }

    /// True if formulas mean the amount of the species.
    pub(super) fn is_amount(&self, species: &Species) -> bool {
        species.is_amount_in(self.named.compartments.get(species.compartment.as_str()).copied())
    }

    /// The name of the species' amount.
    pub(super) fn amount(&mut self, species: &Species) -> (SymbolId, ExprId) {
        if self.is_amount(species) {
            self.symbol(&species.id)
        } else {
            self.symbol(&format!("{} amount", species.id))
        }
    }
}
