//! Packs the data library into the binary: a sorted list of (path below `data/`, text) for `catalog.rs`.

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
    let mut list = String::from("&[\n");
    for (name, path) in &files {
        writeln!(list, "    ({name:?}, include_str!({path:?})),").expect("writing to a string cannot fail");
    }
    list.push_str("]\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    std::fs::write(out.join("library.rs"), list).expect("OUT_DIR can be written");
}

/// Adds every data file below `folder`; tells cargo to look at each folder and file again when it changes.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in std::fs::read_dir(folder).expect("data folders can be read") {
        let path = entry.expect("data folders can be read").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if matches!(path.extension().and_then(|e| e.to_str()), Some("toml" | "ant")) {
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
