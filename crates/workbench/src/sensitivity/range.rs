//! How far a number moves when nobody says: `models/<model>/ranges.toml`, else 30 % to either side.

use malar_model::codes::{DATA_VALUE, NO_SOURCE};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::read_toml;
use serde::Deserialize;
use toml::Spanned;

/// Share of a value by which it moves if no range is declared.
const SHARE: f64 = 0.3;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RangesFile {
    range: Vec<Spanned<RangeFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeFile {
    names: Vec<String>,
    times: Option<[f64; 2]>,
    between: Option<[f64; 2]>,
    #[serde(default)]
    scale: Scale,
    source: Option<String>,
    assumed: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scale {
    #[default]
    Linear,
    Log,
}

/// A declared range.
#[derive(Clone, Debug)]
struct Declared {
    names: Vec<String>,
    ends: Ends,
    log: bool,
    why: String,
}

#[derive(Clone, Copy, Debug)]
enum Ends {
    /// Multiples of the value.
    Times([f64; 2]),
    Between([f64; 2]),
}

impl Ends {
    fn of(self, value: f64) -> (f64, f64) {
        match self {
            Ends::Times([low, high]) => ((value * low).min(value * high), (value * low).max(value * high)),
            Ends::Between([low, high]) => (low, high),
        }
    }
}

/// Every declared range of a model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ranges(Vec<Declared>);

/// Lower and upper end, whether even on the logarithm, and why.
pub(super) struct Range {
    pub low: f64,
    pub high: f64,
    pub log: bool,
    pub why: String,
}

impl Ranges {
    /// Reads `ranges.toml`.
    pub(crate) fn parse(source: &Source) -> Result<Ranges, Diagnostic> {
        let file: RangesFile = read_toml(source)?;
        file.range
            .iter()
            .map(|entry| declared(entry, source))
            .collect::<Result<_, _>>()
            .map(Ranges)
    }

    /// Names with a declared range.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.0.iter().flat_map(|range| &range.names)
    }

    /// The range of a number called `name`; a dimensionless number between 0 and 1 stays there.
    pub(super) fn of(&self, name: &str, value: f64, unit: &str) -> Range {
        if let Some(found) = self.0.iter().find(|range| range.names.iter().any(|n| n == name)) {
            let (low, high) = found.ends.of(value);
            let (log, why) = (found.log, found.why.clone());
            return Range { low, high, log, why };
        }
        let half = SHARE * value.abs();
        let (low, mut high) = (value - half, value + half);
        if unit == "1" && (0.0..=1.0).contains(&value) {
            high = high.min(1.0);
        }
        let why = format!("assumed: {:.0} % to either side", 100.0 * SHARE);
        Range {
            low,
            high,
            log: false,
            why,
        }
    }
}

fn declared(entry: &Spanned<RangeFile>, source: &Source) -> Result<Declared, Diagnostic> {
    let (file, span) = (entry.get_ref(), entry.span());
    let wrong = |code, message: &str, help: &str| {
        Err(Diagnostic::error(code, source, span.clone(), message.to_owned()).help(help))
    };
    let why = match (&file.source, &file.assumed) {
        (Some(source), None) => source.clone(),
        (None, Some(reason)) => format!("assumed: {reason}"),
        _ => {
            return wrong(
                NO_SOURCE,
                "the range has no source",
                "add `source` or `assumed`, not both",
            );
        }
    };
    let (ends, numbers) = match (file.times, file.between) {
        (Some(numbers), None) => (Ends::Times(numbers), numbers),
        (None, Some(numbers)) => (Ends::Between(numbers), numbers),
        _ => return wrong(DATA_VALUE, "the range has no ends", "give one of `times` and `between`"),
    };
    let positive = file.scale == Scale::Linear || numbers[0] > 0.0;
    if !(numbers[0] < numbers[1] && positive) {
        return wrong(
            DATA_VALUE,
            "the range is empty or reaches zero on the logarithm",
            "write the lower end first",
        );
    }
    Ok(Declared {
        names: file.names.clone(),
        ends,
        log: file.scale == Scale::Log,
        why,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Ranges, Diagnostic> {
        let (path, text) = ("ranges.toml".into(), text.into());
        Ranges::parse(&Source { path, text })
    }

    #[test]
    fn declared_ranges_come_before_thirty_percent() {
        let text = "[[range]]\nnames = [\"a\"]\ntimes = [0.5, 2.0]\nscale = \"log\"\nassumed = \"why\"\n";
        let ranges = parse(text).expect("a good file");
        let a = ranges.of("a", 3.0, "1/day");
        assert_eq!((a.low, a.high, a.log), (1.5, 6.0, true));
        let b = ranges.of("b", 0.8, "1");
        assert!((b.low - 0.56).abs() < 1e-12 && b.high == 1.0);
        let c = ranges.of("c", -1.0, "1");
        assert!(c.low < c.high);
    }

    #[test]
    fn ranges_without_ends_or_reason_are_refused() {
        assert!(parse("[[range]]\nnames = [\"a\"]\nassumed = \"why\"\n").is_err());
        assert!(parse("[[range]]\nnames = [\"a\"]\ntimes = [1, 2]\n").is_err());
        assert!(parse("[[range]]\nnames = [\"a\"]\nbetween = [2, 1]\nassumed = \"why\"\n").is_err());
    }
}
