//! What multiplies a hazard: a condition that holds, a quantity that is high, a therapy that is given.

use malar_model::codes::DATA_VALUE;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::rule::Rule;
use malar_model::toml_file::Quantity;
use malar_solver::math::{exp, ln};
use serde::Deserialize;
use toml::Spanned;

use super::signals::{Moment, names};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FactorFile {
    holds: Option<Spanned<String>>,
    of: Option<Spanned<String>>,
    per: Option<Spanned<Quantity>>,
    ratio: Spanned<Quantity>,
}

/// A multiplier of a rate.
#[derive(Clone, Debug, PartialEq)]
pub enum Factor {
    /// `ratio` while the rule holds.
    When {
        /// The condition.
        holds: Rule,
        /// The multiplier, above 0.
        ratio: f64,
    },
    /// `ratio` to the power of `of / per`: a log-linear effect.
    Power {
        /// The quantity.
        of: Rule,
        /// The amount of it that `ratio` belongs to.
        per: f64,
        /// The multiplier at that amount, above 0.
        ratio: f64,
    },
}

impl Factor {
    pub(super) fn read(file: &FactorFile, source: &Source) -> Result<Factor, Diagnostic> {
        let ratio = positive(&file.ratio, "1", source)?;
        match (&file.holds, &file.of, &file.per) {
            (Some(holds), None, None) => Ok(Factor::When {
                holds: rule(holds, source)?,
                ratio,
            }),
            (None, Some(of), Some(per)) => Ok(Factor::Power {
                of: rule(of, source)?,
                per: positive(per, "1", source)?,
                ratio,
            }),
            _ => {
                let message = "a factor needs either a condition or a quantity".to_owned();
                let help = "give `holds`, or `of` and `per`, with a `ratio`";
                Err(Diagnostic::error(DATA_VALUE, source, file.ratio.span(), message).help(help))
            }
        }
    }

    pub(super) fn at(&self, now: &Moment) -> f64 {
        match self {
            Factor::When { holds, ratio } => {
                if holds.holds(&now.values) {
                    *ratio
                } else {
                    1.0
                }
            }
            Factor::Power { of, per, ratio } => exp(ln(*ratio) * of.evaluate(&now.values) / per),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhileGivenFile {
    id: String,
    ratio: Spanned<Quantity>,
    days_after: Spanned<Quantity>,
}

/// A multiplier from the first dose of a therapy until some time after its last.
#[derive(Clone, Debug, PartialEq)]
pub struct WhileGiven {
    /// Therapy id.
    pub id: String,
    /// The multiplier, above 0; of odds for reactions.
    pub ratio: f64,
    /// How long a dose counts, days.
    pub days_after: f64,
}

impl WhileGiven {
    pub(super) fn read(file: &WhileGivenFile, source: &Source) -> Result<WhileGiven, Diagnostic> {
        Ok(WhileGiven {
            id: file.id.clone(),
            ratio: positive(&file.ratio, "1", source)?,
            days_after: number(&file.days_after, "day", source)?,
        })
    }
}

/// A number in a unit, with source or reason.
pub(super) fn number(quantity: &Spanned<Quantity>, unit: &str, source: &Source) -> Result<f64, Diagnostic> {
    quantity.get_ref().in_unit(unit, source, quantity.span())
}

/// The same for a number that has to be above zero.
pub(super) fn positive(quantity: &Spanned<Quantity>, unit: &str, source: &Source) -> Result<f64, Diagnostic> {
    let value = number(quantity, unit, source)?;
    if value > 0.0 {
        return Ok(value);
    }
    let message = format!("the number is not above zero: {}", quantity.get_ref().value);
    Err(Diagnostic::error(DATA_VALUE, source, quantity.span(), message).help("write a number above 0"))
}

/// A rule over the words of [`super::signals`].
pub(super) fn rule(text: &Spanned<String>, source: &Source) -> Result<Rule, Diagnostic> {
    // The span of a TOML string holds its quotes.
    let span = text.span();
    Rule::parse(text.get_ref(), source, span.start + 1..span.end - 1, &names())
}
