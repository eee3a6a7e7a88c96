//! From visits to endpoints and comparisons, as the trial's own analysis would do it.

mod means;

pub(crate) use means::difference_of_means;

use malar_stats::rate::{Events, rate_difference};
use malar_stats::stratified::{Stratum, Variance, mantel_haenszel_difference};
use malar_stats::{Count, Difference};

use crate::conduct::{Course, Enrolled};
use crate::elsewhere::Group;
use crate::endpoint::{DISCONTINUED, Endpoint, FIRST_CRITERION, Kind, NOT_SOLVED, RESPONDER, Strategy, held_until};
use crate::instruments::Variables;
use crate::protocol::{NamedRule, Protocol};
use crate::regimes::is_week;
use crate::results::{EndpointRow, EstimateRow, Labels, OutcomeRow};

/// What the analysis needs to know of a randomised patient.
pub(crate) struct Subject {
    pub patient: u32,
    pub arm: u16,
    pub stratum: u16,
    /// Position among the baskets; `None` for a control from elsewhere.
    pub basket: Option<usize>,
    /// Variables of each visit after baseline.
    pub visits: Vec<Variables>,
    /// Membership in each of the labels' populations.
    pub populations: Vec<bool>,
    /// Variables at baseline.
    pub baseline: Variables,
    pub failed: bool,
    /// Week of the last visit on study drug, if it was stopped early.
    pub left_week: Option<f64>,
    /// Week of the first restricted medication.
    pub restricted_week: Option<f64>,
}

impl Subject {
    /// The patient of a course; `who` is number, arm and stratum.
    pub fn new(
        (patient, arm, stratum): (u32, u16, u16),
        group: Group,
        enrolled: &(Enrolled, Course),
        protocol: &Protocol,
    ) -> Subject {
        let course = &enrolled.1;
        let baseline = course.visits.first().map_or([0.0; _], |v| v.variables);
        let member = |population: &NamedRule| {
            let looked_at = course.visits.iter().find(|v| match population.at_week {
                None => true, // baseline
                Some(week) => is_week(v.week, week),
            });
            looked_at.is_some_and(|v| population.rule.holds(&v.variables))
        };
        Subject {
            patient,
            arm,
            stratum,
            basket: group.basket(),
            visits: course.visits.iter().skip(1).map(|v| v.variables).collect(),
            populations: std::iter::once(true)
                .chain(protocol.populations.iter().map(member))
                .chain((0..protocol.regions.len()).map(|region| region == enrolled.0.candidate.region))
                .chain((0..protocol.n_baskets()).map(|basket| group.basket() == Some(basket)))
                .collect(),
            baseline,
            failed: course.failure.is_some(),
            left_week: course.left_week,
            restricted_week: course.restricted_week,
        }
    }

    /// Reason of non-response at a week.
    pub fn reason(&self, endpoint: &Endpoint, week: f64) -> usize {
        endpoint.respond_at(&self.visits, week, self.absent())
    }

    /// Value of a score at a week, or the reason why there is none.
    fn score(&self, endpoint: &Endpoint, week: f64) -> Result<f64, usize> {
        endpoint.score_at(&self.visits, week, self.absent())
    }

    /// Reason at a week without visit.
    fn absent(&self) -> usize {
        if self.failed { NOT_SOLVED } else { DISCONTINUED }
    }

    /// Events and years under observation up to a week.
    fn events(&self, endpoint: &Endpoint, week: f64) -> (f64, f64) {
        let rule = endpoint.event.as_ref().expect("a rate has an event");
        let mut visits = held_until(&self.visits, week);
        if endpoint.intercurrent.discontinuation != Strategy::TreatmentPolicy {
            let on_drug = |v: &Variables| self.left_week.is_none_or(|left| v[0] <= left);
            visits = &visits[..visits.partition_point(on_drug)];
        }
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
    if reason < FIRST_CRITERION && (reason != RESPONDER || endpoint.kind != Kind::Score) {
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
    for (number, (usage, _)) in protocol.endpoints.iter().enumerate() {
        for &week in &usage.weeks {
            let reading = Reading {
                protocol,
                endpoint: &endpoints[number],
                number: number as u16,
                week,
                labels,
                subjects,
            };
            match reading.endpoint.kind {
                Kind::Binary => reading.binary(&mut analysis),
                Kind::Rate => reading.rate(&mut analysis),
                Kind::Score => reading.score(&mut analysis),
            }
        }
    }
    analysis.outcomes.sort_by_key(|o| o.patient); // stable: endpoint and week keep their order
    analysis
}

/// Every other arm against the control; controls from elsewhere against nothing.
pub(crate) fn comparisons(protocol: &Protocol) -> impl Iterator<Item = (usize, usize)> + use<> {
    let control = protocol.control();
    (0..protocol.randomised().len())
        .filter(move |&arm| arm != control)
        .map(move |arm| (arm, control))
}

fn pooled(strata: &[Count]) -> Count {
    let none = Count { responders: 0, n: 0 };
    strata.iter().fold(none, |sum, c| sum.pooled(*c))
}

/// One endpoint at one week.
struct Reading<'a> {
    protocol: &'a Protocol,
    endpoint: &'a Endpoint,
    number: u16,
    week: f64,
    labels: &'a Labels,
    subjects: &'a [Subject],
}

impl Reading<'_> {
    fn binary(&self, out: &mut Analysis) {
        let responses = self.responses(&mut out.outcomes);
        for population in 0..self.labels.populations.len() {
            let counts = self.counts(&responses, population);
            for (arm, strata) in counts.iter().enumerate() {
                let published = self.published(arm, population);
                if published.is_none() && self.protocol.arms[arm].is_published() {
                    continue; // nothing is known of it
                }
                let total = published.unwrap_or_else(|| pooled(strata));
                let (n, count) = (f64::from(total.n), f64::from(total.responders));
                out.endpoints
                    .push(self.endpoint_row(arm, population, n, count, 100.0 * count / n));
            }
            for (arm, control) in comparisons(self.protocol) {
                let strata = match self.published(control, population) {
                    // Nobody knows the strata of published patients.
                    Some(control) => vec![Stratum {
                        treated: pooled(&counts[arm]),
                        control,
                    }],
                    None => {
                        let pairs = counts[arm].iter().zip(&counts[control]);
                        pairs.map(|(&treated, &control)| Stratum { treated, control }).collect()
                    }
                };
                let difference = mantel_haenszel_difference(&strata, Variance::Sato);
                out.estimates
                    .extend(difference.map(|d| self.estimate_row(arm, control, population, d, 100.0)));
            }
        }
    }

    /// Responders that were published of a control from elsewhere; of everybody, not of a part of them.
    fn published(&self, arm: usize, population: usize) -> Option<Count> {
        let arm = &self.protocol.arms[arm];
        let place = (self.endpoint.id.as_str(), self.week);
        arm.published(place).filter(|_| population == 0)
    }

    /// Every patient in the denominator with the response; each leaves an outcome row with the reason.
    fn responses(&self, outcomes: &mut Vec<OutcomeRow>) -> Vec<(&Subject, bool)> {
        let response = |s| {
            let reason = Subject::reason(s, self.endpoint, self.week);
            let responded = reason == RESPONDER;
            let reason = global_reason(self.endpoint, reason, self.labels);
            let (patient, arm, endpoint, week) = (s.patient, s.arm, self.number, self.week);
            outcomes.push(OutcomeRow {
                patient,
                arm,
                endpoint,
                week,
                responded,
                reason,
                value: None,
            });
            (s, responded)
        };
        self.eligible().map(response).collect()
    }

    /// Patients in the denominator.
    fn eligible(&self) -> impl Iterator<Item = &Subject> {
        let rule = self.endpoint.denominator.as_ref();
        self.subjects
            .iter()
            .filter(move |s| rule.is_none_or(|rule| rule.holds(&s.baseline)))
    }

    /// Responders and patients by arm and stratum.
    fn counts(&self, responses: &[(&Subject, bool)], population: usize) -> Vec<Vec<Count>> {
        let n_strata = self.labels.strata.len().max(1);
        let mut counts = vec![vec![Count { responders: 0, n: 0 }; n_strata]; self.protocol.arms.len()];
        for (s, responded) in responses.iter().filter(|(s, _)| s.populations[population]) {
            let count = &mut counts[usize::from(s.arm)][usize::from(s.stratum)];
            count.n += 1;
            count.responders += u32::from(*responded);
        }
        counts
    }

    fn rate(&self, out: &mut Analysis) {
        for population in 0..self.labels.populations.len() {
            let mut total = vec![(0.0, 0.0); self.protocol.arms.len()];
            for s in self.subjects.iter().filter(|s| s.populations[population]) {
                let (events, years) = s.events(self.endpoint, self.week);
                let sum = &mut total[usize::from(s.arm)];
                *sum = (sum.0 + events, sum.1 + years);
            }
            for (arm, &(count, years)) in total.iter().enumerate() {
                if self.protocol.arms[arm].is_published() {
                    continue; // nobody of it was watched
                }
                out.endpoints
                    .push(self.endpoint_row(arm, population, years, count, count / years));
            }
            let events = |arm: usize| Events {
                events: total[arm].0 as u32,
                person_time: total[arm].1,
            };
            for (arm, control) in comparisons(self.protocol) {
                let difference = rate_difference(events(arm), events(control));
                out.estimates
                    .extend(difference.map(|d| self.estimate_row(arm, control, population, d, 1.0)));
            }
        }
    }

    fn endpoint_row(&self, arm: usize, population: usize, n: f64, count: f64, value: f64) -> EndpointRow {
        let (arm, population) = (arm as u16, population as u16);
        EndpointRow {
            arm,
            endpoint: self.number,
            week: self.week,
            population,
            n,
            count,
            value,
        }
    }

    /// A row in the endpoint's unit: `scale` turns shares into percentage points.
    fn estimate_row(&self, arm: usize, control: usize, population: usize, d: Difference, scale: f64) -> EstimateRow {
        EstimateRow {
            arm: arm as u16,
            control: control as u16,
            endpoint: self.number,
            week: self.week,
            population: population as u16,
            difference: scale * d.estimate,
            low95: scale * d.low95,
            high95: scale * d.high95,
            p_value: d.p_value,
        }
    }
}
