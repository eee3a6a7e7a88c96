//! From the patients of one trial to its rows.

use std::collections::BTreeMap;

use super::cohort::Cohort;
use super::{Infeasible, Simulation, TrialEffect};
use crate::analysis::{Subject, analyse, comparisons};
use crate::estimand::{Luck, estimate};
use crate::results::{AtRisk, DoseRow, EstimandRow, PatientRow, Replicate, VisitRow};
use crate::rows;
use crate::survival::survival;

impl Simulation {
    pub(super) fn replicate_with(&self, seed: u64, index: u32, effect: TrialEffect) -> Result<Replicate, Infeasible> {
        let cohort = self.cohort(self.lot(seed, index), effect == TrialEffect::Fades)?;
        let subjects: Vec<Subject> = (0..cohort.arms.len()).map(|k| self.subject(&cohort, k)).collect();
        let analysis = analyse(&self.protocol, &self.endpoints, &self.labels, &subjects);
        let luck = Luck { seed, replicate: index };
        let (arms, courses) = (&cohort.arms, &cohort.courses);
        Ok(Replicate {
            index,
            patients: self.patient_rows(&cohort).collect(),
            visits: self.visit_rows(&cohort).collect(),
            doses: self.dose_rows(&cohort).collect(),
            outcomes: analysis.outcomes,
            endpoints: analysis.endpoints,
            estimates: analysis.estimates,
            at_risk: self.at_risk(&cohort),
            survival: survival(&self.protocol, &self.labels, arms, courses, &cohort.seen.events),
            estimands: self.estimated(&subjects, luck),
            patient_years: cohort.effort.days / 365.25,
            steps: (cohort.effort.counters.accepted, cohort.effort.counters.rejected),
            screening: cohort.effort.screening,
            events: cohort.seen.events,
            kinetics: cohort.seen.kinetics,
        })
    }

    fn subject(&self, cohort: &Cohort, k: usize) -> Subject {
        let (arm, stratum) = (cohort.arms[k], cohort.strata[k]);
        Subject::new(k as u32, arm, stratum, &cohort.courses[k], &self.protocol)
    }

    fn estimated(&self, subjects: &[Subject], luck: Luck) -> Vec<EstimandRow> {
        let estimands = self.estimands.iter().enumerate();
        let rows = estimands.flat_map(|(number, estimand)| {
            let arms = comparisons(&self.protocol);
            estimate(estimand, number as u16, &self.endpoints, subjects, arms, luck)
        });
        rows.collect()
    }

    fn patient_rows<'a>(&'a self, cohort: &'a Cohort) -> impl Iterator<Item = PatientRow> + 'a {
        cohort.courses.iter().enumerate().map(|(k, course)| {
            let program = &self.arms[usize::from(cohort.arms[k])];
            rows::patient(cohort.who(k), course, &self.roster, program)
        })
    }

    fn visit_rows<'a>(&'a self, cohort: &'a Cohort) -> impl Iterator<Item = VisitRow> + 'a {
        let courses = cohort.courses.iter().enumerate();
        courses.flat_map(|(k, course)| rows::visits(cohort.who(k), &course.1))
    }

    fn dose_rows<'a>(&'a self, cohort: &'a Cohort) -> impl Iterator<Item = DoseRow> + 'a {
        cohort.courses.iter().enumerate().flat_map(|(k, course)| {
            let program = &self.arms[usize::from(cohort.arms[k])];
            rows::doses(
                cohort.who(k),
                course,
                (&self.roster, program),
                (&self.protocol, &self.labels),
            )
        })
    }

    /// Patients and years of observation by arm, if adverse events were looked for.
    fn at_risk(&self, cohort: &Cohort) -> Vec<AtRisk> {
        if self.safety.is_none() {
            return Vec::new();
        }
        let none = AtRisk {
            patients: 0,
            years: 0.0,
        };
        let mut rows = vec![none; self.arms.len()];
        let fatal = cohort.seen.events.iter().filter(|e| e.grade == 5);
        let deaths: BTreeMap<u32, f64> = fatal.map(|e| (e.patient, e.day)).collect();
        for (k, (arm, (_, course))) in cohort.arms.iter().zip(&cohort.courses).enumerate() {
            let end = 7.0 * course.last_week();
            let row = &mut rows[usize::from(*arm)];
            row.patients += 1;
            row.years += deaths.get(&(k as u32)).copied().unwrap_or(end) / 365.25;
        }
        rows
    }
}

impl Cohort {
    fn who(&self, k: usize) -> rows::Who {
        rows::Who {
            patient: k as u32,
            arm: self.arms[k],
            stratum: self.strata[k],
            attempts: self.attempts[k],
        }
    }
}
