//! Items in, scores and grades out: the instruments of lupus trials, from their components.
//!
//! | question | module |
//! |---|---|
//! | how active, by SLEDAI-2K and its family | [`sledai`], [`sle_das`] |
//! | how active by organ, and what changed | [`bilag`] |
//! | what the physician, the skin, the joints, the patient say | [`pga`], [`clasi`], [`joints`], [`fatigue`] |
//! | the kidney: units, filtration, responses, relapses | [`kidney`], [`renal_response`], [`renal_flare`] |
//! | damage, steroid, targets of treatment, response over a year | [`damage`], [`steroid`], [`target_states`], [`guidance_2010`] |
//! | who has lupus, when the first flare came | [`classification`], [`first_event`] |
//! | other diseases of a basket trial | [`myasthenia`], [`skin_thickness`], [`myositis`] |
//!
//! ```
//! use malar_instruments::bilag::change::new_grades;
//! use malar_instruments::bilag::grade::Grades;
//! use malar_instruments::pga::{Pga, Worsening};
//! use malar_instruments::sledai::descriptors::{Descriptor, Descriptors};
//!
//! // A patient whose joints are better and whose skin is newly moderate: SRI-4 by its three arms.
//! let before = Descriptors::none().with(Descriptor::Arthritis).with(Descriptor::Rash).with(Descriptor::AntiDsDna);
//! let now = before.with_state(Descriptor::Arthritis, Some(false));
//! let letters = |text| Grades::from_letters(text).expect("nine letters");
//! let new = new_grades(&letters("ECEBEEEEE"), &letters("EBECEEEEE"))?;
//! let (pga_before, pga) = (Pga::on_0_to_3("1.5".parse()?)?, Pga::on_0_to_3("1.79".parse()?)?);
//!
//! assert!(now.total()? + 4 <= before.total()?);
//! assert!(new.is_not_worse(), "one new B is allowed");
//! assert!(!pga.is_worse_than(pga_before, Worsening::AT_LEAST_0_3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The choice that matters: nothing is imputed. A missing item makes the score that needs it missing, an impossible
//! item is an error that names it, and numbers are compared as the decimals they were written as ([`Decimal`]). Where
//! published forms differ, the form is an argument, not a default. What could not be checked against a primary source
//! says *unverified*; the README lists it.

pub mod bilag;
pub mod clasi;
pub mod classification;
pub mod damage;
mod decimal;
mod error;
pub mod fatigue;
pub mod first_event;
pub mod form;
pub mod guidance_2010;
pub mod joints;
pub mod kidney;
pub mod myasthenia;
pub mod myositis;
pub mod pga;
pub mod renal_flare;
mod renal_induction;
pub mod renal_response;
pub mod skin_thickness;
pub mod sle_das;
pub mod sledai;
pub mod steroid;
pub mod target_states;

pub use decimal::{Decimal, NotADecimal};
pub use error::ItemError;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
