//! Reactions and events as text.

use super::formula::{infix, value_text};
use super::{Printer, constancy};
use crate::network::math::Math;
use crate::network::parts::{Event, Network, Participant, Reaction};

impl Printer<'_> {
    pub(super) fn reaction(&mut self, reaction: &Reaction) {
        if reaction.fast {
            self.lost.push(format!("the reaction `{}` is `fast`", reaction.id));
        }
        let name = self.names.quantity(&reaction.id).to_owned();
        // Local parameters become parameters of the model under the reaction's name.
        let mut locals: Vec<(&str, String)> = Vec::new();
        for local in &reaction.locals {
            let global = self.names.free(&format!("{name}_{}", local.id));
            let value = super::value(local.value);
            self.line(&format!("const {global}{value}"));
            self.unit(&global, local.units.as_ref());
            locals.push((&local.id, global));
        }
        let rate = reaction
            .rate
            .as_ref()
            .map(|rate| self.law(rate, &locals))
            .unwrap_or_default();
        let (left, right) = (
            self.side(reaction, &reaction.reactants),
            self.side(reaction, &reaction.products),
        );
        let arrow = if reaction.reversible { "->" } else { "=>" };
        let home = reaction
            .compartment
            .as_ref()
            .map_or(String::new(), |c| format!(" in {}", self.names.quantity(c)));
        self.line(&format!("{name}{home}: {left} {arrow} {right}; {rate}"));
        self.remarks(&name, &reaction.remarks);
    }

    /// A rate with its local parameters under their new names.
    fn law(&self, rate: &Math, locals: &[(&str, String)]) -> String {
        let leaf = |leaf: &Math| match leaf {
            Math::Name(name) => match locals.iter().find(|local| local.0 == name) {
                Some((_, global)) => Math::name(global),
                None => self.named(leaf),
            },
            other => self.named(other),
        };
        infix(&rate.map(&leaf, &|name| self.names.function(name).to_owned()))
    }

    fn side(&mut self, reaction: &Reaction, members: &[Participant]) -> String {
        let terms: Vec<String> = members.iter().map(|p| self.participant(reaction, p)).collect();
        terms.join(" + ")
    }

    fn participant(&mut self, reaction: &Reaction, p: &Participant) -> String {
        let species = self.names.quantity(&p.species).to_owned();
        let named = match (&p.id, &p.stoichiometry_math) {
            (Some(id), _) => Some(self.names.quantity(id).to_owned()),
            (None, Some(_)) => {
                let stem = format!("{}_{species}_stoichiometry", self.names.quantity(&reaction.id));
                Some(self.names.free(&stem))
            }
            (None, None) => None,
        };
        let Some(name) = named else {
            return match p.stoichiometry {
                Some(count) if count.to_bits() != 1f64.to_bits() => format!("{} {species}", value_text(count)),
                _ => species,
            };
        };
        let is_given = |id: &String| self.assigned.contains(id.as_str()) || self.defined.contains(id.as_str());
        if let Some(math) = &p.stoichiometry_math {
            self.line(&format!("{name} := {}", self.math(math)));
        } else if let Some(count) = p.stoichiometry.filter(|_| !p.id.as_ref().is_some_and(is_given)) {
            self.line(&format!("{} {name} = {}", constancy(p.constant), value_text(count)));
        }
        format!("{name} {species}")
    }

    pub(super) fn events(&mut self, network: &Network) {
        for event in &network.events {
            let name = if event.id.is_empty() {
                self.names.free("_E0")
            } else {
                self.names.quantity(&event.id).to_owned()
            };
            let text = self.event(event);
            self.line(&format!("{name}: {text}"));
            self.remarks(&name, &event.remarks);
        }
    }

    fn event(&self, event: &Event) -> String {
        // An event without a condition never happens.
        let trigger = event
            .trigger
            .as_ref()
            .map_or_else(|| "false".to_owned(), |t| self.math(t));
        let delay = event
            .delay
            .as_ref()
            .map_or(String::new(), |d| format!("({}) after ", self.math(d)));
        let mut options = Vec::new();
        options.extend(
            event
                .priority
                .as_ref()
                .map(|p| format!(", priority = {}", self.math(p))),
        );
        options.extend((!event.initial_value).then(|| ", t0 = false".to_owned()));
        options.extend((!event.persistent).then(|| ", persistent = false".to_owned()));
        options.extend((!event.values_from_trigger_time).then(|| ", fromTrigger = false".to_owned()));
        let change = |a: &crate::network::EventAssignment| {
            format!("{} = {}", self.names.quantity(&a.variable), self.math(&a.math))
        };
        let changes: Vec<String> = event.assignments.iter().map(change).collect();
        format!("at {delay}({trigger}){}: {};", options.concat(), changes.join(", "))
    }
}
