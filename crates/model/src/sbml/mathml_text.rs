//! Writing MathML.

use std::fmt::Write as _;

use crate::network::{Math, escaped};

/// Address of SBML's own symbols.
const SYMBOLS: &str = "http://www.sbml.org/sbml/symbols/";

/// `<math>` with a formula.
pub(in crate::sbml) fn math(formula: &Math, version: u32, out: &mut String) {
    open(formula, version, out);
    node(formula, out);
    out.push_str("</math>");
}

/// `<math>` with a function's arguments and body.
pub(super) fn lambda(parameters: &[String], body: &Math, version: u32, out: &mut String) {
    open(body, version, out);
    out.push_str("<lambda>");
    for parameter in parameters {
        let _ = write!(out, "<bvar><ci> {} </ci></bvar>", escaped(parameter));
    }
    node(body, out);
    out.push_str("</lambda></math>");
}

/// Units of numbers need SBML's namespace, of the version of Level 3 that is written.
fn open(formula: &Math, version: u32, out: &mut String) {
    out.push_str("<math xmlns=\"http://www.w3.org/1998/Math/MathML\"");
    let mut pending = vec![formula];
    while let Some(math) = pending.pop() {
        if matches!(math, Math::Number(_, Some(_))) {
            let _ = write!(
                out,
                " xmlns:sbml=\"http://www.sbml.org/sbml/level3/version{version}/core\""
            );
            break;
        }
        pending.extend(math.operands());
    }
    out.push('>');
}

fn node(math: &Math, out: &mut String) {
    let _ = match math {
        Math::Number(value, unit) => return number(*value, unit.as_deref(), out),
        Math::Name(name) => write!(out, "<ci> {} </ci>", escaped(name)),
        Math::Time => write!(out, "{}", symbol("time")),
        Math::Avogadro => write!(out, "{}", symbol("avogadro")),
        Math::Apply(operator, arguments) => return apply(operator.0, arguments, out),
        Math::Call(name, arguments) => {
            let _ = write!(out, "<apply><ci> {} </ci>", escaped(name));
            arguments.iter().for_each(|a| node(a, out));
            write!(out, "</apply>")
        }
        Math::Piecewise(pieces, otherwise) => {
            out.push_str("<piecewise>");
            for (value, condition) in pieces {
                out.push_str("<piece>");
                node(value, out);
                node(condition, out);
                out.push_str("</piece>");
            }
            if let Some(otherwise) = otherwise {
                out.push_str("<otherwise>");
                node(otherwise, out);
                out.push_str("</otherwise>");
            }
            write!(out, "</piecewise>")
        }
    };
}

fn symbol(name: &str) -> String {
    format!("<csymbol encoding=\"text\" definitionURL=\"{SYMBOLS}{name}\"> {name} </csymbol>")
}

fn number(value: f64, unit: Option<&str>, out: &mut String) {
    let unit = unit.map_or(String::new(), |unit| format!(" sbml:units=\"{}\"", escaped(unit)));
    let _ = if value.is_nan() {
        write!(out, "<notanumber/>")
    } else if value == f64::INFINITY {
        write!(out, "<infinity/>")
    } else if value == f64::NEG_INFINITY {
        write!(out, "<apply><minus/><infinity/></apply>")
    } else {
        // The shortest digits that read back as the same number; a power of ten has its own element.
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        if (-4..=15).contains(&exponent.parse::<i32>().unwrap_or(0)) {
            write!(out, "<cn{unit}> {value} </cn>")
        } else {
            write!(out, "<cn type=\"e-notation\"{unit}> {mantissa} <sep/> {exponent} </cn>")
        }
    };
}

fn apply(name: &str, arguments: &[Math], out: &mut String) {
    if let "true" | "false" | "pi" | "exponentiale" = name {
        let _ = write!(out, "<{name}/>");
        return;
    }
    let rest = match (name, arguments) {
        ("delay" | "rateOf", _) => {
            let _ = write!(out, "<apply>{}", symbol(name));
            arguments
        }
        ("root" | "log", [first, rest @ ..]) => {
            let qualifier = if name == "root" { "degree" } else { "logbase" };
            let _ = write!(out, "<apply><{name}/><{qualifier}>");
            node(first, out);
            let _ = write!(out, "</{qualifier}>");
            rest
        }
        _ => {
            let _ = write!(out, "<apply><{name}/>");
            arguments
        }
    };
    rest.iter().for_each(|a| node(a, out));
    out.push_str("</apply>");
}
