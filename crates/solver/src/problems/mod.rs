//! Test problems with known answers, for the tests and for trying settings.

mod chemical_akzo;
mod e5;
mod hires;
mod linear;
mod oregonator;
mod pollution;
mod prothero_robinson;
mod robertson;
mod spiral;
mod transit;
mod van_der_pol;

pub use chemical_akzo::ChemicalAkzo;
pub use e5::E5;
pub use hires::Hires;
pub use linear::Linear;
pub use oregonator::Oregonator;
pub use pollution::Pollution;
pub use prothero_robinson::ProtheroRobinson;
pub use robertson::Robertson;
pub use spiral::Spiral;
pub use transit::Transit;
pub use van_der_pol::VanDerPol;

use crate::lane::{LANES, Lane};
use crate::system::{Pattern, System};

/// A problem written for one patient, dense; inputs are its parameters.
pub trait Problem {
    /// Number of states.
    const STATES: usize;
    /// Number of inputs.
    const INPUTS: usize;
    /// Usual initial values.
    fn initial() -> Vec<f64>;
    /// Usual inputs.
    fn inputs() -> Vec<f64>;
    /// Rates.
    fn rates(time: f64, y: &[f64], inputs: &[f64], rates: &mut [f64]);
    /// Jacobian, row by row.
    fn jacobian(time: f64, y: &[f64], inputs: &[f64], jacobian: &mut [f64]);
    /// `df/dt` if the problem depends on time.
    fn time_derivative(_time: f64, _y: &[f64], _inputs: &[f64]) -> Option<Vec<f64>> {
        None
    }
}

/// A [`Problem`] as a [`System`], one lane after the other. Allocates: for tests, not for speed.
pub struct Batched<P> {
    pattern: Pattern,
    problem: std::marker::PhantomData<P>,
}

impl<P: Problem> Default for Batched<P> {
    fn default() -> Self {
        let n = P::STATES as u32;
        let entries = (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).collect();
        Batched {
            pattern: Pattern { n: P::STATES, entries },
            problem: std::marker::PhantomData,
        }
    }
}

fn column(lanes: &[Lane], l: usize) -> Vec<f64> {
    lanes.iter().map(|lane| lane.0[l]).collect()
}

fn set_column(lanes: &mut [Lane], l: usize, values: &[f64]) {
    for (lane, &value) in lanes.iter_mut().zip(values) {
        lane.0[l] = value;
    }
}

impl<P: Problem> System for Batched<P> {
    fn n_states(&self) -> usize {
        P::STATES
    }
    fn n_inputs(&self) -> usize {
        P::INPUTS
    }
    fn n_work(&self) -> usize {
        0
    }
    fn pattern(&self) -> &Pattern {
        &self.pattern
    }
    fn prepare(&self, _inputs: &[Lane], _work: &mut [Lane]) {}

    fn rates(&self, time: &Lane, y: &[Lane], inputs: &[Lane], _work: &mut [Lane], rates: &mut [Lane]) {
        let mut f = vec![0.0; P::STATES];
        for l in 0..LANES {
            P::rates(time.0[l], &column(y, l), &column(inputs, l), &mut f);
            set_column(rates, l, &f);
        }
    }

    fn rates_and_jacobian(
        &self,
        time: &Lane,
        y: &[Lane],
        inputs: &[Lane],
        work: &mut [Lane],
        rates: &mut [Lane],
        jacobian: &mut [Lane],
        time_derivative: &mut [Lane],
    ) {
        self.rates(time, y, inputs, work, rates);
        let mut j = vec![0.0; P::STATES * P::STATES];
        for l in 0..LANES {
            let (y, inputs) = (column(y, l), column(inputs, l));
            P::jacobian(time.0[l], &y, &inputs, &mut j);
            set_column(jacobian, l, &j);
            if let Some(derivative) = P::time_derivative(time.0[l], &y, &inputs) {
                set_column(time_derivative, l, &derivative);
            }
        }
    }

    fn depends_on_time(&self) -> bool {
        P::time_derivative(0.0, &P::initial(), &P::inputs()).is_some()
    }
}
