//! The data library: every file under `data/`, embedded in the binary, with the user's own files laid over it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use malar_model::diagnostic::Source;

/// `(path below data/, text)`, sorted by path; written by `build.rs`.
static EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// What a data file describes; the folder it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Equations, Antimony text.
    Models,
    /// Products, regimens, mechanisms.
    Therapies,
    /// Distributions of virtual-patient parameters.
    Populations,
    /// Protocols.
    Trials,
    /// Composite endpoints and reference values.
    Endpoints,
    /// Published results.
    Evidence,
    /// Questions.
    Studies,
}

impl Kind {
    /// All kinds, in the order people meet them.
    pub const ALL: [Kind; 7] = [
        Kind::Models,
        Kind::Therapies,
        Kind::Populations,
        Kind::Trials,
        Kind::Endpoints,
        Kind::Evidence,
        Kind::Studies,
    ];

    /// Name of the folder, and the word typed after `malar list`.
    pub fn folder(self) -> &'static str {
        match self {
            Kind::Models => "models",
            Kind::Therapies => "therapies",
            Kind::Populations => "populations",
            Kind::Trials => "trials",
            Kind::Endpoints => "endpoints",
            Kind::Evidence => "evidence",
            Kind::Studies => "studies",
        }
    }

    /// The kind whose folder is called `word`.
    pub fn parse(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.folder() == word)
    }

    /// Kind of a library path such as `trials/tulip-2.toml`, from its first folder.
    pub fn of_path(path: &str) -> Option<Kind> {
        Kind::parse(path.split('/').next()?)
    }
}

/// A file or folder of the user's that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{path}`: {reason}")]
pub struct ReadError {
    /// File or folder.
    pub path: String,
    /// What the system said.
    pub reason: std::io::Error,
}

/// All data files by path below `data/` (`trials/tulip-2.toml`).
#[derive(Clone, Debug)]
pub struct Library {
    files: BTreeMap<String, Source>,
}

impl Library {
    /// The files this program was built with.
    pub fn embedded() -> Library {
        let source = |&(path, text): &(&str, &str)| Source { path: format!("data/{path}"), text: text.to_string() };
        Library { files: EMBEDDED.iter().map(|file| (file.0.to_string(), source(file))).collect() }
    }

    /// The embedded files with those below `folder` laid over: the same path replaces, a new path adds.
    ///
    /// Files other than `.toml` and `.ant` are not looked at.
    pub fn with_overlay(folder: &Path) -> Result<Library, ReadError> {
        let mut library = Library::embedded();
        for (name, path) in data_files(folder)? {
            library.files.insert(name, read_source(&path)?);
        }
        Ok(library)
    }

    /// Embedded files, overlaid if a folder is given.
    pub fn open(overlay: Option<&Path>) -> Result<Library, ReadError> {
        overlay.map_or_else(|| Ok(Library::embedded()), Library::with_overlay)
    }

    /// The file at `path` below `data/`.
    pub fn get(&self, path: &str) -> Option<&Source> {
        self.files.get(path)
    }

    /// The file called `id` of a kind: `trials` and `tulip-2` find `trials/tulip-2.toml`, models end in `.ant`.
    pub fn find(&self, kind: Kind, id: &str) -> Option<&Source> {
        let extension = if kind == Kind::Models { "ant" } else { "toml" };
        self.get(&format!("{}/{id}.{extension}", kind.folder()))
    }

    /// All files of a kind as `(path below data/, file)`, sorted by path.
    pub fn list(&self, kind: Kind) -> impl Iterator<Item = (&str, &Source)> {
        self.all().filter(move |(path, _)| Kind::of_path(path) == Some(kind))
    }

    /// All files, sorted by path.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.files.iter().map(|(path, source)| (path.as_str(), source))
    }

    /// Ids of a kind (paths without folder and extension), sorted.
    pub fn ids(&self, kind: Kind) -> Vec<&str> {
        self.list(kind).map(|(path, _)| id_of(path)).collect()
    }

    /// Lays one file over the library.
    pub fn insert(&mut self, path: &str, source: Source) {
        self.files.insert(path.to_string(), source);
    }
}

/// Path without its first folder and its extension: `models/sle/core.ant` gives `sle/core`.
pub fn id_of(path: &str) -> &str {
    let name = path.split_once('/').map_or(path, |(_, rest)| rest);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Reads one file of the user's.
pub fn read_source(path: &Path) -> Result<Source, ReadError> {
    let shown = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Source { path: shown, text }),
        Err(reason) => Err(ReadError { path: shown, reason }),
    }
}

/// Every `.toml` and `.ant` file below `folder` as `(path below it with slashes, path)`, sorted.
pub fn data_files(folder: &Path) -> Result<Vec<(String, PathBuf)>, ReadError> {
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), ReadError> {
    let failed = |reason| ReadError { path: folder.display().to_string(), reason };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else if matches!(path.extension().and_then(|e| e.to_str()), Some("toml" | "ant")) {
            files.push((format!("{prefix}{name}"), path));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlay_replaces_and_adds() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("trials")).expect("writable");
        std::fs::write(folder.path().join("trials/mine.toml"), "id = \"mine\"\n").expect("writable");
        let library = Library::with_overlay(folder.path()).expect("readable");
        assert_eq!(library.find(Kind::Trials, "mine").expect("added").text, "id = \"mine\"\n");
        assert!(library.all().count() > Library::embedded().all().count());
        assert!(library.ids(Kind::Trials).contains(&"mine"));
    }

    #[test]
    fn every_embedded_file_stands_in_a_known_folder() {
        for (path, _) in Library::embedded().all() {
            assert!(Kind::of_path(path).is_some(), "{path}");
        }
    }

    #[test]
    fn ids_are_paths_without_folder_and_extension() {
        assert_eq!(id_of("trials/tulip-2.toml"), "tulip-2");
        assert_eq!(id_of("models/sle/core.ant"), "sle/core");
    }
}
