//! Columns looked up by row: marks, units, numbers. What a distinct text means is found out once.

use malar_model::codes::ITEM;

use super::units::{Conversion, Unit};
use crate::dataset::{Column, Dataset, TableError, Texts, Values, parse_number};

/// A column of texts, and which of the distinct ones mean yes.
pub(super) struct Marked(Texts, Vec<bool>);

impl Marked {
    pub fn new(column: &Column, means_yes: impl Fn(&str) -> bool) -> Marked {
        let texts = column.coded();
        let marks = texts.distinct().iter().map(|text| means_yes(text.trim())).collect();
        Marked(texts, marks)
    }

    pub fn get(&self, row: usize) -> bool {
        self.1[self.0.code(row)]
    }
}

/// A column of units, and how each distinct one is converted for each kind of quantity.
pub(super) struct Units<'a> {
    pub name: &'a str,
    pub texts: Texts,
    pub conversions: Vec<[Option<Conversion>; Unit::ALL.len()]>,
}

impl<'a> Units<'a> {
    pub fn of(column: &'a Column) -> Units<'a> {
        let texts = column.coded();
        let is_param = column.name.eq_ignore_ascii_case("PARAM");
        let written = texts
            .distinct()
            .iter()
            .map(|text| if is_param { in_brackets(text) } else { text.trim() });
        let conversions = written
            .map(|written| Unit::ALL.map(|unit| unit.conversion(written)))
            .collect();
        Units {
            name: &column.name,
            texts,
            conversions,
        }
    }
}

/// Numbers of a column, looked up by row.
pub(super) struct Numbers<'a> {
    pub name: &'a str,
    values: NumberValues<'a>,
}

enum NumberValues<'a> {
    Plain(&'a [f64]),
    Read(&'a Texts, Vec<Option<f64>>),
}

impl<'a> Numbers<'a> {
    pub fn of(column: &'a Column) -> Numbers<'a> {
        let values = match &column.values {
            Values::Numbers(numbers) => NumberValues::Plain(numbers),
            Values::Texts(texts) => {
                let read = texts.distinct().iter().map(|text| parse_number(text)).collect();
                NumberValues::Read(texts, read)
            }
        };
        Numbers {
            name: &column.name,
            values,
        }
    }

    /// The number of a row; NaN if missing. Fails if a text is none.
    pub fn get(&self, table: &Dataset, row: usize) -> Result<f64, TableError> {
        match &self.values {
            NumberValues::Plain(numbers) => Ok(numbers[row]),
            NumberValues::Read(texts, read) => read[texts.code(row)].ok_or_else(|| {
                let message = format!("`{}` is not a number", texts.get(row));
                let help = "write a number; a value beyond the limits of an assay is not guessed here";
                table.wrong(ITEM, row, self.name, message, help)
            }),
        }
    }
}

/// What stands in the last brackets: `Creatinine (umol/L)`.
fn in_brackets(text: &str) -> &str {
    let inside = text.trim_end().strip_suffix(')').and_then(|t| t.rsplit_once('('));
    inside.map_or("", |(_, unit)| unit.trim())
}
