//! Reactions.

use roxmltree::Node;

use super::{Reader, attribute};
use crate::network::{LocalParameter, Modifier, Participant, Reaction};
use crate::sbml::xml;

impl Reader<'_> {
    pub(super) fn reaction(&mut self, node: Node) -> Reaction {
        let law = xml::child(node, "kineticLaw");
        let mut locals = Vec::new();
        let mut rate = None;
        if let Some(law) = law {
            for list in ["listOfParameters", "listOfLocalParameters"] {
                locals.extend(self.each(law, list, &["parameter", "localParameter"], Self::local));
            }
            rate = self.math(law);
        }
        let modifiers = xml::items(node, "listOfModifiers", "modifierSpeciesReference");
        Reaction {
            id: self.id(node),
            reversible: self.flag(node, "reversible", true),
            fast: self.flag(node, "fast", false),
            reactants: self.each(
                node,
                "listOfReactants",
                &["speciesReference", "specieReference"],
                Self::participant,
            ),
            products: self.each(
                node,
                "listOfProducts",
                &["speciesReference", "specieReference"],
                Self::participant,
            ),
            modifiers: modifiers.into_iter().map(|m| self.modifier(m)).collect(),
            locals,
            rate,
            law: self.remarks_of(law),
            compartment: attribute(node, "compartment"),
            remarks: self.remarks(node),
            place: xml::place(node),
        }
    }

    fn modifier(&mut self, node: Node) -> Modifier {
        Modifier {
            species: self.required(node, "species"),
            remarks: self.remarks(node),
        }
    }

    pub(super) fn local(&mut self, node: Node) -> LocalParameter {
        LocalParameter {
            id: self.id(node),
            value: self.number(node, "value"),
            units: attribute(node, "units"),
            remarks: self.remarks(node),
        }
    }

    pub(super) fn participant(&mut self, node: Node) -> Participant {
        let given = self.number(node, "stoichiometry");
        let usual = (self.level.0 < 3).then_some(1.0);
        let denominator = self
            .number(node, "denominator")
            .filter(|_| self.level.0 == 1)
            .unwrap_or(1.0);
        let math = xml::child(node, "stoichiometryMath").and_then(|m| self.math(m));
        let species = if self.level == (1, 1) { "specie" } else { "species" };
        Participant {
            id: attribute(node, "id"),
            species: self.required(node, species),
            stoichiometry: given.or(usual).map(|count| count / denominator),
            stoichiometry_math: math,
            constant: self.flag(node, "constant", self.level.0 < 3),
            remarks: self.remarks(node),
        }
    }
}
