//! Tables as trials exchange them: CSV, Parquet, CDISC Dataset-JSON 1.1 and SAS transport files, read and written.
//!
//! A file is recognised by what it holds, not by its name; zlib (`.dsjc`) and gzip are undone on the way. Texts are kept
//! once each, so that a table of millions of findings fits in memory.

mod column;
mod csv;
mod error;
mod ibm_float;
mod json;
mod ndjson;
mod parquet;
mod unpack;
mod xpt;

use std::path::Path;

pub(crate) use column::parse_number;
pub use column::{Column, Texts, Values};
pub use error::TableError;

/// One table.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Where it was read, for messages; empty if it was made here.
    pub path: String,
    /// Name, at most eight letters in SAS transport files.
    pub name: String,
    /// Name for people.
    pub label: String,
    /// Columns, all of the same length.
    pub columns: Vec<Column>,
    /// Line of each row in a text file, from 1; empty if rows are only counted.
    pub lines: Vec<u32>,
}

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, RFC 4180.
    Csv,
    /// Dataset-JSON 1.1.
    Json,
    /// Dataset-JSON 1.1, a line per row.
    Ndjson,
    /// The same, compressed.
    Dsjc,
    /// SAS transport file, version 5.
    Xpt,
    /// Parquet, Snappy.
    Parquet,
}

impl Format {
    /// All formats by the ending of their files.
    pub const ENDINGS: [(&str, Format); 6] = [
        ("csv", Format::Csv),
        ("json", Format::Json),
        ("ndjson", Format::Ndjson),
        ("dsjc", Format::Dsjc),
        ("xpt", Format::Xpt),
        ("parquet", Format::Parquet),
    ];

    /// The format that a file's name asks for.
    pub fn of_path(path: &Path) -> Option<Format> {
        let ending = path.extension()?.to_str()?.to_lowercase();
        Format::ENDINGS.iter().find(|f| f.0 == ending).map(|f| f.1)
    }

    /// Ending of its files.
    pub fn ending(self) -> &'static str {
        Format::ENDINGS
            .iter()
            .find(|f| f.1 == self)
            .map(|f| f.0)
            .expect("every format has an ending")
    }
}

impl Dataset {
    /// A table without columns.
    pub fn new(name: &str, label: &str) -> Dataset {
        Dataset {
            path: String::new(),
            name: name.into(),
            label: label.into(),
            columns: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Adds a column of numbers; NaN is missing.
    pub fn with_numbers(mut self, name: &str, label: &str, numbers: Vec<f64>) -> Dataset {
        self.columns.push(Column::new(name, label, Values::Numbers(numbers)));
        self
    }

    /// Adds a column of texts; empty is missing.
    pub fn with_texts<T: AsRef<str>>(mut self, name: &str, label: &str, texts: impl IntoIterator<Item = T>) -> Dataset {
        let texts = texts.into_iter().collect();
        self.columns.push(Column::new(name, label, Values::Texts(texts)));
        self
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |c| c.values.len())
    }

    /// The column of that name, letters in any case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name.eq_ignore_ascii_case(name))
    }

    /// Where a row stands, for messages: `qs.csv:17`, or `qs.json, row 16`.
    pub fn place(&self, row: usize) -> String {
        match self.lines.get(row) {
            Some(line) => format!("{}:{line}", self.path),
            None => format!("{}, row {}", self.path, row + 1),
        }
    }

    /// What is wrong at a row and column.
    pub fn wrong(&self, code: &'static str, row: usize, column: &str, message: String, help: &str) -> TableError {
        TableError {
            code,
            place: format!("{}, column {column}", self.place(row)),
            message,
            help: help.into(),
        }
    }
}

/// The tables of a file; one, except for SAS transport files that hold several.
pub fn read(path: &Path) -> Result<Vec<Dataset>, TableError> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|reason| TableError::file(&shown, format!("cannot be read: {reason}")))?;
    read_bytes(bytes, &shown)
}

/// The tables in the bytes of a file called `path`.
pub fn read_bytes(bytes: Vec<u8>, path: &str) -> Result<Vec<Dataset>, TableError> {
    let bytes = unpack::unpack(bytes, path)?;
    let one = |table: Dataset| vec![table];
    if bytes.starts_with(b"PAR1") {
        return parquet::read(bytes, path).map(one);
    }
    if xpt::is_transport(&bytes) {
        return xpt::read(&bytes, path);
    }
    let text = std::str::from_utf8(&bytes).map_err(|reason| {
        let message = format!("is not UTF-8 text from byte {} on", reason.valid_up_to());
        TableError::file(path, message)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.trim_start().starts_with('{') {
        return csv::read(text, path).map(one);
    }
    if ndjson::is_ndjson(text) {
        return ndjson::read(text, path).map(one);
    }
    json::read(text, path).map(one)
}

/// The bytes of a table in a format. Fails if the format cannot hold it (names and texts of SAS transport files).
pub fn write(table: &Dataset, format: Format) -> Result<Vec<u8>, TableError> {
    Ok(match format {
        Format::Csv => csv::write(table).into_bytes(),
        Format::Json => json::write(table).into_bytes(),
        Format::Ndjson => ndjson::write(table).into_bytes(),
        Format::Dsjc => unpack::pack(ndjson::write(table).as_bytes()),
        Format::Xpt => xpt::write(table)?,
        Format::Parquet => parquet::write(table)?,
    })
}

/// File name of a table: given, or the name of the file without its ending.
fn name_of(path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    file.split('.').next().unwrap_or(file).to_owned()
}

#[cfg(test)]
mod tests;
