//! Reading MathML.

use roxmltree::Node;

use super::xml;
use crate::network::{Math, Operator};

/// Why a formula cannot be read, and at which element.
#[derive(Debug)]
pub(super) struct MathError {
    pub span: std::ops::Range<usize>,
    pub message: String,
}

fn error<T>(node: Node, message: impl Into<String>) -> Result<T, MathError> {
    Err(MathError {
        span: xml::span(node),
        message: message.into(),
    })
}

/// Operators that MathML calls otherwise than we do.
const OTHER_NAMES: [(&str, &str); 2] = [("ceil", "ceiling"), ("pow", "power")];

/// Child elements.
fn elements<'a, 'd: 'a>(node: Node<'a, 'd>) -> impl Iterator<Item = Node<'a, 'd>> + 'a {
    node.children().filter(Node::is_element)
}

/// The formula in a `math` element; nothing if it is empty.
pub(super) fn formula(math: Node) -> Result<Option<Math>, MathError> {
    let mut inner = elements(math);
    let Some(first) = inner.next() else { return Ok(None) };
    if let Some(second) = inner.next() {
        return error(second, "a second formula in one `math` element");
    }
    read(first).map(Some)
}

/// Arguments and body of a function definition.
pub(super) fn lambda(math: Node) -> Result<(Vec<String>, Option<Math>), MathError> {
    let Some(mut lambda) = elements(math).next() else {
        return Ok((Vec::new(), None));
    };
    if lambda.tag_name().name() == "semantics" {
        lambda = match elements(lambda).next() {
            Some(inner) => inner,
            None => return Ok((Vec::new(), None)),
        };
    }
    if lambda.tag_name().name() != "lambda" {
        return error(lambda, "a function definition needs a `lambda`");
    }
    let mut parameters = Vec::new();
    let mut body = None;
    for part in elements(lambda) {
        if part.tag_name().name() == "bvar" {
            let name = elements(part).next().map(text).unwrap_or_default();
            parameters.push(name);
        } else if body.replace(read(part)?).is_some() {
            return error(part, "a second formula in one `lambda`");
        }
    }
    Ok((parameters, body))
}

fn text(node: Node) -> String {
    node.descendants()
        .filter(Node::is_text)
        .filter_map(|t| t.text())
        .collect::<String>()
        .trim()
        .to_owned()
}

fn read(node: Node) -> Result<Math, MathError> {
    match node.tag_name().name() {
        "cn" => number(node),
        "ci" => Ok(Math::Name(text(node))),
        "csymbol" => match symbol(node)? {
            "time" => Ok(Math::Time),
            "avogadro" => Ok(Math::Avogadro),
            other => error(node, format!("`{other}` stands alone, but takes arguments")),
        },
        "infinity" => Ok(Math::number(f64::INFINITY)),
        "notanumber" => Ok(Math::number(f64::NAN)),
        "piecewise" => piecewise(node),
        "apply" => apply(node),
        "semantics" => match elements(node).next() {
            Some(inner) => read(inner),
            None => error(node, "an empty `semantics`"),
        },
        name @ ("true" | "false" | "pi" | "exponentiale") => {
            Ok(Math::Apply(Operator::find(name).expect("listed"), Vec::new()))
        }
        other => error(node, format!("`{other}` is no formula that SBML allows")),
    }
}

/// What a `csymbol` means, by its address.
fn symbol<'a>(node: Node<'a, '_>) -> Result<&'a str, MathError> {
    let address = node.attribute("definitionURL").unwrap_or("").trim();
    let name = address.rsplit('/').next().unwrap_or("");
    let known = ["time", "delay", "avogadro", "rateOf"].contains(&name)
        && address.starts_with("http://www.sbml.org/sbml/symbols/");
    if known {
        Ok(name)
    } else {
        error(node, format!("`{address}` is no symbol of SBML"))
    }
}

fn number(node: Node) -> Result<Math, MathError> {
    let mut parts = vec![String::new()];
    for child in node.children() {
        if child.is_text() {
            parts
                .last_mut()
                .expect("never empty")
                .push_str(child.text().unwrap_or(""));
        } else if child.is_element() && child.tag_name().name() == "sep" {
            parts.push(String::new());
        }
    }
    let parsed = |at: usize| parts.get(at).and_then(|part| part.trim().parse::<f64>().ok());
    let value = match (node.attribute("type").unwrap_or("real"), parts.len()) {
        ("e-notation", 2) => format!("{}e{}", parts[0].trim(), parts[1].trim().trim_start_matches('+'))
            .parse()
            .ok(),
        ("rational", 2) => parsed(0).zip(parsed(1)).map(|(a, b)| a / b),
        ("e-notation" | "real" | "integer" | "rational" | "double", 1) => parsed(0),
        _ => None,
    };
    let units = node
        .attributes()
        .find(|a| a.name() == "units")
        .map(|a| a.value().to_owned());
    match value {
        Some(value) => Ok(Math::Number(value, units)),
        None => error(node, format!("`{}` is not a number", parts.join(" "))),
    }
}

fn piecewise(node: Node) -> Result<Math, MathError> {
    let mut pieces = Vec::new();
    let mut otherwise = None;
    for part in elements(node) {
        let inner = elements(part).map(read).collect::<Result<Vec<_>, _>>()?;
        match (part.tag_name().name(), <[Math; 2]>::try_from(inner)) {
            ("piece", Ok([value, condition])) => pieces.push((value, condition)),
            ("otherwise", Err(mut one)) if one.len() == 1 => otherwise = one.pop().map(Box::new),
            _ => return error(part, "a `piece` has a value and a condition, `otherwise` a value"),
        }
    }
    Ok(Math::Piecewise(pieces, otherwise))
}

fn apply(node: Node) -> Result<Math, MathError> {
    let mut parts = elements(node);
    let Some(head) = parts.next() else {
        return error(node, "an `apply` of nothing");
    };
    let mut qualifier = None;
    let mut arguments = Vec::new();
    for part in parts {
        match part.tag_name().name() {
            "degree" | "logbase" => qualifier = elements(part).next().map(read).transpose()?,
            _ => arguments.push(read(part)?),
        }
    }
    let name = match head.tag_name().name() {
        "ci" => return Ok(Math::Call(text(head), arguments)),
        "csymbol" => symbol(head)?,
        other => OTHER_NAMES.iter().find(|n| n.0 == other).map_or(other, |n| n.1),
    };
    if let "root" | "log" = name {
        let usual = Math::number(if name == "root" { 2.0 } else { 10.0 });
        arguments.insert(0, qualifier.unwrap_or(usual));
    }
    match Operator::find(name) {
        Some(operator) if operator.takes(arguments.len()) => Ok(Math::Apply(operator, arguments)),
        Some(_) => error(
            head,
            format!("`{name}` has {} arguments, which it cannot take", arguments.len()),
        ),
        None => error(head, format!("`{name}` is no operator that SBML allows")),
    }
}
