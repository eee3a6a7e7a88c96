//! What values may be written as, and which a code allows.

use super::codes::{Code, Holds};
use super::units::Unit;
use crate::dataset::parse_number;

/// A word as the number that stands for it; nothing is missing.
pub(super) fn read_word(holds: Holds, text: &str) -> Option<f64> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["", ".", "ND", "NOT DONE"]) {
        return Some(f64::NAN);
    }
    match holds {
        Holds::Grade => {
            let mut letters = text.chars();
            let letter = letters.next().filter(|_| letters.as_str().is_empty())?;
            malar_instruments::bilag::grade::Grade::from_letter(letter).map(|g| f64::from(g as u8))
        }
        Holds::Descriptor(_) | Holds::Flag if is(&["Y", "YES", "PRESENT", "TRUE", "POSITIVE"]) => Some(1.0),
        Holds::Descriptor(_) | Holds::Flag if is(&["N", "NO", "ABSENT", "FALSE", "NEGATIVE"]) => Some(0.0),
        Holds::Mark => {
            let words = ["NOT PRESENT", "IMPROVING", "SAME", "WORSE", "NEW"];
            let word = words.iter().position(|word| text.eq_ignore_ascii_case(word));
            word.map(|k| k as f64).or_else(|| parse_number(text))
        }
        _ => parse_number(text),
    }
}

/// The value as it is kept, if its item can have it: descriptors become 0 or 1.
pub(super) fn in_range(holds: Holds, x: f64) -> Option<f64> {
    if x.is_nan() {
        return Some(x);
    }
    let whole = |high: f64| (x.fract() == 0.0 && (0.0..=high).contains(&x)).then_some(x);
    match holds {
        Holds::Descriptor(descriptor) => match whole(8.0)? {
            0.0 => Some(0.0),
            points if points == 1.0 || points == f64::from(descriptor.weight()) => Some(1.0),
            _ => None,
        },
        Holds::Mark | Holds::Grade => whole(4.0),
        Holds::Flag => whole(1.0),
        Holds::Count(high) => whole(high.into()),
        Holds::Quantity(Unit::Temperature) => Some(x),
        Holds::Quantity(_) => (x >= 0.0).then_some(x),
    }
}

pub(super) fn refusal(code: &Code, found: &str) -> String {
    format!("`{}` ({}) cannot be `{found}`", code.code, code.meaning)
}

pub(super) fn allowed(holds: Holds) -> &'static str {
    match holds {
        Holds::Descriptor(_) => "write 0 for absent, 1 or the descriptor's points for present, or Y or N",
        Holds::Mark => "write 0 not present, 1 improving, 2 same, 3 worse, 4 new, or ND",
        Holds::Grade => "write a letter from A to E in AVALC, --STRESC or --ORRES",
        Holds::Flag => "write Y or N, 1 or 0",
        Holds::Count(_) => "write a whole number in the range of the score",
        Holds::Quantity(_) => {
            "write a number that is not negative; a value beyond the limits of an assay is not guessed here"
        }
    }
}
