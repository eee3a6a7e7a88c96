//! Parquet, flat tables: numbers, texts and flags; Snappy or not compressed.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::column::{Column, Texts, Values};
use super::{Dataset, TableError, name_of};

/// Reads a table.
pub(super) fn read(bytes: Vec<u8>, path: &str) -> Result<Dataset, TableError> {
    let failed = |reason: ParquetError| TableError::file(path, format!("is Parquet that cannot be read: {reason}"));
    let file = SerializedFileReader::new(Bytes::from(bytes)).map_err(failed)?;
    let schema = file.metadata().file_metadata().schema_descr_ptr();
    let mut columns = Vec::new();
    for (k, described) in schema.columns().iter().enumerate() {
        let is_text = described.physical_type() == PhysicalType::BYTE_ARRAY;
        if described.max_rep_level() > 0 || described.path().parts().len() > 1 {
            return Err(TableError::file(
                path,
                format!("column `{}` is nested", described.path()),
            ));
        }
        let mut values = if is_text || described.physical_type() == PhysicalType::BOOLEAN {
            Values::Texts(Texts::default())
        } else {
            Values::Numbers(Vec::new())
        };
        for group in 0..file.num_row_groups() {
            let group = file.get_row_group(group).map_err(failed)?;
            let n = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
            let reader = group.get_column_reader(k).map_err(failed)?;
            take(reader, n, described.max_def_level(), &mut values).map_err(|reason| match reason {
                Trouble::Parquet(reason) => failed(reason),
                Trouble::Kind => TableError::file(
                    path,
                    format!("column `{}` is neither number, text nor flag", described.name()),
                ),
            })?;
        }
        columns.push(Column::new(described.name(), "", values));
    }
    Ok(Dataset {
        path: path.into(),
        name: name_of(path),
        label: String::new(),
        columns,
        lines: Vec::new(),
    })
}

enum Trouble {
    Parquet(ParquetError),
    Kind,
}

/// Values of a column in one row group.
fn take(reader: ColumnReader, n: usize, level: i16, values: &mut Values) -> Result<(), Trouble> {
    match (reader, values) {
        (ColumnReader::BoolColumnReader(r), Values::Texts(texts)) => all(r, n, level, |x| {
            texts.push(x.map_or("", |&x| if x { "true" } else { "false" }))
        }),
        (ColumnReader::ByteArrayColumnReader(r), Values::Texts(texts)) => {
            let text = |x: &ByteArray| String::from_utf8_lossy(x.data()).into_owned();
            all(r, n, level, |x| texts.push(&x.map_or(String::new(), text)))
        }
        (ColumnReader::Int32ColumnReader(r), Values::Numbers(numbers)) => {
            all(r, n, level, |x| numbers.push(x.map_or(f64::NAN, |&x| x.into())))
        }
        (ColumnReader::Int64ColumnReader(r), Values::Numbers(numbers)) => {
            all(r, n, level, |x| numbers.push(x.map_or(f64::NAN, |&x| x as f64)))
        }
        (ColumnReader::FloatColumnReader(r), Values::Numbers(numbers)) => {
            all(r, n, level, |x| numbers.push(x.map_or(f64::NAN, |&x| x.into())))
        }
        (ColumnReader::DoubleColumnReader(r), Values::Numbers(numbers)) => {
            all(r, n, level, |x| numbers.push(x.copied().unwrap_or(f64::NAN)))
        }
        _ => return Err(Trouble::Kind),
    }
    .map_err(Trouble::Parquet)
}

/// Hands every value to `put`, `None` for a missing one.
fn all<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    n: usize,
    level: i16,
    mut put: impl FnMut(Option<&T::T>),
) -> Result<(), ParquetError> {
    let (mut there, mut values) = (Vec::new(), Vec::new());
    let levels = if level > 0 { Some(&mut there) } else { None };
    let (rows, ..) = reader.read_records(n, levels, None, &mut values)?;
    if level == 0 {
        values.iter().for_each(|x| put(Some(x)));
        return Ok(());
    }
    let mut values = values.iter();
    for &is_there in there.iter().take(rows) {
        put(if is_there == level { values.next() } else { None });
    }
    Ok(())
}

/// Writes a table.
pub(super) fn write(table: &Dataset) -> Result<Vec<u8>, TableError> {
    let failed = |reason: ParquetError| TableError::file(&table.name, format!("cannot be written: {reason}"));
    try_write(table).map_err(failed)
}

fn try_write(table: &Dataset) -> Result<Vec<u8>, ParquetError> {
    let field = |column: &Column| {
        let (kind, logical) = match column.values {
            Values::Numbers(_) => (PhysicalType::DOUBLE, None),
            Values::Texts(_) => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let field = Type::primitive_type_builder(&column.name, kind).with_repetition(Repetition::OPTIONAL);
        field.with_logical_type(logical).build().map(Arc::new)
    };
    let fields = table.columns.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    let schema = Arc::new(Type::group_type_builder("row").with_fields(fields).build()?);
    let created = concat!("malar ", env!("CARGO_PKG_VERSION")).to_string();
    let properties = WriterProperties::builder()
        .set_created_by(created)
        .set_compression(Compression::SNAPPY);
    let mut out = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut out, schema, Arc::new(properties.build()))?;
    let mut group = writer.next_row_group()?;
    for column in &table.columns {
        let mut to = group.next_column()?.expect("the schema has this column");
        match &column.values {
            Values::Numbers(numbers) => {
                let there: Vec<i16> = numbers.iter().map(|x| i16::from(!x.is_nan())).collect();
                let values: Vec<f64> = numbers.iter().copied().filter(|x| !x.is_nan()).collect();
                to.typed::<DoubleType>().write_batch(&values, Some(&there), None)?;
            }
            Values::Texts(texts) => {
                let there: Vec<i16> = texts.iter().map(|x| i16::from(!x.is_empty())).collect();
                let distinct: Vec<ByteArray> = texts.distinct().iter().map(|t| ByteArray::from(t.as_str())).collect();
                let present = (0..there.len()).filter(|&row| there[row] == 1);
                let values: Vec<ByteArray> = present.map(|row| distinct[texts.code(row)].clone()).collect();
                to.typed::<ByteArrayType>().write_batch(&values, Some(&there), None)?;
            }
        }
        to.close()?;
    }
    group.close()?;
    writer.close()?;
    Ok(out)
}
