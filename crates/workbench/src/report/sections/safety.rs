//! Adverse events of each arm.

use crate::report::figures::safety as figure;
use crate::report::view::View;
use crate::report::words::{self, escape};
use crate::summary::EventSummary;

use super::{details, table};

/// Figure and tables; empty if safety was not looked at.
pub(in crate::report) fn html(view: &View<'_>) -> String {
    let all = &view.summary.safety;
    if all.is_empty() {
        return String::new();
    }
    let shown = figure::shown(all);
    let years: Vec<String> = view
        .arms()
        .iter()
        .filter_map(|arm| all.iter().find(|row| row.arm == arm.id))
        .map(|row| {
            format!(
                "{} {}",
                escape(&words::plain(&row.arm)),
                words::number(row.patient_years, 0)
            )
        })
        .collect();
    format!(
        "<p class=\"read\">Events are drawn from hazards of the patient's simulated state, beside the disease: they change no number \
         above. Rates that no lupus trial has published are assumed, and named so below. Patient-years in one simulated trial: {}.</p>\n\
         <figure class=\"wide\">{}</figure>\n{}{}",
        years.join(", "),
        figure::figure(view, &shown),
        rates(view, &shown),
        details("Worst grade of each patient", &grades(view, &shown)),
    )
}

/// Percent of patients and events per 100 patient-years, one row for each event and arm.
fn rates(view: &View<'_>, terms: &[&str]) -> String {
    let cells = |row: &EventSummary| {
        vec![
            escape(&row.term),
            escape(&words::capitalised(&view.arm(&row.arm).name)),
            format!("{} %", words::number(row.percent, 1)),
            format!("{} to {}", words::number(row.low90, 1), words::number(row.high90, 1)),
            words::number(row.per_100_years, 1),
            format!(
                "{} to {}",
                words::number(row.rate_low90, 1),
                words::number(row.rate_high90, 1)
            ),
            format!("{} %", words::number(row.serious_percent, 1)),
            row.published
                .map_or("–".to_string(), |value| format!("{} %", words::number(value, 1))),
        ]
    };
    let rows: Vec<_> = in_order(view, terms).into_iter().map(cells).collect();
    let headings = [
        "Event",
        "Arm",
        "#Patients",
        "#90 % of trials",
        "#Per 100 years",
        "#90 % of trials",
        "#Serious",
        "#Published",
    ];
    table("", &headings, &rows)
}

fn grades(view: &View<'_>, terms: &[&str]) -> String {
    let cells = |row: &EventSummary| {
        let mut cells = vec![escape(&row.term), escape(&words::capitalised(&view.arm(&row.arm).name))];
        let percents = row.grade_percent.iter();
        cells.extend(percents.map(|percent| format!("{} %", words::number(*percent, 1))));
        cells
    };
    let rows: Vec<_> = in_order(view, terms).into_iter().map(cells).collect();
    table(
        "",
        &["Event", "Arm", "#Grade 1", "#Grade 2", "#Grade 3", "#Grade 4", "#Death"],
        &rows,
    )
}

/// Rows of the events shown, arms in protocol order.
fn in_order<'a>(view: &View<'a>, terms: &[&str]) -> Vec<&'a EventSummary> {
    let all = &view.summary.safety;
    let of = |event: &str| -> Vec<&'a EventSummary> {
        let arms = view.arms().iter();
        arms.filter_map(|arm| all.iter().find(|row| row.event == event && row.arm == arm.id))
            .collect()
    };
    terms.iter().flat_map(|event| of(event)).collect()
}
