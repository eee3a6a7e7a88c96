use super::{Known, Problem};

/// Five transit compartments in a row, input `[k]`: compartment i holds (k t)^i / i! exp(-k t). Its matrix has one eigenvalue and one
/// eigenvector only.
pub struct Transit;

impl Transit {
    /// The exact solution.
    #[must_use]
    pub fn exact(time: f64, k: f64) -> Vec<f64> {
        let mut term = (-k * time).exp();
        let mut next = |i: i32| {
            let now = term;
            term *= k * time / f64::from(i + 1);
            now
        };
        (0..5).map(&mut next).collect()
    }
}

impl Problem for Transit {
    const STATES: usize = 5;
    const INPUTS: usize = 1;
    fn initial() -> Vec<f64> {
        vec![1.0, 0.0, 0.0, 0.0, 0.0]
    }
    fn inputs() -> Vec<f64> {
        vec![2.0]
    }
    fn rates(_time: f64, y: &[f64], inputs: &[f64], rates: &mut [f64]) {
        for i in 0..5 {
            let inflow = if i == 0 { 0.0 } else { y[i - 1] };
            rates[i] = inputs[0] * (inflow - y[i]);
        }
    }
    fn jacobian(_time: f64, _y: &[f64], inputs: &[f64], jacobian: &mut [f64]) {
        jacobian.fill(0.0);
        for i in 0..5 {
            jacobian[6 * i] = -inputs[0];
            if i > 0 {
                jacobian[6 * i - 1] = inputs[0];
            }
        }
    }
}

impl Known for Transit {
    const NAME: &'static str = "transit";
    const END: f64 = 2.0;
    const SMALL: f64 = 1e-3;
    const CONDITION: f64 = 0.999;
    fn at_end() -> Vec<f64> {
        Transit::exact(Self::END, 2.0)
    }
}
