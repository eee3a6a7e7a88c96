//! Instruments scored from components: SLEDAI-2K, BILAG-2004, PGA, laboratory values.

mod assessment;
mod components;
pub mod items;
mod noise;
mod variables;

pub use assessment::{Assessment, Biology, Examination, Presentation};
pub use components::{Components, Kidney};
pub use noise::Noise;
pub(crate) use variables::{DISCONTINUED_AT, RESTRICTED_AT};
pub use variables::{
    Instrument, N_VARIABLES, Sledai, VARIABLES, Variables, VisitContext, bilag_variables, variable_names,
};
