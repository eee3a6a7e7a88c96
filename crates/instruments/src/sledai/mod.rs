//! The SLEDAI family.
//!
//! | module | instrument |
//! |---|---|
//! | [`descriptors`] | the 24 descriptors; totals of SLEDAI-2K and clinical SLEDAI-2K |
//! | [`observations`] | from measured values and findings to descriptors, look-back windows |
//! | [`selena`] | SELENA-SLEDAI and the hybrid form |
//! | [`mex`] | MEX-SLEDAI (weights unverified) |
//! | [`responder_50`] | SLEDAI-2K Responder Index-50 |
//! | [`flare_index`] | SELENA-SLEDAI Flare Index, original and as modified in the BLISS trials |
//!
//! Terms of use: SLEDAI-2K is published in full (Gladman 2002, J Rheumatol 29:288–291) and scored freely in practice;
//! the printed form and the S2K RI-50 data retrieval form belong to the University of Toronto Lupus Clinic, which asks
//! to be contacted about licences for trials (unverified; ask before you use the forms). No form text is reproduced
//! here: meanings are in our words.

pub mod descriptors;
pub mod flare_index;
pub mod mex;
pub mod observations;
pub mod responder_50;
pub mod selena;
