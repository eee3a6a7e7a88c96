//! A name typed by the user in; the study or trial file it means, out.

use std::path::Path;

use malar_model::diagnostic::Source;

use crate::catalog::{Kind, Library, read_source};
use crate::finding::{Finding, InputError};
use crate::study_file::StudyFile;

/// A study and the text it was read from.
pub(super) struct Study {
    pub(super) file: StudyFile,
    pub(super) source: Source,
}

/// The study file that `name` means, if it is one, and the library with what lies beside it.
pub(super) fn find_study(library: &Library, name: &str) -> Result<(Library, Option<Study>), InputError> {
    let read = |source: &Source| -> Result<Study, InputError> {
        let file = StudyFile::parse(source).map_err(|found| vec![Finding::new(found, source)])?;
        Ok(Study {
            file,
            source: source.clone(),
        })
    };
    if let Some(source) = library.get(&Library::path(Kind::Studies, name)) {
        return Ok((library.clone(), Some(read(source)?)));
    }
    let file = Path::new(name);
    if !file.is_file() || !StudyFile::is_study(&read_source(file)?) {
        return Ok((library.clone(), None));
    }
    let mut library = library.clone();
    library.lay_over(root_of(file))?;
    Ok((library, Some(read(&read_source(file)?)?)))
}

/// The library to use and the path in it of the trial: from the library, or from a file of the user's.
pub(crate) fn find_trial(library: &Library, study: &str) -> Result<(Library, String), InputError> {
    let path = Library::path(Kind::Trials, study);
    if library.get(&path).is_some() {
        return Ok((library.clone(), path));
    }
    let file = Path::new(study);
    if !study.ends_with(".toml") && !file.is_file() {
        let known = library.ids(Kind::Trials).join(", ");
        let help = format!("known trials: {known}; or write the path of a trial file");
        return Err(InputError::Unknown {
            kind: "trial",
            name: study.into(),
            help,
        });
    }
    let source = read_source(file)?;
    let mut library = library.clone();
    library.lay_over(root_of(file))?;
    let name = file.file_name().map_or(study.into(), |name| name.to_string_lossy());
    let path = format!("trials/{name}");
    library.insert(&path, source);
    Ok((library, path))
}

/// The folder whose `populations/`, `therapies/` ... belong to a trial file: its own, or the one above `trials/`.
fn root_of(file: &Path) -> &Path {
    let own = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let above = own.parent().filter(|folder| !folder.as_os_str().is_empty());
    let is_kind = |name: &std::ffi::OsStr| [Kind::Trials, Kind::Studies].iter().any(|kind| name == kind.folder());
    if own.file_name().is_some_and(is_kind) {
        above.unwrap_or(Path::new("."))
    } else {
        own
    }
}
