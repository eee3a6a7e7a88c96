//! The library, and which of its files a run has used.

use std::collections::BTreeSet;

use malar_model::codes::DATA_NOT_FOUND;
use malar_model::diagnostic::{Diagnostic, Source};

use crate::assumptions::assumptions;
use crate::catalog::{Kind, Library};
use crate::finding::{Finding, InputError};
use crate::plan::FileHash;
use crate::summary::Assumption;

/// The library with a note of every file taken from it.
pub(crate) struct Used<'a> {
    pub(super) library: &'a Library,
    paths: BTreeSet<String>,
}

impl<'a> Used<'a> {
    /// Nothing taken yet.
    pub(crate) fn new(library: &'a Library) -> Self {
        Used {
            library,
            paths: BTreeSet::new(),
        }
    }

    pub(crate) fn source(&mut self, path: &str) -> Result<&'a Source, InputError> {
        let found = self.library.get(path).ok_or_else(|| InputError::Unknown {
            kind: "file",
            name: path.into(),
            help: "add it to the folder given with `--library`".into(),
        })?;
        self.paths.insert(path.into());
        Ok(found)
    }

    /// The file of `kind` called `id`, if there is one.
    pub(super) fn find(&mut self, kind: Kind, id: &str) -> Option<&'a Source> {
        let path = Library::path(kind, id);
        let found = self.library.get(&path)?;
        self.paths.insert(path);
        Some(found)
    }

    /// The same, complaining at the first mention of `id` in the trial file.
    pub(crate) fn named(&mut self, kind: Kind, id: &str, mentioned_in: &Source) -> Result<&'a Source, InputError> {
        self.find(kind, id).ok_or_else(|| {
            let quoted = format!("\"{id}\"");
            let start = mentioned_in.text.find(&quoted).unwrap_or(0);
            let span = start
                ..start
                    + if mentioned_in.text.contains(&quoted) {
                        quoted.len()
                    } else {
                        1
                    };
            let message = format!("nothing called `{id}` in `{}`", kind.folder());
            let known = format!("known: {}", self.library.ids(kind).join(", "));
            let diagnostic = Diagnostic::error(DATA_NOT_FOUND, mentioned_in, span, message).help(known);
            InputError::Wrong(vec![Finding::new(diagnostic, mentioned_in)])
        })
    }

    /// Every assumed number in the files taken so far.
    pub(crate) fn assumptions(&self) -> Vec<Assumption> {
        let files = self
            .paths
            .iter()
            .filter_map(|path| Some((path, self.library.get(path)?)));
        files.flat_map(|(path, source)| assumptions(path, source)).collect()
    }

    pub(crate) fn hashes(&self) -> Vec<FileHash> {
        let hash = |path: &String| Some(FileHash::new(path, &self.library.get(path)?.text));
        self.paths.iter().filter_map(hash).collect()
    }
}
