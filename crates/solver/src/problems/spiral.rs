use super::{Known, Problem};

/// A linear system with eigenvalues -10 ± 100 i, -4, -1, -0.5 and -0.1: fast oscillation that dies out beside slow decay.
///
/// Source: Enright, Hull & Lindberg 1975, BIT 15:10, problem B5 (alpha = 100).
pub struct Spiral;

const DECAY: [f64; 4] = [4.0, 1.0, 0.5, 0.1];

impl Spiral {
    /// The exact solution.
    #[must_use]
    pub fn exact(time: f64) -> Vec<f64> {
        let (sin, cos) = (100.0 * time).sin_cos();
        let size = (-10.0 * time).exp();
        let slow = DECAY.iter().map(|k| (-k * time).exp());
        [size * (cos + sin), size * (cos - sin)]
            .into_iter()
            .chain(slow)
            .collect()
    }
}

impl Problem for Spiral {
    const STATES: usize = 6;
    const INPUTS: usize = 0;
    fn initial() -> Vec<f64> {
        vec![1.0; 6]
    }
    fn inputs() -> Vec<f64> {
        vec![]
    }
    fn rates(_time: f64, y: &[f64], _inputs: &[f64], rates: &mut [f64]) {
        rates[0] = -10.0 * y[0] + 100.0 * y[1];
        rates[1] = -100.0 * y[0] - 10.0 * y[1];
        for (i, k) in DECAY.iter().enumerate() {
            rates[2 + i] = -k * y[2 + i];
        }
    }
    fn jacobian(_time: f64, _y: &[f64], _inputs: &[f64], jacobian: &mut [f64]) {
        jacobian.fill(0.0);
        jacobian[..2].copy_from_slice(&[-10.0, 100.0]);
        jacobian[6..8].copy_from_slice(&[-100.0, -10.0]);
        for (i, k) in DECAY.iter().enumerate() {
            jacobian[(2 + i) * 7] = -k;
        }
    }
}

impl Known for Spiral {
    const NAME: &'static str = "spiral";
    const END: f64 = 2.0;
    const SMALL: f64 = 1e-3;
    const CONDITION: f64 = 1.0;
    fn at_end() -> Vec<f64> {
        Spiral::exact(Self::END)
    }
}
