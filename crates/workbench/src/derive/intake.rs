//! From tables to records: whose, when, which item, which value; and what ended or changed treatment.

use std::collections::HashMap;

use malar_model::codes::{DATASET_COLUMN, ITEM};

use super::codes::{Codes, Holds, high, low, measured};
use super::findings::{Finding, Findings, Skipped};
use super::steroid::{Row, Steroids, Taken};
use crate::dataset::{Column, Dataset, TableError, parse_number};

/// Errors shown before giving up.
pub(super) const MOST_ERRORS: usize = 20;

/// One value of one item of one visit, and where it stood. Tables have millions: kept in 24 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub value: f64,
    pub patient: u32,
    pub row: u32,
    /// Position in [`Intake::moments`].
    pub moment: u32,
    pub slot: u16,
    pub table: u16,
}

/// When a finding was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub week: f64,
    pub day: f64,
    pub is_nominal: bool,
    pub is_baseline: bool,
}

/// A patient beside the visits.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    pub name: String,
    /// Day on which study drug was stopped; NaN if stopped on an unknown day.
    pub discontinued: Option<f64>,
    /// Day of the first restricted medication; minus infinity if it is not known.
    pub restricted: Option<f64>,
    /// A virtual patient whom the solver gave up.
    pub is_not_solved: bool,
    /// Values that hold at every visit.
    pub constants: Vec<(usize, f64)>,
    /// Steroids by mouth; `None` if no table tells them.
    pub steroids: Option<Vec<Taken>>,
}

/// Everything that was read.
#[derive(Default)]
pub(super) struct Intake {
    pub people: Vec<Person>,
    pub records: Vec<Record>,
    /// The distinct times of all records.
    pub moments: Vec<Moment>,
    pub errors: Vec<TableError>,
    /// Things a user should know, in words.
    pub notes: Vec<String>,
    /// True if a table says how patients left.
    pub has_disposition: bool,
    index: HashMap<String, u32>,                         // looked up, never walked through
    known_moments: HashMap<(u64, u64, bool, bool), u32>, // by the bits of week and day; looked up, never walked through
}

impl Intake {
    /// Reads all tables.
    pub fn read(tables: &[Dataset]) -> Intake {
        let mut intake = Intake::default();
        for (k, table) in tables.iter().enumerate() {
            let k = u16::try_from(k).expect("fewer than 65536 tables");
            match Findings::of(table) {
                Some(Ok(findings)) => intake.findings(k, table, &findings),
                Some(Err(error)) => intake.errors.push(error),
                None => intake.others(table),
            }
        }
        if intake.people.iter().any(|p| p.steroids.is_some()) {
            for person in &mut intake.people {
                person.steroids.get_or_insert_default(); // no record among those of others: none taken
            }
        }
        intake
    }

    fn person(&mut self, name: &str) -> u32 {
        if let Some(&k) = self.index.get(name) {
            return k;
        }
        let k = u32::try_from(self.people.len()).expect("fewer than four thousand million patients");
        self.people.push(Person {
            name: name.to_owned(),
            ..Person::default()
        });
        self.index.insert(name.to_owned(), k);
        k
    }

    fn findings(&mut self, number: u16, table: &Dataset, findings: &Findings) {
        let subjects = findings.subjects();
        let mut people: Vec<Option<u32>> = vec![None; subjects.distinct().len()];
        let (mut imputed, mut empty) = (0_usize, 0_usize);
        for row in 0..table.n_rows() {
            let name = subjects.get(row).trim();
            let patient = match people[subjects.code(row)] {
                Some(patient) => patient,
                None if name.is_empty() => {
                    let help = "give every row the patient it belongs to";
                    self.errors
                        .push(table.wrong(ITEM, row, "USUBJID", "the row has no patient".into(), help));
                    if self.is_full() { return } else { continue }
                }
                None => self.person(name),
            };
            people[subjects.code(row)] = Some(patient);
            match findings.row(row) {
                Ok(Ok(finding)) => self.record(patient, number, row, &finding),
                Ok(Err(Skipped::Code)) => {}
                Ok(Err(Skipped::Empty)) => empty += 1,
                Ok(Err(Skipped::NotAnalysed)) => imputed += 1,
                Err(error) => self.errors.push(error),
            }
            if self.is_full() {
                return;
            }
        }
        let path = &table.path;
        if imputed > 0 {
            self.notes.push(format!(
                "{path}: {imputed} rows with DTYPE, or without ANL01FL = Y, were not used"
            ));
        }
        if empty > 0 {
            self.notes.push(format!(
                "{path}: {empty} rows hold no value; their items count as not assessed"
            ));
        }
        let unread: Vec<&str> = findings.unread().collect();
        if !unread.is_empty() {
            self.notes
                .push(format!("{path}: codes that are not read: {}", unread.join(", ")));
        }
    }

    fn is_full(&self) -> bool {
        self.errors.len() >= MOST_ERRORS
    }

    fn record(&mut self, patient: u32, table: u16, row: usize, finding: &Finding) {
        let slot = usize::from(finding.code.slot.0);
        let row = u32::try_from(row).expect("fewer than four thousand million rows");
        let moment = self.moment(Moment {
            week: if finding.is_baseline { 0.0 } else { finding.time.week },
            day: finding.time.day,
            is_nominal: finding.time.is_nominal || finding.is_baseline,
            is_baseline: finding.is_baseline,
        });
        let record = |slot: usize, value: f64| Record {
            value,
            patient,
            row,
            moment,
            slot: u16::try_from(slot).expect("few slots"),
            table,
        };
        self.records.push(record(slot, finding.value));
        if !finding.measured.is_nan() {
            self.records.push(record(measured(slot), finding.measured));
        }
        for (slot_of, limit) in [low as fn(usize) -> usize, high].into_iter().zip(finding.limits) {
            if !limit.is_nan() {
                self.records.push(record(slot_of(slot), limit));
            }
        }
    }

    /// Position of a moment, most often that of the record before.
    fn moment(&mut self, moment: Moment) -> u32 {
        let key = |m: &Moment| (m.week.to_bits(), m.day.to_bits(), m.is_nominal, m.is_baseline);
        let last = self.records.last().map(|r| r.moment);
        if let Some(last) = last.filter(|&last| key(&self.moments[last as usize]) == key(&moment)) {
            return last;
        }
        let new = u32::try_from(self.moments.len()).expect("fewer moments than rows");
        let position = *self.known_moments.entry(key(&moment)).or_insert(new);
        if position == new {
            self.moments.push(moment);
        }
        position
    }

    /// Tables without findings: how patients left, what else they took, what holds for them throughout.
    fn others(&mut self, table: &Dataset) {
        let Some(subject) = table.column("USUBJID").or(table.column("SUBJID")) else {
            self.notes.push(format!(
                "{}: not read, it has neither USUBJID nor codes of findings",
                table.path
            ));
            return;
        };
        let column = |name: &str| table.column(name);
        let has_steroids = self.steroids(table, subject);
        if let Some(event) = column("DSDECOD").or(column("DSTERM")) {
            self.disposition(table, subject, event);
        } else if let Some(category) = column("CMCAT") {
            self.medication(table, subject, category);
        } else if !self.constants(table, subject) && !has_steroids {
            self.notes.push(format!("{}: nothing in it is read", table.path));
        }
    }

    fn disposition(&mut self, table: &Dataset, subject: &Column, event: &Column) {
        self.has_disposition = true;
        let category = table.column("DSCAT");
        let days = table.column("DSSTDY");
        for row in 0..table.n_rows() {
            let category = category.map_or(String::new(), |c| c.text(row).trim().to_ascii_uppercase());
            let event = event.text(row).trim().to_ascii_uppercase();
            if (!category.is_empty() && category != "DISPOSITION EVENT") || STAYED.contains(&event.as_str()) {
                self.person(subject.text(row).trim());
                continue;
            }
            let Some(day) = self.day(table, days, row) else {
                continue;
            };
            let k = self.person(subject.text(row).trim()) as usize;
            let person = &mut self.people[k];
            let first = person.discontinued.map_or(day, |before| before.min(day));
            person.discontinued = Some(first);
            person.is_not_solved |= event == NOT_SOLVED;
        }
    }

    fn medication(&mut self, table: &Dataset, subject: &Column, category: &Column) {
        let days = table.column("CMSTDY");
        for row in 0..table.n_rows() {
            let k = self.person(subject.text(row).trim()) as usize;
            if !category.text(row).to_ascii_uppercase().contains("RESTRICTED") {
                continue;
            }
            let Some(day) = self.day(table, days, row) else {
                continue;
            };
            let day = if day.is_nan() { f64::NEG_INFINITY } else { day };
            let person = &mut self.people[k];
            person.restricted = Some(person.restricted.map_or(day, |before| before.min(day)));
        }
    }

    /// Daily steroids of a table of medication or exposure; true if it has any.
    fn steroids(&mut self, table: &Dataset, subject: &Column) -> bool {
        let Some(steroids) = Steroids::of(table) else {
            return false;
        };
        let (mut told, mut untold) = (0_usize, 0_usize);
        for row in 0..steroids.n_rows() {
            match steroids.row(row) {
                Row::Other => {}
                Row::Untold => untold += 1,
                Row::Daily(taken) => {
                    let k = self.person(subject.text(row).trim()) as usize;
                    self.people[k].steroids.get_or_insert_default().push(taken);
                    told += 1;
                }
            }
        }
        if told + untold > 0 {
            let left_out = match untold {
                0 => String::new(),
                n => format!("; {n} more rows of steroids tell no daily dose in mg and were not used"),
            };
            self.notes.push(format!(
                "{}: {told} rows of steroids by mouth give the dose of visits without PREDEQ{left_out}",
                table.path
            ));
        }
        told > 0
    }

    /// A day of the study, NaN if not given; `None` after an error.
    fn day(&mut self, table: &Dataset, days: Option<&Column>, row: usize) -> Option<f64> {
        let Some(column) = days else { return Some(f64::NAN) };
        let text = column.text(row);
        let day = parse_number(&text);
        if day.is_none() && !self.is_full() {
            let message = format!("`{text}` is not a day");
            self.errors.push(table.wrong(
                ITEM,
                row,
                &column.name,
                message,
                "write the day of the study, 1 at randomisation",
            ));
        }
        day
    }

    /// Columns named like codes, one row per patient. Returns whether there was any, or the table lists patients.
    fn constants(&mut self, table: &Dataset, subject: &Column) -> bool {
        let named = |column: &&Column| Codes::all().find(&column.name, false).is_some();
        let columns: Vec<&Column> = table.columns.iter().filter(named).collect();
        let lists_patients = ["DM", "ADSL"].iter().any(|name| table.name.eq_ignore_ascii_case(name));
        if columns.is_empty() && !lists_patients {
            return false;
        }
        let before = self.people.len();
        let mut seen = std::collections::BTreeSet::new();
        for row in 0..table.n_rows() {
            let k = self.person(subject.text(row).trim()) as usize;
            if !seen.insert(k) {
                let message = format!("patient `{}` has a second row", self.people[k].name);
                let help = "values of one visit need a code and a time; values of a patient stand in one row";
                self.errors.push(TableError {
                    code: DATASET_COLUMN,
                    place: table.place(row),
                    message,
                    help: help.into(),
                });
                return true;
            }
            for column in &columns {
                self.constant(table, row, column, k);
            }
        }
        let unheard = self.people.len() - before;
        if unheard > 0 && before > 0 {
            self.notes.push(format!(
                "{}: {unheard} patients have no findings in the tables before it",
                table.path
            ));
        }
        true
    }

    fn constant(&mut self, table: &Dataset, row: usize, column: &Column, patient: usize) {
        let code = Codes::all()
            .find(&column.name, false)
            .expect("columns are those with codes");
        let text = column.text(row);
        let value = match (code.holds, text.trim()) {
            (Holds::Flag, "Y") => Some(1.0),
            (Holds::Flag, "N") => Some(0.0),
            (Holds::Flag, text) => parse_number(text).filter(|x| x.is_nan() || *x == 0.0 || *x == 1.0),
            (_, text) => parse_number(text).filter(|x| x.is_nan() || *x >= 0.0),
        };
        match value {
            Some(value) if value.is_nan() => {}
            Some(value) => self.people[patient].constants.push((code.slot.0.into(), value)),
            None if self.is_full() => {}
            None => {
                let message = format!("`{}` ({}) cannot be `{text}`", code.code, code.meaning);
                self.errors
                    .push(table.wrong(ITEM, row, &column.name, message, "write Y, N or a number"));
            }
        }
    }
}

/// Events that end nothing.
const STAYED: [&str; 8] = [
    "",
    "COMPLETED",
    "INFORMED CONSENT OBTAINED",
    "RANDOMIZED",
    "RANDOMISED",
    "ENROLLED",
    "ELIGIBILITY CRITERIA MET",
    "SCREEN FAILURE",
];

/// Event of a virtual patient whom the solver gave up, as our export writes it.
pub(crate) const NOT_SOLVED: &str = "NOT SOLVED";
