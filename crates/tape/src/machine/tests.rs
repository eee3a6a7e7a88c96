use malar_model::expression::{Binary, Unary};
use malar_solver::dispatch::InstructionSet;
use malar_solver::stages::{StageMemory, TIME_DERIVATIVE};
use malar_solver::{LANES, Lane};
use proptest::prelude::*;

use super::assembler::Vectors;
use super::compile;
use super::flow::{Block, Flow, Value};
use crate::eval::{BINARY, UNARY, binary, unary};

fn vectors() -> Vec<Vectors> {
    let lanes = InstructionSet::available()
        .into_iter()
        .filter_map(InstructionSet::vector_lanes);
    lanes
        .map(|lanes| if lanes == 8 { Vectors::Avx512 } else { Vectors::Avx2 })
        .collect()
}

fn bits(x: f64) -> u64 {
    if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() }
}

const LEAVES: usize = 5;

/// Computes random operations as machine code and one by one; all results are stored, or only the last `stored`.
fn agrees(draws: &[(usize, usize, usize, usize)], leaves: &[[f64; LANES]], stored: usize) {
    let mut flow = Flow::default();
    let mut values: Vec<Value> = (0..LEAVES).map(|i| flow.load(Block::Argument, i as u32)).collect();
    let mut expected: Vec<[f64; LANES]> = leaves.to_vec();
    for &(op, a, b, c) in draws {
        let [a, b, c] = [a, b, c].map(|i| i % values.len());
        let kinds = UNARY.len() + BINARY.len() + 1;
        let op = op % kinds;
        let each = |f: &dyn Fn(usize) -> f64| std::array::from_fn(f);
        let (value, numbers) = if op < UNARY.len() {
            (
                flow.unary(UNARY[op], values[a]),
                each(&|l| unary(UNARY[op], expected[a][l])),
            )
        } else if op < kinds - 1 {
            let op = BINARY[op - UNARY.len()];
            (
                flow.binary(op, values[a], values[b]),
                each(&|l| binary(op, expected[a][l], expected[b][l])),
            )
        } else {
            let chosen = |l: usize| {
                if expected[a][l].abs() > 0.0 {
                    expected[b][l]
                } else {
                    expected[c][l]
                }
            };
            (flow.select(values[a], values[b], values[c]), each(&chosen))
        };
        values.push(value);
        expected.push(numbers);
    }
    let first = values.len().saturating_sub(stored);
    for (i, &value) in values.iter().enumerate().skip(first) {
        flow.store(value, Block::U, i as u32);
    }
    for vectors in vectors() {
        let (function, n_scratch) = compile(&flow, vectors, TIME_DERIVATIVE).expect("memory");
        let argument: Vec<Lane> = leaves.iter().map(|&numbers| Lane(numbers)).collect();
        let mut u = vec![Lane::splat(0.0); values.len()];
        let mut extra = vec![Lane::splat(0.0); TIME_DERIVATIVE + n_scratch];
        function.run(&mut StageMemory {
            work: &mut [],
            argument: &argument,
            sums: &[],
            matrix: &mut [],
            u: &mut u,
            extra: &mut extra,
        });
        for i in first..values.len() {
            for l in 0..LANES {
                assert_eq!(
                    bits(u[i].0[l]),
                    bits(expected[i][l]),
                    "value {i} lane {l} {vectors:?}: {}, not {}",
                    u[i].0[l],
                    expected[i][l]
                );
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
    fn machine_code_gives_the_bits_of_the_scalar_evaluator(
        draws in prop::collection::vec((0usize..1000, 0usize..1000, 0usize..1000, 0usize..1000), 1..120),
        values in leaf_values(),
        stored in 1usize..130,
    ) {
        agrees(&draws, &values, stored);
    }

    #[test]
    fn powers_and_logarithms_agree_over_the_whole_range(
        x in prop::array::uniform8(prop::num::f64::ANY),
        y in prop::array::uniform8(prop::num::f64::ANY),
    ) {
        let pow = UNARY.len() + BINARY.iter().position(|&op| op == Binary::Pow).unwrap();
        let place = |op: Unary| UNARY.iter().position(|&o| o == op).unwrap();
        let leaves = vec![x, y, [2.0; LANES], [0.5; LANES], [-3.0; LANES]];
        agrees(&[(pow, 0, 1, 0), (pow, 0, 2, 0), (pow, 0, 3, 0), (pow, 0, 4, 0), (place(Unary::Ln), 0, 0, 0), (place(Unary::Exp), 1, 0, 0)], &leaves, 6);
    }
}

/// Many values alive at once, so that most live in scratch.
#[test]
fn values_beyond_the_registers_survive_in_scratch() {
    let mut flow = Flow::default();
    let x = flow.load(Block::Argument, 0);
    let values: Vec<Value> = (0..200)
        .map(|i| {
            let number = flow.number(f64::from(i));
            flow.mul(x, number)
        })
        .collect();
    let sums: Vec<Value> = (0..200).map(|i| flow.add(values[i], values[199 - i])).collect();
    for (i, &sum) in sums.iter().enumerate() {
        flow.store(sum, Block::U, i as u32);
    }
    for vectors in vectors() {
        let (function, n_scratch) = compile(&flow, vectors, 0).expect("memory");
        assert!(n_scratch > 100);
        let mut u = vec![Lane::splat(0.0); 200];
        let mut extra = vec![Lane::splat(0.0); n_scratch];
        let argument = [Lane::splat(2.0)];
        function.run(&mut StageMemory {
            work: &mut [],
            argument: &argument,
            sums: &[],
            matrix: &mut [],
            u: &mut u,
            extra: &mut extra,
        });
        assert!(u.iter().all(|&sum| sum == Lane::splat(398.0)));
    }
}
