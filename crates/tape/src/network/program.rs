//! Expressions as lists of instructions, evaluated one number at a time.

use std::collections::BTreeMap;

use malar_model::evaluate::holds;
use malar_model::expression::{Arena, Binary, ExprId, Node, SymbolId, Unary};

#[derive(Clone, Copy, Debug)]
enum Instruction {
    Number(f64),
    Load(u32),
    Time,
    Unary(Unary, u32),
    Binary(Binary, u32, u32),
    Select(u32, u32, u32),
}

/// Evaluates some expressions together, shared parts once.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    code: Vec<Instruction>,
    roots: Vec<u32>,
}

impl Program {
    pub fn new(arena: &Arena, roots: &[ExprId]) -> Self {
        let mut place: BTreeMap<ExprId, u32> = BTreeMap::new();
        let mut code = Vec::new();
        for id in arena.reachable(roots) {
            let at = |operand: ExprId| place[&operand];
            let instruction = match arena.node(id) {
                Node::Number(x) => Instruction::Number(x),
                Node::Symbol(s) => Instruction::Load(s.0),
                Node::Time => Instruction::Time,
                Node::Unary(op, a) => Instruction::Unary(op, at(a)),
                Node::Binary(op, a, b) => Instruction::Binary(op, at(a), at(b)),
                Node::Select(c, a, b) => Instruction::Select(at(c), at(a), at(b)),
            };
            place.insert(id, code.len() as u32);
            code.push(instruction);
        }
        Program {
            code,
            roots: roots.iter().map(|root| place[root]).collect(),
        }
    }

    /// Always this number.
    pub fn number(value: f64) -> Self {
        Program {
            code: vec![Instruction::Number(value)],
            roots: vec![0],
        }
    }

    /// Leaves the results, in the order of the roots, in `results`; `values` holds a value for every symbol of the arena.
    pub fn run(&self, time: f64, values: &[f64], scratch: &mut Vec<f64>, results: &mut [f64]) {
        scratch.clear();
        for instruction in &self.code {
            let at = |i: u32| scratch[i as usize];
            let value = match *instruction {
                Instruction::Number(x) => x,
                Instruction::Load(symbol) => values[symbol as usize],
                Instruction::Time => time,
                Instruction::Unary(op, a) => op.apply(at(a)),
                Instruction::Binary(op, a, b) => op.apply(at(a), at(b)),
                Instruction::Select(c, a, b) => at(if holds(at(c)) { a } else { b }),
            };
            scratch.push(value);
        }
        for (result, &root) in results.iter_mut().zip(&self.roots) {
            *result = scratch[root as usize];
        }
    }

    /// The value of the only expression.
    pub fn value(&self, time: f64, values: &[f64], scratch: &mut Vec<f64>) -> f64 {
        let mut result = [0.0];
        self.run(time, values, scratch, &mut result);
        result[0]
    }
}

/// Puts definitions into expressions.
pub(super) struct Inline {
    meaning: BTreeMap<SymbolId, ExprId>,
}

impl Inline {
    /// `definitions` stand in an order in which each uses earlier ones only.
    pub fn new(arena: &mut Arena, definitions: &[(SymbolId, ExprId)]) -> Self {
        let mut inline = Inline {
            meaning: BTreeMap::new(),
        };
        for &(symbol, expr) in definitions {
            let expr = inline.apply(arena, expr);
            inline.meaning.insert(symbol, expr);
        }
        inline
    }

    pub fn apply(&self, arena: &mut Arena, expr: ExprId) -> ExprId {
        arena.substitute(expr, &|symbol| self.meaning.get(&symbol).copied())
    }
}
