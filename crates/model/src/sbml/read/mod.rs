//! From a `model` element to a [`Network`], with the defaults of each level and version.

mod earlier;
mod events;
mod quantities;
mod reactions;
mod rules;

use roxmltree::Node;

use super::{formula, mathml, xml};
use crate::codes::NOT_SBML;
use crate::diagnostic::{Diagnostic, Source};
use crate::network::{Math, Network, Remarks};

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
            constraints: self.some(node, "listOfConstraints", &["constraint"], Self::constraint),
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
        Remarks {
            id: own(node, "id").map(str::to_owned),
            name: node.attribute("name").filter(|_| !level_one).map(str::to_owned),
            metaid: node.attribute("metaid").map(str::to_owned),
            sbo_term: node.attribute("sboTerm").map(str::to_owned),
            notes: xml::child(node, "notes").map(xml::verbatim),
            annotation: earlier::annotation(node),
        }
    }

    /// Remarks on an element that may be absent.
    fn remarks_of(&mut self, node: Option<Node>) -> Remarks {
        node.map(|node| self.remarks(node)).unwrap_or_default()
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
}

/// An attribute of SBML's core, else of any package.
pub(super) fn own<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attribute(name)
        .or_else(|| node.attributes().find(|a| a.name() == name).map(|a| a.value()))
}

fn attribute(node: Node, name: &str) -> Option<String> {
    node.attribute(name).map(|text| text.trim().to_owned())
}
