//! One function per verb: arguments to workbench calls to words.

use std::io::Write;
use std::path::Path;

use malar_workbench::assumptions::assumptions;
use malar_workbench::catalog::{Kind, Library, read_source};
use malar_workbench::check::check as check_path;
use malar_workbench::network::convert as convert_model;
use malar_workbench::posterior::Posterior;
use malar_workbench::report::NOTE;
use malar_workbench::run::{RunError, RunReport, Settings, Unfinished, run as run_study};
use malar_workbench::store::to_json;
use malar_workbench::study::{Request, prepare_with};
use malar_workbench::{codes, listing};

use crate::arguments::{
    CheckArguments, ConvertArguments, ExplainArguments, ListArguments, RunArguments, ShowArguments,
};
use crate::progress::Bar;
use crate::tables;
use crate::variants::open;

/// Why a verb ends with another status than 0, and what to say on stderr.
pub(crate) struct Failure {
    pub status: u8,
    pub message: String,
}

pub(crate) type Result = std::result::Result<(), Failure>;

/// The input is wrong.
pub(crate) fn wrong(reason: impl std::fmt::Display) -> Failure {
    let text = reason.to_string();
    // Findings render themselves with `error[...]` in front.
    let message = if text.starts_with("error[") || text.starts_with("warning[") {
        text
    } else {
        format!("error: {text}")
    };
    Failure { status: 2, message }
}

/// The input is fine; something failed on the way.
pub(crate) fn failed(reason: impl std::fmt::Display) -> Failure {
    Failure {
        status: 1,
        message: format!("error: {reason}"),
    }
}

pub(crate) fn run(arguments: &RunArguments) -> Result {
    let library = open(arguments.library.as_deref(), arguments.variant.as_deref())?;
    let request = Request {
        study: arguments.study.clone(),
        replicates: arguments.replicates,
        patients: arguments.patients,
        seed: arguments.seed,
    };
    let posterior = arguments.posterior.as_ref().map(|name| Posterior::open(&library, name));
    let posterior = posterior.transpose().map_err(wrong)?;
    let prepared = prepare_with(&library, &request, posterior.as_ref()).map_err(wrong)?;
    let settings = Settings {
        threads: arguments.threads,
        out: arguments.out.clone(),
        export: arguments.export.map(|format| format.of(arguments.export_replicates)),
    };
    let report = run_study(&prepared, &settings, &Bar::new("trials")).map_err(|reason| match reason {
        RunError::Infeasible(finding) => Failure {
            status: 2,
            message: finding.to_string(),
        },
        other => failed(other),
    })?;
    if arguments.json {
        print(&to_json(&report.summary))
    } else {
        print(&words(&report))
    }
}

/// What `run` prints.
fn words(report: &RunReport) -> String {
    let summary = &report.summary;
    let mut text = format!(
        "{}: {} simulated trials of {} virtual patients, population {}\n\n",
        summary.name, summary.replicates, summary.patients, summary.population
    );
    text += &tables::results(summary);
    let contrasts = tables::contrasts(summary);
    if !contrasts.is_empty() {
        text += &format!("\n{contrasts}");
    }
    text += &tables::multiplicity(summary);
    let curves = tables::survival(summary);
    if !curves.is_empty() {
        text += &format!("\n{curves}");
    }
    text += &tables::estimands(summary);
    let events = tables::events(summary);
    if !events.is_empty() {
        text += &format!("\n{events}");
    }
    if summary.failed_patients > 0 {
        text += &format!(
            "\n{} patients could not be solved; see the report\n",
            summary.failed_patients
        );
    }
    for warning in &summary.warnings {
        text += &format!("\nwarning: {warning}");
    }
    if !summary.warnings.is_empty() {
        text.push('\n');
    }
    let speed = format!(
        "{:.0} patient-years in {:.1} s",
        summary.patient_years, summary.wall_seconds
    );
    text + &format!(
        "\n{speed}\nreport: {}\n{NOTE}\n",
        report.folder.join("report.html").display()
    )
}

pub(crate) fn convert(arguments: &ConvertArguments) -> Result {
    let source = read_source(&arguments.model).map_err(wrong)?;
    let text = convert_model(&source, &arguments.out).map_err(wrong)?;
    write(&arguments.out, text)
}

pub(crate) fn check(arguments: &CheckArguments) -> Result {
    let library = Library::open(arguments.library.as_deref()).map_err(wrong)?;
    let mut is_good = true;
    let mut files = 0;
    for path in &arguments.paths {
        let checked = check_path(path, &library).map_err(wrong)?;
        checked.findings.iter().for_each(|finding| eprintln!("{finding}"));
        is_good &= checked.is_good();
        files += checked.files;
    }
    let files = if files == 1 {
        "1 file".to_string()
    } else {
        format!("{files} files")
    };
    if is_good {
        eprintln!("{files} checked, nothing wrong");
        return Ok(());
    }
    Err(Failure {
        status: 2,
        message: format!("{files} checked; `malar explain CODE` says more about a code"),
    })
}

pub(crate) fn list(arguments: &ListArguments) -> Result {
    let library = Library::open(arguments.library.as_deref()).map_err(wrong)?;
    if arguments.kind == "assumptions" {
        return list_assumptions(&library, arguments.json);
    }
    if arguments.kind == "codes" {
        let rows: Vec<_> = codes::CODES
            .iter()
            .map(|code| vec![code.code.to_string(), code.title.to_string()])
            .collect();
        return print(&tables::aligned(&rows, &[]));
    }
    let Some(kind) = Kind::parse(&arguments.kind) else {
        let known: Vec<&str> = Kind::ALL.into_iter().map(Kind::folder).collect();
        let known = known.join(", ");
        return Err(wrong(format!(
            "nothing called `{}` to list\nhelp: write {known}, assumptions or codes",
            arguments.kind
        )));
    };
    if kind == Kind::Therapies {
        return list_therapies(&library, arguments.json);
    }
    let entries = listing::entries(&library, kind);
    if arguments.json {
        return print(&to_json(&entries));
    }
    let rows: Vec<_> = entries.into_iter().map(|entry| vec![entry.id, entry.name]).collect();
    print(&tables::aligned(&rows, &[]))
}

fn list_therapies(library: &Library, json: bool) -> Result {
    let therapies = listing::therapies(library);
    if json {
        return print(&to_json(&therapies));
    }
    let head = ["id", "name", "target", "class", "route", "support", "evidence"];
    let row = |t: listing::TherapyEntry| {
        let support = format!("{:?}", t.support).to_lowercase();
        vec![
            t.id,
            t.name,
            t.target,
            t.class,
            t.route,
            support,
            t.evidence.len().to_string(),
        ]
    };
    let rows: Vec<_> = std::iter::once(head.map(str::to_string).to_vec())
        .chain(therapies.into_iter().map(row))
        .collect();
    print(&tables::aligned(&rows, &[]))
}

/// Prints the card of a therapy.
pub(crate) fn show(arguments: &ShowArguments) -> Result {
    let library = Library::open(arguments.library.as_deref()).map_err(wrong)?;
    let Some(card) = library.card(&arguments.therapy) else {
        let known = library.ids(Kind::Therapies).join(", ");
        return Err(wrong(format!(
            "nothing called `{}` to show\nhelp: known therapies: {known}",
            arguments.therapy
        )));
    };
    print(card)
}

fn list_assumptions(library: &Library, json: bool) -> Result {
    let found: Vec<_> = library
        .all()
        .flat_map(|(path, source)| assumptions(path, source))
        .collect();
    if json {
        return print(&to_json(&found));
    }
    let row =
        |a: malar_workbench::summary::Assumption| vec![a.file, a.name, format!("{} {}", a.value, a.unit), a.reason];
    let rows: Vec<_> = found.into_iter().map(row).collect();
    print(&tables::aligned(&rows, &[]))
}

pub(crate) fn explain(arguments: &ExplainArguments) -> Result {
    let Some(code) = codes::explain(&arguments.code) else {
        return Err(wrong(format!(
            "no code `{}`\nhelp: `malar list codes` lists them all",
            arguments.code
        )));
    };
    print(&format!("{}: {}\n\n{}\n", code.code, code.title, code.explanation))
}

/// Bad input and a trial that cannot be are the user's to mend.
pub(crate) fn unfinished(reason: Unfinished) -> Failure {
    match reason {
        Unfinished::Input(reason) => wrong(reason),
        Unfinished::Run(RunError::Infeasible(finding)) => wrong(finding),
        Unfinished::Run(other) => failed(other),
    }
}

/// Writes a file.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result {
    std::fs::write(path, content).map_err(|reason| failed(format!("cannot write `{}`: {reason}", path.display())))
}

/// Writes data to stdout. A reader that has seen enough (`| head`) is no failure.
pub(crate) fn print(text: &str) -> Result {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(reason) if reason.kind() != std::io::ErrorKind::BrokenPipe => Err(failed(reason)),
        _ => Ok(()),
    }
}
