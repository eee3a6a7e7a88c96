//! Expressions as runs of equal instructions over numbered registers.
//!
//! Instructions are in single-assignment form until their registers are chosen: ordered so that equal operations stand together, then given registers that are reused as soon as a value
//! was read for the last time.

use std::collections::BTreeMap;

use malar_model::expression::{Arena, Binary, ExprId, Node, Unary};
use malar_solver::Place;
use malar_solver::runs::order_in_runs;

/// Number of a register.
pub(crate) type Register = u32;

/// What an instruction does with its operands `a`, `b`, `c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Opcode {
    /// `f(a)`
    Unary(Unary),
    /// `f(a, b)`
    Binary(Binary),
    /// `1 / a`
    Reciprocal,
    /// `a != 0 ? b : c`
    Select,
    /// `c + a * b`, rounded twice like the two operations
    MultiplyAdd,
    /// `c - a * b`, rounded twice
    MultiplySubtract,
    /// `a * b - c`, rounded twice
    MultiplyMinus,
    /// `a * b * c`
    MultiplyMultiply,
    /// `a + b + c`
    AddAdd,
    /// `a + b - c`
    AddSubtract,
    /// `a - b - c`
    SubtractSubtract,
    /// `a / (b + c)`
    DivideSum,
}

/// Destination and operands `a`, `b`, `c`; unused operands repeat `a`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instruction([Place; 4]);

impl Instruction {
    fn new(registers: [Option<Register>; 4]) -> Option<Instruction> {
        let mut places = [Place::new(0)?; 4];
        for (place, register) in places.iter_mut().zip(registers) {
            *place = Place::new(register? as usize)?;
        }
        Some(Instruction(places))
    }

    /// `[destination, a, b, c]`, where they lie in the register file of the lanes.
    #[inline(always)]
    pub fn places(self) -> [Place; 4] {
        self.0
    }

    /// `[destination, a, b, c]`.
    pub fn registers(self) -> [usize; 4] {
        self.0.map(Place::number)
    }
}

/// Runs of equal instructions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    /// Opcode and number of instructions.
    pub runs: Vec<(Opcode, usize)>,
    pub code: Vec<Instruction>,
    /// Where each result is found afterwards.
    pub results: Vec<Register>,
    /// One more than the highest register named in `code` and `results`.
    pub n_registers: usize,
}

/// One instruction in single-assignment form: its value is known by the expression it computes.
struct Step {
    opcode: Opcode,
    value: ExprId,
    operands: [ExprId; 3],
}

impl Program {
    /// Compiles `results`. `leaves` are expressions that already have registers; `fixed` wants a result in a certain register; other
    /// values go to registers from `first_free` on. `None` if 2^26 registers, 4 GiB of lanes, are not enough.
    pub fn compile(
        arena: &Arena,
        results: &[ExprId],
        leaves: &BTreeMap<ExprId, Register>,
        fixed: &BTreeMap<ExprId, Register>,
        first_free: usize,
    ) -> Option<Program> {
        let steps = schedule(select_instructions(arena, results, leaves));
        let mut registers = Registers::new(&steps, results, leaves, fixed, first_free);
        let mut program = Program::default();
        for (at, step) in steps.iter().enumerate() {
            let operands = step.operands.map(|id| registers.of(id));
            registers.release_after(at, step);
            let destination = registers.assign(step.value);
            let [a, b, c] = operands;
            program.code.push(Instruction::new([destination, a, b, c])?);
            match program.runs.last_mut() {
                Some((opcode, n)) if *opcode == step.opcode => *n += 1,
                _ => program.runs.push((step.opcode, 1)),
            }
        }
        program.results = results.iter().map(|&id| registers.of(id)).collect::<Option<_>>()?;
        program.n_registers = program.highest_register() + 1;
        Some(program)
    }

    fn highest_register(&self) -> usize {
        let results = self.results.iter().map(|&register| register as usize);
        self.code
            .iter()
            .flat_map(|instruction| instruction.registers())
            .chain(results)
            .max()
            .unwrap_or(0)
    }
}

/// One step per expression that needs computing, operands first. Two operations become one instruction where the first's value is used
/// by the second only: that saves writing and reading it, and rounds the same.
fn select_instructions(arena: &Arena, results: &[ExprId], leaves: &BTreeMap<ExprId, Register>) -> Vec<Step> {
    let ids = needed(arena, results, leaves);
    let mut uses: BTreeMap<ExprId, u32> = BTreeMap::new();
    for id in ids
        .iter()
        .flat_map(|&id| arena.node(id).operands())
        .flatten()
        .chain(results.iter().copied())
    {
        *uses.entry(id).or_default() += 1;
    }
    // The operation behind an operand, if nobody else wants its value: then it can become part of its user.
    let inner = |id: ExprId| match arena.node(id) {
        Node::Binary(op, a, b) if uses[&id] == 1 && !leaves.contains_key(&id) => Some((op, a, b)),
        _ => None,
    };
    let mut steps = Vec::new();
    let mut fused = std::collections::BTreeSet::new();
    for &id in ids.iter().rev() {
        if fused.contains(&id) {
            continue;
        }
        let (opcode, operands) = match arena.node(id) {
            // Exactly one: a reciprocal.
            Node::Binary(Binary::Div, x, y) if arena.constant(x) == Some(1.0) => (Opcode::Reciprocal, [y, y, y]),
            Node::Binary(op, x, y) => match fuse(op, (x, inner(x)), (y, inner(y))) {
                Some((opcode, operands, swallowed)) => {
                    fused.insert(swallowed);
                    (opcode, operands)
                }
                None => (Opcode::Binary(op), [x, y, x]),
            },
            Node::Unary(op, x) => (Opcode::Unary(op), [x, x, x]),
            Node::Select(c, x, y) => (Opcode::Select, [c, x, y]),
            Node::Number(_) | Node::Symbol(_) | Node::Time => unreachable!("leaves have registers"),
        };
        steps.push(Step {
            opcode,
            value: id,
            operands,
        });
    }
    steps.reverse();
    steps
}

/// An operand and the operation behind it that may be swallowed.
type Operand = (ExprId, Option<(Binary, ExprId, ExprId)>);

/// One instruction for `op(x, y)` and the operation behind `x` or `y`, and which of the two that is. Products go first: they are
/// more often behind one operand only.
fn fuse(op: Binary, (x, behind_x): Operand, (y, behind_y): Operand) -> Option<(Opcode, [ExprId; 3], ExprId)> {
    use Binary::{Add, Div, Mul, Sub};
    let found = match (op, behind_x, behind_y) {
        (Add, _, Some((Mul, a, b))) => (Opcode::MultiplyAdd, [a, b, x], y),
        (Add, Some((Mul, a, b)), _) => (Opcode::MultiplyAdd, [a, b, y], x),
        (Sub, _, Some((Mul, a, b))) => (Opcode::MultiplySubtract, [a, b, x], y),
        (Sub, Some((Mul, a, b)), _) => (Opcode::MultiplyMinus, [a, b, y], x),
        (Mul, Some((Mul, a, b)), _) => (Opcode::MultiplyMultiply, [a, b, y], x),
        (Mul, _, Some((Mul, a, b))) => (Opcode::MultiplyMultiply, [a, b, x], y),
        (Add, Some((Add, a, b)), _) => (Opcode::AddAdd, [a, b, y], x),
        (Add, _, Some((Add, a, b))) => (Opcode::AddAdd, [a, b, x], y),
        (Sub, Some((Add, a, b)), _) => (Opcode::AddSubtract, [a, b, y], x),
        (Sub, Some((Sub, a, b)), _) => (Opcode::SubtractSubtract, [a, b, y], x),
        (Div, _, Some((Add, a, b))) => (Opcode::DivideSum, [x, a, b], y),
        _ => return None,
    };
    Some(found)
}

/// Everything between `results` and `leaves`, operands first.
fn needed(arena: &Arena, results: &[ExprId], leaves: &BTreeMap<ExprId, Register>) -> Vec<ExprId> {
    let mut seen = std::collections::BTreeSet::new();
    let mut pending = results.to_vec();
    while let Some(id) = pending.pop() {
        if !leaves.contains_key(&id) && seen.insert(id) {
            pending.extend(arena.node(id).operands().into_iter().flatten());
        }
    }
    seen.into_iter().collect()
}

/// The steps in few runs of equal operations.
fn schedule(steps: Vec<Step>) -> Vec<Step> {
    let place: BTreeMap<ExprId, usize> = steps.iter().enumerate().map(|(i, s)| (s.value, i)).collect();
    let needs = |step: &Step| step.operands.iter().filter_map(|id| place.get(id).copied()).collect();
    let needs: Vec<Vec<usize>> = steps.iter().map(needs).collect();
    let kinds: Vec<Opcode> = steps.iter().map(|step| step.opcode).collect();
    let mut steps: Vec<Option<Step>> = steps.into_iter().map(Some).collect();
    let order = order_in_runs(&kinds, &needs).into_iter();
    order
        .map(|i| steps[i].take().expect("each step is ordered once"))
        .collect()
}

/// Which register holds what, while the steps are walked in order.
struct Registers<'a> {
    leaves: &'a BTreeMap<ExprId, Register>,
    fixed: &'a BTreeMap<ExprId, Register>,
    holds: BTreeMap<ExprId, usize>,
    last_use: BTreeMap<ExprId, usize>,
    free: Vec<usize>,
    next: usize,
}

impl<'a> Registers<'a> {
    fn new(
        steps: &[Step],
        results: &[ExprId],
        leaves: &'a BTreeMap<ExprId, Register>,
        fixed: &'a BTreeMap<ExprId, Register>,
        first_free: usize,
    ) -> Self {
        let mut last_use = BTreeMap::new();
        for (at, step) in steps.iter().enumerate() {
            last_use.extend(step.operands.iter().map(|&id| (id, at)));
        }
        last_use.extend(results.iter().map(|&id| (id, usize::MAX)));
        Registers {
            leaves,
            fixed,
            holds: BTreeMap::new(),
            last_use,
            free: Vec::new(),
            next: first_free,
        }
    }

    fn of(&self, id: ExprId) -> Option<Register> {
        if let Some(&register) = self.leaves.get(&id).or_else(|| self.fixed.get(&id)) {
            return Some(register);
        }
        Register::try_from(self.holds[&id]).ok()
    }

    /// Frees what step `at` read for the last time.
    fn release_after(&mut self, at: usize, step: &Step) {
        for id in step.operands {
            if self.last_use.get(&id) == Some(&at)
                && let Some(register) = self.holds.remove(&id)
            {
                self.free.push(register);
            }
        }
    }

    fn assign(&mut self, id: ExprId) -> Option<Register> {
        if let Some(&register) = self.fixed.get(&id) {
            return Some(register);
        }
        let register = self.free.pop().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        });
        self.holds.insert(id, register);
        Register::try_from(register).ok()
    }
}
