//! Rules, initial assignments and reacting species by name.

use std::collections::BTreeSet;

use super::Builder;
use crate::codes::{DEFINED_TWICE, UNDEFINED};
use crate::model::Place;
use crate::network::parts::RuleKind;

impl<'a> Builder<'a> {
    /// Rules, initial assignments and reacting species by name; checks that each has a target.
    pub(super) fn collect(&mut self) {
        let network = self.network;
        let mut targets: BTreeSet<&str> = network.compartments.iter().map(|c| c.id.as_str()).collect();
        targets.extend(network.species.iter().map(|s| s.id.as_str()));
        targets.extend(network.parameters.iter().map(|p| p.id.as_str()));
        let participants = network
            .reactions
            .iter()
            .flat_map(|r| r.reactants.iter().chain(&r.products));
        targets.extend(participants.filter_map(|p| p.id.as_deref()));
        for rule in network.rules.iter().filter(|r| r.kind != RuleKind::Algebraic) {
            if !targets.contains(rule.variable.as_str()) {
                self.undefined(&rule.variable, &rule.place);
            } else if self.rules.insert(&rule.variable, rule).is_some() {
                let message = format!("`{}` has two rules", rule.variable);
                self.report(DEFINED_TWICE, &rule.place, message, "keep one of them");
            }
        }
        for initial in &network.initial_assignments {
            if !targets.contains(initial.symbol.as_str()) {
                self.undefined(&initial.symbol, &initial.place);
            } else if self.initials.insert(&initial.symbol, &initial.math).is_some() {
                let message = format!("`{}` has two initial assignments", initial.symbol);
                self.report(DEFINED_TWICE, &initial.place, message, "keep one of them");
            }
        }
        for species in &network.species {
            if !self.named.compartments.contains_key(species.compartment.as_str()) {
                self.undefined(&species.compartment, &species.place);
            }
        }
        for reaction in &network.reactions {
            for participant in reaction.reactants.iter().chain(&reaction.products) {
                match self.named.species.get(participant.species.as_str()) {
                    Some(species) if !species.boundary && !species.constant => {
                        self.reacting.insert(&species.id);
                    }
                    Some(_) => {}
                    None => self.undefined(&participant.species, &reaction.place),
                }
            }
        }
        for event in &network.events {
            for assignment in &event.assignments {
                if !targets.contains(assignment.variable.as_str()) {
                    self.undefined(&assignment.variable, &assignment.place);
                }
            }
        }
    }

    fn undefined(&mut self, name: &str, place: &Place) {
        let message = if name.is_empty() {
            "an id is missing".to_owned()
        } else {
            format!("`{name}` is not defined")
        };
        self.report(UNDEFINED, place, message, "declare it, or correct the id");
    }
}
