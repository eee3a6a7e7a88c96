//! Measured numbers kept exactly, because thresholds of trials are decimal and binary fractions are not.

use std::fmt;
use std::ops::{Add, Neg, Sub};
use std::str::FromStr;

/// A number with three decimals, kept as an integer of thousandths.
///
/// PGA, urine protein, eGFR and doses are compared as decimals: 1.2 − 0.9 is 0.3, not 0.29999999999999993. More than
/// three decimals are rounded to the nearest thousandth, halves away from zero, once, when the number enters.
///
/// ```
/// use malar_instruments::Decimal;
/// let (before, now): (Decimal, Decimal) = ("0.9".parse()?, "1.2".parse()?);
/// assert!(now - before >= Decimal::hundredths(30));
/// assert!(1.2_f64 - 0.9 < 0.3);
/// # Ok::<(), malar_instruments::NotADecimal>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i64);

/// Text or a float that is not a number this crate can keep.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a decimal number below a thousand million million; help: write it like `0.75`")]
pub struct NotADecimal(pub String);

/// Largest magnitude in thousandths: products of two ratios' terms with a percentage stay exact in 128 bits.
const LARGEST: i64 = 1_000_000_000_000_000_000;

impl Decimal {
    /// Nothing.
    pub const ZERO: Decimal = Decimal(0);

    /// A whole number.
    pub const fn whole(n: i64) -> Decimal {
        Decimal(n * 1000)
    }

    /// A number of tenths.
    pub const fn tenths(n: i64) -> Decimal {
        Decimal(n * 100)
    }

    /// A number of hundredths.
    pub const fn hundredths(n: i64) -> Decimal {
        Decimal(n * 10)
    }

    /// A number of thousandths.
    pub const fn thousandths(n: i64) -> Decimal {
        Decimal(n)
    }

    /// The number in thousandths.
    pub const fn in_thousandths(self) -> i64 {
        self.0
    }

    /// The nearest decimal to a float; fails if it is not finite or too large.
    pub fn from_f64(x: f64) -> Result<Decimal, NotADecimal> {
        let scaled = (x * 1000.0).round();
        if scaled.abs() <= LARGEST as f64 {
            Ok(Decimal(scaled as i64)) // NaN fails the comparison
        } else {
            Err(NotADecimal(x.to_string()))
        }
    }

    /// The nearest float.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// Rounded to `decimals` places (0 to 3), halves away from zero: the precision of a case report form.
    pub fn rounded_to(self, decimals: u32) -> Decimal {
        let step = 10_i64.pow(3 - decimals.min(3));
        let half = step / 2 * self.0.signum();
        Decimal((self.0 + half) / step * step)
    }

    /// True if this number is at least `percent` per cent of `other`, exactly.
    pub fn at_least_percent_of(self, percent: i64, other: Decimal) -> bool {
        i128::from(self.0) * 100 >= i128::from(other.0) * i128::from(percent)
    }

    /// True if this number is more than `percent` per cent of `other`, exactly.
    pub fn above_percent_of(self, percent: i64, other: Decimal) -> bool {
        i128::from(self.0) * 100 > i128::from(other.0) * i128::from(percent)
    }
}

impl Add for Decimal {
    type Output = Decimal;
    fn add(self, other: Decimal) -> Decimal {
        Decimal(self.0 + other.0)
    }
}

impl Sub for Decimal {
    type Output = Decimal;
    fn sub(self, other: Decimal) -> Decimal {
        Decimal(self.0 - other.0)
    }
}

impl Neg for Decimal {
    type Output = Decimal;
    fn neg(self) -> Decimal {
        Decimal(-self.0)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        if part == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{part:03}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl FromStr for Decimal {
    type Err = NotADecimal;

    /// Reads digits as they stand, without a detour through binary fractions.
    fn from_str(text: &str) -> Result<Decimal, NotADecimal> {
        let wrong = || NotADecimal(text.to_owned());
        let trimmed = text.trim();
        let (negative, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.len() > 15 || whole.len() + part.len() == 0 || !all_digits(whole) || !all_digits(part) {
            return Err(wrong());
        }
        let mut thousandths: i64 = if whole.is_empty() {
            0
        } else {
            whole.parse().map_err(|_| wrong())?
        };
        for place in 0..3 {
            let digit = part.as_bytes().get(place).map_or(0, |b| i64::from(b - b'0'));
            thousandths = thousandths * 10 + digit;
        }
        let rounds_up = part.as_bytes().get(3).is_some_and(|&b| b >= b'5');
        thousandths += i64::from(rounds_up);
        Ok(Decimal(if negative { -thousandths } else { thousandths }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn differences_that_binary_fractions_get_wrong_are_exact() {
        for (now, before) in [("1.2", "0.9"), ("1.9", "1.6"), ("1.8", "1.5")] {
            assert_eq!(decimal(now) - decimal(before), Decimal::tenths(3), "{now} - {before}");
        }
    }

    #[test]
    fn text_goes_in_and_comes_out() {
        for text in ["0", "0.75", "-1.005", "7.5", "113.122", "100000"] {
            assert_eq!(decimal(text).to_string(), text);
        }
        assert_eq!(decimal("0.4996"), Decimal::hundredths(50));
        assert_eq!(decimal(".5"), Decimal::tenths(5));
        for wrong in ["", ".", "1e3", "1.2.3", "NaN", "--1", "1,5", "9999999999999999"] {
            assert!(wrong.parse::<Decimal>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn floats_round_to_thousandths_and_refuse_what_is_no_number() {
        assert_eq!(Decimal::from_f64(0.1 + 0.2), Ok(Decimal::tenths(3)));
        assert!(Decimal::from_f64(f64::NAN).is_err());
        assert!(Decimal::from_f64(f64::INFINITY).is_err());
    }

    #[test]
    fn forms_round_half_away_from_zero() {
        assert_eq!(decimal("1.25").rounded_to(1), decimal("1.3"));
        assert_eq!(decimal("-1.25").rounded_to(1), decimal("-1.3"));
        assert_eq!(decimal("1.249").rounded_to(1), decimal("1.2"));
        assert_eq!(decimal("1.249").rounded_to(3), decimal("1.249"));
    }

    #[test]
    fn ratios_are_exact_at_the_boundary() {
        assert!(decimal("93.5").at_least_percent_of(85, decimal("110")));
        assert!(!decimal("93.499").at_least_percent_of(85, decimal("110")));
        assert!(!decimal("93.5").above_percent_of(85, decimal("110")));
    }
}
