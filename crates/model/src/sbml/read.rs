//! From a `model` element to a [`Network`], with the defaults of each level and version.

use roxmltree::Node;

use super::{formula, mathml, xml};
use crate::codes::NOT_SBML;
use crate::diagnostic::{Diagnostic, Source};
use crate::network::{
    BaseUnit, Compartment, Event, EventAssignment, InitialAssignment, LocalParameter, Math, NamedFunction, Network,
    Parameter, Participant, Reaction, Remarks, Rule, RuleKind, Species, UnitDefinition,
};

/// Default units that a Level 3 model names.
const DEFAULT_UNITS: [&str; 6] = [
    "substanceUnits",
    "timeUnits",
    "volumeUnits",
    "areaUnits",
    "lengthUnits",
    "extentUnits",
];

/// Reads one model; what is wrong is added to `findings`.
pub(super) struct Reader<'s> {
    pub source: &'s Source,
    /// Level and version of the document.
    pub level: (u32, u32),
    pub findings: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// The network in a `model` or `modelDefinition` element.
    pub fn model(&mut self, node: Node) -> Network {
        let mut units = Vec::new();
        for name in DEFAULT_UNITS {
            units.extend(node.attribute(name).map(|unit| (name.to_owned(), unit.to_owned())));
        }
        Network {
            level: self.level,
            id: own(node, "id")
                .or_else(|| node.attribute("name"))
                .unwrap_or("")
                .to_owned(),
            remarks: self.remarks(node),
            default_units: units,
            conversion_factor: attribute(node, "conversionFactor"),
            functions: self.each(
                node,
                "listOfFunctionDefinitions",
                &["functionDefinition"],
                Self::function,
            ),
            units: self.each(node, "listOfUnitDefinitions", &["unitDefinition"], Self::unit),
            compartments: self.each(node, "listOfCompartments", &["compartment"], Self::compartment),
            species: self.each(node, "listOfSpecies", &["species", "specie"], Self::species),
            parameters: self.each(node, "listOfParameters", &["parameter"], Self::parameter),
            initial_assignments: self.some(
                node,
                "listOfInitialAssignments",
                &["initialAssignment"],
                Self::initial_assignment,
            ),
            rules: self.rules(node),
            reactions: self.each(node, "listOfReactions", &["reaction"], Self::reaction),
            events: self.each(node, "listOfEvents", &["event"], Self::event),
        }
    }

    fn each<T>(&mut self, node: Node, list: &str, names: &[&str], read: fn(&mut Self, Node) -> T) -> Vec<T> {
        let lists = xml::children(node, list).flat_map(|l| l.children());
        let members = lists.filter(|n| n.is_element() && names.contains(&n.tag_name().name()));
        members.map(|n| read(self, n)).collect()
    }

    fn some<T>(&mut self, node: Node, list: &str, names: &[&str], read: fn(&mut Self, Node) -> Option<T>) -> Vec<T> {
        self.each(node, list, names, read).into_iter().flatten().collect()
    }

    fn report(&mut self, place: std::ops::Range<usize>, message: String, help: &str) {
        self.findings
            .push(Diagnostic::error(NOT_SBML, self.source, place, message).help(help));
    }

    fn remarks(&mut self, node: Node) -> Remarks {
        let level_one = self.level.0 == 1;
        let xml = |name| xml::child(node, name).map(|n| n.document().input_text()[n.range()].to_owned());
        Remarks {
            id: own(node, "id").map(str::to_owned),
            name: node.attribute("name").filter(|_| !level_one).map(str::to_owned),
            metaid: node.attribute("metaid").map(str::to_owned),
            sbo_term: node.attribute("sboTerm").map(str::to_owned),
            notes: xml("notes"),
            annotation: xml("annotation"),
        }
    }

    /// An attribute that has to be there.
    fn required(&mut self, node: Node, name: &str) -> String {
        match own(node, name) {
            Some(value) if !value.trim().is_empty() => value.trim().to_owned(),
            _ => {
                let message = format!("`{}` has no `{name}`", node.tag_name().name());
                self.report(xml::span(node), message, "add the attribute");
                String::new()
            }
        }
    }

    /// The id; Level 1 calls it name.
    fn id(&mut self, node: Node) -> String {
        self.required(node, if self.level.0 == 1 { "name" } else { "id" })
    }

    fn number(&mut self, node: Node, name: &str) -> Option<f64> {
        let text = node.attribute(name)?;
        let value = match text.trim() {
            "INF" => Some(f64::INFINITY),
            "-INF" => Some(f64::NEG_INFINITY),
            "NaN" => Some(f64::NAN),
            other => other
                .parse()
                .ok()
                .filter(|_| !other.to_ascii_lowercase().contains("inf")),
        };
        if value.is_none() {
            self.report(
                xml::span(node),
                format!("`{name}` is `{text}`, which is not a number"),
                "write a decimal number",
            );
        }
        value
    }

    fn flag(&mut self, node: Node, name: &str, usual: bool) -> bool {
        match node.attribute(name).map(str::trim) {
            None => usual,
            Some("true" | "1") => true,
            Some("false" | "0") => false,
            Some(other) => {
                self.report(
                    xml::span(node),
                    format!("`{name}` is `{other}`"),
                    "write `true` or `false`",
                );
                usual
            }
        }
    }

    /// The formula of an element: its `math` child, or its `formula` attribute (Level 1).
    fn math(&mut self, node: Node) -> Option<Math> {
        if let Some(text) = node.attribute("formula").filter(|_| self.level.0 == 1) {
            return match formula::read(text) {
                Ok(math) => Some(math),
                Err(message) => {
                    self.report(xml::span(node), message, "correct the formula");
                    None
                }
            };
        }
        let math = xml::child(node, "math")?;
        match mathml::formula(math) {
            Ok(math) => math,
            Err(error) => {
                self.report(
                    error.span,
                    error.message,
                    "see the MathML subset in the SBML specification",
                );
                None
            }
        }
    }

    fn function(&mut self, node: Node) -> NamedFunction {
        let (parameters, body) = match xml::child(node, "math").map(mathml::lambda) {
            None => (Vec::new(), None),
            Some(Ok(found)) => found,
            Some(Err(error)) => {
                self.report(
                    error.span,
                    error.message,
                    "see the MathML subset in the SBML specification",
                );
                (Vec::new(), None)
            }
        };
        NamedFunction {
            id: self.id(node),
            parameters,
            body,
            remarks: self.remarks(node),
            place: xml::place(node),
        }
    }

    fn unit(&mut self, node: Node) -> UnitDefinition {
        let units = xml::items(node, "listOfUnits", "unit")
            .into_iter()
            .map(|unit| BaseUnit {
                kind: self.required(unit, "kind"),
                exponent: self.number(unit, "exponent").unwrap_or(1.0),
                scale: self.number(unit, "scale").map_or(0, |s| s as i32),
                multiplier: self.number(unit, "multiplier").unwrap_or(1.0),
            });
        let units = units.collect();
        UnitDefinition {
            id: self.id(node),
            units,
            remarks: self.remarks(node),
        }
    }

    fn compartment(&mut self, node: Node) -> Compartment {
        let size = self.number(node, if self.level.0 == 1 { "volume" } else { "size" });
        let old = self.level.0 < 3;
        Compartment {
            id: self.id(node),
            dimensions: self.number(node, "spatialDimensions").or_else(|| old.then_some(3.0)),
            size: size.or_else(|| (self.level.0 == 1).then_some(1.0)),
            constant: self.flag(node, "constant", self.level.0 > 1),
            units: attribute(node, "units"),
            outside: attribute(node, "outside"),
            remarks: self.remarks(node),
            place: xml::place(node),
        }
    }

    fn species(&mut self, node: Node) -> Species {
        Species {
            id: self.id(node),
            compartment: self.required(node, "compartment"),
            initial_amount: self.number(node, "initialAmount"),
            initial_concentration: self.number(node, "initialConcentration"),
            substance_only: self.flag(node, "hasOnlySubstanceUnits", false),
            boundary: self.flag(node, "boundaryCondition", false),
            constant: self.flag(node, "constant", false),
            substance_units: attribute(node, "substanceUnits").or_else(|| attribute(node, "units")),
            conversion_factor: attribute(node, "conversionFactor"),
            remarks: self.remarks(node),
            place: xml::place(node),
        }
    }

    fn parameter(&mut self, node: Node) -> Parameter {
        Parameter {
            id: self.id(node),
            value: self.number(node, "value"),
            constant: self.flag(node, "constant", self.level.0 > 1),
            units: attribute(node, "units"),
            remarks: self.remarks(node),
            place: xml::place(node),
        }
    }

    /// Nothing if it has no formula: it then says nothing.
    fn initial_assignment(&mut self, node: Node) -> Option<InitialAssignment> {
        let symbol = self.required(node, "symbol");
        let math = self.math(node)?;
        Some(InitialAssignment {
            symbol,
            math,
            remarks: self.remarks(node),
            place: xml::place(node),
        })
    }

    fn rules(&mut self, node: Node) -> Vec<Rule> {
        let lists: Vec<Node> = xml::children(node, "listOfRules").collect();
        let members = lists.into_iter().flat_map(|l| l.children()).filter(Node::is_element);
        let mut rules = Vec::new();
        for member in members {
            rules.extend(self.rule(member));
        }
        rules
    }

    fn rule(&mut self, node: Node) -> Option<Rule> {
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

    fn reaction(&mut self, node: Node) -> Reaction {
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
            modifiers: modifiers.into_iter().map(|m| self.required(m, "species")).collect(),
            locals,
            rate,
            law_metaid: law.and_then(|l| attribute(l, "metaid")),
            compartment: attribute(node, "compartment"),
            remarks: self.remarks(node),
            place: xml::place(node),
        }
    }

    fn local(&mut self, node: Node) -> LocalParameter {
        LocalParameter {
            id: self.id(node),
            value: self.number(node, "value"),
            units: attribute(node, "units"),
            remarks: self.remarks(node),
        }
    }

    fn participant(&mut self, node: Node) -> Participant {
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

    fn event(&mut self, node: Node) -> Event {
        let trigger = xml::child(node, "trigger");
        let formula = |reader: &mut Self, name: &str| xml::child(node, name).and_then(|n| reader.math(n));
        let (delay, priority) = (formula(self, "delay"), formula(self, "priority"));
        let assignments = xml::items(node, "listOfEventAssignments", "eventAssignment");
        let assignments = assignments.into_iter().filter_map(|a| {
            let variable = self.required(a, "variable");
            Some(EventAssignment {
                variable,
                math: self.math(a)?,
                metaid: attribute(a, "metaid"),
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
            part_metaids: ["trigger", "delay", "priority"]
                .map(|n| xml::child(node, n).and_then(|p| attribute(p, "metaid"))),
            remarks: self.remarks(node),
            place: xml::place(node),
        }
    }
}

/// An attribute of SBML's core, else of any package.
pub(super) fn own<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attribute(name)
        .or_else(|| node.attributes().find(|a| a.name() == name).map(|a| a.value()))
}

fn attribute(node: Node, name: &str) -> Option<String> {
    node.attribute(name).map(|text| text.trim().to_owned())
}
