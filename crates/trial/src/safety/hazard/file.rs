//! A hazard file as it is written, and its laws read from it.

use malar_model::codes::DATA_VALUE;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::toml_file::Quantity;
use serde::Deserialize;
use toml::Spanned;

use super::{Driver, Rate, Reaction, Spell, Step, Threshold};
use crate::safety::factor::{Factor, FactorFile, WhileGiven, WhileGivenFile, number, positive, rule};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HazardFile {
    pub id: Spanned<String>,
    pub term: String,
    pub about: String,
    pub source: Vec<String>,
    pub serious_from: u8,
    #[serde(default)]
    pub base_rate_only: bool,
    #[serde(default)]
    pub adds_damage: bool,
    pub rate: Option<RateFile>,
    pub threshold: Option<ThresholdFile>,
    pub reaction: Option<ReactionFile>,
    pub spell: Option<SpellFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RateFile {
    per_year: Spanned<Quantity>,
    adds: Option<Spanned<String>>,
    grade: u8,
    #[serde(default)]
    grades: Vec<StepFile>,
    #[serde(default)]
    factors: Vec<FactorFile>,
    #[serde(default)]
    therapies: Vec<WhileGivenFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ThresholdFile {
    of: Spanned<String>,
    unit: String,
    grades: Vec<StepFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReactionFile {
    after: Vec<String>,
    #[serde(default)]
    infused: bool,
    course_days: Spanned<Quantity>,
    driver: Option<DriverFile>,
    own: Spanned<Quantity>,
    onset: Spanned<Quantity>,
    onset_log_sd: Spanned<Quantity>,
    grades: Vec<StepFile>,
    #[serde(default)]
    therapies: Vec<WhileGivenFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DriverFile {
    of: Spanned<String>,
    days: Spanned<Quantity>,
    reference: Spanned<Quantity>,
    slope: Spanned<Quantity>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SpellFile {
    after: Vec<String>,
    course_days: Spanned<Quantity>,
    onset: Spanned<Quantity>,
    days: Spanned<Quantity>,
    days_log_sd: Spanned<Quantity>,
    grades: Vec<StepFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    at_least: Spanned<u8>,
    share: Option<Spanned<Quantity>>,
    limit: Option<Spanned<Quantity>>,
    days: Option<Spanned<Quantity>>,
}

/// What leads to a grade, as the law calls it.
#[derive(Clone, Copy)]
enum Measure<'a> {
    Share,
    Limit { unit: &'a str },
    Days,
}

impl Rate {
    pub(super) fn read(file: &RateFile, source: &Source) -> Result<Rate, Diagnostic> {
        Ok(Rate {
            per_day: positive(&file.per_year, "1/day", source)?,
            adds: file.adds.as_ref().map(|text| rule(text, source)).transpose()?,
            grade: file.grade,
            grades: steps(&file.grades, Measure::Share, source)?,
            factors: file
                .factors
                .iter()
                .map(|f| Factor::read(f, source))
                .collect::<Result<_, _>>()?,
            therapies: while_given(&file.therapies, source)?,
        })
    }
}

impl Threshold {
    pub(super) fn read(file: &ThresholdFile, source: &Source) -> Result<Threshold, Diagnostic> {
        Ok(Threshold {
            of: rule(&file.of, source)?,
            grades: steps(&file.grades, Measure::Limit { unit: &file.unit }, source)?,
        })
    }
}

impl Reaction {
    pub(super) fn read(file: &ReactionFile, source: &Source) -> Result<Reaction, Diagnostic> {
        Ok(Reaction {
            after: file.after.clone(),
            infused: file.infused,
            course_days: number(&file.course_days, "day", source)?,
            driver: file.driver.as_ref().map(|d| Driver::read(d, source)).transpose()?,
            own: number(&file.own, "1", source)?,
            onset: positive(&file.onset, "day", source)?,
            onset_log_sd: number(&file.onset_log_sd, "1", source)?,
            grades: steps(&file.grades, Measure::Share, source)?,
            therapies: while_given(&file.therapies, source)?,
        })
    }
}

impl Driver {
    fn read(file: &DriverFile, source: &Source) -> Result<Driver, Diagnostic> {
        Ok(Driver {
            of: rule(&file.of, source)?,
            days: number(&file.days, "day", source)?,
            reference: positive(&file.reference, "1", source)?,
            slope: number(&file.slope, "1", source)?,
        })
    }
}

impl Spell {
    pub(super) fn read(file: &SpellFile, source: &Source) -> Result<Spell, Diagnostic> {
        Ok(Spell {
            after: file.after.clone(),
            course_days: number(&file.course_days, "day", source)?,
            onset: positive(&file.onset, "day", source)?,
            days: positive(&file.days, "day", source)?,
            days_log_sd: number(&file.days_log_sd, "1", source)?,
            grades: steps(&file.grades, Measure::Days, source)?,
        })
    }
}

fn steps(files: &[StepFile], measure: Measure<'_>, source: &Source) -> Result<Vec<Step>, Diagnostic> {
    let step = |file: &StepFile| {
        let (given, unit, key) = match measure {
            Measure::Share => (&file.share, "1", "share"),
            Measure::Limit { unit } => (&file.limit, unit, "limit"),
            Measure::Days => (&file.days, "day", "days"),
        };
        let n_given = [&file.share, &file.limit, &file.days].into_iter().flatten().count();
        let Some(quantity) = given.as_ref().filter(|_| n_given == 1) else {
            let message = "a grade is not measured as its law needs".to_owned();
            let found = Diagnostic::error(DATA_VALUE, source, file.at_least.span(), message);
            return Err(found.help(format!("give `{key}` and nothing else")));
        };
        Ok(Step {
            at_least: *file.at_least.get_ref(),
            value: number(quantity, unit, source)?,
        })
    };
    files.iter().map(step).collect()
}

fn while_given(files: &[WhileGivenFile], source: &Source) -> Result<Vec<WhileGiven>, Diagnostic> {
    files.iter().map(|file| WhileGiven::read(file, source)).collect()
}
