//! Physician's global assessment, on 0–3 or on a 100 mm line.
//!
//! 0 none, 1 mild, 2 moderate, 3 severe. Worsening is a rise of 0.3 or more (verified: PMC4785993, NCT04895241): 10 %
//! of the three-point range, or 10 mm, not 10 % of the baseline value. Score it before SLEDAI, which would bias it.
//! Terms of use: a visual analogue scale, free.

use crate::decimal::Decimal;
use crate::error::{ItemError, in_range};

const INSTRUMENT: &str = "PGA";

/// A global assessment between 0 and 3, exact to 0.001.
///
/// ```
/// use malar_instruments::pga::{Pga, Worsening};
/// let before = Pga::on_0_to_3("0.9".parse()?)?;
/// let now = Pga::on_0_to_3("1.2".parse()?)?;
/// assert!(now.is_worse_than(before, Worsening::AT_LEAST_0_3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pga(Decimal);

impl Pga {
    /// From the 0–3 scale. Fails outside it.
    pub fn on_0_to_3(value: Decimal) -> Result<Pga, ItemError> {
        in_range(INSTRUMENT, "pga", value, Decimal::ZERO, Decimal::whole(3))?;
        Ok(Pga(value))
    }

    /// From a line of 0–100 mm; tenths of a millimetre convert exactly. Fails outside it.
    pub fn on_0_to_100(millimetres: Decimal) -> Result<Pga, ItemError> {
        in_range(INSTRUMENT, "pga", millimetres, Decimal::ZERO, Decimal::whole(100))?;
        Ok(Pga(Decimal::thousandths((millimetres.in_thousandths() * 3 + 50) / 100)))
    }

    /// The value on 0–3, rounded to the precision of the case report form (1 or 2 decimals).
    pub fn rounded_to(self, decimals: u32) -> Pga {
        Pga(self.0.rounded_to(decimals))
    }

    /// The value on 0–3.
    pub fn value(self) -> Decimal {
        self.0
    }

    /// True if it rose from `reference` by what counts as worsening.
    pub fn is_worse_than(self, reference: Pga, worsening: Worsening) -> bool {
        let rise = self.0 - reference.0;
        match worsening {
            Worsening::AtLeast(limit) => rise >= limit,
            Worsening::MoreThan(limit) => rise > limit,
        }
    }
}

/// What counts as worsening, on the 0–3 scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worsening {
    /// A rise of at least this much.
    AtLeast(Decimal),
    /// A rise of more than this much.
    MoreThan(Decimal),
}

impl Worsening {
    /// SRI, and the TULIP reading of BICLA (the latter unverified).
    pub const AT_LEAST_0_3: Worsening = Worsening::AtLeast(Decimal::hundredths(30));
    /// BICLA by its text: at most 10 % is allowed.
    pub const MORE_THAN_0_3: Worsening = Worsening::MoreThan(Decimal::hundredths(30));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pga(text: &str) -> Pga {
        Pga::on_0_to_3(text.parse().expect("a decimal")).expect("in range")
    }

    #[test]
    fn float_traps_are_decided_as_decimals() {
        let worse = |before: &str, now: &str| pga(now).is_worse_than(pga(before), Worsening::AT_LEAST_0_3);
        assert!(worse("0.90", "1.20") && worse("1.6", "1.9") && worse("1.5", "1.8"));
        assert!(!worse("1.50", "1.79"));
        assert!(!pga("1.2").is_worse_than(pga("0.9"), Worsening::MORE_THAN_0_3));
    }

    #[test]
    fn both_scales_agree() {
        let line = |mm: &str| Pga::on_0_to_100(mm.parse().expect("a decimal")).expect("in range");
        assert_eq!(line("100"), pga("3"));
        assert_eq!(line("10"), pga("0.3"));
        assert_eq!(line("33.3"), pga("0.999"));
        assert_eq!(line("43"), pga("1.29"));
    }

    #[test]
    fn scores_outside_the_scale_are_refused() {
        assert!(Pga::on_0_to_3(Decimal::tenths(31)).is_err());
        assert!(Pga::on_0_to_3(Decimal::tenths(-1)).is_err());
        assert!(Pga::on_0_to_100(Decimal::whole(101)).is_err());
    }
}
