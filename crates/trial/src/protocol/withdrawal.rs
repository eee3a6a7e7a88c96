//! Study drug stopped because of an adverse event.

use malar_model::codes::SCHEDULE;
use malar_model::diagnostic::{Diagnostic, Source};
use serde::Deserialize;
use toml::Spanned;

/// `[adverse_events]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdverseEventsFile {
    pub stop_probability: Spanned<f64>,
    #[serde(default = "severe")]
    pub from_grade: Spanned<u8>,
    #[serde(default)]
    pub or_serious: bool,
    pub assumed: String,
}

fn severe() -> Spanned<u8> {
    Spanned::new(0..0, 3)
}

/// Which adverse events may stop study drug, and how often they do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdverseEvents {
    /// Probability that one such event stops study drug, 0 to 1.
    pub stop_probability: f64,
    /// Lowest grade that may, 1 to 5.
    pub from_grade: u8,
    /// Serious events of a lower grade may too.
    pub or_serious: bool,
}

impl AdverseEvents {
    pub(super) fn read(file: &AdverseEventsFile, source: &Source) -> Result<AdverseEvents, Diagnostic> {
        let wrong = |span, message: &str, help: &str| {
            Err(Diagnostic::error(SCHEDULE, source, span, message.to_owned()).help(help))
        };
        let (probability, grade) = (&file.stop_probability, &file.from_grade);
        if !(0.0..=1.0).contains(probability.get_ref()) {
            let message = "a probability is not between 0 and 1";
            return wrong(
                probability.span(),
                message,
                "write `stop_probability = 0.3` for three events in ten",
            );
        }
        if !(1..=5).contains(grade.get_ref()) {
            let message = "a grade is out of range";
            return wrong(
                grade.span(),
                message,
                "write a grade from 1 (mild) to 5 (death); 3 is severe",
            );
        }
        Ok(AdverseEvents {
            stop_probability: *probability.get_ref(),
            from_grade: *grade.get_ref(),
            or_serious: file.or_serious,
        })
    }

    /// True if an event of this grade, of a kind that is serious from `serious_from` on, may stop study drug.
    pub(crate) fn may_stop(&self, grade: u8, serious_from: u8) -> bool {
        grade >= self.from_grade || (self.or_serious && grade >= serious_from)
    }
}
