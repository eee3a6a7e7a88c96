//! Modified Rodnan skin score of systemic sclerosis, for basket trials.
//!
//! Seventeen areas of 0–3, total 0–51 (Clements 1993, J Rheumatol 20:1892; areas and range verified in two copies).
//! Smallest important change about 3.5 to 5.3 points. Terms of use: free.

use crate::error::ItemError;
use crate::form::{Form, item};

/// The form.
pub const RODNAN: Form = Form {
    instrument: "mRSS",
    items: &[
        item("face", 3, "face"),
        item("chest", 3, "anterior chest"),
        item("abdomen", 3, "abdomen"),
        item("fingers_right", 3, "fingers, right"),
        item("fingers_left", 3, "fingers, left"),
        item("hand_right", 3, "dorsum of the hand, right"),
        item("hand_left", 3, "dorsum of the hand, left"),
        item("forearm_right", 3, "forearm, right"),
        item("forearm_left", 3, "forearm, left"),
        item("upper_arm_right", 3, "upper arm, right"),
        item("upper_arm_left", 3, "upper arm, left"),
        item("thigh_right", 3, "thigh, right"),
        item("thigh_left", 3, "thigh, left"),
        item("leg_right", 3, "lower leg, right"),
        item("leg_left", 3, "lower leg, left"),
        item("foot_right", 3, "dorsum of the foot, right"),
        item("foot_left", 3, "dorsum of the foot, left"),
    ],
};

/// Total, 0–51. Fails, naming it, on an area that is missing or out of range.
pub fn rodnan(areas: &[Option<u8>; 17]) -> Result<u16, ItemError> {
    RODNAN.total(areas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_range_to_51() {
        assert_eq!((RODNAN.max(), rodnan(&[Some(3); 17])), (51, Ok(51)));
        let mut areas = [Some(0); 17];
        areas[16] = None;
        assert!(rodnan(&areas).expect_err("gap").to_string().contains("`foot_left`"));
    }
}
