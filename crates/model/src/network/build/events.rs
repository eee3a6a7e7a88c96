//! Events and what they change.

use super::{Builder, Role};
use crate::codes::DEFINED_TWICE;
use crate::expression::ExprId;
use crate::model::Place;
use crate::network::dynamics::{Action, Happening};

impl<'a> Builder<'a> {
    pub(super) fn events(&mut self) -> Vec<Happening> {
        let network = self.network;
        let mut events = Vec::new();
        for (index, event) in network.events.iter().enumerate() {
            let Some(trigger) = &event.trigger else { continue };
            let place = &event.place;
            let trigger = self.plain(trigger, place);
            let delay = event.delay.as_ref().map(|math| self.plain(math, place));
            let priority = event.priority.as_ref().map(|math| self.plain(math, place));
            let actions = event.assignments.iter().filter_map(|a| {
                let value = self.plain(&a.math, &a.place);
                self.action(&a.variable, value, &a.place)
            });
            let actions = actions.collect();
            events.push(Happening {
                name: if event.id.is_empty() {
                    format!("event {}", index + 1)
                } else {
                    event.id.clone()
                },
                trigger,
                initial_value: event.initial_value,
                persistent: event.persistent,
                delay,
                priority,
                values_from_trigger_time: event.values_from_trigger_time,
                actions,
            });
        }
        events
    }

    fn action(&mut self, variable: &str, value: ExprId, place: &Place) -> Option<Action> {
        if self.role(variable) == Role::Defined {
            let message = format!("an event gives `{variable}` a value, but a rule defines it");
            self.report(
                DEFINED_TWICE,
                place,
                message,
                "drop the assignment rule, or the event assignment",
            );
            return None;
        }
        let mut size = None;
        let mut target = self.low.arena.symbol(variable);
        if let Some(&species) = self.named.species.get(variable) {
            let (amount, _) = self.amount(species);
            let is_kept = self.flow.unknowns.contains(&amount) || self.flow.stored.contains(&amount);
            if !self.is_amount(species) && is_kept {
                target = amount;
                size = Some(self.symbol(&species.compartment).1);
            }
        }
        Some(Action { target, value, size })
    }
}
