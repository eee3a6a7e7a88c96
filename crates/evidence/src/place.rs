//! The place of a value in a file, looked up only once something is wrong with it.

use std::ops::Range;

use malar_model::Source;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One step down a TOML document.
#[derive(Clone, Copy)]
pub(crate) enum Step<'a> {
    /// Into a table.
    Key(&'a str),
    /// Into a list.
    Item(usize),
}

/// Bytes of the value at the end of `steps`, else of the nearest thing around it; `source` parsed before.
pub(crate) fn place(source: &Source, steps: &[Step]) -> Range<usize> {
    let Ok(document) = DeTable::parse(&source.text) else {
        return 0..0;
    };
    let (Some(&Step::Key(first)), rest) = (steps.first(), steps.get(1..).unwrap_or(&[])) else {
        return 0..0;
    };
    let Some(mut at) = document.get_ref().get(first) else {
        return 0..0;
    };
    for step in rest {
        let next: Option<&Spanned<DeValue>> = match *step {
            Step::Key(key) => at.get_ref().get(key),
            Step::Item(index) => at.get_ref().get(index),
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    at.span()
}
