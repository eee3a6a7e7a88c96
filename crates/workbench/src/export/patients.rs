//! Patients, what they were given, and how it ended.

use malar_trial::results::{DoseRow, PatientRow, PatientStatus, VisitRow};

use super::{Exported, study_day, yes};
use crate::dataset::Dataset;
use crate::derive::NOT_SOLVED;

fn arm<'a>(exported: &Exported<'a>, patient: &PatientRow) -> &'a str {
    &exported.labels.arms[usize::from(patient.arm)]
}

/// Who was randomised to what (DM).
pub(super) fn demographics(exported: &Exported) -> Dataset {
    let patients = &exported.replicate.patients;
    let arms = || patients.iter().map(|p| arm(exported, p));
    exported
        .table("DM", "Demographics", patients.iter().map(|p| &p.patient))
        .with_texts(
            "SUBJID",
            "Subject Identifier for the Study",
            patients.iter().map(|p| format!("{:04}", p.patient + 1)),
        )
        .with_texts("ARMCD", "Planned Arm Code", arms())
        .with_texts("ARM", "Description of Planned Arm", arms())
        .with_texts("ACTARMCD", "Actual Arm Code", arms())
        .with_texts("ACTARM", "Description of Actual Arm", arms())
}

/// Covariates and disposition (ADSL).
pub(super) fn subjects(exported: &Exported) -> Dataset {
    let patients = &exported.replicate.patients;
    let strata = &exported.labels.strata;
    let table = exported
        .table(
            "ADSL",
            "Subject-Level Analysis Dataset",
            patients.iter().map(|p| &p.patient),
        )
        .with_texts(
            "TRT01P",
            "Planned Treatment for Period 01",
            patients.iter().map(|p| arm(exported, p)),
        )
        .with_texts("ITTFL", "Intent-To-Treat Population Flag", patients.iter().map(|_| "Y"))
        .with_texts(
            "STRATUM",
            "Randomisation Stratum",
            patients.iter().map(|p| strata[usize::from(p.stratum)].as_str()),
        );
    with_ending(with_covariates(with_region(table, exported), patients), patients)
}

/// The region, in trials whose regions differ.
fn with_region(table: Dataset, exported: &Exported) -> Dataset {
    let regions = &exported.labels.regions;
    if regions.is_empty() {
        return table;
    }
    let name = |p: &PatientRow| p.region.map_or("", |region| regions[usize::from(region)].as_str());
    let names = exported.replicate.patients.iter().map(name);
    table.with_texts("REGION1", "Geographic Region 1", names)
}

fn with_covariates(table: Dataset, patients: &[PatientRow]) -> Dataset {
    let flag = |of: fn(&PatientRow) -> bool| patients.iter().map(move |p| yes(of(p)));
    table
        .with_numbers(
            "WEIGHTBL",
            "Weight at Baseline (kg)",
            patients.iter().map(|p| p.weight_kg).collect(),
        )
        .with_texts(
            "IFNSIG",
            "Type I IFN Gene Signature High",
            flag(|p| p.ifn_signature_high),
        )
        .with_texts("ANTIMAL", "On an Antimalarial", flag(|p| p.antimalarial))
        .with_texts("IMMSUPP", "On an Immunosuppressant", flag(|p| p.immunosuppressant))
}

fn with_ending(table: Dataset, patients: &[PatientRow]) -> Dataset {
    let completed = |p: &PatientRow| p.status == PatientStatus::Completed;
    let status = |p| if completed(p) { "COMPLETED" } else { "DISCONTINUED" };
    let reason = |p: &PatientRow| if completed(p) { "" } else { ending(p.status) };
    table
        .with_texts("EOSSTT", "End of Study Status", patients.iter().map(status))
        .with_texts("DCSREAS", "Reason for Discontinuation", patients.iter().map(reason))
}

/// The word of disposition.
fn ending(status: PatientStatus) -> &'static str {
    match status {
        PatientStatus::Completed => "COMPLETED",
        PatientStatus::DroppedOutAdministrative => "WITHDRAWAL BY SUBJECT",
        PatientStatus::DroppedOutLackOfEfficacy => "LACK OF EFFICACY",
        PatientStatus::DroppedOutAdverseEvent => "ADVERSE EVENT",
        PatientStatus::SolverFailed => NOT_SOLVED,
    }
}

/// How the trial ended for each patient (DS).
pub(super) fn disposition(exported: &Exported) -> Dataset {
    let patients = &exported.replicate.patients;
    let words = || patients.iter().map(|p| ending(p.status));
    exported
        .table("DS", "Disposition", patients.iter().map(|p| &p.patient))
        .with_numbers("DSSEQ", "Sequence Number", patients.iter().map(|_| 1.0).collect())
        .with_texts("DSTERM", "Reported Term for the Disposition Event", words())
        .with_texts("DSDECOD", "Standardized Disposition Term", words())
        .with_texts(
            "DSCAT",
            "Category for Disposition Event",
            patients.iter().map(|_| "DISPOSITION EVENT"),
        )
        .with_numbers(
            "DSSTDY",
            "Study Day of Start of Disposition Event",
            patients.iter().map(|p| study_day(p.last_week)).collect(),
        )
}

/// A drug over some days.
struct Interval {
    patient: u32,
    name: String,
    category: &'static str,
    dose: f64,
    unit: String,
    is_daily: bool,
    /// First and last day of the study; NaN if it is not known.
    days: [f64; 2],
}

/// Background prednisone and restricted medication (CM).
pub(super) fn medication(exported: &Exported) -> Dataset {
    let mut intervals = Vec::new();
    for patient in &exported.replicate.patients {
        let visits: Vec<&VisitRow> = exported.visits(patient).collect();
        prednisone(patient.patient, &visits, &mut intervals);
        intervals.extend(patient.restricted_week.map(|week| Interval {
            patient: patient.patient,
            name: "RESTRICTED MEDICATION".into(),
            category: "RESTRICTED MEDICATION",
            dose: f64::NAN,
            unit: String::new(),
            is_daily: false,
            days: [study_day(week), f64::NAN],
        }));
    }
    intervals_table(exported, "CM", "Concomitant/Prior Medications", "CMTRT", &intervals)
}

/// One interval for each dose that stayed the same from visit to visit.
fn prednisone(patient: u32, visits: &[&VisitRow], intervals: &mut Vec<Interval>) {
    let end = visits.last().map_or(f64::NAN, |v| study_day(v.week));
    let mut rest = visits;
    while let Some(first) = rest.first() {
        let dose = first.prednisone_mg_per_day;
        let n = rest
            .iter()
            .take_while(|v| v.prednisone_mg_per_day.to_bits() == dose.to_bits())
            .count();
        rest = &rest[n..];
        let last = rest.first().map_or(end, |next| study_day(next.week) - 1.0);
        if dose > 0.0 {
            intervals.push(Interval {
                patient,
                name: "PREDNISONE".into(),
                category: "BACKGROUND GLUCOCORTICOID",
                dose,
                unit: "mg".into(),
                is_daily: true,
                days: [study_day(first.week), last],
            });
        }
    }
}

/// What the arms gave (EX).
pub(super) fn exposure(exported: &Exported) -> Dataset {
    let mut intervals = Vec::new();
    for patient in &exported.replicate.patients {
        let end = study_day(patient.last_week);
        let own: Vec<&DoseRow> = exported
            .replicate
            .doses
            .iter()
            .filter(|d| d.patient == patient.patient)
            .collect();
        for (k, dose) in own.iter().enumerate() {
            let day = dose.day.floor() + 1.0;
            let next = own[k + 1..].iter().find(|d| d.therapy == dose.therapy);
            let last = next.map_or(end, |d| d.day.floor());
            if dose.amount > 0.0 {
                intervals.push(Interval {
                    patient: patient.patient,
                    name: exported.labels.therapies[usize::from(dose.therapy)].to_uppercase(),
                    category: "STUDY TREATMENT",
                    dose: dose.amount,
                    unit: exported.labels.dose_units[usize::from(dose.therapy)].clone(),
                    is_daily: dose.is_daily,
                    days: if dose.is_daily { [day, last] } else { [day, day] },
                });
            }
        }
    }
    intervals_table(exported, "EX", "Exposure", "EXTRT", &intervals)
}

fn intervals_table(exported: &Exported, domain: &str, label: &str, name: &str, intervals: &[Interval]) -> Dataset {
    let column = |suffix: &str| format!("{domain}{suffix}");
    let mut number = (u32::MAX, 0.0);
    let sequence = intervals.iter().map(|i| {
        number = if number.0 == i.patient {
            (i.patient, number.1 + 1.0)
        } else {
            (i.patient, 1.0)
        };
        number.1
    });
    let sequence: Vec<f64> = sequence.collect();
    exported
        .table(domain, label, intervals.iter().map(|i| &i.patient))
        .with_numbers(&column("SEQ"), "Sequence Number", sequence)
        .with_texts(name, "Name of Treatment", intervals.iter().map(|i| i.name.as_str()))
        .with_texts(&column("CAT"), "Category", intervals.iter().map(|i| i.category))
        .with_numbers(&column("DOSE"), "Dose", intervals.iter().map(|i| i.dose).collect())
        .with_texts(&column("DOSU"), "Dose Units", intervals.iter().map(|i| i.unit.as_str()))
        .with_texts(
            &column("DOSFRQ"),
            "Dosing Frequency per Interval",
            intervals.iter().map(|i| match (i.is_daily, i.dose.is_nan()) {
                (_, true) => "",
                (true, _) => "QD",
                (false, _) => "ONCE",
            }),
        )
        .with_numbers(
            &column("STDY"),
            "Study Day of Start",
            intervals.iter().map(|i| i.days[0]).collect(),
        )
        .with_numbers(
            &column("ENDY"),
            "Study Day of End",
            intervals.iter().map(|i| i.days[1]).collect(),
        )
}
