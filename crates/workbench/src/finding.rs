//! Findings about files, with the text they point into, ready to be shown.

use std::fmt;

use malar_model::diagnostic::{Diagnostic, Severity, Source};

use crate::catalog::ReadError;

/// A diagnostic with the text of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong and where.
    pub diagnostic: Diagnostic,
    /// Whole text of the file.
    pub text: String,
}

impl Finding {
    /// `diagnostic` of `source`.
    pub fn new(diagnostic: Diagnostic, source: &Source) -> Finding {
        Finding {
            diagnostic,
            text: source.text.clone(),
        }
    }

    /// All `diagnostics` of `source`.
    pub fn all(diagnostics: impl IntoIterator<Item = Diagnostic>, source: &Source) -> Vec<Finding> {
        diagnostics
            .into_iter()
            .map(|diagnostic| Finding::new(diagnostic, source))
            .collect()
    }

    /// True if the file cannot be used.
    pub fn is_error(&self) -> bool {
        self.diagnostic.severity == Severity::Error
    }
}

impl fmt::Display for Finding {
    /// Message, place, the line underlined, remedy.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.diagnostic.render(&self.text))
    }
}

/// The input is wrong; nothing was computed and nothing written.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Files were read and found wrong.
    #[error("{}", rendered(.0))]
    Wrong(Vec<Finding>),
    /// A file or folder cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A name that nothing in the library has.
    #[error("no {kind} called `{name}`\nhelp: {help}")]
    Unknown {
        /// What was looked for, `trial`.
        kind: &'static str,
        /// Name as typed.
        name: String,
        /// What to do.
        help: String,
    },
    /// A number that makes no sense.
    #[error("{what} cannot be `{value}`\nhelp: {help}")]
    Value {
        /// What it is for.
        what: &'static str,
        /// As given.
        value: String,
        /// What to do.
        help: &'static str,
    },
}

impl From<Vec<Finding>> for InputError {
    fn from(findings: Vec<Finding>) -> InputError {
        InputError::Wrong(findings)
    }
}

fn rendered(findings: &[Finding]) -> String {
    findings.iter().map(Finding::to_string).collect::<Vec<_>>().join("\n")
}
