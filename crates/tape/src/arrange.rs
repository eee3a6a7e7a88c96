//! Rearranges products and sums so that what depends on inputs only stands together and can be computed once per patient.
//!
//! `k1 * x * k2 / v` becomes `(k1 * k2 / v) * x`, and `(a + x) - b` becomes `(a - b) + x`, for static `a`, `b`, `k1`, `k2`, `v`. The value
//! changes by rounding only. Expressions used in several places are left whole, so that they stay shared.

use malar_model::expression::{Arena, Binary, ExprId, Node, SymbolId, Unary};

/// Which expressions are static: made of numbers and inputs only.
pub(crate) struct Statics<'a> {
    states: &'a [SymbolId],
    flags: Vec<bool>,
}

impl<'a> Statics<'a> {
    /// `states` and time are what moves.
    pub fn new(states: &'a [SymbolId]) -> Self {
        Statics {
            states,
            flags: Vec::new(),
        }
    }

    /// True if `id` depends on neither state nor time.
    pub fn contains(&mut self, arena: &Arena, id: ExprId) -> bool {
        while self.flags.len() <= id.0 as usize {
            let node = arena.node(ExprId(self.flags.len() as u32));
            let is_static = match node {
                Node::Number(_) => true,
                Node::Time => false,
                Node::Symbol(symbol) => !self.states.contains(&symbol),
                _ => node
                    .operands()
                    .into_iter()
                    .flatten()
                    .all(|operand| self.flags[operand.0 as usize]),
            };
            self.flags.push(is_static);
        }
        self.flags[id.0 as usize]
    }
}

/// How often each of the reachable expressions is used by others or wanted itself; indexed by id.
pub(crate) fn uses(arena: &Arena, roots: &[ExprId]) -> Vec<u32> {
    let mut uses = vec![0; arena.len()];
    let operands = arena
        .reachable(roots)
        .into_iter()
        .flat_map(|id| arena.node(id).operands().into_iter().flatten());
    for id in operands.chain(roots.iter().copied()) {
        uses[id.0 as usize] += 1;
    }
    uses
}

/// How a moving divisor is divided by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Division {
    /// As the model says.
    Plain,
    /// Times the reciprocal, which derivatives need anyway: one division for all.
    ByReciprocal,
}

/// Rearranges everything `roots` are made of; returns the new roots.
pub(crate) fn arrange(arena: &mut Arena, states: &[SymbolId], roots: &[ExprId], division: Division) -> Vec<ExprId> {
    let uses = uses(arena, roots);
    let ids = arena.reachable(roots);
    let mut work = Arranging {
        image: vec![None; arena.len()],
        statics: Statics::new(states),
        uses,
        arena,
        division,
    };
    for id in ids {
        let image = match work.arena.node(id) {
            leaf @ (Node::Number(_) | Node::Symbol(_) | Node::Time) => work.arena.intern(leaf),
            Node::Binary(Binary::Mul | Binary::Div, ..) => work.product(id),
            Node::Binary(Binary::Add | Binary::Sub, ..) => work.sum(id),
            Node::Binary(Binary::Pow, base, exponent) => work.power(base, exponent),
            Node::Unary(op, a) => {
                let a = work.image(a);
                work.arena.unary(op, a)
            }
            Node::Binary(op, a, b) => {
                let (a, b) = (work.image(a), work.image(b));
                work.arena.binary(op, a, b)
            }
            Node::Select(c, a, b) => {
                let (c, a, b) = (work.image(c), work.image(a), work.image(b));
                work.arena.select(c, a, b)
            }
        };
        work.image[id.0 as usize] = Some(image);
    }
    roots.iter().map(|&root| work.image(root)).collect()
}

struct Arranging<'a> {
    arena: &'a mut Arena,
    statics: Statics<'a>,
    uses: Vec<u32>,
    image: Vec<Option<ExprId>>,
    division: Division,
}

/// Factors above and below the line, already rearranged.
#[derive(Default)]
struct Factors {
    above: Vec<ExprId>,
    below: Vec<ExprId>,
    negative: bool,
}

impl Arranging<'_> {
    fn image(&self, id: ExprId) -> ExprId {
        self.image[id.0 as usize].expect("operands come before their users")
    }

    fn is_static(&mut self, id: ExprId) -> bool {
        self.statics.contains(self.arena, id)
    }

    /// Static factors first, then the others as they come, over the moving divisors.
    fn product(&mut self, id: ExprId) -> ExprId {
        let mut factors = Factors::default();
        self.collect_factors(id, false, &mut factors);
        let (mut fixed, mut moving, mut divisor) = (self.arena.number(1.0), Vec::new(), None);
        for factor in factors.above {
            if self.is_static(factor) {
                fixed = self.arena.mul(fixed, factor);
            } else {
                moving.push(factor);
            }
        }
        for factor in factors.below {
            if self.is_static(factor) {
                fixed = self.arena.div(fixed, factor);
            } else {
                divisor = Some(divisor.map_or(factor, |d| self.arena.mul(d, factor)));
            }
        }
        if let Some(number) = self.arena.constant(fixed).filter(|&x| x < 0.0) {
            factors.negative = !factors.negative;
            fixed = self.arena.number(-number);
        }
        let above = moving
            .into_iter()
            .fold(fixed, |product, factor| self.arena.mul(product, factor));
        let value = match (divisor, self.division) {
            (None, _) => above,
            (Some(d), Division::Plain) => self.arena.div(above, d),
            (Some(d), Division::ByReciprocal) => {
                let one = self.arena.number(1.0);
                let reciprocal = self.arena.div(one, d);
                self.arena.mul(above, reciprocal)
            }
        };
        if factors.negative { self.arena.neg(value) } else { value }
    }

    fn collect_factors(&self, id: ExprId, below: bool, into: &mut Factors) {
        let parts = match self.arena.node(id) {
            Node::Binary(Binary::Mul, a, b) => [(a, below), (b, below)],
            Node::Binary(Binary::Div, a, b) => [(a, below), (b, !below)],
            _ => unreachable!("only products have factors"),
        };
        for (part, below) in parts {
            let inner = matches!(self.arena.node(part), Node::Binary(Binary::Mul | Binary::Div, ..));
            if inner && self.uses[part.0 as usize] == 1 {
                self.collect_factors(part, below, into);
                continue;
            }
            let mut factor = self.image(part);
            if let Node::Unary(Unary::Neg, positive) = self.arena.node(factor) {
                into.negative = !into.negative;
                factor = positive;
            }
            if below {
                into.below.push(factor)
            } else {
                into.above.push(factor)
            }
        }
    }

    /// Static terms first, then what is added, then what is subtracted.
    fn sum(&mut self, id: ExprId) -> ExprId {
        let mut terms = Vec::new();
        self.collect_terms(id, false, &mut terms);
        let zero = self.arena.number(0.0);
        let (mut fixed, mut added, mut subtracted) = (zero, Vec::new(), Vec::new());
        for (term, negative) in terms {
            match (self.is_static(term), negative) {
                (true, false) => fixed = self.arena.add(fixed, term),
                (true, true) => fixed = self.arena.sub(fixed, term),
                (false, false) => added.push(term),
                (false, true) => subtracted.push(term),
            }
        }
        let sum = added.into_iter().fold(fixed, |sum, term| self.arena.add(sum, term));
        if sum != zero {
            return subtracted.into_iter().fold(sum, |sum, term| self.arena.sub(sum, term));
        }
        let sum = subtracted.into_iter().fold(zero, |sum, term| self.arena.add(sum, term));
        self.arena.neg(sum)
    }

    fn collect_terms(&self, id: ExprId, negative: bool, into: &mut Vec<(ExprId, bool)>) {
        let parts = match self.arena.node(id) {
            Node::Binary(Binary::Add, a, b) => [(a, negative), (b, negative)],
            Node::Binary(Binary::Sub, a, b) => [(a, negative), (b, !negative)],
            _ => unreachable!("only sums have terms"),
        };
        for (part, negative) in parts {
            let inner = matches!(self.arena.node(part), Node::Binary(Binary::Add | Binary::Sub, ..));
            if inner && self.uses[part.0 as usize] == 1 {
                self.collect_terms(part, negative, into);
                continue;
            }
            match self.arena.node(self.image(part)) {
                Node::Unary(Unary::Neg, positive) => into.push((positive, !negative)),
                _ => into.push((self.image(part), negative)),
            }
        }
    }

    /// Small whole exponents become products: x^4 = (x^2)^2 and so on, at most two roundings more than `pow`.
    fn power(&mut self, base: ExprId, exponent: ExprId) -> ExprId {
        let (base, exponent) = (self.image(base), self.image(exponent));
        let square = |arena: &mut Arena, x| arena.mul(x, x);
        match self.arena.constant(exponent) {
            Some(4.0) => {
                let x2 = square(self.arena, base);
                square(self.arena, x2)
            }
            Some(6.0) => {
                let x2 = square(self.arena, base);
                let x3 = self.arena.mul(x2, base);
                square(self.arena, x3)
            }
            _ => self.arena.pow(base, exponent),
        }
    }
}
