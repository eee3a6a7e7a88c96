//! Rates that formulas ask for: `rateOf`.

use std::collections::BTreeSet;

use super::{Builder, Rate, Role};
use crate::codes::UNSUPPORTED;
use crate::expression::{ExprId, SymbolId};
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
                let is_found = !is_endless && self.add_rate(symbol, &name).is_some();
                if !is_found {
                    let message = format!("`rateOf` of `{name}`, which has no rate of its own");
                    let place = self.place_of(&name).unwrap_or_default();
                    self.report(UNSUPPORTED, &place, message, "write its rate as a formula");
                    return;
                }
            }
        }
    }

    /// Gives `rateOf name` a meaning, if it has one.
    fn add_rate(&mut self, symbol: SymbolId, name: &str) -> Option<()> {
        let target = self.low.arena.symbol(&rate_name(name));
        match self.integrated_rate(symbol) {
            // An algebraic rule stays true, so its total derivative is zero: an equation for the rate.
            Some(Rate::Solved(residual)) => {
                let moved = self.total_derivative(residual);
                let zero = self.low.arena.number(0.0);
                self.unknown(target, Rate::Solved(moved));
                self.start(target, zero);
            }
            Some(Rate::Of(rate)) => self.define(target, rate),
            None => {
                let rate = self.rate_of(symbol, name)?;
                self.define(target, rate);
            }
        }
        Some(())
    }

    /// The rate of what is not an unknown.
    fn rate_of(&mut self, symbol: SymbolId, name: &str) -> Option<ExprId> {
        if self.flow.stored.contains(&symbol) {
            return Some(self.low.arena.number(0.0));
        }
        if let Some(&species) = self.named.species.get(name)
            && self.role(name) != Role::Defined
        {
            let (amount_symbol, _) = self.amount(species);
            let flow = match self.integrated_rate(amount_symbol) {
                Some(Rate::Of(flow)) => flow,
                _ => self.low.arena.number(0.0),
            };
            let (_, size) = self.symbol(&species.compartment);
            let (_, concentration) = self.symbol(name);
            let growth = self.rate_by_name(&species.compartment);
            let dilution = self.low.arena.mul(concentration, growth);
            let net = self.low.arena.sub(flow, dilution);
            return Some(self.low.arena.div(net, size));
        }
        if let Some(at) = self.low.delays.iter().position(|look| look.symbol == symbol) {
            return Some(self.delayed_rate(at));
        }
        let definition = self.flow.definitions.iter().find(|d| d.0 == symbol).map(|d| d.1)?;
        Some(self.total_derivative(definition))
    }

    /// The rate of `x(t - lag)`: `x'(t - lag) (1 - lag')`.
    fn delayed_rate(&mut self, at: usize) -> ExprId {
        let (value, lag) = (self.low.delays[at].value, self.low.delays[at].lag);
        let then = self.total_derivative(value);
        let then = self.low.delayed(then, lag);
        let (one, stretch) = (self.low.arena.number(1.0), self.total_derivative(lag));
        let pace = self.low.arena.sub(one, stretch);
        self.low.arena.mul(then, pace)
    }

    /// What determines an unknown; nothing if `symbol` is none.
    fn integrated_rate(&mut self, symbol: SymbolId) -> Option<Rate> {
        let at = self.flow.unknowns.iter().position(|&u| u == symbol)?;
        Some(self.flow.rates[at])
    }

    /// The name that stands for the rate of `name`.
    fn rate_by_name(&mut self, name: &str) -> ExprId {
        let symbol = self.low.arena.symbol(name);
        self.low.rates_of.insert(symbol);
        self.low.arena.named(&rate_name(name))
    }

    /// The chain rule along everything a definition uses.
    fn total_derivative(&mut self, expr: ExprId) -> ExprId {
        let mut total = self.low.arena.time_derivative(expr);
        for symbol in self.low.arena.symbols_in(expr) {
            let slope = self.low.arena.derivative(expr, symbol);
            if self.low.arena.constant(slope) == Some(0.0) {
                continue;
            }
            let name = self.low.arena.name(symbol).to_owned();
            let rate = self.rate_by_name(&name);
            let term = self.low.arena.mul(slope, rate);
            total = self.low.arena.add(total, term);
        }
        total
    }
}
