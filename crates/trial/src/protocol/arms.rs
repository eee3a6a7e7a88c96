//! Arms, what is read of them, and how the trial is run.

use std::ops::Range;

use malar_model::diagnostic::Diagnostic;
use malar_stats::Count;
use toml::Spanned;

use super::file::{ArmFile, ConductFile, EndpointUseFile};
use super::origin::External;
use super::rules::Reader;
use crate::regimen::TherapyUse;
use crate::regimes::{Condition, conditions, is_week};

/// One arm.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Id.
    pub id: String,
    /// Patients.
    pub n: u32,
    /// Comparisons are made against the first control arm.
    pub control: bool,
    /// Therapies, each with its place in the file.
    pub therapies: Vec<(TherapyUse, Range<usize>)>,
    /// Given if its patients are not the trial's: it is a control from elsewhere.
    pub external: Option<External>,
    /// Therapies that only some of the arm's patients go on to.
    pub conditions: Vec<Condition>,
}

/// An endpoint and the weeks at which it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointUse {
    /// Endpoint id.
    pub id: String,
    /// Weeks of assessment.
    pub weeks: Vec<f64>,
    /// Given if this is the protocol's primary endpoint: the week that decides.
    pub primary_week: Option<f64>,
}

/// How a trial is run, where that is not ideal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conduct {
    /// Share of planned doses that are taken, above 0 to 1; of daily drugs, the share of the daily dose.
    pub adherence: f64,
    /// How much more active raters find the same patient a year later, ln units of organ activity.
    pub rater_drift_per_year: f64,
}

/// Every dose taken, raters who do not drift.
const IDEAL: Conduct = Conduct {
    adherence: 1.0,
    rater_drift_per_year: 0.0,
};

impl Conduct {
    pub(super) fn read(file: Option<&Spanned<ConductFile>>) -> Conduct {
        file.map_or(IDEAL, |c| Conduct {
            adherence: c.get_ref().adherence,
            rater_drift_per_year: c.get_ref().rater_drift_per_year,
        })
    }
}

impl Arm {
    /// True if only published counts are known of the arm, and nobody in it is simulated.
    pub fn is_published(&self) -> bool {
        self.external.as_ref().is_some_and(External::is_published)
    }

    /// Responders and patients that were published of the arm for an endpoint and week, if it is a control from elsewhere.
    pub fn published(&self, (endpoint, week): (&str, f64)) -> Option<Count> {
        let mut counts = self.external.iter().flat_map(|external| &external.published);
        let found = counts.find(|c| c.endpoint == endpoint && is_week(c.week, week))?;
        Some(Count {
            responders: found.responders,
            n: self.n,
        })
    }

    pub(super) fn read(file: &Spanned<ArmFile>, reader: Reader<'_>) -> Result<Arm, Diagnostic> {
        let f = file.get_ref();
        Ok(Arm {
            conditions: conditions(f.therapies.iter().map(Spanned::get_ref), reader.measured, reader.source)?,
            id: f.id.clone(),
            n: f.n,
            control: f.control,
            external: (f.external.as_ref())
                .map(|external| External::read(external, f.n, reader))
                .transpose()?,
            therapies: f.therapies.iter().map(|t| (t.get_ref().clone(), t.span())).collect(),
        })
    }
}

impl EndpointUse {
    /// With its place in the file.
    pub(super) fn read(file: &EndpointUseFile) -> (EndpointUse, Range<usize>) {
        let usage = EndpointUse {
            id: file.id.get_ref().clone(),
            weeks: file.weeks.get_ref().clone(),
            primary_week: file.primary_week,
        };
        (usage, file.id.span())
    }
}
