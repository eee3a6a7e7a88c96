//! Formulas as trees to expressions of an arena: functions expanded, every operator of MathML as operations of the arena.
//!
//! `delay` and `rateOf` become names of their own, listed beside the arena: the rest of the house then needs to know
//! nothing of them.

use std::collections::{BTreeMap, BTreeSet};

use super::math::{Math, Operator};
use super::parts::NamedFunction;
use crate::expression::{Arena, Binary, ExprId, Node, SymbolId, Unary};

/// Avogadro constant of SBML Level 3 (CODATA 2006 in Version 1, 6.02214179e23), per mole.
const AVOGADRO: f64 = 6.022_141_79e23;
/// Deepest nesting, calls included; keeps the program's own stack small.
const MAX_DEPTH: usize = 500;
/// Most formula parts that calls may expand to.
const MAX_PARTS: usize = 4_000_000;
/// `n!` is finite up to here.
const LARGEST_FACTORIAL: u32 = 170;

/// Why a formula has no meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaningless {
    Undefined(String),
    UnknownFunction(String),
    Arguments(String),
    TooDeep,
    TooLarge,
    Circular(String),
    RateOf,
}

/// `symbol` stands for `value` as it was `lag` ago.
pub(super) struct Lookback {
    pub symbol: SymbolId,
    pub value: ExprId,
    pub lag: ExprId,
}

/// Turns formulas into expressions and remembers what they need.
pub(super) struct Lowering<'a> {
    pub arena: Arena,
    functions: BTreeMap<&'a str, &'a NamedFunction>,
    known: BTreeSet<&'a str>,
    /// Delayed quantities met so far, inner ones first.
    pub delays: Vec<Lookback>,
    /// Names whose rates are asked for.
    pub rates_of: BTreeSet<SymbolId>,
    depth: usize,
    parts: usize,
}

/// Names that stand for something else: arguments and local parameters.
pub(super) type Scope<'e> = BTreeMap<&'e str, ExprId>;

/// The name that stands for the rate of change of `name`.
pub(super) fn rate_name(name: &str) -> String {
    format!("rateOf {name}")
}

impl<'a> Lowering<'a> {
    pub fn new(functions: &'a [NamedFunction], known: BTreeSet<&'a str>) -> Self {
        Lowering {
            arena: Arena::default(),
            functions: functions.iter().map(|f| (f.id.as_str(), f)).collect(),
            known,
            delays: Vec::new(),
            rates_of: BTreeSet::new(),
            depth: 0,
            parts: 0,
        }
    }

    /// The expression of `math`; names in `scope` come first.
    pub fn lower(&mut self, math: &Math, scope: &Scope) -> Result<ExprId, Meaningless> {
        self.depth += 1;
        self.parts += 1;
        let result = if self.depth > MAX_DEPTH {
            Err(Meaningless::TooDeep)
        } else if self.parts > MAX_PARTS {
            Err(Meaningless::TooLarge)
        } else {
            self.node(math, scope)
        };
        self.depth -= 1;
        result
    }

    fn node(&mut self, math: &Math, scope: &Scope) -> Result<ExprId, Meaningless> {
        match math {
            Math::Number(value, _) => Ok(self.arena.number(*value)),
            Math::Time => Ok(self.arena.intern(Node::Time)),
            Math::Avogadro => Ok(self.arena.number(AVOGADRO)),
            Math::Name(name) => match scope.get(name.as_str()) {
                Some(&inner) => Ok(inner),
                None if self.known.contains(name.as_str()) => Ok(self.arena.named(name)),
                None => Err(Meaningless::Undefined(name.clone())),
            },
            Math::Apply(operator, arguments) => {
                if !operator.takes(arguments.len()) {
                    return Err(Meaningless::Arguments(operator.0.to_owned()));
                }
                let arguments = self.all(arguments, scope)?;
                self.apply(*operator, &arguments)
            }
            Math::Call(name, arguments) => {
                let arguments = self.all(arguments, scope)?;
                self.call(name, &arguments)
            }
            Math::Piecewise(pieces, otherwise) => {
                let mut result = match otherwise {
                    Some(math) => self.lower(math, scope)?,
                    None => self.arena.number(f64::NAN),
                };
                for (value, condition) in pieces.iter().rev() {
                    let (value, condition) = (self.lower(value, scope)?, self.lower(condition, scope)?);
                    result = self.arena.select(condition, value, result);
                }
                Ok(result)
            }
        }
    }

    fn all(&mut self, list: &[Math], scope: &Scope) -> Result<Vec<ExprId>, Meaningless> {
        list.iter().map(|math| self.lower(math, scope)).collect()
    }

    /// The body of a function with its arguments put in.
    fn call(&mut self, name: &str, arguments: &[ExprId]) -> Result<ExprId, Meaningless> {
        let Some(&function) = self.functions.get(name) else {
            return Err(Meaningless::UnknownFunction(name.to_owned()));
        };
        let Some(body) = &function.body else {
            return Ok(self.arena.number(f64::NAN));
        };
        if function.parameters.len() != arguments.len() {
            return Err(Meaningless::Arguments(name.to_owned()));
        }
        let scope: Scope = function
            .parameters
            .iter()
            .map(String::as_str)
            .zip(arguments.iter().copied())
            .collect();
        self.functions.remove(name);
        let result = self.lower(body, &scope);
        self.functions.insert(&function.id, function);
        // While a function is being expanded it is not known; calling itself it would not end.
        result.map_err(|reason| match reason {
            Meaningless::UnknownFunction(inner) if inner == name => Meaningless::Circular(inner),
            other => other,
        })
    }

    fn apply(&mut self, operator: Operator, a: &[ExprId]) -> Result<ExprId, Meaningless> {
        match operator.0 {
            "delay" => Ok(self.delayed(a[0], a[1])),
            "rateOf" => self.rate_of(a[0]),
            name => Ok(operation(&mut self.arena, name, a)),
        }
    }

    /// The name of `value` as it was `lag` ago.
    pub fn delayed(&mut self, value: ExprId, lag: ExprId) -> ExprId {
        if self.arena.constant(value).is_some() {
            return value;
        }
        let known = self.delays.iter().find(|d| d.value == value && d.lag == lag);
        let symbol = match known {
            Some(known) => known.symbol,
            None => {
                let symbol = self.arena.symbol(&format!("delay {}", self.delays.len() + 1));
                self.delays.push(Lookback { symbol, value, lag });
                symbol
            }
        };
        self.arena.intern(Node::Symbol(symbol))
    }

    fn rate_of(&mut self, a: ExprId) -> Result<ExprId, Meaningless> {
        match self.arena.node(a) {
            Node::Number(_) => Ok(self.arena.number(0.0)),
            Node::Time => Ok(self.arena.number(1.0)),
            Node::Symbol(symbol) => {
                self.rates_of.insert(symbol);
                let name = rate_name(self.arena.name(symbol));
                Ok(self.arena.named(&name))
            }
            _ => Err(Meaningless::RateOf),
        }
    }
}

/// An operator without memory; `a` has as many members as it takes.
fn operation(arena: &mut Arena, name: &str, a: &[ExprId]) -> ExprId {
    let folded = |arena: &mut Arena, op, unit: f64| {
        let unit = arena.number(unit);
        a.iter()
            .fold(None, |sum, &x| Some(sum.map_or(x, |s| arena.binary(op, s, x))))
            .unwrap_or(unit)
    };
    match name {
        "plus" => folded(arena, Binary::Add, 0.0),
        "times" => folded(arena, Binary::Mul, 1.0),
        "min" => folded(arena, Binary::Min, 0.0),
        "max" => folded(arena, Binary::Max, 0.0),
        "and" => {
            let truths = truths(arena, a);
            truths.into_iter().fold(arena.number(1.0), |all, x| arena.and(all, x))
        }
        "or" => {
            let truths = truths(arena, a);
            truths.into_iter().fold(arena.number(0.0), |any, x| arena.or(any, x))
        }
        "xor" => {
            let truths = truths(arena, a);
            truths
                .into_iter()
                .fold(arena.number(0.0), |odd, x| arena.binary(Binary::Ne, odd, x))
        }
        "implies" => {
            let truths = truths(arena, a);
            let without = arena.not(truths[0]);
            arena.or(without, truths[1])
        }
        "minus" if a.len() == 1 => arena.neg(a[0]),
        "minus" => arena.sub(a[0], a[1]),
        "divide" => arena.div(a[0], a[1]),
        "power" => arena.pow(a[0], a[1]),
        "root" => root(arena, a[0], a[1]),
        "log" => {
            let (above, below) = (arena.ln(a[1]), arena.ln(a[0]));
            arena.div(above, below)
        }
        "quotient" => truncated_quotient(arena, a[0], a[1]),
        "rem" => {
            let whole = truncated_quotient(arena, a[0], a[1]);
            let product = arena.mul(a[1], whole);
            arena.sub(a[0], product)
        }
        "eq" => chain(arena, Binary::Eq, a),
        "neq" => chain(arena, Binary::Ne, a),
        "lt" => chain(arena, Binary::Lt, a),
        "leq" => chain(arena, Binary::Le, a),
        "gt" => chain(arena, Binary::Gt, a),
        "geq" => chain(arena, Binary::Ge, a),
        "factorial" => factorial(arena, a[0]),
        "true" => arena.number(1.0),
        "false" => arena.number(0.0),
        "pi" => arena.number(std::f64::consts::PI),
        "exponentiale" => arena.number(std::f64::consts::E),
        _ => function(arena, name, a[0]),
    }
}

/// Functions of one number.
fn function(arena: &mut Arena, name: &str, x: ExprId) -> ExprId {
    let one = arena.number(1.0);
    let direct = match name {
        "ln" => Unary::Ln,
        "exp" => Unary::Exp,
        "abs" => Unary::Abs,
        "floor" => Unary::Floor,
        "ceiling" => Unary::Ceil,
        "not" => Unary::Not,
        "sin" | "csc" => Unary::Sin,
        "cos" | "sec" => Unary::Cos,
        "tan" | "cot" => Unary::Tan,
        "sinh" | "csch" => Unary::Sinh,
        "cosh" | "sech" => Unary::Cosh,
        "tanh" | "coth" => Unary::Tanh,
        "arcsin" | "arccsc" => Unary::Asin,
        "arccos" | "arcsec" => Unary::Acos,
        "arctan" | "arccot" => Unary::Atan,
        _ => return inverse_hyperbolic(arena, name, x),
    };
    match name {
        "csc" | "sec" | "cot" | "csch" | "sech" | "coth" => {
            let value = arena.unary(direct, x);
            arena.div(one, value)
        }
        "arccsc" | "arcsec" | "arccot" => {
            let reciprocal = arena.div(one, x);
            arena.unary(direct, reciprocal)
        }
        _ => arena.unary(direct, x),
    }
}

fn inverse_hyperbolic(arena: &mut Arena, name: &str, x: ExprId) -> ExprId {
    let one = arena.number(1.0);
    let x = if matches!(name, "arcsech" | "arccsch" | "arccoth") {
        arena.div(one, x)
    } else {
        x
    };
    match name {
        "arcsinh" | "arccsch" => {
            // Of the size of x, so that nothing cancels for negative x.
            let size = arena.abs(x);
            let square = arena.mul(x, x);
            let inside = arena.add(square, one);
            let root = arena.sqrt(inside);
            let sum = arena.add(size, root);
            let value = arena.ln(sum);
            let (zero, mirrored) = (arena.number(0.0), arena.neg(value));
            let negative = arena.lt(x, zero);
            arena.select(negative, mirrored, value)
        }
        "arccosh" | "arcsech" => {
            let (below, above) = (arena.sub(x, one), arena.add(x, one));
            let (below, above) = (arena.sqrt(below), arena.sqrt(above));
            let product = arena.mul(below, above);
            let sum = arena.add(x, product);
            arena.ln(sum)
        }
        _ => {
            let (above, below, half) = (arena.add(one, x), arena.sub(one, x), arena.number(0.5));
            let quotient = arena.div(above, below);
            let log = arena.ln(quotient);
            arena.mul(half, log)
        }
    }
}

fn truths(arena: &mut Arena, list: &[ExprId]) -> Vec<ExprId> {
    let zero = arena.number(0.0);
    let truth = |&x: &ExprId| {
        if arena.is_truth(x) {
            x
        } else {
            arena.binary(Binary::Ne, x, zero)
        }
    };
    list.iter().map(truth).collect()
}

/// `a < b < c` is `a < b` and `b < c`.
fn chain(arena: &mut Arena, op: Binary, a: &[ExprId]) -> ExprId {
    let mut all = arena.number(1.0);
    for pair in a.windows(2) {
        let holds = arena.compare(op, pair[0], pair[1]);
        all = arena.and(all, holds);
    }
    all
}

fn root(arena: &mut Arena, degree: ExprId, x: ExprId) -> ExprId {
    // Exactly two: what MathML means when no degree is given.
    if arena.constant(degree) == Some(2.0) {
        return arena.sqrt(x);
    }
    let one = arena.number(1.0);
    let exponent = arena.div(one, degree);
    arena.pow(x, exponent)
}

/// `a/b` rounded towards zero.
fn truncated_quotient(arena: &mut Arena, a: ExprId, b: ExprId) -> ExprId {
    let (zero, ratio) = (arena.number(0.0), arena.div(a, b));
    let negative = arena.lt(ratio, zero);
    let (up, down) = (arena.ceil(ratio), arena.floor(ratio));
    arena.select(negative, up, down)
}

/// `n!` of the nearest whole number: a choice among the 171 that are finite, so that no evaluator needs another operation.
fn factorial(arena: &mut Arena, x: ExprId) -> ExprId {
    let mut value = 1.0;
    let mut values = vec![1.0];
    for n in 1..=LARGEST_FACTORIAL {
        value *= f64::from(n);
        values.push(value);
    }
    let mut result = arena.number(f64::INFINITY);
    for (n, value) in values.into_iter().enumerate().rev() {
        let (limit, value) = (arena.number(n as f64 + 0.5), arena.number(value));
        let below = arena.lt(x, limit);
        result = arena.select(below, value, result);
    }
    let (limit, missing) = (arena.number(-0.5), arena.number(f64::NAN));
    let negative = arena.lt(x, limit);
    arena.select(negative, missing, result)
}
