//! Why a regression could not be fitted.

use crate::matrix::Matrix;

/// Why a regression could not be fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// Fewer usable rows than columns, or no event at all.
    #[error("too few observations for this model")]
    TooFew,
    /// A column is a combination of others.
    #[error("columns of the design are linearly dependent")]
    Singular,
    /// The likelihood has no finite maximum.
    #[error("the columns separate the outcomes perfectly")]
    Separated,
    /// A response or a column is NaN or infinite.
    #[error("a response or a column is not finite")]
    NotFinite,
    /// No maximum was found.
    #[error("no maximum of the likelihood was found")]
    NotConverged,
}

impl FitError {
    /// At least as many rows as columns, all finite.
    pub(crate) fn check_size(design: &Matrix) -> Result<(), FitError> {
        if design.n_columns() == 0 || design.n_rows() < design.n_columns() {
            return Err(FitError::TooFew);
        }
        FitError::check_finite(design.rows().flatten())
    }

    /// Every value finite.
    pub(crate) fn check_finite<'a>(mut values: impl Iterator<Item = &'a f64>) -> Result<(), FitError> {
        if values.all(|x| x.is_finite()) {
            Ok(())
        } else {
            Err(FitError::NotFinite)
        }
    }
}
