//! A population and the one it is based on, as one file whose numbers can be moved.

use toml::{Table, Value};

/// The two as one: entries of the same name and whole sections of `own` replace those of `base`, entries that are new come after.
pub(super) fn merged(base: Table, own: Table) -> Table {
    let mut all = base;
    for (key, value) in own {
        match key.as_str() {
            "based_on" => {}
            "parameter" => replace_entries(all.entry(key).or_insert(Value::Array(Vec::new())), value),
            "clinical" => replace_sections(all.entry(key).or_insert(Value::Table(Table::new())), value),
            _ => drop(all.insert(key, value)),
        }
    }
    all
}

fn replace_entries(entries: &mut Value, own: Value) {
    let (Some(entries), Value::Array(own)) = (entries.as_array_mut(), own) else {
        return;
    };
    for entry in own {
        match entries.iter().position(|known| known.get("name") == entry.get("name")) {
            Some(place) => entries[place] = entry,
            None => entries.push(entry),
        }
    }
}

fn replace_sections(sections: &mut Value, own: Value) {
    if let (Some(sections), Value::Table(own)) = (sections.as_table_mut(), own) {
        sections.extend(own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Kind, Library};
    use malar_model::diagnostic::Source;
    use malar_patients::Population;

    /// Written as one file, the population of nephritis draws the same numbers in the same order.
    #[test]
    fn two_layers_in_one_file_are_the_same_population() {
        let library = Library::embedded();
        let source = |id| library.find(Kind::Populations, id).expect("in the library");
        let (base, own) = (source("sle-trial"), source("sle-nephritis"));
        let table = |source: &Source| source.text.parse::<Table>().expect("valid TOML");
        let text = toml::to_string(&merged(table(base), table(own))).expect("a table can be written");
        let one = Population::parse(&Source { text, ..own.clone() }).expect("a whole population");
        let two = Population::parse_on(base, own).expect("a population on another");
        assert_eq!(one.names(), two.names());
        assert_eq!(one.id, "sle-nephritis");
    }
}
