use super::{Known, Problem};

/// Air pollution: 25 reactions of 20 species, rate constants over sixteen decades.
///
/// Source: Verwer 1994, SIAM J. Sci. Comput. 15:1243; Test Set for IVP Solvers (Mazzia & Magherini, release 2.4), problem POLLU. End
/// value: computed with scipy's Radau, validation/solver/zoo.py.
pub struct Pollution;

/// A mass-action reaction: rate constant, what reacts, what comes of it; species counted from 1 as published.
type Reaction = (f64, &'static [usize], &'static [usize]);

const REACTIONS: [Reaction; 25] = [
    (0.35, &[1], &[2, 3]),
    (26.6, &[2, 4], &[1]),
    (1.23e4, &[5, 2], &[6, 1]),
    (8.6e-4, &[7], &[5, 5, 8]),
    (8.2e-4, &[7], &[8]),
    (1.5e4, &[7, 6], &[5, 8]),
    (1.3e-4, &[9], &[10, 8, 5]),
    (2.4e4, &[9, 6], &[11]),
    (1.65e4, &[11, 2], &[10, 12, 1]),
    (9e3, &[11, 1], &[13]),
    (0.022, &[13], &[11, 1]),
    (1.2e4, &[10, 2], &[14, 1]),
    (1.88, &[14], &[7, 5]),
    (1.63e4, &[1, 6], &[15]),
    (4.8e6, &[3], &[4]),
    (3.5e-4, &[4], &[16]),
    (0.0175, &[4], &[3]),
    (1e8, &[16], &[6, 6]),
    (4.44e11, &[16], &[3]),
    (1240.0, &[17, 6], &[18, 5]),
    (2.1, &[19], &[2]),
    (5.78, &[19], &[1, 3]),
    (0.0474, &[1, 4], &[19]),
    (1780.0, &[19, 1], &[20]),
    (3.12, &[20], &[19, 1]),
];

impl Known for Pollution {
    const NAME: &'static str = "Pollution";
    const END: f64 = 60.0;
    const SMALL: f64 = 1e-18;
    const CONDITION: f64 = 4.9;
    fn at_end() -> Vec<f64> {
        vec![
            5.646_255_480_023e-2,
            1.342_484_130_422e-1,
            4.139_734_331_099e-9,
            5.523_140_207_484e-3,
            2.018_977_262_302e-7,
            1.464_541_863_494e-7,
            7.784_249_118_998e-2,
            3.245_075_353_396e-1,
            7.494_013_383_881e-3,
            1.622_293_157_302e-8,
            1.135_863_833_257e-8,
            2.230_505_975_721e-3,
            2.087_162_882_799e-4,
            1.396_921_016_840e-5,
            8.964_884_856_898e-3,
            4.352_846_369_330e-18,
            6.899_219_696_264e-3,
            1.007_803_037_366e-4,
            1.772_146_513_970e-6,
            5.682_943_292_316e-5,
        ]
    }
}

impl Problem for Pollution {
    const STATES: usize = 20;
    const INPUTS: usize = 0;
    fn initial() -> Vec<f64> {
        let mut y = vec![0.0; 20];
        for (species, amount) in [(2, 0.2), (4, 0.04), (7, 0.1), (8, 0.3), (9, 0.01), (17, 0.007)] {
            y[species - 1] = amount;
        }
        y
    }
    fn inputs() -> Vec<f64> {
        vec![]
    }
    fn rates(_time: f64, y: &[f64], _inputs: &[f64], rates: &mut [f64]) {
        rates.fill(0.0);
        for (k, reactants, products) in REACTIONS {
            let rate = reactants.iter().fold(k, |rate, &i| rate * y[i - 1]);
            reactants.iter().for_each(|&i| rates[i - 1] -= rate);
            products.iter().for_each(|&i| rates[i - 1] += rate);
        }
    }
    fn jacobian(_time: f64, y: &[f64], _inputs: &[f64], jacobian: &mut [f64]) {
        jacobian.fill(0.0);
        for (k, reactants, products) in REACTIONS {
            // No reaction here needs two of one species.
            for &j in reactants {
                let slope = reactants
                    .iter()
                    .filter(|&&i| i != j)
                    .fold(k, |slope, &i| slope * y[i - 1]);
                reactants.iter().for_each(|&i| jacobian[(i - 1) * 20 + j - 1] -= slope);
                products.iter().for_each(|&i| jacobian[(i - 1) * 20 + j - 1] += slope);
            }
        }
    }
}
