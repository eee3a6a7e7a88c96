//! From visits to endpoints and comparisons, as the trial's own analysis would do it.

use malar_stats::Count;
use malar_stats::rate::{Events, rate_difference};
use malar_stats::stratified::{Stratum, Variance, mantel_haenszel_difference};

use crate::conduct::{Course, Enrolled};
use crate::endpoint::{Endpoint, FIRST_CRITERION, Kind, NOT_SOLVED};
use crate::instruments::Variables;
use crate::protocol::Protocol;
use crate::results::{EndpointRow, EstimateRow, Labels, OutcomeRow};

/// What the analysis needs to know of a randomised patient.
pub(crate) struct Subject {
    pub patient: u32,
    pub arm: u16,
    pub stratum: u16,
    /// Variables of each visit after baseline.
    pub visits: Vec<Variables>,
    /// Membership in each of the labels' populations.
    pub populations: Vec<bool>,
    /// Variables at baseline.
    pub baseline: Variables,
    pub failed: bool,
}

impl Subject {
    pub fn new(patient: u32, arm: u16, stratum: u16, enrolled: &(Enrolled, Course), protocol: &Protocol) -> Subject {
        let course = &enrolled.1;
        let baseline = course.visits.first().map_or([0.0; _], |v| v.variables);
        let member = |rule: &malar_model::rule::Rule| !course.visits.is_empty() && rule.holds(&baseline);
        Subject {
            patient,
            arm,
            stratum,
            visits: course.visits.iter().skip(1).map(|v| v.variables).collect(),
            populations: std::iter::once(true)
                .chain(protocol.populations.iter().map(|p| member(&p.rule)))
                .collect(),
            baseline,
            failed: course.failure.is_some(),
        }
    }

    /// Visits up to a week, and whether the patient still came at that week.
    fn until(&self, week: f64) -> (&[Variables], bool) {
        let n = self.visits.iter().take_while(|v| v[0] <= week + 1e-9).count();
        let came = n > 0 && self.visits[n - 1][0] >= week - 1e-9;
        (&self.visits[..n], came)
    }

    /// Reason of non-response at a week.
    fn reason(&self, endpoint: &Endpoint, week: f64) -> usize {
        let (visits, came) = self.until(week);
        if !came {
            return if self.failed {
                NOT_SOLVED
            } else {
                crate::endpoint::DISCONTINUED
            };
        }
        endpoint.respond(visits)
    }

    /// Events and years under observation up to a week.
    fn events(&self, endpoint: &Endpoint, week: f64) -> (f64, f64) {
        let rule = endpoint.event.as_ref().expect("a rate has an event");
        let (visits, _) = self.until(week);
        let events = visits.iter().filter(|v| rule.holds(*v)).count() as f64;
        (events, visits.last().map_or(0.0, |v| v[0] * 7.0 / 365.25))
    }
}

/// Everything the analysis yields.
#[derive(Default)]
pub(crate) struct Analysis {
    pub outcomes: Vec<OutcomeRow>,
    pub endpoints: Vec<EndpointRow>,
    pub estimates: Vec<EstimateRow>,
}

/// Position of an endpoint's reason among the labels' reasons.
pub(crate) fn global_reason(endpoint: &Endpoint, reason: usize, labels: &Labels) -> u16 {
    if reason < FIRST_CRITERION {
        return reason as u16;
    }
    let id = endpoint.reason_id(reason);
    labels
        .reasons
        .iter()
        .position(|r| r == id)
        .expect("labels list every criterion") as u16
}

/// Analyses one replicate.
pub(crate) fn analyse(protocol: &Protocol, endpoints: &[Endpoint], labels: &Labels, subjects: &[Subject]) -> Analysis {
    let mut analysis = Analysis::default();
    for (e, (usage, _)) in protocol.endpoints.iter().enumerate() {
        for &week in &usage.weeks {
            match endpoints[e].kind {
                Kind::Binary => binary(protocol, &endpoints[e], e as u16, week, labels, subjects, &mut analysis),
                Kind::Rate => rate(protocol, &endpoints[e], e as u16, week, subjects, &mut analysis),
            }
        }
    }
    analysis.outcomes.sort_by_key(|o| o.patient); // stable: endpoint and week keep their order
    analysis
}

fn binary(
    protocol: &Protocol,
    endpoint: &Endpoint,
    e: u16,
    week: f64,
    labels: &Labels,
    subjects: &[Subject],
    out: &mut Analysis,
) {
    let eligible = |s: &&Subject| endpoint.denominator.as_ref().is_none_or(|rule| rule.holds(&s.baseline));
    let responses: Vec<(&Subject, bool)> = (subjects.iter().filter(eligible))
        .map(|s| {
            let reason = s.reason(endpoint, week);
            let responded = reason == crate::endpoint::RESPONDER;
            let reason = global_reason(endpoint, reason, labels);
            out.outcomes.push(OutcomeRow {
                patient: s.patient,
                arm: s.arm,
                endpoint: e,
                week,
                responded,
                reason,
            });
            (s, responded)
        })
        .collect();
    let n_strata = labels.strata.len().max(1);
    for population in 0..labels.populations.len() {
        let mut counts = vec![vec![Count { responders: 0, n: 0 }; n_strata]; protocol.arms.len()];
        for (s, responded) in responses.iter().filter(|(s, _)| s.populations[population]) {
            let count = &mut counts[usize::from(s.arm)][usize::from(s.stratum)];
            count.n += 1;
            count.responders += u32::from(*responded);
        }
        for (arm, strata) in counts.iter().enumerate() {
            let total = strata
                .iter()
                .fold(Count { responders: 0, n: 0 }, |sum, c| sum.pooled(*c));
            let (n, count) = (f64::from(total.n), f64::from(total.responders));
            let value = 100.0 * count / n;
            out.endpoints.push(EndpointRow {
                arm: arm as u16,
                endpoint: e,
                week,
                population: population as u16,
                n,
                count,
                value,
            });
        }
        let control = protocol.control();
        for arm in (0..protocol.arms.len()).filter(|&a| a != control) {
            let pairs = counts[arm].iter().zip(&counts[control]);
            let strata: Vec<Stratum> = pairs.map(|(&treated, &control)| Stratum { treated, control }).collect();
            let Some(d) = mantel_haenszel_difference(&strata, Variance::Sato) else {
                continue;
            };
            out.estimates.push(EstimateRow {
                arm: arm as u16,
                control: control as u16,
                endpoint: e,
                week,
                population: population as u16,
                difference: 100.0 * d.estimate,
                low95: 100.0 * d.low95,
                high95: 100.0 * d.high95,
                p_value: d.p_value,
            });
        }
    }
}

fn rate(protocol: &Protocol, endpoint: &Endpoint, e: u16, week: f64, subjects: &[Subject], out: &mut Analysis) {
    let n_populations = subjects.first().map_or(1, |s| s.populations.len());
    for population in 0..n_populations {
        let mut total = vec![(0.0, 0.0); protocol.arms.len()];
        for s in subjects.iter().filter(|s| s.populations[population]) {
            let (events, years) = s.events(endpoint, week);
            let sum = &mut total[usize::from(s.arm)];
            *sum = (sum.0 + events, sum.1 + years);
        }
        for (arm, &(count, n)) in total.iter().enumerate() {
            let row = EndpointRow {
                arm: arm as u16,
                endpoint: e,
                week,
                population: population as u16,
                n,
                count,
                value: count / n,
            };
            out.endpoints.push(row);
        }
        let control = protocol.control();
        let events = |arm: usize| Events {
            events: total[arm].0 as u32,
            person_time: total[arm].1,
        };
        for arm in (0..protocol.arms.len()).filter(|&a| a != control) {
            let Some(d) = rate_difference(events(arm), events(control)) else {
                continue;
            };
            out.estimates.push(EstimateRow {
                arm: arm as u16,
                control: control as u16,
                endpoint: e,
                week,
                population: population as u16,
                difference: d.estimate,
                low95: d.low95,
                high95: d.high95,
                p_value: d.p_value,
            });
        }
    }
}
