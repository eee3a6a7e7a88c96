//! Values over time, one simulation or many, and how they become text.

use std::fmt::Write as _;
use std::ops::Range;

/// A table of values over time.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Series {
    /// A leading column (`patient`, or what is scanned) if there are many simulations, then `time`, then what is shown.
    pub names: Vec<String>,
    /// A row per time. Rows of [`Unsolved`] simulations hold nothing after the time.
    pub rows: Vec<Vec<f64>>,
    /// Number of columns up to and with `time`: 1 or 2.
    pub leading: usize,
    /// Unit of each column as people write it; empty if the model does not say.
    pub units: Vec<String>,
    /// Simulations that could not be finished.
    pub unsolved: Vec<Unsolved>,
    /// What was odd about the input and did no harm.
    pub warnings: Vec<String>,
}

/// Why rows hold nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsolved {
    /// Whose: value of the leading column.
    pub who: f64,
    /// Time reached.
    pub time: f64,
    /// Quantity in which it got stuck.
    pub state: String,
    /// What went wrong.
    pub reason: String,
    /// The rows that hold nothing.
    pub rows: Range<usize>,
}

impl Series {
    /// True if row `row` holds nothing after the time.
    pub fn is_missing(&self, row: usize) -> bool {
        // Ranges stand in order and do not overlap.
        let after = self.unsolved.partition_point(|unsolved| unsolved.rows.start <= row);
        after > 0 && self.unsolved[after - 1].rows.contains(&row)
    }

    /// The rows of each simulation.
    pub fn simulations(&self) -> Vec<Range<usize>> {
        if self.leading < 2 {
            return std::iter::once(0..self.rows.len()).collect();
        }
        let mut found: Vec<Range<usize>> = Vec::new();
        for (at, row) in self.rows.iter().enumerate() {
            // A simulation begins where time does not go on.
            let is_new = at == 0 || row[1] <= self.rows[at - 1][1];
            match found.last_mut() {
                Some(last) if !is_new => last.end = at + 1,
                _ => found.push(at..at + 1),
            }
        }
        found
    }

    /// Comma-separated values with a line of names; numbers with as many digits as it takes to read them back exactly, nothing
    /// where there is no value.
    pub fn to_csv(&self) -> String {
        let mut text = self.names.join(",") + "\n";
        for (at, row) in self.rows.iter().enumerate() {
            let n = if self.is_missing(at) { self.leading } else { row.len() };
            for (column, &value) in row.iter().enumerate() {
                if column > 0 {
                    text.push(',');
                }
                if column < n {
                    number(&mut text, value);
                }
            }
            text.push('\n');
        }
        text
    }

    /// One sentence per simulation that could not be finished, and how many there are; empty if all were.
    pub fn failures(&self) -> String {
        const SHOWN: usize = 10;
        let mut text = String::new();
        for one in self.unsolved.iter().take(SHOWN) {
            let _ = writeln!(
                text,
                "{} {} cannot go on at time {} in `{}`: {}",
                self.names[0],
                one.who,
                six_digits(one.time),
                one.state,
                one.reason
            );
        }
        if self.unsolved.len() > SHOWN {
            let _ = writeln!(text, "and {} more", self.unsolved.len() - SHOWN);
        }
        if !self.unsolved.is_empty() {
            let all = self.simulations().len();
            let _ = writeln!(
                text,
                "{} of {all} could not be finished; their rows hold nothing past that time",
                self.unsolved.len()
            );
        }
        text
    }
}

/// A number for messages.
pub(super) fn six_digits(x: f64) -> f64 {
    format!("{x:.5e}").parse().unwrap_or(x)
}

/// A number as CSV readers of every language take it.
fn number(text: &mut String, x: f64) {
    let _ = match x {
        f64::INFINITY => write!(text, "INF"),
        f64::NEG_INFINITY => write!(text, "-INF"),
        // Tiny and huge numbers would be hundreds of digits written out.
        x if x != 0.0 && !(1e-7..1e16).contains(&x.abs()) => write!(text, "{x:e}"),
        x => write!(text, "{x}"),
    };
}
