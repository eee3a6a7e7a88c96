//! What comes out: simulated beside published, row by row.

use serde::Serialize;

use super::GOAL;
use crate::report::WEAK;

/// One readout: simulated beside published.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowResult {
    /// Therapy.
    pub therapy: String,
    /// True if it is weakly supported: most of its numbers are assumed.
    pub weak: bool,
    /// Regimen in words.
    pub regimen: String,
    /// Readout in words.
    pub readout: String,
    /// Unit of every number of the row.
    pub unit: String,
    /// Median over virtual patients; of a share of patients the mean. NaN if the event never comes in half of them.
    pub simulated: f64,
    /// 5 % quantile over patients; absent for a share of patients.
    pub low90: Option<f64>,
    /// 95 % quantile over patients.
    pub high90: Option<f64>,
    /// Patients whom the solver could not finish; they are in no number.
    pub unsolved: u32,
    /// Published value.
    pub published: f64,
    /// Lowest accepted value.
    pub accepted_low: f64,
    /// Highest accepted value.
    pub accepted_high: f64,
    /// Where the interval comes from; `±25 %` if none is published.
    pub accepted_as: String,
    /// True if the simulated value is accepted.
    pub within: bool,
    /// File of the evidence, if the value stands there.
    pub evidence: Option<String>,
    /// Where the value comes from, with what was made of it.
    pub source: String,
    /// Which number of the model was set to this row; empty for a prediction.
    pub sets: String,
    /// Why the row is outside, if it is.
    pub outside: String,
}

/// Everything in one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Virtual patients per course.
    pub patients: u32,
    /// Seed.
    pub seed: u64,
    /// Rows, in the order of the file.
    pub rows: Vec<RowResult>,
    /// Therapies without a row.
    pub silent: Vec<String>,
    /// Published pharmacology that no row reads: file, endpoints, why.
    pub unread: Vec<(String, Vec<String>, String)>,
}

/// Rows within and all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Within the accepted interval.
    pub within: usize,
    /// All.
    pub of: usize,
}

impl RowResult {
    /// The therapy's id, marked if it is weakly supported.
    pub(super) fn marked(&self) -> String {
        let mark = if self.weak { WEAK } else { "" };
        format!("{}{mark}", self.therapy)
    }
}

impl Report {
    /// Rows for which `holds`.
    pub fn count(&self, holds: impl Fn(&RowResult) -> bool) -> Count {
        let rows = || self.rows.iter().filter(|row| holds(row));
        Count {
            within: rows().filter(|row| row.within).count(),
            of: rows().count(),
        }
    }

    /// True if enough rows of the `fit` list lie within.
    pub fn is_good(&self) -> bool {
        let fit = self.count(|row| row.evidence.is_some());
        fit.within as f64 >= GOAL * fit.of as f64
    }
}
