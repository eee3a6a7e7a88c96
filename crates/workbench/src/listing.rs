//! What the library holds, for people to choose from.

use serde::Serialize;

use crate::catalog::{Kind, Library, id_of};

/// One thing in the library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Id.
    pub id: String,
    /// Name for people; empty if the file gives none.
    pub name: String,
    /// Path below the library.
    pub path: String,
}

/// Everything of a kind, sorted by id. Files that cannot be read as TOML are listed without a name.
pub fn entries(library: &Library, kind: Kind) -> Vec<Entry> {
    let entry = |(path, source): (&str, &malar_model::Source)| {
        let table = source.text.parse::<toml::Table>().unwrap_or_default();
        let name = table
            .get("name")
            .and_then(toml::Value::as_str)
            .unwrap_or("")
            .to_string();
        Some(Entry {
            id: id_of(path)?.to_string(),
            name,
            path: path.to_string(),
        })
    };
    library.list(kind).filter_map(entry).collect()
}
