//! The meaning of every operation, one number at a time: the reference that faster evaluators are checked against.
//!
//! `exp`, `ln`, `pow` and their kind come from `libm`, not from the platform, so that a folded constant or an eligibility
//! rule has the same bits on every machine.

use std::collections::BinaryHeap;

use crate::expression::{Arena, Binary, ExprId, Node, SymbolId, Unary};

impl Unary {
    /// The value of the operation for `a`. Outside the domain (`ln(-1)`) the result is NaN, as in IEEE 754.
    pub fn apply(self, a: f64) -> f64 {
        match self {
            Unary::Neg => -a,
            Unary::Exp => libm::exp(a),
            Unary::Ln => libm::log(a),
            Unary::Sqrt => a.sqrt(),
            Unary::Abs => a.abs(),
            Unary::Floor => a.floor(),
            Unary::Ceil => a.ceil(),
            Unary::Sin => libm::sin(a),
            Unary::Cos => libm::cos(a),
            Unary::Tan => libm::tan(a),
            Unary::Asin => libm::asin(a),
            Unary::Acos => libm::acos(a),
            Unary::Atan => libm::atan(a),
            Unary::Sinh => libm::sinh(a),
            Unary::Cosh => libm::cosh(a),
            Unary::Tanh => libm::tanh(a),
            Unary::Not => truth(!holds(a)),
        }
    }
}

impl Binary {
    /// The value of the operation for `a` and `b`; comparisons and logic give 1 or 0.
    pub fn apply(self, a: f64, b: f64) -> f64 {
        match self {
            Binary::Add => a + b,
            Binary::Sub => a - b,
            Binary::Mul => a * b,
            Binary::Div => a / b,
            Binary::Pow => libm::pow(a, b),
            // A missing value stays missing; `f64::min` would hide it.
            Binary::Min if a < b || a.is_nan() => a,
            Binary::Max if a > b || a.is_nan() => a,
            Binary::Min | Binary::Max => b,
            Binary::Lt => truth(a < b),
            Binary::Le => truth(a <= b),
            Binary::Gt => truth(a > b),
            Binary::Ge => truth(a >= b),
            // Bit-for-bit equality is what the modeller wrote.
            Binary::Eq => truth(a == b),
            Binary::Ne => truth(a != b),
            Binary::And => truth(holds(a) && holds(b)),
            Binary::Or => truth(holds(a) || holds(b)),
        }
    }
}

/// True for any number but zero. A missing value (NaN) holds nothing.
pub fn holds(value: f64) -> bool {
    value != 0.0 && !value.is_nan()
}

/// 1 or 0.
fn truth(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

impl Node {
    /// The operands, in order; `None` where there are fewer than three.
    pub fn operands(self) -> [Option<ExprId>; 3] {
        match self {
            Node::Number(_) | Node::Symbol(_) | Node::Time => [None; 3],
            Node::Unary(_, a) => [Some(a), None, None],
            Node::Binary(_, a, b) => [Some(a), Some(b), None],
            Node::Select(c, a, b) => [Some(c), Some(a), Some(b)],
        }
    }
}

impl Arena {
    /// All expressions that `roots` are made of, themselves included; operands before users.
    pub fn reachable(&self, roots: &[ExprId]) -> Vec<ExprId> {
        // An operand always has a smaller index than its user: taken from the largest down, equal ones come in a row.
        let mut pending: BinaryHeap<ExprId> = roots.iter().copied().collect();
        let mut found: Vec<ExprId> = Vec::new();
        while let Some(id) = pending.pop() {
            if found.last() != Some(&id) {
                found.push(id);
                pending.extend(self.node(id).operands().into_iter().flatten());
            }
        }
        found.reverse();
        found
    }

    /// The value of `expr` at `time` (days), each name's value given by `values`. Slow and plain.
    pub fn evaluate(&self, expr: ExprId, time: f64, values: &dyn Fn(SymbolId) -> f64) -> f64 {
        let mut result = vec![0.0; expr.0 as usize + 1];
        for id in self.reachable(&[expr]) {
            let at = |operand: ExprId| result[operand.0 as usize];
            let value = match self.node(id) {
                Node::Number(x) => x,
                Node::Symbol(s) => values(s),
                Node::Time => time,
                Node::Unary(op, a) => op.apply(at(a)),
                Node::Binary(op, a, b) => op.apply(at(a), at(b)),
                Node::Select(c, a, b) => at(if holds(at(c)) { a } else { b }),
            };
            result[id.0 as usize] = value;
        }
        result[expr.0 as usize]
    }
}
