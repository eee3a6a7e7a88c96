//! Hard filter: a virtual patient must be stable at the own baseline.
//!
//! A stable equilibrium needs every eigenvalue of the Jacobian below a limit `-s`. Nearly all couplings that close a loop in
//! this model are activating, so it loses stability through a single real eigenvalue. For a matrix with no negative
//! off-diagonal entry the eigenvalues lie below `-s` exactly if elimination of `-(J + sI)` meets positive pivots only (the
//! M-matrix criterion, Berman & Plemmons 1994, theorem 6.2.3). Ours has a few negative ones; a test in the trial crate
//! shows that the verdict is still that of the eigenvalues. It costs one elimination instead of a decomposition per patient.

/// True if elimination of `-(J + shift I)` has positive pivots only. `jacobian` is dense by row, order `n`; it is overwritten.
pub fn is_stable(jacobian: &mut [f64], n: usize, shift: f64) -> bool {
    for i in 0..n {
        for j in 0..n {
            jacobian[i * n + j] = -jacobian[i * n + j];
        }
        jacobian[i * n + i] -= shift;
    }
    for k in 0..n {
        let pivot = jacobian[k * n + k];
        if pivot.is_nan() || pivot <= 0.0 {
            return false;
        }
        for i in k + 1..n {
            let factor = jacobian[i * n + k] / pivot;
            if factor != 0.0 {
                for j in k + 1..n {
                    jacobian[i * n + j] -= factor * jacobian[k * n + j];
                }
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x' = -a x + b y, y' = c x - d y is stable exactly if ad > bc.
    #[test]
    fn two_states_in_a_loop_are_stable_below_unit_gain() {
        for (gain, stable) in [(0.9, true), (1.1, false)] {
            let mut jacobian = [-1.0, gain, 1.0, -1.0];
            assert_eq!(is_stable(&mut jacobian, 2, 0.0), stable);
        }
    }

    /// The slowest eigenvalue of the loop above is -(1 - sqrt(gain)).
    #[test]
    fn the_shift_asks_for_a_margin() {
        let slowest = 1.0 - 0.9f64.sqrt();
        for (shift, stable) in [(slowest - 1e-9, true), (slowest + 1e-9, false)] {
            let mut jacobian = [-1.0, 0.9, 1.0, -1.0];
            assert_eq!(is_stable(&mut jacobian, 2, shift), stable);
        }
    }
}
