//! Patients without an event yet, over the years.

use crate::report::figures::survival as figure;
use crate::report::view::View;
use crate::report::words::{self, escape};
use crate::summary::SurvivalSummary;

use super::table;

/// Weeks of a year.
const YEAR: f64 = 365.25 / 7.0;

/// A curve and a table row for each event; empty if the protocol asks for none.
pub(in crate::report) fn html(view: &View<'_>) -> String {
    let all = &view.summary.survival;
    let mut curves: Vec<&str> = Vec::new();
    for row in all {
        if !curves.contains(&row.curve.as_str()) {
            curves.push(&row.curve);
        }
    }
    if curves.is_empty() {
        return String::new();
    }
    let figures: String = curves
        .iter()
        .map(|curve| {
            let rows: Vec<&SurvivalSummary> = all.iter().filter(|row| row.curve == **curve).collect();
            let title = escape(&words::capitalised(&words::plain(curve)));
            format!(
                "<h3>{title}</h3><figure class=\"wide\">{}</figure>\n",
                figure::figure(view, &rows)
            )
        })
        .collect();
    format!(
        "<p class=\"read\">Share of each arm without the event yet (Kaplan-Meier; who leaves counts up to then). Lines: mean of \
         simulated trials; bands: middle 90 %.</p>\n{figures}{}",
        numbers(view, all)
    )
}

/// The curves at the end of each year.
fn numbers(view: &View<'_>, all: &[SurvivalSummary]) -> String {
    let end = all
        .iter()
        .flat_map(|row| row.weeks.last())
        .fold(0.0, |a: f64, b| a.max(*b));
    let years: Vec<f64> = (1..=10)
        .map(f64::from)
        .filter(|year| year * YEAR <= end + 1.0)
        .collect();
    let headings: Vec<String> = years.iter().map(|year| format!("#Year {year}")).collect();
    let mut heads = vec!["Without", "Arm"];
    heads.extend(headings.iter().map(String::as_str));
    let cells = |row: &SurvivalSummary| {
        let mut cells = vec![
            escape(&words::capitalised(&words::plain(&row.curve))),
            escape(&words::capitalised(&view.arm(&row.arm).name)),
        ];
        cells.extend(years.iter().map(|year| {
            let at = row.weeks.partition_point(|week| *week <= year * YEAR + 1.0);
            let percent = at.checked_sub(1).map_or(f64::NAN, |at| row.percent[at]);
            format!("{} %", words::number(percent, 0))
        }));
        cells
    };
    let rows: Vec<_> = all.iter().map(cells).collect();
    table("", &heads, &rows)
}
