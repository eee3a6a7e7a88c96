//! Packs the data library into the binary: sorted lists of (path below `data/`, text) for `catalog.rs`, one of data files and
//! one of the cards people read about therapies.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let manifest = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let root = manifest
        .join("../../data")
        .canonicalize()
        .expect("the workspace has a `data` folder");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort();
    let (cards, data): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| name.ends_with(".md"));
    let cards: Vec<_> = cards
        .into_iter()
        .filter(|(name, _)| name.starts_with("therapies/"))
        .collect();
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    std::fs::write(out.join("library.rs"), list(&data)).expect("OUT_DIR can be written");
    std::fs::write(out.join("cards.rs"), list(&cards)).expect("OUT_DIR can be written");
}

/// Rust text of a list of names and included files.
fn list(files: &[(String, String)]) -> String {
    let mut list = String::from("&[\n");
    for (name, path) in files {
        writeln!(list, "    ({name:?}, include_str!({path:?})),").expect("writing to a string cannot fail");
    }
    list.push_str("]\n");
    list
}

/// Adds every data file below `folder`; tells cargo to look at each folder and file again when it changes.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in std::fs::read_dir(folder).expect("data folders can be read") {
        let path = entry.expect("data folders can be read").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if matches!(path.extension().and_then(|e| e.to_str()), Some("toml" | "ant" | "md")) {
            let name = path.strip_prefix(root).expect("`path` was found below `root`");
            let parts: Vec<_> = name
                .iter()
                .map(|p| p.to_str().expect("data file names are UTF-8"))
                .collect();
            files.push((
                parts.join("/"),
                path.to_str().expect("the checkout's path is UTF-8").to_string(),
            ));
        }
    }
}
