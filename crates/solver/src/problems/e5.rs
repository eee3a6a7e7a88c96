use super::{Known, Problem};

/// E5, a chemical pyrolysis with rate constants over sixteen decades and concentrations down to 1e-20.
///
/// Source: Enright, Hull & Lindberg 1975, BIT 15:10, problem E5; Hairer & Wanner, Solving Ordinary Differential Equations II,
/// eq. IV.10.7. End value: computed with scipy's Radau, validation/solver/zoo.py; nine digits, cancellation takes the others.
pub struct E5;

const A: f64 = 7.89e-10;
const B: f64 = 1.1e7;
const C: f64 = 1.13e3;
/// C times the constant M = 1e6.
const MC: f64 = 1.13e9;

impl Known for E5 {
    const NAME: &'static str = "E5";
    const END: f64 = 1e5;
    const SMALL: f64 = 1e-24;
    const CONDITION: f64 = 24.3;
    fn at_end() -> Vec<f64> {
        vec![
            7.481_320_823_607e-6,
            2.373_478_156_696e-12,
            2.212_358_668_769e-12,
            1.611_194_871_740e-13,
        ]
    }
}

impl Problem for E5 {
    const STATES: usize = 4;
    const INPUTS: usize = 0;
    fn initial() -> Vec<f64> {
        vec![1.76e-3, 0.0, 0.0, 0.0]
    }
    fn inputs() -> Vec<f64> {
        vec![]
    }
    fn rates(_time: f64, y: &[f64], _inputs: &[f64], rates: &mut [f64]) {
        let (split, pair, lost, back) = (A * y[0], B * y[0] * y[2], MC * y[1] * y[2], C * y[3]);
        rates.copy_from_slice(&[-split - pair, split - lost, split - pair - lost + back, pair - back]);
    }
    #[rustfmt::skip]
    fn jacobian(_time: f64, y: &[f64], _inputs: &[f64], jacobian: &mut [f64]) {
        let (b0, b2, c1, c2) = (B * y[0], B * y[2], MC * y[1], MC * y[2]);
        jacobian.copy_from_slice(&[
            -A - b2, 0.0, -b0, 0.0,
            A, -c2, -c1, 0.0,
            A - b2, -c2, -b0 - c1, C,
            b2, 0.0, b0, -C,
        ]);
    }
}
