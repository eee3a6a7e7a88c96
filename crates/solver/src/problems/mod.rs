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

/// A problem whose solution is known somewhere.
pub trait Known: Problem {
    /// What the literature calls it.
    const NAME: &'static str;
    /// Where the solution is known.
    const END: f64;
    /// Size below which a state does not matter: the absolute tolerance to use is this times the relative one.
    const SMALL: f64;
    /// How many tolerances an error of one tolerance, made in one of the steps and in the worst direction, is at the end: the mean over the
    /// steps of an adaptive integrator. Source: adjoint equations of the reference solution, validation/solver/zoo.py.
    const CONDITION: f64;
    /// Solution at [`Self::END`] for the usual initial values and inputs.
    fn at_end() -> Vec<f64>;
    /// Largest error over the states of what somebody found at [`Self::END`], in units of |y| + [`Self::SMALL`].
    fn error_at_end(found: &[f64]) -> f64 {
        let error = |(y, exact): (&f64, f64)| (y - exact).abs() / (exact.abs() + Self::SMALL);
        found.iter().zip(Self::at_end()).map(error).fold(0.0, f64::max)
    }
}

/// Something to do with every problem.
pub trait Visitor {
    /// Does it with one.
    fn visit<P: Known>(&mut self);
}

/// Shows `visitor` every problem.
pub fn visit_all(visitor: &mut impl Visitor) {
    visitor.visit::<Linear>();
    visitor.visit::<Transit>();
    visitor.visit::<Spiral>();
    visitor.visit::<ProtheroRobinson>();
    visitor.visit::<Robertson>();
    visitor.visit::<Hires>();
    visitor.visit::<Oregonator>();
    visitor.visit::<VanDerPol>();
    visitor.visit::<Pollution>();
    visitor.visit::<ChemicalAkzo>();
    visitor.visit::<E5>();
}

/// Most states of a problem here.
const MOST_STATES: usize = 20;

/// A [`Problem`] as a [`System`], one lane after the other, dense: for tests, not for speed.
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

/// Lane `l` of each quantity, at the beginning of the array.
fn column(lanes: &[Lane], l: usize) -> [f64; MOST_STATES] {
    let mut out = [0.0; MOST_STATES];
    for (value, lane) in out.iter_mut().zip(lanes) {
        *value = lane.0[l];
    }
    out
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
        let mut f = [0.0; MOST_STATES];
        for l in 0..LANES {
            let (y, inputs) = (column(y, l), column(inputs, l));
            P::rates(time.0[l], &y[..P::STATES], &inputs[..P::INPUTS], &mut f[..P::STATES]);
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
        let mut j = [0.0; MOST_STATES * MOST_STATES];
        for l in 0..LANES {
            let (y, inputs) = (column(y, l), column(inputs, l));
            let (y, inputs) = (&y[..P::STATES], &inputs[..P::INPUTS]);
            P::jacobian(time.0[l], y, inputs, &mut j[..P::STATES * P::STATES]);
            set_column(jacobian, l, &j);
            if let Some(derivative) = P::time_derivative(time.0[l], y, inputs) {
                set_column(time_derivative, l, &derivative);
            }
        }
    }

    fn depends_on_time(&self) -> bool {
        P::time_derivative(0.0, &P::initial(), &P::inputs()).is_some()
    }
}
