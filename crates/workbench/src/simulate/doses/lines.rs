//! Lines of a table of doses, checked as far as they can be without the model.

use std::ops::Range;

use malar_model::codes::{DOSE, TABLE_NAME};
use malar_tape::network::{Given, Steady};

use super::MOST_DOSES;
use crate::finding::InputError;
use crate::simulate::table::{Cell, Table, wrong};

/// Columns that mean something.
const COLUMNS: [&str; 10] = ["ID", "TIME", "EVID", "AMT", "CMT", "RATE", "DUR", "II", "ADDL", "SS"];
/// Columns that data sets have and simulations do not need.
const IGNORED: [&str; 5] = ["DV", "MDV", "C", "L1", "L2"];

/// A line, checked as far as it can be without the model.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub id: f64,
    pub time: f64,
    pub time_span: Range<usize>,
    /// Where it goes as written, if it is a dose.
    pub cmt: Option<Cell>,
    /// Where it goes, by position; known once aimed.
    pub into: usize,
    pub given: Given,
    pub resets: bool,
    pub steady: Option<Steady>,
    pub interval: f64,
    pub additional: f64,
}

/// Which column is where.
pub(super) struct Header {
    places: [Option<usize>; COLUMNS.len()],
    /// Columns that were not read.
    pub unread: Vec<String>,
}

impl Header {
    pub fn read(table: &Table) -> Result<Header, InputError> {
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

    pub fn place(&self, name: &str) -> Option<usize> {
        COLUMNS
            .iter()
            .position(|known| *known == name)
            .and_then(|at| self.places[at])
    }
}

/// A line while it is checked.
pub(super) struct Line<'a> {
    pub table: &'a Table,
    pub header: &'a Header,
    pub cells: &'a [Cell],
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

    pub fn row(&self) -> Result<Row, InputError> {
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
