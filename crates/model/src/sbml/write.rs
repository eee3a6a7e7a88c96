//! Writing SBML Level 3 Version 2 (Version 1 where a reaction is `fast`, which Version 2 cannot say).

use std::fmt::Write as _;

use super::mathml_text;
use crate::network::{Event, Math, Network, Participant, Reaction, Remarks, RuleKind, escaped};

/// The network as SBML. Formulas, units, names, notes and annotations come back when it is read again; submodels stay merged.
pub fn write_sbml(network: &Network) -> String {
    let version = if network.reactions.iter().any(|r| r.fast) { 1 } else { 2 };
    let mut writer = Writer {
        out: String::new(),
        depth: 0,
    };
    writer.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let namespace = format!("http://www.sbml.org/sbml/level3/version{version}/core");
    writer.within(
        "sbml",
        &[
            ("xmlns", Some(namespace)),
            ("level", Some("3".into())),
            ("version", Some(version.to_string())),
        ],
        |writer| {
            writer.model(network, version);
        },
    );
    writer.out
}

type Attributes<'a> = [(&'a str, Option<String>)];

struct Writer {
    out: String,
    depth: usize,
}

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

fn number(value: Option<f64>) -> Option<String> {
    value.map(|value| match value {
        v if v.is_nan() => "NaN".to_owned(),
        v if v == f64::INFINITY => "INF".to_owned(),
        v if v == f64::NEG_INFINITY => "-INF".to_owned(),
        v => format!("{v:?}"),
    })
}

fn flag(value: bool) -> Option<String> {
    Some(value.to_string())
}

/// Attributes that every element can have.
fn common(remarks: &Remarks) -> Vec<(&'static str, Option<String>)> {
    vec![
        ("metaid", remarks.metaid.clone()),
        ("name", remarks.name.clone()),
        ("sboTerm", remarks.sbo_term.clone()),
    ]
}

impl Writer {
    fn indent(&mut self) {
        (0..self.depth).for_each(|_| self.out.push_str("  "));
    }

    fn open(&mut self, name: &str, attributes: &Attributes) {
        self.indent();
        let _ = write!(self.out, "<{name}");
        for (key, value) in attributes {
            if let Some(value) = value {
                let _ = write!(self.out, " {key}=\"{}\"", escaped(value));
            }
        }
    }

    fn empty(&mut self, name: &str, attributes: &Attributes) {
        self.open(name, attributes);
        self.out.push_str("/>\n");
    }

    fn within(&mut self, name: &str, attributes: &Attributes, inside: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        self.out.push_str(">\n");
        let start = self.out.len();
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        if self.out.len() == start {
            // Nothing inside: close the element that was opened.
            self.out.truncate(start - 2);
            self.out.push_str("/>\n");
            return;
        }
        self.indent();
        let _ = writeln!(self.out, "</{name}>");
    }

    fn list<T>(&mut self, name: &str, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        if !items.is_empty() {
            self.within(name, &[], |writer| items.iter().for_each(|item| write(writer, item)));
        }
    }

    /// Notes and annotation as they were; they come first inside an element.
    fn remarks(&mut self, remarks: &Remarks) {
        for part in [&remarks.notes, &remarks.annotation].into_iter().flatten() {
            self.indent();
            self.out.push_str(part);
            self.out.push('\n');
        }
    }

    fn element(
        &mut self,
        name: &str,
        attributes: Vec<(&str, Option<String>)>,
        remarks: &Remarks,
        inside: impl FnOnce(&mut Self),
    ) {
        let all: Vec<(&str, Option<String>)> = attributes.into_iter().chain(common(remarks)).collect();
        self.within(name, &all, |writer| {
            writer.remarks(remarks);
            inside(writer);
        });
    }

    fn math(&mut self, formula: Option<&Math>) {
        if let Some(formula) = formula {
            self.indent();
            mathml_text::math(formula, &mut self.out);
            self.out.push('\n');
        }
    }

    fn wrapped(&mut self, name: &str, attributes: &Attributes, formula: Option<&Math>) {
        if formula.is_some() {
            self.within(name, attributes, |writer| writer.math(formula));
        }
    }

    fn model(&mut self, network: &Network, version: u32) {
        let id = Some(network.id.clone()).filter(|id| !id.is_empty());
        let mut attributes = vec![("id", id), ("conversionFactor", network.conversion_factor.clone())];
        attributes.extend(
            network
                .default_units
                .iter()
                .map(|(name, unit)| (name.as_str(), text(unit))),
        );
        self.element("model", attributes, &network.remarks, |writer| {
            writer.definitions(network);
            writer.quantities(network);
            writer.rules(network);
            writer.list("listOfReactions", &network.reactions, |writer, reaction| {
                writer.reaction(reaction, version)
            });
            writer.list("listOfEvents", &network.events, Writer::event);
        });
    }

    fn definitions(&mut self, network: &Network) {
        self.list("listOfFunctionDefinitions", &network.functions, |writer, function| {
            writer.element(
                "functionDefinition",
                vec![("id", text(&function.id))],
                &function.remarks,
                |writer| {
                    writer.indent();
                    mathml_text::lambda(&function.parameters, function.body.as_ref(), &mut writer.out);
                    writer.out.push('\n');
                },
            );
        });
        self.list("listOfUnitDefinitions", &network.units, |writer, unit| {
            writer.element(
                "unitDefinition",
                vec![("id", text(&unit.id))],
                &unit.remarks,
                |writer| {
                    writer.list("listOfUnits", &unit.units, |writer, unit| {
                        let attributes = [
                            ("kind", text(&unit.kind)),
                            ("exponent", number(Some(unit.exponent))),
                            ("scale", Some(unit.scale.to_string())),
                            ("multiplier", number(Some(unit.multiplier))),
                        ];
                        writer.empty("unit", &attributes);
                    });
                },
            );
        });
    }

    fn quantities(&mut self, network: &Network) {
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

    fn rules(&mut self, network: &Network) {
        self.list("listOfInitialAssignments", &network.initial_assignments, |writer, i| {
            writer.element(
                "initialAssignment",
                vec![("symbol", text(&i.symbol))],
                &i.remarks,
                |writer| writer.math(Some(&i.math)),
            );
        });
        // Level 2 stoichiometries that are formulas become rules of named stoichiometries.
        let formulas = network.reactions.iter().flat_map(|r| {
            let sides = r
                .reactants
                .iter()
                .map(|p| (p, "reactant"))
                .chain(r.products.iter().map(|p| (p, "product")));
            sides
                .enumerate()
                .filter_map(move |(at, (p, _))| Some((stoichiometry_id(r, p, at), p.stoichiometry_math.as_ref()?)))
        });
        let formulas: Vec<(String, &Math)> = formulas.collect();
        if network.rules.is_empty() && formulas.is_empty() {
            return;
        }
        self.within("listOfRules", &[], |writer| {
            for rule in &network.rules {
                let (name, variable) = match rule.kind {
                    RuleKind::Assignment => ("assignmentRule", text(&rule.variable)),
                    RuleKind::Rate => ("rateRule", text(&rule.variable)),
                    RuleKind::Algebraic => ("algebraicRule", None),
                };
                writer.element(name, vec![("variable", variable)], &rule.remarks, |writer| {
                    writer.math(Some(&rule.math))
                });
            }
            for (id, math) in &formulas {
                writer.wrapped("assignmentRule", &[("variable", text(id))], Some(math));
            }
        });
    }

    fn reaction(&mut self, reaction: &Reaction, version: u32) {
        let attributes = vec![
            ("id", text(&reaction.id)),
            ("reversible", flag(reaction.reversible)),
            ("fast", (version == 1).then(|| reaction.fast.to_string())),
            ("compartment", reaction.compartment.clone()),
        ];
        self.element("reaction", attributes, &reaction.remarks, |writer| {
            let offset = reaction.reactants.len();
            let participant = |writer: &mut Self, p: &Participant, at: usize| {
                let is_formula = p.stoichiometry_math.is_some();
                let id = if is_formula {
                    Some(stoichiometry_id(reaction, p, at))
                } else {
                    p.id.clone()
                };
                let attributes = vec![
                    ("id", id),
                    ("species", text(&p.species)),
                    ("stoichiometry", number(p.stoichiometry.filter(|_| !is_formula))),
                    ("constant", flag(p.constant && !is_formula)),
                ];
                writer.element("speciesReference", attributes, &p.remarks, |_| {});
            };
            let mut at = 0;
            writer.list("listOfReactants", &reaction.reactants, |writer, p| {
                participant(writer, p, at);
                at += 1;
            });
            at = offset;
            writer.list("listOfProducts", &reaction.products, |writer, p| {
                participant(writer, p, at);
                at += 1;
            });
            writer.list("listOfModifiers", &reaction.modifiers, |writer, species| {
                writer.empty("modifierSpeciesReference", &[("species", text(species))]);
            });
            if reaction.rate.is_some() || !reaction.locals.is_empty() {
                writer.within("kineticLaw", &[("metaid", reaction.law_metaid.clone())], |writer| {
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
        });
    }

    fn event(&mut self, event: &Event) {
        let id = Some(event.id.clone()).filter(|id| !id.is_empty());
        let attributes = vec![
            ("id", id),
            ("useValuesFromTriggerTime", flag(event.values_from_trigger_time)),
        ];
        self.element("event", attributes, &event.remarks, |writer| {
            let [trigger, delay, priority] = &event.part_metaids;
            let attributes = [
                ("metaid", trigger.clone()),
                ("initialValue", flag(event.initial_value)),
                ("persistent", flag(event.persistent)),
            ];
            writer.within("trigger", &attributes, |writer| writer.math(event.trigger.as_ref()));
            writer.wrapped("priority", &[("metaid", priority.clone())], event.priority.as_ref());
            writer.wrapped("delay", &[("metaid", delay.clone())], event.delay.as_ref());
            writer.list("listOfEventAssignments", &event.assignments, |writer, a| {
                writer.wrapped(
                    "eventAssignment",
                    &[("variable", text(&a.variable)), ("metaid", a.metaid.clone())],
                    Some(&a.math),
                );
            });
        });
    }
}

/// The name of a stoichiometry that is a formula: its own, or one made of reaction and position.
fn stoichiometry_id(reaction: &Reaction, participant: &Participant, at: usize) -> String {
    participant
        .id
        .clone()
        .unwrap_or_else(|| format!("{}_stoichiometry_{}", reaction.id, at + 1))
}
