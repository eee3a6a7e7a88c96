//! Reads data files of every kind and says what is wrong with them.

use std::path::Path;

use malar_evidence::Split;
use malar_model::codes::{DATA_ID, DATA_NOT_FOUND};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::{parse_antimony, read_toml};
use malar_trial::joints::JointProtocol;
use malar_trial::safety::Hazard;
use malar_trial::{Endpoint, Protocol, Therapy};

use crate::calibrate::CalibrationFile;
use crate::catalog::{Kind, Library, ReadError, data_files, id_of, read_source};
use crate::design::boundaries;
use crate::finding::{Finding, InputError};
use crate::pharmacology;
use crate::posterior::Posterior;
use crate::sensitivity::Ranges;
use crate::study::{ModelFile, Request, Used, prepare, product, read_population};
use crate::study_file::StudyFile;
use crate::subgroups;
use crate::variant::{model_of, with_variant};

/// What `check` found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Files read.
    pub files: usize,
    /// Findings in the order of the files.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// True if every file can be used.
    pub fn is_good(&self) -> bool {
        !self.findings.iter().any(Finding::is_error)
    }
}

/// Checks one file, or every `.toml` and `.ant` file below a folder.
///
/// What a file describes is told from the folders it lies in (`trials`, `therapies` ...). A single TOML file outside of
/// them is taken for a trial, a single `.ant` file for a model; within a folder such files are passed over. Trials are
/// checked together with the files they name, the user's before the library's.
pub fn check(path: &Path, library: &Library) -> Result<Checked, ReadError> {
    let mut files = Vec::new();
    if path.is_dir() {
        for (_, file) in data_files(path)? {
            if let Some(name) = library_path(&std::path::absolute(&file).unwrap_or(file.clone())) {
                files.push((name, read_source(&file)?));
            }
        }
    } else {
        let folder = if path.extension().is_some_and(|e| e == "ant") {
            Kind::Models
        } else {
            Kind::Trials
        };
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let alone = || format!("{}/{name}", folder.folder());
        let absolute = std::path::absolute(path).unwrap_or(path.to_path_buf());
        files.push((library_path(&absolute).unwrap_or_else(alone), read_source(path)?));
    }
    let mut library = library.clone();
    for (name, source) in &files {
        library.insert(name, source.clone());
    }
    let mut findings: Vec<Finding> = files
        .iter()
        .flat_map(|(name, source)| check_source(name, source, &library))
        .collect();
    findings.extend(check_evidence(&files));
    findings.dedup();
    Ok(Checked {
        files: files.len(),
        findings,
    })
}

/// Path of a file within a library: from the last of its folders that is named like a kind on, if there is one.
fn library_path(file: &Path) -> Option<String> {
    let parts: Vec<String> = file.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let folders = &parts[..parts.len() - 1];
    let mut start = folders.iter().rposition(|part| Kind::parse(part).is_some())?;
    // `evidence/trials` is the one kind folder within another.
    if start > 0 && parts[start] == Kind::Trials.folder() && parts[start - 1] == Kind::Evidence.folder() {
        start -= 1;
    }
    Some(parts[start..].join("/"))
}

fn check_source(path: &str, source: &Source, library: &Library) -> Vec<Finding> {
    let one = |result: Result<(), Diagnostic>| Finding::all(result.err(), source);
    let mut findings = if path.ends_with(".ant") {
        Finding::all(check_model(source), source)
    } else if model_of(path).is_some() {
        check_variant(path, library)
    } else if path.ends_with("/ranges.toml") {
        one(Ranges::parse(source).map(drop))
    } else if path == pharmacology::FILE {
        pharmacology::check(library, source)
    } else if path == subgroups::FILE {
        subgroups::check(library, source)
    } else if id_of(path).is_none() {
        Vec::new()
    } else {
        match Kind::of_path(path) {
            Some(Kind::Models) => one(read_toml::<ModelFile>(source).map(drop)),
            Some(Kind::Therapies) => check_therapy(source, library),
            Some(Kind::Populations) => check_population(source, library),
            Some(Kind::Safety) => one(Hazard::parse(source).map(drop)),
            Some(Kind::Endpoints) => one(Endpoint::parse(source).map(drop)),
            Some(Kind::Trials) => check_trial(path, source, library),
            Some(Kind::Studies) => check_study(source, library),
            Some(Kind::Calibrations) => one(CalibrationFile::parse(source).map(drop)),
            Some(Kind::Posteriors) => one(Posterior::parse(source).map(drop)),
            // Evidence is checked together, because files name each other.
            _ => Vec::new(),
        }
    };
    findings.extend(id_of(path).and_then(|id| check_id(id, source)));
    findings
}

/// A model's equations and units.
fn check_model(source: &Source) -> Vec<Diagnostic> {
    let model = match parse_antimony(source) {
        Ok(model) => model,
        Err(found) => return found,
    };
    let mut found = model.equations(source).err().unwrap_or_default();
    if found.is_empty() {
        found = model.check_units(source);
        found.extend(model.check_sources(source));
    }
    found
}

/// A structural alternative, and that the model with it still works.
fn check_variant(path: &str, library: &Library) -> Vec<Finding> {
    let id = path.rsplit('/').next().and_then(|name| name.strip_suffix(".toml"));
    match with_variant(library, id.unwrap_or_default()) {
        Err(InputError::Wrong(findings)) => findings,
        _ => Vec::new(),
    }
}

/// A population on top of the one it is based on; what is wrong in that one is said where it stands.
fn check_population(source: &Source, library: &Library) -> Vec<Finding> {
    match read_population(&mut Used::new(library), source) {
        Err(InputError::Wrong(found)) => found,
        _ => Vec::new(),
    }
}

/// A therapy, and that its values fit the model it shares with others.
fn check_therapy(source: &Source, library: &Library) -> Vec<Finding> {
    let therapy = match Therapy::parse(source) {
        Ok(therapy) => therapy,
        Err(found) => return vec![Finding::new(found, source)],
    };
    match product(&mut Used::new(library), therapy, source) {
        Err(InputError::Wrong(findings)) => findings
            .into_iter()
            .filter(|f| f.diagnostic.path == source.path)
            .collect(),
        Err(InputError::Unknown { name, help, .. }) => {
            let message = format!("there is no `{name}`");
            let diagnostic = Diagnostic::error(DATA_NOT_FOUND, source, 0..1, message).help(help);
            vec![Finding::new(diagnostic, source)]
        }
        Err(_) | Ok(_) => Vec::new(),
    }
}

/// A study, and that its trial exists.
fn check_study(source: &Source, library: &Library) -> Vec<Finding> {
    let found = StudyFile::parse(source).and_then(|file| {
        let path = Library::path(Kind::Trials, file.trial.get_ref());
        let missing = || {
            let message = format!("no trial called `{}`", file.trial.get_ref());
            let help = format!("known trials: {}", library.ids(Kind::Trials).join(", "));
            Diagnostic::error(DATA_NOT_FOUND, source, file.trial.span(), message).help(help)
        };
        library.get(&path).map(drop).ok_or_else(missing)?;
        file.design
            .as_ref()
            .map_or(Ok(()), |design| boundaries(design, source).map(drop))
    });
    Finding::all(found.err(), source)
}

/// A trial by itself, then with everything it names.
fn check_trial(path: &str, source: &Source, library: &Library) -> Vec<Finding> {
    let parsed = match JointProtocol::is_joint_cohort(source) {
        true => JointProtocol::parse(source).map(drop),
        false => Protocol::parse(source).map(drop),
    };
    if let Err(found) = parsed {
        return vec![Finding::new(found, source)];
    }
    let study = id_of(path).expect("asked before").to_string();
    let request = Request {
        study,
        replicates: Some(1),
        patients: None,
        seed: Some(0),
    };
    match prepare(library, &request) {
        Err(InputError::Wrong(findings)) => findings,
        Err(other) => {
            let diagnostic = Diagnostic::error(malar_model::codes::DATA_NOT_FOUND, source, 0..1, other.to_string());
            vec![Finding::new(diagnostic, source)]
        }
        Ok(_) => Vec::new(),
    }
}

/// The id in a file is its name.
fn check_id(expected: &str, source: &Source) -> Option<Finding> {
    let table = source.text.parse::<toml::Table>().ok()?;
    let id = table.get("id")?.as_str()?;
    if id == expected {
        return None;
    }
    let quoted = format!("\"{id}\"");
    let start = source.text.find(&quoted)?;
    let message = format!("id `{id}` is not the name of the file");
    let diagnostic = Diagnostic::error(DATA_ID, source, start..start + quoted.len(), message);
    Some(Finding::new(
        diagnostic.help(format!("write `id = \"{expected}\"`, or rename the file")),
        source,
    ))
}

fn check_evidence(files: &[(String, Source)]) -> Vec<Finding> {
    let is_trial = |path: &str| Kind::of_path(path) == Some(Kind::Evidence) && id_of(path).is_some();
    let sources: Vec<Source> = files
        .iter()
        .filter(|(path, _)| is_trial(path))
        .map(|(_, s)| s.clone())
        .collect();
    if sources.is_empty() {
        return Vec::new();
    }
    let split = files
        .iter()
        .find(|(path, _)| path == "evidence/split.toml")
        .map(|(_, source)| source);
    let found = match malar_evidence::Library::new(sources) {
        Err(found) => found,
        Ok(evidence) => {
            let mut found = evidence.warnings().to_vec();
            found.extend(
                split
                    .and_then(|source| Split::new(source, &evidence).err())
                    .unwrap_or_default(),
            );
            found
        }
    };
    let text = |diagnostic: &Diagnostic| {
        files
            .iter()
            .find(|(_, source)| source.path == diagnostic.path)
            .map_or("", |(_, source)| source.text.as_str())
    };
    found
        .into_iter()
        .map(|d| Finding {
            text: text(&d).to_string(),
            diagnostic: d,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_folders_say() {
        let path = |file: &str| library_path(Path::new(file));
        assert_eq!(
            path("/home/me/studies/lupus/trials/x.toml").as_deref(),
            Some("trials/x.toml")
        );
        assert_eq!(
            path("data/evidence/trials/x.toml").as_deref(),
            Some("evidence/trials/x.toml")
        );
        assert_eq!(
            path("therapies/x/therapy.toml").as_deref(),
            Some("therapies/x/therapy.toml")
        );
        assert_eq!(path("here/Cargo.toml"), None);
    }
}
