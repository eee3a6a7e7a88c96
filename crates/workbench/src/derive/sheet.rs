//! All values of one visit of one patient, by slot, and where each stood.

use malar_instruments::Decimal;
use malar_model::codes::ITEM_TWICE;

use super::codes::{Codes, N_SLOTS};
use super::intake::{Moment, Person, Record};
use crate::dataset::{Dataset, TableError};

/// A visit's values; NaN where there is none.
pub(super) struct Sheet {
    pub week: f64,
    pub day: f64,
    pub is_nominal: bool,
    values: [f64; N_SLOTS],
    places: [(u16, u32); N_SLOTS],
    is_baseline: [bool; N_SLOTS],
    is_own: [bool; N_SLOTS],
    touched: Vec<usize>,
}

impl Sheet {
    /// A sheet to be filled again and again.
    pub fn new() -> Sheet {
        Sheet {
            week: 0.0,
            day: f64::NAN,
            is_nominal: false,
            values: [f64::NAN; N_SLOTS],
            places: [(0, 0); N_SLOTS],
            is_baseline: [false; N_SLOTS],
            is_own: [false; N_SLOTS],
            touched: Vec::new(),
        }
    }

    /// Forgets the visit before.
    fn clear(&mut self) {
        for slot in self.touched.drain(..) {
            self.values[slot] = f64::NAN;
            self.is_baseline[slot] = false;
            self.is_own[slot] = false;
        }
        self.day = f64::NAN;
        self.is_nominal = false;
    }

    /// Takes the records of one visit. Fails on two different values of one item, unless one is marked as baseline.
    pub fn fill(
        &mut self,
        records: &[Record],
        moments: &[Moment],
        person: &Person,
        tables: &[Dataset],
    ) -> Result<(), TableError> {
        self.clear();
        self.week = records.first().map_or(0.0, |r| moments[r.moment as usize].week);
        for &(slot, value) in &person.constants {
            self.values[slot] = value;
            self.touched.push(slot);
        }
        for record in records {
            let slot = usize::from(record.slot);
            let moment = &moments[record.moment as usize];
            self.day = self.day.max(moment.day);
            self.is_nominal |= moment.is_nominal;
            let is_known = self.is_own[slot];
            let stays = is_known && self.is_baseline[slot] && !moment.is_baseline;
            let gives_way = is_known && !self.is_baseline[slot] && moment.is_baseline;
            if is_known && !stays && !gives_way && self.values[slot] != record.value {
                return Err(self.twice(slot, record, person, tables));
            }
            if stays {
                continue;
            }
            self.is_own[slot] = true;
            self.touched.push(slot);
            self.values[slot] = record.value;
            self.places[slot] = (record.table, record.row);
            self.is_baseline[slot] = moment.is_baseline;
        }
        Ok(())
    }

    fn twice(&self, slot: usize, record: &Record, person: &Person, tables: &[Dataset]) -> TableError {
        let code = Codes::all().of_slot(slot);
        let (table, row) = self.places[slot];
        let first = tables[usize::from(table)].place(row as usize);
        TableError {
            code: ITEM_TWICE,
            place: tables[usize::from(record.table)].place(record.row as usize),
            message: format!(
                "patient `{}`, week {}: `{}` is {} here and {} in {first}",
                person.name,
                (100.0 * self.week).round() / 100.0,
                code.code,
                record.value,
                self.values[slot]
            ),
            help: "keep one of them, or mark the one to analyse with ANL01FL = Y".into(),
        }
    }

    /// Value of a slot.
    pub fn get(&self, slot: usize) -> Option<f64> {
        Some(self.values[slot]).filter(|x| !x.is_nan())
    }

    /// Value as a decimal.
    pub fn decimal(&self, slot: usize) -> Option<Decimal> {
        Decimal::from_f64(self.get(slot)?).ok()
    }

    /// Value of a flag.
    pub fn flag(&self, slot: usize) -> Option<bool> {
        self.get(slot).map(|x| x != 0.0)
    }

    /// Value as a small whole number.
    pub fn count(&self, slot: usize) -> Option<u8> {
        self.get(slot).map(|x| x as u8)
    }

    /// An error at the first of these slots that has a value; at the patient's visit if none has.
    pub fn wrong(&self, slots: &[usize], message: &str, help: &str, person: &Person, tables: &[Dataset]) -> TableError {
        let who = format!(
            "patient `{}`, week {}: {message}",
            person.name,
            (100.0 * self.week).round() / 100.0
        );
        let at = slots.iter().find(|&&slot| !self.values[slot].is_nan());
        let Some(&slot) = at else {
            return TableError {
                code: malar_model::codes::ITEM,
                place: tables[0].path.clone(),
                message: who,
                help: help.into(),
            };
        };
        let (table, row) = self.places[slot];
        let table = &tables[usize::from(table)];
        let column = column_of_values(table);
        let who = format!("{who} (`{}`)", Codes::all().of_slot(slot).code);
        table.wrong(malar_model::codes::ITEM, row as usize, column, who, help)
    }
}

/// The column in which a table's values stand.
fn column_of_values(table: &Dataset) -> &str {
    let is_value = |name: &str| {
        let name = name.to_ascii_uppercase();
        ["AVAL", "AVALC"].contains(&name.as_str()) || ["STRESN", "STRESC", "ORRES"].iter().any(|s| name.ends_with(s))
    };
    table
        .columns
        .iter()
        .map(|c| c.name.as_str())
        .find(|name| is_value(name))
        .unwrap_or("of values")
}
