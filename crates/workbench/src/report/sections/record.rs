//! What stands behind the numbers: assumptions, failures, and how to repeat the run.

use crate::plan::Manifest;
use crate::report::view::View;
use crate::report::words::{self, escape};
use crate::summary::Assumption;

use super::{details, table};

/// Every number without a source.
pub(in crate::report) fn assumptions(view: &View<'_>) -> String {
    let assumptions = &view.summary.assumptions;
    if assumptions.is_empty() {
        return "<p>Every number in the files of this run has a literature source.</p>\n".into();
    }
    let row = |a: &Assumption| {
        let value = format!("{} <small>{}</small>", escape(&a.value), escape(&a.unit));
        vec![
            format!("<code>{}</code>", escape(&a.name)),
            value,
            escape(&a.reason),
            format!("<small>{}</small>", escape(&a.file)),
        ]
    };
    let rows: Vec<_> = assumptions.iter().map(row).collect();
    let many = assumptions.len();
    let text = if many == 1 {
        "One number".to_string()
    } else {
        format!("{many} numbers")
    };
    format!(
        "<p>{text} in the files of this run {} no literature source. Each was assumed for a stated reason.</p>\n{}",
        if many == 1 { "has" } else { "have" },
        details("List them", &table("", &["Name", "Value", "Why", "File"], &rows))
    )
}

/// Patients without a result.
pub(in crate::report) fn failures(view: &View<'_>) -> String {
    let summary = view.summary;
    let all = words::count(f64::from(summary.patients) * f64::from(summary.replicates));
    if summary.failed_patients == 0 {
        return format!("<p>None: all {all} virtual patients were carried to the end of their trial.</p>\n");
    }
    let row = |f: &crate::summary::FailedPatient| {
        vec![
            f.replicate.to_string(),
            f.patient.to_string(),
            escape(&view.arm(&f.arm).name),
            escape(&f.reason),
        ]
    };
    let rows: Vec<_> = summary.failures.iter().map(row).collect();
    let shown = format!("The first {}", rows.len());
    format!(
        "<p>{} of {all}. They stay in the tables with the time and reason.</p>\n{}",
        words::count(f64::from(summary.failed_patients)),
        details(&shown, &table("", &["#Replicate", "#Patient", "Arm", "Reason"], &rows))
    )
}

/// Command, plan and files.
pub(in crate::report) fn reproduce(view: &View<'_>, manifest: &Manifest) -> String {
    let summary = view.summary;
    let row = |file: &crate::plan::FileHash| {
        vec![
            format!("<code>{}</code>", escape(&file.path)),
            format!("<code>{}</code>", escape(&file.blake3[..16])),
        ]
    };
    let rows: Vec<_> = manifest.files.iter().map(row).collect();
    let fact = |name: &str, value: &str| format!("<dt>{name}</dt><dd>{value}</dd>");
    let facts: String = [
        fact("Plan", &format!("<code>{}</code>", escape(&summary.hash))),
        fact("Engine", &format!("Malar {}", escape(&summary.version))),
        fact("Seed", &summary.seed.to_string()),
        fact(
            "Size",
            &format!("{} trials of {} patients", summary.replicates, summary.patients),
        ),
        fact(
            "Simulated",
            &format!("{} patient-years", words::count(summary.patient_years)),
        ),
        fact("Time", &format!("{} s", words::number(summary.wall_seconds, 1))),
    ]
    .concat();
    format!(
        "<p>The same command with the same engine and files gives the same tables, byte for byte, on any number of \
         threads.</p>\n<pre>{}</pre>\n<dl class=\"facts\">{facts}</dl>\n{}",
        escape(&summary.command),
        details(
            "Files used, with the start of their BLAKE3 hash",
            &table("", &["File", "BLAKE3"], &rows)
        )
    )
}
