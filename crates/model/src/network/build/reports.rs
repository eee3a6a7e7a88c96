//! What a network is told when it has no meaning.

use super::Builder;
use crate::codes::{ARGUMENTS, CYCLE, MODEL_TOO_LARGE, UNDEFINED, UNKNOWN_FUNCTION, UNSUPPORTED};
use crate::diagnostic::Diagnostic;
use crate::model::Place;
use crate::network::lower::Meaningless;

impl<'a> Builder<'a> {
    /// Where the formula of a quantity stands, else the quantity itself.
    pub(super) fn place_of(&self, name: &str) -> Option<Place> {
        let name = name.trim_start_matches("rateOf ").trim_end_matches(" amount");
        let rule = self.rules.get(name).map(|rule| &rule.place);
        let initial = || {
            self.network
                .initial_assignments
                .iter()
                .find(|i| i.symbol == name)
                .map(|i| &i.place)
        };
        let reaction = || self.named.reactions.get(name).map(|r| &r.place);
        let species = || self.named.species.get(name).map(|s| &s.place);
        let compartment = || self.named.compartments.get(name).map(|c| &c.place);
        let parameter = || self.network.parameters.iter().find(|p| p.id == name).map(|p| &p.place);
        let place = rule.or_else(initial).or_else(reaction).or_else(species);
        place.or_else(compartment).or_else(parameter).cloned()
    }

    pub(super) fn report(&mut self, code: &'static str, place: &Place, message: String, help: &str) {
        let finding = Diagnostic::error(code, self.source, place.0.clone(), message);
        self.findings.push(finding.help(help));
    }

    pub(super) fn report_meaningless(&mut self, reason: &Meaningless, place: &Place) {
        match reason {
            Meaningless::Undefined(name) => {
                let message = format!("`{name}` is not defined");
                self.report(
                    UNDEFINED,
                    place,
                    message,
                    "declare it as a parameter, species or compartment, or correct its id",
                );
            }
            Meaningless::UnknownFunction(name) => {
                let message = format!("there is no function `{name}`");
                self.report(
                    UNKNOWN_FUNCTION,
                    place,
                    message,
                    "add a functionDefinition with this id",
                );
            }
            Meaningless::Arguments(name) => {
                let message = format!("`{name}` has a wrong number of arguments");
                self.report(ARGUMENTS, place, message, "give as many as the definition has");
            }
            Meaningless::TooDeep => {
                self.report(
                    MODEL_TOO_LARGE,
                    place,
                    "the formula is nested too deep".into(),
                    "name its parts with assignment rules",
                );
            }
            Meaningless::TooLarge => {
                self.report(
                    MODEL_TOO_LARGE,
                    place,
                    "function calls expand to too much".into(),
                    "name parts with assignment rules",
                );
            }
            Meaningless::Circular(name) => {
                self.report(
                    CYCLE,
                    place,
                    format!("function `{name}` calls itself"),
                    "write a function in terms of others only",
                );
            }
            Meaningless::RateOf => {
                let message = "`rateOf` of something that is not a quantity".into();
                self.report(
                    UNSUPPORTED,
                    place,
                    message,
                    "give it the id of a species, parameter or compartment",
                );
            }
        }
    }
}
