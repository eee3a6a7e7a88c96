//! Tables people write: a line of names, then lines of cells, between commas or blanks.

use std::ops::Range;

use malar_model::Source;
use malar_model::codes::TABLE;
use malar_model::diagnostic::Diagnostic;

use crate::finding::{Finding, InputError};

/// A cell and where it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    pub text: String,
    pub span: Range<usize>,
}

/// A table as read.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub source: Source,
    pub names: Vec<Cell>,
    pub rows: Vec<Vec<Cell>>,
}

/// What is wrong at `span` of `source`, as the only finding.
pub(super) fn wrong(
    code: &'static str,
    source: &Source,
    span: &Range<usize>,
    message: String,
    help: impl Into<String>,
) -> InputError {
    let found = Diagnostic::error(code, source, span.clone(), message).help(help);
    InputError::Wrong(vec![Finding::new(found, source)])
}

impl Table {
    /// Reads `source`. Cells stand between commas, or, if the first line has none, between blanks. Empty lines and lines that
    /// begin with `#` are skipped, quotes around a cell dropped.
    pub fn read(source: &Source) -> Result<Table, InputError> {
        let mut names: Option<Vec<Cell>> = None;
        let mut has_commas = true;
        let mut rows = Vec::new();
        let mut at = 0;
        for line in source.text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            if line.trim().is_empty() || line.trim_start().starts_with('#') {
                continue;
            }
            let Some(names) = &names else {
                has_commas = line.contains(',');
                names = Some(cells(line, start, has_commas));
                continue;
            };
            let row = cells(line, start, has_commas);
            if row.len() != names.len() {
                let message = format!("{} cells under {} names", row.len(), names.len());
                let span = start..start + line.trim_end().len();
                let help = "give every line as many cells as there are names";
                return Err(wrong(TABLE, source, &span, message, help));
            }
            rows.push(row);
        }
        let Some(names) = names.filter(|_| !rows.is_empty()) else {
            let help = "write a line of names, then a line per row";
            return Err(wrong(TABLE, source, &(0..0), "the table has no rows".into(), help));
        };
        Ok(Table {
            source: source.clone(),
            names,
            rows,
        })
    }

    /// The number in a cell.
    pub fn number(&self, cell: &Cell) -> Result<f64, InputError> {
        match cell.text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => {
                let message = format!("`{}` is not a number", cell.text);
                Err(wrong(
                    TABLE,
                    &self.source,
                    &cell.span,
                    message,
                    "write a number, such as 0.5 or 1e-3",
                ))
            }
        }
    }
}

/// The cells of `line`, which begins at byte `start` of the file.
fn cells(line: &str, start: usize, has_commas: bool) -> Vec<Cell> {
    let mut found = Vec::new();
    let mut push = |from: usize, to: usize| {
        let raw = &line[from..to];
        let kept = raw.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'' || c == '\u{feff}');
        let offset = from + (kept.as_ptr() as usize - raw.as_ptr() as usize);
        found.push(Cell {
            text: kept.to_owned(),
            span: start + offset..start + offset + kept.len(),
        });
    };
    if has_commas {
        let mut from = 0;
        for part in line.split(',') {
            push(from, from + part.len());
            from += part.len() + 1;
        }
        return found;
    }
    let mut from = None;
    for (at, c) in line.char_indices().chain([(line.len(), ' ')]) {
        match (c.is_whitespace(), from) {
            (true, Some(begin)) => {
                push(begin, at);
                from = None;
            }
            (false, None) => from = Some(at),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source {
            path: "table.csv".into(),
            text: text.into(),
        }
    }

    fn texts(row: &[Cell]) -> Vec<&str> {
        row.iter().map(|cell| cell.text.as_str()).collect()
    }

    #[test]
    fn commas_or_blanks_quotes_comments_and_windows_line_ends() {
        for text in [
            "\u{feff}ID, TIME,\"AMT\"\r\n# all\r\n1,0,.\r\n\r\n",
            "ID\tTIME  AMT\n  1 0\t.\n",
        ] {
            let table = Table::read(&source(text)).expect("a table");
            assert_eq!(texts(&table.names), ["ID", "TIME", "AMT"], "{text:?}");
            assert_eq!(texts(&table.rows[0]), ["1", "0", "."], "{text:?}");
            let cell = &table.rows[0][2];
            assert_eq!(&text[cell.span.clone()], ".");
        }
    }

    #[test]
    fn a_cell_that_is_no_number_is_underlined() {
        let source = source("patient,CL\n1,0.2\n2,three\n");
        let table = Table::read(&source).expect("a table");
        let error = table.number(&table.rows[1][1]).expect_err("no number").to_string();
        assert!(error.contains("table.csv:3:3") && error.contains("^^^^^"), "{error}");
    }

    #[test]
    fn short_lines_and_empty_tables_are_refused() {
        let error = Table::read(&source("a,b\n1\n")).expect_err("short").to_string();
        assert!(
            error.contains("1 cells under 2 names") && error.contains(":2:1"),
            "{error}"
        );
        assert!(Table::read(&source("a,b\n")).is_err() && Table::read(&source("")).is_err());
    }
}
