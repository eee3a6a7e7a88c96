//! Rates that formulas ask for: `rateOf`.

use std::collections::BTreeSet;

use super::{Builder, Rate, Role};
use crate::codes::UNSUPPORTED;
use crate::expression::{ExprId, SymbolId};
use crate::model::Place;
use crate::network::lower::rate_name;

impl<'a> Builder<'a> {
    /// Definitions for the rates that formulas ask for.
    pub(super) fn rates_of(&mut self) {
        // Rates may ask for rates; each round adds definitions for the names that are new.
        let mut done: BTreeSet<SymbolId> = BTreeSet::new();
        loop {
            let open: Vec<SymbolId> = self.low.rates_of.difference(&done).copied().collect();
            if open.is_empty() {
                return;
            }
            for symbol in open {
                done.insert(symbol);
                let name = self.low.arena.name(symbol).to_owned();
                // A definition that uses its own rate would ask for rates of rates without end.
                let is_endless = name.matches("rateOf ").count() > 3;
                let rate = if is_endless { None } else { self.rate_of(symbol, &name) };
                let Some(rate) = rate else {
                    let message = format!("`rateOf` of `{name}`, which has no rate of its own");
                    self.report(UNSUPPORTED, &Place::default(), message, "write its rate as a formula");
                    return;
                };
                let target = self.low.arena.symbol(&rate_name(&name));
                self.define(target, rate);
            }
        }
    }

    fn rate_of(&mut self, symbol: SymbolId, name: &str) -> Option<ExprId> {
        if let Some(rate) = self.integrated_rate(symbol) {
            return rate;
        }
        if self.flow.stored.contains(&symbol) {
            return Some(self.low.arena.number(0.0));
        }
        let network = self.network;
        if let Some(species) = network.species.iter().find(|s| s.id == name)
            && self.role(name) != Role::Defined
        {
            let (amount_symbol, _) = self.amount(species);
            let zero = self.low.arena.number(0.0);
            let flow = self.integrated_rate(amount_symbol).flatten().unwrap_or(zero);
            let (_, size) = self.symbol(&species.compartment);
            let (_, concentration) = self.symbol(name);
            let size_symbol = self.low.arena.symbol(&species.compartment);
            let growth = self.rate_of(size_symbol, &species.compartment)?;
            let dilution = self.low.arena.mul(concentration, growth);
            let net = self.low.arena.sub(flow, dilution);
            return Some(self.low.arena.div(net, size));
        }
        let definition = self.flow.definitions.iter().find(|d| d.0 == symbol).map(|d| d.1)?;
        self.total_derivative(definition)
    }

    /// `None` if `symbol` is not an unknown; `Some(None)` after a report if it has no rate of its own.
    fn integrated_rate(&mut self, symbol: SymbolId) -> Option<Option<ExprId>> {
        let at = self.flow.unknowns.iter().position(|&u| u == symbol)?;
        match self.flow.rates[at] {
            Rate::Of(rate) => Some(Some(rate)),
            Rate::Solved(_) => {
                let message = format!(
                    "`rateOf` of `{}`, which an algebraic rule determines",
                    self.low.arena.name(symbol)
                );
                self.report(UNSUPPORTED, &Place::default(), message, "write its rate as a formula");
                Some(None)
            }
        }
    }

    /// The chain rule along everything a definition uses.
    fn total_derivative(&mut self, expr: ExprId) -> Option<ExprId> {
        let mut total = self.low.arena.time_derivative(expr);
        for symbol in self.low.arena.symbols_in(expr) {
            let slope = self.low.arena.derivative(expr, symbol);
            if self.low.arena.constant(slope) == Some(0.0) {
                continue;
            }
            self.low.rates_of.insert(symbol);
            let name = rate_name(self.low.arena.name(symbol));
            let rate = self.low.arena.named(&name);
            let term = self.low.arena.mul(slope, rate);
            total = self.low.arena.add(total, term);
        }
        Some(total)
    }
}
