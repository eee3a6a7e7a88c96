//! A simulation of one model as a Parquet table: a column of 64-bit floating point per name.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use crate::simulate::Series;
use parquet::basic::{Compression, Repetition, Type as PhysicalType};
use parquet::data_type::DoubleType;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

/// Writes `series`; rows that hold nothing have no values. A value that is not a number stays one.
pub fn write_series(path: &Path, series: &Series) -> Result<(), ParquetError> {
    let field = |(column, name): (usize, &String)| {
        let repetition = if column < series.leading {
            Repetition::REQUIRED
        } else {
            Repetition::OPTIONAL
        };
        let column = Type::primitive_type_builder(name, PhysicalType::DOUBLE).with_repetition(repetition);
        column.build().map(Arc::new)
    };
    let fields = series
        .names
        .iter()
        .enumerate()
        .map(field)
        .collect::<Result<Vec<_>, _>>()?;
    let schema = Arc::new(Type::group_type_builder("row").with_fields(fields).build()?);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(BufWriter::new(File::create(path)?), schema, Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    let is_there: Vec<i16> = (0..series.rows.len())
        .map(|row| i16::from(!series.is_missing(row)))
        .collect();
    let mut position = 0;
    while let Some(mut column) = group.next_column()? {
        let is_leading = position < series.leading;
        let kept = |row: &usize| is_leading || is_there[*row] == 1;
        let values: Vec<f64> = (0..series.rows.len())
            .filter(kept)
            .map(|row| series.rows[row][position])
            .collect();
        let definition = (!is_leading).then_some(is_there.as_slice());
        column.typed::<DoubleType>().write_batch(&values, definition, None)?;
        column.close()?;
        position += 1;
    }
    group.close()?;
    writer.close().map(|_| ())
}
