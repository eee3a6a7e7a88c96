use super::{Known, Problem};

/// `y' = -lambda (y - cos t) - sin t`, input `[lambda]`, y(0) = 1: y(t) = cos t for every lambda.
///
/// Source: Prothero & Robinson 1974, Math. Comp. 28:145. Stiff and explicit in time: tests the `df/dt` terms.
pub struct ProtheroRobinson;

impl Problem for ProtheroRobinson {
    const STATES: usize = 1;
    const INPUTS: usize = 1;
    fn initial() -> Vec<f64> {
        vec![1.0]
    }
    fn inputs() -> Vec<f64> {
        vec![10.0]
    }
    fn rates(time: f64, y: &[f64], inputs: &[f64], rates: &mut [f64]) {
        rates[0] = -inputs[0] * (y[0] - time.cos()) - time.sin();
    }
    fn jacobian(_time: f64, _y: &[f64], inputs: &[f64], jacobian: &mut [f64]) {
        jacobian[0] = -inputs[0];
    }
    fn time_derivative(time: f64, _y: &[f64], inputs: &[f64]) -> Option<Vec<f64>> {
        Some(vec![-inputs[0] * time.sin() - time.cos()])
    }
}

impl Known for ProtheroRobinson {
    const NAME: &'static str = "Prothero-Robinson";
    const END: f64 = 10.0;
    const SMALL: f64 = 1e-3;
    const CONDITION: f64 = 0.0622;
    fn at_end() -> Vec<f64> {
        vec![Self::END.cos()]
    }
}
