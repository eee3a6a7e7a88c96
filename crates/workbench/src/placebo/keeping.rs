//! Who of the early responders still responds, visit after visit.

use std::collections::BTreeMap;

use malar_stats::Count;
use malar_stats::proportion::wilson;
use malar_trial::results::OutcomeRow;
use serde::Serialize;

use super::arms::Arm;
use super::{EARLY, LATE, Trial};
use crate::catalog::Library;
use crate::finding::InputError;
use crate::score::library_evidence_with;

/// The published analysis that follows responders: a pooled one of two placebo arms.
const POOLED: &str = "placebo-response-pooled";
/// Its patients.
const FOLLOWED: &str = "cdai-two-trials-n147";

/// Criteria of BICLA that are not about BILAG: who fails these alone has responded by BILAG.
const NOT_BILAG: [&str; 2] = ["sledai-worse", "pga-worse"];

/// One kind of response between the early and the late visit; percent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Keeping {
    /// `SRI-4`, `BICLA` or `BILAG response`.
    pub response: String,
    /// Virtual patients.
    pub patients: u32,
    /// Respond early.
    pub early: f64,
    /// Respond late.
    pub late: f64,
    /// Respond at both.
    pub both: f64,
    /// Respond early and not late.
    pub lost: f64,
    /// Late and not early.
    pub gained: f64,
    /// Neither.
    pub neither: f64,
    /// Respond at every visit from early to late.
    pub every: f64,
    /// Of the early responders, those who respond at every visit.
    pub kept: f64,
    /// Of the early responders, those who respond late.
    pub kept_late: f64,
    /// Why early responders first failed, percent of early responders, most frequent first.
    pub lost_by: Vec<Lost>,
    /// The same numbers as published, where they were.
    pub published: Option<Published>,
}

/// A reason to lose a response.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lost {
    /// In words.
    pub reason: String,
    /// Percent of early responders.
    pub percent: f64,
}

/// What was published of a kind of response, percent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Published {
    /// Early responders.
    pub early: f64,
    /// Late responders.
    pub late: f64,
    /// Responders throughout, with printed 95 % limits.
    pub every: (f64, f64, f64),
    /// Of early responders, those throughout, with 95 % limits (Wilson) from the printed numbers of patients.
    pub kept: (f64, f64, f64),
    /// Where it was read.
    pub source: String,
}

/// Counts of patients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub patients: u32,
    pub early: u32,
    pub late: u32,
    pub both: u32,
    pub every: u32,
    /// First reason of failing after an early response.
    pub lost_by: BTreeMap<u16, u32>,
}

impl Counts {
    /// Of the early responders, those who respond at every visit, percent.
    pub fn kept(&self) -> f64 {
        percent(self.every, self.early)
    }
}

fn percent(part: u32, of: u32) -> f64 {
    100.0 * f64::from(part) / f64::from(of)
}

/// Follows every patient of `endpoint`; `counts` says which reasons (0 for a responder) are a response.
pub(super) fn follow(outcomes: &[OutcomeRow], endpoint: u16, counts: impl Fn(u16) -> bool) -> Counts {
    let mut found = Counts::default();
    let mut own: Vec<&OutcomeRow> = outcomes.iter().filter(|row| row.endpoint == endpoint).collect();
    own.sort_by(|a, b| a.patient.cmp(&b.patient).then(a.week.total_cmp(&b.week)));
    for visits in own.chunk_by(|a, b| a.patient == b.patient) {
        let between: Vec<_> = visits.iter().filter(|v| (EARLY..=LATE).contains(&v.week)).collect();
        let at = |week: f64| {
            between
                .iter()
                .any(|v| v.week.to_bits() == week.to_bits() && counts(v.reason))
        };
        let (early, late) = (at(EARLY), at(LATE));
        found.patients += 1;
        found.early += u32::from(early);
        found.late += u32::from(late);
        found.both += u32::from(early && late);
        if early {
            match between.iter().find(|v| !counts(v.reason)) {
                None => found.every += 1,
                Some(first) => *found.lost_by.entry(first.reason).or_default() += 1,
            }
        }
    }
    found
}

/// The same over simulated trials.
pub(super) fn follow_all(trials: &[Trial], endpoint: u16, counts: impl Fn(u16) -> bool) -> Counts {
    let mut sum = Counts::default();
    for own in trials.iter().map(|trial| follow(&trial.outcomes, endpoint, &counts)) {
        sum.patients += own.patients;
        sum.early += own.early;
        sum.late += own.late;
        sum.both += own.both;
        sum.every += own.every;
        for (reason, n) in own.lost_by {
            *sum.lost_by.entry(reason).or_default() += n;
        }
    }
    sum
}

/// SRI-4, BICLA, and the BILAG part of BICLA, beside what was published of such a response.
pub(super) fn keeping(arm: &Arm, trials: &[Trial], library: &Library) -> Result<Vec<Keeping>, InputError> {
    let reason = |id: &str| arm.labels.reasons.iter().position(|own| own == id);
    let not_bilag: Vec<usize> = NOT_BILAG.iter().filter_map(|id| reason(id)).collect();
    let kinds = [("SRI-4", "sri-4"), ("BICLA", "bicla"), ("BILAG response", "bicla")];
    let mut found = Vec::new();
    for (response, endpoint) in kinds {
        let Some(place) = arm.endpoint(endpoint) else { continue };
        let is_bilag = response != "SRI-4" && response != "BICLA";
        let counts = |reason: u16| reason == 0 || (is_bilag && not_bilag.contains(&usize::from(reason)));
        let own = follow_all(trials, place, counts);
        let published = if is_bilag { published(library)? } else { None };
        found.push(Keeping {
            published,
            ..described(response, &own, arm)
        });
    }
    Ok(found)
}

fn described(response: &str, counts: &Counts, arm: &Arm) -> Keeping {
    let of_all = |n: u32| percent(n, counts.patients);
    let words = |reason: u16| {
        let id = &arm.labels.reasons[usize::from(reason)];
        let found = arm.words.iter().find(|(own, _)| own == id);
        found.map_or(id.replace('-', " "), |(_, words)| words.clone())
    };
    let mut lost_by: Vec<(u16, u32)> = counts.lost_by.iter().map(|(reason, n)| (*reason, *n)).collect();
    lost_by.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let lost = |(reason, n): (u16, u32)| Lost {
        reason: words(reason),
        percent: percent(n, counts.early),
    };
    Keeping {
        response: response.to_owned(),
        patients: counts.patients,
        early: of_all(counts.early),
        late: of_all(counts.late),
        both: of_all(counts.both),
        lost: of_all(counts.early - counts.both),
        gained: of_all(counts.late - counts.both),
        neither: of_all(counts.patients + counts.both - counts.early - counts.late),
        every: of_all(counts.every),
        kept: counts.kept(),
        kept_late: percent(counts.both, counts.early),
        lost_by: lost_by.into_iter().map(lost).collect(),
        published: None,
    }
}

/// The pooled analysis, if the library has all of its numbers.
fn published(library: &Library) -> Result<Option<Published>, InputError> {
    let (evidence, _) = library_evidence_with(library, None)?;
    let found = evidence.get(POOLED).and_then(|pooled| {
        let at = |endpoint: &str, week: f64| pooled.arm_result("placebo", endpoint, week, FOLLOWED);
        let early = at("bilag-response", EARLY)?;
        let every = at("bilag-response-sustained-12-52", LATE)?;
        let kept = at("week12-responders-keeping-response", LATE)?.value?;
        let (share, n) = (early.value? / 100.0, f64::from(early.n?));
        let of = (share * n).round();
        let count = Count {
            responders: (kept / 100.0 * of).round() as u32,
            n: of as u32,
        };
        let limits = wilson(count, 0.95)?;
        Some(Published {
            early: early.value?,
            late: at("bilag-response", LATE)?.value?,
            every: (every.value?, every.ci_low?, every.ci_high?),
            kept: (kept, 100.0 * limits.low, 100.0 * limits.high),
            source: early.source.clone(),
        })
    });
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One patient: week and reason, 0 for a response.
    fn patient(patient: u32, visits: &[(f64, u16)]) -> Vec<OutcomeRow> {
        let row = |&(week, reason): &(f64, u16)| OutcomeRow {
            patient,
            arm: 0,
            endpoint: 1,
            week,
            responded: reason == 0,
            reason,
            value: None,
        };
        visits.iter().map(row).collect()
    }

    #[test]
    fn a_gap_between_the_visits_ends_a_response_and_a_gap_before_does_not() {
        let outcomes = [
            patient(0, &[(8.0, 5), (12.0, 0), (32.0, 0), (52.0, 0)]), // kept
            patient(1, &[(8.0, 0), (12.0, 0), (32.0, 6), (52.0, 0)]), // lost and back
            patient(2, &[(8.0, 0), (12.0, 0), (32.0, 1), (52.0, 1)]), // lost
            patient(3, &[(8.0, 0), (12.0, 5), (32.0, 0), (52.0, 0)]), // gained
            patient(4, &[(8.0, 5), (12.0, 5), (32.0, 0), (52.0, 5)]), // neither
        ]
        .concat();
        let found = follow(&outcomes, 1, |reason| reason == 0);
        let expected = Counts {
            patients: 5,
            early: 3,
            late: 3,
            both: 2,
            every: 1,
            lost_by: BTreeMap::from([(1, 1), (6, 1)]),
        };
        assert_eq!(found, expected);
        assert!((found.kept() - 100.0 / 3.0).abs() < 1e-12);
        // If reason 6 counts as a response, the gap of the second patient closes.
        assert_eq!(follow(&outcomes, 1, |reason| reason == 0 || reason == 6).every, 2);
        assert_eq!(follow(&outcomes, 0, |_| true), Counts::default());
    }

    #[test]
    fn the_library_has_the_published_instability() {
        let found = published(&Library::embedded())
            .expect("good evidence")
            .expect("all of it");
        assert_eq!(
            (found.early, found.late, found.every.0, found.kept.0),
            (46.0, 37.0, 14.3, 31.0)
        );
        // 14.3 of 46 % is the 31 % printed.
        assert!((100.0 * found.every.0 / found.early - found.kept.0).abs() < 0.5);
        assert!(found.kept.1 < 31.0 && found.kept.2 > 31.0);
    }
}
