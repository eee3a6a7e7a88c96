use super::{Known, Problem};

/// Linear decay `y' = -k y + r`, input `[k, r]`: y(t) = r/k + (y0 - r/k) exp(-k t).
pub struct Linear;

impl Linear {
    /// The exact solution.
    #[must_use]
    pub fn exact(time: f64, initial: f64, k: f64, r: f64) -> f64 {
        r / k + (initial - r / k) * (-k * time).exp()
    }
}

impl Problem for Linear {
    const STATES: usize = 1;
    const INPUTS: usize = 2;
    fn initial() -> Vec<f64> {
        vec![1.0]
    }
    fn inputs() -> Vec<f64> {
        vec![0.5, 0.0]
    }
    fn rates(_time: f64, y: &[f64], inputs: &[f64], rates: &mut [f64]) {
        rates[0] = -inputs[0] * y[0] + inputs[1];
    }
    fn jacobian(_time: f64, _y: &[f64], inputs: &[f64], jacobian: &mut [f64]) {
        jacobian[0] = -inputs[0];
    }
}

impl Known for Linear {
    const NAME: &'static str = "linear";
    const END: f64 = 2.0;
    const SMALL: f64 = 1e-3;
    const CONDITION: f64 = 0.999;
    fn at_end() -> Vec<f64> {
        vec![Linear::exact(Self::END, 1.0, 0.5, 0.0)]
    }
}
