//! Memory that holds machine code, and the call into it.
#![expect(unsafe_code, reason = "the border to code that the compiler has not seen")]

use malar_solver::stages::StageMemory;
use malar_solver::{LANES, Lane};
use memmap2::{Mmap, MmapMut};

use super::assembler::Vectors;

/// The calling convention is System V's on every system, so that the arguments are where the code expects them.
type Entry = unsafe extern "sysv64" fn(*mut f64, *const f64, *const f64, *mut f64, *mut f64, *mut f64);

/// A function in executable, unwritable memory.
#[derive(Debug)]
pub(super) struct Function {
    code: Mmap,
    vectors: Vectors,
    /// Lanes of each block that it may touch.
    needs: [usize; 6],
}

impl Function {
    /// `None` if the system does not let us have executable memory.
    ///
    /// # Safety
    /// `bytes` must be a function of type [`Entry`] that touches no more than `needs` lanes of each block, in vectors that this CPU has.
    pub unsafe fn new(bytes: &[u8], vectors: Vectors, needs: [usize; 6]) -> Option<Self> {
        let mut memory = MmapMut::map_anon(bytes.len().max(1)).ok()?;
        memory[..bytes.len()].copy_from_slice(bytes);
        // From here on the memory can be executed and not written any more.
        let code = memory.make_exec().ok()?;
        Some(Function { code, vectors, needs })
    }

    /// Runs the function on all lanes.
    ///
    /// # Panics
    /// If a block is too short.
    pub fn run(&self, memory: &mut StageMemory<'_>) {
        let lengths = [
            memory.work.len(),
            memory.argument.len(),
            memory.sums.len(),
            memory.matrix.len(),
            memory.u.len(),
            memory.extra.len(),
        ];
        assert!(
            lengths.iter().zip(&self.needs).all(|(has, needs)| has >= needs),
            "blocks of {lengths:?} lanes are too short"
        );
        // SAFETY: `new` was promised a function of this type.
        let entry: Entry = unsafe { std::mem::transmute(self.code.as_ptr()) };
        for part in (0..LANES).step_by(self.vectors.lanes()) {
            let constant = |lanes: &[Lane]| lanes.as_ptr().cast::<f64>().wrapping_add(part);
            let variable = |lanes: &mut [Lane]| lanes.as_mut_ptr().cast::<f64>().wrapping_add(part);
            let (work, matrix) = (variable(memory.work), variable(memory.matrix));
            let (u, extra) = (variable(memory.u), variable(memory.extra));
            // SAFETY: the function touches lanes that the assertion above found present, each from `part` on for as many numbers as
            // its vectors hold, and reads only where we lend it memory for reading. `new` was promised that the CPU has the vectors.
            unsafe { entry(work, constant(memory.argument), constant(memory.sums), matrix, u, extra) };
        }
    }
}

/// Replaces `lanes` numbers at `numbers` by `function` of them.
pub(super) type Rare = unsafe extern "sysv64" fn(numbers: *mut f64, lanes: u32);

/// A function that machine code can call for each rare operation.
macro_rules! rare {
    ($name:ident, $op:ident) => {
        unsafe extern "sysv64" fn $name(numbers: *mut f64, lanes: u32) {
            // SAFETY: called by code made by `assemble` only, with an address in its scratch and the number of its lanes.
            let numbers = unsafe { std::slice::from_raw_parts_mut(numbers, lanes as usize) };
            for number in numbers {
                *number = malar_model::expression::Unary::$op.apply(*number);
            }
        }
    };
}

rare!(sin, Sin);
rare!(cos, Cos);
rare!(tan, Tan);
rare!(asin, Asin);
rare!(acos, Acos);
rare!(atan, Atan);
rare!(sinh, Sinh);
rare!(cosh, Cosh);
rare!(tanh, Tanh);

/// Address of the function for a rare operation.
pub(super) fn address_of(op: malar_model::expression::Unary) -> usize {
    use malar_model::expression::Unary;
    let function: Rare = match op {
        Unary::Sin => sin,
        Unary::Cos => cos,
        Unary::Tan => tan,
        Unary::Asin => asin,
        Unary::Acos => acos,
        Unary::Atan => atan,
        Unary::Sinh => sinh,
        Unary::Cosh => cosh,
        Unary::Tanh => tanh,
        _ => unreachable!("common operations are written out"),
    };
    function as usize
}
