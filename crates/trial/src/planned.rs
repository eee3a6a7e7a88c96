//! Epochs and encounters as a study definition plans them. They are kept and shown; the simulation holds its visits every
//! `visit_every_weeks`.

use malar_model::codes::SCHEDULE;
use malar_model::diagnostic::{Diagnostic, Source};
use serde::Deserialize;
use toml::Spanned;

/// A stretch of the study, such as screening or treatment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
}

/// A planned contact with patients.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encounter {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Id of its epoch, if it belongs to one.
    pub epoch: Option<String>,
    /// Days since randomisation, negative before; `None` if it has no planned time.
    pub day: Option<f64>,
    /// Days by which it may be early and late.
    pub window_days: Option<[f64; 2]>,
}

/// The encounters, if every one names a known epoch and a possible time.
pub(crate) fn checked(
    epochs: &[Epoch],
    encounters: Vec<Spanned<Encounter>>,
    source: &Source,
) -> Result<Vec<Encounter>, Diagnostic> {
    let wrong = |span, message: String, help: &str| Err(Diagnostic::error(SCHEDULE, source, span, message).help(help));
    let mut found: Vec<Encounter> = Vec::new();
    for encounter in encounters {
        let (span, encounter) = (encounter.span(), encounter.into_inner());
        if let Some(epoch) = encounter
            .epoch
            .as_ref()
            .filter(|id| epochs.iter().all(|e| e.id != **id))
        {
            let message = format!("encounter `{}` is in the unknown epoch `{epoch}`", encounter.id);
            return wrong(span, message, "declare it: `[[epochs]]` with `id` and `name`");
        }
        let numbers = encounter
            .day
            .into_iter()
            .chain(encounter.window_days.into_iter().flatten());
        let early_or_late = encounter.window_days.is_some_and(|w| w.iter().any(|days| *days < 0.0));
        if numbers.into_iter().any(|x| !x.is_finite()) || early_or_late {
            let message = format!("encounter `{}` has no possible time", encounter.id);
            return wrong(
                span,
                message,
                "write days as numbers; a window is two numbers, neither below 0",
            );
        }
        if found.iter().any(|known| known.id == encounter.id) {
            let message = format!("encounter `{}` is declared twice", encounter.id);
            return wrong(span, message, "give each encounter its own id");
        }
        found.push(encounter);
    }
    Ok(found)
}
