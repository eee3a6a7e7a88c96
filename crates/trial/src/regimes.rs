//! Treatment that depends on how a patient did: doses that are given only if a rule held at a visit.
//!
//! Who is randomised again at a week (responders to go on or to stop, non-responders to one addition or another) is simulated
//! as randomised at the start to a regime, an arm that differs from its like from that week on only. Arms share their
//! patients' luck, and nobody acts on a regime before its week, so both describe the same trial.

use std::ops::Range;

use malar_model::codes::{DOSING, SCHEDULE};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::rule::Rule;
use serde::Deserialize;
use toml::Spanned;

use crate::endpoint::parse_measured_rule;
use crate::instruments::Variables;
use crate::regimen::TherapyUse;

/// `only_if` of a therapy within an arm, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnlyIf {
    /// The visit that decides, weeks.
    pub week: Spanned<f64>,
    /// What has to hold there.
    pub holds: Spanned<String>,
}

/// Whether a therapy of an arm is given from a week on.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Position among the arm's therapies.
    pub therapy: usize,
    /// The visit that decides, weeks.
    pub week: f64,
    /// What has to hold there.
    pub holds: Rule,
}

impl Condition {
    /// True if this visit decides against the therapy.
    pub(crate) fn withholds(&self, visit: &Variables) -> bool {
        is_week(visit[0], self.week) && !self.holds.holds(visit)
    }
}

/// True if a visit was held in that week.
pub(crate) fn is_week(visit: f64, week: f64) -> bool {
    (visit - week).abs() < 1e-9
}

/// The conditions of an arm's therapies.
pub(crate) fn conditions<'a>(
    therapies: impl Iterator<Item = &'a TherapyUse>,
    measured: &[String],
    source: &Source,
) -> Result<Vec<Condition>, Diagnostic> {
    let mut found = Vec::new();
    for (therapy, usage) in therapies.enumerate() {
        if let Some(only_if) = &usage.only_if {
            found.push(Condition {
                therapy,
                week: *only_if.week.get_ref(),
                holds: parse_measured_rule(&only_if.holds, measured, source)?,
            });
        }
    }
    Ok(found)
}

/// Refuses a condition that comes after the doses it decides about.
pub(crate) fn check_days(usage: &TherapyUse, source: &Source) -> Result<(), Diagnostic> {
    let Some(only_if) = &usage.only_if else { return Ok(()) };
    let week = *only_if.week.get_ref();
    let days = usage.days.as_ref().map(|days| days.list()).unwrap_or_default();
    let is_late = days.first().is_none_or(|first| *first < 7.0 * week);
    if !is_late && usage.when_made.is_none() {
        return Ok(());
    }
    let message = format!("`{}` is given before week {week} decides whether it is", usage.id);
    let help = format!(
        "give it `days` from day {} on, counted from randomisation; doses before that are another entry of the therapy",
        7.0 * week
    );
    Err(Diagnostic::error(DOSING, source, only_if.week.span(), message).help(help))
}

/// Refuses a week at which the trial has no visit.
pub(crate) fn check_week(
    week: f64,
    span: Range<usize>,
    (every, duration): (f64, f64),
    source: &Source,
) -> Result<(), Diagnostic> {
    let visit = week / every;
    if week > 0.0 && week <= duration && (visit - visit.round()).abs() < 1e-9 {
        return Ok(());
    }
    let message = format!("there is no visit in week {week}");
    let help = "use a week that is a multiple of `visit_every_weeks`, up to the duration";
    Err(Diagnostic::error(SCHEDULE, source, span, message).help(help))
}
