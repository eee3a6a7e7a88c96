use super::{Known, Problem};

/// The Oregonator, Field and Noyes' model of the Belousov–Zhabotinsky reaction: a limit cycle with steep fronts.
///
/// Source: Field & Noyes 1974, J. Chem. Phys. 60:1877; Hairer & Wanner, Solving Ordinary Differential Equations II, eq. IV.10.15.
/// End value: computed with scipy's Radau, validation/solver/zoo.py.
pub struct Oregonator;

impl Known for Oregonator {
    const NAME: &'static str = "Oregonator";
    const END: f64 = 360.0;
    const SMALL: f64 = 1e-3;
    const CONDITION: f64 = 2.79;
    fn at_end() -> Vec<f64> {
        vec![1.000_814_870_319, 1.228_178_521_550e3, 1.320_554_942_847e2]
    }
}

impl Problem for Oregonator {
    const STATES: usize = 3;
    const INPUTS: usize = 0;
    fn initial() -> Vec<f64> {
        vec![1.0, 2.0, 3.0]
    }
    fn inputs() -> Vec<f64> {
        vec![]
    }
    fn rates(_time: f64, y: &[f64], _inputs: &[f64], rates: &mut [f64]) {
        rates.copy_from_slice(&[
            77.27 * (y[1] + y[0] * (1.0 - 8.375e-6 * y[0] - y[1])),
            (y[2] - (1.0 + y[0]) * y[1]) / 77.27,
            0.161 * (y[0] - y[2]),
        ]);
    }
    #[rustfmt::skip]
    fn jacobian(_time: f64, y: &[f64], _inputs: &[f64], jacobian: &mut [f64]) {
        jacobian.copy_from_slice(&[
            77.27 * (1.0 - 2.0 * 8.375e-6 * y[0] - y[1]), 77.27 * (1.0 - y[0]), 0.0,
            -y[1] / 77.27, -(1.0 + y[0]) / 77.27, 1.0 / 77.27,
            0.161, 0.0, -0.161,
        ]);
    }
}
