//! Osteonecrosis after steroids: lesions of hips and knees, their fate, and what surgery makes of it.
//!
//! A cohort model beside the disease model: no equations, only times and chances. Peak dose decides who gets lesions, within
//! months of the first course and hardly later; the size of a lesion decides whether the joint collapses; collapse brings pain,
//! loss of joint space and, at last, arthroplasty. A patient's luck is drawn once and shared by all arms, so that arms differ by
//! steroid course and treatment alone.

mod cohort;
mod constants;
mod joint;
mod protocol;

pub use cohort::JointCohort;
pub use constants::{Constants, Lesion};
pub use joint::{Joint, Luck, Site, State, Treatments};
pub use protocol::{Course, JointArm, JointProtocol};
