//! Trials that look at their data more than once.
//!
//! One-sided: a large z is success. Looks are given by information fractions (subjects or events so far over those
//! planned in full), rising to 1. `drift` is the expected z at full information, zero if the treatment does nothing.
//! For an endpoint at a fixed visit the fraction counts those who have reached it, not those enrolled.

mod bounds;
mod futility;
mod interim;
mod walk;

pub use bounds::{Spending, check_bounds, obrien_fleming, pocock, spending_bounds, wang_tsiatis};
pub use futility::{Binding, Bounds, Futility, bounds_with_futility};
pub use interim::{
    combined_z, conditional_error, conditional_power, predictive_power, predictive_power_with_prior,
    second_stage_information,
};
pub use walk::{Crossings, crossings, drift_for_power};

/// Why a design is refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DesignError {
    /// Information fractions have to rise from above 0 to exactly 1.
    #[error("information fractions must rise from above 0 to 1")]
    Information,
    /// An error probability outside (0, 0.5), or a power outside (alpha, 1).
    #[error("an error probability is out of range: `{0}`")]
    Probability(f64),
    /// Nothing is left to spend at a look (numbered from 1): no boundary has that crossing probability.
    #[error("the boundary at look `{look}` cannot spend its share of the error")]
    CannotSpend {
        /// Look, from 1.
        look: usize,
    },
    /// The boundaries given are crossed too often without an effect.
    #[error("these boundaries spend more than the error allowed: `{spent}`")]
    Overspent {
        /// Probability of crossing without an effect.
        spent: f64,
    },
    /// As many boundaries as looks are needed, each a number.
    #[error("each look needs one boundary")]
    Boundaries,
    /// No drift reaches the power with these error probabilities.
    #[error("no effect reaches this power")]
    Power,
}

/// Fractions rise from above zero to one.
pub(crate) fn check_information(information: &[f64]) -> Result<(), DesignError> {
    let rises = information.windows(2).all(|pair| pair[0] < pair[1]);
    let starts = information.first().is_some_and(|first| *first > 0.0);
    let ends = information.last().is_some_and(|last| (last - 1.0).abs() < 1e-12);
    if rises && starts && ends {
        Ok(())
    } else {
        Err(DesignError::Information)
    }
}

/// An error probability is in (0, 0.5).
pub(crate) fn check_error(probability: f64) -> Result<(), DesignError> {
    if probability > 0.0 && probability < 0.5 {
        Ok(())
    } else {
        Err(DesignError::Probability(probability))
    }
}
