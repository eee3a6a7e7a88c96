//! A study: a question about a trial, and how large to run it.

use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::read_toml;
use malar_trial::EstimandFile;
use serde::Deserialize;
use toml::Spanned;

use crate::design::DesignFile;

/// The checked file. What the user types overrides its numbers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StudyFile {
    /// Equal to the file name.
    pub id: String,
    /// What the run is to answer; stands in the report.
    pub question: String,
    /// Trial to run, an id of the library or of a file beside this one.
    pub trial: Spanned<String>,
    /// Simulated trials.
    pub replicates: Option<u32>,
    /// Patients per trial.
    pub patients: Option<u32>,
    /// Seed.
    pub seed: Option<u64>,
    /// Estimands beside those of the trial.
    #[serde(default)]
    pub estimands: Vec<Spanned<EstimandFile>>,
    /// Looks and sizes to try with `malar design`.
    pub design: Option<DesignFile>,
}

impl StudyFile {
    /// Reads a study file.
    pub fn parse(source: &Source) -> Result<StudyFile, Diagnostic> {
        read_toml(source)
    }

    /// True if a file that a user named is a study and not a trial: it asks a `question` before its first table. (Estimands of a
    /// trial ask theirs later.)
    pub fn is_study(source: &Source) -> bool {
        let lines = source.text.lines().map(str::trim_start);
        lines
            .take_while(|line| !line.starts_with('['))
            .any(|line| line.starts_with("question"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_whose_estimands_ask_questions_is_no_study() {
        let file = |text: &str| Source {
            path: "x.toml".into(),
            text: text.to_owned(),
        };
        assert!(StudyFile::is_study(&file(
            "id = \"x\"\nquestion = \"Which?\"\n[design]\n"
        )));
        assert!(!StudyFile::is_study(&file(
            "id = \"x\"\n[[estimands]]\nquestion = \"Which?\"\n"
        )));
    }
}
