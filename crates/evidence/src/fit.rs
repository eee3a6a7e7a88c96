//! Which published results may be fitted: on the `fit` list, read in a source, no patient twice.

use crate::library::Library;
use crate::published::Published;
use crate::split::{Part, Split};

/// Why results cannot be fitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// No file of that name.
    #[error("no published results called `{0}`\nhelp: write the id of a file of the `fit` list")]
    Unknown(String),
    /// Kept to check predictions.
    #[error(
        "`{0}` is on the `check` list, which is never fitted\nhelp: take it out of the calibration; `malar score` compares with it"
    )]
    Checked(String),
    /// Its numbers hold patients of a trial that is kept to check predictions.
    #[error(
        "`{trial}` holds patients of `{checked}`, which is on the `check` list\nhelp: fit the single trials of the `fit` list instead"
    )]
    Leaks {
        /// Trial to be fitted.
        trial: String,
        /// Trial on the check list.
        checked: String,
    },
    /// Two files about some of the same patients.
    #[error(
        "`{0}` and `{1}` report some of the same patients\nhelp: keep one of them, the single trial rather than the pooled analysis"
    )]
    Twice(String, String),
    /// A number that was recalled, not read.
    #[error(
        "`{outcome}` of `{trial}` was not read in a source (`verified = false`)\nhelp: look it up, or take it out of the calibration"
    )]
    Unverified {
        /// Trial.
        trial: String,
        /// Arm, endpoint and week.
        outcome: String,
    },
    /// A number that is not there.
    #[error("`{trial}` reports no `{outcome}`\nhelp: write arm, endpoint, week and population as in its file")]
    Missing {
        /// Trial.
        trial: String,
        /// Arm, endpoint and week.
        outcome: String,
    },
}

/// The trials called `ids`, in that order, once it is sure that they may be fitted together.
pub fn fit_trials<'a>(library: &'a Library, split: &Split, ids: &[String]) -> Result<Vec<&'a Published>, FitError> {
    let mut trials: Vec<&Published> = Vec::new();
    for id in ids {
        let trial = library.get(id).ok_or_else(|| FitError::Unknown(id.clone()))?;
        if split.kind(id) != Some(Part::Fit) {
            return Err(FitError::Checked(id.clone()));
        }
        if let Some(checked) = split.leaks(trial).next() {
            let (trial, checked) = (id.clone(), checked.to_owned());
            return Err(FitError::Leaks { trial, checked });
        }
        if let Some(other) = trials
            .iter()
            .find(|other| other.id == *id || library.shares_patients(&other.id, id))
        {
            return Err(FitError::Twice(other.id.clone(), id.clone()));
        }
        trials.push(trial);
    }
    Ok(trials)
}

/// Makes sure that `trial` reports this number and that somebody read it.
pub fn check_fittable(
    trial: &Published,
    arm: &str,
    endpoint: &str,
    week: f64,
    population: &str,
) -> Result<(), FitError> {
    let outcome = || format!("{arm}, {endpoint}, week {week}, {population}");
    if trial.arm_result(arm, endpoint, week, population).is_some() {
        return Ok(());
    }
    let recalled = trial.outcomes.iter().any(|o| {
        let same_week = o.week.is_some_and(|own| (own - week).abs() < 1e-6);
        !o.verified && o.arm == arm && o.endpoint == endpoint && same_week && o.population == population
    });
    let (trial, outcome) = (trial.id.clone(), outcome());
    Err(match recalled {
        true => FitError::Unverified { trial, outcome },
        false => FitError::Missing { trial, outcome },
    })
}
