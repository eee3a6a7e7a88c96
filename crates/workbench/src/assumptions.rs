//! Numbers without a source, with the reason why each was assumed: from every TOML table that has a key `assumed`, and
//! every quantity of a model whose `notes` begin with "assumed".

use malar_model::{Model, Source, parse_antimony};
use toml::{Table, Value as Toml};

use crate::summary::Assumption;

/// Keys that describe a number and are not its value.
const WORDS: [&str; 7] = ["name", "unit", "source", "assumed", "id", "label", "note"];
/// Longest value shown, characters.
const LONGEST: usize = 90;

/// Every assumed number of a data file; `path` is its name in the report. Nothing for files that cannot be read: `check`
/// complains about those.
pub fn assumptions(path: &str, source: &Source) -> Vec<Assumption> {
    if path.ends_with(".ant") {
        return parse_antimony(source).map_or_else(|_| Vec::new(), |model| of_model(path, &model));
    }
    let mut found = Vec::new();
    if let Ok(table) = source.text.parse::<Table>() {
        of_table(path, "", &table, &mut found);
    }
    found
}

/// Looks at `table`, whose dotted place in the file is `place`, and everything in it.
fn of_table(path: &str, place: &str, table: &Table, found: &mut Vec<Assumption>) {
    let word = |key: &str| table.get(key).and_then(Toml::as_str);
    if let Some(reason) = word("assumed") {
        found.push(Assumption {
            file: path.into(),
            name: word("name")
                .or(word("id"))
                .filter(|_| !place.is_empty())
                .unwrap_or(place)
                .into(),
            value: value(table),
            unit: word("unit").unwrap_or("").into(),
            reason: reason.into(),
        });
    }
    for (key, entry) in table {
        let place = if place.is_empty() {
            key.clone()
        } else {
            format!("{place}.{key}")
        };
        of_entry(path, &place, entry, found);
    }
}

fn of_entry(path: &str, place: &str, entry: &Toml, found: &mut Vec<Assumption>) {
    match entry {
        Toml::Table(table) => of_table(path, place, table, found),
        Toml::Array(entries) => entries.iter().for_each(|entry| of_entry(path, place, entry, found)),
        _ => {}
    }
}

/// The number of a table: its `value`, else every key that is not a word about it.
fn value(table: &Table) -> String {
    if let Some(value) = table.get("value") {
        return value.to_string();
    }
    let is_simple = |entry: &Toml| match entry {
        Toml::Array(entries) => !entries.iter().any(|entry| entry.is_table() || entry.is_array()),
        other => !other.is_table(),
    };
    let parts: Vec<String> = table
        .iter()
        .filter(|(key, entry)| !WORDS.contains(&key.as_str()) && is_simple(entry))
        .map(|(key, entry)| format!("{key} {}", shown(entry)))
        .collect();
    shortened(&parts.join(", "))
}

fn shown(entry: &Toml) -> String {
    entry.as_str().map_or_else(|| entry.to_string(), str::to_string)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

fn of_model(path: &str, model: &Model) -> Vec<Assumption> {
    let mut found = Vec::new();
    for variable in &model.variables {
        for note in variable.annotation.assumptions() {
            found.push(Assumption {
                file: path.into(),
                name: model.arena.name(variable.symbol).into(),
                value: variable
                    .initial
                    .as_ref()
                    .map_or(String::new(), |value| model.arena.text_up_to(value.expr, LONGEST)),
                unit: variable
                    .annotation
                    .unit
                    .as_ref()
                    .map_or(String::new(), |unit| unit.text.clone()),
                reason: reason(note),
            });
        }
    }
    found
}

/// The note without its first word.
fn reason(note: &str) -> String {
    let rest = note.trim_start().get("assumed".len()..).unwrap_or("");
    rest.trim_start_matches([':', ',', ' ']).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<Assumption> {
        assumptions(
            path,
            &Source {
                path: path.into(),
                text: text.into(),
            },
        )
    }

    #[test]
    fn tables_with_a_reason_are_listed_with_their_numbers() {
        let text = "block = { size = 4, assumed = \"not published\" }\n\
                    [[parameter]]\nname = \"weight\"\nunit = \"kg\"\nlognormal = [70, 0.22]\nassumed = \"probe\"\n\
                    [dose]\nvalue = 2.5\nunit = \"mg\"\nsource = \"doi:10.1000/1\"\n";
        let found = found("populations/x.toml", text);
        let short: Vec<_> = found
            .iter()
            .map(|a| (a.name.as_str(), a.value.as_str(), a.unit.as_str()))
            .collect();
        assert_eq!(
            short,
            [("block", "size 4", ""), ("weight", "lognormal [70, 0.22]", "kg")]
        );
        assert_eq!(found[1].reason, "probe");
    }

    #[test]
    fn model_notes_are_listed() {
        let text = "x' = -k*x; x = 1; k = 0.25\nunit per_day = 1/(86400 second)\nk has per_day\n\
                    k notes \"assumed: one in four days\"\n";
        let found = found("models/x.ant", text);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].name.as_str(), found[0].value.as_str(), found[0].unit.as_str()),
            ("k", "0.25", "per_day")
        );
        assert_eq!(found[0].reason, "one in four days");
    }
}
