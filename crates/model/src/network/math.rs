//! Formulas as their author wrote them: a tree with MathML's operators.

use crate::expression::{Arena, Binary, ExprId, Node, Unary};

/// A formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Math {
    /// A number and the unit it is given in, if any.
    Number(f64, Option<String>),
    /// A quantity, reaction, species reference or argument.
    Name(String),
    /// Simulation time.
    Time,
    /// The Avogadro constant as the SBML specification gives it.
    Avogadro,
    /// An operator or function of MathML, or one of SBML's own (`delay`, `rateOf`).
    Apply(Operator, Vec<Math>),
    /// A function that the model defines.
    Call(String, Vec<Math>),
    /// `(value, condition)` pairs and the value otherwise; not a number if no condition holds and nothing stands otherwise.
    Piecewise(Vec<(Math, Math)>, Option<Box<Math>>),
}

/// An operator by its MathML name; see [`OPERATORS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator(pub &'static str);

/// Every operator: MathML name, fewest and most arguments. `root` takes the degree first, `log` the base first.
pub const OPERATORS: [(&str, usize, usize); 58] = [
    ("plus", 0, usize::MAX),
    ("minus", 1, 2),
    ("times", 0, usize::MAX),
    ("divide", 2, 2),
    ("power", 2, 2),
    ("root", 2, 2),
    ("log", 2, 2),
    ("ln", 1, 1),
    ("exp", 1, 1),
    ("abs", 1, 1),
    ("floor", 1, 1),
    ("ceiling", 1, 1),
    ("factorial", 1, 1),
    ("quotient", 2, 2),
    ("rem", 2, 2),
    ("min", 1, usize::MAX),
    ("max", 1, usize::MAX),
    ("eq", 2, usize::MAX),
    ("neq", 2, 2),
    ("lt", 2, usize::MAX),
    ("leq", 2, usize::MAX),
    ("gt", 2, usize::MAX),
    ("geq", 2, usize::MAX),
    ("and", 0, usize::MAX),
    ("or", 0, usize::MAX),
    ("xor", 0, usize::MAX),
    ("not", 1, 1),
    ("implies", 2, 2),
    ("delay", 2, 2),
    ("rateOf", 1, 1),
    ("sin", 1, 1),
    ("cos", 1, 1),
    ("tan", 1, 1),
    ("sec", 1, 1),
    ("csc", 1, 1),
    ("cot", 1, 1),
    ("sinh", 1, 1),
    ("cosh", 1, 1),
    ("tanh", 1, 1),
    ("sech", 1, 1),
    ("csch", 1, 1),
    ("coth", 1, 1),
    ("arcsin", 1, 1),
    ("arccos", 1, 1),
    ("arctan", 1, 1),
    ("arcsec", 1, 1),
    ("arccsc", 1, 1),
    ("arccot", 1, 1),
    ("arcsinh", 1, 1),
    ("arccosh", 1, 1),
    ("arctanh", 1, 1),
    ("arcsech", 1, 1),
    ("arccsch", 1, 1),
    ("arccoth", 1, 1),
    ("true", 0, 0),
    ("false", 0, 0),
    ("pi", 0, 0),
    ("exponentiale", 0, 0),
];

impl Operator {
    /// The operator called `name`.
    pub fn find(name: &str) -> Option<Operator> {
        OPERATORS
            .iter()
            .find(|known| known.0 == name)
            .map(|known| Operator(known.0))
    }

    /// True if it can stand with so many arguments.
    pub fn takes(self, arguments: usize) -> bool {
        OPERATORS
            .iter()
            .any(|&(name, least, most)| name == self.0 && (least..=most).contains(&arguments))
    }
}

impl Math {
    /// A number without unit.
    pub fn number(value: f64) -> Math {
        Math::Number(value, None)
    }

    /// A named quantity.
    pub fn name(name: impl Into<String>) -> Math {
        Math::Name(name.into())
    }

    /// `operator(arguments)`; the operator is one of [`OPERATORS`].
    pub fn apply(operator: &'static str, arguments: Vec<Math>) -> Math {
        Math::Apply(Operator(operator), arguments)
    }

    /// The operands, in order.
    pub fn operands(&self) -> Vec<&Math> {
        match self {
            Math::Number(..) | Math::Name(_) | Math::Time | Math::Avogadro => Vec::new(),
            Math::Apply(_, arguments) | Math::Call(_, arguments) => arguments.iter().collect(),
            Math::Piecewise(pieces, otherwise) => {
                let pairs = pieces.iter().flat_map(|(value, condition)| [value, condition]);
                pairs.chain(otherwise.as_deref()).collect()
            }
        }
    }

    /// The same tree with every leaf replaced by `leaf` and every function's name by `function`.
    pub fn map(&self, leaf: &dyn Fn(&Math) -> Math, function: &dyn Fn(&str) -> String) -> Math {
        let all = |list: &[Math]| list.iter().map(|m| m.map(leaf, function)).collect();
        match self {
            Math::Apply(operator, arguments) => Math::Apply(*operator, all(arguments)),
            Math::Call(name, arguments) => Math::Call(function(name), all(arguments)),
            Math::Piecewise(pieces, otherwise) => Math::Piecewise(
                pieces
                    .iter()
                    .map(|(v, c)| (v.map(leaf, function), c.map(leaf, function)))
                    .collect(),
                otherwise.as_ref().map(|m| Box::new(m.map(leaf, function))),
            ),
            _ => leaf(self),
        }
    }

    /// Every name used, repeats included.
    pub fn names(&self) -> Vec<&str> {
        let mut found = Vec::new();
        let mut pending = vec![self];
        while let Some(math) = pending.pop() {
            if let Math::Name(name) = math {
                found.push(name.as_str());
            }
            pending.extend(math.operands());
        }
        found
    }

    /// The tree behind an expression of an arena; nothing if it is too deep or too large to write out.
    pub fn from_arena(arena: &Arena, expr: ExprId) -> Option<Math> {
        let mut budget = MOST_PARTS;
        written_out(arena, expr, 0, &mut budget)
    }
}

/// Most parts that a formula written out may have; shared parts of an arena are written once per use.
const MOST_PARTS: usize = 200_000;
/// Deepest nesting that is written out.
const MOST_DEPTH: usize = 300;

fn written_out(arena: &Arena, expr: ExprId, depth: usize, budget: &mut usize) -> Option<Math> {
    *budget = budget.checked_sub(1)?;
    if depth > MOST_DEPTH {
        return None;
    }
    let mut again = |id| written_out(arena, id, depth + 1, budget);
    Some(match arena.node(expr) {
        Node::Number(x) => Math::number(x),
        Node::Symbol(symbol) => Math::name(arena.name(symbol)),
        Node::Time => Math::Time,
        Node::Unary(Unary::Sqrt, a) => Math::apply("root", vec![Math::number(2.0), again(a)?]),
        Node::Unary(op, a) => Math::apply(unary_name(op), vec![again(a)?]),
        Node::Binary(op, ..) if matches!(op, Binary::Add | Binary::Mul) => {
            // A long sum nests to the left: it is one `plus` of many terms.
            let mut terms = Vec::new();
            let mut at = expr;
            while let Node::Binary(inner, a, b) = arena.node(at) {
                if inner != op {
                    break;
                }
                terms.push(again(b)?);
                at = a;
            }
            terms.push(again(at)?);
            terms.reverse();
            Math::apply(binary_name(op), terms)
        }
        Node::Binary(op, a, b) => Math::apply(binary_name(op), vec![again(a)?, again(b)?]),
        Node::Select(c, a, b) => Math::Piecewise(vec![(again(a)?, again(c)?)], Some(Box::new(again(b)?))),
    })
}

fn binary_name(op: Binary) -> &'static str {
    match op {
        Binary::Add => "plus",
        Binary::Sub => "minus",
        Binary::Mul => "times",
        Binary::Div => "divide",
        Binary::Pow => "power",
        Binary::Min => "min",
        Binary::Max => "max",
        Binary::Lt => "lt",
        Binary::Le => "leq",
        Binary::Gt => "gt",
        Binary::Ge => "geq",
        Binary::Eq => "eq",
        Binary::Ne => "neq",
        Binary::And => "and",
        Binary::Or => "or",
    }
}

fn unary_name(op: Unary) -> &'static str {
    match op {
        Unary::Neg => "minus",
        Unary::Exp => "exp",
        Unary::Ln => "ln",
        Unary::Sqrt => "root",
        Unary::Abs => "abs",
        Unary::Floor => "floor",
        Unary::Ceil => "ceiling",
        Unary::Sin => "sin",
        Unary::Cos => "cos",
        Unary::Tan => "tan",
        Unary::Asin => "arcsin",
        Unary::Acos => "arccos",
        Unary::Atan => "arctan",
        Unary::Sinh => "sinh",
        Unary::Cosh => "cosh",
        Unary::Tanh => "tanh",
        Unary::Not => "not",
    }
}
