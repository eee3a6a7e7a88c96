//! Who the virtual patients were and how they fared: baseline, flow, reasons, screening, failures.

use std::collections::BTreeMap;

use crate::published::Published;
use crate::summary::{BaselineSummary, FailedPatient, FlowSummary, ReasonSummary, ScreeningSummary};
use malar_trial::results::{Labels, PatientRow, PatientStatus, Replicate};

/// Failed patients listed by name; more are only counted.
const FAILURES_LISTED: usize = 100;

/// A baseline characteristic: key in the evidence files, words, unit, value of a patient (100 or 0 for a percentage).
struct Characteristic {
    key: &'static str,
    words: &'static str,
    unit: &'static str,
    value: fn(&PatientRow) -> f64,
}

const fn characteristic(
    key: &'static str,
    words: &'static str,
    unit: &'static str,
    value: fn(&PatientRow) -> f64,
) -> Characteristic {
    Characteristic {
        key,
        words,
        unit,
        value,
    }
}

/// A property as a percentage.
fn percent(property: bool) -> f64 {
    if property { 100.0 } else { 0.0 }
}

const BASELINE: &[Characteristic] = &[
    characteristic("sledai_2k_mean", "SLEDAI-2K", "points", |p| f64::from(p.sledai_2k)),
    characteristic("pga_mean", "Physician global assessment", "0–3", |p| p.pga),
    characteristic("bilag_a_percent", "BILAG-2004, at least one A", "%", |p| {
        percent(p.bilag_a > 0)
    }),
    characteristic("ge2_bilag_b_percent", "BILAG-2004, no A and two or more B", "%", |p| {
        percent(p.bilag_a == 0 && p.bilag_b >= 2)
    }),
    characteristic("prednisone_mg_mean", "Prednisone equivalent", "mg/day", |p| {
        p.prednisone_mg_per_day
    }),
    characteristic("gc_percent", "On glucocorticoids", "%", |p| {
        percent(p.prednisone_mg_per_day > 0.0)
    }),
    characteristic("gc_ge10_percent", "Prednisone equivalent ≥ 10 mg/day", "%", |p| {
        percent(p.prednisone_mg_per_day >= 10.0)
    }),
    characteristic("antimalarial_percent", "On an antimalarial", "%", |p| {
        percent(p.antimalarial)
    }),
    characteristic("immunosuppressant_percent", "On an immunosuppressant", "%", |p| {
        percent(p.immunosuppressant)
    }),
    characteristic("ifngs_high_percent", "Interferon signature high", "%", |p| {
        percent(p.ifn_signature_high)
    }),
    characteristic("anti_dsdna_pos_percent", "Anti-dsDNA positive", "%", |p| {
        percent(p.anti_dsdna_positive)
    }),
    characteristic("low_complement_percent", "C3 or C4 low", "%", |p| {
        percent(p.low_complement)
    }),
    characteristic("weight_kg_mean", "Body weight", "kg", |p| p.weight_kg),
];

/// Count, mean and sum of squared deviations (Welford 1962, Technometrics 4:419).
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let step = value - self.mean;
        self.mean += step / self.count;
        self.squares += step * (value - self.mean);
    }

    fn sd(self) -> f64 {
        (self.squares / (self.count - 1.0)).sqrt()
    }
}

/// Everything about patients, folded.
pub(super) struct Patients {
    baseline: Vec<Moments>,
    flow: Vec<[u64; 7]>,
    /// Outcomes by (endpoint, arm): week (the latest seen), and counts by reason.
    reasons: BTreeMap<(u16, u16), (f64, Vec<u64>)>,
    screening: ScreeningTotals,
    failures: Vec<FailedPatient>,
    failed: u32,
}

#[derive(Default)]
struct ScreeningTotals {
    candidates: u64,
    filtered: u64,
    attempts: u64,
    randomised: u64,
    solver_failed: u64,
    by_criterion: Vec<u64>,
}

impl Patients {
    pub fn new(labels: &Labels) -> Patients {
        Patients {
            baseline: vec![Moments::default(); BASELINE.len()],
            flow: vec![[0; 7]; labels.arms.len()],
            reasons: BTreeMap::new(),
            screening: ScreeningTotals {
                by_criterion: vec![0; labels.criteria.len()],
                ..Default::default()
            },
            failures: Vec::new(),
            failed: 0,
        }
    }

    pub fn add(&mut self, replicate: &Replicate, labels: &Labels) {
        for patient in &replicate.patients {
            for (moments, characteristic) in self.baseline.iter_mut().zip(BASELINE) {
                moments.add((characteristic.value)(patient));
            }
            self.add_flow(patient);
            self.add_failure(replicate.index, patient, labels);
        }
        self.add_reasons(replicate, labels);
        self.screening.add(replicate);
    }

    fn add_flow(&mut self, patient: &PatientRow) {
        let flow = &mut self.flow[usize::from(patient.arm)];
        flow[0] += 1;
        flow[match patient.status {
            PatientStatus::Completed => 1,
            PatientStatus::DroppedOutAdministrative => 2,
            PatientStatus::DroppedOutLackOfEfficacy => 3,
            PatientStatus::SolverFailed => 5,
            PatientStatus::DroppedOutAdverseEvent => 6,
        }] += 1;
        flow[4] += u64::from(patient.restricted_week.is_some());
    }

    fn add_failure(&mut self, replicate: u32, patient: &PatientRow, labels: &Labels) {
        if patient.status != PatientStatus::SolverFailed {
            return;
        }
        self.failed += 1;
        if self.failures.len() < FAILURES_LISTED {
            let arm = labels.arms[usize::from(patient.arm)].clone();
            let reason = patient.failure.clone();
            self.failures.push(FailedPatient {
                replicate,
                patient: patient.patient,
                arm,
                reason,
            });
        }
    }

    /// Counts reasons at the last week each endpoint is assessed.
    fn add_reasons(&mut self, replicate: &Replicate, labels: &Labels) {
        for row in &replicate.outcomes {
            let none = || (row.week, vec![0; labels.reasons.len()]);
            let (week, counts) = self.reasons.entry((row.endpoint, row.arm)).or_insert_with(none);
            if row.week > *week {
                (*week, *counts) = none();
            }
            if row.week >= *week {
                counts[usize::from(row.reason)] += 1;
            }
        }
    }

    pub fn failed(&self) -> u32 {
        self.failed
    }

    pub fn failures(&self) -> Vec<FailedPatient> {
        self.failures.clone()
    }

    /// True if the replicates have no patients in their tables: a cohort of joints has none.
    fn has_none(&self) -> bool {
        self.flow.iter().flatten().all(|count| *count == 0)
    }

    pub fn baseline(&self, published: &dyn Published) -> Vec<BaselineSummary> {
        if self.has_none() {
            return Vec::new();
        }
        let summarise = |(characteristic, moments): (&Characteristic, &Moments)| {
            let seen = published.baseline(characteristic.key);
            BaselineSummary {
                variable: characteristic.words.into(),
                unit: characteristic.unit.into(),
                simulated: moments.mean,
                simulated_sd: (characteristic.unit != "%").then(|| moments.sd()),
                published: seen.map(|seen| seen.value),
                published_sd: seen.and_then(|seen| seen.sd),
            }
        };
        BASELINE.iter().zip(&self.baseline).map(summarise).collect()
    }

    pub fn flow(&self, labels: &Labels, replicates: u32) -> Vec<FlowSummary> {
        if self.has_none() {
            return Vec::new();
        }
        let summarise = |(arm, flow): (&String, &[u64; 7])| {
            let [
                randomised,
                completed,
                administrative,
                no_effect,
                restricted,
                failed,
                event,
            ] = flow.map(|count| count as f64 / f64::from(replicates));
            FlowSummary {
                arm: arm.clone(),
                randomised,
                completed,
                dropped_administrative: administrative,
                dropped_lack_of_efficacy: no_effect,
                dropped_adverse_event: event,
                restricted_medication: restricted,
                solver_failed: failed,
            }
        };
        let arms = labels.arms.iter().zip(&self.flow);
        arms.filter(|(_, flow)| flow[0] > 0).map(summarise).collect()
    }

    pub fn reasons(&self, labels: &Labels, words: &[(String, String)]) -> Vec<ReasonSummary> {
        let label = |reason: &String| {
            let known = words.iter().find(|(id, _)| id == reason);
            known.map_or_else(|| reason.replace('-', " "), |(_, label)| label.clone())
        };
        let mut summaries = Vec::new();
        for (&(endpoint, arm), (week, counts)) in &self.reasons {
            let total = counts.iter().sum::<u64>() as f64;
            for (reason, &count) in labels.reasons.iter().zip(counts).filter(|(_, count)| **count > 0) {
                summaries.push(ReasonSummary {
                    arm: labels.arms[usize::from(arm)].clone(),
                    endpoint: labels.endpoints[usize::from(endpoint)].clone(),
                    week: *week,
                    reason: reason.clone(),
                    label: label(reason),
                    percent: 100.0 * count as f64 / total,
                });
            }
        }
        summaries
    }

    pub fn screening(&self, labels: &Labels, replicates: u32) -> ScreeningSummary {
        let totals = &self.screening;
        let percent = |part: u64, whole: u64| {
            if whole == 0 {
                0.0
            } else {
                100.0 * part as f64 / whole as f64
            }
        };
        let failed = totals.attempts.saturating_sub(totals.randomised);
        let by_criterion = labels.criteria.iter().zip(&totals.by_criterion);
        ScreeningSummary {
            candidates: totals.candidates as f64 / f64::from(replicates),
            filtered_percent: percent(totals.filtered, totals.candidates),
            attempts: totals.attempts as f64 / f64::from(replicates),
            failed_percent: percent(failed, totals.attempts),
            by_criterion: by_criterion
                .map(|(name, &count)| (name.clone(), percent(count, totals.attempts)))
                .collect(),
            solver_failed: totals.solver_failed as f64 / f64::from(replicates),
        }
    }
}

impl ScreeningTotals {
    fn add(&mut self, replicate: &Replicate) {
        let screening = &replicate.screening;
        self.candidates += u64::from(screening.candidates);
        self.filtered += u64::from(screening.filtered);
        self.attempts += u64::from(screening.attempts);
        self.randomised += u64::from(screening.randomised);
        self.solver_failed += u64::from(screening.solver_failed);
        for (total, &count) in self.by_criterion.iter_mut().zip(&screening.failed_by_criterion) {
            *total += u64::from(count);
        }
    }
}
