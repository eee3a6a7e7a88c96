//! From a patient's course to the rows of the tables.

use crate::conduct::decisions::Leaving;
use crate::conduct::{Course, Enrolled, Roster};
use crate::instruments::items::{ANTI_DSDNA, LOW_COMPLEMENT};
use crate::program::Program;
use crate::results::{PatientRow, PatientStatus, VisitRow};
use malar_instruments::bilag::grade::Grade;

/// Where a row belongs.
#[derive(Clone, Copy)]
pub(crate) struct Who {
    pub patient: u32,
    pub arm: u16,
    pub stratum: u16,
    pub attempts: u8,
}

/// The patient's row.
pub(crate) fn patient(
    who: Who,
    (enrolled, course): &(Enrolled, Course),
    roster: &Roster,
    program: &Program,
) -> PatientRow {
    let values = &enrolled.candidate.values;
    // A patient whom the solver lost on the way to baseline is described by the screening visit.
    let baseline = course.visits.first().map_or(enrolled.screening, |v| v.assessment);
    let count = |grade| baseline.grades.iter().filter(|&&g| g == grade).count() as u8;
    let [ifn_signature_high, antimalarial, immunosuppressant] = roster.covariates(values);
    PatientRow {
        patient: who.patient,
        arm: who.arm,
        stratum: who.stratum,
        screening_attempts: who.attempts,
        weight_kg: values[roster.weight],
        sledai_2k: baseline.sledai_2k,
        pga: f64::from(baseline.pga_hundredths) / 100.0,
        bilag_a: count(Grade::A),
        bilag_b: count(Grade::B),
        prednisone_mg_per_day: values[roster.prednisone],
        ifn_signature_high,
        anti_dsdna_positive: baseline.has(ANTI_DSDNA),
        low_complement: baseline.has(LOW_COMPLEMENT),
        antimalarial,
        immunosuppressant,
        status: status(course),
        last_week: course.visits.last().map_or(0.0, |v| v.week),
        restricted_week: course.restricted_week,
        flares: course.flares,
        retreatments: course.retreated.len() as u16,
        failure: failure(course, program),
    }
}

fn status(course: &Course) -> PatientStatus {
    match (course.failure, course.left) {
        (Some(_), _) => PatientStatus::SolverFailed,
        (None, Some(Leaving::Administrative)) => PatientStatus::DroppedOutAdministrative,
        (None, Some(Leaving::LackOfEfficacy)) => PatientStatus::DroppedOutLackOfEfficacy,
        (None, None) => PatientStatus::Completed,
    }
}

fn failure(course: &Course, program: &Program) -> String {
    course.failure.map_or_else(String::new, |f| {
        let state = program.tape.state_names().get(f.state).cloned().unwrap_or_default();
        format!("{:?} at day {:.3}, state `{state}`", f.reason, f.time)
    })
}

/// The patient's visits.
pub(crate) fn visits(who: Who, course: &Course) -> impl Iterator<Item = VisitRow> + '_ {
    let last = course.visits.len().saturating_sub(1);
    course.visits.iter().enumerate().map(move |(k, v)| VisitRow {
        patient: who.patient,
        arm: who.arm,
        week: v.week,
        sledai_2k: v.assessment.sledai_2k,
        sledai_items: v.assessment.items,
        bilag: v.assessment.grades.map(|grade| grade.letter() as u8),
        pga: f64::from(v.assessment.pga_hundredths) / 100.0,
        prednisone_mg_per_day: v.prednisone,
        anti_dsdna_iu_per_ml: v.assessment.anti_dsdna,
        iga2_anti_dsdna_au: v.assessment.iga_anti_dsdna[0],
        iga1_anti_dsdna_au: v.assessment.iga_anti_dsdna[1],
        c3_g_per_l: v.assessment.c3,
        c4_g_per_l: v.assessment.c4,
        ifn_signature_fold: v.ifn_signature,
        concentration_mg_per_l: v.concentration,
        upcr_g_per_g: v.assessment.kidney.map(|kidney| kidney.upcr),
        egfr_ml_per_min: v.assessment.kidney.map(|kidney| kidney.egfr),
        clasi_activity: v.assessment.clasi,
        tender_joints: v.assessment.joints.map(|joints| joints.tender),
        swollen_joints: v.assessment.joints.map(|joints| joints.swollen),
        on_study: !(k == last && course.left.is_some()),
        restricted: course.restricted_week.is_some_and(|w| w <= v.week),
    })
}
