//! SAS transport files, version 5, by SAS technical note TS-140: records of 80 bytes, big-endian, IBM floating point.

use super::column::{Column, Texts, Values};
use super::ibm_float::{decode, encode};
use super::{Dataset, TableError};

const RECORD: usize = 80;
const LIBRARY: &[u8] = b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!";
const LIBRARY_8: &[u8] = b"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!";
const MEMBER: &[u8] = b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!";
const NAMES: &[u8] = b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!";
const ROWS: &[u8] = b"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!";
/// Longest text of a column.
const LONGEST_TEXT: usize = 200;

/// True if the bytes begin as a transport file does, of any version or packed.
pub(super) fn is_transport(bytes: &[u8]) -> bool {
    [LIBRARY, LIBRARY_8, b"**COMPRESSED**"]
        .iter()
        .any(|head| bytes.starts_with(head))
}

/// All tables of a file.
pub(super) fn read(bytes: &[u8], path: &str) -> Result<Vec<Dataset>, TableError> {
    if !bytes.starts_with(LIBRARY) {
        let message = "is a SAS transport file of version 8, or made by PROC CPORT; only version 5 is read";
        return Err(TableError::file(path, message.into()));
    }
    let mut reader = Reader {
        bytes,
        at: 3 * RECORD,
        path,
    };
    let mut tables = Vec::new();
    while reader.at < bytes.len() {
        tables.push(reader.member()?);
    }
    if tables.is_empty() {
        return Err(TableError::file(path, "holds no table".into()));
    }
    Ok(tables)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    path: &'a str,
}

/// One column as the file describes it.
struct Field {
    is_number: bool,
    length: usize,
    position: usize,
    name: String,
    label: String,
}

impl<'a> Reader<'a> {
    fn damaged(&self, what: &str) -> TableError {
        TableError::at(
            format!("{}, byte {}", self.path, self.at),
            format!("is a damaged SAS transport file: {what}"),
            "write it again with PROC COPY or haven::write_xpt",
        )
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], TableError> {
        let taken = self.bytes.get(self.at..self.at.saturating_add(n));
        let taken = taken.ok_or_else(|| self.damaged("it ends too early"))?;
        self.at += n;
        Ok(taken)
    }

    fn header(&mut self, wanted: &[u8]) -> Result<&'a [u8], TableError> {
        let record = self.take(RECORD)?;
        if record.starts_with(wanted) {
            return Ok(record);
        }
        self.at -= RECORD;
        Err(self.damaged("a header record is missing"))
    }

    fn member(&mut self) -> Result<Dataset, TableError> {
        let member = self.header(MEMBER)?;
        let size = number_at(member, 74..78).filter(|size| (136..=140).contains(size));
        let size = size.ok_or_else(|| self.damaged("columns are described in an unknown way"))?;
        self.take(RECORD)?; // the descriptor's header
        let (about, label) = (self.take(RECORD)?, self.take(RECORD)?);
        let names = self.header(NAMES)?;
        let n = number_at(names, 54..58).ok_or_else(|| self.damaged("the number of columns is missing"))?;
        let described = self.take((n * size).next_multiple_of(RECORD))?;
        let mut fields = Vec::new();
        for k in 0..n {
            fields.push(self.field(&described[k * size..(k + 1) * size])?);
        }
        self.header(ROWS)?;
        let columns = self.rows(&fields)?;
        Ok(Dataset {
            path: self.path.into(),
            name: text(&about[8..16]),
            label: text(&label[32..72]),
            columns,
            lines: Vec::new(),
        })
    }

    fn field(&self, bytes: &[u8]) -> Result<Field, TableError> {
        let short = |at: usize| usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
        let position = u32::from_be_bytes([bytes[84], bytes[85], bytes[86], bytes[87]]);
        let field = Field {
            is_number: short(0) == 1,
            length: short(4),
            position: position as usize,
            name: text(&bytes[8..16]),
            label: text(&bytes[16..56]),
        };
        let longest = if field.is_number { 8 } else { usize::from(u16::MAX) };
        let shortest = if field.is_number { 2 } else { 1 };
        if short(0) > 2 || !(shortest..=longest).contains(&field.length) || field.name.is_empty() {
            return Err(self.damaged("a column is neither number nor text"));
        }
        Ok(field)
    }

    /// The rows up to the next member or the end, without the blanks that fill the last record.
    fn rows(&mut self, fields: &[Field]) -> Result<Vec<Column>, TableError> {
        let width = fields.iter().map(|f| f.length).sum::<usize>();
        let fits = fields
            .iter()
            .all(|f| f.position.checked_add(f.length).is_some_and(|end| end <= width));
        if !fits || fields.is_empty() {
            return Err(self.damaged("columns overlap"));
        }
        let rest = &self.bytes[self.at..];
        let end = rest.chunks(RECORD).position(|record| record.starts_with(MEMBER));
        let data = &rest[..end.map_or(rest.len(), |k| k * RECORD)];
        self.at += data.len();
        let mut n = data.len() / width;
        let is_filler = |row: usize| data[row * width..].iter().all(|&b| b == b' ');
        while n > 0 && data.len() - (n - 1) * width < RECORD && is_filler(n - 1) {
            n -= 1;
        }
        let column = |field: &Field| {
            let cells = (0..n).map(|row| &data[row * width + field.position..][..field.length]);
            let values = if field.is_number {
                Values::Numbers(cells.map(decode).collect())
            } else {
                Values::Texts(cells.map(text).collect::<Texts>())
            };
            Column::new(&field.name, &field.label, values)
        };
        Ok(fields.iter().map(column).collect())
    }
}

/// A decimal number in a header record.
fn number_at(record: &[u8], range: std::ops::Range<usize>) -> Option<usize> {
    std::str::from_utf8(&record[range]).ok()?.trim().parse().ok()
}

/// Text without the blanks that fill it; Latin-1 where it is not UTF-8.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().rposition(|&b| b != b' ' && b != 0).map_or(0, |k| k + 1);
    match std::str::from_utf8(&bytes[..end]) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes[..end].iter().map(|&b| char::from(b)).collect(),
    }
}

/// Time of creation in every file: equal tables are equal files, so it is not the clock's.
const CREATED: &str = "01JAN70:00:00:00";

/// Writes a table.
pub(super) fn write(table: &Dataset) -> Result<Vec<u8>, TableError> {
    let fields = described(table)?;
    let mut out = Vec::new();
    let zeros = "0".repeat(30);
    record(&mut out, &format!("{}{zeros}", ascii(LIBRARY)));
    record(
        &mut out,
        &format!("SAS     SAS     SASLIB  9.4     MALAR   {:24}{CREATED}", ""),
    );
    record(&mut out, CREATED);
    record(&mut out, &format!("{}000000000000000001600000000140", ascii(MEMBER)));
    record(
        &mut out,
        &format!("HEADER RECORD*******DSCRPTR HEADER RECORD!!!!!!!{zeros}"),
    );
    record(
        &mut out,
        &format!("SAS     {:8}SASDATA 9.4     MALAR   {:24}{CREATED}", table.name, ""),
    );
    record(&mut out, &format!("{CREATED:16}{:16}{}", "", fixed(&table.label, 40)));
    record(
        &mut out,
        &format!("{}000000{:04}00000000000000000000", ascii(NAMES), fields.len()),
    );
    for (k, field) in fields.iter().enumerate() {
        namestr(&mut out, field, k + 1);
    }
    fill(&mut out);
    record(&mut out, &format!("{}{zeros}", ascii(ROWS)));
    for row in 0..table.n_rows() {
        for (field, column) in fields.iter().zip(&table.columns) {
            match &column.values {
                Values::Numbers(numbers) => {
                    let too_large = || refused(table, &column.name, "holds a number too large for the format");
                    out.extend(encode(numbers[row]).ok_or_else(too_large)?);
                }
                Values::Texts(texts) => {
                    let bytes = texts.get(row).as_bytes();
                    out.extend(bytes);
                    out.resize(out.len() + field.length - bytes.len(), b' ');
                }
            }
        }
    }
    fill(&mut out);
    Ok(out)
}

/// The columns as the file describes them. Fails on names longer than 8 and texts longer than 200 bytes.
fn described(table: &Dataset) -> Result<Vec<Field>, TableError> {
    let is_name = |name: &str| {
        let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        letters && (1..=8).contains(&name.len()) && !name.as_bytes()[0].is_ascii_digit()
    };
    if !is_name(&table.name) {
        return Err(refused(
            table,
            &table.name,
            "is no name of at most 8 letters, digits and `_`",
        ));
    }
    let mut position = 0;
    let mut fields = Vec::new();
    for column in &table.columns {
        if !is_name(&column.name) {
            return Err(refused(
                table,
                &column.name,
                "is no name of at most 8 letters, digits and `_`",
            ));
        }
        let length = column.width().max(1);
        if length > LONGEST_TEXT {
            return Err(refused(table, &column.name, "holds texts of more than 200 bytes"));
        }
        fields.push(Field {
            is_number: matches!(column.values, Values::Numbers(_)),
            length,
            position,
            name: column.name.clone(),
            label: column.label.clone(),
        });
        position += length;
    }
    Ok(fields)
}

fn refused(table: &Dataset, column: &str, why: &str) -> TableError {
    TableError::at(
        format!("table {}, column {column}", table.name),
        format!("`{column}` {why}: it does not fit in a SAS transport file"),
        "write Dataset-JSON, Parquet or CSV",
    )
}

/// What describes a column, 140 bytes.
fn namestr(out: &mut Vec<u8>, field: &Field, number: usize) {
    let short = |n: usize| {
        u16::try_from(n)
            .expect("columns and texts are few and short")
            .to_be_bytes()
    };
    let end = out.len() + 140;
    out.extend(short(if field.is_number { 1 } else { 2 }));
    out.extend([0, 0]);
    out.extend(short(field.length));
    out.extend(short(number));
    out.extend(format!("{:8}", field.name).as_bytes());
    out.extend(fixed(&field.label, 40).as_bytes());
    out.extend([b' '; 8]); // no format
    out.extend([0; 8]); // its width, digits, side, filler
    out.extend([b' '; 8]); // no informat
    out.extend([0; 4]);
    out.extend(u32::try_from(field.position).expect("rows are short").to_be_bytes());
    out.resize(end, 0);
}

/// Text cut and filled to `n` bytes; letters beyond ASCII become `?`, as labels must be.
fn fixed(text: &str, n: usize) -> String {
    let ascii: String = text
        .chars()
        .map(|c| if c.is_ascii() { c } else { '?' })
        .take(n)
        .collect();
    format!("{ascii:n$}")
}

fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("headers are ASCII")
}

fn record(out: &mut Vec<u8>, text: &str) {
    out.extend(text.as_bytes());
    fill(out);
}

/// Blanks up to the end of the record.
fn fill(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(RECORD), b' ');
}
