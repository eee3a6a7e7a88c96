use super::{Known, Problem};

/// Robertson's chemical reactions, rate constants as inputs `[0.04, 3e7, 1e4]`.
///
/// Source: Robertson 1966; Hairer & Wanner, Solving Ordinary Differential Equations II, eq. IV.1.4; end value from the Test Set for
/// IVP Solvers (Mazzia & Magherini, release 2.4), problem ROBER;
/// scipy\'s Radau agrees to eleven digits (validation/solver/zoo.py).
pub struct Robertson;

impl Known for Robertson {
    const NAME: &'static str = "Robertson";
    const END: f64 = 1e11;
    const SMALL: f64 = 1e-15;
    const CONDITION: f64 = 1.96;
    fn at_end() -> Vec<f64> {
        vec![
            0.208_334_014_970_125_5e-7,
            0.833_336_077_033_471_3e-13,
            0.999_999_979_166_505,
        ]
    }
}

impl Problem for Robertson {
    const STATES: usize = 3;
    const INPUTS: usize = 3;
    fn initial() -> Vec<f64> {
        vec![1.0, 0.0, 0.0]
    }
    fn inputs() -> Vec<f64> {
        vec![0.04, 3e7, 1e4]
    }
    fn rates(_time: f64, y: &[f64], k: &[f64], rates: &mut [f64]) {
        let (slow, pair, back) = (k[0] * y[0], k[1] * y[1] * y[1], k[2] * y[1] * y[2]);
        rates.copy_from_slice(&[back - slow, slow - back - pair, pair]);
    }
    #[rustfmt::skip]
    fn jacobian(_time: f64, y: &[f64], k: &[f64], jacobian: &mut [f64]) {
        jacobian.copy_from_slice(&[
            -k[0], k[2] * y[2], k[2] * y[1],
            k[0], -k[2] * y[2] - 2.0 * k[1] * y[1], -k[2] * y[1],
            0.0, 2.0 * k[1] * y[1], 0.0,
        ]);
    }
}
