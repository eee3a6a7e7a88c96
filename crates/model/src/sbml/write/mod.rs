//! Writing SBML Level 3 Version 2 (Version 1 where a reaction is `fast`, which Version 2 cannot say).

mod elements;
mod happenings;
mod units;

use std::fmt::Write as _;

use super::mathml_text;
use crate::network::{Math, Network, Remarks, escaped};

/// The network as SBML. Formulas, units, names, notes and annotations come back when it is read again; submodels stay merged.
pub fn write_sbml(network: &Network) -> String {
    let version = if network.reactions.iter().any(|r| r.fast) { 1 } else { 2 };
    let mut writer = Writer {
        out: String::new(),
        depth: 0,
        version,
    };
    writer.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let namespace = format!("http://www.sbml.org/sbml/level3/version{version}/core");
    let attributes = [
        ("xmlns", Some(namespace)),
        ("level", Some("3".into())),
        ("version", Some(version.to_string())),
    ];
    writer.within("sbml", &attributes, |writer| writer.model(&units::explicit(network)));
    writer.out
}

type Attributes<'a> = [(&'a str, Option<String>)];

struct Writer {
    out: String,
    depth: usize,
    /// Version of Level 3.
    version: u32,
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

/// Elements that have an id or a name in Version 2 only.
const NAMELESS_IN_VERSION_1: [&str; 10] = [
    "assignmentRule",
    "rateRule",
    "algebraicRule",
    "initialAssignment",
    "constraint",
    "kineticLaw",
    "trigger",
    "delay",
    "priority",
    "eventAssignment",
];

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

    /// XML as it was.
    fn verbatim(&mut self, xml: &str) {
        self.indent();
        self.out.push_str(xml);
        self.out.push('\n');
    }

    /// An element with attributes of its own and those that every element can have; notes and annotation come first inside.
    fn element(
        &mut self,
        name: &str,
        mut attributes: Vec<(&str, Option<String>)>,
        remarks: &Remarks,
        inside: impl FnOnce(&mut Self),
    ) {
        let has_names = self.version > 1 || !NAMELESS_IN_VERSION_1.contains(&name);
        if has_names && !attributes.iter().any(|a| a.0 == "id") {
            attributes.insert(0, ("id", remarks.id.clone()));
        }
        attributes.extend([
            ("metaid", remarks.metaid.clone()),
            ("name", remarks.name.clone().filter(|_| has_names)),
            ("sboTerm", remarks.sbo_term.clone()),
        ]);
        self.within(name, &attributes, |writer| {
            for part in [&remarks.notes, &remarks.annotation].into_iter().flatten() {
                writer.verbatim(part);
            }
            inside(writer);
        });
    }

    fn math(&mut self, formula: Option<&Math>) {
        if let Some(formula) = formula {
            self.indent();
            mathml_text::math(formula, self.version, &mut self.out);
            self.out.push('\n');
        }
    }

    fn model(&mut self, network: &Network) {
        let id = Some(network.id.clone()).filter(|id| !id.is_empty());
        let mut attributes = vec![("id", id), ("conversionFactor", network.conversion_factor.clone())];
        let units = network.default_units.iter();
        attributes.extend(units.map(|(name, unit)| (name.as_str(), text(unit))));
        self.element("model", attributes, &network.remarks, |writer| {
            writer.definitions(network);
            writer.quantities(network);
            writer.rules(network);
            writer.list("listOfReactions", &network.reactions, Writer::reaction);
            writer.list("listOfEvents", &network.events, Writer::event);
        });
    }
}
