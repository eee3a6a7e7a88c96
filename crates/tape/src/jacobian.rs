//! Derivatives of the rates by forward accumulation over the shared expression graph.
//!
//! Each expression carries its derivatives by the states it depends on (and by time, in the last place); a shared expression is
//! differentiated once, and its derivative is shared by all who use it.

use malar_model::expression::{Arena, Binary, ExprId, Node, SymbolId, Unary};
use malar_solver::Pattern;

/// Non-zero derivatives of one expression: `(what by, value)`, ascending.
type Gradient = Vec<(u32, ExprId)>;

/// Derivatives of rates.
pub(crate) struct Jacobian {
    pub pattern: Pattern,
    /// One expression per entry of the pattern.
    pub entries: Vec<ExprId>,
    /// `df/dt` of each rate.
    pub by_time: Vec<ExprId>,
}

/// Differentiates `rates` by `states` and by time.
pub(crate) fn differentiate(arena: &mut Arena, states: &[SymbolId], rates: &[ExprId]) -> Jacobian {
    let n = states.len();
    let ids = arena.reachable(rates);
    let mut gradients: Vec<Gradient> = vec![Gradient::new(); arena.len()];
    for id in ids {
        gradients[id.0 as usize] = gradient(arena, states, id, &gradients);
    }
    let zero = arena.number(0.0);
    let mut jacobian = Jacobian {
        pattern: Pattern { n, entries: Vec::new() },
        entries: Vec::new(),
        by_time: vec![zero; n],
    };
    for (i, rate) in rates.iter().enumerate() {
        let mut row = gradients[rate.0 as usize].clone();
        if !row.iter().any(|&(j, _)| j as usize == i) {
            row.push((i as u32, zero));
            row.sort_unstable();
        }
        for (j, value) in row {
            if j as usize == n {
                jacobian.by_time[i] = value;
            } else {
                jacobian.pattern.entries.push((i as u32, j));
                jacobian.entries.push(value);
            }
        }
    }
    jacobian
}

/// The gradient of `id` from those of its operands.
fn gradient(arena: &mut Arena, states: &[SymbolId], id: ExprId, of: &[Gradient]) -> Gradient {
    let at = |id: ExprId| of[id.0 as usize].as_slice();
    let one = arena.number(1.0);
    match arena.node(id) {
        Node::Number(_) => Gradient::new(),
        Node::Time => vec![(states.len() as u32, one)],
        Node::Symbol(symbol) => states
            .iter()
            .position(|&s| s == symbol)
            .map(|i| vec![(i as u32, one)])
            .unwrap_or_default(),
        Node::Unary(op, a) if !at(a).is_empty() => unary(arena, op, id, a, at(a)),
        Node::Unary(..) => Gradient::new(),
        Node::Binary(op, a, b) if !at(a).is_empty() || !at(b).is_empty() => {
            binary(arena, op, id, [a, b], [at(a), at(b)])
        }
        Node::Binary(..) => Gradient::new(),
        Node::Select(condition, a, b) => join(arena, at(a), at(b), |arena, da, db| arena.select(condition, da, db)),
    }
}

/// Combines two gradients entry by entry, 0 where one has none.
fn join(
    arena: &mut Arena,
    a: &[(u32, ExprId)],
    b: &[(u32, ExprId)],
    mut combine: impl FnMut(&mut Arena, ExprId, ExprId) -> ExprId,
) -> Gradient {
    let zero = arena.number(0.0);
    let mut out = Gradient::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let by = a
            .get(i)
            .map_or(u32::MAX, |e| e.0)
            .min(b.get(j).map_or(u32::MAX, |e| e.0));
        let take = |list: &[(u32, ExprId)], at: &mut usize| match list.get(*at) {
            Some(&(k, value)) if k == by => {
                *at += 1;
                value
            }
            _ => zero,
        };
        let (da, db) = (take(a, &mut i), take(b, &mut j));
        let value = combine(arena, da, db);
        if value != zero {
            out.push((by, value));
        }
    }
    out
}

/// `factor` times every entry.
fn scaled(arena: &mut Arena, factor: ExprId, gradient: &[(u32, ExprId)]) -> Gradient {
    let zero = arena.number(0.0);
    let products = gradient.iter().map(|&(by, value)| (by, arena.mul(factor, value)));
    products.filter(|&(_, value)| value != zero).collect()
}

/// The gradient of `whole = op(a)`.
fn unary(arena: &mut Arena, op: Unary, whole: ExprId, a: ExprId, da: &[(u32, ExprId)]) -> Gradient {
    let one = arena.number(1.0);
    let slope = match op {
        Unary::Neg => arena.number(-1.0),
        Unary::Exp => whole,
        Unary::Ln => arena.div(one, a),
        // Infinite at 0; 0 is used there so that the step can go on: `x * sqrt(abs(x))` has a slope at 0 after all.
        Unary::Sqrt => {
            let (zero, half) = (arena.number(0.0), arena.number(0.5));
            let slope = arena.div(half, whole);
            let is_zero = arena.compare(Binary::Eq, whole, zero);
            arena.select(is_zero, zero, slope)
        }
        Unary::Abs => {
            let zero = arena.number(0.0);
            let (negative, minus_one) = (arena.lt(a, zero), arena.number(-1.0));
            arena.select(negative, minus_one, one)
        }
        Unary::Floor | Unary::Ceil | Unary::Not => return Gradient::new(),
        Unary::Sin => arena.unary(Unary::Cos, a),
        Unary::Cos => {
            let sin = arena.unary(Unary::Sin, a);
            arena.neg(sin)
        }
        Unary::Tan => {
            let square = arena.mul(whole, whole);
            arena.add(one, square)
        }
        Unary::Tanh => {
            let square = arena.mul(whole, whole);
            arena.sub(one, square)
        }
        Unary::Asin => {
            let root = root_of_one_minus_square(arena, a);
            arena.div(one, root)
        }
        Unary::Acos => {
            let (root, minus_one) = (root_of_one_minus_square(arena, a), arena.number(-1.0));
            arena.div(minus_one, root)
        }
        Unary::Atan => {
            let square = arena.mul(a, a);
            let sum = arena.add(one, square);
            arena.div(one, sum)
        }
        Unary::Sinh => arena.unary(Unary::Cosh, a),
        Unary::Cosh => arena.unary(Unary::Sinh, a),
    };
    scaled(arena, slope, da)
}

fn root_of_one_minus_square(arena: &mut Arena, a: ExprId) -> ExprId {
    let (one, square) = (arena.number(1.0), arena.mul(a, a));
    let difference = arena.sub(one, square);
    arena.sqrt(difference)
}

/// The gradient of `whole = op(a, b)`.
fn binary(
    arena: &mut Arena,
    op: Binary,
    whole: ExprId,
    [a, b]: [ExprId; 2],
    [da, db]: [&[(u32, ExprId)]; 2],
) -> Gradient {
    match op {
        Binary::Add => join(arena, da, db, Arena::add),
        Binary::Sub => join(arena, da, db, Arena::sub),
        Binary::Mul => {
            let (left, right) = (scaled(arena, b, da), scaled(arena, a, db));
            join(arena, &left, &right, Arena::add)
        }
        // (a/b)' = (a' - (a/b) b') (1/b): one reciprocal serves all entries.
        Binary::Div => {
            let one = arena.number(1.0);
            let reciprocal = arena.div(one, b);
            let right = scaled(arena, whole, db);
            let numerator = join(arena, da, &right, Arena::sub);
            scaled(arena, reciprocal, &numerator)
        }
        Binary::Pow => power(arena, whole, [a, b], [da, db]),
        Binary::Min | Binary::Max => {
            let first = if op == Binary::Min {
                arena.le(a, b)
            } else {
                arena.ge(a, b)
            };
            join(arena, da, db, |arena, da, db| arena.select(first, da, db))
        }
        Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge | Binary::Eq | Binary::Ne | Binary::And | Binary::Or => {
            Gradient::new()
        }
    }
}

/// `(a^b)' = b a^(b-1) a' + a^b ln(a) b'`.
///
/// `b a^b / a` saves the second power. At `a` = 0 that is 0/0; there the slope is 1 for `b` = 1 and 0 for larger `b` (for
/// smaller `b` it is infinite, and 0 is used so that the step can go on).
fn power(arena: &mut Arena, whole: ExprId, [a, b]: [ExprId; 2], [da, db]: [&[(u32, ExprId)]; 2]) -> Gradient {
    let (zero, one) = (arena.number(0.0), arena.number(1.0));
    let reciprocal = arena.div(one, a);
    let scaled_power = arena.mul(b, whole);
    let slope = arena.mul(scaled_power, reciprocal);
    let linear = arena.compare(Binary::Eq, b, one);
    let at_zero = arena.select(linear, one, zero);
    let is_zero = arena.compare(Binary::Eq, a, zero);
    let slope = arena.select(is_zero, at_zero, slope);
    let by_base = scaled(arena, slope, da);
    if db.is_empty() {
        return by_base;
    }
    let log = arena.ln(a);
    let growth = arena.mul(whole, log);
    let by_exponent = scaled(arena, growth, db);
    join(arena, &by_base, &by_exponent, Arena::add)
}
