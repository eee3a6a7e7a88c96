//! Scores: endpoints whose value is compared by its mean.

use malar_model::codes::ENDPOINT;
use malar_model::diagnostic::{Diagnostic, Source};

use crate::endpoint::{DISCONTINUED, Endpoint, NOT_ASSESSED, SAME_WEEK, Strategy, held_until};
use crate::instruments::{DISCONTINUED_AT, Variables};

impl Endpoint {
    /// Value of a score at a visit; `None` if a variable that it reads is missing, for nothing is imputed.
    ///
    /// Panics if the endpoint is no score.
    pub fn score(&self, visit: &Variables) -> Option<f64> {
        let rule = self.value.as_ref().expect("a score has a value");
        let is_known = rule.positions().iter().all(|&p| !visit[p].is_nan());
        is_known.then(|| rule.evaluate(visit)).filter(|x| x.is_finite())
    }

    /// Value of a score at a week of a patient with `visits` after baseline, in order of time, or the reason why there is
    /// none; `absent` if no visit was held then. While on treatment, the last visit before leaving speaks for what follows.
    pub fn score_at(&self, visits: &[Variables], week: f64, absent: usize) -> Result<f64, usize> {
        let held = held_until(visits, week);
        let came = held.last().is_some_and(|v| v[0] >= week - SAME_WEEK);
        let left = held.last().is_some_and(|v| v[DISCONTINUED_AT] != 0.0) || (!came && absent == DISCONTINUED);
        let counted = if left && self.intercurrent.discontinuation == Strategy::WhileOnTreatment {
            &held[..held.partition_point(|v| v[DISCONTINUED_AT] == 0.0)]
        } else if came {
            held
        } else {
            return Err(absent);
        };
        let last = counted.last().ok_or(if left { DISCONTINUED } else { absent })?;
        self.score(last).ok_or(NOT_ASSESSED)
    }

    /// A failure has no value on a scale, so no intercurrent event can be one.
    pub(crate) fn check_score(&self, source: &Source, place: std::ops::Range<usize>) -> Result<(), Diagnostic> {
        let intercurrent = self.intercurrent;
        let is_possible = intercurrent.discontinuation != Strategy::Composite
            && intercurrent.restricted_medication == Strategy::TreatmentPolicy;
        if is_possible {
            return Ok(());
        }
        let message = format!("endpoint `{}` is a score, and a failure has no value on its scale", self.id);
        Err(Diagnostic::error(ENDPOINT, source, place, message).help(
            "write `intercurrent = { discontinuation = \"treatment-policy\", restricted_medication = \"treatment-policy\" }`; \
             discontinuation may also be `while-on-treatment`",
        ))
    }
}
