//! Functions, units, compartments, species, parameters, rules, constraints.

use super::{Writer, flag, number, text};
use crate::network::{Math, Network, RuleKind};
use crate::sbml::mathml_text;
use crate::sbml::write::happenings::stoichiometry_id;

impl Writer {
    pub(super) fn definitions(&mut self, network: &Network) {
        self.list("listOfFunctionDefinitions", &network.functions, |writer, function| {
            let attributes = vec![("id", text(&function.id))];
            writer.element("functionDefinition", attributes, &function.remarks, |writer| {
                if let Some(body) = &function.body {
                    writer.indent();
                    mathml_text::lambda(&function.parameters, body, writer.version, &mut writer.out);
                    writer.out.push('\n');
                }
            });
        });
        self.list("listOfUnitDefinitions", &network.units, |writer, unit| {
            let attributes = vec![("id", text(&unit.id))];
            writer.element("unitDefinition", attributes, &unit.remarks, |writer| {
                writer.list("listOfUnits", &unit.units, |writer, unit| {
                    let attributes = [
                        ("kind", text(&unit.kind)),
                        ("exponent", number(Some(unit.exponent))),
                        ("scale", Some(unit.scale.to_string())),
                        ("multiplier", number(Some(unit.multiplier))),
                    ];
                    writer.empty("unit", &attributes);
                });
            });
        });
    }

    pub(super) fn quantities(&mut self, network: &Network) {
        self.list("listOfCompartments", &network.compartments, |writer, c| {
            let attributes = vec![
                ("id", text(&c.id)),
                ("spatialDimensions", c.dimensions.map(|d| d.to_string())),
                ("size", number(c.size)),
                ("units", c.units.clone()),
                ("constant", flag(c.constant)),
            ];
            writer.element("compartment", attributes, &c.remarks, |_| {});
        });
        self.list("listOfSpecies", &network.species, |writer, s| {
            let attributes = vec![
                ("id", text(&s.id)),
                ("compartment", text(&s.compartment)),
                ("initialAmount", number(s.initial_amount)),
                ("initialConcentration", number(s.initial_concentration)),
                ("substanceUnits", s.substance_units.clone()),
                ("hasOnlySubstanceUnits", flag(s.substance_only)),
                ("boundaryCondition", flag(s.boundary)),
                ("constant", flag(s.constant)),
                ("conversionFactor", s.conversion_factor.clone()),
            ];
            writer.element("species", attributes, &s.remarks, |_| {});
        });
        self.list("listOfParameters", &network.parameters, |writer, p| {
            let attributes = vec![
                ("id", text(&p.id)),
                ("value", number(p.value)),
                ("units", p.units.clone()),
                ("constant", flag(p.constant)),
            ];
            writer.element("parameter", attributes, &p.remarks, |_| {});
        });
    }

    pub(super) fn rules(&mut self, network: &Network) {
        self.list("listOfInitialAssignments", &network.initial_assignments, |writer, i| {
            let attributes = vec![("symbol", text(&i.symbol))];
            writer.element("initialAssignment", attributes, &i.remarks, |writer| {
                writer.math(Some(&i.math))
            });
        });
        let formulas = stoichiometry_formulas(network);
        if !(network.rules.is_empty() && formulas.is_empty()) {
            self.within("listOfRules", &[], |writer| {
                for rule in &network.rules {
                    let (name, variable) = match rule.kind {
                        RuleKind::Assignment => ("assignmentRule", text(&rule.variable)),
                        RuleKind::Rate => ("rateRule", text(&rule.variable)),
                        RuleKind::Algebraic => ("algebraicRule", None),
                    };
                    let attributes = vec![("variable", variable)];
                    writer.element(name, attributes, &rule.remarks, |writer| writer.math(Some(&rule.math)));
                }
                for (id, math) in &formulas {
                    let attributes = [("variable", text(id))];
                    writer.within("assignmentRule", &attributes, |writer| writer.math(Some(math)));
                }
            });
        }
        self.list("listOfConstraints", &network.constraints, |writer, c| {
            writer.element("constraint", Vec::new(), &c.remarks, |writer| {
                writer.math(Some(&c.math));
                c.message.iter().for_each(|message| writer.verbatim(message));
            });
        });
    }
}

/// Level 2 stoichiometries that are formulas become rules of named stoichiometries.
fn stoichiometry_formulas(network: &Network) -> Vec<(String, &Math)> {
    let mut formulas = Vec::new();
    for reaction in &network.reactions {
        for (at, participant) in reaction.reactants.iter().chain(&reaction.products).enumerate() {
            if let Some(math) = &participant.stoichiometry_math {
                formulas.push((stoichiometry_id(reaction, participant, at), math));
            }
        }
    }
    formulas
}
