//! MEX-SLEDAI: ten clinical items without serology. **Weights unverified** (memory of Guzmán 1992, J Rheumatol 19:1551).
//!
//! Because they are unverified, the weights are an argument; [`UNVERIFIED`] is what we remember.

use crate::error::ItemError;
use crate::form::{Form, Item, item};

/// Weights as remembered; maximum 32. An item counts its whole weight or nothing.
pub const UNVERIFIED: Form = Form {
    instrument: "MEX-SLEDAI (unverified weights)",
    items: &[
        item("neurological", 8, "neurological disorder"),
        item("renal", 6, "renal disorder"),
        item("vasculitis", 4, "vasculitis"),
        item("blood_loss", 3, "haemolysis or thrombocytopenia"),
        item("myositis", 3, "myositis"),
        item("arthritis", 2, "arthritis"),
        item("mucocutaneous", 2, "mucocutaneous disorder"),
        item("serositis", 2, "serositis"),
        item("fever_fatigue", 1, "fever or fatigue"),
        item("leukopenia", 1, "leukopenia or lymphopenia"),
    ],
};

/// Total from which items are present, in the order of `weights`. Fails if one was not assessed or the number is wrong.
pub fn total(weights: &Form, present: &[Option<bool>]) -> Result<u16, ItemError> {
    if present.len() != weights.items.len() {
        return Err(ItemError::WrongLength {
            instrument: weights.instrument,
            expected: weights.items.len(),
            found: present.len(),
        });
    }
    let points = |(item, state): (&Item, &Option<bool>)| state.map(|p| if p { item.max } else { 0 });
    let answers: Vec<Option<u8>> = weights.items.iter().zip(present).map(points).collect();
    weights.total(&answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembered_weights_add_up_to_32() {
        assert_eq!(total(&UNVERIFIED, &[Some(true); 10]), Ok(32));
        assert_eq!(UNVERIFIED.max(), 32);
    }

    #[test]
    fn wrong_lengths_and_gaps_are_refused() {
        assert!(total(&UNVERIFIED, &[Some(true); 9]).is_err());
        assert!(total(&UNVERIFIED, &[Some(true); 11]).is_err());
        let mut present = [Some(false); 10];
        present[6] = None;
        assert!(
            total(&UNVERIFIED, &present)
                .expect_err("gap")
                .to_string()
                .contains("mucocutaneous")
        );
    }
}
