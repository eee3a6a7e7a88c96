//! Patients randomised again at a visit, in blocks of their own.

use std::ops::Range;

use malar_model::codes::ARMS;
use malar_model::diagnostic::Diagnostic;
use malar_model::rule::Rule;
use serde::Deserialize;
use toml::Spanned;

use super::arms::Arm;
use super::rules::Reader;
use crate::regimen::TherapyUse;
use crate::regimes::check_week;

/// One of `[[randomised_again]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgainFile {
    pub week: Spanned<f64>,
    pub holds: Spanned<String>,
    pub arms: Spanned<Vec<String>>,
    pub block_size: Spanned<u32>,
    pub assumed: String,
}

/// Those of some arms of whom a rule holds at a visit are randomised to these arms once more.
#[derive(Clone, Debug)]
pub struct RandomisedAgain {
    /// The visit, weeks.
    pub week: f64,
    /// Who, of those still on study drug.
    pub holds: Rule,
    /// Positions of the arms, which are the same until that visit.
    pub arms: Vec<usize>,
    /// Block size.
    pub block_size: u32,
}

/// Reads all of a file, in order of weeks; `visits` are interval and duration, weeks.
pub(super) fn randomised_again(
    files: &[Spanned<AgainFile>],
    arms: &[Arm],
    visits: (f64, f64),
    reader: Reader<'_>,
) -> Result<Vec<RandomisedAgain>, Diagnostic> {
    let read = |file: &Spanned<AgainFile>| RandomisedAgain::read(file.get_ref(), arms, visits, reader);
    let mut all: Vec<RandomisedAgain> = files.iter().map(read).collect::<Result<_, _>>()?;
    all.sort_by(|a, b| a.week.total_cmp(&b.week));
    Ok(all)
}

impl RandomisedAgain {
    fn read(file: &AgainFile, all: &[Arm], visits: (f64, f64), reader: Reader<'_>) -> Result<Self, Diagnostic> {
        let wrong = |span: Range<usize>, message: String, help: &str| {
            Err(Diagnostic::error(ARMS, reader.source, span, message).help(help))
        };
        let week = *file.week.get_ref();
        check_week(week, file.week.span(), visits, reader.source)?;
        let mut arms = Vec::new();
        for id in file.arms.get_ref() {
            let Some(arm) = all.iter().position(|arm| arm.id == *id) else {
                let known: Vec<&str> = all.iter().map(|arm| arm.id.as_str()).collect();
                let help = format!("arms of the trial: {}", known.join(", "));
                return wrong(file.arms.span(), format!("no arm `{id}`"), &help);
            };
            arms.push(arm);
        }
        if arms.len() < 2 || *file.block_size.get_ref() == 0 {
            let message = "nobody can be randomised again like this".to_owned();
            return wrong(
                file.arms.span(),
                message,
                "name two or more arms and a block size above 0",
            );
        }
        let first = &all[arms[0]];
        if let Some(&other) = arms[1..]
            .iter()
            .find(|&&k| before(&all[k], week) != before(first, week))
        {
            let message = format!("arms `{}` and `{}` differ before week {week}", first.id, all[other].id);
            let help =
                "arms to be randomised to again begin alike: the same therapies, doses and days until that visit";
            return wrong(file.arms.span(), message, help);
        }
        Ok(RandomisedAgain {
            week,
            holds: reader.rule(&file.holds)?,
            arms,
            block_size: *file.block_size.get_ref(),
        })
    }
}

/// What an arm gives before a week, in words.
fn before(arm: &Arm, week: f64) -> Vec<String> {
    let end = 7.0 * week;
    let given = |usage: &TherapyUse| {
        let listed = usage.days.as_ref().map(|days| days.list());
        let days = listed.map_or(vec![0.0], |days| days.into_iter().filter(|day| *day < end).collect());
        let (id, route, made) = (&usage.id, &usage.route, &usage.when_made);
        let words = format!(
            "{id} {route:?} {:?} {:?} {days:?} {made:?}",
            usage.amount(),
            usage.daily_dose
        );
        (!days.is_empty()).then_some(words)
    };
    let mut words: Vec<String> = arm.therapies.iter().filter_map(|(usage, _)| given(usage)).collect();
    words.sort();
    words
}
