//! Tables of doses as NONMEM has them: ID TIME EVID AMT CMT RATE DUR II ADDL SS.
//!
//! Meaning as in NONMEM's PREDPP: EVID 0 observation (nothing happens), 1 dose, 2 other (nothing happens), 3 reset, 4 reset and
//! dose. RATE or DUR above 0 is an infusion, neither a bolus. ADDL more doses follow, II apart, until a reset or a dose with
//! SS = 1 cancels them. SS = 1 replaces the state by the steady state of the dose, SS = 2 adds it.

use std::ops::Range;

use malar_model::Source;
use malar_model::codes::{DOSE, TABLE_NAME};
use malar_model::nearest::suggestion;
use malar_tape::network::{Dose, Given, Steady};

use super::table::{Cell, Table, wrong};
use crate::finding::InputError;

/// Columns that mean something.
const COLUMNS: [&str; 10] = ["ID", "TIME", "EVID", "AMT", "CMT", "RATE", "DUR", "II", "ADDL", "SS"];
/// Columns that data sets have and simulations do not need.
const IGNORED: [&str; 5] = ["DV", "MDV", "C", "L1", "L2"];
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

/// A line, checked as far as it can be without the model.
#[derive(Clone, Debug)]
struct Row {
    id: f64,
    time: f64,
    time_span: Range<usize>,
    /// Where it goes as written, if it is a dose.
    cmt: Option<Cell>,
    /// Where it goes, by position; known once aimed.
    into: usize,
    given: Given,
    resets: bool,
    steady: Option<Steady>,
    interval: f64,
    additional: f64,
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
            has_ids: header.places[0].is_some(),
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

/// Which column is where.
struct Header {
    places: [Option<usize>; COLUMNS.len()],
    unread: Vec<String>,
}

impl Header {
    fn read(table: &Table) -> Result<Header, InputError> {
        let mut header = Header {
            places: [None; COLUMNS.len()],
            unread: Vec::new(),
        };
        for (column, cell) in table.names.iter().enumerate() {
            let name = cell.text.to_uppercase();
            let name = if name == "PATIENT" { "ID" } else { name.as_str() };
            match COLUMNS.iter().position(|known| *known == name) {
                Some(at) if header.places[at].is_some() => {
                    let message = format!("`{}` has two columns", cell.text);
                    return Err(wrong(
                        TABLE_NAME,
                        &table.source,
                        &cell.span,
                        message,
                        "keep one of them",
                    ));
                }
                Some(at) => header.places[at] = Some(column),
                None if IGNORED.contains(&name) => {}
                None => header.unread.push(cell.text.clone()),
            }
        }
        for needed in ["TIME", "AMT"] {
            if header.place(needed).is_none() {
                let message = format!("the table of doses has no column `{needed}`");
                let help = format!("columns: {}; TIME and AMT are needed", COLUMNS.join(" "));
                return Err(wrong(TABLE_NAME, &table.source, &table.names[0].span, message, help));
            }
        }
        Ok(header)
    }

    fn place(&self, name: &str) -> Option<usize> {
        COLUMNS
            .iter()
            .position(|known| *known == name)
            .and_then(|at| self.places[at])
    }
}

/// A line while it is checked.
struct Line<'a> {
    table: &'a Table,
    header: &'a Header,
    cells: &'a [Cell],
}

impl Line<'_> {
    fn cell(&self, name: &str) -> Option<&Cell> {
        let cell = self.header.place(name).map(|column| &self.cells[column])?;
        (!["", "."].contains(&cell.text.as_str())).then_some(cell)
    }

    fn number(&self, name: &str) -> Result<f64, InputError> {
        self.cell(name).map_or(Ok(0.0), |cell| self.table.number(cell))
    }

    fn refuse<T>(&self, name: &str, message: String, help: &str) -> Result<T, InputError> {
        let span = match self.header.place(name) {
            Some(column) => self.cells[column].span.clone(),
            None => self.cells[0].span.clone(),
        };
        Err(wrong(DOSE, &self.table.source, &span, message, help))
    }

    fn not_negative(&self, name: &str) -> Result<f64, InputError> {
        let number = self.number(name)?;
        if number < 0.0 {
            return self.refuse(name, format!("{name} cannot be {number}"), "write 0 or more");
        }
        Ok(number)
    }

    fn row(&self) -> Result<Row, InputError> {
        let Some(time) = self.cell("TIME") else {
            return self.refuse("TIME", "the line has no TIME".into(), "write a time");
        };
        let (amount, steady) = (self.not_negative("AMT")?, self.number("SS")?);
        let evid = match self.cell("EVID") {
            Some(cell) => self.table.number(cell)?,
            None => f64::from(u8::from(amount > 0.0 || steady > 0.0 || self.number("RATE")? > 0.0)),
        };
        if ![0.0, 1.0, 2.0, 3.0, 4.0].contains(&evid) {
            let help = "write 0 observation, 1 dose, 2 other, 3 reset, 4 reset and dose";
            return self.refuse("EVID", format!("EVID cannot be {evid}"), help);
        }
        let is_dose = evid == 1.0 || evid == 4.0;
        if !is_dose && amount > 0.0 {
            let message = format!("an AMT of {amount} with EVID {evid}, which is no dose");
            return self.refuse("AMT", message, "write EVID 1, or 4 to reset first");
        }
        let mut row = Row {
            id: self.number("ID")?,
            time: self.table.number(time)?,
            time_span: time.span.clone(),
            cmt: None,
            into: usize::MAX,
            given: Given::Nothing,
            resets: evid >= 3.0,
            steady: None,
            interval: 0.0,
            additional: 0.0,
        };
        if is_dose {
            let at = self.header.place("CMT").map(|column| self.cells[column].clone());
            row.cmt = Some(at.unwrap_or_else(|| Cell {
                text: ".".into(),
                span: time.span.clone(),
            }));
            self.repetition(&mut row, amount, steady)?;
            row.given = self.given(amount, row.steady)?;
        }
        Ok(row)
    }

    /// II, ADDL and SS.
    fn repetition(&self, row: &mut Row, amount: f64, steady: f64) -> Result<(), InputError> {
        row.interval = self.not_negative("II")?;
        row.additional = self.not_negative("ADDL")?;
        if row.additional.fract() != 0.0 {
            return self.refuse(
                "ADDL",
                format!("ADDL cannot be {}", row.additional),
                "write a whole number",
            );
        }
        if row.additional > MOST_DOSES {
            return self.refuse(
                "ADDL",
                format!("ADDL cannot be {}", row.additional),
                "write at most 1000000",
            );
        }
        if row.additional > 0.0 && row.interval == 0.0 {
            return self.refuse(
                "ADDL",
                "ADDL without II".into(),
                "say in II how far apart the doses are",
            );
        }
        if steady == 0.0 {
            return Ok(());
        }
        if steady != 1.0 && steady != 2.0 {
            let help = "write 0, 1 to replace the state by the steady state, or 2 to add it";
            return self.refuse("SS", format!("SS cannot be {steady}"), help);
        }
        if amount > 0.0 && row.interval == 0.0 {
            return self.refuse("SS", "SS without II".into(), "say in II how far apart the doses are");
        }
        if amount == 0.0 && row.interval > 0.0 {
            let help = "write an AMT, or no II for an infusion that never stopped";
            return self.refuse("AMT", "a repeated dose at steady state of nothing".into(), help);
        }
        row.steady = Some(Steady {
            interval: row.interval,
            adds: steady == 2.0,
        });
        Ok(())
    }

    /// Bolus or infusion.
    fn given(&self, amount: f64, steady: Option<Steady>) -> Result<Given, InputError> {
        let rate = self.number("RATE")?;
        let duration = self.not_negative("DUR")?;
        if rate < 0.0 {
            let what = if rate == -1.0 { "a rate" } else { "a duration" };
            let message = format!("RATE = {rate} asks for {what} that the model computes, which is not supported");
            return self.refuse(
                "RATE",
                message,
                "write the rate of the infusion in RATE, or its length in DUR",
            );
        }
        if steady.is_some_and(|steady| steady.interval == 0.0) {
            if duration > 0.0 {
                let help = "leave DUR out, or write AMT and II";
                return self.refuse("DUR", "an infusion that never stopped has no DUR".into(), help);
            }
            return Ok(Given::Infusion {
                rate,
                duration: f64::INFINITY,
            });
        }
        if amount == 0.0 {
            if rate > 0.0 || duration > 0.0 {
                let help = "write the whole amount of the infusion in AMT";
                return self.refuse("AMT", "an infusion without AMT".into(), help);
            }
            return Ok(Given::Nothing);
        }
        match (rate > 0.0, duration > 0.0) {
            (false, false) => Ok(Given::Bolus(amount)),
            (false, true) => Ok(Given::Infusion {
                rate: amount / duration,
                duration,
            }),
            // Written with some digits each, so they agree to some digits.
            (true, true) if (rate * duration / amount - 1.0).abs() > 1e-3 => {
                let message = format!("RATE {rate} for DUR {duration} is not AMT {amount}");
                self.refuse("DUR", message, "leave one of RATE and DUR out")
            }
            (true, _) => Ok(Given::Infusion {
                rate,
                duration: amount / rate,
            }),
        }
    }
}
