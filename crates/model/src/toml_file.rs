//! Data files: TOML read into checked types, and numbers that say their unit and their source.

use std::ops::Range;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::codes::{DATA_UNIT, DATA_VALUE, NO_SOURCE, TOML};
use crate::diagnostic::{Diagnostic, Source};
use crate::nearest::suggestion;
use crate::units::{Unit, UnitError};

/// Reads a whole file into `T`, whose types should deny unknown fields.
///
/// Fails with `D001` at the place of the error: bad TOML, an unknown, missing or repeated key, a value of another type.
pub fn read_toml<T: DeserializeOwned>(source: &Source) -> Result<T, Diagnostic> {
    toml::from_str(&source.text).map_err(|error| {
        let message = one_line(error.message());
        let span = error.span().unwrap_or(0..source.text.len().min(1));
        Diagnostic::error(TOML, source, span, message.clone()).help(remedy(&message))
    })
}

/// A message of `toml` as ours are written: one line, no full stop.
fn one_line(message: &str) -> String {
    let joined = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("; ");
    joined.trim_end_matches('.').to_owned()
}

/// What to do about a message of `serde` or `toml`.
fn remedy(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let typed = quoted.next().unwrap_or("");
        let known: Vec<&str> = quoted.collect();
        return suggestion(typed, known.iter().copied());
    }
    if message.starts_with("missing field") {
        return format!("add `{} = ...`", quoted.next().unwrap_or(""));
    }
    if message.starts_with("duplicate key") {
        return "write each key once".to_owned();
    }
    if message.starts_with("invalid type") {
        return "write a value of the expected type; text goes in double quotes".to_owned();
    }
    "see https://toml.io for how TOML is written".to_owned()
}

/// A number with its unit, and either its source or the reason why it is assumed.
///
/// `{ value = 0.85, unit = "1", source = "https://doi.org/..." }` or `{ value = 2, unit = "day", assumed = "why" }`.
/// Field it as `toml::Spanned<Quantity>` to have the place for [`Quantity::in_unit`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    /// The number, in `unit`.
    pub value: f64,
    /// Unit, as [`Unit::parse`] reads it.
    pub unit: String,
    /// Where the number comes from.
    #[serde(default)]
    pub source: Option<String>,
    /// Why it is assumed, if there is no source.
    #[serde(default)]
    pub assumed: Option<String>,
}

impl Quantity {
    /// Checks that the number is finite and has exactly one of source and reason. `span` is the quantity's place.
    pub fn check_source(&self, source: &Source, span: Range<usize>) -> Result<(), Diagnostic> {
        if !self.value.is_finite() {
            let message = format!("the number is not finite: {}", self.value);
            return Err(Diagnostic::error(DATA_VALUE, source, span, message).help("give a finite number"));
        }
        let given = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
        let (message, help) = match (given(&self.source), given(&self.assumed)) {
            (true, false) | (false, true) => return Ok(()),
            (false, false) => (
                "number without source",
                "add `source = \"https://doi.org/...\"` or `assumed = \"why\"`",
            ),
            (true, true) => (
                "number with a source and an assumption",
                "keep either `source` or `assumed`",
            ),
        };
        Err(Diagnostic::error(NO_SOURCE, source, span, message).help(help))
    }

    /// The number in another unit, after [`Quantity::check_source`]. `span` is the quantity's place in `source`.
    ///
    /// Fails with `D002` (source), `D003` (unit unknown or of another kind) or `D004` (not finite). Panics if `wanted` is no
    /// unit: it is written by us.
    pub fn in_unit(&self, wanted: &str, source: &Source, span: Range<usize>) -> Result<f64, Diagnostic> {
        let target = Unit::parse(wanted).expect("the wanted unit is one of ours");
        self.in_unit_called(&target, wanted, source, span)
    }

    /// The same for a unit that somebody else defined, called `wanted` in messages.
    pub fn in_unit_called(
        &self,
        target: &Unit,
        wanted: &str,
        source: &Source,
        span: Range<usize>,
    ) -> Result<f64, Diagnostic> {
        self.check_source(source, span.clone())?;
        let place = self.unit_place(source, span);
        let own = Unit::parse(&self.unit).map_err(|error| {
            let help = match &error {
                UnitError::Unknown {
                    nearest: Some(near), ..
                } => format!("did you mean `{near}`? wanted: `{wanted}`"),
                _ => format!("write a unit such as `{wanted}`"),
            };
            Diagnostic::error(DATA_UNIT, source, place.clone(), error.to_string()).help(help)
        })?;
        let factor = own.conversion_to(target).ok_or_else(|| {
            let message = format!("unit `{}` does not measure what `{wanted}` measures", self.unit);
            Diagnostic::error(DATA_UNIT, source, place, message).help(format!("write it in `{wanted}`"))
        })?;
        Ok(self.value * factor)
    }

    /// The place of the unit's text inside the quantity, else of the whole quantity.
    fn unit_place(&self, source: &Source, span: Range<usize>) -> Range<usize> {
        let quoted = format!("\"{}\"", self.unit);
        let found = source.text.get(span.clone()).and_then(|text| text.find(&quoted));
        found.map_or(span.clone(), |at| span.start + at..span.start + at + quoted.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::Spanned;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Product {
        #[expect(dead_code, reason = "only its key matters")]
        id: String,
        half_life: Spanned<Quantity>,
    }

    fn read(text: &str) -> Result<f64, String> {
        let source = Source {
            path: "product.toml".into(),
            text: text.into(),
        };
        read_toml::<Product>(&source)
            .and_then(|product| {
                product
                    .half_life
                    .get_ref()
                    .in_unit("day", &source, product.half_life.span())
            })
            .map_err(|diagnostic| diagnostic.render(text))
    }

    #[test]
    fn a_number_is_converted_to_the_wanted_unit() {
        assert_eq!(
            read("id = \"x\"\nhalf_life = { value = 2, unit = \"week\", source = \"doi\" }"),
            Ok(14.0)
        );
    }

    #[test]
    fn an_unknown_key_is_underlined_with_the_nearest_one() {
        let message = read("id = \"x\"\nhalf_lif = { value = 2, unit = \"week\" }").unwrap_err();
        assert_eq!(
            message,
            "error[D001]: unknown field `half_lif`, expected `id` or `half_life`\n --> product.toml:2:1\n  |\n\
             2 | half_lif = { value = 2, unit = \"week\" }\n  | ^^^^^^^^ \n  = help: did you mean `half_life`?\n"
        );
    }

    #[test]
    fn broken_toml_is_underlined() {
        let message = read("id = \"x\nhalf_life = 3").unwrap_err();
        assert!(
            message.starts_with("error[D001]: ") && message.contains("1 | id = \"x\n"),
            "{message}"
        );
    }

    #[test]
    fn a_missing_key_is_named() {
        let message = read("id = \"x\"").unwrap_err();
        assert!(
            message.contains("missing field `half_life`") && message.contains("add `half_life = ...`"),
            "{message}"
        );
    }

    #[test]
    fn a_number_needs_exactly_one_of_source_and_assumption() {
        let none = read("id = \"x\"\nhalf_life = { value = 2, unit = \"week\", source = \"\" }").unwrap_err();
        assert!(none.contains("error[D002]: number without source"), "{none}");
        assert!(
            none.contains("  |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "),
            "{none}"
        );
        let both = read("id = \"x\"\nhalf_life = { value = 2, unit = \"d\", source = \"a\", assumed = \"b\" }");
        assert!(both.unwrap_err().contains("keep either `source` or `assumed`"));
    }

    #[test]
    fn a_wrong_unit_is_underlined() {
        let other = read("id = \"x\"\nhalf_life = { value = 2, unit = \"mg\", assumed = \"why\" }").unwrap_err();
        assert!(
            other.contains("error[D003]: unit `mg` does not measure what `day` measures"),
            "{other}"
        );
        assert!(other.contains("  |                                 ^^^^ "), "{other}");
        let unknown = read("id = \"x\"\nhalf_life = { value = 2, unit = \"dai\", assumed = \"why\" }").unwrap_err();
        assert!(unknown.contains("did you mean `day`"), "{unknown}");
    }

    #[test]
    fn a_number_that_is_not_finite_is_refused() {
        let message = read("id = \"x\"\nhalf_life = { value = inf, unit = \"d\", assumed = \"why\" }").unwrap_err();
        assert!(message.contains("error[D004]"), "{message}");
    }
}
