//! What holds at the start, and what holds all the time.

use roxmltree::Node;

use super::Reader;
use crate::network::{Constraint, InitialAssignment, Rule, RuleKind};
use crate::sbml::xml;

impl Reader<'_> {
    /// Nothing if it has no formula: it then says nothing.
    pub(super) fn initial_assignment(&mut self, node: Node) -> Option<InitialAssignment> {
        let symbol = self.required(node, "symbol");
        let math = self.math(node)?;
        Some(InitialAssignment {
            symbol,
            math,
            remarks: self.remarks(node),
            place: xml::place(node),
        })
    }

    /// Nothing if it has no formula: it then asks for nothing.
    pub(super) fn constraint(&mut self, node: Node) -> Option<Constraint> {
        Some(Constraint {
            math: self.math(node)?,
            message: xml::child(node, "message").map(xml::verbatim),
            remarks: self.remarks(node),
            place: xml::place(node),
        })
    }

    pub(super) fn rules(&mut self, node: Node) -> Vec<Rule> {
        let lists: Vec<Node> = xml::children(node, "listOfRules").collect();
        let members = lists.into_iter().flat_map(|l| l.children()).filter(Node::is_element);
        let mut rules = Vec::new();
        for member in members {
            rules.extend(self.rule(member));
        }
        rules
    }

    pub(super) fn rule(&mut self, node: Node) -> Option<Rule> {
        let scalar = node.attribute("type").is_none_or(|t| t == "scalar");
        let old = if scalar { RuleKind::Assignment } else { RuleKind::Rate };
        let (kind, variable) = match node.tag_name().name() {
            "assignmentRule" => (RuleKind::Assignment, "variable"),
            "rateRule" => (RuleKind::Rate, "variable"),
            "algebraicRule" => (RuleKind::Algebraic, ""),
            "speciesConcentrationRule" => (old, "species"),
            "specieConcentrationRule" => (old, "specie"),
            "compartmentVolumeRule" => (old, "compartment"),
            "parameterRule" => (old, "name"),
            _ => return None,
        };
        let variable = if kind == RuleKind::Algebraic {
            String::new()
        } else {
            self.required(node, variable)
        };
        let math = self.math(node)?;
        Some(Rule {
            kind,
            variable,
            math,
            remarks: self.remarks(node),
            place: xml::place(node),
        })
    }
}
