use super::{Known, Problem};

/// Van der Pol's oscillator in stiff form, `y1' = y2`, `y2' = ((1 - y1^2) y2 - y1) / epsilon`, input `[epsilon]`.
///
/// Source: Hairer & Wanner, Solving Ordinary Differential Equations II, eq. IV.1.5'; end value from the Test Set for IVP Solvers
/// (Mazzia & Magherini, release 2.4), problem VDPOL, epsilon = 1e-6; scipy's Radau agrees to
/// thirteen digits (validation/solver/zoo.py).
pub struct VanDerPol;

impl Known for VanDerPol {
    const NAME: &'static str = "van der Pol";
    const END: f64 = 2.0;
    const SMALL: f64 = 1e-3;
    const CONDITION: f64 = 1.57;
    fn at_end() -> Vec<f64> {
        vec![1.706_167_732_170_483, -0.892_809_701_024_797_5]
    }
}

impl Problem for VanDerPol {
    const STATES: usize = 2;
    const INPUTS: usize = 1;
    fn initial() -> Vec<f64> {
        vec![2.0, 0.0]
    }
    fn inputs() -> Vec<f64> {
        vec![1e-6]
    }
    fn rates(_time: f64, y: &[f64], inputs: &[f64], rates: &mut [f64]) {
        rates[0] = y[1];
        rates[1] = ((1.0 - y[0] * y[0]) * y[1] - y[0]) / inputs[0];
    }
    fn jacobian(_time: f64, y: &[f64], inputs: &[f64], jacobian: &mut [f64]) {
        let below = (-2.0 * y[0] * y[1] - 1.0) / inputs[0];
        jacobian.copy_from_slice(&[0.0, 1.0, below, (1.0 - y[0] * y[0]) / inputs[0]]);
    }
}
