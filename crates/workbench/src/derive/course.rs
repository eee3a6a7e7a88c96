//! A patient's visits in order of time, and the baseline that they are compared with.

use malar_trial::instruments::{Components, Renal, Serology, Variables};

use super::forms::{Earlier, Impossible, Reading, components};
use super::intake::{Moment, Person, Record};
use super::sheet::Sheet;
use super::week::day_of_week;
use crate::dataset::{Dataset, TableError};

/// A patient's visits.
pub(super) struct Course {
    /// Variables at baseline.
    pub baseline: Variables,
    /// Variables of each visit after baseline.
    pub visits: Vec<Variables>,
    /// True for those that were planned.
    pub is_nominal: Vec<bool>,
}

/// Counts of what was read in a way that a user should know.
#[derive(Default)]
pub(super) struct Told {
    /// Descriptors marked absent beside a value that crosses the limit.
    pub excused: usize,
}

/// Reads forms patient by patient; keeps its sheet.
pub(super) struct Reader<'a> {
    pub tables: &'a [Dataset],
    pub reading: Reading,
    pub told: Told,
    sheet: Box<Sheet>,
}

impl<'a> Reader<'a> {
    /// A reader of these tables.
    pub fn new(tables: &'a [Dataset], reading: Reading) -> Reader<'a> {
        Reader {
            tables,
            reading,
            told: Told::default(),
            sheet: Box::new(Sheet::new()),
        }
    }

    /// The course of a patient whose records are sorted by week.
    pub fn course(&mut self, person: &Person, records: &[Record], moments: &[Moment]) -> Result<Course, TableError> {
        let week = |record: &Record| moments[record.moment as usize].week;
        let mut earlier = Earlier::none();
        let mut all: Vec<(Components, bool)> = Vec::new();
        for visit in records.chunk_by(|a, b| week(a) == week(b)) {
            self.sheet.fill(visit, moments, person, self.tables)?;
            let read = components(&self.sheet, &self.reading, &mut earlier);
            let (mut visit, excused) = read.map_err(|e| self.impossible(&e, person))?;
            self.told.excused += excused.len();
            let day = if self.sheet.day.is_nan() {
                day_of_week(visit.week)
            } else {
                self.sheet.day
            };
            visit.prednisone = visit.prednisone.or_else(|| person.prednisone_at(day));
            visit.prednisone_after = person.prednisone_on(day);
            visit.discontinued = person.discontinued.is_some_and(|stopped| stopped < day);
            visit.restricted = person.restricted.is_some_and(|first| first <= day);
            all.push((visit, self.sheet.is_nominal));
        }
        let n_before = all.iter().take_while(|(visit, _)| visit.week <= 0.0).count();
        let baseline = all[..n_before]
            .iter()
            .fold(Components::not_assessed(0.0), |so_far, (visit, _)| later(so_far, visit));
        let mut previous = baseline;
        let mut course = Course {
            baseline: baseline.variables(&baseline, &baseline),
            visits: Vec::with_capacity(all.len() - n_before),
            is_nominal: Vec::with_capacity(all.len() - n_before),
        };
        for (visit, is_nominal) in &all[n_before..] {
            course.visits.push(visit.variables(&baseline, &previous));
            course.is_nominal.push(*is_nominal);
            previous = *visit;
        }
        Ok(course)
    }

    fn impossible(&self, found: &Impossible, person: &Person) -> TableError {
        self.sheet
            .wrong(&found.slots, &found.message, found.help, person, self.tables)
    }
}

/// The last value of each component up to baseline. The descriptors go together, and so do the grades of BILAG.
fn later(so_far: Components, visit: &Components) -> Components {
    let assessed = visit.descriptors.missing().count() < 24;
    let (renal, before) = (visit.renal, so_far.renal);
    let serology = visit.serology;
    Components {
        week: visit.week,
        descriptors: if assessed {
            visit.descriptors
        } else {
            so_far.descriptors
        },
        sledai_2k: visit.sledai_2k.or(so_far.sledai_2k),
        selena_sledai: visit.selena_sledai.or(so_far.selena_sledai),
        sledai: visit.sledai.or(so_far.sledai),
        half_better: visit.half_better,
        grades: if visit.grades.0.iter().any(Option::is_some) {
            visit.grades
        } else {
            so_far.grades
        },
        pga: visit.pga.or(so_far.pga),
        serology: Serology {
            c3: serology.c3.or(so_far.serology.c3),
            c4: serology.c4.or(so_far.serology.c4),
            anti_dsdna: serology.anti_dsdna.or(so_far.serology.anti_dsdna),
        },
        renal: Renal {
            upcr: renal.upcr.or(before.upcr),
            egfr: renal.egfr.or(before.egfr),
            egfr_pre_flare: renal.egfr_pre_flare.or(before.egfr_pre_flare),
            creatinine: renal.creatinine.or(before.creatinine),
            creatinine_upper_limit: renal.creatinine_upper_limit.or(before.creatinine_upper_limit),
            urine_red_cells: renal.urine_red_cells.or(before.urine_red_cells),
            red_cell_casts: renal.red_cell_casts.or(before.red_cell_casts),
        },
        clasi_activity: visit.clasi_activity.or(so_far.clasi_activity),
        active_joints: visit.active_joints.or(so_far.active_joints),
        tender_joints: visit.tender_joints.or(so_far.tender_joints),
        swollen_joints: visit.swollen_joints.or(so_far.swollen_joints),
        prednisone: visit.prednisone.or(so_far.prednisone),
        prednisone_after: visit.prednisone_after.or(so_far.prednisone_after),
        weight: visit.weight.or(so_far.weight),
        since_last: visit.since_last,
        ifn_signature_high: visit.ifn_signature_high.or(so_far.ifn_signature_high),
        antimalarial: visit.antimalarial.or(so_far.antimalarial),
        immunosuppressant: visit.immunosuppressant.or(so_far.immunosuppressant),
        discontinued: visit.discontinued,
        restricted: visit.restricted,
    }
}
