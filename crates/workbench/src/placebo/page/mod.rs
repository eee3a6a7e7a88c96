//! The report as a page, Markdown.

mod why;

use std::fmt::Write as _;

use super::{ENDPOINTS, Rate, Report};
use crate::report::NOTE;
use why::{between, identified, keeping, switched};

/// The page; `drawing` is the file name of the figure beside it.
pub fn page(report: &Report, drawing: Option<&str>) -> String {
    let mut text = top(report, drawing);
    text += &courses(report);
    text += &keeping(report);
    text += &switched(report);
    text += &between(report);
    text += &identified(report);
    text + &format!("\n{NOTE}\n")
}

/// What readers call an endpoint.
pub(super) fn name(endpoint: &str) -> String {
    endpoint.to_uppercase()
}

fn top(report: &Report, drawing: Option<&str>) -> String {
    let numbers = match &report.posterior {
        Some(id) => format!("numbers of the posterior `{id}`, two trials in a row from each member"),
        None => "the library's own numbers, since no posterior was made from them".to_owned(),
    };
    let drawn = drawing.map_or(String::new(), |file| format!(" Drawn: [{file}]({file})."));
    format!(
        "# Placebo arms of `{}`\n\nWritten by `malar placebo {} --replicates {} --seed {} --out FILE --plot FILE` of version {}: {}. {} placebo arms, {} simulated \
         trials of each, {} virtual patients enrolled in all.{drawn}\n\nAll arms come from one population. The only thing that differs between simulated trials beside the \
         protocol and chance is the size of one trial effect, drawn for each trial from one distribution; no trial and no arm has a number of its own. Where entry asks for \
         serology and no BILAG grades, candidates are of serologic referral, whose trial effect is smaller by one share, the same for all of them (`[candidates]` of the protocol).\n",
        report.population,
        report.population,
        report.replicates,
        report.seed,
        report.version,
        numbers,
        report.courses.len(),
        report.replicates,
        report.patients,
    )
}

fn courses(report: &Report) -> String {
    let mut text = String::from(
        "\n## Response over time\n\nPercent of all patients on placebo; published values are verified ones. Middle 80 %: of simulated trials of the protocol's size. *Fitted*: the \
         population or its posterior was fitted to results of this trial; *shares*: to a pooled analysis with some of its patients.\n\n\
         | trial | endpoint | week | published (n) | simulated | middle 80 % | inside | |\n|---|---|--:|--:|--:|--:|---|---|\n",
    );
    for course in &report.courses {
        for rate in course.rates.iter().filter(|rate| rate.published.is_some()) {
            let published = rate.published.as_ref().expect("kept above");
            let n = published.n.map_or(String::new(), |n| format!(" ({n})"));
            let status = match (course.fitted, course.shares_patients_with.is_empty()) {
                (true, _) => "fitted",
                (false, true) => "predicted",
                (false, false) => "predicted, shares",
            };
            let inside = if rate.is_inside() == Some(true) {
                "yes"
            } else {
                "**no**"
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {:.1}{n} | {:.1} | {:.1} to {:.1} | {inside} | {status} |",
                course.trial,
                name(&rate.endpoint),
                rate.week,
                published.value,
                rate.simulated,
                rate.middle80.0,
                rate.middle80.1,
            );
        }
    }
    text += &totals(report);
    text + &over_time(report)
}

/// Error and coverage, fitted and predicted.
fn totals(report: &Report) -> String {
    let mut text = String::from("\n");
    for (fitted, word) in [(true, "fitted"), (false, "predicted")] {
        for endpoint in ENDPOINTS {
            let own = report.courses.iter().filter(|course| course.fitted == fitted);
            let rates: Vec<&Rate> = own
                .flat_map(|c| c.of(endpoint))
                .filter(|r| r.published.is_some())
                .collect();
            let errors: Vec<f64> = rates.iter().filter_map(|rate| rate.error()).collect();
            if errors.is_empty() {
                continue;
            }
            let n = errors.len() as f64;
            let inside = rates.iter().filter(|rate| rate.is_inside() == Some(true)).count();
            let _ = writeln!(
                text,
                "- {}, {word}: {} published rates, mean absolute error {:.1} points, mean error {:+.1}; {inside} inside the middle 80 %",
                name(endpoint),
                rates.len(),
                errors.iter().map(|e| e.abs()).sum::<f64>() / n,
                errors.iter().sum::<f64>() / n,
            );
        }
    }
    text
}

/// Every visit of the reference arm.
fn over_time(report: &Report) -> String {
    let Some(course) = report.courses.iter().find(|course| course.trial == report.reference) else {
        return String::new();
    };
    let mut text = format!(
        "\nPlacebo arm of {} at every visit (simulated, middle 80 %; published in brackets):\n\n| week |",
        course.name
    );
    text += &ENDPOINTS.map(|endpoint| format!(" {} |", name(endpoint))).concat();
    text += "\n|--:|--:|--:|\n";
    for rate in course.of(ENDPOINTS[0]) {
        let cell = |endpoint: &str| {
            course.rate(endpoint, rate.week).map_or("–".to_owned(), |own| {
                let published = own.published.as_ref();
                let published = published.map_or(String::new(), |p| format!(" [{:.1}]", p.value));
                format!(
                    "{:.1} ({:.1} to {:.1}){published}",
                    own.simulated, own.middle80.0, own.middle80.1
                )
            })
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            rate.week,
            cell(ENDPOINTS[0]),
            cell(ENDPOINTS[1])
        );
    }
    text
}
