use super::{Known, Problem};

/// High irradiance response of photomorphogenesis, 8 states.
///
/// Source: Schaefer 1975, J. Math. Biol. 2:41; Hairer & Wanner, Solving Ordinary Differential Equations II, eq. IV.10.4; end value from
/// the Test Set for IVP Solvers (Mazzia & Magherini, release 2.4), problem HIRES;
/// scipy\'s Radau agrees to eleven digits (validation/solver/zoo.py).
pub struct Hires;

impl Known for Hires {
    const NAME: &'static str = "HIRES";
    const END: f64 = 321.8122;
    const SMALL: f64 = 1e-6;
    const CONDITION: f64 = 76.3;
    fn at_end() -> Vec<f64> {
        vec![
            0.737_131_257_332_566_8e-3,
            0.144_248_572_631_618_5e-3,
            0.588_872_974_096_757_5e-4,
            0.117_565_134_328_314_9e-2,
            0.238_635_619_883_133_1e-2,
            0.623_896_825_274_279_6e-2,
            0.284_999_839_518_576_9e-2,
            0.285_000_160_481_423_1e-2,
        ]
    }
}

impl Problem for Hires {
    const STATES: usize = 8;
    const INPUTS: usize = 0;
    fn initial() -> Vec<f64> {
        vec![1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057]
    }
    fn inputs() -> Vec<f64> {
        vec![]
    }
    fn rates(_time: f64, y: &[f64], _inputs: &[f64], rates: &mut [f64]) {
        rates.copy_from_slice(&[
            -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007,
            1.71 * y[0] - 8.75 * y[1],
            -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4],
            8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3],
            -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6],
            -280.0 * y[5] * y[7] + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6],
            280.0 * y[5] * y[7] - 1.81 * y[6],
            -280.0 * y[5] * y[7] + 1.81 * y[6],
        ]);
    }
    #[rustfmt::skip]
    fn jacobian(_time: f64, y: &[f64], _inputs: &[f64], jacobian: &mut [f64]) {
        let (a, b) = (280.0 * y[7], 280.0 * y[5]);
        jacobian.copy_from_slice(&[
            -1.71, 0.43, 8.32, 0.0, 0.0, 0.0, 0.0, 0.0,
            1.71, -8.75, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
            0.0, 0.0, -10.03, 0.43, 0.035, 0.0, 0.0, 0.0,
            0.0, 8.32, 1.71, -1.12, 0.0, 0.0, 0.0, 0.0,
            0.0, 0.0, 0.0, 0.0, -1.745, 0.43, 0.43, 0.0,
            0.0, 0.0, 0.0, 0.69, 1.71, -a - 0.43, 0.69, -b,
            0.0, 0.0, 0.0, 0.0, 0.0, a, -1.81, b,
            0.0, 0.0, 0.0, 0.0, 0.0, -a, 1.81, -b,
        ]);
    }
}
