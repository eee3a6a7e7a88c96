//! All published results by trial id.

use std::collections::BTreeMap;

use malar_model::codes::DATA_NOT_FOUND;
use malar_model::{Diagnostic, Severity, Source, read_toml};

use crate::check::check;
use crate::place::{Step, place};
use crate::published::Published;

/// Published results of many trials, sorted by id.
#[derive(Clone, Debug, Default)]
pub struct Library {
    trials: BTreeMap<String, Published>,
    warnings: Vec<Diagnostic>,
}

impl Library {
    /// Reads and checks one file per trial (the files of `data/evidence/trials`).
    ///
    /// Fails with everything that is wrong in any file, warnings included; a library with warnings only is good.
    pub fn new(sources: Vec<Source>) -> Result<Library, Vec<Diagnostic>> {
        let mut library = Library::default();
        let mut found = Vec::new();
        for source in &sources {
            match read_toml::<Published>(source) {
                Ok(published) => {
                    found.extend(check(source, &published));
                    library.trials.insert(published.id.clone(), published);
                }
                Err(diagnostic) => found.push(diagnostic),
            }
        }
        for source in &sources {
            found.extend(library.unknown_companions(source));
        }
        if found.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            return Err(found);
        }
        library.warnings = found;
        Ok(library)
    }

    /// The trial with this id.
    pub fn get(&self, trial_id: &str) -> Option<&Published> {
        self.trials.get(trial_id)
    }

    /// All trials, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = &Published> {
        self.trials.values()
    }

    /// How many trials there are.
    pub fn len(&self) -> usize {
        self.trials.len()
    }

    /// True without any trial.
    pub fn is_empty(&self) -> bool {
        self.trials.is_empty()
    }

    /// What looks wrong but can be used.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// True if one of the two files says that it reports patients of the other.
    pub fn shares_patients(&self, one: &str, other: &str) -> bool {
        let both = self.get(one).zip(self.get(other));
        both.is_some_and(|(one, other)| one.may_share_patients(other))
    }

    /// Files named in `shares_patients_with` that are not here. A library of a single file is not asked.
    fn unknown_companions(&self, source: &Source) -> Vec<Diagnostic> {
        let id = source
            .path
            .rsplit('/')
            .next()
            .and_then(|name| name.strip_suffix(".toml"));
        let Some(trial) = id.and_then(|id| self.get(id)).filter(|_| self.len() > 1) else {
            return Vec::new();
        };
        let is_unknown = |companion: &String| companion != "many" && self.get(companion).is_none();
        let unknown = trial
            .shares_patients_with
            .iter()
            .enumerate()
            .filter(|(_, companion)| is_unknown(companion));
        unknown
            .map(|(index, companion)| {
                let span = place(source, &[Step::Key("shares_patients_with"), Step::Item(index)]);
                let message = format!("no published results called `{companion}`");
                Diagnostic::error(DATA_NOT_FOUND, source, span, message).help("write the id of a file, or `many`")
            })
            .collect()
    }
}
