//! The fast evaluator: eight patients per instruction, one loop per run of equal instructions.
#![expect(
    unsafe_code,
    reason = "register numbers are checked once per program instead of once per access"
)]

use malar_model::expression::{Binary, Unary};
use malar_solver::dispatch::Kernel;
use malar_solver::{LANES, Lane, Place, math};

use super::scalar::{binary, holds, truth, unary};
use crate::program::{Instruction, Opcode, Program, Register};

/// `program` on a register file, to be compiled for an instruction set.
pub(crate) struct RunLanes<'a> {
    program: &'a Program,
    registers: &'a mut [Lane],
}

impl<'a> RunLanes<'a> {
    /// # Panics
    /// If the register file is smaller than the program needs.
    #[inline(always)]
    pub fn new(program: &'a Program, registers: &'a mut [Lane]) -> Self {
        assert!(
            registers.len() >= program.n_registers,
            "register file of {} is too small",
            registers.len()
        );
        RunLanes { program, registers }
    }
}

impl Kernel for RunLanes<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        execute(self.program, &mut Unchecked(self.registers));
    }
}

/// Copies registers to where results are wanted, also with wide instructions.
pub(crate) struct Gather<'a> {
    pub from: &'a [Register],
    pub registers: &'a [Lane],
    pub to: &'a mut [Lane],
}

impl Kernel for Gather<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (to, &register) in self.to.iter_mut().zip(self.from) {
            *to = self.registers[register as usize];
        }
    }
}

/// The safe twin: the same instructions with every register number checked at every access, compiled for any CPU.
#[cfg(test)]
pub(super) fn run_lanes_checked(program: &Program, registers: &mut [Lane]) {
    execute(program, &mut Checked(registers));
}

/// Access to registers.
trait File {
    fn get(&self, register: Place) -> Lane;
    fn set(&mut self, register: Place, value: Lane);
}

#[cfg(test)]
struct Checked<'a>(&'a mut [Lane]);

#[cfg(test)]
impl File for Checked<'_> {
    fn get(&self, register: Place) -> Lane {
        self.0[register.number()]
    }
    fn set(&mut self, register: Place, value: Lane) {
        self.0[register.number()] = value;
    }
}

/// Made by `RunLanes` only, for a file that holds every register its program names.
struct Unchecked<'a>(&'a mut [Lane]);

impl File for Unchecked<'_> {
    #[inline(always)]
    fn get(&self, register: Place) -> Lane {
        // SAFETY: `Program::compile` makes `n_registers` exceed every register number in its code, programs are not changed
        // afterwards, and `RunLanes::new` asserted that the file holds that many.
        unsafe { register.read(self.0) }
    }
    #[inline(always)]
    fn set(&mut self, register: Place, value: Lane) {
        // SAFETY: as in `get`.
        unsafe { register.write(self.0, value) }
    }
}

/// A loop over a run of one-operand instructions. Macros, because a closure that the compiler decides not to inline would be
/// compiled without the wide instructions.
macro_rules! unary_run {
    ($code:ident, $file:ident, |$a:ident| $value:expr) => {
        for instruction in $code {
            let [destination, a, _, _] = instruction.places();
            let $a = $file.get(a);
            $file.set(destination, $value);
        }
    };
}

/// The same with two operands.
macro_rules! binary_run {
    ($code:ident, $file:ident, |$a:ident, $b:ident| $value:expr) => {
        for instruction in $code {
            let [destination, a, b, _] = instruction.places();
            let ($a, $b) = ($file.get(a), $file.get(b));
            $file.set(destination, $value);
        }
    };
}

/// The same with three operands.
macro_rules! ternary_run {
    ($code:ident, $file:ident, |$a:ident, $b:ident, $c:ident| $value:expr) => {
        for instruction in $code {
            let [destination, a, b, c] = instruction.places();
            let ($a, $b, $c) = ($file.get(a), $file.get(b), $file.get(c));
            $file.set(destination, $value);
        }
    };
}

#[inline(always)]
fn execute(program: &Program, file: &mut impl File) {
    let mut rest = program.code.as_slice();
    for &(opcode, n) in &program.runs {
        let (code, after) = rest.split_at(n);
        rest = after;
        run(opcode, code, file);
    }
}

#[inline(always)]
fn run(opcode: Opcode, code: &[Instruction], file: &mut impl File) {
    match opcode {
        Opcode::MultiplyAdd => ternary_run!(code, file, |a, b, c| c + a * b),
        Opcode::MultiplySubtract => ternary_run!(code, file, |a, b, c| c - a * b),
        Opcode::MultiplyMinus => ternary_run!(code, file, |a, b, c| a * b - c),
        Opcode::MultiplyMultiply => ternary_run!(code, file, |a, b, c| a * b * c),
        Opcode::AddAdd => ternary_run!(code, file, |a, b, c| a + b + c),
        Opcode::AddSubtract => ternary_run!(code, file, |a, b, c| a + b - c),
        Opcode::SubtractSubtract => ternary_run!(code, file, |a, b, c| a - b - c),
        Opcode::DivideSum => ternary_run!(code, file, |a, b, c| a / (b + c)),
        Opcode::Select => ternary_run!(code, file, |a, b, c| select(a, b, c)),
        Opcode::Reciprocal => unary_run!(code, file, |a| Lane::splat(1.0) / a),
        Opcode::Unary(op) => run_unary(op, code, file),
        Opcode::Binary(op) => run_binary(op, code, file),
    }
}

#[inline(always)]
fn run_unary(op: Unary, code: &[Instruction], file: &mut impl File) {
    match op {
        Unary::Neg => unary_run!(code, file, |a| -a),
        Unary::Exp => unary_run!(code, file, |a| math::exp_lanes(&a)),
        Unary::Ln => unary_run!(code, file, |a| math::ln_lanes(&a)),
        Unary::Sqrt => unary_run!(code, file, |a| a.map(f64::sqrt)),
        Unary::Abs => unary_run!(code, file, |a| a.map(f64::abs)),
        Unary::Not => unary_run!(code, file, |a| a.map(|a| truth(!holds(a)))),
        // Too rare for a loop of their own, and not vectorised.
        Unary::Floor
        | Unary::Ceil
        | Unary::Sin
        | Unary::Cos
        | Unary::Tan
        | Unary::Asin
        | Unary::Acos
        | Unary::Atan
        | Unary::Sinh
        | Unary::Cosh
        | Unary::Tanh => unary_run!(code, file, |a| one_by_one(op, &a)),
    }
}

#[inline(never)]
fn one_by_one(op: Unary, a: &Lane) -> Lane {
    Lane(a.0.map(|a| unary(op, a)))
}

#[inline(always)]
fn run_binary(op: Binary, code: &[Instruction], file: &mut impl File) {
    match op {
        Binary::Add => binary_run!(code, file, |a, b| a + b),
        Binary::Sub => binary_run!(code, file, |a, b| a - b),
        Binary::Mul => binary_run!(code, file, |a, b| a * b),
        Binary::Div => binary_run!(code, file, |a, b| a / b),
        Binary::Pow => binary_run!(code, file, |a, b| math::pow_lanes(&a, &b)),
        Binary::Min => binary_run!(code, file, |a, b| a.zip(b, |a, b| binary(Binary::Min, a, b))),
        Binary::Max => binary_run!(code, file, |a, b| a.zip(b, |a, b| binary(Binary::Max, a, b))),
        Binary::Lt => binary_run!(code, file, |a, b| a.zip(b, |a, b| truth(a < b))),
        Binary::Le => binary_run!(code, file, |a, b| a.zip(b, |a, b| truth(a <= b))),
        Binary::Gt => binary_run!(code, file, |a, b| a.zip(b, |a, b| truth(a > b))),
        Binary::Ge => binary_run!(code, file, |a, b| a.zip(b, |a, b| truth(a >= b))),
        // Bit-for-bit equality is what the modeller wrote.
        Binary::Eq => binary_run!(code, file, |a, b| a.zip(b, |a, b| truth(a == b))),
        Binary::Ne => binary_run!(code, file, |a, b| a.zip(b, |a, b| truth(a != b))),
        Binary::And => binary_run!(code, file, |a, b| a.zip(b, |a, b| truth(holds(a) & holds(b)))),
        Binary::Or => binary_run!(code, file, |a, b| a.zip(b, |a, b| truth(holds(a) | holds(b)))),
    }
}

#[inline(always)]
fn select(condition: Lane, then: Lane, otherwise: Lane) -> Lane {
    let mut out = otherwise;
    for l in 0..LANES {
        out.0[l] = if holds(condition.0[l]) {
            then.0[l]
        } else {
            otherwise.0[l]
        };
    }
    out
}
