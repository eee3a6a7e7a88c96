//! Symbolic derivatives, simplified as they are built.
//!
//! At a kink the derivative is that of one side: `min` and `max` follow the first operand at equality, `abs` is taken from
//! the right, `select` follows the branch taken; `floor`, `ceil`, comparisons and logic have derivative 0.

use std::collections::HashMap;

use crate::expression::{Arena, Binary, ExprId, Node, SymbolId, Unary};

/// What to differentiate by.
#[derive(Clone, Copy)]
enum By {
    Symbol(SymbolId),
    Time,
}

impl Arena {
    /// The derivative of `expr` by the named quantity, all other names held constant.
    pub fn derivative(&mut self, expr: ExprId, with_respect_to: SymbolId) -> ExprId {
        self.derivative_by(expr, By::Symbol(with_respect_to))
    }

    /// The explicit derivative of `expr` by time, all names held constant.
    pub fn time_derivative(&mut self, expr: ExprId) -> ExprId {
        self.derivative_by(expr, By::Time)
    }

    fn derivative_by(&mut self, expr: ExprId, by: By) -> ExprId {
        let zero = self.number(0.0);
        let one = self.number(1.0);
        let mut slope: HashMap<ExprId, ExprId> = HashMap::new();
        for id in self.reachable(&[expr]) {
            let d = match (self.node(id), by) {
                (Node::Symbol(s), By::Symbol(wanted)) if s == wanted => one,
                (Node::Time, By::Time) => one,
                (Node::Number(_) | Node::Symbol(_) | Node::Time, _) => zero,
                (Node::Unary(op, a), _) => self.unary_slope(op, id, a, slope[&a]),
                (Node::Binary(op, a, b), _) => self.binary_slope(op, id, [a, b], [slope[&a], slope[&b]]),
                (Node::Select(c, a, b), _) => self.select(c, slope[&a], slope[&b]),
            };
            slope.insert(id, d);
        }
        slope[&expr]
    }

    /// The derivative of `whole = op(a)`, given that of `a`.
    fn unary_slope(&mut self, op: Unary, whole: ExprId, a: ExprId, da: ExprId) -> ExprId {
        let zero = self.number(0.0);
        if da == zero {
            return zero;
        }
        let one = self.number(1.0);
        match op {
            Unary::Neg => self.neg(da),
            Unary::Exp => self.mul(whole, da),
            Unary::Ln => self.div(da, a),
            Unary::Sqrt => {
                let half = self.number(0.5);
                let numerator = self.mul(half, da);
                self.div(numerator, whole)
            }
            Unary::Abs => {
                let negative = self.lt(a, zero);
                let falling = self.neg(da);
                self.select(negative, falling, da)
            }
            Unary::Floor | Unary::Ceil | Unary::Not => zero,
            Unary::Sin => {
                let cos = self.unary(Unary::Cos, a);
                self.mul(cos, da)
            }
            Unary::Cos => {
                let sin = self.unary(Unary::Sin, a);
                let product = self.mul(sin, da);
                self.neg(product)
            }
            Unary::Tan => {
                let square = self.mul(whole, whole);
                let factor = self.add(one, square);
                self.mul(factor, da)
            }
            Unary::Asin => {
                let root = self.root_of_one_minus_square(a);
                self.div(da, root)
            }
            Unary::Acos => {
                let root = self.root_of_one_minus_square(a);
                let quotient = self.div(da, root);
                self.neg(quotient)
            }
            Unary::Atan => {
                let square = self.mul(a, a);
                let factor = self.add(one, square);
                self.div(da, factor)
            }
            Unary::Sinh => {
                let cosh = self.unary(Unary::Cosh, a);
                self.mul(cosh, da)
            }
            Unary::Cosh => {
                let sinh = self.unary(Unary::Sinh, a);
                self.mul(sinh, da)
            }
            Unary::Tanh => {
                let square = self.mul(whole, whole);
                let factor = self.sub(one, square);
                self.mul(factor, da)
            }
        }
    }

    fn root_of_one_minus_square(&mut self, a: ExprId) -> ExprId {
        let one = self.number(1.0);
        let square = self.mul(a, a);
        let difference = self.sub(one, square);
        self.sqrt(difference)
    }

    /// The derivative of `whole = op(a, b)`, given those of `a` and `b`.
    fn binary_slope(&mut self, op: Binary, whole: ExprId, [a, b]: [ExprId; 2], [da, db]: [ExprId; 2]) -> ExprId {
        let zero = self.number(0.0);
        if da == zero && db == zero {
            return zero;
        }
        match op {
            Binary::Add => self.add(da, db),
            Binary::Sub => self.sub(da, db),
            Binary::Mul => {
                let left = self.mul(da, b);
                let right = self.mul(a, db);
                self.add(left, right)
            }
            // (a/b)' = (a' - (a/b) b') / b uses the quotient that the value needs anyway.
            Binary::Div => {
                let correction = self.mul(whole, db);
                let numerator = self.sub(da, correction);
                self.div(numerator, b)
            }
            Binary::Pow => self.power_slope(whole, [a, b], [da, db]),
            Binary::Min => {
                let first = self.le(a, b);
                self.select(first, da, db)
            }
            Binary::Max => {
                let first = self.ge(a, b);
                self.select(first, da, db)
            }
            Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge | Binary::Eq | Binary::Ne | Binary::And | Binary::Or => {
                zero
            }
        }
    }

    /// `(a^b)' = b a^(b-1) a' + a^b ln(a) b'`. A term whose inner derivative is zero vanishes, so `x^n` needs no logarithm
    /// and stays right at `x = 0` for n above 1.
    fn power_slope(&mut self, whole: ExprId, [a, b]: [ExprId; 2], [da, db]: [ExprId; 2]) -> ExprId {
        let one = self.number(1.0);
        let lower = self.sub(b, one);
        let power = self.pow(a, lower);
        let factor = self.mul(b, power);
        let by_base = self.mul(factor, da);
        if self.constant(db) == Some(0.0) {
            return by_base;
        }
        let log = self.ln(a);
        let growth = self.mul(whole, log);
        let by_exponent = self.mul(growth, db);
        self.add(by_base, by_exponent)
    }
}
