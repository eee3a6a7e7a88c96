//! Expressions built small: constants folded, neutral operands dropped, names replaced.
//!
//! The identities used hold exactly for finite numbers (`0 * x` is 0 although `0 * infinity` is not a number), and a fold
//! that would give infinity or NaN is left for the evaluator to meet. Only `x^2` and `x^3` become products, which round
//! once or twice where `pow` rounds once.

use std::collections::{BTreeSet, HashMap};

use crate::evaluate::holds;
use crate::expression::{Arena, Binary, ExprId, Node, SymbolId, Unary};

/// Named constructors that only pass on to [`Arena::unary`] or [`Arena::binary`].
macro_rules! shorthands {
    ($($name:ident($($operand:ident),+) = $general:ident $op:expr;)*) => {
        $(
            #[doc = concat!("Simplified `", stringify!($name), "`.")]
            pub fn $name(&mut self $(, $operand: ExprId)+) -> ExprId {
                self.$general($op $(, $operand)+)
            }
        )*
    };
}

impl Arena {
    /// The number behind `id`, if it is one.
    pub fn constant(&self, id: ExprId) -> Option<f64> {
        match self.node(id) {
            Node::Number(x) => Some(x),
            _ => None,
        }
    }

    /// Simplified one-operand operation.
    pub fn unary(&mut self, op: Unary, a: ExprId) -> ExprId {
        if let Some(value) = self.constant(a).map(|x| op.apply(x)).filter(|v| v.is_finite()) {
            return self.number(value);
        }
        match (op, self.node(a)) {
            (Unary::Neg, Node::Unary(Unary::Neg, x)) => x,
            (Unary::Neg, Node::Binary(Binary::Sub, x, y)) => self.sub(y, x),
            (Unary::Not, Node::Unary(Unary::Not, x)) if self.is_truth(x) => x,
            (Unary::Abs, Node::Unary(Unary::Neg, x)) => self.unary(Unary::Abs, x),
            (Unary::Abs, Node::Unary(Unary::Abs | Unary::Exp | Unary::Sqrt, _)) => a,
            _ => self.intern(Node::Unary(op, a)),
        }
    }

    /// Simplified two-operand operation.
    pub fn binary(&mut self, op: Binary, a: ExprId, b: ExprId) -> ExprId {
        let (x, y) = (self.constant(a), self.constant(b));
        if let (Some(x), Some(y)) = (x, y) {
            let value = op.apply(x, y);
            if value.is_finite() {
                return self.number(value);
            }
        }
        let simpler = match op {
            Binary::Add => self.simpler_sum(a, b),
            Binary::Sub => self.simpler_difference(a, b),
            Binary::Mul => self.simpler_product(a, b),
            Binary::Div => self.simpler_quotient(a, b),
            Binary::Pow => self.simpler_power(a, b),
            Binary::Min | Binary::Max => (a == b).then_some(a),
            Binary::Le | Binary::Ge | Binary::Eq if a == b => Some(self.number(1.0)),
            Binary::Lt | Binary::Gt | Binary::Ne if a == b => Some(self.number(0.0)),
            Binary::And => self.simpler_logic(a, b, false),
            Binary::Or => self.simpler_logic(a, b, true),
            _ => None,
        };
        simpler.unwrap_or_else(|| self.intern_ordered(op, a, b))
    }

    shorthands! {
        neg(a) = unary Unary::Neg;
        exp(a) = unary Unary::Exp;
        ln(a) = unary Unary::Ln;
        sqrt(a) = unary Unary::Sqrt;
        abs(a) = unary Unary::Abs;
        floor(a) = unary Unary::Floor;
        ceil(a) = unary Unary::Ceil;
        not(a) = unary Unary::Not;
        add(a, b) = binary Binary::Add;
        sub(a, b) = binary Binary::Sub;
        mul(a, b) = binary Binary::Mul;
        div(a, b) = binary Binary::Div;
        pow(a, b) = binary Binary::Pow;
        min(a, b) = binary Binary::Min;
        max(a, b) = binary Binary::Max;
        lt(a, b) = binary Binary::Lt;
        le(a, b) = binary Binary::Le;
        gt(a, b) = binary Binary::Gt;
        ge(a, b) = binary Binary::Ge;
        and(a, b) = binary Binary::And;
        or(a, b) = binary Binary::Or;
    }

    /// Simplified comparison; `op` is one of `Lt`, `Le`, `Gt`, `Ge`, `Eq`, `Ne`.
    pub fn compare(&mut self, op: Binary, a: ExprId, b: ExprId) -> ExprId {
        self.binary(op, a, b)
    }

    /// Simplified choice: `then` where `condition` is not zero, else `otherwise`.
    pub fn select(&mut self, condition: ExprId, then: ExprId, otherwise: ExprId) -> ExprId {
        if then == otherwise {
            return then;
        }
        match self.node(condition) {
            Node::Number(c) => {
                if holds(c) {
                    then
                } else {
                    otherwise
                }
            }
            Node::Unary(Unary::Not, c) => self.select(c, otherwise, then),
            _ => self.intern(Node::Select(condition, then, otherwise)),
        }
    }

    /// Simplified sum of all terms, added from the left; 0 if there are none.
    pub fn sum(&mut self, terms: impl IntoIterator<Item = ExprId>) -> ExprId {
        let zero = self.number(0.0);
        terms.into_iter().fold(zero, |sum, term| self.add(sum, term))
    }

    /// Puts the operands of commutative operations in order, so that `a + b` and `b + a` share one id.
    fn intern_ordered(&mut self, op: Binary, a: ExprId, b: ExprId) -> ExprId {
        let commutes = matches!(
            op,
            Binary::Add | Binary::Mul | Binary::And | Binary::Or | Binary::Eq | Binary::Ne
        );
        let (a, b) = if commutes && b < a { (b, a) } else { (a, b) };
        self.intern(Node::Binary(op, a, b))
    }

    fn negated(&self, id: ExprId) -> Option<ExprId> {
        match self.node(id) {
            Node::Unary(Unary::Neg, x) => Some(x),
            _ => None,
        }
    }

    fn simpler_sum(&mut self, a: ExprId, b: ExprId) -> Option<ExprId> {
        match (self.constant(a), self.constant(b), self.negated(a), self.negated(b)) {
            (Some(0.0), ..) => Some(b),
            (_, Some(0.0), ..) => Some(a),
            (_, _, _, Some(y)) => Some(self.sub(a, y)),
            (_, _, Some(x), _) => Some(self.sub(b, x)),
            _ => None,
        }
    }

    fn simpler_difference(&mut self, a: ExprId, b: ExprId) -> Option<ExprId> {
        match (self.constant(a), self.constant(b), self.negated(b)) {
            _ if a == b => Some(self.number(0.0)),
            (Some(0.0), ..) => Some(self.neg(b)),
            (_, Some(0.0), _) => Some(a),
            (_, _, Some(y)) => Some(self.add(a, y)),
            _ => None,
        }
    }

    fn simpler_product(&mut self, a: ExprId, b: ExprId) -> Option<ExprId> {
        match (self.constant(a), self.constant(b), self.negated(a), self.negated(b)) {
            (Some(0.0), ..) | (_, Some(0.0), ..) => Some(self.number(0.0)),
            (Some(1.0), ..) => Some(b),
            (_, Some(1.0), ..) => Some(a),
            (Some(-1.0), ..) => Some(self.neg(b)),
            (_, Some(-1.0), ..) => Some(self.neg(a)),
            (_, _, Some(x), Some(y)) => Some(self.mul(x, y)),
            (_, _, Some(x), _) => {
                let product = self.mul(x, b);
                Some(self.neg(product))
            }
            (_, _, _, Some(y)) => {
                let product = self.mul(a, y);
                Some(self.neg(product))
            }
            _ => None,
        }
    }

    fn simpler_quotient(&mut self, a: ExprId, b: ExprId) -> Option<ExprId> {
        match (self.constant(a), self.constant(b), self.negated(a), self.negated(b)) {
            (_, Some(0.0), ..) => None,
            (Some(0.0), ..) => Some(self.number(0.0)),
            (_, Some(1.0), ..) => Some(a),
            (_, Some(y), ..) if is_power_of_two(y) => {
                let reciprocal = self.number(1.0 / y);
                Some(self.mul(a, reciprocal))
            }
            (_, _, Some(x), Some(y)) => Some(self.div(x, y)),
            (_, _, Some(x), _) => {
                let quotient = self.div(x, b);
                Some(self.neg(quotient))
            }
            _ => None,
        }
    }

    fn simpler_power(&mut self, a: ExprId, b: ExprId) -> Option<ExprId> {
        match (self.constant(a), self.constant(b)) {
            (_, Some(0.0)) | (Some(1.0), _) => Some(self.number(1.0)),
            (_, Some(1.0)) => Some(a),
            (_, Some(2.0)) => Some(self.mul(a, a)),
            (_, Some(3.0)) => {
                let square = self.mul(a, a);
                Some(self.mul(square, a))
            }
            (_, Some(0.5)) => Some(self.sqrt(a)),
            (_, Some(-1.0)) => {
                let one = self.number(1.0);
                Some(self.div(one, a))
            }
            _ => None,
        }
    }

    /// `and` has the deciding value false, `or` true: a constant operand decides or drops out.
    fn simpler_logic(&mut self, a: ExprId, b: ExprId, deciding: bool) -> Option<ExprId> {
        let (constant, other) = match (self.constant(a), self.constant(b)) {
            (Some(x), _) => (x, b),
            (_, Some(y)) => (y, a),
            _ if a == b && self.is_truth(a) => return Some(a),
            _ => return None,
        };
        if holds(constant) == deciding {
            return Some(self.number(f64::from(u8::from(deciding))));
        }
        self.is_truth(other).then_some(other)
    }

    /// True if the value can only be 1 or 0.
    pub fn is_truth(&self, id: ExprId) -> bool {
        use Binary::{And, Eq, Ge, Gt, Le, Lt, Ne, Or};
        match self.node(id) {
            Node::Unary(Unary::Not, _) | Node::Binary(Lt | Le | Gt | Ge | Eq | Ne | And | Or, ..) => true,
            // Exactly the two truth values, by their bits.
            Node::Number(x) => x == 0.0 || x == 1.0,
            _ => false,
        }
    }

    /// `node` with its operands mapped, simplified again.
    pub(crate) fn rebuild(&mut self, node: Node, map: &dyn Fn(ExprId) -> ExprId) -> ExprId {
        match node {
            Node::Number(_) | Node::Symbol(_) | Node::Time => self.intern(node),
            Node::Unary(op, a) => self.unary(op, map(a)),
            Node::Binary(op, a, b) => self.binary(op, map(a), map(b)),
            Node::Select(c, a, b) => self.select(map(c), map(a), map(b)),
        }
    }

    /// `expr` with every name for which `replace` gives an expression replaced by it, simplified.
    ///
    /// Replacements are taken as they are: names inside them are not replaced again.
    pub fn substitute(&mut self, expr: ExprId, replace: &dyn Fn(SymbolId) -> Option<ExprId>) -> ExprId {
        let mut image: HashMap<ExprId, ExprId> = HashMap::new();
        for id in self.reachable(&[expr]) {
            let node = self.node(id);
            let new = match node {
                Node::Symbol(s) => replace(s).unwrap_or(id),
                _ => self.rebuild(node, &|operand| image[&operand]),
            };
            image.insert(id, new);
        }
        image[&expr]
    }

    /// The expressions of another arena, simplified, in this one; names go through `rename`.
    pub fn import(&mut self, from: &Arena, exprs: &[ExprId], rename: &dyn Fn(&str) -> String) -> Vec<ExprId> {
        let mut image: HashMap<ExprId, ExprId> = HashMap::new();
        for id in from.reachable(exprs) {
            let new = match from.node(id) {
                Node::Symbol(s) => self.named(&rename(from.name(s))),
                node => self.rebuild(node, &|operand| image[&operand]),
            };
            image.insert(id, new);
        }
        exprs.iter().map(|e| image[e]).collect()
    }

    /// All names `expr` uses.
    pub fn symbols_in(&self, expr: ExprId) -> BTreeSet<SymbolId> {
        let nodes = self.reachable(&[expr]).into_iter().map(|id| self.node(id));
        nodes
            .filter_map(|node| if let Node::Symbol(s) = node { Some(s) } else { None })
            .collect()
    }

    /// True if `expr` uses simulation time itself (not through a name).
    pub fn uses_time(&self, expr: ExprId) -> bool {
        self.reachable(&[expr])
            .into_iter()
            .any(|id| self.node(id) == Node::Time)
    }
}

/// True if dividing by `y` and multiplying by `1/y` are the same, bit for bit (no subnormal in the way).
fn is_power_of_two(y: f64) -> bool {
    const FRACTION: u64 = (1 << 52) - 1;
    y.to_bits() & FRACTION == 0 && (1e-100..1e100).contains(&y.abs())
}
