//! The variable of an estimand read off one patient's course, intercurrent events treated by their strategies.
//!
//! Restricted medication is given after the assessment of its visit, so that visit is still free of it; but a composite
//! strategy counts it as a failure there already, as the endpoints do.

use malar_stats::negative_binomial::Tally;
use malar_stats::survival::Observation;

use super::{Estimand, Strategy};
use crate::analysis::Subject;
use crate::endpoint::Endpoint;
use crate::instruments::Variables;

/// Weeks are multiples of a visit interval; rounding of a day's arithmetic is far below this.
const HAIR: f64 = 1e-6;

/// What a patient's course says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<T> {
    /// Seen.
    Seen(T),
    /// Not seen, or set aside by a hypothetical strategy.
    Missing,
    /// Not in the principal stratum, as far as this course shows.
    Excluded,
}

impl<T> Value<T> {
    /// The value, if it was seen.
    pub fn seen(self) -> Option<T> {
        match self {
            Value::Seen(value) => Some(value),
            Value::Missing | Value::Excluded => None,
        }
    }

    /// In the stratum.
    pub fn is_included(&self) -> bool {
        !matches!(self, Value::Excluded)
    }
}

/// Until when a course may be read, and how it ended for the estimand.
struct Limits {
    /// Week of a composite failure.
    failed: Option<f64>,
    /// A hypothetical strategy sets aside what comes after.
    free_until: f64,
    /// The last week that counts.
    counts_until: f64,
    excluded: bool,
}

impl Estimand {
    /// What intercurrent events before `week` leave to read.
    fn limits(&self, subject: &Subject, week: f64) -> Limits {
        let mut limits = Limits {
            failed: None,
            free_until: f64::INFINITY,
            counts_until: f64::INFINITY,
            excluded: false,
        };
        // A patient who leaves at the last visit was still seen there; restricted medication counts at its own visit.
        let left = subject.left_week.filter(|t| *t < week - HAIR);
        let restricted = subject.restricted_week.filter(|t| *t <= week + HAIR);
        for (event, strategy) in [(left, self.discontinuation), (restricted, self.restricted_medication)] {
            let Some(at) = event else { continue };
            match strategy {
                Strategy::Composite => limits.failed = Some(limits.failed.map_or(at, |other: f64| other.min(at))),
                Strategy::TreatmentPolicy => {}
                Strategy::Hypothetical => limits.free_until = limits.free_until.min(at),
                Strategy::WhileOnTreatment => limits.counts_until = limits.counts_until.min(at),
                Strategy::PrincipalStratum => limits.excluded = true,
            }
        }
        limits
    }

    /// The visits that tell the value at `week`: up to that week, or to the last one that counts.
    fn visits<'a>(&self, subject: &'a Subject, week: f64, limits: &Limits) -> Option<&'a [Variables]> {
        if limits.free_until < week - HAIR {
            return None;
        }
        let target = week.min(limits.counts_until);
        let n = subject.visits.iter().take_while(|v| v[0] <= target + HAIR).count();
        let seen = n > 0 && subject.visits[n - 1][0] >= target - HAIR;
        seen.then(|| &subject.visits[..n])
    }

    /// Whether the patient responds at the week of interest.
    pub(crate) fn response(&self, subject: &Subject, endpoint: &Endpoint) -> Value<bool> {
        self.response_at(subject, endpoint, self.week())
    }

    /// Whether the patient responds at `week`.
    pub(crate) fn response_at(&self, subject: &Subject, endpoint: &Endpoint, week: f64) -> Value<bool> {
        let limits = self.limits(subject, week);
        // The stratum is one for all weeks.
        if self.limits(subject, self.week()).excluded {
            return Value::Excluded;
        }
        if limits.failed.is_some() {
            return Value::Seen(false);
        }
        let visits = self.visits(subject, week, &limits);
        visits
            .and_then(|visits| endpoint.meets_criteria(visits))
            .map_or(Value::Missing, Value::Seen)
    }

    /// Change from baseline of a visit variable at `week`.
    pub(crate) fn change(&self, subject: &Subject, variable: usize, week: f64) -> Value<f64> {
        let limits = self.limits(subject, week);
        // The stratum is one for all weeks.
        if self.limits(subject, self.week()).excluded {
            return Value::Excluded;
        }
        let last = self.visits(subject, week, &limits).and_then(<[Variables]>::last);
        last.map_or(Value::Missing, |v| {
            Value::Seen(v[variable] - subject.baseline[variable])
        })
    }

    /// Value of a score at the week of interest.
    pub(crate) fn score(&self, subject: &Subject, endpoint: &Endpoint) -> Value<f64> {
        let limits = self.limits(subject, self.week());
        if limits.excluded {
            return Value::Excluded;
        }
        let last = self.visits(subject, self.week(), &limits).and_then(<[Variables]>::last);
        last.and_then(|visit| endpoint.score(visit))
            .map_or(Value::Missing, Value::Seen)
    }

    /// Events and the years over which they were counted.
    pub(crate) fn tally(&self, subject: &Subject, endpoint: &Endpoint) -> Value<Tally> {
        let limits = self.limits(subject, self.week());
        if limits.excluded {
            return Value::Excluded;
        }
        let rule = endpoint.event.as_ref().expect("a rate has an event");
        let until = self.week().min(limits.free_until).min(limits.counts_until) + HAIR;
        let watched = || subject.visits.iter().take_while(|v| v[0] <= until);
        let Some(last) = watched().last() else {
            return Value::Missing;
        };
        Value::Seen(Tally {
            events: watched().filter(|v| rule.holds(*v)).count() as u32,
            exposure: last[0] * 7.0 / 365.25,
        })
    }

    /// Weeks to the first event, or to the end of watching.
    pub(crate) fn time(&self, subject: &Subject, endpoint: &Endpoint) -> Value<Observation> {
        let limits = self.limits(subject, self.week());
        if limits.excluded {
            return Value::Excluded;
        }
        let rule = endpoint.event.as_ref().expect("a rate has an event");
        let until = self.week().min(limits.free_until).min(limits.counts_until) + HAIR;
        let watched = || subject.visits.iter().take_while(|v| v[0] <= until);
        let first = watched().find(|v| rule.holds(*v)).map(|v| v[0]);
        let event = [first, limits.failed].into_iter().flatten().reduce(f64::min);
        let observation = match (event, watched().last()) {
            (Some(time), _) => Observation { time, event: true },
            (None, Some(last)) => Observation {
                time: last[0],
                event: false,
            },
            (None, None) => return Value::Missing,
        };
        Value::Seen(observation)
    }

    /// In the analysis population, and in the denominator of the endpoint if it has one.
    pub(crate) fn concerns(&self, subject: &Subject, endpoints: &[Endpoint]) -> bool {
        let denominator = match self.variable {
            super::Variable::Response(k) | super::Variable::Score(k) => endpoints[k].denominator.as_ref(),
            _ => None,
        };
        subject.populations[self.population] && denominator.is_none_or(|rule| rule.holds(&subject.baseline))
    }
}
