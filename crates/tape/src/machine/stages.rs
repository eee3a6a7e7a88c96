//! The three functions of a model as flows: prepare, first stage, later stage.
//!
//! A function for each stage, which combines the earlier `u` itself and keeps arguments in registers, was tried: the same bits, and no faster
//! (1.00 by Rodas4, 1.02 by Rodas5P of the time on the benchmark model), presumably because several functions no longer fit the cache.

use std::collections::BTreeMap;

use malar_model::expression::{Arena, ExprId, Node as Expression};
use malar_solver::lu::{Factorisation, Operation};
use malar_solver::stages::{INVERSE_STEP, SHIFT, STAGE_TIME, TIME_DERIVATIVE, TIME_WEIGHT};

use super::flow::{Block, Flow, Value};

/// What to compute, and where the leaves of the expressions lie.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub arena: Arena,
    /// Names; numbers need no place.
    pub leaves: BTreeMap<ExprId, (Block, u32)>,
    /// Where in `Work` the inputs begin.
    pub inputs: usize,
    /// Expressions of inputs only, and where in `Work` they are kept.
    pub prepared: Vec<(ExprId, u32)>,
    pub rates: Vec<ExprId>,
    pub rates_beside_jacobian: Vec<ExprId>,
    pub jacobian: Vec<ExprId>,
    /// Empty if no equation mentions time.
    pub by_time: Vec<ExprId>,
}

/// Leaf of the expression language that stands for time.
pub(crate) const TIME: (Block, u32) = (Block::Extra, STAGE_TIME as u32);

/// Expressions translated into a flow, each once.
struct Translation<'a> {
    recipe: &'a Recipe,
    flow: Flow,
    known: BTreeMap<ExprId, Value>,
}

impl<'a> Translation<'a> {
    /// `prepared`: take prepared values from memory.
    fn new(recipe: &'a Recipe, prepared: bool) -> Self {
        let mut flow = Flow::default();
        let mut known = BTreeMap::new();
        for (&id, &(block, index)) in &recipe.leaves {
            known.insert(id, flow.load(block, index));
        }
        for &(id, index) in recipe.prepared.iter().filter(|_| prepared) {
            known.insert(id, flow.load(Block::Work, index));
        }
        Translation { recipe, flow, known }
    }

    /// The value of an expression; what it needs is computed just before.
    fn value(&mut self, id: ExprId) -> Value {
        let mut pending = vec![id];
        while let Some(&id) = pending.last() {
            if self.known.contains_key(&id) {
                pending.pop();
                continue;
            }
            let node = self.recipe.arena.node(id);
            let missing = node
                .operands()
                .into_iter()
                .flatten()
                .filter(|operand| !self.known.contains_key(operand));
            let before = pending.len();
            pending.extend(missing);
            if pending.len() == before {
                let value = self.translate(node);
                self.known.insert(id, value);
                pending.pop();
            } else {
                pending[before..].reverse();
            }
        }
        self.known[&id]
    }

    fn translate(&mut self, node: Expression) -> Value {
        let of = |id: ExprId| self.known[&id];
        match node {
            Expression::Number(number) => self.flow.number(number),
            Expression::Unary(op, a) => {
                let a = of(a);
                self.flow.unary(op, a)
            }
            Expression::Binary(op, a, b) => {
                let (a, b) = (of(a), of(b));
                self.flow.binary(op, a, b)
            }
            Expression::Select(condition, a, b) => {
                let (condition, a, b) = (of(condition), of(a), of(b));
                self.flow.select(condition, a, b)
            }
            Expression::Symbol(_) | Expression::Time => unreachable!("every name is a leaf"),
        }
    }
}

/// Whatever depends on inputs only.
pub(crate) fn prepare(recipe: &Recipe) -> Flow {
    let mut translation = Translation::new(recipe, false);
    for &(id, index) in &recipe.prepared {
        let value = translation.value(id);
        translation.flow.store(value, Block::Work, index);
    }
    translation.flow
}

/// Entries of the factors and unknowns, as far as they are computed.
struct Elimination<'a> {
    translation: Translation<'a>,
    /// Entries of the matrix; loaded if not computed here.
    entries: BTreeMap<u32, Value>,
    unknowns: Vec<Option<Value>>,
}

impl Elimination<'_> {
    fn entry(&mut self, slot: u32) -> Value {
        let flow = &mut self.translation.flow;
        *self
            .entries
            .entry(slot)
            .or_insert_with(|| flow.load(Block::Matrix, slot))
    }

    fn unknown(&self, state: u32) -> Value {
        self.unknowns[state as usize].expect("rows stand in the order of elimination")
    }

    fn factorise(&mut self, operation: Operation) {
        // An entry that only fill-in makes non-zero starts with its first product.
        let flow = &mut self.translation.flow;
        let value = match operation {
            Operation::AddProduct { target, left, right } => {
                let (left, right) = (self.entries[&left], self.entries[&right]);
                let product = flow.mul(left, right);
                let before = match self.entries.get(&target) {
                    Some(&before) => before,
                    None => flow.number(0.0),
                };
                flow.add(before, product)
            }
            Operation::Scale { target, by } => {
                let (entry, by) = (self.entries[&target], self.entries[&by]);
                flow.mul(entry, by)
            }
            Operation::Invert { target } => {
                let (entry, minus_one) = (self.entries[&target], flow.number(-1.0));
                flow.div(minus_one, entry)
            }
        };
        let (Operation::AddProduct { target, .. } | Operation::Scale { target, .. } | Operation::Invert { target }) =
            operation;
        self.entries.insert(target, value);
    }

    fn substitute(&mut self, operation: Operation) {
        let (target, value) = match operation {
            Operation::AddProduct { target, left, right } => {
                let (left, right) = (self.entry(left), self.unknown(right));
                let product = self.translation.flow.mul(left, right);
                let before = self.unknown(target);
                (target, self.translation.flow.add(before, product))
            }
            Operation::Scale { target, by } => {
                let (by, before) = (self.entry(by), self.unknown(target));
                (target, self.translation.flow.mul(before, by))
            }
            Operation::Invert { .. } => unreachable!("substitution inverts nothing"),
        };
        self.unknowns[target as usize] = Some(value);
    }

    /// Backward substitution and the end of the function.
    fn finish(mut self, lu: &Factorisation) -> Flow {
        for row in lu.rows().iter().rev() {
            for &operation in &row.backward {
                self.substitute(operation);
            }
            let value = self.unknown(row.state);
            self.translation.flow.store(value, Block::U, row.state);
        }
        self.translation.flow
    }
}

/// Rates, Jacobian, factors and the first unknowns.
pub(crate) fn first(recipe: &Recipe, lu: &Factorisation) -> Flow {
    let mut translation = Translation::new(recipe, true);
    let (shift, weight) = (
        translation.flow.load(Block::Extra, SHIFT as u32),
        translation.flow.load(Block::Extra, TIME_WEIGHT as u32),
    );
    let mut expressions: BTreeMap<u32, ExprId> = lu
        .places()
        .iter()
        .copied()
        .zip(recipe.jacobian.iter().copied())
        .collect();
    let n_slots_by_row = slots_by_row(lu);
    let mut e = Elimination {
        translation,
        entries: BTreeMap::new(),
        unknowns: vec![None; recipe.rates.len()],
    };
    for (row, slots) in lu.rows().iter().zip(n_slots_by_row) {
        let state = row.state as usize;
        let mut value = e.translation.value(recipe.rates_beside_jacobian[state]);
        if let Some(&by_time) = recipe.by_time.get(state) {
            let by_time = e.translation.value(by_time);
            let flow = &mut e.translation.flow;
            flow.store(by_time, Block::Extra, (TIME_DERIVATIVE + state) as u32);
            let product = flow.mul(weight, by_time);
            value = flow.add(value, product);
        }
        e.unknowns[state] = Some(value);
        for &slot in &slots {
            if let Some(expression) = expressions.remove(&slot) {
                let mut value = e.translation.value(expression);
                if slot == lu.diagonal()[state] {
                    value = e.translation.flow.sub(value, shift);
                }
                e.entries.insert(slot, value);
            }
        }
        for &operation in &row.factorise {
            e.factorise(operation);
        }
        for &slot in &slots {
            let value = e.entries[&slot];
            e.translation.flow.store(value, Block::Matrix, slot);
        }
        for &operation in &row.forward {
            e.substitute(operation);
        }
    }
    e.finish(lu)
}

/// Entries of each row, in the order of elimination.
fn slots_by_row(lu: &Factorisation) -> Vec<Vec<u32>> {
    let mut slots: Vec<Vec<u32>> = Vec::with_capacity(lu.rows().len());
    for row in lu.rows() {
        let left = |operation: &Operation| match *operation {
            Operation::AddProduct { left, .. } => left,
            Operation::Scale { by, .. } => by,
            Operation::Invert { .. } => unreachable!("substitution inverts nothing"),
        };
        slots.push(row.forward.iter().chain(&row.backward).map(left).collect());
    }
    slots
}

/// Rates and the unknowns of a later stage.
pub(crate) fn later(recipe: &Recipe, lu: &Factorisation) -> Flow {
    let mut translation = Translation::new(recipe, true);
    let (inverse_step, weight) = (
        translation.flow.load(Block::Extra, INVERSE_STEP as u32),
        translation.flow.load(Block::Extra, TIME_WEIGHT as u32),
    );
    let mut e = Elimination {
        translation,
        entries: BTreeMap::new(),
        unknowns: vec![None; recipe.rates.len()],
    };
    for row in lu.rows() {
        let state = row.state as usize;
        let rate = e.translation.value(recipe.rates[state]);
        let flow = &mut e.translation.flow;
        let sum = flow.load(Block::Sums, row.state);
        let product = flow.mul(inverse_step, sum);
        let mut value = flow.add(rate, product);
        if !recipe.by_time.is_empty() {
            let by_time = flow.load(Block::Extra, (TIME_DERIVATIVE + state) as u32);
            let product = flow.mul(weight, by_time);
            value = flow.add(value, product);
        }
        e.unknowns[state] = Some(value);
        for &operation in &row.forward {
            e.substitute(operation);
        }
    }
    e.finish(lu)
}
