//! Curves of patients without an event yet: relapse, treatment again, damage, death.

use std::collections::BTreeMap;

use malar_stats::survival::{Observation, kaplan_meier};

use crate::conduct::{Course, Enrolled};
use crate::protocol::Protocol;
use crate::results::{EventRow, Labels, SurvivalRow};

/// Curves that adverse events give, with the event's id; `None` is any event of grade 5.
const OF_EVENTS: [(&str, Option<&str>); 2] = [("alive", None), ("no-damage", Some("organ-damage"))];
/// Curve of those not treated again.
const NOT_AGAIN: &str = "not-treated-again";
/// Weeks between the points of a curve.
const EVERY: f64 = 4.0;

/// Names of a trial's curves. Those of adverse events are read in long trials and where curves are asked for.
pub(crate) fn curves(protocol: &Protocol, safety: bool) -> Vec<String> {
    let mut names: Vec<String> = protocol.survival.iter().map(|s| s.id.clone()).collect();
    if protocol.retreatment.is_some() {
        names.push(NOT_AGAIN.to_owned());
    }
    if safety && !names.is_empty() {
        names.extend(OF_EVENTS.iter().map(|(name, _)| (*name).to_owned()));
    }
    names
}

/// All curves of one replicate.
pub(crate) fn survival(
    protocol: &Protocol,
    labels: &Labels,
    arms: &[u16],
    courses: &[(Enrolled, Course)],
    events: &[EventRow],
) -> Vec<SurvivalRow> {
    let watch = Watch {
        protocol,
        labels,
        events: by_patient(events),
    };
    let mut rows = Vec::new();
    for (curve, name) in labels.curves.iter().enumerate() {
        for arm in 0..labels.arms.len() as u16 {
            let members = (0..arms.len()).filter(|&k| arms[k] == arm);
            let observations: Vec<Observation> =
                members.map(|k| watch.observe(name, k as u32, &courses[k].1)).collect();
            let Some(estimate) = kaplan_meier(&observations, 0.95) else {
                continue;
            };
            let n = (protocol.duration_weeks / EVERY + 1e-9) as u32;
            rows.extend((0..=n).map(|k| {
                let week = EVERY * f64::from(k);
                SurvivalRow {
                    arm,
                    curve: curve as u16,
                    week,
                    share: estimate.at(week),
                    at_risk: observations.iter().filter(|o| o.time >= week).count() as u32,
                }
            }));
        }
    }
    rows
}

/// What curves are read from.
struct Watch<'a> {
    protocol: &'a Protocol,
    labels: &'a Labels,
    events: BTreeMap<u32, Vec<&'a EventRow>>,
}

impl Watch<'_> {
    /// Week of the first event, or of the end of watching: the last visit or death, whichever comes first.
    fn observe(&self, curve: &str, patient: u32, course: &Course) -> Observation {
        let none = Vec::new();
        let own = self.events.get(&patient).unwrap_or(&none);
        let death = own.iter().find(|row| row.grade == 5).map(|row| row.day / 7.0);
        let last = course.last_week();
        let end = death.map_or(last, |week| week.min(last));
        let first = match self.protocol.survival.iter().find(|named| named.id == curve) {
            Some(named) => {
                let mut later = course.visits.iter().skip(1);
                later
                    .find(|visit| named.rule.holds(&visit.variables))
                    .map(|visit| visit.week)
            }
            None if curve == NOT_AGAIN => course.retreated.first().copied(),
            None => {
                let wanted = OF_EVENTS
                    .iter()
                    .find(|(name, _)| *name == curve)
                    .and_then(|(_, event)| *event);
                match wanted {
                    None => death,
                    Some(id) => {
                        let is = |row: &&&EventRow| self.labels.events[usize::from(row.event)] == id;
                        own.iter().find(is).map(|row| row.day / 7.0)
                    }
                }
            }
        };
        let happened = first.filter(|week| *week <= end);
        Observation {
            time: happened.unwrap_or(end),
            event: happened.is_some(),
        }
    }
}

fn by_patient(events: &[EventRow]) -> BTreeMap<u32, Vec<&EventRow>> {
    let mut found: BTreeMap<u32, Vec<&EventRow>> = BTreeMap::new();
    for row in events {
        found.entry(row.patient).or_default().push(row);
    }
    found
}
