//! Columns of numbers, and of texts kept once each.

use std::borrow::Cow;
use std::collections::HashMap;

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Name for people; may be empty.
    pub label: String,
    /// What it holds.
    pub values: Values,
}

/// Values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Texts; empty is missing.
    Texts(Texts),
}

/// Texts of which each is kept once.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    codes: Vec<u32>,
    distinct: Vec<String>,
    known: HashMap<String, u32>, // looked up, never walked through
}

impl PartialEq for Texts {
    fn eq(&self, other: &Texts) -> bool {
        self.codes.len() == other.codes.len() && self.iter().eq(other.iter())
    }
}

impl Texts {
    /// Adds a text.
    pub fn push(&mut self, text: &str) {
        let last = self.codes.last().copied();
        let code = match last.filter(|&code| self.distinct[code as usize] == text) {
            Some(code) => code,
            None => self.code_of(text),
        };
        self.codes.push(code);
    }

    fn code_of(&mut self, text: &str) -> u32 {
        if let Some(&code) = self.known.get(text) {
            return code;
        }
        let code = u32::try_from(self.distinct.len()).expect("fewer than four thousand million different texts");
        self.distinct.push(text.to_owned());
        self.known.insert(text.to_owned(), code);
        code
    }

    /// The text of a row.
    pub fn get(&self, row: usize) -> &str {
        &self.distinct[self.codes[row] as usize]
    }

    /// Position of a row's text among the distinct ones.
    pub fn code(&self, row: usize) -> usize {
        self.codes[row] as usize
    }

    /// The distinct texts, in the order in which they came first.
    pub fn distinct(&self) -> &[String] {
        &self.distinct
    }

    /// All texts.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.codes.iter().map(|&code| self.distinct[code as usize].as_str())
    }
}

impl<T: AsRef<str>> FromIterator<T> for Texts {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Texts {
        let mut all = Texts::default();
        texts.into_iter().for_each(|text| all.push(text.as_ref()));
        all
    }
}

impl Values {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Values::Numbers(numbers) => numbers.len(),
            Values::Texts(texts) => texts.codes.len(),
        }
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Column {
    /// A column.
    pub fn new(name: &str, label: &str, values: Values) -> Column {
        Column {
            name: name.into(),
            label: label.into(),
            values,
        }
    }

    /// The value of a row as text; empty if missing.
    pub fn text(&self, row: usize) -> Cow<'_, str> {
        match &self.values {
            Values::Texts(texts) => Cow::Borrowed(texts.get(row)),
            Values::Numbers(numbers) if numbers[row].is_nan() => Cow::Borrowed(""),
            Values::Numbers(numbers) => Cow::Owned(numbers[row].to_string()),
        }
    }

    /// The values as they are looked at one by one: each distinct value once.
    pub fn coded(&self) -> Texts {
        match &self.values {
            Values::Texts(texts) => texts.clone(),
            Values::Numbers(_) => (0..self.values.len()).map(|row| self.text(row)).collect(),
        }
    }

    /// Length of the longest text in bytes.
    pub(super) fn width(&self) -> usize {
        match &self.values {
            Values::Texts(texts) => texts.distinct.iter().map(String::len).max().unwrap_or(0),
            Values::Numbers(_) => 8,
        }
    }
}

/// The number a text stands for; `None` if it stands for none. Nothing and `.` are missing: NaN.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    match text.trim() {
        "" | "." => Some(f64::NAN),
        text => text.parse::<f64>().ok().filter(|x| x.is_finite()),
    }
}
