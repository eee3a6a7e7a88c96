//! Walks a program of elimination or substitution.
#![expect(
    unsafe_code,
    reason = "operands are checked once per program instead of once per access"
)]

use super::program::{Kind, Program};
use crate::lane::Lane;
use crate::place::Place;

/// Runs `program` with all its operands in the matrix: elimination.
///
/// # Panics
/// If the matrix is smaller than the program needs.
#[inline(always)]
pub(super) fn in_place(program: &Program, matrix: &mut [Lane]) {
    assert!(matrix.len() >= program.n.max(program.n_left), "matrix is too small");
    execute(program, &mut InPlace(matrix));
}

/// Runs `program` with coefficients in the matrix and unknowns in the vector: substitution.
///
/// # Panics
/// If one of them is smaller than the program needs.
#[inline(always)]
pub(super) fn with_vector(program: &Program, matrix: &[Lane], vector: &mut [Lane]) {
    assert!(
        matrix.len() >= program.n_left && vector.len() >= program.n,
        "matrix or vector is too small"
    );
    execute(program, &mut WithVector { matrix, vector });
}

/// Where the operands of a program live. Made by the two functions above only, which check that all of them are there:
/// [`Program`] keeps targets and right operands below its `n`, left ones below its `n_left`.
trait Operands {
    fn target(&self, at: Place) -> Lane;
    fn set_target(&mut self, at: Place, value: Lane);
    fn left(&self, at: Place) -> Lane;
    fn right(&self, at: Place) -> Lane;
}

struct InPlace<'a>(&'a mut [Lane]);

impl Operands for InPlace<'_> {
    #[inline(always)]
    fn target(&self, at: Place) -> Lane {
        // SAFETY: checked by `in_place`.
        unsafe { at.read(self.0) }
    }
    #[inline(always)]
    fn set_target(&mut self, at: Place, value: Lane) {
        // SAFETY: checked by `in_place`.
        unsafe { at.write(self.0, value) }
    }
    #[inline(always)]
    fn left(&self, at: Place) -> Lane {
        self.target(at)
    }
    #[inline(always)]
    fn right(&self, at: Place) -> Lane {
        self.target(at)
    }
}

struct WithVector<'a> {
    matrix: &'a [Lane],
    vector: &'a mut [Lane],
}

impl Operands for WithVector<'_> {
    #[inline(always)]
    fn target(&self, at: Place) -> Lane {
        // SAFETY: checked by `with_vector`.
        unsafe { at.read(self.vector) }
    }
    #[inline(always)]
    fn set_target(&mut self, at: Place, value: Lane) {
        // SAFETY: checked by `with_vector`.
        unsafe { at.write(self.vector, value) }
    }
    #[inline(always)]
    fn left(&self, at: Place) -> Lane {
        // SAFETY: checked by `with_vector`.
        unsafe { at.read(self.matrix) }
    }
    #[inline(always)]
    fn right(&self, at: Place) -> Lane {
        self.target(at)
    }
}

#[inline(always)]
fn execute(program: &Program, on: &mut impl Operands) {
    for (kind, range) in &program.runs {
        let operands = &program.operands[range.clone()];
        match kind {
            Kind::Add1 => add_run::<1, 3>(operands, on),
            Kind::Add2 => add_run::<2, 5>(operands, on),
            Kind::Add3 => add_run::<3, 7>(operands, on),
            Kind::Add4 => add_run::<4, 9>(operands, on),
            Kind::Scale => {
                for &[target, by] in operands.as_chunks().0 {
                    on.set_target(target, on.target(target) * on.left(by));
                }
            }
            Kind::Invert => {
                for &[target] in operands.as_chunks().0 {
                    on.set_target(target, Lane::splat(-1.0) / on.target(target));
                }
            }
        }
    }
}

/// `WIDTH` is `1 + 2 * PAIRS`.
#[inline(always)]
fn add_run<const PAIRS: usize, const WIDTH: usize>(operands: &[Place], on: &mut impl Operands) {
    for operation in operands.as_chunks::<WIDTH>().0 {
        let mut value = on.target(operation[0]);
        for p in 0..PAIRS {
            value = value + on.left(operation[1 + 2 * p]) * on.right(operation[2 + 2 * p]);
        }
        on.set_target(operation[0], value);
    }
}
