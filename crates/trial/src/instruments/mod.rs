//! Instruments scored from components: SLEDAI-2K, BILAG-2004, PGA, laboratory values.

mod assessment;
mod components;
mod flare;
mod half_better;
pub mod items;
mod noise;
mod single_organs;
mod variables;

pub use assessment::{Assessment, Biology, Examination, MayHave, Presentation};
pub use components::{Components, Renal, Serology};
pub use flare::SinceLast;
pub(crate) use flare::{FlareForm, set_flare};
pub(crate) use half_better::set_partial_improvement;
pub use noise::{Correlation, Noise};
pub use single_organs::{Filter, Joints, Kidney, KidneyOf, Measured, SingleNoise};
pub(crate) use variables::{BILAG_FLARE_AT, DISCONTINUED_AT, KNOWN_LATE, RESTRICTED_AT};
pub use variables::{
    Instrument, N_VARIABLES, Sledai, VARIABLES, Variables, VisitContext, bilag_variables, variable_names,
};
