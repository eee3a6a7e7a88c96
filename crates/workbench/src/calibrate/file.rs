//! The calibration file: what may move and how far, and how far a published number may be from a right model.

use malar_model::codes::{DATA_VALUE, NO_SOURCE};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::read_toml;
use malar_model::toml_file::Quantity;
use serde::Deserialize;
use toml::Spanned;

use super::prior::Prior;

/// A checked calibration file.
#[derive(Clone, Debug)]
pub struct CalibrationFile {
    /// Id, equal to the file name.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Populations that its numbers are laid over.
    pub populations: Vec<String>,
    /// Protocols to fit; empty for all whose results are on the `fit` list.
    pub trials: Vec<String>,
    /// Numbers to fit; empty for all that the protocols simulate.
    pub(crate) only: Vec<Wanted>,
    pub(crate) discrepancy: Discrepancy,
    pub(crate) moved: Vec<Moved>,
}

/// One published number, by name.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    pub trial: String,
    pub arm: String,
    pub endpoint: String,
    pub week: f64,
    #[serde(default = "all")]
    pub population: String,
}

fn all() -> String {
    "all".to_owned()
}

/// What makes published numbers differ from a right model beyond the chance of their sample, log odds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Discrepancy {
    /// Between trials: shared by all numbers of a trial.
    pub trial_sd: f64,
    /// Shared by all numbers of one endpoint in a trial: raters, rules.
    pub endpoint_sd: f64,
    /// Shared by all numbers of one arm and endpoint, over weeks and subgroups.
    pub arm_sd: f64,
    /// Correlation of sampling errors of numbers about the same arm: they are about the same patients.
    pub same_patients: f64,
}

/// A number that moves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moved {
    pub name: String,
    pub prior: Prior,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    name: String,
    populations: Vec<String>,
    #[serde(default)]
    trials: Vec<String>,
    #[serde(default)]
    only: Vec<Wanted>,
    discrepancy: DiscrepancyFile,
    calibrate: Vec<Spanned<MovedFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DiscrepancyFile {
    trial_sd: Spanned<Quantity>,
    endpoint_sd: Spanned<Quantity>,
    arm_sd: Spanned<Quantity>,
    same_patients: Spanned<Quantity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MovedFile {
    number: String,
    prior: Spanned<Prior>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    assumed: Option<String>,
}

/// The between-trial deviation is drawn for each simulated trial, so it is never a number to fit.
const BETWEEN_TRIALS: &str = "clinical.trial_effect.between_trial_sd";

impl CalibrationFile {
    /// Reads and checks a file; whether its numbers exist is known once a trial is compiled.
    pub fn parse(source: &Source) -> Result<CalibrationFile, Diagnostic> {
        let file: File = read_toml(source)?;
        let read = |q: &Spanned<Quantity>| q.get_ref().in_unit("1", source, q.span());
        let discrepancy = Discrepancy {
            trial_sd: read(&file.discrepancy.trial_sd)?,
            endpoint_sd: read(&file.discrepancy.endpoint_sd)?,
            arm_sd: read(&file.discrepancy.arm_sd)?,
            same_patients: read(&file.discrepancy.same_patients)?,
        };
        if !(0.0..1.0).contains(&discrepancy.same_patients) {
            let span = file.discrepancy.same_patients.span();
            let message = "the correlation is out of range".to_owned();
            return Err(Diagnostic::error(DATA_VALUE, source, span, message).help("write a number from 0 to below 1"));
        }
        let mut moved: Vec<Moved> = Vec::new();
        for entry in &file.calibrate {
            let next = entry.get_ref().check(entry.span(), source)?;
            if moved.iter().any(|earlier| earlier.name == next.name) || next.name == BETWEEN_TRIALS {
                let message = format!("`{}` cannot be calibrated here", next.name);
                return Err(Diagnostic::error(DATA_VALUE, source, entry.span(), message)
                    .help("list each number once; the deviation between trials has its own place, `discrepancy`"));
            }
            moved.push(next);
        }
        Ok(CalibrationFile {
            id: file.id,
            name: file.name,
            populations: file.populations,
            trials: file.trials,
            only: file.only,
            discrepancy,
            moved,
        })
    }

    /// Names of the numbers that move.
    pub fn names(&self) -> Vec<String> {
        self.moved.iter().map(|moved| moved.name.clone()).collect()
    }

    /// Values of the numbers for a row of standard normal ones.
    pub(crate) fn values(&self, z: &[f64]) -> Vec<f64> {
        self.moved
            .iter()
            .zip(z)
            .map(|(moved, z)| moved.prior.value(*z))
            .collect()
    }
}

impl MovedFile {
    fn check(&self, span: std::ops::Range<usize>, source: &Source) -> Result<Moved, Diagnostic> {
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        if given(&self.source) == given(&self.assumed) {
            let message = format!("the prior of `{}` has no source", self.number);
            return Err(Diagnostic::error(NO_SOURCE, source, span, message)
                .help("add `source = \"doi:...\"` or `assumed = \"why\"`, not both"));
        }
        Prior::check(&self.prior, source)?;
        Ok(Moved {
            name: self.number.clone(),
            prior: self.prior.get_ref().clone(),
        })
    }
}
