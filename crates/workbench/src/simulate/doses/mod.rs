//! Tables of doses as NONMEM has them: ID TIME EVID AMT CMT RATE DUR II ADDL SS.
//!
//! Meaning as in NONMEM's PREDPP: EVID 0 observation (nothing happens), 1 dose, 2 other (nothing happens), 3 reset, 4 reset and
//! dose. RATE or DUR above 0 is an infusion, neither a bolus. ADDL more doses follow, II apart, until a reset or a dose with
//! SS = 1 cancels them. SS = 1 replaces the state by the steady state of the dose, SS = 2 adds it.

mod lines;

use malar_model::Source;
use malar_model::codes::DOSE;
use malar_model::nearest::suggestion;
use malar_tape::network::{Dose, Given};

use super::table::{Cell, Table, wrong};
use crate::finding::InputError;
use lines::{Header, Line, Row};

/// Most doses that one line may stand for.
const MOST_DOSES: f64 = 1e6;

/// A checked table of doses.
#[derive(Clone, Debug)]
pub struct DoseTable {
    source: Source,
    rows: Vec<Row>,
    /// True if a column says whose doses they are.
    pub has_ids: bool,
    /// Columns that were not read.
    pub unread: Vec<String>,
}

impl DoseTable {
    /// Reads and checks `source`.
    pub fn read(source: &Source) -> Result<DoseTable, InputError> {
        let table = Table::read(source)?;
        let header = Header::read(&table)?;
        let mut rows: Vec<Row> = Vec::new();
        for cells in &table.rows {
            let line = Line {
                table: &table,
                header: &header,
                cells,
            };
            let row = line.row()?;
            let last = rows.iter().rev().find(|r| r.id.to_bits() == row.id.to_bits());
            if let Some(last) = last.filter(|last| last.time > row.time) {
                let message = format!("time goes back from {} to {}", last.time, row.time);
                let help = "write the lines of a patient in the order of time; time does not begin again after a reset";
                return Err(wrong(DOSE, source, &row.time_span, message, help));
            }
            rows.push(row);
        }
        Ok(DoseTable {
            source: source.clone(),
            rows,
            has_ids: header.place("ID").is_some(),
            unread: header.unread,
        })
    }

    /// Every ID, in the order of the file.
    pub fn ids(&self) -> Vec<f64> {
        let mut ids: Vec<f64> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for row in &self.rows {
            if seen.insert(row.id.to_bits()) {
                ids.push(row.id);
            }
        }
        ids
    }

    /// Finds out what each line means by CMT: `order` is what numbers of compartments count, `known` every name that could be
    /// meant. Returns what is dosed, in the order of the file, each once; doses name it by position.
    pub fn aim(&mut self, order: &[&str], known: &[&str]) -> Result<Vec<String>, InputError> {
        let mut names: Vec<String> = Vec::new();
        for at in 0..self.rows.len() {
            let Some(cell) = &self.rows[at].cmt else { continue };
            let name = self.resolve(cell, order, known)?;
            let into = names.iter().position(|known| *known == name);
            self.rows[at].into = into.unwrap_or(names.len());
            if into.is_none() {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn resolve(&self, cell: &Cell, order: &[&str], known: &[&str]) -> Result<String, InputError> {
        let text = if ["", "."].contains(&cell.text.as_str()) {
            "1"
        } else {
            cell.text.as_str()
        };
        let Ok(number) = text.parse::<f64>() else {
            if known.contains(&text) {
                return Ok(text.to_owned());
            }
            let message = format!("the model has no `{text}` to dose");
            let help = suggestion(text, order.iter().copied());
            return Err(wrong(DOSE, &self.source, &cell.span, message, help));
        };
        let refused = |message: String, help: String| Err(wrong(DOSE, &self.source, &cell.span, message, help));
        if number < 0.0 {
            let help = "switching compartments off is not supported; write a dose into a compartment".into();
            return refused(format!("CMT cannot be {text}"), help);
        }
        // No number and 0 both mean the first compartment, as in NONMEM.
        let index = if number == 0.0 { 1.0 } else { number };
        let found = (index.fract() == 0.0).then(|| order.get(index as usize - 1)).flatten();
        match found {
            Some(name) => Ok((*name).to_owned()),
            None => {
                let names = order.iter().enumerate().map(|(i, name)| format!("{} {name}", i + 1));
                let names: Vec<String> = names.take(12).collect();
                let help = format!("write a name, or a number of: {}", names.join(", "));
                refused(format!("there is no compartment {text}"), help)
            }
        }
    }

    /// Says that no dose can go into target `into`, pointing at the first line that tries.
    pub fn refuse(&self, into: usize, name: &str, reason: &str) -> InputError {
        let cell = self
            .rows
            .iter()
            .filter(|row| row.into == into)
            .find_map(|row| row.cmt.as_ref());
        let span = cell.map_or(0..0, |cell| cell.span.clone());
        let message = format!("no dose can go into `{name}`: {reason}");
        let help =
            "dose a species that reactions or a rate rule change, or infuse into a constant parameter that is a rate";
        wrong(DOSE, &self.source, &span, message, help)
    }

    /// The first bolus into target `into`, refused.
    pub fn refuse_bolus(&self, into: usize, name: &str) -> Result<(), InputError> {
        let is_bolus = |row: &&Row| row.into == into && matches!(row.given, Given::Bolus(_));
        let Some(cell) = self.rows.iter().find(is_bolus).and_then(|row| row.cmt.as_ref()) else {
            return Ok(());
        };
        let message = format!("`{name}` is a constant, so only an infusion can go into it");
        Err(wrong(
            DOSE,
            &self.source,
            &cell.span,
            message,
            "give RATE or DUR, or dose a species",
        ))
    }

    /// Doses at steady state, refused.
    pub fn refuse_steady(&self, reason: &str) -> Result<(), InputError> {
        let Some(row) = self.rows.iter().find(|row| row.steady.is_some()) else {
            return Ok(());
        };
        let message = format!("no steady state in a model with {reason}");
        let help = "write the doses out with ADDL, from early enough on";
        Err(wrong(DOSE, &self.source, &row.time_span, message, help))
    }

    /// The doses of patient `id` (of everybody if there are no IDs) from `start` to `end`.
    pub fn schedule(&self, id: f64, start: f64, end: f64) -> Result<Vec<Dose>, InputError> {
        let is_own = |row: &&Row| !self.has_ids || id.to_bits() == row.id.to_bits();
        let rows: Vec<&Row> = self.rows.iter().filter(is_own).collect();
        let mut doses = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            if row.time < start {
                let message = format!("the line is before the start, at {}", row.time);
                let help = format!("begin earlier: --start {}", row.time);
                return Err(wrong(DOSE, &self.source, &row.time_span, message, help));
            }
            if row.cmt.is_none() && !row.resets {
                continue;
            }
            let dose = Dose {
                time: row.time,
                into: row.into,
                given: row.given,
                resets: row.resets,
                steady: row.steady,
            };
            doses.push(dose);
            // Whoever starts anew cancels what was still to come.
            let cancels = |later: &&&Row| later.resets || later.steady.is_some_and(|steady| !steady.adds);
            let until = rows[at + 1..]
                .iter()
                .find(cancels)
                .map_or(f64::INFINITY, |later| later.time);
            let times = (1..).map(|k| row.time + f64::from(k) * row.interval);
            let n = row.additional.min(MOST_DOSES) as usize;
            for time in times.take(n).take_while(|&time| time <= end && time < until) {
                doses.push(Dose {
                    time,
                    resets: false,
                    steady: None,
                    ..dose
                });
            }
        }
        doses.sort_by(|a, b| a.time.total_cmp(&b.time));
        Ok(doses)
    }
}
