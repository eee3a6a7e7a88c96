//! Activity, serology and drug over time.

use std::collections::BTreeMap;

use super::sample::Sample;
use crate::summary::TrajectorySummary;
use malar_trial::results::{Labels, Replicate, VisitRow};

/// A measured variable: id, words for the axis, unit, value at a visit.
struct Variable {
    id: &'static str,
    label: &'static str,
    unit: &'static str,
    value: fn(&VisitRow) -> f64,
}

const VARIABLES: &[Variable] = &[
    Variable {
        id: "sledai-2k",
        label: "SLEDAI-2K",
        unit: "points",
        value: |v| f64::from(v.sledai_2k),
    },
    Variable {
        id: "pga",
        label: "Physician global assessment",
        unit: "0–3",
        value: |v| v.pga,
    },
    Variable {
        id: "prednisone",
        label: "Prednisone equivalent",
        unit: "mg/day",
        value: |v| v.prednisone_mg_per_day,
    },
    Variable {
        id: "anti-dsdna",
        label: "Anti-dsDNA",
        unit: "IU/mL",
        value: |v| v.anti_dsdna_iu_per_ml,
    },
    Variable {
        id: "c3",
        label: "Complement C3",
        unit: "g/L",
        value: |v| v.c3_g_per_l,
    },
    Variable {
        id: "c4",
        label: "Complement C4",
        unit: "g/L",
        value: |v| v.c4_g_per_l,
    },
    Variable {
        id: "ifn-signature",
        label: "Interferon signature",
        unit: "× own baseline",
        value: |v| v.ifn_signature_fold,
    },
    Variable {
        id: "upcr",
        label: "Urine protein to creatinine",
        unit: "g/g",
        value: |v| v.upcr_g_per_g.unwrap_or(f64::NAN),
    },
    Variable {
        id: "egfr",
        label: "Filtration rate",
        unit: "mL/min/1.73 m²",
        value: |v| v.egfr_ml_per_min.unwrap_or(f64::NAN),
    },
    Variable {
        id: "clasi",
        label: "CLASI activity",
        unit: "points",
        value: |v| v.clasi_activity.unwrap_or(f64::NAN),
    },
    Variable {
        id: "tender-joints",
        label: "Tender joints",
        unit: "of 28",
        value: |v| v.tender_joints.unwrap_or(f64::NAN),
    },
    Variable {
        id: "swollen-joints",
        label: "Swollen joints",
        unit: "of 28",
        value: |v| v.swollen_joints.unwrap_or(f64::NAN),
    },
    Variable {
        id: CONCENTRATION,
        label: "Study drug before dosing",
        unit: "mg/L",
        value: |v| v.concentration_mg_per_l,
    },
];

const CONCENTRATION: &str = "concentration";

/// Samples by (variable, arm, week as ordered bits).
#[derive(Default)]
pub(super) struct Trajectories {
    samples: BTreeMap<(usize, u16, u64), Sample>,
}

impl Trajectories {
    pub fn add(&mut self, replicate: &Replicate) {
        for visit in replicate.visits.iter().filter(|visit| visit.on_study) {
            for (at, variable) in VARIABLES.iter().enumerate() {
                let key = (at, visit.arm, visit.week.to_bits());
                self.samples
                    .entry(key)
                    .or_insert_with(Sample::new)
                    .add((variable.value)(visit));
            }
        }
    }

    /// One summary per variable and arm. Arms that never saw the drug have no concentration.
    pub fn summaries(&self, labels: &Labels) -> Vec<TrajectorySummary> {
        let mut summaries: Vec<TrajectorySummary> = Vec::new();
        for (&(variable, arm, week), sample) in &self.samples {
            let (variable, arm) = (&VARIABLES[variable], labels.arms[usize::from(arm)].as_str());
            let [low, median, high] = sample.quantiles([0.05, 0.5, 0.95]);
            if !summaries
                .last()
                .is_some_and(|last| last.variable == variable.id && last.arm == arm)
            {
                summaries.push(empty(variable, arm));
            }
            let summary = summaries.last_mut().expect("pushed above if there was none");
            summary.weeks.push(f64::from_bits(week));
            summary.median.push(median);
            summary.low90.push(low);
            summary.high90.push(high);
        }
        summaries.retain(|s| s.median.iter().all(|m| m.is_finite()));
        summaries.retain(|s| s.variable != CONCENTRATION || s.high90.iter().any(|&high| high > 0.0));
        summaries
    }
}

fn empty(variable: &Variable, arm: &str) -> TrajectorySummary {
    TrajectorySummary {
        arm: arm.into(),
        variable: variable.id.into(),
        label: variable.label.into(),
        unit: variable.unit.into(),
        weeks: Vec::new(),
        median: Vec::new(),
        low90: Vec::new(),
        high90: Vec::new(),
    }
}
