//! Visit noise: what raters and assays add, correlated from visit to visit.

use malar_patients::random::Stream;

use super::items::{N_ITEMS, N_ORGANS};
use super::single_organs::SingleNoise;

/// Standard normal noise of one visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Noise {
    /// By organ, shared by SLEDAI-2K and BILAG; correlated over time.
    pub organ: [f64; N_ORGANS],
    /// By SLEDAI-2K item; correlated over time.
    pub item: [f64; N_ITEMS],
    /// By organ, BILAG only; correlated over time.
    pub bilag: [f64; N_ORGANS],
    /// PGA, fresh at each visit.
    pub pga: f64,
    /// C3, C4, anti-dsDNA assays, fresh at each visit.
    pub laboratory: [f64; 3],
    /// Assays of IgA2 and IgA1, fresh at each visit.
    pub iga: [f64; 2],
    /// Of single organs, fresh at each visit; absent where the trial measures none.
    pub single: Option<SingleNoise>,
}

impl Noise {
    /// Noise of a first visit.
    pub fn first(stream: &mut Stream) -> Self {
        let mut noise = Noise {
            organ: [0.0; N_ORGANS],
            item: [0.0; N_ITEMS],
            bilag: [0.0; N_ORGANS],
            pga: 0.0,
            laboratory: [0.0; 3],
            iga: [0.0; 2],
            single: None,
        };
        noise.advance(0.0, stream);
        noise
    }

    /// Moves to the next visit, where the correlated parts keep `correlation` of what they were.
    pub fn advance(&mut self, correlation: f64, stream: &mut Stream) {
        let fresh = (1.0 - correlation * correlation).sqrt();
        for x in self.organ.iter_mut().chain(&mut self.item).chain(&mut self.bilag) {
            *x = correlation * *x + fresh * stream.normal();
        }
        self.pga = stream.normal();
        // What was added last is drawn last: it moves nothing before it.
        for x in self.laboratory.iter_mut().chain(&mut self.iga) {
            *x = stream.normal();
        }
    }
}
