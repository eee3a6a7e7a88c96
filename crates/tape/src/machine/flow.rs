//! Straight-line computations on lanes: single-assignment values, in the order in which they are to be computed.

use std::collections::BTreeMap;

use malar_model::expression::Unary;

use super::fold::{self, Folded};

/// A block of lanes that a function is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Block {
    /// Constants, inputs and prepared values of a [`crate::Tape`].
    Work,
    Argument,
    Sums,
    Matrix,
    U,
    /// Numbers of the step, time derivatives, scratch.
    Extra,
}

/// A lane in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub block: Block,
    pub index: u32,
}

/// Index of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Value(pub u32);

/// Operations with two operands; `Min` and `Max` give the second operand if either is NaN or they are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Min,
    Max,
    And,
    Or,
    Xor,
    /// Of the bit patterns, as 64-bit integers.
    AddBits,
}

/// Comparisons, false if either is NaN except `Unordered`, which is true then and only then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessEqual,
    /// Less or greater.
    Apart,
    /// Not equal: true for NaN.
    NotEqual,
    Unordered,
}

/// How a value comes about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Node {
    Load(Place),
    /// The same bits in every lane.
    Constant(u64),
    Two(Operator, Value, Value),
    /// `[a, b, c]`: `a b - c`, rounded once.
    MultiplySubtract([Value; 3]),
    Sqrt(Value),
    Floor(Value),
    Ceil(Value),
    /// The bit pattern shifted left (positive) or right.
    Shift(Value, i8),
    /// `[a, b, then, otherwise]`: `then` where the comparison of `a` and `b` holds.
    Choose(Comparison, [Value; 4]),
    /// A rare function, computed lane by lane outside.
    Call(Unary, Value),
}

impl Node {
    /// What the node is computed from.
    pub fn operands(self) -> impl Iterator<Item = Value> {
        let operands = match self {
            Node::Load(_) | Node::Constant(_) => [None; 4],
            Node::Two(_, a, b) => [Some(a), Some(b), None, None],
            Node::Sqrt(a) | Node::Floor(a) | Node::Ceil(a) | Node::Shift(a, _) | Node::Call(_, a) => {
                [Some(a), None, None, None]
            }
            Node::MultiplySubtract([a, b, c]) => [Some(a), Some(b), Some(c), None],
            Node::Choose(_, all) => all.map(Some),
        };
        operands.into_iter().flatten()
    }
}

/// One thing to do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item {
    Compute(Value),
    Store(Value, Place),
}

/// A computation being written down.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flow {
    pub nodes: Vec<Node>,
    pub items: Vec<Item>,
    constants: BTreeMap<u64, Value>,
    loads: BTreeMap<Place, Value>,
}

impl Flow {
    /// The same number in every lane.
    pub fn number(&mut self, number: f64) -> Value {
        self.bits(number.to_bits())
    }

    /// The same bits in every lane.
    pub fn bits(&mut self, bits: u64) -> Value {
        let nodes = &mut self.nodes;
        *self
            .constants
            .entry(bits)
            .or_insert_with(|| push(nodes, Node::Constant(bits)))
    }

    /// What a lane held before anything was stored.
    pub fn load(&mut self, block: Block, index: u32) -> Value {
        let (place, nodes) = (Place { block, index }, &mut self.nodes);
        *self
            .loads
            .entry(place)
            .or_insert_with(|| push(nodes, Node::Load(place)))
    }

    /// Writes a value to memory that is not read before.
    pub fn store(&mut self, value: Value, block: Block, index: u32) {
        self.items.push(Item::Store(value, Place { block, index }));
    }

    /// The same with its items in another order.
    pub fn reordered(&self, items: Vec<Item>) -> Flow {
        Flow { items, ..self.clone() }
    }

    /// Computes a node next.
    pub fn compute(&mut self, node: Node) -> Value {
        let value = push(&mut self.nodes, node);
        self.items.push(Item::Compute(value));
        value
    }

    pub fn two(&mut self, operator: Operator, a: Value, b: Value) -> Value {
        match fold::two(operator, self.constant(a), self.constant(b)) {
            Some(Folded::Bits(bits)) => self.bits(bits),
            Some(Folded::First) => a,
            None => self.compute(Node::Two(operator, a, b)),
        }
    }

    /// The bits of a constant.
    fn constant(&self, value: Value) -> Option<u64> {
        match self.nodes[value.0 as usize] {
            Node::Constant(bits) => Some(bits),
            _ => None,
        }
    }

    pub fn add(&mut self, a: Value, b: Value) -> Value {
        self.two(Operator::Add, a, b)
    }

    pub fn sub(&mut self, a: Value, b: Value) -> Value {
        self.two(Operator::Subtract, a, b)
    }

    pub fn mul(&mut self, a: Value, b: Value) -> Value {
        self.two(Operator::Multiply, a, b)
    }

    pub fn div(&mut self, a: Value, b: Value) -> Value {
        self.two(Operator::Divide, a, b)
    }

    /// `then` where `a comparison b`, else `otherwise`.
    pub fn choose(&mut self, comparison: Comparison, a: Value, b: Value, then: Value, otherwise: Value) -> Value {
        let known = self.constant(a).zip(self.constant(b));
        match known.map(|(a, b)| fold::holds(comparison, a, b)) {
            Some(true) => then,
            Some(false) => otherwise,
            None if then == otherwise => then,
            None => self.compute(Node::Choose(comparison, [a, b, then, otherwise])),
        }
    }

    /// The same without computations that nobody reads.
    pub fn without_idle(&self) -> Flow {
        let mut wanted = vec![false; self.nodes.len()];
        let mut items = self.items.clone();
        items.reverse();
        items.retain(|item| {
            let value = match *item {
                Item::Store(value, _) => {
                    wanted[value.0 as usize] = true;
                    return true;
                }
                Item::Compute(value) => value,
            };
            if wanted[value.0 as usize] {
                for operand in self.nodes[value.0 as usize].operands() {
                    wanted[operand.0 as usize] = true;
                }
            }
            wanted[value.0 as usize]
        });
        items.reverse();
        self.reordered(items)
    }
}

fn push(nodes: &mut Vec<Node>, node: Node) -> Value {
    nodes.push(node);
    Value(u32::try_from(nodes.len() - 1).expect("fewer than 2^32 values"))
}
