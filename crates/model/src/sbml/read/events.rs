//! Events.

use roxmltree::Node;

use super::{Reader, own};
use crate::network::{Event, EventAssignment};
use crate::sbml::xml;

impl Reader<'_> {
    pub(super) fn event(&mut self, node: Node) -> Event {
        let trigger = xml::child(node, "trigger");
        let formula = |reader: &mut Self, name: &str| xml::child(node, name).and_then(|n| reader.math(n));
        let (delay, priority) = (formula(self, "delay"), formula(self, "priority"));
        let assignments = xml::items(node, "listOfEventAssignments", "eventAssignment");
        let assignments = assignments.into_iter().filter_map(|a| {
            let variable = self.required(a, "variable");
            Some(EventAssignment {
                variable,
                math: self.math(a)?,
                remarks: self.remarks(a),
                place: xml::place(a),
            })
        });
        let assignments = assignments.collect();
        Event {
            id: own(node, "id").unwrap_or("").to_owned(),
            trigger: trigger.and_then(|t| self.math(t)),
            initial_value: trigger.is_none_or(|t| self.flag(t, "initialValue", true)),
            persistent: trigger.is_none_or(|t| self.flag(t, "persistent", true)),
            delay,
            priority,
            values_from_trigger_time: self.flag(node, "useValuesFromTriggerTime", true),
            assignments,
            parts: ["trigger", "delay", "priority"].map(|part| self.remarks_of(xml::child(node, part))),
            remarks: self.remarks(node),
            place: xml::place(node),
        }
    }
}
