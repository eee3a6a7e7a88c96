//! What comes out: contrasts in two populations, simulated beside published.

use malar_evidence::Published;
use serde::Serialize;

use super::file::At;
use super::pooled::Interval;
use crate::report::WEAK;

/// Everything in one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Posterior whose members the trials come from; none for the library's own numbers.
    pub posterior: Option<String>,
    /// Simulated trials per protocol.
    pub replicates: u32,
    /// Seed.
    pub seed: u64,
    /// In the order of the file.
    pub comparisons: Vec<Compared>,
}

/// A comparison, simulated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What is asked.
    pub question: String,
    /// Protocols.
    pub trials: Vec<String>,
    /// File of the evidence.
    pub published: String,
    /// True if it is on the `fit` list: then agreement is no prediction, though contrasts in populations were not all fitted to.
    pub fitted: bool,
    /// True if the arm rests on a weakly supported therapy.
    pub weak: bool,
    /// Arm and control.
    pub arms: [String; 2],
    /// The two populations.
    pub subgroups: [String; 2],
    /// A row per endpoint.
    pub rows: Vec<Row>,
    /// The same contrasts with one thing changed.
    pub scenarios: Vec<Changed>,
}

impl Compared {
    /// Its name, marked if its therapy is weakly supported.
    pub(super) fn title(&self) -> String {
        let mark = if self.weak { WEAK } else { "" };
        format!("{}{mark}", self.name)
    }
}

/// An endpoint in both populations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Endpoint.
    pub endpoint: String,
    /// Week.
    pub week: f64,
    /// Unit of the rates.
    pub unit: String,
    /// In the two populations.
    pub sides: [Side; 2],
    /// How much larger the difference is in the first population.
    pub interaction: Interval,
    /// The same, published; limits if both differences have some, as of independent ones.
    pub published_interaction: Contrast,
}

/// An endpoint in one population.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// Rate of the control arm and of the treated one.
    pub rates: [f64; 2],
    /// Treated minus control.
    pub difference: Interval,
    /// As published.
    pub published_rates: [Option<f64>; 2],
    /// As published, printed or from the two arms' counts.
    pub published: Contrast,
}

/// A published difference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Contrast {
    /// In the unit of the rates.
    pub value: f64,
    /// 95 % limits, where known.
    pub limits: Option<(f64, f64)>,
}

/// A scenario: the two differences of every row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Changed {
    /// What is different.
    pub name: String,
    /// Where the numbers come from.
    pub assumed: String,
    /// In the order of the rows: treated minus control in the two populations.
    pub differences: Vec<[Interval; 2]>,
}

impl Contrast {
    /// As the evidence has it; the file was checked, so it does.
    pub(super) fn of(published: &Published, [arm, control]: [&str; 2], at: &At, population: &str) -> Contrast {
        let found = published.difference(arm, control, &at.id, at.week, population);
        let found = found.expect("the file was held against the evidence");
        Contrast {
            value: found.value,
            limits: found.low95.zip(found.high95),
        }
    }

    /// The difference of two independent differences.
    pub(super) fn minus(self, other: Contrast) -> Contrast {
        let value = self.value - other.value;
        let half = |of: Contrast| of.limits.map(|(low, high)| 0.5 * (high - low));
        let limits = half(self).zip(half(other)).map(|(a, b)| {
            let half = a.hypot(b);
            (value - half, value + half)
        });
        Contrast { value, limits }
    }
}
