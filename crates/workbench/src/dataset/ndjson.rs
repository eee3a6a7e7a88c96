//! Dataset-JSON 1.1 with a line per row; compressed with zlib it is a `.dsjc` file.

use serde::de::DeserializeSeed;

use super::json::{Head, Row, head, not_json, push_row};
use super::{Dataset, TableError};

/// True if the first line is an object of its own and does not hold rows.
pub(super) fn is_ndjson(text: &str) -> bool {
    let first = text.trim_start().lines().next().unwrap_or("");
    serde_json::from_str::<Head>(first).is_ok_and(|head| head.rows.is_none())
}

/// Reads a table.
pub(super) fn read(text: &str, path: &str) -> Result<Dataset, TableError> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let (_, first) = lines.next().unwrap_or((0, ""));
    let head: Head = serde_json::from_str(first).map_err(|reason| not_json(path, 0, &reason))?;
    let mut builder = head.builder(path)?;
    for (k, line) in lines {
        let mut reader = serde_json::Deserializer::from_str(line);
        let read = Row(&mut builder).deserialize(&mut reader).and_then(|()| reader.end());
        read.map_err(|reason| not_json(path, k, &reason))?;
    }
    head.finish(builder, path)
}

/// Writes a table.
pub(super) fn write(table: &Dataset) -> String {
    let mut text = head(table) + "}\n";
    for row in 0..table.n_rows() {
        push_row(table, row, &mut text);
        text.push('\n');
    }
    text
}
