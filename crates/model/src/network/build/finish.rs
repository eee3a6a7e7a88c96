//! Rows, outputs, and everything in order.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builder, MOST_LOOKS, Rate, SLOW_PACE};
use crate::codes::{CYCLE, MODEL_TOO_LARGE};
use crate::expression::{ExprId, Node, SymbolId};
use crate::model::Place;
use crate::network::dynamics::{Delayed, Dynamics, Happening, Limit, Output, Row, Start};
use crate::network::outside::is_outside;
use crate::order::in_order;

impl<'a> Builder<'a> {
    /// The rows of the system.
    pub(super) fn rows(&mut self) -> Vec<Row> {
        let mut rows = Vec::new();
        let has_fast = self.has_fast();
        for (at, (&symbol, &rate)) in self.flow.unknowns.iter().zip(&self.flow.rates).enumerate() {
            let about = self.low.arena.name(symbol).trim_end_matches(" amount").to_owned();
            rows.push(match rate {
                // Rates of reacting species have their paces inside; other rates are slow.
                Rate::Of(right) if has_fast && !self.reacting.contains(about.as_str()) => {
                    let pace = self.low.arena.named(SLOW_PACE);
                    Row {
                        mass: vec![(at, 1.0)],
                        right: self.low.arena.mul(pace, right),
                        about,
                    }
                }
                Rate::Of(right) => Row {
                    mass: vec![(at, 1.0)],
                    right,
                    about,
                },
                Rate::Solved(right) => Row {
                    mass: Vec::new(),
                    right,
                    about,
                },
            });
        }
        rows
    }

    pub(super) fn outputs(&mut self) -> Vec<Output> {
        let network = self.network;
        let mut outputs = Vec::new();
        for species in &network.species {
            let (_, value) = self.symbol(&species.id);
            let (_, amount) = self.amount(species);
            let (_, size) = self.symbol(&species.compartment);
            let concentration = if species.substance_only {
                self.low.arena.div(amount, size)
            } else {
                value
            };
            let varies = !species.constant;
            outputs.push(Output {
                name: species.id.clone(),
                value,
                species: Some((amount, concentration)),
                varies,
            });
        }
        let parameters = network.parameters.iter().map(|p| (&p.id, !p.constant));
        let compartments = network.compartments.iter().map(|c| (&c.id, !c.constant));
        let reactions = network.reactions.iter().map(|r| (&r.id, true));
        let participants = network
            .reactions
            .iter()
            .flat_map(|r| r.reactants.iter().chain(&r.products));
        let participants = participants.filter_map(|p| p.id.as_ref().map(|id| (id, !p.constant)));
        for (name, varies) in compartments.chain(parameters).chain(reactions).chain(participants) {
            let (_, value) = self.symbol(name);
            outputs.push(Output {
                name: name.clone(),
                value,
                species: None,
                varies,
            });
        }
        outputs.retain(|output| !is_outside(&output.name));
        outputs
    }

    /// True if one delayed quantity needs more looks back, inner ones counted each time, than anyone could wait for.
    fn looks_back_too_often(&self, defined: &BTreeMap<SymbolId, ExprId>) -> bool {
        let place: BTreeMap<SymbolId, usize> = self.low.delays.iter().map(|d| d.symbol).zip(0..).collect();
        let mut looks: Vec<u64> = Vec::new();
        for delay in &self.low.delays {
            let mut pending = vec![delay.value, delay.lag];
            let mut seen = BTreeSet::new();
            let mut count = 1u64;
            while let Some(expr) = pending.pop() {
                for symbol in self.low.arena.symbols_in(expr) {
                    if seen.insert(symbol) {
                        count += place.get(&symbol).and_then(|&at| looks.get(at)).copied().unwrap_or(0);
                        pending.extend(defined.get(&symbol));
                    }
                }
            }
            looks.push(count.min(MOST_LOOKS * 2));
        }
        looks.iter().any(|&count| count > MOST_LOOKS)
    }

    /// Puts everything in order.
    pub(super) fn finish(
        &mut self,
        rows: Vec<Row>,
        events: Vec<Happening>,
        limits: Vec<Limit>,
        outputs: Vec<Output>,
    ) -> Option<Dynamics> {
        for look in &self.low.delays {
            // At the start a delayed quantity is what it is computed from, at an earlier time.
            self.flow.start.insert(look.symbol, look.value);
            self.flow.order.push(look.symbol);
        }
        let flow = std::mem::take(&mut self.flow);
        let arena = &self.low.arena;
        let lags: BTreeMap<SymbolId, ExprId> = self.low.delays.iter().map(|d| (d.symbol, d.lag)).collect();
        let uses = |symbol: SymbolId| -> Vec<SymbolId> {
            let mut used = flow
                .start
                .get(&symbol)
                .map(|&e| arena.symbols_in(e))
                .unwrap_or_default();
            used.extend(lags.get(&symbol).map(|&e| arena.symbols_in(e)).unwrap_or_default());
            used.into_iter().filter(|s| flow.start.contains_key(s)).collect()
        };
        let start = in_order(&flow.order, &uses);
        let defined: BTreeMap<SymbolId, ExprId> = flow.definitions.iter().copied().collect();
        let names: Vec<SymbolId> = flow.definitions.iter().map(|d| d.0).collect();
        let behind = |symbol: SymbolId| -> Vec<SymbolId> {
            let used = defined.get(&symbol).map(|&e| arena.symbols_in(e)).unwrap_or_default();
            used.into_iter().filter(|s| defined.contains_key(s)).collect()
        };
        let order = in_order(&names, &behind);
        if self.low.delays.len() > 1 && self.looks_back_too_often(&defined) {
            let message = "delayed quantities are nested too deep in each other".into();
            self.report(
                MODEL_TOO_LARGE,
                &Place::default(),
                message,
                "let inner ones be state variables",
            );
            return None;
        }
        let arena = &self.low.arena;
        let circles: Vec<Vec<SymbolId>> = order.circles.into_iter().chain(start.circles).collect();
        if let Some(circle) = circles.first() {
            let names: Vec<String> = circle.iter().map(|&s| format!("`{}`", arena.name(s))).collect();
            let message = format!("{} depend on each other in a circle", names.join(", "));
            let place = circle.iter().find_map(|&s| self.place_of(self.low.arena.name(s)));
            self.report(
                CYCLE,
                &place.unwrap_or_default(),
                message,
                "break the circle with a rate rule or an algebraic rule",
            );
            return None;
        }
        let start_list = start
            .order
            .iter()
            .map(|&symbol| Start {
                symbol,
                value: flow.start[&symbol],
            })
            .collect();
        let is_solved = |rate: &Rate| matches!(rate, Rate::Solved(_));
        let solved = flow
            .rates
            .iter()
            .enumerate()
            .filter(|(_, rate)| is_solved(rate))
            .map(|(at, _)| at)
            .collect();
        let definitions = order.order.iter().map(|&s| (s, defined[&s])).collect();
        let delays = self
            .low
            .delays
            .iter()
            .map(|d| Delayed {
                symbol: d.symbol,
                value: d.value,
                lag: d.lag,
            })
            .collect();
        let mut arena = std::mem::take(&mut self.low.arena);
        arena.intern(Node::Time);
        Some(Dynamics {
            arena,
            unknowns: flow.unknowns,
            rows,
            solved,
            stored: flow.stored,
            definitions,
            start: start_list,
            delays,
            events,
            limits,
            outputs,
        })
    }
}
