//! `malar simulate`: one model over time, once or for many.

use std::path::Path;

use malar_workbench::catalog::read_source;
use malar_workbench::simulate::{
    DoseTable, Repeated, Series, Settled, SimulateError, patients, plot, scan, simulate as simulate_once, simulate_many,
};
use malar_workbench::store::write_series;

use crate::arguments::SimulateArguments;
use crate::progress::Bar;
use crate::verbs::{Failure, Result, failed, print, wrong};

pub(crate) fn simulate(arguments: &SimulateArguments) -> Result {
    for path in arguments.out.iter().chain(&arguments.plot) {
        check_folder(path)?;
    }
    let source = read_source(&arguments.model).map_err(wrong)?;
    let settings = settings(arguments);
    let repeated: Option<Repeated> = match (&arguments.scan, &arguments.patients) {
        (Some(s), _) => Some(scan(&s.name, s.from, s.to, s.n)),
        (None, Some(path)) => Some(patients(&read_source(path).map_err(wrong)?).map_err(wrong)?),
        (None, None) => None,
    };
    let doses = match &arguments.doses {
        Some(path) => Some(DoseTable::read(&read_source(path).map_err(wrong)?).map_err(wrong)?),
        None => None,
    };
    let outcome = if repeated.is_some() || doses.is_some() {
        let bar = Bar::new("patients");
        simulate_many(
            &source,
            &settings,
            repeated.as_ref(),
            doses.as_ref(),
            arguments.threads,
            &bar,
        )
    } else {
        simulate_once(&source, &settings)
    };
    match outcome {
        Ok(series) => {
            series
                .warnings
                .iter()
                .for_each(|warning| eprintln!("warning: {warning}"));
            write(&series, arguments)?;
            if series.unsolved.is_empty() {
                return Ok(());
            }
            Err(Failure {
                status: 1,
                message: format!("error: {}", series.failures()),
            })
        }
        Err(SimulateError::Unsolved {
            day,
            state,
            reason,
            before,
        }) => {
            // What was computed is good up to where it ended.
            write(&before, arguments)?;
            Err(failed(SimulateError::Unsolved {
                day,
                state,
                reason,
                before,
            }))
        }
        Err(reason) => Err(wrong(reason)),
    }
}

fn settings(arguments: &SimulateArguments) -> Settled {
    let names = |list: &[String]| {
        list.iter()
            .map(|n| n.trim().to_owned())
            .filter(|n| !n.is_empty())
            .collect()
    };
    Settled {
        start: arguments.start,
        duration: arguments.duration,
        steps: arguments.steps,
        relative: arguments.relative,
        absolute: arguments.absolute,
        variables: names(&arguments.variables),
        amount: names(&arguments.amount),
        concentration: names(&arguments.concentration),
        set: arguments.set.clone(),
    }
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending))
}

/// Long work should not end at a folder that is not there.
fn check_folder(path: &Path) -> Result {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder.filter(|folder| !folder.is_dir()) {
        None => Ok(()),
        Some(folder) => Err(wrong(format!(
            "there is no folder `{}` to write `{}` to\nhelp: make it first",
            folder.display(),
            path.display()
        ))),
    }
}

/// The table and the drawing, to where they were asked for.
fn write(series: &Series, arguments: &SimulateArguments) -> Result {
    let title = arguments
        .model
        .file_stem()
        .map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
    if let Some(path) = &arguments.plot {
        write_text(path, &plot(series, &title))?;
    }
    match &arguments.out {
        None => print(&series.to_csv()),
        Some(path) if has_ending(path, "svg") => write_text(path, &plot(series, &title)),
        Some(path) if has_ending(path, "parquet") => {
            write_series(path, series).map_err(|reason| unwritten(path, &reason))
        }
        Some(path) => write_text(path, &series.to_csv()),
    }
}

fn write_text(path: &Path, text: &str) -> Result {
    std::fs::write(path, text).map_err(|reason| unwritten(path, &reason))
}

fn unwritten(path: &Path, reason: &dyn std::fmt::Display) -> Failure {
    failed(format!("cannot write `{}`: {reason}", path.display()))
}
