//! Networks as Antimony text. What Antimony cannot say is refused by name, never left out.

use std::fmt::Write as _;

use super::words::links;
use crate::infix_text::number_text;
use crate::network::math::{Math, Operator};
use crate::network::parts::{Network, Participant, Reaction, Remarks, RuleKind};

/// The network as Antimony; or what it has that Antimony cannot say, one sentence each.
pub fn to_antimony(network: &Network) -> Result<String, Vec<String>> {
    let mut printer = Printer {
        out: String::new(),
        lost: Vec::new(),
    };
    printer.network(network);
    if printer.lost.is_empty() {
        Ok(printer.out)
    } else {
        Err(printer.lost)
    }
}

struct Printer {
    out: String,
    lost: Vec<String>,
}

impl Printer {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "  {text}");
    }

    fn network(&mut self, network: &Network) {
        for function in &network.functions {
            let body = function.body.as_ref().map_or_else(|| "nan".to_owned(), infix);
            let _ = writeln!(
                self.out,
                "function {}({})\n  {body}\nend\n",
                function.id,
                function.parameters.join(", ")
            );
        }
        let id = if network.id.is_empty() { "model_1" } else { &network.id };
        let _ = writeln!(self.out, "model {id}");
        if network.conversion_factor.is_some() || network.species.iter().any(|s| s.conversion_factor.is_some()) {
            self.lost.push("conversion factors between extent and substance".into());
        }
        for unit in &network.units {
            let text = unit_text(unit);
            self.line(&format!("unit {} = {text}", unit.id));
        }
        self.quantities(network);
        for initial in &network.initial_assignments {
            self.line(&format!("{} = {}", initial.symbol, infix(&initial.math)));
        }
        for rule in &network.rules {
            match rule.kind {
                RuleKind::Assignment => self.line(&format!("{} := {}", rule.variable, infix(&rule.math))),
                RuleKind::Rate => self.line(&format!("{}' = {}", rule.variable, infix(&rule.math))),
                RuleKind::Algebraic => self.line(&format!("0 = {}", infix(&rule.math))),
            }
        }
        for reaction in &network.reactions {
            self.reaction(reaction);
        }
        self.events(network);
        self.remarks("model", &network.remarks);
        self.out.push_str("end\n");
    }

    fn quantities(&mut self, network: &Network) {
        let value = |number: Option<f64>, id: &str| match number {
            Some(x) if !network.initial_assignments.iter().any(|i| i.symbol == id) => format!(" = {}", value_text(x)),
            _ => String::new(),
        };
        for c in &network.compartments {
            if c.dimensions.is_some_and(|d| (d - 3.0).abs() > 1e-9) {
                self.lost.push(format!("the compartment `{}` is not a volume", c.id));
            }
            let change = if c.constant { "" } else { "var " };
            self.line(&format!("{change}compartment {}{}", c.id, value(c.size, &c.id)));
            self.unit(&c.id, c.units.as_ref());
            self.remarks(&c.id, &c.remarks);
        }
        for s in &network.species {
            let kind = if s.substance_only {
                "substanceOnly species"
            } else {
                "species"
            };
            let sign = if s.boundary || s.constant { "$" } else { "" };
            let constant = if s.constant { "const " } else { "" };
            let start = match (s.initial_amount, s.initial_concentration) {
                (Some(amount), None)
                    if !s.substance_only && !network.initial_assignments.iter().any(|i| i.symbol == s.id) =>
                {
                    format!(" = {}/{}", value_text(amount), s.compartment)
                }
                (amount, concentration) => value(amount.or(concentration), &s.id),
            };
            self.line(&format!("{constant}{kind} {sign}{} in {}{start}", s.id, s.compartment));
            self.unit(&s.id, s.substance_units.as_ref());
            self.remarks(&s.id, &s.remarks);
        }
        for p in &network.parameters {
            let change = if p.constant { "const" } else { "var" };
            self.line(&format!("{change} {}{}", p.id, value(p.value, &p.id)));
            self.unit(&p.id, p.units.as_ref());
            self.remarks(&p.id, &p.remarks);
        }
    }

    fn unit(&mut self, id: &str, unit: Option<&String>) {
        if let Some(unit) = unit {
            self.line(&format!("{id} has {unit}"));
        }
    }

    fn reaction(&mut self, reaction: &Reaction) {
        if reaction.fast {
            self.lost.push(format!("the reaction `{}` is `fast`", reaction.id));
        }
        // Local parameters become parameters of the model under the reaction's name.
        let global = |name: &str| format!("{}_{name}", reaction.id);
        for local in &reaction.locals {
            let name = global(&local.id);
            let value = local.value.map_or(String::new(), |x| format!(" = {}", value_text(x)));
            self.line(&format!("const {name}{value}"));
            self.unit(&name, local.units.as_ref());
        }
        let rename = |math: &Math| match math {
            Math::Name(name) if reaction.locals.iter().any(|l| l.id == *name) => Math::Name(global(name)),
            other => other.clone(),
        };
        let rate = reaction
            .rate
            .as_ref()
            .map_or(String::new(), |rate| infix(&rate.map(&rename, &str::to_owned)));
        let mut side = |list: &[Participant]| {
            let terms: Vec<String> = list.iter().map(|p| self.participant(reaction, p)).collect();
            terms.join(" + ")
        };
        let (left, right) = (side(&reaction.reactants), side(&reaction.products));
        let arrow = if reaction.reversible { "->" } else { "=>" };
        self.line(&format!("{}: {left} {arrow} {right}; {rate}", reaction.id));
        self.remarks(&reaction.id, &reaction.remarks);
    }

    fn participant(&mut self, reaction: &Reaction, p: &Participant) -> String {
        if p.stoichiometry_math.is_some() {
            self.lost.push(format!(
                "the stoichiometry of `{}` in `{}` is a formula",
                p.species, reaction.id
            ));
        }
        match (&p.id, p.stoichiometry) {
            (Some(id), count) => {
                if let Some(count) = count {
                    let change = if p.constant { "const" } else { "var" };
                    self.line(&format!("{change} {id} = {}", value_text(count)));
                }
                format!("{id} {}", p.species)
            }
            (None, None) => p.species.clone(),
            (None, Some(count)) if count.to_bits() == 1f64.to_bits() => p.species.clone(),
            (None, Some(count)) => format!("{} {}", value_text(count), p.species),
        }
    }

    fn events(&mut self, network: &Network) {
        for (index, event) in network.events.iter().enumerate() {
            let Some(trigger) = &event.trigger else {
                self.lost.push(format!("event {} has no trigger", index + 1));
                continue;
            };
            let name = if event.id.is_empty() {
                format!("_E{index}")
            } else {
                event.id.clone()
            };
            let delay = event
                .delay
                .as_ref()
                .map_or(String::new(), |d| format!("{} after ", infix(d)));
            let mut options = Vec::new();
            options.extend(event.priority.as_ref().map(|p| format!("priority = {}", infix(p))));
            options.extend((!event.initial_value).then(|| "t0 = false".to_owned()));
            options.extend((!event.persistent).then(|| "persistent = false".to_owned()));
            options.extend((!event.values_from_trigger_time).then(|| "fromTrigger = false".to_owned()));
            let options: String = options.into_iter().map(|o| format!(", {o}")).collect();
            let actions: Vec<String> = event
                .assignments
                .iter()
                .map(|a| format!("{} = {}", a.variable, infix(&a.math)))
                .collect();
            self.line(&format!(
                "{name}: at {delay}({}){options}: {}",
                infix(trigger),
                actions.join(", ")
            ));
        }
    }

    fn remarks(&mut self, id: &str, remarks: &Remarks) {
        let quoted = |text: &str| {
            if text.contains(['\n', '"']) {
                format!("```{text}```")
            } else {
                format!("\"{text}\"")
            }
        };
        if let Some(name) = remarks.name.as_ref().filter(|name| *name != id) {
            self.line(&format!("{id} is {}", quoted(name)));
        }
        if let Some(notes) = &remarks.notes {
            let words = plain_text(notes);
            if !words.is_empty() {
                self.line(&format!("{id} notes {}", quoted(&words)));
            }
        }
        if let Some(annotation) = &remarks.annotation {
            for (word, address) in links(annotation) {
                self.line(&format!("{id} {word} {}", quoted(&address)));
            }
        }
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

fn value_text(x: f64) -> String {
    match x {
        x if x.is_nan() => "nan".into(),
        f64::INFINITY => "inf".into(),
        f64::NEG_INFINITY => "-inf".into(),
        x => number_text(x),
    }
}

fn unit_text(unit: &crate::network::parts::UnitDefinition) -> String {
    let factor = |u: &crate::network::parts::BaseUnit| {
        let scale = u.multiplier * 10f64.powi(u.scale);
        let base = if (scale - 1.0).abs() < 1e-15 {
            u.kind.clone()
        } else {
            format!("({} {})", value_text(scale), u.kind)
        };
        if (u.exponent - 1.0).abs() < 1e-15 {
            base
        } else {
            format!("{base}^{}", value_text(u.exponent))
        }
    };
    let factors: Vec<String> = unit.units.iter().map(factor).collect();
    if factors.is_empty() {
        "dimensionless".into()
    } else {
        factors.join(" * ")
    }
}

/// A formula in SBML's Level 3 infix. Every operation inside another stands in brackets, so that no precedence matters.
fn infix(math: &Math) -> String {
    let list = |arguments: &[Math], between: &str| arguments.iter().map(bracketed).collect::<Vec<_>>().join(between);
    let call = |name: &str, arguments: &[Math]| {
        format!("{name}({})", arguments.iter().map(infix).collect::<Vec<_>>().join(", "))
    };
    match math {
        Math::Number(x, _) => value_text(*x),
        Math::Name(name) => name.clone(),
        Math::Time => "time".into(),
        Math::Avogadro => "avogadro".into(),
        Math::Call(name, arguments) => call(name, arguments),
        Math::Piecewise(pieces, otherwise) => {
            let mut arguments: Vec<String> = pieces.iter().flat_map(|(v, c)| [infix(v), infix(c)]).collect();
            arguments.extend(otherwise.iter().map(|o| infix(o)));
            format!("piecewise({})", arguments.join(", "))
        }
        Math::Apply(operator, arguments) => match (operator.0, arguments.as_slice()) {
            ("plus", [_, _, ..]) => list(arguments, " + "),
            ("times", [_, _, ..]) => list(arguments, "*"),
            ("minus", [a]) => format!("-{}", bracketed(a)),
            ("minus", [_, _]) => list(arguments, " - "),
            ("divide", [_, _]) => list(arguments, "/"),
            ("power", [_, _]) => list(arguments, "^"),
            ("eq", [_, _]) => list(arguments, " == "),
            ("neq", [_, _]) => list(arguments, " != "),
            ("lt", [_, _]) => list(arguments, " < "),
            ("leq", [_, _]) => list(arguments, " <= "),
            ("gt", [_, _]) => list(arguments, " > "),
            ("geq", [_, _]) => list(arguments, " >= "),
            ("and", [_, _, ..]) => list(arguments, " && "),
            ("or", [_, _, ..]) => list(arguments, " || "),
            ("plus" | "times" | "and" | "or", [a]) => infix(a),
            ("plus" | "or" | "xor", []) => "0".into(),
            ("times" | "and", []) => "1".into(),
            ("true" | "false" | "pi" | "exponentiale", []) => operator.0.into(),
            (name @ ("lt" | "leq" | "gt" | "geq" | "eq"), [_, _, _, ..]) => {
                let pairs = arguments
                    .windows(2)
                    .map(|pair| Math::Apply(Operator::find(name).expect("listed"), pair.to_vec()));
                infix(&Math::apply("and", pairs.collect()))
            }
            (name, arguments) => call(name, arguments),
        },
    }
}

fn bracketed(math: &Math) -> String {
    let text = infix(math);
    let is_simple = match math {
        Math::Number(x, _) => *x >= 0.0,
        Math::Apply(operator, arguments) => {
            let infix = [
                "plus", "minus", "times", "divide", "power", "eq", "neq", "lt", "leq", "gt", "geq", "and", "or",
            ];
            arguments.is_empty() || !infix.contains(&operator.0)
        }
        _ => true,
    };
    if is_simple { text } else { format!("({text})") }
}
