//! A simulation of one model as a Parquet table: a column of 64-bit floating point per name.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, Repetition, Type as PhysicalType};
use parquet::data_type::DoubleType;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

/// Writes `rows` under `names`; a value that is not a number stays one.
pub fn write_series(path: &Path, names: &[String], rows: &[Vec<f64>]) -> Result<(), ParquetError> {
    let field = |name: &String| {
        let column = Type::primitive_type_builder(name, PhysicalType::DOUBLE).with_repetition(Repetition::REQUIRED);
        column.build().map(Arc::new)
    };
    let fields = names.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    let schema = Arc::new(Type::group_type_builder("row").with_fields(fields).build()?);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(BufWriter::new(File::create(path)?), schema, Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    let mut position = 0;
    while let Some(mut column) = group.next_column()? {
        let values: Vec<f64> = rows.iter().map(|row| row[position]).collect();
        column.typed::<DoubleType>().write_batch(&values, None, None)?;
        column.close()?;
        position += 1;
    }
    group.close()?;
    writer.close().map(|_| ())
}
