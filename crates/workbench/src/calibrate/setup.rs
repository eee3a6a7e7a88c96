//! A calibration about to run: its files, trials, targets and errors, checked.

use malar_stats::ensemble::Observations;
use malar_stats::matrix::Matrix;

use super::file::CalibrationFile;
use super::iterate::Plan;
use super::luck::n_sets;
use super::targets::observations;
use super::trials::Trials;
use super::{CalibrateError, Request};
use crate::catalog::{Kind, Library};
use crate::finding::{Finding, InputError};
use crate::plan::FileHash;

/// A calibration about to run.
pub(crate) struct Setup {
    pub file: CalibrationFile,
    pub trials: Trials,
    pub observations: Observations,
    pub names: Vec<String>,
    /// For each number and target, whether one can reach the other.
    pub reaches: Vec<Vec<bool>>,
    /// Every file used, and a hash of all that decides the result.
    pub files: Vec<FileHash>,
    pub hash: String,
}

impl Setup {
    pub fn new(library: &Library, request: &Request) -> Result<Setup, CalibrateError> {
        check_sizes(request)?;
        let path = Library::path(Kind::Calibrations, &request.calibration);
        let source = library.get(&path).ok_or_else(|| InputError::Unknown {
            kind: "calibration",
            name: request.calibration.clone(),
            help: format!("known: {}", library.ids(Kind::Calibrations).join(", ")),
        })?;
        let file =
            CalibrationFile::parse(source).map_err(|found| InputError::from(vec![Finding::new(found, source)]))?;
        let trials = Trials::open(library, &file, request)?;
        let observations = observations(&trials.targets, &file.discrepancy).ok_or(CalibrateError::NotFinite)?;
        let mut files = vec![FileHash::new(&path, &source.text)];
        files.extend(trials.files.iter().cloned());
        let names = file.names();
        let therapies: Vec<String> = library.ids(Kind::Therapies).into_iter().map(str::to_owned).collect();
        let reached = |name: &String| {
            trials
                .targets
                .iter()
                .map(|t| t.is_reached_by(name, &therapies))
                .collect()
        };
        Ok(Setup {
            reaches: names.iter().map(reached).collect(),
            hash: setup_hash(&files, &trials, request),
            file,
            trials,
            observations,
            names,
            files,
        })
    }

    pub fn plan<'a>(&'a self, request: &Request, reaches: &'a dyn Fn(usize, usize) -> bool) -> Plan<'a> {
        Plan {
            observations: &self.observations,
            n_parameters: self.names.len(),
            members: request.members,
            iterations: request.iterations,
            seed: request.seed,
            sets: n_sets(request.members),
            reaches,
        }
    }

    pub fn values(&self, z: &Matrix) -> Vec<Vec<f64>> {
        z.rows().map(|row| self.file.values(row)).collect()
    }
}

/// Everything that decides the result: engine, files, sizes, seed, targets.
fn setup_hash(files: &[FileHash], trials: &Trials, request: &Request) -> String {
    let mut text = format!(
        "{} {} {} {} {} {:?}\n",
        env!("CARGO_PKG_VERSION"),
        request.members,
        request.iterations,
        request.patients,
        request.seed,
        request.without
    );
    for file in files {
        text += &format!("{} {}\n", file.path, file.blake3);
    }
    for target in &trials.targets {
        text += &format!("{} {:?} {:?}\n", target.words(), target.observed, target.variance);
    }
    FileHash::new("setup", &text).blake3
}

fn check_sizes(request: &Request) -> Result<(), InputError> {
    let too_few = |what, value: usize, help| {
        let value = value.to_string();
        Err(InputError::Value { what, value, help })
    };
    if request.members < 10 {
        return too_few(
            "the number of members",
            request.members,
            "write 10 or more; 100 for a result",
        );
    }
    if request.iterations == 0 {
        return too_few("the number of iterations", request.iterations, "write 1 or more");
    }
    if request.patients < 10 {
        return too_few("the number of patients", request.patients as usize, "write 10 or more");
    }
    Ok(())
}
