//! What can be wrong with an item of a form.

use crate::decimal::Decimal;

/// A form that cannot be scored, and the item that stands in the way.
///
/// Missing is not wrong: a score whose items were not all assessed fails with [`ItemError::NotAssessed`], and the
/// caller decides what a missing score means. Nothing is imputed here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ItemError {
    /// The item was not assessed, and the score needs it.
    #[error("{instrument}: item `{item}` was not assessed; help: enter it, or use the bounds of the score")]
    NotAssessed {
        /// Instrument.
        instrument: &'static str,
        /// Item id.
        item: &'static str,
    },
    /// The value lies outside the item's range.
    #[error("{instrument}: item `{item}` must lie in {low} to {high}, found {value}")]
    OutOfRange {
        /// Instrument.
        instrument: &'static str,
        /// Item id.
        item: &'static str,
        /// The value found.
        value: Decimal,
        /// Smallest possible value.
        low: Decimal,
        /// Largest possible value.
        high: Decimal,
    },
    /// Two entries of the form cannot both be true.
    #[error("{instrument}: item `{item}` {conflict}")]
    Impossible {
        /// Instrument.
        instrument: &'static str,
        /// Item id.
        item: &'static str,
        /// What contradicts it.
        conflict: &'static str,
    },
    /// A form with the wrong number of items.
    #[error("{instrument}: the form has {expected} items, found {found}")]
    WrongLength {
        /// Instrument.
        instrument: &'static str,
        /// Items of the form.
        expected: usize,
        /// Items given.
        found: usize,
    },
}

/// Fails if `value` lies outside `low..=high`.
pub(crate) fn in_range(
    instrument: &'static str,
    item: &'static str,
    value: Decimal,
    low: Decimal,
    high: Decimal,
) -> Result<(), ItemError> {
    if low <= value && value <= high {
        return Ok(());
    }
    Err(ItemError::OutOfRange {
        instrument,
        item,
        value,
        low,
        high,
    })
}

/// Fails if a measured quantity is negative or beyond `high`; absent values pass.
pub(crate) fn plausible(
    instrument: &'static str,
    values: &[(&'static str, Option<Decimal>, i64)],
) -> Result<(), ItemError> {
    for &(item, value, high) in values {
        if let Some(value) = value {
            in_range(instrument, item, value, Decimal::ZERO, Decimal::whole(high))?;
        }
    }
    Ok(())
}
