//! Networks as Antimony text. What Antimony cannot say is refused by name, never left out.

mod formula;
mod names;
mod reactions;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use formula::{infix, value_text};
use names::Names;

use super::words::links;
use crate::network::math::Math;
use crate::network::parts::{BaseUnit, NamedFunction, Network, Remarks, RuleKind, Species, UnitDefinition};

/// Names by which Antimony sets the default units of a model, and SBML's attributes that say the same.
const DEFAULT_UNITS: [(&str, &str); 6] = [
    ("substance", "substanceUnits"),
    ("volume", "volumeUnits"),
    ("area", "areaUnits"),
    ("length", "lengthUnits"),
    ("time_unit", "timeUnits"),
    ("extent", "extentUnits"),
];

/// The network as Antimony; or what it has that Antimony cannot say, one sentence each.
///
/// Reading the text gives the same model: ids that are words of the language, or are those of a unit and a quantity both,
/// get a `_`; local parameters become parameters under the name of their reaction.
pub fn to_antimony(network: &Network) -> Result<String, Vec<String>> {
    let mut printer = Printer {
        out: String::new(),
        lost: Vec::new(),
        names: Names::new(network),
        assigned: network.initial_assignments.iter().map(|i| i.symbol.as_str()).collect(),
        ruled: network.rules.iter().map(|r| r.variable.as_str()).collect(),
        defined: network
            .rules
            .iter()
            .filter(|r| r.kind == RuleKind::Assignment)
            .map(|r| r.variable.as_str())
            .collect(),
    };
    printer.network(network);
    if printer.lost.is_empty() {
        Ok(printer.out)
    } else {
        Err(printer.lost)
    }
}

struct Printer<'a> {
    out: String,
    lost: Vec<String>,
    names: Names,
    /// Quantities with initial assignments.
    assigned: BTreeSet<&'a str>,
    /// Quantities with rules.
    ruled: BTreeSet<&'a str>,
    /// Quantities with assignment rules.
    defined: BTreeSet<&'a str>,
}

impl Printer<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "  {text}");
    }

    fn network(&mut self, network: &Network) {
        network.functions.iter().for_each(|function| self.function(function));
        let id = if network.id.is_empty() { "model_1" } else { &network.id };
        let id = self.names.free(id);
        let _ = writeln!(self.out, "model {id}");
        network.units.iter().for_each(|unit| self.unit_definition(unit));
        for (attribute, unit) in &network.default_units {
            if let Some((name, _)) = DEFAULT_UNITS
                .iter()
                .find(|known| known.1 == attribute && known.0 != unit)
            {
                self.line(&format!("unit {name} = {}", self.names.unit(unit)));
            }
        }
        self.quantities(network);
        for initial in &network.initial_assignments {
            self.line(&format!(
                "{} = {}",
                self.names.quantity(&initial.symbol),
                self.math(&initial.math)
            ));
        }
        for rule in &network.rules {
            let (name, math) = (self.names.quantity(&rule.variable), self.math(&rule.math));
            let text = match rule.kind {
                RuleKind::Assignment => format!("{name} := {math}"),
                RuleKind::Rate => format!("{name}' = {math}"),
                RuleKind::Algebraic => format!("0 = {math}"),
            };
            self.line(&text);
        }
        for reaction in &network.reactions {
            self.reaction(reaction);
        }
        self.events(network);
        self.conversion_factors(network);
        self.remarks("model", &network.remarks);
        self.out.push_str("end\n");
    }

    /// A formula under the names that the text uses.
    fn math(&self, math: &Math) -> String {
        infix(&self.named(math))
    }

    fn named(&self, math: &Math) -> Math {
        let leaf = |leaf: &Math| match leaf {
            Math::Name(name) => Math::name(self.names.quantity(name)),
            Math::Number(value, Some(unit)) => Math::Number(*value, Some(self.names.unit(unit).to_owned())),
            other => other.clone(),
        };
        math.map(&leaf, &|name| self.names.function(name).to_owned())
    }

    fn function(&mut self, function: &NamedFunction) {
        let argument = |name: &String| format!("{name}_");
        let leaf = |leaf: &Math| match leaf {
            Math::Name(name) => Math::Name(argument(name)),
            other => other.clone(),
        };
        let call = |name: &str| self.names.function(name).to_owned();
        let body = function.body.as_ref().map(|body| infix(&body.map(&leaf, &call)));
        let arguments: Vec<String> = function.parameters.iter().map(argument).collect();
        let _ = writeln!(
            self.out,
            "function {}({})\n  {}\nend\n",
            self.names.function(&function.id),
            arguments.join(", "),
            body.as_deref().unwrap_or("nan")
        );
    }

    fn quantities(&mut self, network: &Network) {
        let is_set = |printer: &Self, id: &str| printer.assigned.contains(id);
        for c in &network.compartments {
            if c.dimensions.is_some_and(|d| (d - 3.0).abs() > 1e-9) {
                self.lost.push(format!("the compartment `{}` is not a volume", c.id));
            }
            // Level 3 has no size for one that nobody gives a size, Level 2 and Antimony have 1.
            let is_bare = network.level.0 >= 3 && !self.ruled.contains(c.id.as_str());
            let size = c.size.or(is_bare.then_some(f64::NAN)).filter(|_| !is_set(self, &c.id));
            let (change, value) = (constancy(c.constant), value(size));
            let name = self.names.quantity(&c.id).to_owned();
            self.line(&format!("{change} compartment {name}{value}"));
            self.unit(&name, c.units.as_ref());
            self.remarks(&name, &c.remarks);
        }
        for species in &network.species {
            self.species(network, species);
        }
        for p in &network.parameters {
            let value = value(p.value.filter(|_| !is_set(self, &p.id)));
            let name = self.names.quantity(&p.id).to_owned();
            self.line(&format!("{} {name}{value}", constancy(p.constant)));
            self.unit(&name, p.units.as_ref());
            self.remarks(&name, &p.remarks);
        }
    }

    fn species(&mut self, network: &Network, s: &Species) {
        let kind = if s.substance_only {
            "substanceOnly species"
        } else {
            "species"
        };
        let sign = if s.boundary || s.constant { "$" } else { "" };
        let name = self.names.quantity(&s.id).to_owned();
        let home = self.names.quantity(&s.compartment).to_owned();
        let start = match (s.initial_amount, s.initial_concentration) {
            _ if self.assigned.contains(s.id.as_str()) => String::new(),
            (Some(amount), _) if s.substance_only => value(Some(amount)),
            (_, Some(concentration)) if s.substance_only => format!(" = {}*{home}", value_text(concentration)),
            (Some(amount), None) => format!(" = {}/{home}", value_text(amount)),
            (_, Some(concentration)) => value(Some(concentration)),
            (None, None) if self.ruled.contains(s.id.as_str()) => String::new(),
            (None, None) => value(Some(f64::NAN)),
        };
        self.line(&format!("{kind} {sign}{name} in {home}{start}"));
        if let Some(unit) = &s.substance_units {
            let volume = network
                .compartments
                .iter()
                .find(|c| c.id == s.compartment)
                .and_then(|c| c.units.as_deref());
            let (unit, volume) = (self.names.unit(unit), self.names.unit(volume.unwrap_or("litre")));
            let per = if s.substance_only {
                String::new()
            } else {
                format!(" / {volume}")
            };
            self.line(&format!("{name} has {unit}{per}"));
        }
        self.remarks(&name, &s.remarks);
    }

    fn conversion_factors(&mut self, network: &Network) {
        for species in &network.species {
            if let Some(factor) = &species.conversion_factor {
                let (name, factor) = (self.names.quantity(&species.id), self.names.quantity(factor));
                self.line(&format!("{name}.conversionFactor = {factor}"));
            }
        }
        if let Some(factor) = &network.conversion_factor {
            self.line(&format!("model.conversionFactor = {}", self.names.quantity(factor)));
        }
    }

    fn unit(&mut self, name: &str, unit: Option<&String>) {
        if let Some(unit) = unit {
            self.line(&format!("{name} has {}", self.names.unit(unit)));
        }
    }

    fn unit_definition(&mut self, unit: &UnitDefinition) {
        let factors: Vec<String> = unit.units.iter().map(factor).collect();
        let text = if factors.is_empty() {
            "dimensionless".to_owned()
        } else {
            factors.join(" * ")
        };
        let name = self.names.unit(&unit.id).to_owned();
        self.line(&format!("unit {name} = {text}"));
        self.remarks(&name, &unit.remarks);
    }

    fn remarks(&mut self, name: &str, remarks: &Remarks) {
        if let Some(display) = remarks.name.as_ref().filter(|display| *display != name) {
            self.line(&format!("{name} is {}", quoted(display)));
        }
        if let Some(term) = &remarks.sbo_term {
            self.line(&format!("{name}.sboTerm = {term}"));
        }
        if let Some(notes) = &remarks.notes {
            let words = plain_text(notes);
            if !words.is_empty() {
                self.line(&format!("{name} notes {}", quoted(&words)));
            }
        }
        if let Some(annotation) = &remarks.annotation {
            for (word, address) in links(annotation) {
                self.line(&format!("{name} {word} {}", quoted(&address)));
            }
        }
    }
}

fn constancy(constant: bool) -> &'static str {
    if constant { "const" } else { "var" }
}

fn value(number: Option<f64>) -> String {
    number.map_or(String::new(), |x| format!(" = {}", value_text(x)))
}

fn factor(unit: &BaseUnit) -> String {
    let scale = unit.multiplier * 10f64.powi(unit.scale);
    let base = if (scale - 1.0).abs() < 1e-15 {
        unit.kind.clone()
    } else {
        format!("({} {})", value_text(scale), unit.kind)
    };
    if (unit.exponent - 1.0).abs() < 1e-15 {
        base
    } else {
        format!("{base}^{}", value_text(unit.exponent))
    }
}

/// Text between quotation marks, or between backticks if it has quotation marks or lines of its own.
fn quoted(text: &str) -> String {
    if text.contains(['\n', '"', '\\']) {
        format!("```{}```", text.replace("```", "'''"))
    } else {
        format!("\"{text}\"")
    }
}

/// The words of an XML element.
fn plain_text(xml: &str) -> String {
    let mut words = String::new();
    let mut inside = false;
    for c in xml.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => words.push(c),
            _ => {}
        }
    }
    let words = words
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
