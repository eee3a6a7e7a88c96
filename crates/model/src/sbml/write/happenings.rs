//! Reactions and events.

use std::borrow::Cow;

use super::{Writer, flag, number, text};
use crate::network::{Event, Math, Participant, Reaction};

impl Writer {
    pub(super) fn reaction(&mut self, reaction: &Reaction) {
        let reaction = &*with_free_locals(reaction);
        let attributes = vec![
            ("id", text(&reaction.id)),
            ("reversible", flag(reaction.reversible)),
            ("fast", (self.version == 1).then(|| reaction.fast.to_string())),
            ("compartment", reaction.compartment.clone()),
        ];
        self.element("reaction", attributes, &reaction.remarks, |writer| {
            let first_product = reaction.reactants.len();
            for (list, participants, first) in [
                ("listOfReactants", &reaction.reactants, 0),
                ("listOfProducts", &reaction.products, first_product),
            ] {
                let mut at = first;
                writer.list(list, participants, |writer, participant| {
                    writer.participant(reaction, participant, at);
                    at += 1;
                });
            }
            writer.list("listOfModifiers", &reaction.modifiers, |writer, modifier| {
                let attributes = vec![("species", text(&modifier.species))];
                writer.element("modifierSpeciesReference", attributes, &modifier.remarks, |_| {});
            });
            if reaction.rate.is_some() || !reaction.locals.is_empty() {
                writer.kinetic_law(reaction);
            }
        });
    }

    fn participant(&mut self, reaction: &Reaction, participant: &Participant, at: usize) {
        let is_formula = participant.stoichiometry_math.is_some();
        let own = participant.id.clone();
        let attributes = vec![
            (
                "id",
                own.or_else(|| is_formula.then(|| stoichiometry_id(reaction, participant, at))),
            ),
            ("species", text(&participant.species)),
            (
                "stoichiometry",
                number(participant.stoichiometry.filter(|_| !is_formula)),
            ),
            ("constant", flag(participant.constant && !is_formula)),
        ];
        self.element("speciesReference", attributes, &participant.remarks, |_| {});
    }

    fn kinetic_law(&mut self, reaction: &Reaction) {
        self.element("kineticLaw", Vec::new(), &reaction.law, |writer| {
            writer.math(reaction.rate.as_ref());
            writer.list("listOfLocalParameters", &reaction.locals, |writer, local| {
                let attributes = vec![
                    ("id", text(&local.id)),
                    ("value", number(local.value)),
                    ("units", local.units.clone()),
                ];
                writer.element("localParameter", attributes, &local.remarks, |_| {});
            });
        });
    }

    pub(super) fn event(&mut self, event: &Event) {
        let id = Some(event.id.clone()).filter(|id| !id.is_empty());
        let attributes = vec![
            ("id", id),
            ("useValuesFromTriggerTime", flag(event.values_from_trigger_time)),
        ];
        self.element("event", attributes, &event.remarks, |writer| {
            let [trigger, delay, priority] = &event.parts;
            let attributes = vec![
                ("initialValue", flag(event.initial_value)),
                ("persistent", flag(event.persistent)),
            ];
            writer.element("trigger", attributes, trigger, |writer| {
                writer.math(event.trigger.as_ref())
            });
            for (name, math, remarks) in [("priority", &event.priority, priority), ("delay", &event.delay, delay)] {
                if math.is_some() {
                    writer.element(name, Vec::new(), remarks, |writer| writer.math(math.as_ref()));
                }
            }
            writer.list("listOfEventAssignments", &event.assignments, |writer, assignment| {
                let attributes = vec![("variable", text(&assignment.variable))];
                let math = Some(&assignment.math);
                writer.element("eventAssignment", attributes, &assignment.remarks, |writer| {
                    writer.math(math)
                });
            });
        });
    }
}

/// The name of a stoichiometry that is a formula: its own, or one made of reaction and position.
pub(super) fn stoichiometry_id(reaction: &Reaction, participant: &Participant, at: usize) -> String {
    let made = || format!("{}_stoichiometry_{}", reaction.id, at + 1);
    participant.id.clone().unwrap_or_else(made)
}

/// The reaction with no local parameter called like a species that takes part, which Level 3 Version 2 does not allow.
fn with_free_locals(reaction: &Reaction) -> Cow<'_, Reaction> {
    let sides = reaction.reactants.iter().chain(&reaction.products).map(|p| &p.species);
    let species: Vec<&String> = sides.chain(reaction.modifiers.iter().map(|m| &m.species)).collect();
    let taken = |id: &String| species.contains(&id);
    if !reaction.locals.iter().any(|local| taken(&local.id)) {
        return Cow::Borrowed(reaction);
    }
    let mut changed = reaction.clone();
    for local in changed.locals.iter_mut().filter(|local| taken(&local.id)) {
        let new = format!("{}_local", local.id);
        let old = std::mem::replace(&mut local.id, new.clone());
        let leaf = |math: &Math| match math {
            Math::Name(name) if *name == old => Math::name(&new),
            other => other.clone(),
        };
        changed.rate = changed.rate.map(|rate| rate.map(&leaf, &str::to_owned));
    }
    Cow::Owned(changed)
}
