use std::collections::BTreeMap;

use malar_model::expression::{Arena, Binary, ExprId, Node, Unary};
use malar_solver::dispatch::InstructionSet;
use malar_solver::{LANES, Lane};
use proptest::prelude::*;

use super::lanes::run_lanes_checked;
use super::{RunLanes, run_scalar};
use crate::program::{Program, Register};

const UNARY: [Unary; 17] = [
    Unary::Neg,
    Unary::Exp,
    Unary::Ln,
    Unary::Sqrt,
    Unary::Abs,
    Unary::Floor,
    Unary::Ceil,
    Unary::Sin,
    Unary::Cos,
    Unary::Tan,
    Unary::Asin,
    Unary::Acos,
    Unary::Atan,
    Unary::Sinh,
    Unary::Cosh,
    Unary::Tanh,
    Unary::Not,
];

const BINARY: [Binary; 15] = [
    Binary::Add,
    Binary::Sub,
    Binary::Mul,
    Binary::Div,
    Binary::Pow,
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

const LEAVES: usize = 5;

/// Leaves first, then one node per draw: an operation on earlier nodes.
fn graph(draws: &[(usize, usize, usize, usize)]) -> (Arena, Vec<ExprId>) {
    let mut arena = Arena::default();
    let mut ids: Vec<ExprId> = (0..LEAVES).map(|i| arena.named(&format!("x{i}"))).collect();
    for &(op, a, b, c) in draws {
        let [a, b, c] = [a, b, c].map(|i| ids[i % ids.len()]);
        let kinds = UNARY.len() + BINARY.len() + 1;
        let node = match op % kinds {
            op if op < UNARY.len() => Node::Unary(UNARY[op], a),
            op if op < kinds - 1 => Node::Binary(BINARY[op - UNARY.len()], a, b),
            _ => Node::Select(a, b, c),
        };
        ids.push(arena.intern(node));
    }
    (arena, ids)
}

/// NaN has many bit patterns, and which one comes out is not ours to say.
fn bits(x: f64) -> u64 {
    if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() }
}

/// What each evaluator makes of `results` for eight sets of leaf values; all must agree.
fn evaluators_agree(arena: &Arena, results: &[ExprId], values: &[[f64; LANES]]) {
    let leaves: BTreeMap<ExprId, Register> = (0..LEAVES).map(|i| (ExprId(i as u32), i as Register)).collect();
    let program = Program::compile(arena, results, &leaves, &BTreeMap::new(), LEAVES).expect("few registers");
    let mut file = vec![Lane::splat(0.0); program.n_registers.max(LEAVES)];
    for (register, value) in file.iter_mut().zip(values) {
        *register = Lane(*value);
    }
    let mut checked = file.clone();
    run_lanes_checked(&program, &mut checked);
    for l in 0..LANES {
        let mut registers: Vec<f64> = file.iter().map(|lane| lane.0[l]).collect();
        run_scalar(&program, &mut registers);
        for (&register, &id) in program.results.iter().zip(results) {
            let expected = bits(registers[register as usize]);
            assert_eq!(bits(checked[register as usize].0[l]), expected, "{:?}", arena.node(id));
        }
    }
    for set in InstructionSet::available() {
        let mut fast = file.clone();
        set.run(RunLanes::new(&program, &mut fast));
        for (&register, &id) in program.results.iter().zip(results) {
            for l in 0..LANES {
                let (fast, checked) = (fast[register as usize].0[l], checked[register as usize].0[l]);
                assert_eq!(bits(fast), bits(checked), "{:?} on {set:?}", arena.node(id));
            }
        }
    }
}

fn leaf_values() -> impl Strategy<Value = Vec<[f64; LANES]>> {
    let number = prop_oneof![
        6 => -5.0..5.0f64,
        1 => prop_oneof![Just(0.0), Just(-0.0), Just(1.0), Just(f64::INFINITY), Just(f64::NAN), Just(1e-310), Just(1e300)],
    ];
    prop::collection::vec(prop::array::uniform8(number), LEAVES)
}

proptest! {
    #[test]
    fn all_evaluators_give_the_same_bits_for_random_graphs(
        draws in prop::collection::vec((0usize..1000, 0usize..1000, 0usize..1000, 0usize..1000), 1..60),
        values in leaf_values(),
    ) {
        let (arena, ids) = graph(&draws);
        evaluators_agree(&arena, &ids[ids.len() - 1..], &values);
        evaluators_agree(&arena, &ids, &values);
    }

    #[test]
    fn a_compiled_program_means_what_the_model_crate_says(
        draws in prop::collection::vec((0usize..1000, 0usize..1000, 0usize..1000, 0usize..1000), 1..40),
        values in leaf_values(),
    ) {
        // Without exp, ln and pow, whose last bit differs between the two libraries.
        let (arena, ids) = graph(&draws);
        let plain = |id: ExprId| arena.reachable(&[id]).into_iter().all(|id| !matches!(
            arena.node(id),
            Node::Unary(Unary::Exp | Unary::Ln, _) | Node::Binary(Binary::Pow, ..)
        ));
        let leaves: BTreeMap<ExprId, Register> = (0..LEAVES).map(|i| (ExprId(i as u32), i as Register)).collect();
        let results: Vec<ExprId> = ids.into_iter().filter(|&id| plain(id)).collect();
        let program = Program::compile(&arena, &results, &leaves, &BTreeMap::new(), LEAVES).expect("few registers");
        let mut registers = vec![0.0; program.n_registers.max(LEAVES)];
        for (register, value) in registers.iter_mut().zip(&values) {
            *register = value[0];
        }
        run_scalar(&program, &mut registers);
        for (&register, &id) in program.results.iter().zip(&results) {
            let expected = arena.evaluate(id, 0.0, &|symbol| values[symbol.0 as usize][0]);
            prop_assert_eq!(bits(registers[register as usize]), bits(expected), "{:?}", arena.node(id));
        }
    }
}

#[test]
fn every_operation_agrees_on_every_instruction_set() {
    let kinds = UNARY.len() + BINARY.len() + 1;
    let draws: Vec<_> = (0..kinds).map(|op| (op, 0, 1, 2)).collect();
    let (arena, ids) = graph(&draws);
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        f64::INFINITY,
        f64::NAN,
        1e-310,
        2.5,
        -3.0,
        700.0,
    ];
    for shift in 0..special.len() {
        let values: Vec<[f64; LANES]> = (0..LEAVES)
            .map(|i| std::array::from_fn(|l| special[(shift * i + l * (i + 1)) % special.len()]))
            .collect();
        evaluators_agree(&arena, &ids[LEAVES..], &values);
    }
}
