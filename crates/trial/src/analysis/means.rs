//! Means of a score by arm, and their differences at equal strata.

use malar_stats::contrast::Contrast;
use malar_stats::least_squares::{Subject as Row, ancova};
use malar_stats::{Difference, FitError};

use super::{Analysis, Reading, Subject, comparisons, global_reason};
use crate::endpoint::RESPONDER;
use crate::estimand::strata_columns;
use crate::results::OutcomeRow;

/// A patient in the denominator, and the value if there is one.
type Scored<'a> = (&'a Subject, Option<f64>);

impl Reading<'_> {
    /// Mean of each arm, and differences of means. Patients without a value are counted, and left out of the mean.
    pub(super) fn score(&self, out: &mut Analysis) {
        let scored = self.scored(&mut out.outcomes);
        for population in 0..self.labels.populations.len() {
            let of_population = |s: &&Scored<'_>| s.0.populations[population];
            let scored: Vec<&Scored<'_>> = scored.iter().filter(of_population).collect();
            for arm in (0..self.protocol.arms.len()).filter(|&arm| !self.protocol.arms[arm].is_published()) {
                let own = || scored.iter().filter(|(s, _)| usize::from(s.arm) == arm);
                let values = || own().filter_map(|(_, value)| *value);
                let (n, count) = (own().count() as f64, values().count() as f64);
                let mean = values().sum::<f64>() / count;
                out.endpoints.push(self.endpoint_row(arm, population, n, count, mean));
            }
            for (arm, control) in comparisons(self.protocol) {
                let compared = |s: &Subject| [arm, control].contains(&usize::from(s.arm));
                let seen = scored.iter().filter(|(s, _)| compared(s));
                let seen = seen.filter_map(|(s, value)| Some((usize::from(s.arm) == arm, *s, (*value)?)));
                let difference = difference_of_means(&seen.collect::<Vec<_>>()).ok().map(|c| Difference {
                    estimate: c.estimate,
                    standard_error: c.standard_error,
                    low95: c.low95,
                    high95: c.high95,
                    p_value: c.p_value,
                });
                out.estimates
                    .extend(difference.map(|d| self.estimate_row(arm, control, population, d, 1.0)));
            }
        }
    }

    /// Every patient in the denominator with the value; each leaves an outcome row with the value or the reason.
    fn scored(&self, outcomes: &mut Vec<OutcomeRow>) -> Vec<Scored<'_>> {
        let score = |s| {
            let score = Subject::score(s, self.endpoint, self.week);
            let reason = score.err().unwrap_or(RESPONDER);
            outcomes.push(OutcomeRow {
                patient: s.patient,
                arm: s.arm,
                endpoint: self.number,
                week: self.week,
                responded: false,
                reason: global_reason(self.endpoint, reason, self.labels),
                value: score.ok(),
            });
            (s, score.ok())
        };
        self.eligible().map(score).collect()
    }
}

/// Difference of two arms' means at equal strata, treated minus control: analysis of covariance on the arm and the strata of
/// the randomisation. `seen` has for each patient the arm, who it is, and the value. Fails if they are too few.
pub(crate) fn difference_of_means(seen: &[(bool, &Subject, f64)]) -> Result<Contrast, FitError> {
    let strata = strata_columns(seen.iter().map(|(_, s, _)| *s));
    let row = |&(treated, s, response): &(bool, &Subject, f64)| Row {
        treated,
        covariates: strata.iter().map(|bit| f64::from(s.stratum >> bit & 1)).collect(),
        response,
    };
    let has = |treated: bool| seen.iter().any(|s| s.0 == treated);
    if !has(true) || !has(false) {
        return Err(FitError::TooFew);
    }
    ancova(&seen.iter().map(row).collect::<Vec<Row>>())
}
