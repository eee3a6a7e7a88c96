//! One Parquet table, written row by row with a fixed amount of memory.
//!
//! Only what the tables of a run need: five column types, row groups of a fixed number of rows, Snappy. The bytes
//! depend on the rows alone: there is no time stamp, and `created_by` names the engine version.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

/// Rows held in memory before they are compressed and written.
const ROWS_PER_GROUP: usize = 65_536;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// 32-bit integers.
    Int,
    /// 64-bit floating point.
    Float,
    /// 32-bit floating point, for measured values with few digits.
    Single,
    /// True or false.
    Flag,
    /// UTF-8 text, dictionary-coded.
    Text,
}

/// A column: its name, what it holds, and whether values may be missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub name: &'static str,
    pub holds: Holds,
    pub optional: bool,
}

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    Int(i32),
    Float(f64),
    Single(f32),
    Flag(bool),
    Text(&'a str),
    Missing,
}

impl Cell<'_> {
    /// A number that may not be defined; NaN is missing.
    pub fn defined(value: f64) -> Self {
        if value.is_nan() {
            Cell::Missing
        } else {
            Cell::Float(value)
        }
    }
}

/// Different texts of a column that are kept to be shared between rows; there are few arms and many patients.
const SHARED_TEXTS: usize = 256;

/// Values of one column waiting to be written; `present` is empty for columns without missing values.
struct Waiting {
    column: Column,
    values: Values,
    present: Vec<i16>,
    shared: BTreeMap<String, ByteArray>,
}

enum Values {
    Int(Vec<i32>),
    Float(Vec<f64>),
    Single(Vec<f32>),
    Flag(Vec<bool>),
    Text(Vec<ByteArray>),
}

/// A Parquet file being written.
pub(super) struct Table {
    writer: SerializedFileWriter<BufWriter<File>>,
    columns: Vec<Waiting>,
    rows: usize,
}

impl Table {
    /// Starts the file at `path`; `notes` become its key-value metadata.
    pub fn create(path: &Path, columns: &[Column], notes: &[(&str, &str)]) -> Result<Table, ParquetError> {
        let fields = columns.iter().map(field).collect::<Result<Vec<_>, _>>()?;
        let schema = Arc::new(Type::group_type_builder("row").with_fields(fields).build()?);
        let notes = notes
            .iter()
            .map(|(key, value)| KeyValue::new(key.to_string(), value.to_string()))
            .collect();
        let properties = WriterProperties::builder()
            .set_created_by(concat!("malar ", env!("CARGO_PKG_VERSION")).to_string())
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(notes))
            .build();
        let file = BufWriter::new(File::create(path)?);
        let writer = SerializedFileWriter::new(file, schema, Arc::new(properties))?;
        Ok(Table {
            writer,
            columns: columns.iter().map(|&column| Waiting::new(column)).collect(),
            rows: 0,
        })
    }

    /// Adds a row; cells stand in the order of the columns.
    pub fn push(&mut self, row: &[Cell<'_>]) -> Result<(), ParquetError> {
        assert_eq!(row.len(), self.columns.len(), "a row has one cell per column");
        for (column, &cell) in self.columns.iter_mut().zip(row) {
            column.push(cell);
        }
        self.rows += 1;
        if self.rows == ROWS_PER_GROUP {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Writes what waits and closes the file.
    pub fn finish(mut self) -> Result<(), ParquetError> {
        if self.rows > 0 {
            self.flush()?;
        }
        self.writer.close().map(|_| ())
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for column in &mut self.columns {
            column.write(&mut group)?;
        }
        self.rows = 0;
        group.close().map(|_| ())
    }
}

impl Waiting {
    fn new(column: Column) -> Waiting {
        let values = match column.holds {
            Holds::Int => Values::Int(Vec::new()),
            Holds::Float => Values::Float(Vec::new()),
            Holds::Single => Values::Single(Vec::new()),
            Holds::Flag => Values::Flag(Vec::new()),
            Holds::Text => Values::Text(Vec::new()),
        };
        Waiting {
            column,
            values,
            present: Vec::new(),
            shared: BTreeMap::new(),
        }
    }

    fn push(&mut self, cell: Cell<'_>) {
        match (&mut self.values, cell) {
            (Values::Int(values), Cell::Int(value)) => values.push(value),
            (Values::Float(values), Cell::Float(value)) => values.push(value),
            (Values::Single(values), Cell::Single(value)) => values.push(value),
            (Values::Flag(values), Cell::Flag(value)) => values.push(value),
            (Values::Text(values), Cell::Text(value)) => values.push(shared(&mut self.shared, value)),
            (_, Cell::Missing) if self.column.optional => {}
            (_, cell) => panic!("column `{}` cannot hold {cell:?}", self.column.name),
        }
        if self.column.optional {
            self.present.push(i16::from(!matches!(cell, Cell::Missing)));
        }
    }

    fn write<W: std::io::Write + Send>(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        let levels = self.column.optional.then_some(self.present.as_slice());
        match &mut self.values {
            Values::Int(values) => write_column::<Int32Type, W>(group, values, levels),
            Values::Float(values) => write_column::<DoubleType, W>(group, values, levels),
            Values::Single(values) => write_column::<FloatType, W>(group, values, levels),
            Values::Flag(values) => write_column::<BoolType, W>(group, values, levels),
            Values::Text(values) => write_column::<ByteArrayType, W>(group, values, levels),
        }?;
        self.present.clear();
        Ok(())
    }
}

/// `text` as Parquet wants it, without a copy if it was seen before.
fn shared(known: &mut BTreeMap<String, ByteArray>, text: &str) -> ByteArray {
    if let Some(bytes) = known.get(text) {
        return bytes.clone();
    }
    let bytes = ByteArray::from(text);
    if known.len() < SHARED_TEXTS {
        known.insert(text.to_string(), bytes.clone());
    }
    bytes
}

fn write_column<T: DataType, W: std::io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &mut Vec<T::T>,
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.expect("the schema has this column");
    column.typed::<T>().write_batch(values, levels, None)?;
    values.clear();
    column.close()
}

fn field(column: &Column) -> Result<TypePtr, ParquetError> {
    let physical = match column.holds {
        Holds::Int => PhysicalType::INT32,
        Holds::Float => PhysicalType::DOUBLE,
        Holds::Single => PhysicalType::FLOAT,
        Holds::Flag => PhysicalType::BOOLEAN,
        Holds::Text => PhysicalType::BYTE_ARRAY,
    };
    let repetition = if column.optional {
        Repetition::OPTIONAL
    } else {
        Repetition::REQUIRED
    };
    let text = (column.holds == Holds::Text).then_some(LogicalType::String);
    let builder = Type::primitive_type_builder(column.name, physical).with_repetition(repetition);
    Ok(Arc::new(builder.with_logical_type(text).build()?))
}
