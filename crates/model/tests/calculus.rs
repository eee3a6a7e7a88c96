//! Simplification keeps values; derivatives agree with differences.

use malar_model::expression::{Arena, Binary, ExprId, Node, SymbolId, Unary};
use proptest::prelude::*;

/// A recipe for one expression: a postfix program, so that any sequence of steps makes one.
#[derive(Clone, Copy, Debug)]
enum Step {
    Number(f64),
    Name(u8),
    Unary(Unary),
    Binary(Binary),
    Select,
}

const NAMES: [&str; 3] = ["x", "y", "z"];

const SMOOTH: [Binary; 4] = [Binary::Add, Binary::Sub, Binary::Mul, Binary::Div];

const ANY: [Binary; 14] = [
    Binary::Add,
    Binary::Sub,
    Binary::Mul,
    Binary::Div,
    Binary::Min,
    Binary::Max,
    Binary::Lt,
    Binary::Le,
    Binary::Gt,
    Binary::Ge,
    Binary::Eq,
    Binary::Ne,
    Binary::And,
    Binary::Or,
];

const FUNCTIONS: [Unary; 12] = [
    Unary::Neg,
    Unary::Exp,
    Unary::Ln,
    Unary::Sqrt,
    Unary::Abs,
    Unary::Sin,
    Unary::Cos,
    Unary::Atan,
    Unary::Tanh,
    Unary::Floor,
    Unary::Ceil,
    Unary::Not,
];

fn steps(binaries: &'static [Binary]) -> impl Strategy<Value = Vec<Step>> {
    let number = prop::sample::select(vec![-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 0.3]);
    let step = prop_oneof![
        3 => number.prop_map(Step::Number),
        4 => (0u8..3).prop_map(Step::Name),
        3 => prop::sample::select(FUNCTIONS.to_vec()).prop_map(Step::Unary),
        5 => prop::sample::select(binaries).prop_map(Step::Binary),
        1 => Just(Step::Binary(Binary::Pow)),
        1 => Just(Step::Select),
    ];
    prop::collection::vec(step, 1..25)
}

/// Runs a recipe; `simplified` chooses smart constructors or bare nodes. Missing operands are skipped.
fn build(arena: &mut Arena, steps: &[Step], simplified: bool) -> ExprId {
    let mut stack: Vec<ExprId> = Vec::new();
    for &step in steps {
        let made = match (step, stack.len()) {
            (Step::Number(x), _) => arena.number(x),
            (Step::Name(i), _) => arena.named(NAMES[i as usize]),
            (Step::Unary(op), 1..) => {
                let a = stack.pop().unwrap();
                if simplified {
                    arena.unary(op, a)
                } else {
                    arena.intern(Node::Unary(op, a))
                }
            }
            (Step::Binary(op), 2..) => {
                let b = stack.pop().unwrap();
                let a = stack.pop().unwrap();
                if simplified {
                    arena.binary(op, a, b)
                } else {
                    arena.intern(Node::Binary(op, a, b))
                }
            }
            (Step::Select, 3..) => {
                let b = stack.pop().unwrap();
                let a = stack.pop().unwrap();
                let c = stack.pop().unwrap();
                if simplified {
                    arena.select(c, a, b)
                } else {
                    arena.intern(Node::Select(c, a, b))
                }
            }
            _ => continue,
        };
        stack.push(made);
    }
    stack.pop().unwrap_or_else(|| arena.number(0.0))
}

/// All values along the way are finite, so the identities of `simplify` are meant to hold.
fn all_finite(arena: &Arena, expr: ExprId, values: &dyn Fn(SymbolId) -> f64) -> bool {
    arena
        .reachable(&[expr])
        .into_iter()
        .all(|id| arena.evaluate(id, 0.0, values).is_finite())
}

/// True if an operation jumps or bends, or is about to, within a relative distance of 1e-3 of this point.
fn near_a_kink(arena: &Arena, expr: ExprId, values: &dyn Fn(SymbolId) -> f64) -> bool {
    let at = |id| arena.evaluate(id, 0.0, values);
    let close = |a: f64, b: f64| (a - b).abs() < 1e-3 * (1.0 + a.abs());
    arena.reachable(&[expr]).into_iter().any(|id| match arena.node(id) {
        Node::Unary(Unary::Abs | Unary::Not | Unary::Sqrt | Unary::Ln, a) => close(at(a), 0.0),
        Node::Unary(Unary::Floor | Unary::Ceil, a) => close(at(a), at(a).round()),
        Node::Binary(Binary::Add | Binary::Sub | Binary::Mul, ..) => false,
        Node::Binary(Binary::Div | Binary::And | Binary::Or, a, b) => close(at(a), 0.0) || close(at(b), 0.0),
        Node::Binary(Binary::Pow, a, _) => at(a) < 1e-3,
        Node::Binary(_, a, b) => close(at(a), at(b)),
        Node::Select(c, ..) => close(at(c), 0.0),
        _ => false,
    })
}

proptest! {
    #[test]
    fn simplification_keeps_the_value(recipe in steps(&ANY), x in -3.0..3.0, y in -3.0..3.0, z in 0.1..3.0) {
        let mut arena = Arena::default();
        let bare = build(&mut arena, &recipe, false);
        let simple = build(&mut arena, &recipe, true);
        let value = |s: SymbolId| match arena.name(s) { "x" => x, "y" => y, _ => z };
        prop_assume!(all_finite(&arena, bare, &value) && !near_a_kink(&arena, bare, &value));
        let (before, after) = (arena.evaluate(bare, 0.0, &value), arena.evaluate(simple, 0.0, &value));
        // `x^2`, `x^3` round differently from `pow`, 1 ulp each; a sum of such terms may cancel, hence the absolute part.
        let scale = arena.reachable(&[bare]).iter().map(|&id| arena.evaluate(id, 0.0, &value).abs()).fold(1.0, f64::max);
        prop_assume!(scale < 1e6);
        prop_assert!((before - after).abs() <= 1e-9 * scale, "{before} became {after}");
    }

    #[test]
    fn derivative_agrees_with_central_difference(recipe in steps(&SMOOTH), x in 0.2..3.0, y in -3.0..3.0, z in 0.1..3.0) {
        let mut arena = Arena::default();
        let expr = build(&mut arena, &recipe, true);
        let wanted = arena.symbol("x");
        let slope = arena.derivative(expr, wanted);
        let curvature = arena.derivative(slope, wanted);
        let bend = arena.derivative(curvature, wanted);
        let at = |e: ExprId, dx: f64| {
            arena.evaluate(e, 0.0, &|s| match arena.name(s) { "x" => x + dx, "y" => y, _ => z })
        };
        let value = |s: SymbolId| match arena.name(s) { "x" => x, "y" => y, _ => z };
        prop_assume!(all_finite(&arena, expr, &value) && !near_a_kink(&arena, expr, &value));
        let largest = arena.reachable(&[expr]).iter().map(|&id| arena.evaluate(id, 0.0, &value).abs()).fold(1.0, f64::max);
        let third = [-1e-3, 0.0, 1e-3].map(|dx| at(bend, dx).abs()).into_iter().fold(0.0, f64::max);
        prop_assume!(largest < 1e3 && third < 1e4 && at(curvature, 0.0).abs() < 1e4);
        // Central difference with step h: truncation h^2/6 |f'''|, rounding about 1e-16 * largest * steps / h.
        let h = 1e-5;
        let difference = (at(expr, h) - at(expr, -h)) / (2.0 * h);
        let tolerance = h * h * third + 100.0 * f64::EPSILON * largest * (1.0 + at(slope, 0.0).abs()) / h;
        prop_assert!((difference - at(slope, 0.0)).abs() <= tolerance, "{difference} against {}", at(slope, 0.0));
    }
}

fn parts() -> (Arena, ExprId, ExprId, ExprId) {
    let mut arena = Arena::default();
    let (x, zero, one) = (arena.named("x"), arena.number(0.0), arena.number(1.0));
    (arena, x, zero, one)
}

#[test]
fn neutral_operands_drop_out() {
    let (mut a, x, zero, one) = parts();
    assert_eq!(
        [
            a.add(x, zero),
            a.mul(one, x),
            a.div(x, one),
            a.pow(x, one),
            a.sub(x, zero)
        ],
        [x; 5]
    );
    assert_eq!([a.mul(x, zero), a.sub(x, x), a.div(zero, x)], [zero; 3]);
    assert_eq!(a.pow(x, zero), one);
    let (minus, half) = (a.neg(x), a.number(0.5));
    assert_eq!(a.neg(minus), x);
    assert_eq!(a.pow(x, half), a.sqrt(x));
    assert_eq!(a.add(x, minus), zero);
}

#[test]
fn equal_sums_written_in_either_order_are_one_expression() {
    let (mut a, x, _, _) = parts();
    let y = a.named("y");
    assert_eq!(a.add(x, y), a.add(y, x));
    assert_ne!(a.sub(x, y), a.sub(y, x));
}

#[test]
fn a_division_by_zero_is_left_for_the_evaluator() {
    let (mut a, x, zero, one) = parts();
    let quotient = a.div(one, zero);
    assert_eq!(a.constant(quotient), None);
    assert_eq!(a.evaluate(quotient, 0.0, &|_| 0.0), f64::INFINITY);
    let unknown = a.div(x, zero);
    assert_ne!(unknown, x);
}

#[test]
fn derivative_of_a_hill_term_is_finite_at_zero() {
    let mut a = Arena::default();
    let (x, k, n) = (a.named("x"), a.named("k"), a.named("n"));
    let (xn, kn) = (a.pow(x, n), a.pow(k, n));
    let sum = a.add(kn, xn);
    let hill = a.div(xn, sum);
    let wanted = a.symbol("x");
    let slope = a.derivative(hill, wanted);
    let at_zero = a.evaluate(slope, 0.0, &|s| match a.name(s) {
        "x" => 0.0,
        "k" => 2.0,
        _ => 2.0,
    });
    assert_eq!(at_zero, 0.0);
}

#[test]
fn time_is_differentiated_on_its_own() {
    let mut a = Arena::default();
    let (t, k) = (a.intern(Node::Time), a.named("k"));
    let product = a.mul(k, t);
    assert_eq!(a.time_derivative(product), k);
    let wanted = a.symbol("k");
    assert_eq!(a.derivative(product, wanted), t);
    assert!(a.uses_time(product) && !a.uses_time(k));
}

#[test]
fn substitution_simplifies_what_it_makes() {
    let mut a = Arena::default();
    let (x, y, one, zero) = (a.named("x"), a.named("y"), a.number(1.0), a.number(0.0));
    let free = a.sub(one, y);
    let rate = a.mul(x, free);
    let wanted = a.find_symbol("y");
    assert_eq!(a.substitute(rate, &|s| (Some(s) == wanted).then_some(zero)), x);
    assert_eq!(a.symbols_in(rate).len(), 2);
}

#[test]
fn a_sum_of_a_hundred_thousand_terms_needs_no_deep_stack() {
    let mut a = Arena::default();
    let x = a.named("x");
    let mut expr = x;
    for i in 0..100_000 {
        let term = a.number(f64::from(i) + 0.5);
        expr = a.intern(Node::Binary(Binary::Add, expr, term));
    }
    let wanted = a.symbol("x");
    let slope = a.derivative(expr, wanted);
    assert_eq!(a.constant(slope), Some(1.0));
    assert!(a.evaluate(expr, 0.0, &|_| 0.0) > 4e9);
}
