//! From a flow to a function: which value is in which register when.
//!
//! The code is straight, so it is known when each value is needed next. A register is taken from the value that is needed last
//! (Belady 1966, IBM Systems Journal 5:78), and values that lie in memory anyway are read from there where the instruction can.

use malar_model::expression::Unary;

use super::assembler::{Assembler, Operand, Vectors};
use super::encode::{LANE, memory, opcode, predicate};
use super::flow::{Block, Flow, Item, Node, Operator, Place, Value};
use super::uses::{NEVER, Uses};

/// A finished function.
pub(crate) struct Assembled {
    pub bytes: Vec<u8>,
    /// Lanes of scratch that are used.
    pub n_scratch: usize,
}

/// Compiles `flow`; values that find no register go to the block `Extra` from lane `scratch` on. `rare` is the address of the function
/// that computes a rare operation in place. `None` if a displacement would not fit.
pub(crate) fn assemble(flow: &Flow, vectors: Vectors, scratch: usize, rare: fn(Unary) -> usize) -> Option<Assembled> {
    // Everything a function addresses lies within a block; displacements are 32 bits.
    if flow.nodes.len() > (i32::MAX / LANE / 4) as usize {
        return None;
    }
    let mut allocator = Allocator::new(flow, vectors, scratch, rare);
    for at in 0..flow.items.len() {
        allocator.now = at as u32;
        allocator.pinned.clear();
        allocator.free_slots.append(&mut allocator.leaving_slots);
        match flow.items[at] {
            Item::Compute(value) => allocator.compute(value),
            Item::Store(value, place) => allocator.store(value, place),
        }
    }
    Some(Assembled {
        n_scratch: allocator.n_slots,
        bytes: allocator.assembler.finish(),
    })
}

struct Allocator<'a> {
    flow: &'a Flow,
    assembler: Assembler,
    rare: fn(Unary) -> usize,
    uses: Uses,
    register: Vec<Option<u8>>,
    home: Vec<Option<Operand>>,
    /// Scratch lane of values that have one.
    slot: Vec<Option<u32>>,
    holds: Vec<Option<Value>>,
    /// Registers that the current item needs.
    pinned: Vec<u8>,
    free_slots: Vec<u32>,
    /// Free from the next item on: the current one may still read them.
    leaving_slots: Vec<u32>,
    n_slots: usize,
    scratch: usize,
    now: u32,
}

impl<'a> Allocator<'a> {
    fn new(flow: &'a Flow, vectors: Vectors, scratch: usize, rare: fn(Unary) -> usize) -> Self {
        let n = flow.nodes.len();
        let mut assembler = Assembler::new(vectors);
        let mut home = vec![None; n];
        for (home, node) in home.iter_mut().zip(&flow.nodes) {
            *home = match *node {
                Node::Load(place) => Some(memory(place)),
                Node::Constant(bits) => Some(Operand::Constant(assembler.constant(bits))),
                _ => None,
            };
        }
        Allocator {
            flow,
            assembler,
            rare,
            uses: Uses::of(flow),
            register: vec![None; n],
            home,
            slot: vec![None; n],
            holds: vec![None; vectors.registers()],
            pinned: Vec::new(),
            free_slots: Vec::new(),
            leaving_slots: Vec::new(),
            n_slots: 0,
            scratch,
            now: 0,
        }
    }

    /// When a value is read next, the current item not counted.
    fn next_use(&mut self, value: Value) -> u32 {
        self.uses.next_after(self.now, value)
    }

    fn compute(&mut self, value: Value) {
        let node = self.flow.nodes[value.0 as usize];
        if self.next_use(value) == NEVER {
            return; // nobody wants it
        }
        // Nothing that this item reads may lose its register to something else that it reads.
        self.pinned
            .extend(node.operands().filter_map(|operand| self.register[operand.0 as usize]));
        match node {
            Node::Two(operator, a, b) => {
                let (a, b) = self.in_good_order(operator, a, b);
                let (left, right) = self.two_operands(a, b);
                let to = self.destination(value, &[a, b]);
                self.assembler.arithmetic(opcode(operator), to, left, right);
            }
            Node::MultiplySubtract([a, b, c]) => {
                let (left, right) = self.two_operands(a, b);
                let third = self.anywhere(c);
                // The instruction overwrites what it subtracts from the product: a copy.
                let to = self.take();
                self.assembler.load(to, third);
                self.assembler.multiply_subtract(to, left, right);
                self.release_if_last(&[a, b, c]);
                self.settle(value, to);
            }
            Node::Sqrt(a) => {
                let operand = self.anywhere(a);
                let to = self.destination(value, &[a]);
                self.assembler.sqrt(to, operand);
            }
            Node::Floor(a) | Node::Ceil(a) => {
                let operand = self.anywhere(a);
                let to = self.destination(value, &[a]);
                let mode = if matches!(node, Node::Floor(_)) { 9 } else { 10 };
                self.assembler.round(to, operand, mode);
            }
            Node::Shift(a, by) => {
                let from = self.in_register(a);
                let to = self.destination(value, &[a]);
                self.assembler.shift(to, from, by);
            }
            Node::Choose(comparison, [a, b, then, otherwise]) => {
                let (left, right) = self.two_operands(a, b);
                self.assembler.compare(predicate(comparison), left, right);
                let otherwise_register = self.in_register(otherwise);
                let then_operand = self.anywhere(then);
                let to = self.destination(value, &[a, b, then, otherwise]);
                self.assembler.blend(to, then_operand, otherwise_register);
            }
            Node::Call(op, a) => self.call(value, op, a),
            Node::Load(_) | Node::Constant(_) => unreachable!("leaves are not computed"),
        }
    }

    /// Puts the operand that is in a register first where the order does not matter.
    fn in_good_order(&self, operator: Operator, a: Value, b: Value) -> (Value, Value) {
        let commutes = matches!(
            operator,
            Operator::Add | Operator::Multiply | Operator::And | Operator::Or | Operator::Xor | Operator::AddBits
        );
        let (in_a, in_b) = (
            self.register[a.0 as usize].is_some(),
            self.register[b.0 as usize].is_some(),
        );
        if commutes && !in_a && in_b { (b, a) } else { (a, b) }
    }

    /// The first operand in a register, the second anywhere.
    fn two_operands(&mut self, a: Value, b: Value) -> (u8, Operand) {
        let left = self.in_register(a);
        (left, self.anywhere(b))
    }

    /// A value in a register, loaded if need be.
    fn in_register(&mut self, value: Value) -> u8 {
        if let Some(register) = self.register[value.0 as usize] {
            return register;
        }
        let home = self.home[value.0 as usize].expect("a value without register has a home");
        let register = self.take();
        self.assembler.load(register, home);
        self.settle(value, register);
        register
    }

    /// A value in its register, or in memory if it is not worth one.
    fn anywhere(&mut self, value: Value) -> Operand {
        if let Some(register) = self.register[value.0 as usize] {
            return Operand::Register(register);
        }
        if self.deserves_register(value) {
            return Operand::Register(self.in_register(value));
        }
        self.home[value.0 as usize].expect("a value without register has a home")
    }

    /// True if a value in memory is needed again before some value that could be given up without storing it.
    fn deserves_register(&mut self, value: Value) -> bool {
        let next = self.next_use(value);
        if next == NEVER {
            return false;
        }
        if self.holds.iter().any(Option::is_none) {
            return true;
        }
        (0..self.holds.len()).any(|r| {
            let Some(holder) = self.holds[r] else { return true };
            !self.pinned.contains(&(r as u8)) && self.home[holder.0 as usize].is_some() && self.next_use(holder) > next
        })
    }

    /// The register for the result: one whose value is not needed again if possible.
    fn destination(&mut self, value: Value, operands: &[Value]) -> u8 {
        self.release_if_last(operands);
        // Operands may be overwritten only if they are not needed again; those were released.
        let register = self.take();
        self.settle(value, register);
        register
    }

    /// Forgets those values that are not read again.
    fn release_if_last(&mut self, operands: &[Value]) {
        for &operand in operands {
            if self.next_use(operand) == NEVER {
                self.release(operand);
            }
        }
    }

    fn settle(&mut self, value: Value, register: u8) {
        self.register[value.0 as usize] = Some(register);
        self.holds[register as usize] = Some(value);
        self.pinned.push(register);
    }

    /// Forgets a value that is not needed any more.
    fn release(&mut self, value: Value) {
        if let Some(register) = self.register[value.0 as usize].take() {
            self.holds[register as usize] = None;
            self.pinned.retain(|&pinned| pinned != register);
        }
        if let Some(slot) = self.slot[value.0 as usize].take() {
            self.leaving_slots.push(slot);
            self.home[value.0 as usize] = None;
        }
    }

    /// An empty register; the value needed last gives its own up. Among those in memory already one half as far away will do.
    fn take(&mut self) -> u8 {
        if let Some(register) = self.holds.iter().position(Option::is_none) {
            return register as u8;
        }
        let mut best = (0, 0);
        for r in 0..self.holds.len() {
            let holder = self.holds[r].expect("all are taken");
            if self.pinned.contains(&(r as u8)) {
                continue;
            }
            let distance = u64::from(self.next_use(holder) - self.now);
            let clean = self.home[holder.0 as usize].is_some();
            let score = if clean { 2 * distance } else { distance };
            best = best.max((score, r + 1));
        }
        let register = (best
            .1
            .checked_sub(1)
            .expect("an item needs fewer registers than there are")) as u8;
        self.evict(register);
        register
    }

    /// Empties a register, storing its value if that is nowhere else.
    fn evict(&mut self, register: u8) {
        let holder = self.holds[register as usize]
            .take()
            .expect("the register holds a value");
        self.register[holder.0 as usize] = None;
        if self.home[holder.0 as usize].is_none() && self.next_use(holder) != NEVER {
            let slot = self.new_slot();
            let place = self.scratch_place(slot);
            self.assembler.store(register, place);
            self.home[holder.0 as usize] = Some(place);
            self.slot[holder.0 as usize] = Some(slot);
        }
    }

    fn new_slot(&mut self) -> u32 {
        self.free_slots.pop().unwrap_or_else(|| {
            self.n_slots += 1;
            self.n_slots as u32 - 1
        })
    }

    fn scratch_place(&self, slot: u32) -> Operand {
        memory(Place {
            block: Block::Extra,
            index: self.scratch as u32 + slot,
        })
    }

    fn store(&mut self, value: Value, place: Place) {
        let register = self.in_register(value);
        self.assembler.store(register, memory(place));
        if self.next_use(value) == NEVER {
            self.release(value);
        } else if self.home[value.0 as usize].is_none() {
            self.home[value.0 as usize] = Some(memory(place));
        }
    }

    /// A rare function: everything to memory, one call.
    fn call(&mut self, value: Value, op: Unary, a: Value) {
        let from = self.in_register(a);
        let slot = self.new_slot();
        let place = self.scratch_place(slot);
        self.assembler.store(from, place);
        for register in 0..self.holds.len() as u8 {
            if self.holds[register as usize].is_some() {
                self.evict(register);
            }
        }
        if self.next_use(a) == NEVER {
            self.release(a);
        }
        let Operand::Memory { base, offset } = place else {
            unreachable!("scratch is memory")
        };
        self.assembler.call((self.rare)(op), base, offset);
        self.home[value.0 as usize] = Some(place);
        self.slot[value.0 as usize] = Some(slot);
    }
}
