//! From the patients of one trial to its rows.

use std::collections::BTreeMap;

use super::cohort::Cohort;
use super::{Infeasible, Simulation, TrialEffect};
use crate::analysis::{Subject, analyse};
use crate::baskets::basket_rows;
use crate::conduct::{Course, Enrolled};
use crate::estimand::{Luck, estimate};
use crate::multiplicity::hypothesis_rows;
use crate::results::{AtRisk, DoseRow, EstimandRow, EventRow, KineticsRow, PatientRow, Replicate, Screening, VisitRow};
use crate::rows;
use crate::survival::survival;

/// What the patients of all groups leave, group by group.
#[derive(Default)]
struct Rows {
    patients: Vec<PatientRow>,
    visits: Vec<VisitRow>,
    doses: Vec<DoseRow>,
    events: Vec<EventRow>,
    kinetics: Vec<KineticsRow>,
    subjects: Vec<Subject>,
    arms: Vec<u16>,
    courses: Vec<(Enrolled, Course)>,
    /// Of the trial's own patients.
    screening: Screening,
    days: f64,
    steps: (u64, u64),
}

impl Simulation {
    pub(super) fn replicate_with(&self, seed: u64, index: u32, effect: TrialEffect) -> Result<Replicate, Infeasible> {
        let mut rows = Rows::default();
        for group in std::iter::once(self).chain(&self.elsewhere) {
            let cohort = group.cohort(group.lot(seed, index), effect == TrialEffect::Fades)?;
            let first = rows.arms.len() as u32;
            group.add_to(&mut rows, cohort.numbered_from(first));
        }
        let analysis = analyse(&self.protocol, &self.endpoints, &self.labels, &rows.subjects);
        let luck = Luck { seed, replicate: index };
        Ok(Replicate {
            index,
            hypotheses: hypothesis_rows(&self.protocol, &self.endpoints, &analysis.estimates),
            outcomes: analysis.outcomes,
            endpoints: analysis.endpoints,
            estimates: analysis.estimates,
            at_risk: self.at_risk(&rows),
            survival: survival(&self.protocol, &self.labels, &rows.arms, &rows.courses, &rows.events),
            estimands: self.estimated(&rows.subjects, luck),
            baskets: basket_rows(&self.protocol, &self.endpoints, &rows.subjects),
            screening: rows.screening,
            patients: rows.patients,
            visits: rows.visits,
            doses: rows.doses,
            events: rows.events,
            kinetics: rows.kinetics,
            patient_years: rows.days / 365.25,
            steps: rows.steps,
        })
    }

    /// Puts down what the patients of this group left.
    fn add_to(&self, rows: &mut Rows, cohort: Cohort) {
        let labelled = (&self.protocol, &self.labels);
        for (k, course) in cohort.courses.iter().enumerate() {
            let who = cohort.who(k, !self.protocol.regions.is_empty());
            let program = &self.arms[usize::from(who.arm)];
            rows.patients.push(rows::patient(who, course, &self.roster, program));
            rows.visits.extend(rows::visits(who, &course.1));
            rows.doses
                .extend(rows::doses(who, course, (&self.roster, program), labelled));
            let place = (who.patient, who.arm, who.stratum);
            rows.subjects
                .push(Subject::new(place, self.group, course, &self.protocol));
        }
        let counters = &cohort.effort.counters;
        rows.steps.0 += counters.accepted;
        rows.steps.1 += counters.rejected;
        rows.days += cohort.effort.days;
        rows.events.extend(cohort.seen.events);
        rows.kinetics.extend(cohort.seen.kinetics);
        if cohort.first == 0 {
            rows.screening = cohort.effort.screening;
        }
        rows.arms.extend(cohort.arms);
        rows.courses.extend(cohort.courses);
    }

    fn estimated(&self, subjects: &[Subject], luck: Luck) -> Vec<EstimandRow> {
        let estimands = self.estimands.iter().enumerate();
        let rows = estimands.flat_map(|(number, estimand)| {
            let trial = (&self.protocol, self.endpoints.as_slice());
            estimate((estimand, number as u16), trial, subjects, luck)
        });
        rows.collect()
    }

    /// Patients and years of observation by arm, if adverse events were looked for.
    fn at_risk(&self, rows: &Rows) -> Vec<AtRisk> {
        if self.safety.is_none() {
            return Vec::new();
        }
        let none = AtRisk {
            patients: 0,
            years: 0.0,
        };
        let mut at_risk = vec![none; self.arms.len()];
        let fatal = rows.events.iter().filter(|e| e.grade == 5);
        let deaths: BTreeMap<u32, f64> = fatal.map(|e| (e.patient, e.day)).collect();
        for (k, (arm, (_, course))) in rows.arms.iter().zip(&rows.courses).enumerate() {
            let end = 7.0 * course.last_week();
            let row = &mut at_risk[usize::from(*arm)];
            row.patients += 1;
            row.years += deaths.get(&(k as u32)).copied().unwrap_or(end) / 365.25;
        }
        at_risk
    }
}

impl Cohort {
    fn who(&self, k: usize, has_regions: bool) -> rows::Who {
        rows::Who {
            patient: self.first + k as u32,
            arm: self.arms[k],
            stratum: self.strata[k],
            attempts: self.attempts[k],
            has_regions,
        }
    }
}
