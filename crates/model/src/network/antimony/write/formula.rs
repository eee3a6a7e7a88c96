//! Formulas and numbers as text.

use crate::infix_text::number_text;
use crate::network::math::{Math, Operator};

/// A number with the words that Antimony has for those without digits.
pub(super) fn value_text(x: f64) -> String {
    match x {
        x if x.is_nan() => "nan".into(),
        f64::INFINITY => "inf".into(),
        f64::NEG_INFINITY => "-inf".into(),
        x => number_text(x),
    }
}

/// A formula in SBML's Level 3 infix. Every operation inside another stands in brackets, so that no precedence matters.
pub(super) fn infix(math: &Math) -> String {
    let list = |arguments: &[Math], between: &str| arguments.iter().map(bracketed).collect::<Vec<_>>().join(between);
    let call = |name: &str, arguments: &[Math]| {
        format!("{name}({})", arguments.iter().map(infix).collect::<Vec<_>>().join(", "))
    };
    match math {
        Math::Number(x, Some(unit)) => format!("{} {unit}", value_text(*x)),
        Math::Number(x, None) => value_text(*x),
        Math::Name(name) => name.clone(),
        Math::Time => "time".into(),
        Math::Avogadro => "avogadro".into(),
        Math::Call(name, arguments) => call(name, arguments),
        Math::Piecewise(pieces, None) if pieces.is_empty() => "nan".into(),
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
            ("xor", [a]) => infix(a),
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
