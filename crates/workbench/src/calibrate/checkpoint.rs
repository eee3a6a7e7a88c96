//! What a calibration has done so far, in a file that reads back to the same bits.

use std::fmt::Write as _;
use std::path::Path;

use malar_stats::matrix::Matrix;
use serde::Deserialize;

use super::CalibrateError;
use crate::posterior::numbers;

/// One iteration: parameters (standard normal scale) and predictions of every member, and the step taken from there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Iteration {
    /// Share of the information used in this step; zero for the last, which only looks.
    pub step: f64,
    pub parameters: Matrix,
    pub predictions: Matrix,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    setup: String,
    #[serde(default)]
    iteration: Vec<IterationFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IterationFile {
    step: f64,
    parameters: Vec<Vec<f64>>,
    predictions: Vec<Vec<f64>>,
}

/// The iterations in the file at `path`, none if there is no file.
///
/// Fails if the file cannot be read or belongs to another calibration: other files, sizes or seed.
pub(crate) fn load(path: &Path, setup: &str) -> Result<Vec<Iteration>, CalibrateError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let other = || CalibrateError::OtherCheckpoint(path.display().to_string());
    let text = std::fs::read_to_string(path).map_err(|reason| CalibrateError::file(path, &reason))?;
    let file: File = toml::from_str(&text).map_err(|_| other())?;
    if file.setup != setup {
        return Err(other());
    }
    let iteration = |file: IterationFile| Iteration {
        step: file.step,
        parameters: Matrix::from_rows(&file.parameters),
        predictions: Matrix::from_rows(&file.predictions),
    };
    Ok(file.iteration.into_iter().map(iteration).collect())
}

/// Writes all iterations beside `path` and renames: whoever is killed leaves the old file or the new one.
pub(crate) fn save(path: &Path, setup: &str, iterations: &[Iteration]) -> Result<(), CalibrateError> {
    let mut text = format!("setup = \"{setup}\"\n");
    for iteration in iterations {
        let rows = |matrix: &Matrix| {
            matrix
                .rows()
                .map(|row| format!("  {},\n", numbers(row)))
                .collect::<String>()
        };
        write!(
            text,
            "\n[[iteration]]\nstep = {:?}\nparameters = [\n{}]\npredictions = [\n{}]\n",
            iteration.step,
            rows(&iteration.parameters),
            rows(&iteration.predictions)
        )
        .expect("text takes text");
    }
    write_atomically(path, &text)
}

/// Writes a file by rename.
pub(crate) fn write_atomically(path: &Path, text: &str) -> Result<(), CalibrateError> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = Path::new(&unfinished);
    std::fs::write(unfinished, text).map_err(|reason| CalibrateError::file(unfinished, &reason))?;
    std::fs::rename(unfinished, path).map_err(|reason| CalibrateError::file(path, &reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_reads_back_to_the_same_bits_and_knows_its_calibration() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.checkpoint");
        let iterations = vec![Iteration {
            step: 0.1 + 0.2,
            parameters: Matrix::from_rows(&[[1.0 / 3.0, -1e-17], [2.5, 7.0]]),
            predictions: Matrix::from_rows(&[[0.7], [1e300]]),
        }];
        assert!(load(&path, "a").expect("no file is no error").is_empty());
        save(&path, "a", &iterations).expect("written");
        assert_eq!(load(&path, "a").expect("read"), iterations);
        assert!(matches!(load(&path, "b"), Err(CalibrateError::OtherCheckpoint(_))));
    }
}
