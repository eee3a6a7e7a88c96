//! Endpoints of a user's own data: tables of findings in, a row per patient, endpoint and visit out.
//!
//! The same components, rules and reasons as in virtual trials ([`malar_trial::instruments::Components`],
//! [`malar_trial::Endpoint`]); what differs is where the components come from. docs/derive.md is for users.

mod between;
mod cells;
pub mod codes;
mod course;
mod findings;
mod forms;
mod intake;
mod missing;
mod output;
mod settings;
mod sheet;
mod steroid;
mod times;
mod units;
mod week;
mod words;

use malar_trial::instruments::{N_VARIABLES, VARIABLES, Variables};
use malar_trial::{Endpoint, Kind, Panel, held_until, reason};

use crate::catalog::{Kind as FileKind, Library};
use crate::dataset::{Dataset, TableError};
use crate::finding::{Finding as FileFinding, InputError};
use between::Told;
use course::Reader;
use forms::Reading;
pub(crate) use intake::NOT_SOLVED;
use intake::{Intake, Record};
pub use malar_instruments::sledai::observations::ArthritisThreshold;
pub use malar_trial::instruments::Sledai;
pub use missing::Gap;
pub use output::{as_json, as_table};
pub use settings::{SETTINGS_FILE, Settings, read_tables};

/// What an endpoint says of a patient at a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A response, or an event of a rate.
    Yes,
    /// No response, or no event.
    No,
    /// A score has a value.
    Scored,
    /// It cannot be told.
    Unknown,
    /// The patient is not in the denominator.
    NotCounted,
}

/// One row: a patient, an endpoint, a week.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Position in [`Derived::patients`].
    pub patient: u32,
    /// Position in [`Derived::endpoints`].
    pub endpoint: u16,
    /// Weeks since randomisation.
    pub week: f64,
    /// The answer.
    pub answer: Answer,
    /// Reason index of the endpoint, see [`Endpoint::reason_id`].
    pub reason: u16,
    /// Position of the visit in [`Derived::visits`]; `None` if none was held at that week.
    pub visit: Option<u32>,
    /// Value of a score; NaN if there is none.
    pub value: f64,
}

/// Everything derived.
#[derive(Debug)]
pub struct Derived {
    /// Patients, in the order in which they were met.
    pub patients: Vec<String>,
    /// Endpoints read.
    pub endpoints: Vec<Endpoint>,
    /// Variables of all visits.
    pub visits: Vec<Variables>,
    /// Variables at baseline by patient.
    pub baselines: Vec<Variables>,
    /// Rows by patient, endpoint, week.
    pub rows: Vec<Row>,
    /// Components that endpoints lack, and for how many patients.
    pub gaps: Vec<Gap>,
    /// What a user should know of how the tables were read.
    pub notes: Vec<String>,
}

/// Why nothing was derived.
#[derive(Debug, thiserror::Error)]
pub enum DeriveError {
    /// Tables are wrong.
    #[error("{}", rendered(.0))]
    Tables(Vec<TableError>),
    /// An endpoint is unknown, or its file wrong.
    #[error(transparent)]
    Input(#[from] InputError),
}

fn rendered(errors: &[TableError]) -> String {
    let mut text: Vec<String> = errors
        .iter()
        .take(intake::MOST_ERRORS)
        .map(ToString::to_string)
        .collect();
    if errors.len() >= intake::MOST_ERRORS {
        text.push("and perhaps more; these come first".into());
    }
    text.join("\n")
}

impl Derived {
    /// True if an endpoint's own rules can be told for somebody; who left or used restricted medication does not count.
    pub fn is_told(&self, endpoint: usize) -> bool {
        let by_rule =
            |r: &Row| ![reason::DISCONTINUED, reason::RESTRICTED, reason::NOT_SOLVED].contains(&r.reason.into());
        let is_told = |r: &Row| match r.answer {
            Answer::Yes | Answer::Scored => true,
            Answer::No => by_rule(r),
            Answer::Unknown | Answer::NotCounted => false,
        };
        self.rows
            .iter()
            .any(|r| usize::from(r.endpoint) == endpoint && is_told(r))
    }

    /// Leaves out the rows of endpoints that can be told for nobody; returns their ids.
    pub fn leave_out_untold(&mut self) -> Vec<String> {
        let untold: Vec<usize> = (0..self.endpoints.len()).filter(|&k| !self.is_told(k)).collect();
        self.rows.retain(|r| !untold.contains(&r.endpoint.into()));
        untold.into_iter().map(|k| self.endpoints[k].id.clone()).collect()
    }
}

impl From<TableError> for DeriveError {
    fn from(error: TableError) -> DeriveError {
        DeriveError::Tables(vec![error])
    }
}

/// The endpoints asked for, in that order; all of the library if none is.
pub fn endpoints(library: &Library, ids: &[String]) -> Result<Vec<Endpoint>, InputError> {
    let known = library.ids(FileKind::Endpoints);
    let asked: Vec<&str> = match ids {
        [] => known.clone(),
        ids => ids.iter().map(String::as_str).collect(),
    };
    let read = |id: &str| {
        let source = library
            .find(FileKind::Endpoints, id)
            .ok_or_else(|| InputError::Unknown {
                kind: "endpoint",
                name: id.into(),
                help: format!("known endpoints: {}", known.join(", ")),
            })?;
        Endpoint::parse(source).map_err(|found| InputError::Wrong(vec![FileFinding::new(found, source)]))
    };
    asked.into_iter().map(read).collect()
}

/// Derives endpoints from tables.
pub fn derive(tables: &[Dataset], endpoints: Vec<Endpoint>, settings: &Settings) -> Result<Derived, DeriveError> {
    let mut intake = Intake::read(tables);
    if !intake.errors.is_empty() {
        return Err(DeriveError::Tables(intake.errors));
    }
    if intake.records.is_empty() {
        let place = tables.first().map_or(String::new(), |t| t.path.clone());
        let message = "no finding in these tables has a code that is read".into();
        return Err(TableError::at(place, message, "docs/derive.md lists the codes").into());
    }
    settings.assign_weeks(&mut intake.moments);
    intake.records.sort_by_key(|r| r.patient); // in most tables they are
    Derivation::new(tables, endpoints, settings, intake).run()
}

/// What a derivation holds while it runs.
struct Derivation<'a> {
    settings: &'a Settings,
    intake: Intake,
    reader: Reader<'a>,
    panel: Panel,
    derived: Derived,
}

impl<'a> Derivation<'a> {
    fn new(tables: &'a [Dataset], endpoints: Vec<Endpoint>, settings: &'a Settings, mut intake: Intake) -> Self {
        let items = codes::BILAG_ITEM..codes::BILAG_GRADE;
        let reading = Reading {
            sledai: settings.sledai,
            as_recorded: settings.as_recorded,
            arthritis: settings.arthritis,
            told: Told::of(&intake.records),
            has_bilag_items: intake.records.iter().any(|r| items.contains(&usize::from(r.slot))),
        };
        let derived = Derived {
            patients: intake.people.iter().map(|p| p.name.clone()).collect(),
            endpoints,
            visits: Vec::new(),
            baselines: vec![[f64::NAN; N_VARIABLES]; intake.people.len()],
            rows: Vec::new(),
            gaps: Vec::new(),
            notes: std::mem::take(&mut intake.notes),
        };
        Derivation {
            settings,
            intake,
            reader: Reader::new(tables, reading),
            panel: Panel::new(&derived.endpoints),
            derived,
        }
    }

    fn run(mut self) -> Result<Derived, DeriveError> {
        let weeks = self.settings.weeks_asked(&self.intake.moments);
        let mut records = std::mem::take(&mut self.intake.records);
        self.derived
            .rows
            .reserve(self.intake.people.len() * self.derived.endpoints.len() * weeks.len());
        let mut errors = Vec::new();
        let mut at = 0;
        for patient in 0..self.intake.people.len() {
            let own = records[at..].iter().take_while(|r| r.patient as usize == patient);
            let n = own.count();
            if let Err(error) = self.patient(patient, &mut records[at..at + n], &weeks) {
                errors.push(error);
                if errors.len() >= intake::MOST_ERRORS {
                    break;
                }
            }
            at += n;
        }
        if !errors.is_empty() {
            return Err(DeriveError::Tables(errors));
        }
        self.tell();
        self.derived.gaps = missing::gaps(&self.derived);
        Ok(self.derived)
    }

    /// Visits and rows of one patient. `weeks` are those at which everybody is looked at.
    fn patient(&mut self, patient: usize, records: &mut [Record], weeks: &[f64]) -> Result<(), TableError> {
        let (person, moments) = (&self.intake.people[patient], &self.intake.moments);
        let week = |r: &Record| moments[r.moment as usize].week;
        records.sort_by(|a, b| week(a).total_cmp(&week(b)));
        let course = self.reader.course(person, records, moments)?;
        self.panel.look(&course.visits);
        let first = self.derived.visits.len();
        let absent = match (person.is_not_solved, person.discontinued) {
            (true, _) => reason::NOT_SOLVED,
            (_, Some(_)) => reason::DISCONTINUED,
            _ => reason::NOT_ASSESSED,
        };
        let mut own = weeks.to_vec();
        if self.settings.weeks.is_empty() {
            own.extend(
                course
                    .visits
                    .iter()
                    .zip(&course.is_nominal)
                    .filter(|v| !v.1)
                    .map(|v| v.0[0]),
            );
            own.sort_by(f64::total_cmp);
            own.dedup();
        }
        let held = own.iter().map(|&week| (week, held_at(&course.visits, week)));
        let held: Vec<(f64, Option<usize>)> = held.collect();
        for (k, endpoint) in self.derived.endpoints.iter().enumerate() {
            let is_counted = endpoint.denominator.as_ref().map(|rule| {
                let is_known = rule.positions().iter().all(|&p| !course.baseline[p].is_nan());
                (is_known || rule.holds(&course.baseline)).then(|| rule.holds(&course.baseline))
            });
            for &(week, visit) in &held {
                let mut value = f64::NAN;
                let (answer, reason) = match (is_counted, visit) {
                    (Some(None), _) => (Answer::Unknown, reason::NOT_ASSESSED),
                    (Some(Some(false)), _) => (Answer::NotCounted, reason::RESPONDER),
                    _ if endpoint.kind == Kind::Score => match endpoint.score_at(&course.visits, week, absent) {
                        Ok(score) => {
                            value = score;
                            (Answer::Scored, reason::RESPONDER)
                        }
                        Err(reason) => (Answer::Unknown, reason),
                    },
                    (_, Some(visit)) => seen(&self.panel, endpoint.kind, k, visit),
                    (_, None) => unseen(endpoint.kind, absent),
                };
                self.derived.rows.push(Row {
                    patient: patient as u32,
                    endpoint: k as u16,
                    week,
                    answer,
                    reason: reason as u16,
                    visit: visit.map(|k| (first + k) as u32),
                    value,
                });
            }
        }
        self.derived.baselines[patient] = course.baseline;
        self.derived.visits.extend(course.visits);
        Ok(())
    }

    /// What a user should know of how forms were read.
    fn tell(&mut self) {
        let notes = &mut self.derived.notes;
        if self.settings.as_recorded {
            notes.push(
                "descriptors, totals and grades were taken as recorded; values were not held against them".into(),
            );
        }
        if self.reader.told.excused > 0 {
            notes.push(format!(
                "{} SLEDAI items are marked absent beside a value that crosses the limit; the value was taken to have another cause",
                self.reader.told.excused
            ));
        }
        let flares = ["selena_flare", "selena_flare_bliss"];
        let reads_flares = |e: &Endpoint| e.reads().iter().any(|&k| flares.contains(&VARIABLES[k].0));
        if self.derived.endpoints.iter().any(reads_flares) {
            notes.extend(self.reader.reading.told.note());
        }
        if !self.intake.has_disposition {
            notes.push(
                "no table of disposition (DSDECOD): a visit that was not held is `not-assessed`, whoever left".into(),
            );
        }
    }
}

/// The visit held at a week.
fn held_at(visits: &[Variables], week: f64) -> Option<usize> {
    let last = held_until(visits, week).len().checked_sub(1)?;
    (visits[last][0] >= week - 1e-9).then_some(last)
}

/// What an endpoint says of a visit that was held.
fn seen(panel: &Panel, kind: Kind, endpoint: usize, visit: usize) -> (Answer, usize) {
    if kind == Kind::Binary {
        let reason = panel.reason(endpoint, visit);
        return (answer(reason), reason);
    }
    match panel.event(endpoint, visit) {
        Some(true) => (Answer::Yes, reason::RESPONDER),
        Some(false) => (Answer::No, reason::RESPONDER),
        None => (Answer::Unknown, reason::NOT_ASSESSED),
    }
}

/// What is said where no visit was held.
fn unseen(kind: Kind, absent: usize) -> (Answer, usize) {
    match kind {
        Kind::Binary => (answer(absent), absent),
        Kind::Rate | Kind::Score => (Answer::Unknown, absent),
    }
}

/// The answer of a response with this reason.
fn answer(reason: usize) -> Answer {
    match reason {
        reason::RESPONDER => Answer::Yes,
        reason::NOT_ASSESSED => Answer::Unknown,
        _ => Answer::No,
    }
}
