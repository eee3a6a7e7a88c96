//! From a patient's course to the rows of the tables.

use crate::conduct::decisions::Leaving;
use crate::conduct::{Course, Enrolled, Roster};
use crate::instruments::items::{ANTI_DSDNA, LOW_COMPLEMENT};
use crate::program::{Entry, Program};
use crate::protocol::Protocol;
use crate::results::{DoseRow, Labels, PatientRow, PatientStatus, VisitRow};
use malar_instruments::bilag::grade::Grade;

/// Where a row belongs.
#[derive(Clone, Copy)]
pub(crate) struct Who {
    pub patient: u32,
    pub arm: u16,
    pub stratum: u16,
    pub attempts: u8,
    pub has_regions: bool,
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
        region: who.has_regions.then_some(enrolled.candidate.region as u16),
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
        last_week: course.last_week(),
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
        (None, Some(Leaving::AdverseEvent)) => PatientStatus::DroppedOutAdverseEvent,
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
    course.visits.iter().map(move |v| VisitRow {
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
        on_study: course.left_week.is_none_or(|left| v.week < left),
        restricted: course.restricted_week.is_some_and(|w| w <= v.week),
        components: v.components,
    })
}

/// What the arm gave before the last visit, without the background steroid, whose doses stand in the visits.
pub(crate) fn doses<'a>(
    who: Who,
    (enrolled, course): &'a (Enrolled, Course),
    (roster, program): (&'a Roster, &'a Program),
    (protocol, labels): (&'a Protocol, &'a Labels),
) -> impl Iterator<Item = DoseRow> + 'a {
    let end = 7.0 * course.last_week();
    let weight = enrolled.candidate.values[roster.weight];
    let row = move |day: f64, id: &str, amount: f64, is_daily: bool| {
        let therapy = labels.therapies.iter().position(|known| known == id)?;
        Some(DoseRow {
            patient: who.patient,
            arm: who.arm,
            day,
            therapy: therapy as u16,
            amount,
            is_daily,
        })
    };
    let every_day = protocol.arms[usize::from(who.arm)].therapies.iter();
    let every_day = every_day.filter_map(move |(usage, _)| {
        let is_other = usage.id != protocol.steroid;
        let dose = usage.daily_dose.filter(|_| is_other && usage.days.is_none())?;
        row(0.0, &usage.id, dose, true)
    });
    let timed = course
        .doses()
        .iter()
        .filter(move |dose| dose.day < end)
        .filter_map(move |dose| {
            let is_daily = match program.entries[dose.entry] {
                Entry::Steroid => return None,
                Entry::Daily { .. } => true,
                Entry::Bolus { .. } | Entry::Infusion { .. } => false,
            };
            let amount = if dose.per_kg { dose.amount * weight } else { dose.amount };
            row(dose.day, &program.given[dose.entry].0, amount, is_daily)
        });
    every_day.chain(timed)
}
