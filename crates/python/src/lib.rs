//! `import malar`: Python calls to workbench calls.

use std::path::PathBuf;

use malar_workbench::catalog::Library;
use malar_workbench::run::{Progress, RunError, Settings, run as run_study};
use malar_workbench::store::to_json;
use malar_workbench::study::{Request, prepare};
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

/// Notices Ctrl-C while the interpreter is let go.
struct Signals;

impl Progress for Signals {
    fn update(&self, _done: u32, _total: u32) {}

    fn cancelled(&self) -> bool {
        Python::attach(|py| py.check_signals().is_err())
    }
}

/// Simulate a trial and compare it with what was published.
///
/// Virtual patients. For research and trial design only: not a medical device, not medical advice.
///
/// Parameters
/// ----------
/// study : str
///     Id of a trial in the library, such as ``"tulip-2"``, or path of a trial file.
/// replicates : int
///     Simulated trials.
/// seed : int
///     The same seed gives the same tables.
/// patients : int, optional
///     Patients per trial, split over arms as in the protocol; the protocol's number if left out.
/// threads : int
///     Threads; 0 takes one per core. Results do not depend on it.
/// out : path, optional
///     Run folder; ``runs/<study>-<hash>`` if left out.
/// library : path, optional
///     Folder with data files to lay over the library.
///
/// Returns
/// -------
/// dict
///     The content of ``summary.json`` (percent, weeks, mg/day), with ``folder``, the run folder as text.
///
/// Raises
/// ------
/// ValueError
///     The study or a file is wrong; the message shows the place.
/// RuntimeError
///     Nobody is eligible, or the folder cannot be written.
/// KeyboardInterrupt
///     Ctrl-C; nothing is written.
#[pyfunction]
#[pyo3(signature = (study, replicates=None, seed=None, *, patients=None, threads=0, out=None, library=None))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of one Python function")]
fn run<'py>(
    py: Python<'py>,
    study: String,
    replicates: Option<u32>,
    seed: Option<u64>,
    patients: Option<u32>,
    threads: usize,
    out: Option<PathBuf>,
    library: Option<PathBuf>,
) -> PyResult<Bound<'py, PyAny>> {
    let request = Request {
        study,
        replicates,
        patients,
        seed,
    };
    let report = py.detach(|| {
        let library = Library::open(library.as_deref()).map_err(|e| PyValueError::new_err(e.to_string()))?;
        let prepared = prepare(&library, &request).map_err(|e| PyValueError::new_err(e.to_string()))?;
        run_study(
            &prepared,
            &Settings {
                threads,
                out,
                ..Settings::default()
            },
            &Signals,
        )
        .map_err(|e| match e {
            RunError::Cancelled => PyKeyboardInterrupt::new_err(()),
            other => PyRuntimeError::new_err(other.to_string()),
        })
    })?;
    let summary = py.import("json")?.call_method1("loads", (to_json(&report.summary),))?;
    summary.set_item("folder", report.folder.display().to_string())?;
    Ok(summary)
}

/// Rehearse a lupus trial before anyone runs it.
#[pymodule]
fn malar(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(run, module)?)
}
