//! The data library: every file under `data/`, embedded in the binary, with the user's own files laid over it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use malar_model::diagnostic::Source;

/// `(path below data/, text)`, sorted by path; written by `build.rs`.
static EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/library.rs"));
/// The same for the `README.md` of every therapy.
static CARDS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/cards.rs"));

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
    /// Adverse events: hazards and grades.
    Safety,
    /// Composite endpoints and reference values.
    Endpoints,
    /// Published results.
    Evidence,
    /// Questions.
    Studies,
    /// What a calibration may move, with priors.
    Calibrations,
    /// What a calibration found.
    Posteriors,
}

impl Kind {
    /// All kinds, in the order people meet them.
    pub const ALL: [Kind; 10] = [
        Kind::Models,
        Kind::Therapies,
        Kind::Populations,
        Kind::Trials,
        Kind::Safety,
        Kind::Endpoints,
        Kind::Evidence,
        Kind::Studies,
        Kind::Calibrations,
        Kind::Posteriors,
    ];

    /// Name of the folder, and the word typed after `malar list`.
    pub fn folder(self) -> &'static str {
        match self {
            Kind::Models => "models",
            Kind::Therapies => "therapies",
            Kind::Populations => "populations",
            Kind::Trials => "trials",
            Kind::Safety => "safety",
            Kind::Endpoints => "endpoints",
            Kind::Evidence => "evidence",
            Kind::Studies => "studies",
            Kind::Calibrations => "calibrations",
            Kind::Posteriors => "posteriors",
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
    /// By path, such as `therapies/anifrolumab/README.md`.
    cards: BTreeMap<String, String>,
    /// The structural alternative laid over, if any.
    variant: Option<String>,
}

impl Library {
    /// The files this program was built with.
    pub fn embedded() -> Library {
        let source = |&(path, text): &(&str, &str)| Source {
            path: format!("data/{path}"),
            text: text.to_string(),
        };
        Library {
            files: EMBEDDED.iter().map(|file| (file.0.to_string(), source(file))).collect(),
            cards: CARDS
                .iter()
                .map(|&(path, text)| (path.to_string(), text.to_string()))
                .collect(),
            variant: None,
        }
    }

    /// The embedded files with those below `folder` laid over: the same path replaces, a new path adds.
    ///
    /// Only the folders of the kinds (`trials`, `therapies` ...) are looked at, and in them `.toml` and `.ant` files.
    pub fn with_overlay(folder: &Path) -> Result<Library, ReadError> {
        let mut library = Library::embedded();
        library.lay_over(folder)?;
        Ok(library)
    }

    /// Lays the files below `folder` over these.
    pub fn lay_over(&mut self, folder: &Path) -> Result<(), ReadError> {
        let unreadable = |reason| ReadError {
            path: folder.display().to_string(),
            reason,
        };
        std::fs::read_dir(folder).map_err(unreadable)?;
        for kind in Kind::ALL {
            let inside = folder.join(kind.folder());
            let files = if inside.is_dir() {
                data_files(&inside)?
            } else {
                Vec::new()
            };
            for (name, path) in files {
                let card = path.with_file_name("README.md");
                if kind == Kind::Therapies && name.ends_with("/therapy.toml") && card.is_file() {
                    let key = format!("therapies/{}", name.replace("therapy.toml", "README.md"));
                    self.cards.insert(key, read_source(&card)?.text);
                }
                self.files
                    .insert(format!("{}/{name}", kind.folder()), read_source(&path)?);
            }
        }
        Ok(())
    }

    /// Embedded files, overlaid if a folder is given.
    pub fn open(overlay: Option<&Path>) -> Result<Library, ReadError> {
        overlay.map_or_else(|| Ok(Library::embedded()), Library::with_overlay)
    }

    /// The file at `path` below `data/`.
    pub fn get(&self, path: &str) -> Option<&Source> {
        self.files.get(path)
    }

    /// Path of the file that describes `id`: `trials/tulip-2.toml`, `therapies/anifrolumab/therapy.toml`.
    pub fn path(kind: Kind, id: &str) -> String {
        match kind {
            Kind::Models => format!("models/{id}/model.toml"),
            Kind::Therapies => format!("therapies/{id}/therapy.toml"),
            Kind::Evidence => format!("evidence/trials/{id}.toml"),
            other => format!("{}/{id}.toml", other.folder()),
        }
    }

    /// The file that describes `id`.
    pub fn find(&self, kind: Kind, id: &str) -> Option<&Source> {
        self.get(&Library::path(kind, id))
    }

    /// What a rheumatologist reads about a therapy, Markdown; none if there is no such therapy or it has no `README.md`.
    pub fn card(&self, therapy: &str) -> Option<&str> {
        self.cards
            .get(&format!("therapies/{therapy}/README.md"))
            .map(String::as_str)
    }

    /// All files of a kind as `(path below data/, file)`, sorted by path.
    pub fn list(&self, kind: Kind) -> impl Iterator<Item = (&str, &Source)> {
        self.all().filter(move |(path, _)| Kind::of_path(path) == Some(kind))
    }

    /// All files, sorted by path.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.files.iter().map(|(path, source)| (path.as_str(), source))
    }

    /// Ids of a kind, sorted.
    pub fn ids(&self, kind: Kind) -> Vec<&str> {
        self.list(kind).filter_map(|(path, _)| id_of(path)).collect()
    }

    /// Id of the structural alternative of a model that is laid over, if any.
    pub fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }

    pub(crate) fn name_variant(&mut self, id: &str) {
        self.variant = Some(id.to_owned());
    }

    /// Lays one file over the library.
    pub fn insert(&mut self, path: &str, source: Source) {
        self.files.insert(path.to_string(), source);
    }
}

/// Id of the thing that the file at `path` describes: `therapies/anifrolumab/therapy.toml` gives `anifrolumab`; `None`
/// for files that belong to another (equations, the split of the evidence).
pub fn id_of(path: &str) -> Option<&str> {
    let kind = Kind::of_path(path)?;
    let name = path
        .strip_prefix(kind.folder())?
        .strip_prefix('/')?
        .strip_suffix(".toml")?;
    let id = match kind {
        Kind::Models => name.strip_suffix("/model")?,
        Kind::Therapies => name.strip_suffix("/therapy")?,
        Kind::Evidence => name.strip_prefix("trials/")?,
        _ => name,
    };
    (!id.contains('/')).then_some(id)
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
    let failed = |reason| ReadError {
        path: folder.display().to_string(),
        reason,
    };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
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
        assert_eq!(
            library.find(Kind::Trials, "mine").expect("added").text,
            "id = \"mine\"\n"
        );
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
    fn ids_are_names_of_files_or_folders() {
        assert_eq!(id_of("trials/tulip-2.toml"), Some("tulip-2"));
        assert_eq!(id_of("therapies/anifrolumab/therapy.toml"), Some("anifrolumab"));
        assert_eq!(id_of("therapies/anifrolumab/anifrolumab.ant"), None);
        assert_eq!(id_of("evidence/split.toml"), None);
        assert_eq!(id_of("evidence/trials/muse.toml"), Some("muse"));
    }

    #[test]
    fn every_id_leads_to_its_file() {
        let library = Library::embedded();
        for kind in Kind::ALL {
            for id in library.ids(kind) {
                assert!(library.find(kind, id).is_some(), "{id}");
            }
        }
    }
}
