//! Reactions: rates, and what they make of each species.

use super::{Builder, FAST_PACE, SLOW_PACE};
use crate::expression::ExprId;
use crate::model::Place;
use crate::network::lower::Scope;
use crate::network::math::Math;
use crate::network::parts::{Participant, Reaction, Species};

impl<'a> Builder<'a> {
    /// The rate of every reaction under its name.
    pub(super) fn reaction_rates(&mut self) {
        let network = self.network;
        for reaction in &network.reactions {
            let mut scope = Scope::new();
            for local in &reaction.locals {
                scope.insert(&local.id, self.low.arena.number(local.value.unwrap_or(f64::NAN)));
            }
            let rate = match &reaction.rate {
                Some(math) => self.lower(math, &scope, &reaction.place),
                None => self.low.arena.number(f64::NAN),
            };
            let symbol = self.low.arena.symbol(&reaction.id);
            self.define(symbol, rate);
        }
    }

    /// What all reactions together make of a species, in substance. Fast reactions run at their own pace.
    pub(super) fn reaction_flow(&mut self, species: &Species) -> ExprId {
        let network = self.network;
        let mut total = self.low.arena.number(0.0);
        let has_fast = self.has_fast();
        for reaction in self
            .named
            .reactions_of
            .get(species.id.as_str())
            .cloned()
            .unwrap_or_default()
        {
            if let Some(net) = self.net_stoichiometry(reaction, &species.id) {
                let mut rate = self.low.arena.named(&reaction.id);
                if has_fast {
                    let pace = self.low.arena.named(if reaction.fast { FAST_PACE } else { SLOW_PACE });
                    rate = self.low.arena.mul(pace, rate);
                }
                let flow = self.low.arena.mul(net, rate);
                total = self.low.arena.add(total, flow);
            }
        }
        match species
            .conversion_factor
            .as_deref()
            .or(network.conversion_factor.as_deref())
        {
            Some(factor) => {
                let factor = self.plain(&Math::name(factor), &species.place);
                self.low.arena.mul(factor, total)
            }
            None => total,
        }
    }

    /// Products minus reactants of one species in one reaction, if it takes part.
    fn net_stoichiometry(&mut self, reaction: &Reaction, species: &str) -> Option<ExprId> {
        let mut net = None;
        for (side, is_product) in [(&reaction.reactants, false), (&reaction.products, true)] {
            for participant in side.iter().filter(|p| p.species == species) {
                let count = self.stoichiometry(participant, &reaction.place);
                let zero = self.low.arena.number(0.0);
                let before = net.unwrap_or(zero);
                let after = if is_product {
                    self.low.arena.add(before, count)
                } else {
                    self.low.arena.sub(before, count)
                };
                net = Some(after);
            }
        }
        net
    }

    fn stoichiometry(&mut self, participant: &Participant, place: &Place) -> ExprId {
        match (&participant.id, &participant.stoichiometry_math) {
            (Some(id), _) => self.low.arena.named(id),
            (None, Some(math)) => self.plain(math, place),
            (None, None) => self.low.arena.number(participant.stoichiometry.unwrap_or(1.0)),
        }
    }

    pub(super) fn has_fast(&self) -> bool {
        self.network.reactions.iter().any(|r| r.fast && r.rate.is_some())
    }

    /// The two paces, if there are fast reactions.
    pub(super) fn paces(&mut self) {
        if self.has_fast() {
            for name in [SLOW_PACE, FAST_PACE] {
                let (symbol, one) = (self.low.arena.symbol(name), self.low.arena.number(1.0));
                self.flow.stored.push(symbol);
                self.start(symbol, one);
            }
        }
    }
}
