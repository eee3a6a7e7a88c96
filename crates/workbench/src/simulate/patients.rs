//! Simulations that differ in some values: a table of patients, or a scan.

use std::ops::Range;

use malar_model::Source;
use malar_model::codes::{DEFINED_TWICE, TABLE_NAME};

use super::table::{Table, wrong};
use crate::finding::InputError;

/// Simulations and what is set in each.
#[derive(Clone, Debug, Default)]
pub struct Repeated {
    /// Name of the leading column.
    pub label: String,
    /// Quantities that are set.
    pub names: Vec<String>,
    /// Value in the leading column, and a value per quantity.
    pub rows: Vec<(f64, Vec<f64>)>,
    /// The file it was read from, with the place of each name, for messages.
    pub origin: Option<(Source, Vec<Range<usize>>)>,
}

/// Rows of a table: one patient each, numbered from 1 or by a `patient` or `ID` column.
pub fn patients(source: &Source) -> Result<Repeated, InputError> {
    let table = Table::read(source)?;
    let is_id = |name: &str| ["patient", "id"].contains(&name.to_lowercase().as_str());
    let ids: Vec<usize> = (0..table.names.len())
        .filter(|&column| is_id(&table.names[column].text))
        .collect();
    if let [_, second, ..] = ids[..] {
        let message = "two columns number the patients".to_owned();
        return Err(wrong(
            DEFINED_TWICE,
            source,
            &table.names[second].span,
            message,
            "keep one of them",
        ));
    }
    let columns: Vec<usize> = (0..table.names.len()).filter(|column| !ids.contains(column)).collect();
    for (at, &column) in columns.iter().enumerate() {
        let cell = &table.names[column];
        if columns[..at]
            .iter()
            .any(|&earlier| table.names[earlier].text == cell.text)
        {
            let message = format!("`{}` has two columns", cell.text);
            return Err(wrong(DEFINED_TWICE, source, &cell.span, message, "keep one of them"));
        }
    }
    let mut rows: Vec<(f64, Vec<f64>)> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for row in &table.rows {
        let mut id = (rows.len() + 1) as f64;
        if let [column] = ids[..] {
            id = table.number(&row[column])?;
            if !seen.insert(id.to_bits()) {
                let message = format!("patient {id} has two lines");
                return Err(wrong(
                    TABLE_NAME,
                    source,
                    &row[column].span,
                    message,
                    "give every patient another number",
                ));
            }
        }
        let values = columns.iter().map(|&column| table.number(&row[column]));
        rows.push((id, values.collect::<Result<_, _>>()?));
    }
    let names = columns.iter().map(|&column| table.names[column].text.clone()).collect();
    let spans = columns.iter().map(|&column| table.names[column].span.clone()).collect();
    Ok(Repeated {
        label: "patient".into(),
        names,
        rows,
        origin: Some((source.clone(), spans)),
    })
}

/// `n` values from one to another, both included.
pub fn scan(name: &str, from: f64, to: f64, n: u32) -> Repeated {
    let value = |k: u32| match k {
        0 => from,
        k if k + 1 == n => to,
        k => from + (to - from) * f64::from(k) / f64::from(n - 1),
    };
    Repeated {
        label: name.to_owned(),
        names: vec![name.to_owned()],
        rows: (0..n).map(|k| (value(k), vec![value(k)])).collect(),
        origin: None,
    }
}
