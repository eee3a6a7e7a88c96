//! One file per kind of figure; each takes the view and gives an SVG.

pub(super) mod calibration;
pub(super) mod estimands;
pub(super) mod forest;
pub(super) mod headline;
pub(super) mod kinetics;
pub(super) mod multiplicity;
pub(super) mod reasons;
pub(super) mod response;
pub(super) mod safety;
pub(super) mod sensitivity;
pub(super) mod survival;
pub(super) mod trajectory;
