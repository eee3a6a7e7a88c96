//! BILAG-2004: nine domains graded A to E from what is new, worse, the same or improving; and the older classic BILAG.
//!
//! | module | what |
//! |---|---|
//! | [`grade`] | letters, domains, sets of grades, numeric score |
//! | [`items`] | the 77 clinical items and the tier each feeds |
//! | [`index`] | the whole form, graded with the visit before and what was ever involved |
//! | [`renal`], [`biopsy`] | the kidney's values |
//! | [`blood`] | the blood's values |
//! | [`change`] | better, same, worse, new; new A and B; flares |
//! | [`classic`] | classic BILAG as the belimumab trials used it: kidney and numeric score |
//!
//! **Verified**: recording and item list (form of 1 September 2009), the kidney's rules (line by line in a port of the
//! original program), numeric score (Yee 2010, doi:10.1093/rheumatology/keq026). **Unverified**: which tier the
//! clinical items and the blood values of the eight other domains feed; the table in [`items`] is from memory of the
//! published appendix.
//!
//! BILAG-2004 rests on the physician's intention to treat, but no treatment is entered: the grades stand for it
//! ([`grade::Grade::treatment_intent`]).
//!
//! Terms of use: the index belongs to the British Isles Lupus Assessment Group, which asks trials to train raters and
//! to obtain permission for forms and glossary (unverified; ask before you use them). No form or glossary text is
//! reproduced here.

pub mod biopsy;
pub mod blood;
pub mod change;
pub mod classic;
pub mod grade;
pub mod index;
pub mod items;
pub mod renal;
mod renal_rules;

pub use renal_rules::Severe;
