//! Algebraic rules: which quantity each determines.

use std::collections::BTreeSet;

use super::Builder;
use crate::codes::UNDETERMINED;
use crate::expression::ExprId;
use crate::network::matching::matching;
use crate::network::math::Math;
use crate::network::parts::{Rule, RuleKind};

impl<'a> Builder<'a> {
    /// Which quantity each algebraic rule determines.
    pub(super) fn match_algebraic_rules(&mut self) {
        let network = self.network;
        let algebraic: Vec<&Rule> = network.rules.iter().filter(|r| r.kind == RuleKind::Algebraic).collect();
        if algebraic.is_empty() {
            return;
        }
        let mut free: BTreeSet<&str> = network
            .parameters
            .iter()
            .filter(|p| !p.constant)
            .map(|p| p.id.as_str())
            .collect();
        free.extend(
            network
                .compartments
                .iter()
                .filter(|c| !c.constant)
                .map(|c| c.id.as_str()),
        );
        free.extend(network.species.iter().filter(|s| !s.constant).map(|s| s.id.as_str()));
        let participants = network
            .reactions
            .iter()
            .flat_map(|r| r.reactants.iter().chain(&r.products));
        free.extend(participants.filter(|p| !p.constant).filter_map(|p| p.id.as_deref()));
        free.retain(|name| !self.rules.contains_key(name) && !self.reacting.contains(name));
        let assigned: BTreeSet<&str> = network
            .events
            .iter()
            .flat_map(|e| e.assignments.iter().map(|a| a.variable.as_str()))
            .collect();
        let possible: Vec<BTreeSet<&str>> = algebraic
            .iter()
            .map(|rule| self.names_behind(&rule.math).intersection(&free).copied().collect())
            .collect();
        // What events assign is meant to stay as assigned. Level 1 cannot say what is constant: there, only species follow.
        let is_species = |name: &str| network.species.iter().any(|s| s.id == name);
        let is_named = |rule: &Rule, name: &str| rule.math.names().contains(&name);
        let suits = |rule: &Rule, name: &str| {
            let follows =
                is_species(name) || (network.level.0 > 1 && (is_named(rule, name) || !self.is_compartment(name)));
            follows && !assigned.contains(name)
        };
        let preferred =
            |(all, rule): (&BTreeSet<&'a str>, &&Rule)| all.iter().copied().filter(|name| suits(rule, name)).collect();
        let preferred: Vec<BTreeSet<&str>> = possible.iter().zip(&algebraic).map(preferred).collect();
        match matching(&preferred, &possible) {
            Some(unknowns) => self.solved = unknowns.into_iter().zip(0..).collect(),
            None => {
                let message = "the algebraic rules leave nothing that they could determine".into();
                let help = "each needs a quantity of its own that is not constant and has no other rule";
                self.report(UNDETERMINED, &algebraic[0].place, message, help);
            }
        }
    }

    fn is_compartment(&self, name: &str) -> bool {
        self.network.compartments.iter().any(|c| c.id == name)
    }

    /// Names in `math` and in whatever defines them.
    fn names_behind(&self, math: &'a Math) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut pending = vec![math];
        while let Some(math) = pending.pop() {
            for name in math.names() {
                if !found.insert(name) {
                    continue;
                }
                if let Some(rule) = self.rules.get(name).filter(|r| r.kind == RuleKind::Assignment) {
                    pending.push(&rule.math);
                }
                if let Some(rate) = self.named.reactions.get(name).and_then(|r| r.rate.as_ref()) {
                    pending.push(rate);
                }
                if self.reacting.contains(name)
                    && let Some(species) = self.named.species.get(name)
                    && !self.is_amount(species)
                {
                    found.insert(&species.compartment);
                }
            }
        }
        found
    }

    /// The formula of the algebraic rule that determines `name`.
    pub(super) fn residual(&mut self, name: &str) -> ExprId {
        let network = self.network;
        let rule = network
            .rules
            .iter()
            .filter(|r| r.kind == RuleKind::Algebraic)
            .nth(self.solved[name]);
        let rule = rule.expect("the matching numbers the algebraic rules");
        self.plain(&rule.math, &rule.place)
    }
}
