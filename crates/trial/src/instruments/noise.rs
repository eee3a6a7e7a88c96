//! Visit noise: what raters and assays add, correlated from visit to visit.

use malar_patients::Measurement;
use malar_patients::random::Stream;
use malar_solver::math::pow;

use super::items::{N_ITEMS, N_ORGANS};
use super::single_organs::SingleNoise;

/// Standard normal noise of one visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Noise {
    /// By organ, shared by SLEDAI-2K and BILAG; correlated over time.
    pub organ: [f64; N_ORGANS],
    /// By SLEDAI-2K item; slower to change.
    pub item: [f64; N_ITEMS],
    /// By organ, BILAG only; correlated over time.
    pub bilag: [f64; N_ORGANS],
    /// PGA, fresh at each visit.
    pub pga: f64,
    /// C3, C4 and anti-dsDNA around what the disease model says; as slow to change as items.
    pub drift: [f64; 3],
    /// C3, C4, anti-dsDNA assays, fresh at each visit.
    pub laboratory: [f64; 3],
    /// Assays of IgA2 and IgA1, fresh at each visit.
    pub iga: [f64; 2],
    /// Of single organs, fresh at each visit; absent where the trial measures none.
    pub single: Option<SingleNoise>,
}

/// What visit noise keeps from one visit to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// Of organs and BILAG domains.
    pub organ: f64,
    /// Of single items.
    pub item: f64,
}

impl Correlation {
    /// Over `weeks`, from the correlations over four weeks.
    pub fn over(weeks: f64, m: &Measurement) -> Correlation {
        let keep = |four_weeks: f64| pow(four_weeks, weeks / 4.0);
        Correlation {
            organ: keep(m.noise_correlation),
            item: keep(m.item_noise_correlation),
        }
    }
}

impl Noise {
    /// Noise of a first visit.
    pub fn first(stream: &mut Stream) -> Self {
        let mut noise = Noise {
            organ: [0.0; N_ORGANS],
            item: [0.0; N_ITEMS],
            bilag: [0.0; N_ORGANS],
            pga: 0.0,
            drift: [0.0; 3],
            laboratory: [0.0; 3],
            iga: [0.0; 2],
            single: None,
        };
        noise.advance(Correlation { organ: 0.0, item: 0.0 }, stream);
        noise
    }

    /// Moves to the next visit, where the correlated parts keep `correlation` of what they were.
    pub fn advance(&mut self, correlation: Correlation, stream: &mut Stream) {
        let keep = |values: &mut [f64], share: f64, stream: &mut Stream| {
            let fresh = (1.0 - share * share).sqrt();
            for x in values {
                *x = share * *x + fresh * stream.normal();
            }
        };
        keep(&mut self.organ, correlation.organ, stream);
        keep(&mut self.item, correlation.item, stream);
        keep(&mut self.bilag, correlation.organ, stream);
        self.pga = stream.normal();
        // What was added last is drawn last: it moves nothing before it.
        for x in self.laboratory.iter_mut().chain(&mut self.iga) {
            *x = stream.normal();
        }
        keep(&mut self.drift, correlation.item, stream);
    }
}
