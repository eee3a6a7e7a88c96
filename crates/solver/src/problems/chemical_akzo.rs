use super::{Known, Problem};

/// Chemical Akzo Nobel: two species react under a steady inflow of carbon dioxide, with a square root and a fourth power. The sixth
/// variable of the published form, `K_s y1 y4`, is put in.
///
/// Source: Test Set for IVP Solvers (Mazzia & Magherini, release 2.4), problem CHEMAKZO. End value: computed with scipy's Radau,
/// validation/solver/zoo.py.
pub struct ChemicalAkzo;

const K: [f64; 4] = [18.7, 0.58, 0.09, 0.42];
const BACK: f64 = 0.58 / 34.4;
const K_S: f64 = 115.83;
const K_LA: f64 = 3.3;
const INFLOW: f64 = 3.3 * 0.9 / 737.0;

impl Known for ChemicalAkzo {
    const NAME: &'static str = "chemical Akzo";
    const END: f64 = 180.0;
    const SMALL: f64 = 1e-6;
    const CONDITION: f64 = 2.85;
    fn at_end() -> Vec<f64> {
        vec![
            1.150_794_920_662e-1,
            1.203_831_471_568e-3,
            1.611_562_887_408e-1,
            3.656_156_421_249e-4,
            1.708_010_885_265e-2,
        ]
    }
}

impl Problem for ChemicalAkzo {
    const STATES: usize = 5;
    const INPUTS: usize = 0;
    fn initial() -> Vec<f64> {
        vec![0.444, 0.00123, 0.0, 0.007, 0.0]
    }
    fn inputs() -> Vec<f64> {
        vec![]
    }
    fn rates(_time: f64, y: &[f64], _inputs: &[f64], rates: &mut [f64]) {
        let (root, y6) = (y[1].sqrt(), K_S * y[0] * y[3]);
        let r1 = K[0] * y[0].powi(4) * root;
        let (r2, r3) = (K[1] * y[2] * y[3], BACK * y[0] * y[4]);
        let (r4, r5) = (K[2] * y[0] * y[3] * y[3], K[3] * y6 * y6 * root);
        rates.copy_from_slice(&[
            -2.0 * r1 + r2 - r3 - r4,
            -0.5 * r1 - r4 - 0.5 * r5 + INFLOW - K_LA * y[1],
            r1 - r2 + r3,
            -r2 + r3 - 2.0 * r4,
            r2 - r3 + r5,
        ]);
    }
    fn jacobian(_time: f64, y: &[f64], _inputs: &[f64], jacobian: &mut [f64]) {
        let (root, y6) = (y[1].sqrt(), K_S * y[0] * y[3]);
        // Slopes of each reaction by each state.
        let d1 = [
            4.0 * K[0] * y[0].powi(3) * root,
            K[0] * y[0].powi(4) / (2.0 * root),
            0.0,
            0.0,
            0.0,
        ];
        let d2 = [0.0, 0.0, K[1] * y[3], K[1] * y[2], 0.0];
        let d3 = [BACK * y[4], 0.0, 0.0, 0.0, BACK * y[0]];
        let d4 = [K[2] * y[3] * y[3], 0.0, 0.0, 2.0 * K[2] * y[0] * y[3], 0.0];
        let by_y6 = 2.0 * K[3] * y6 * root;
        let d5 = [
            by_y6 * K_S * y[3],
            K[3] * y6 * y6 / (2.0 * root),
            0.0,
            by_y6 * K_S * y[0],
            0.0,
        ];
        for j in 0..5 {
            jacobian[j] = -2.0 * d1[j] + d2[j] - d3[j] - d4[j];
            jacobian[5 + j] = -0.5 * d1[j] - d4[j] - 0.5 * d5[j];
            jacobian[10 + j] = d1[j] - d2[j] + d3[j];
            jacobian[15 + j] = -d2[j] + d3[j] - 2.0 * d4[j];
            jacobian[20 + j] = d2[j] - d3[j] + d5[j];
        }
        jacobian[6] -= K_LA;
    }
}
