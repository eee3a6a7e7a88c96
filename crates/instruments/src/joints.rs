//! 28-joint counts: tender, swollen, and active (tender and swollen, as in the TULIP trials).
//!
//! Terms of use: free.

use crate::error::ItemError;

const INSTRUMENT: &str = "28-joint count";

/// The joints counted.
#[rustfmt::skip]
pub const JOINTS: [&str; 28] = [
    "shoulder_right", "elbow_right", "wrist_right",
    "mcp_1_right", "mcp_2_right", "mcp_3_right", "mcp_4_right", "mcp_5_right",
    "ip_1_right", "pip_2_right", "pip_3_right", "pip_4_right", "pip_5_right", "knee_right",
    "shoulder_left", "elbow_left", "wrist_left",
    "mcp_1_left", "mcp_2_left", "mcp_3_left", "mcp_4_left", "mcp_5_left",
    "ip_1_left", "pip_2_left", "pip_3_left", "pip_4_left", "pip_5_left", "knee_left",
];

/// One joint; `None` is not assessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Joint {
    /// Tender.
    pub tender: Option<bool>,
    /// Swollen.
    pub swollen: Option<bool>,
}

/// Counts of a visit, each 0–28.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Tender joints.
    pub tender: u8,
    /// Swollen joints.
    pub swollen: u8,
    /// Joints both tender and swollen.
    pub active: u8,
}

/// Counts from the joints in the order of [`JOINTS`]. Fails, naming it, on a joint that was not assessed.
pub fn count(joints: &[Joint; 28]) -> Result<Counts, ItemError> {
    let mut counts = Counts {
        tender: 0,
        swollen: 0,
        active: 0,
    };
    for (joint, item) in joints.iter().zip(JOINTS) {
        let missing = ItemError::NotAssessed {
            instrument: INSTRUMENT,
            item,
        };
        let (tender, swollen) = joint.tender.zip(joint.swollen).ok_or(missing)?;
        counts.tender += u8::from(tender);
        counts.swollen += u8::from(swollen);
        counts.active += u8::from(tender && swollen);
    }
    Ok(counts)
}

/// Joint-50: active joints fell by at least half. `None` if fewer than `minimum` were active at baseline: not in the
/// denominator. Published minima differ (6 in TULIP-2, also 4 and 8).
pub fn fell_by_half(baseline: u8, now: u8, minimum: u8) -> Option<bool> {
    let eligible = baseline >= minimum.max(1);
    eligible.then(|| 2 * u16::from(now) <= u16::from(baseline))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn active_joints_are_tender_and_swollen() {
        let quiet = Joint {
            tender: Some(false),
            swollen: Some(false),
        };
        let mut joints = [quiet; 28];
        joints[2].tender = Some(true);
        joints[3].swollen = Some(true);
        (joints[4].tender, joints[4].swollen) = (Some(true), Some(true));
        let counts = count(&joints).expect("all assessed");
        assert_eq!((counts.tender, counts.swollen, counts.active), (2, 2, 1));
        joints[27].swollen = None;
        assert!(count(&joints).expect_err("gap").to_string().contains("`knee_left`"));
    }

    #[test]
    fn joint_50_needs_a_minimum_at_baseline() {
        assert_eq!(fell_by_half(6, 3, 6), Some(true));
        assert_eq!(fell_by_half(7, 4, 6), Some(false));
        assert_eq!(fell_by_half(5, 0, 6), None);
        assert_eq!(fell_by_half(0, 0, 0), None);
    }
}
