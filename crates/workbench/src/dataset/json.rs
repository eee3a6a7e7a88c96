//! CDISC Dataset-JSON 1.1, one JSON object per table.
//!
//! Specification: cdisc-org/DataExchange-DatasetJson, `doc/dataset-json1-1.md` (final 2024-12-05). The schema does not
//! look inside rows, so every value is held against its column here.

use std::fmt::{self, Write};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::column::{Column, Texts, Values};
use super::{Dataset, TableError};

/// Everything of a file but its rows.
#[derive(Deserialize)]
pub(super) struct Head<'a> {
    #[serde(rename = "datasetJSONVersion")]
    version: Option<String>,
    records: Option<u64>,
    name: Option<String>,
    #[serde(default)]
    label: String,
    columns: Option<Vec<ColumnHead>>,
    #[serde(borrow)]
    pub rows: Option<&'a RawValue>,
    #[serde(borrow, rename = "clinicalData")]
    clinical_data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ColumnHead {
    name: String,
    #[serde(default)]
    label: String,
    data_type: String,
}

/// Columns being filled.
pub(super) struct Builder {
    columns: Vec<Column>,
    rows: usize,
}

impl Head<'_> {
    /// Empty columns of the kinds that the head names.
    pub fn builder(&self, path: &str) -> Result<Builder, TableError> {
        let refused = |message: &str| Err(TableError::file(path, message.to_owned()));
        if self.clinical_data.is_some() {
            return refused("is Dataset-JSON 1.0; only version 1.1 is read");
        }
        match &self.version {
            None => return refused("has no `datasetJSONVersion`"),
            Some(version) if version != "1.1" && !version.starts_with("1.1.") => {
                return refused(&format!("is Dataset-JSON {version}; only version 1.1 is read"));
            }
            Some(_) => {}
        }
        let Some(heads) = &self.columns else {
            return refused("has no `columns`");
        };
        let mut columns: Vec<Column> = Vec::new();
        for head in heads {
            let values = match head.data_type.as_str() {
                "integer" | "float" | "double" => Values::Numbers(Vec::new()),
                "string" | "decimal" | "boolean" | "datetime" | "date" | "time" | "URI" => {
                    Values::Texts(Texts::default())
                }
                other => return refused(&format!("column `{}` is of the unknown type `{other}`", head.name)),
            };
            if columns.iter().any(|c| c.name == head.name) {
                return refused(&format!("two columns are called `{}`", head.name));
            }
            columns.push(Column::new(&head.name, &head.label, values));
        }
        Ok(Builder { columns, rows: 0 })
    }

    /// The whole table; fails if there are more or fewer rows than the head says.
    pub fn finish(self, builder: Builder, path: &str) -> Result<Dataset, TableError> {
        if let Some(records) = self.records.filter(|&records| records != builder.rows as u64) {
            let message = format!("says it has {records} records, but has {} rows", builder.rows);
            return Err(TableError::file(path, message));
        }
        Ok(Dataset {
            path: path.into(),
            name: self.name.unwrap_or_else(|| super::name_of(path)),
            label: self.label,
            columns: builder.columns,
            lines: Vec::new(),
        })
    }
}

/// Reads a table.
pub(super) fn read(text: &str, path: &str) -> Result<Dataset, TableError> {
    let head: Head = serde_json::from_str(text).map_err(|reason| not_json(path, 0, &reason))?;
    let mut builder = head.builder(path)?;
    if let Some(rows) = head.rows {
        let mut reader = serde_json::Deserializer::from_str(rows.get());
        let read = Rows(&mut builder).deserialize(&mut reader);
        read.map_err(|reason| TableError::file(path, reason.to_string()))?;
    }
    head.finish(builder, path)
}

/// A place in the text where it is no JSON, or not of the right form; lines before it are added.
pub(super) fn not_json(path: &str, lines: usize, reason: &serde_json::Error) -> TableError {
    let place = format!("{path}:{}:{}", lines + reason.line(), reason.column());
    let help = "write Dataset-JSON 1.1: `datasetJSONVersion`, `records`, `name`, `label`, `columns`, `rows`";
    TableError::at(place, format!("is not Dataset-JSON: {reason}"), help)
}

/// All rows of a table.
struct Rows<'a>(&'a mut Builder);

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while rows.next_element_seed(Row(self.0))?.is_some() {}
        Ok(())
    }
}

/// One row.
pub(super) struct Row<'a>(pub &'a mut Builder);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {} as a list of values", self.0.rows + 1)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut cells: A) -> Result<(), A::Error> {
        let builder = self.0;
        builder.rows += 1;
        let row = builder.rows;
        let expected = builder.columns.len();
        let wrong = |found: usize| A::Error::custom(format!("row {row} has {found} values for {expected} columns"));
        for (k, column) in builder.columns.iter_mut().enumerate() {
            if cells.next_element_seed(Cell { column, row })?.is_none() {
                return Err(wrong(k));
            }
        }
        match cells.next_element::<serde::de::IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(wrong(expected + 1)),
        }
    }
}

/// One value of a row.
struct Cell<'a> {
    column: &'a mut Column,
    row: usize,
}

impl Cell<'_> {
    fn number<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        match &mut self.column.values {
            Values::Numbers(numbers) => {
                numbers.push(value);
                Ok(())
            }
            Values::Texts(_) => Err(self.mismatch("a number")),
        }
    }

    fn mismatch<E: serde::de::Error>(&self, found: &str) -> E {
        let wanted = match self.column.values {
            Values::Numbers(_) => "numbers",
            Values::Texts(_) => "texts",
        };
        E::custom(format!(
            "row {}, column {}: {found} in a column of {wanted}",
            self.row, self.column.name
        ))
    }
}

impl<'de> DeserializeSeed<'de> for Cell<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a value in row {}, column {}", self.row, self.column.name)
    }
    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        match &mut self.column.values {
            Values::Numbers(numbers) => numbers.push(f64::NAN),
            Values::Texts(texts) => texts.push(""),
        }
        Ok(())
    }
    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.visit_str(if value { "true" } else { "false" })
    }
    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.number(value as f64)
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.number(value as f64)
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.number(value)
    }
    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        match &mut self.column.values {
            Values::Texts(texts) => {
                texts.push(value);
                Ok(())
            }
            Values::Numbers(_) => Err(self.mismatch("a text")),
        }
    }
}

/// Time of creation in every file: equal tables are equal files, so it is not the clock's.
const CREATED: &str = "1970-01-01T00:00:00";

/// Everything but the rows, without the closing brace.
pub(super) fn head(table: &Dataset) -> String {
    let quoted = |text: &str| serde_json::to_string(text).expect("texts are JSON");
    let mut text = format!(
        "{{\"datasetJSONCreationDateTime\":\"{CREATED}\",\"datasetJSONVersion\":\"1.1.0\",\"originator\":\"Malar\",\
         \"sourceSystem\":{{\"name\":\"Malar\",\"version\":\"{}\"}},\"itemGroupOID\":{},\"records\":{},\"name\":{},\"label\":{},\"columns\":[",
        env!("CARGO_PKG_VERSION"),
        quoted(&format!("IG.{}", table.name)),
        table.n_rows(),
        quoted(&table.name),
        quoted(&table.label),
    );
    for (k, column) in table.columns.iter().enumerate() {
        let oid = quoted(&format!("IT.{}.{}", table.name, column.name));
        let label = if column.label.is_empty() {
            &column.name
        } else {
            &column.label
        };
        let comma = if k == 0 { "" } else { "," };
        let kind = match &column.values {
            Values::Texts(_) => format!("\"string\",\"length\":{}", column.width().max(1)),
            Values::Numbers(numbers) if numbers.iter().all(|x| x.is_nan() || is_whole(*x)) => "\"integer\"".into(),
            Values::Numbers(_) => "\"double\"".into(),
        };
        let (name, label) = (quoted(&column.name), quoted(label));
        write!(
            text,
            "{comma}{{\"itemOID\":{oid},\"name\":{name},\"label\":{label},\"dataType\":{kind}}}"
        )
        .expect("memory takes everything");
    }
    text + "]"
}

/// Whole, and small enough that every reader keeps it.
fn is_whole(x: f64) -> bool {
    x.fract() == 0.0 && x.abs() < 9e15
}

/// A row as a JSON list.
pub(super) fn push_row(table: &Dataset, row: usize, text: &mut String) {
    for (k, column) in table.columns.iter().enumerate() {
        text.push(if k == 0 { '[' } else { ',' });
        match &column.values {
            Values::Texts(texts) => {
                text.push_str(&serde_json::to_string(texts.get(row)).expect("texts are JSON"));
            }
            Values::Numbers(numbers) if numbers[row].is_nan() => text.push_str("null"),
            Values::Numbers(numbers) => write!(text, "{}", numbers[row]).expect("memory takes everything"),
        }
    }
    text.push(']');
}

/// Writes a table; rows last, so that it can be read as a stream.
pub(super) fn write(table: &Dataset) -> String {
    let mut text = head(table) + ",\"rows\":[";
    for row in 0..table.n_rows() {
        text.push_str(if row == 0 { "\n" } else { ",\n" });
        push_row(table, row, &mut text);
    }
    text + "\n]}\n"
}
