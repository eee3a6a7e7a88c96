//! Expressions as SBML L3 infix text that reads back as the same expression.

use crate::expression::{Arena, Binary, ExprId, Node, Unary};

/// A piece of text, or an expression to be written where an operator of at least this strength stands.
enum Piece {
    Text(&'static str),
    Expression(ExprId, u8),
}

/// Strengths as in the parser; a comparison inside a comparison is always bracketed, since `a < b < c` means another thing.
const LOGIC: u8 = 1;
const COMPARISON: u8 = 2;
const SUM: u8 = 3;
const PRODUCT: u8 = 4;
const SIGN: u8 = 5;
const POWER: u8 = 6;
const ATOM: u8 = 7;

impl Arena {
    /// The expression as text. A shared subexpression is written out wherever it is used.
    pub fn text(&self, expr: ExprId) -> String {
        self.text_up_to(expr, usize::MAX)
    }

    /// The expression as text, cut with `...` once it is longer than `limit` bytes.
    pub fn text_up_to(&self, expr: ExprId, limit: usize) -> String {
        let mut out = String::new();
        let mut pending = vec![Piece::Expression(expr, LOGIC)];
        while let Some(piece) = pending.pop() {
            if out.len() > limit {
                return out + "...";
            }
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Expression(id, least) => self.open(id, least, &mut out, &mut pending),
            }
        }
        out
    }

    /// Writes a leaf, or queues the pieces of an operation, last piece first.
    fn open(&self, id: ExprId, least: u8, out: &mut String, pending: &mut Vec<Piece>) {
        let (strength, pieces) = match self.node(id) {
            Node::Number(x) => {
                let negative = x.is_sign_negative();
                // `-2^2` would be read as the negative of a square.
                let bracket = negative && least > SIGN;
                out.push_str(&if bracket {
                    format!("({})", number_text(x))
                } else {
                    number_text(x)
                });
                return;
            }
            Node::Symbol(s) => return out.push_str(self.name(s)),
            Node::Time => return out.push_str("time"),
            Node::Unary(Unary::Neg, a) => (SIGN, vec![Piece::Text("-"), Piece::Expression(a, SIGN)]),
            Node::Unary(Unary::Not, a) => (SIGN, vec![Piece::Text("!"), Piece::Expression(a, SIGN)]),
            Node::Unary(op, a) => (
                ATOM,
                vec![
                    Piece::Text(name(op)),
                    Piece::Text("("),
                    Piece::Expression(a, LOGIC),
                    Piece::Text(")"),
                ],
            ),
            Node::Binary(op, a, b) => binary_pieces(op, a, b),
            Node::Select(c, a, b) => {
                let arguments = [
                    Piece::Text("piecewise("),
                    Piece::Expression(a, LOGIC),
                    Piece::Text(", "),
                ];
                let rest = [
                    Piece::Expression(c, LOGIC),
                    Piece::Text(", "),
                    Piece::Expression(b, LOGIC),
                    Piece::Text(")"),
                ];
                (ATOM, arguments.into_iter().chain(rest).collect())
            }
        };
        if strength < least {
            out.push('(');
            pending.push(Piece::Text(")"));
        }
        pending.extend(pieces.into_iter().rev());
    }
}

/// Operator between operands, or function before them, with the strength of the whole.
fn binary_pieces(op: Binary, a: ExprId, b: ExprId) -> (u8, Vec<Piece>) {
    let (strength, sign, left, right) = match op {
        Binary::Or => (LOGIC, " || ", LOGIC, COMPARISON),
        Binary::And => (LOGIC, " && ", LOGIC, COMPARISON),
        Binary::Lt => (COMPARISON, " < ", SUM, SUM),
        Binary::Le => (COMPARISON, " <= ", SUM, SUM),
        Binary::Gt => (COMPARISON, " > ", SUM, SUM),
        Binary::Ge => (COMPARISON, " >= ", SUM, SUM),
        Binary::Eq => (COMPARISON, " == ", SUM, SUM),
        Binary::Ne => (COMPARISON, " != ", SUM, SUM),
        Binary::Add => (SUM, " + ", SUM, PRODUCT),
        Binary::Sub => (SUM, " - ", SUM, PRODUCT),
        Binary::Mul => (PRODUCT, "*", PRODUCT, SIGN),
        Binary::Div => (PRODUCT, "/", PRODUCT, SIGN),
        Binary::Pow => (POWER, "^", ATOM, SIGN),
        Binary::Min | Binary::Max => {
            let function = if op == Binary::Min { "min(" } else { "max(" };
            let arguments = [
                Piece::Expression(a, LOGIC),
                Piece::Text(", "),
                Piece::Expression(b, LOGIC),
            ];
            let closed = std::iter::once(Piece::Text(function))
                .chain(arguments)
                .chain([Piece::Text(")")]);
            return (ATOM, closed.collect());
        }
    };
    (
        strength,
        vec![
            Piece::Expression(a, left),
            Piece::Text(sign),
            Piece::Expression(b, right),
        ],
    )
}

/// The shortest text that reads back as the same number.
pub(crate) fn number_text(x: f64) -> String {
    let size = x.abs();
    if x.is_infinite() {
        return if x > 0.0 { "inf".to_owned() } else { "-inf".to_owned() };
    }
    // Zero compares exactly: it alone has no magnitude to choose a notation by.
    if size == 0.0 || (1e-4..1e15).contains(&size) {
        format!("{x}")
    } else {
        format!("{x:e}")
    }
}

fn name(op: Unary) -> &'static str {
    match op {
        Unary::Neg => "-",
        Unary::Not => "!",
        Unary::Exp => "exp",
        Unary::Ln => "ln",
        Unary::Sqrt => "sqrt",
        Unary::Abs => "abs",
        Unary::Floor => "floor",
        Unary::Ceil => "ceil",
        Unary::Sin => "sin",
        Unary::Cos => "cos",
        Unary::Tan => "tan",
        Unary::Asin => "asin",
        Unary::Acos => "acos",
        Unary::Atan => "atan",
        Unary::Sinh => "sinh",
        Unary::Cosh => "cosh",
        Unary::Tanh => "tanh",
    }
}
