//! Named functions and constants of the expression language, as graphs of the arena's operations.

use crate::expression::{Arena, Binary, ExprId, Node, Unary};

/// Why a call cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError {
    /// No such function.
    Unknown,
    /// A function of SBML that is refused by name.
    Unsupported,
    /// Wrong number of arguments; how many it takes, in words.
    Arguments(&'static str),
}

/// Names of SBML or Antimony that have a meaning Malar does not give them.
pub const UNSUPPORTED: [&str; 8] = [
    "delay",
    "rateOf",
    "factorial",
    "avogadro",
    "nan",
    "NaN",
    "notanumber",
    "not_a_number",
];

/// Functions of one argument that are one operation.
const UNARY: [(&str, Unary); 22] = [
    ("exp", Unary::Exp),
    ("ln", Unary::Ln),
    ("log", Unary::Ln),
    ("sqrt", Unary::Sqrt),
    ("abs", Unary::Abs),
    ("floor", Unary::Floor),
    ("ceil", Unary::Ceil),
    ("ceiling", Unary::Ceil),
    ("sin", Unary::Sin),
    ("cos", Unary::Cos),
    ("tan", Unary::Tan),
    ("asin", Unary::Asin),
    ("arcsin", Unary::Asin),
    ("acos", Unary::Acos),
    ("arccos", Unary::Acos),
    ("atan", Unary::Atan),
    ("arctan", Unary::Atan),
    ("sinh", Unary::Sinh),
    ("cosh", Unary::Cosh),
    ("tanh", Unary::Tanh),
    ("not", Unary::Not),
    ("neg", Unary::Neg),
];

/// Functions of two arguments that are one operation.
const BINARY: [(&str, Binary); 10] = [
    ("pow", Binary::Pow),
    ("power", Binary::Pow),
    ("divide", Binary::Div),
    ("lt", Binary::Lt),
    ("leq", Binary::Le),
    ("gt", Binary::Gt),
    ("geq", Binary::Ge),
    ("eq", Binary::Eq),
    ("neq", Binary::Ne),
    ("xor", Binary::Ne),
];

/// Functions of one or more arguments, folded from the left.
const FOLDED: [(&str, Binary); 6] = [
    ("min", Binary::Min),
    ("max", Binary::Max),
    ("and", Binary::And),
    ("or", Binary::Or),
    ("plus", Binary::Add),
    ("times", Binary::Mul),
];

/// Names with a fixed value: `time`, `pi`, `true` ...
pub fn constant(name: &str) -> Option<Node> {
    Some(match name {
        "time" => Node::Time,
        "pi" => Node::Number(std::f64::consts::PI),
        "exponentiale" => Node::Number(std::f64::consts::E),
        "true" => Node::Number(1.0),
        "false" => Node::Number(0.0),
        "inf" | "infinity" | "INF" => Node::Number(f64::INFINITY),
        _ => return None,
    })
}

/// True if `name` is a function, so that no quantity should be called so.
pub fn is_function(name: &str) -> bool {
    known().any(|known| known == name)
}

/// Names of all functions, for suggestions.
pub fn known() -> impl Iterator<Item = &'static str> + Clone {
    const OTHERS: [&str; 20] = [
        "log10",
        "sqr",
        "root",
        "piecewise",
        "minus",
        "modulo",
        "rem",
        "quotient",
        "implies",
        "sec",
        "csc",
        "cot",
        "asinh",
        "acosh",
        "atanh",
        "arcsinh",
        "arccosh",
        "arctanh",
        "sech",
        "csch",
    ];
    let plain = UNARY.iter().map(|f| f.0).chain(BINARY.iter().map(|f| f.0));
    plain.chain(FOLDED.iter().map(|f| f.0)).chain(OTHERS)
}

/// The call `name(arguments)` as an expression, unsimplified.
pub fn call(arena: &mut Arena, name: &str, arguments: &[ExprId]) -> Result<ExprId, CallError> {
    if UNSUPPORTED.contains(&name) {
        return Err(CallError::Unsupported);
    }
    if name == "log" && arguments.len() == 2 {
        return Ok(logarithm(arena, arguments[0], arguments[1]));
    }
    if let Some(&(_, op)) = UNARY.iter().find(|f| f.0 == name) {
        let [a] = exactly(arguments, "one argument")?;
        return Ok(arena.intern(Node::Unary(op, a)));
    }
    if let Some(&(_, op)) = BINARY.iter().find(|f| f.0 == name) {
        let [a, b] = exactly(arguments, "two arguments")?;
        let (a, b) = if name == "xor" {
            (truth(arena, a), truth(arena, b))
        } else {
            (a, b)
        };
        return Ok(arena.intern(Node::Binary(op, a, b)));
    }
    if let Some(&(_, op)) = FOLDED.iter().find(|f| f.0 == name) {
        let (&first, rest) = arguments
            .split_first()
            .ok_or(CallError::Arguments("at least one argument"))?;
        return Ok(rest.iter().fold(first, |a, &b| arena.intern(Node::Binary(op, a, b))));
    }
    composed(arena, name, arguments)
}

/// Functions that need more than one operation.
fn composed(arena: &mut Arena, name: &str, arguments: &[ExprId]) -> Result<ExprId, CallError> {
    let one = arena.number(1.0);
    match name {
        "piecewise" => return piecewise(arena, arguments),
        "minus" if arguments.len() == 1 => return Ok(arena.intern(Node::Unary(Unary::Neg, arguments[0]))),
        "minus" | "modulo" | "rem" | "quotient" | "implies" | "root" => {
            if let ("root", &[x]) = (name, arguments) {
                return Ok(arena.intern(Node::Unary(Unary::Sqrt, x)));
            }
            let [a, b] = exactly(arguments, "two arguments")?;
            return Ok(pair(arena, name, a, b));
        }
        "log10" | "sqr" | "sec" | "csc" | "cot" | "sech" | "csch" => {}
        "asinh" | "acosh" | "atanh" | "arcsinh" | "arccosh" | "arctanh" => {}
        _ => return Err(CallError::Unknown),
    }
    let [x] = exactly(arguments, "one argument")?;
    let mut reciprocal = |op| {
        let value = arena.intern(Node::Unary(op, x));
        arena.intern(Node::Binary(Binary::Div, one, value))
    };
    Ok(match name {
        "sec" => reciprocal(Unary::Cos),
        "csc" => reciprocal(Unary::Sin),
        "cot" => reciprocal(Unary::Tan),
        "sech" => reciprocal(Unary::Cosh),
        "csch" => reciprocal(Unary::Sinh),
        "log10" => {
            let ten = arena.number(10.0);
            logarithm(arena, ten, x)
        }
        "sqr" => arena.mul(x, x),
        "atanh" | "arctanh" => {
            let (above, below, half) = (arena.add(one, x), arena.sub(one, x), arena.number(0.5));
            let quotient = arena.div(above, below);
            let log = arena.ln(quotient);
            arena.mul(half, log)
        }
        _ => {
            let square = arena.mul(x, x);
            let inside = if name.ends_with("sinh") {
                arena.add(square, one)
            } else {
                arena.sub(square, one)
            };
            let root = arena.sqrt(inside);
            let sum = arena.add(x, root);
            arena.ln(sum)
        }
    })
}

/// Composed functions of two arguments.
fn pair(arena: &mut Arena, name: &str, a: ExprId, b: ExprId) -> ExprId {
    match name {
        "minus" => arena.intern(Node::Binary(Binary::Sub, a, b)),
        "modulo" => modulo(arena, a, b),
        "rem" => {
            let whole = quotient(arena, a, b);
            let product = arena.mul(b, whole);
            arena.sub(a, product)
        }
        "quotient" => quotient(arena, a, b),
        "implies" => {
            let without = arena.not(a);
            arena.intern(Node::Binary(Binary::Or, without, b))
        }
        // root(degree, x)
        _ => {
            let one = arena.number(1.0);
            let exponent = arena.div(one, a);
            arena.pow(b, exponent)
        }
    }
}

/// `a/b` rounded towards zero, as SBML defines it.
fn quotient(arena: &mut Arena, a: ExprId, b: ExprId) -> ExprId {
    let zero = arena.number(0.0);
    let ratio = arena.div(a, b);
    let negative = arena.lt(ratio, zero);
    let (up, down) = (arena.ceil(ratio), arena.floor(ratio));
    arena.select(negative, up, down)
}

/// `a % b` as libSBML expands it: the remainder of the quotient rounded towards zero.
pub fn modulo(arena: &mut Arena, a: ExprId, b: ExprId) -> ExprId {
    let whole = quotient(arena, a, b);
    let product = arena.mul(b, whole);
    arena.sub(a, product)
}

fn logarithm(arena: &mut Arena, base: ExprId, x: ExprId) -> ExprId {
    let (above, below) = (arena.intern(Node::Unary(Unary::Ln, x)), arena.ln(base));
    arena.intern(Node::Binary(Binary::Div, above, below))
}

/// `piecewise(value, condition, value, condition, ..., otherwise)`; the first condition that holds decides.
fn piecewise(arena: &mut Arena, arguments: &[ExprId]) -> Result<ExprId, CallError> {
    let (&otherwise, pieces) = arguments
        .split_last()
        .ok_or(CallError::Arguments("value, condition, ..., and a value otherwise"))?;
    if pieces.is_empty() || pieces.len() % 2 == 1 {
        return Err(CallError::Arguments("value, condition, ..., and a value otherwise"));
    }
    let choose = |rest, piece: &[ExprId]| arena.intern(Node::Select(piece[1], piece[0], rest));
    Ok(pieces.chunks(2).rev().fold(otherwise, choose))
}

/// 1 or 0 for any number.
fn truth(arena: &mut Arena, a: ExprId) -> ExprId {
    let zero = arena.number(0.0);
    if arena.is_truth(a) {
        a
    } else {
        arena.intern(Node::Binary(Binary::Ne, a, zero))
    }
}

fn exactly<const N: usize>(arguments: &[ExprId], wanted: &'static str) -> Result<[ExprId; N], CallError> {
    arguments.try_into().map_err(|_| CallError::Arguments(wanted))
}
