//! MG-ADL: activities of daily living in myasthenia gravis, for basket trials.
//!
//! Eight items of 0–3, total 0–24, lower is better (Wolfe 1999, doi:10.1212/wnl.52.7.1487; items and range verified at
//! medcalcu.com). Terms of use: the author's institution licenses the form for trials (unverified); no item text is
//! reproduced.

use crate::error::ItemError;
use crate::form::{Form, item};

/// The form.
pub const MG_ADL: Form = Form {
    instrument: "MG-ADL",
    items: &[
        item("talking", 3, "speech"),
        item("chewing", 3, "chewing"),
        item("swallowing", 3, "swallowing"),
        item("breathing", 3, "breathing"),
        item("grooming", 3, "brushing teeth or combing hair"),
        item("rising", 3, "rising from a chair"),
        item("double_vision", 3, "double vision"),
        item("eyelid_droop", 3, "eyelid droop"),
    ],
};

/// Total, 0–24. Fails, naming it, on an item that is missing or out of range.
pub fn mg_adl(items: &[Option<u8>; 8]) -> Result<u16, ItemError> {
    MG_ADL.total(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_range_to_24_and_name_what_is_wrong() {
        assert_eq!((MG_ADL.max(), mg_adl(&[Some(3); 8])), (24, Ok(24)));
        let mut items = [Some(1); 8];
        items[6] = Some(4);
        assert!(mg_adl(&items).expect_err("4").to_string().contains("`double_vision`"));
        items[6] = None;
        assert!(mg_adl(&items).is_err());
        assert_eq!(MG_ADL.bounds(&items), Ok((7, 10)));
    }
}
