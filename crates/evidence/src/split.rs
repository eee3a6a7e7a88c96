//! Which results may inform a population, and which only ever check a prediction.

use std::collections::BTreeSet;

use malar_model::codes::{DATA_NOT_FOUND, EVIDENCE};
use malar_model::{Diagnostic, Source, read_toml};
use serde::Deserialize;

use crate::library::Library;
use crate::place::{Step, place};
use crate::published::Published;

/// What a trial's results are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// May be fitted.
    Fit,
    /// Never fitted; a prediction is compared with it.
    Check,
}

/// Trial ids of both parts, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    fit: BTreeSet<String>,
    check: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SplitFile {
    check: Vec<String>,
    fit: Vec<String>,
}

impl Split {
    /// Reads a split; every trial of `library` stands in exactly one of its lists.
    pub fn new(source: &Source, library: &Library) -> Result<Split, Vec<Diagnostic>> {
        let file: SplitFile = read_toml(source).map_err(|diagnostic| vec![diagnostic])?;
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for (list, ids) in [("check", &file.check), ("fit", &file.fit)] {
            for (index, id) in ids.iter().enumerate() {
                let at = || place(source, &[Step::Key(list), Step::Item(index)]);
                if library.get(id).is_none() {
                    let message = format!("no published results called `{id}`");
                    found.push(Diagnostic::error(DATA_NOT_FOUND, source, at(), message).help("write the id of a file"));
                }
                if !seen.insert(id) {
                    let help = "a trial is either fitted or checked";
                    found.push(Diagnostic::error(EVIDENCE, source, at(), format!("`{id}` is listed twice")).help(help));
                }
            }
        }
        for trial in library.iter().filter(|trial| !seen.contains(&trial.id)) {
            let message = format!("`{}` is in neither list", trial.id);
            let span = place(source, &[Step::Key("fit")]);
            found.push(Diagnostic::error(EVIDENCE, source, span, message).help("add it to `fit` or to `check`"));
        }
        if !found.is_empty() {
            return Err(found);
        }
        Ok(Split {
            fit: file.fit.into_iter().collect(),
            check: file.check.into_iter().collect(),
        })
    }

    /// The part a trial belongs to; `None` for trials outside the library.
    pub fn kind(&self, trial_id: &str) -> Option<Part> {
        match (self.fit.contains(trial_id), self.check.contains(trial_id)) {
            (true, _) => Some(Part::Fit),
            (_, true) => Some(Part::Check),
            _ => None,
        }
    }

    /// Trial ids of one part, sorted.
    pub fn ids(&self, part: Part) -> impl Iterator<Item = &str> {
        let ids = if part == Part::Fit { &self.fit } else { &self.check };
        ids.iter().map(String::as_str)
    }

    /// Trials of the check part whose patients are, or may be, in the numbers of `trial`, if that is a trial of the fit part.
    ///
    /// The other way round is no leak: an extension study in the check part says something new about fitted patients.
    pub fn leaks<'a>(&'a self, trial: &'a Published) -> impl Iterator<Item = &'a str> {
        let is_fit = self.kind(&trial.id) == Some(Part::Fit);
        self.ids(Part::Check)
            .filter(move |check| is_fit && trial.may_report_patients_of(check))
    }
}
