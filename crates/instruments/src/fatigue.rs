//! FACIT-Fatigue: 13 items of 0–4, higher is better, 0–52 (verified, PMC6593666).
//!
//! Items enter after the questionnaire's own reversal. Terms of use: licensed by FACIT.org; no item text is reproduced.

use crate::decimal::Decimal;
use crate::error::ItemError;
use crate::form::{Form, Item, item};

const STATEMENT: Item = item("facit_f", 4, "one statement, after reversal");

/// The form.
pub const FORM: Form = Form {
    instrument: "FACIT-F",
    items: &[STATEMENT; 13],
};

/// What to do with missing items; there is no silent default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A missing item makes the total missing.
    Refuse,
    /// Sum × 13 / answered, if at least 7 are answered. Unverified.
    Prorate,
}

/// Total, 0–52. Fails on items out of range, and on missing items as `missing` says.
pub fn total(answers: &[Option<u8>; 13], missing: Missing) -> Result<Decimal, ItemError> {
    FORM.check(answers)?;
    let answered = answers.iter().flatten().count() as i64;
    let sum: i64 = answers.iter().flatten().map(|&a| i64::from(a)).sum();
    if answered == 13 || (missing == Missing::Prorate && answered >= 7) {
        let doubled = sum * 13 * 1000 * 2 / answered; // one bit more, to round
        return Ok(Decimal::thousandths((doubled + 1) / 2));
    }
    Err(ItemError::NotAssessed {
        instrument: FORM.instrument,
        item: STATEMENT.id,
    })
}

/// Smallest important improvement of the total, points (verified, PMC6593666).
pub const IMPORTANT_CHANGE: Decimal = Decimal::whole(4);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_reach_52_and_prorate_from_seven_answers() {
        assert_eq!(total(&[Some(4); 13], Missing::Refuse), Ok(Decimal::whole(52)));
        let mut answers = [Some(2); 13];
        answers[..6].fill(None);
        assert_eq!(total(&answers, Missing::Prorate), Ok(Decimal::whole(26)));
        assert!(total(&answers, Missing::Refuse).is_err());
        answers[6] = None;
        assert!(total(&answers, Missing::Prorate).is_err());
    }

    #[test]
    fn prorated_totals_round_to_thousandths() {
        let mut answers = [Some(0); 13];
        answers[..2].copy_from_slice(&[None, None]);
        answers[2] = Some(1);
        assert_eq!(
            total(&answers, Missing::Prorate),
            Ok(Decimal::thousandths(1182)),
            "13/11"
        );
    }
}
