//! Comma-separated tables with a line of names (RFC 4180); semicolons and tabs are recognised too.

use super::column::{Column, Texts, Values};
use super::{Dataset, TableError, name_of};

/// Reads a table; every column holds texts.
pub(super) fn read(text: &str, path: &str) -> Result<Dataset, TableError> {
    let header_end = text.find('\n').unwrap_or(text.len());
    let separator = separator(&text[..header_end]);
    let mut records = Records {
        text,
        path,
        separator,
        at: 0,
        line: 1,
    };
    let mut cells = Vec::new();
    let refused = |place: String, message: String| {
        TableError::at(
            place,
            message,
            "write a line of names, then a line per row with as many cells",
        )
    };
    if records.next(&mut cells)?.is_none() || cells.iter().all(|c| c.trim().is_empty()) {
        return Err(refused(path.into(), "is empty".into()));
    }
    let names: Vec<String> = cells.iter().map(|c| c.trim().to_owned()).collect();
    if let Some(k) = (0..names.len()).find(|&k| names[..k].iter().any(|n| n.eq_ignore_ascii_case(&names[k]))) {
        return Err(refused(
            format!("{path}:1"),
            format!("two columns are called `{}`", names[k]),
        ));
    }
    let mut columns = vec![Texts::default(); names.len()];
    let mut lines = Vec::new();
    while let Some(line) = records.next(&mut cells)? {
        if cells.len() == 1 && cells[0].is_empty() {
            continue; // an empty line
        }
        if cells.len() != names.len() {
            let message = format!("{} cells under {} names", cells.len(), names.len());
            return Err(refused(format!("{path}:{line}"), message));
        }
        columns
            .iter_mut()
            .zip(&cells)
            .for_each(|(column, cell)| column.push(cell));
        lines.push(line);
    }
    let columns = names.iter().zip(columns);
    Ok(Dataset {
        path: path.into(),
        name: name_of(path),
        label: String::new(),
        columns: columns
            .map(|(name, texts)| Column::new(name, "", Values::Texts(texts)))
            .collect(),
        lines,
    })
}

/// What stands most often in the line of names.
fn separator(names: &str) -> char {
    let count = |c: char| names.matches(c).count();
    [',', ';', '\t']
        .into_iter()
        .rev()
        .max_by_key(|&c| count(c))
        .expect("three candidates")
}

/// Records of the text, one by one.
struct Records<'a> {
    text: &'a str,
    path: &'a str,
    separator: char,
    at: usize,
    line: u32,
}

impl<'a> Records<'a> {
    /// Puts the cells of the next record in `cells` and returns its line; `None` at the end.
    fn next(&mut self, cells: &mut Vec<String>) -> Result<Option<u32>, TableError> {
        if self.at >= self.text.len() {
            return Ok(None);
        }
        let (first, mut n) = (self.line, 0);
        loop {
            if cells.len() == n {
                cells.push(String::new());
            }
            cells[n].clear();
            let more = self.cell(&mut cells[n], first)?;
            n += 1;
            if !more {
                cells.truncate(n);
                return Ok(Some(first));
            }
        }
    }

    /// Reads a cell; true if another follows in the same record.
    fn cell(&mut self, cell: &mut String, first: u32) -> Result<bool, TableError> {
        let rest = &self.text[self.at..];
        if let Some(quoted) = rest.strip_prefix('"') {
            self.at += 1;
            self.quoted(quoted, cell, first)?;
        }
        let rest = &self.text[self.at..];
        let end = rest.find([self.separator, '\n']).unwrap_or(rest.len());
        cell.push_str(rest[..end].trim_end_matches('\r'));
        self.at += end;
        let ended_by = self.text[self.at..].chars().next();
        self.at += ended_by.map_or(0, char::len_utf8);
        self.line += u32::from(ended_by == Some('\n'));
        Ok(ended_by == Some(self.separator))
    }

    /// The inside of quotes, up to the one that closes them; two in a row stand for one.
    fn quoted(&mut self, mut rest: &'a str, cell: &mut String, first: u32) -> Result<(), TableError> {
        loop {
            let Some(end) = rest.find('"') else {
                let message = "a quote is not closed".to_owned();
                return Err(TableError::at(
                    format!("{}:{first}", self.path),
                    message,
                    "close it with \"",
                ));
            };
            cell.push_str(&rest[..end]);
            self.line += rest[..end].matches('\n').count() as u32;
            self.at += end + 1;
            rest = &rest[end + 1..];
            match rest.strip_prefix('"') {
                None => return Ok(()),
                Some(after) => {
                    cell.push('"');
                    self.at += 1;
                    rest = after;
                }
            }
        }
    }
}

/// Writes a table with numbers in their shortest exact form.
pub(super) fn write(table: &Dataset) -> String {
    let names = table.columns.iter().map(|c| quoted(&c.name).into_owned());
    let mut text = names.collect::<Vec<_>>().join(",") + "\n";
    for row in 0..table.n_rows() {
        for (k, column) in table.columns.iter().enumerate() {
            if k > 0 {
                text.push(',');
            }
            text.push_str(&quoted(&column.text(row)));
        }
        text.push('\n');
    }
    text
}

fn quoted(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.contains([',', '"', '\n', '\r', ';', '\t']) {
        format!("\"{}\"", cell.replace('"', "\"\"")).into()
    } else {
        cell.into()
    }
}
