//! The border between equations and integrator: eight patients side by side.

use crate::lane::Lane;

/// Where the Jacobian may be non-zero. Entries are sorted by row, then column; the diagonal is always present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Order of the square matrix.
    pub n: usize,
    /// `(row, column)` of each entry.
    pub entries: Vec<(u32, u32)>,
}

/// Ordinary differential equations `y' = f(t, y; inputs)` evaluated for all lanes at once.
///
/// Lanes never mix: lane `l` of every output depends on lane `l` of the inputs only, by the same operations in the same
/// order for every lane, so that a patient's numbers do not depend on the lane or on its neighbours.
/// `work` is scratch owned by the caller; `prepare` leaves in it whatever depends on `inputs` alone.
pub trait System {
    /// Number of state variables.
    fn n_states(&self) -> usize;
    /// Number of inputs (per-patient parameters and doses that change between segments).
    fn n_inputs(&self) -> usize;
    /// Length of the scratch slice.
    fn n_work(&self) -> usize;
    /// Sparsity of the Jacobian.
    fn pattern(&self) -> &Pattern;
    /// Recomputes what depends on inputs only; called after any lane's inputs changed.
    fn prepare(&self, inputs: &[Lane], work: &mut [Lane]);
    /// Rates `dy/dt`.
    fn rates(&self, time: &Lane, y: &[Lane], inputs: &[Lane], work: &mut [Lane], rates: &mut [Lane]);
    #[expect(
        clippy::too_many_arguments,
        reason = "what goes in and what comes out, all slices of lanes"
    )]
    /// Rates, the Jacobian's entries in the order of [`Self::pattern`], and the explicit time derivative `df/dt`.
    fn rates_and_jacobian(
        &self,
        time: &Lane,
        y: &[Lane],
        inputs: &[Lane],
        work: &mut [Lane],
        rates: &mut [Lane],
        jacobian: &mut [Lane],
        time_derivative: &mut [Lane],
    );
    /// False if no equation mentions time; the integrator then skips the `df/dt` terms.
    fn depends_on_time(&self) -> bool;
}

/// A reference to a system is a system: several integrators (one per thread) can share one.
impl<S: System + ?Sized> System for &S {
    fn n_states(&self) -> usize {
        (**self).n_states()
    }
    fn n_inputs(&self) -> usize {
        (**self).n_inputs()
    }
    fn n_work(&self) -> usize {
        (**self).n_work()
    }
    fn pattern(&self) -> &Pattern {
        (**self).pattern()
    }
    fn prepare(&self, inputs: &[Lane], work: &mut [Lane]) {
        (**self).prepare(inputs, work);
    }
    fn rates(&self, time: &Lane, y: &[Lane], inputs: &[Lane], work: &mut [Lane], rates: &mut [Lane]) {
        (**self).rates(time, y, inputs, work, rates);
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
        (**self).rates_and_jacobian(time, y, inputs, work, rates, jacobian, time_derivative);
    }
    fn depends_on_time(&self) -> bool {
        (**self).depends_on_time()
    }
}
