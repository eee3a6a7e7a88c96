//! `report.html`: one self-contained page that works offline, drawn from the summary alone.
//!
//! Sections write HTML, figures write inline SVG; colours, light and dark, screen and paper are in `style.css`.

mod figures;
mod ledger;
mod page;
pub(crate) mod plot;
mod sections;
mod sensitivity;
mod view;
mod words;

use crate::plan::Manifest;
use crate::summary::Summary;
pub use ledger::html as ledger_html;
use page::{Page, Section};
pub use sensitivity::{cells as sensitivity_cells, html as sensitivity_html, svg as sensitivity_svg};
use view::View;
use words::escape;

/// Said at the top of every page, and by the command line after a run.
pub const NOTE: &str =
    "Virtual patients. For research and trial design only: not a medical device, not medical advice.";

/// Marks a weakly supported therapy wherever a figure shows it.
pub(crate) const WEAK: &str = "†";
/// What the mark means.
pub(crate) const WEAK_WORDS: &str = "weakly supported therapy: most of its numbers are assumed";

/// The page.
pub fn html(summary: &Summary, manifest: &Manifest) -> String {
    let view = View::new(summary);
    let section = |anchor, heading, body| Section { anchor, heading, body };
    let sections = [
        section("result", "Simulated against published", sections::headline::html(&view)),
        section("response", "Response over time", sections::results::response(&view)),
        section(
            "differences",
            "Differences between arms",
            sections::results::differences(&view),
        ),
        section(
            "hypotheses",
            "Hypotheses under one error",
            sections::multiplicity::html(&view),
        ),
        section(
            "estimands",
            "Estimands and estimators",
            sections::estimands::html(&view),
        ),
        section("baskets", "Baskets", sections::baskets::html(&view)),
        section("cells", "Cells in blood", sections::kinetics::html(&view)),
        section("reasons", "Why patients failed", sections::patients::reasons(&view)),
        section("long-term", "Long term", sections::survival::html(&view)),
        section("safety", "Adverse events", sections::safety::html(&view)),
        section("trial", "The trial's own share", sections::trial_effect::html(&view)),
        section("flow", "Patient flow", sections::patients::flow(&view)),
        section("baseline", "Patients at baseline", sections::patients::baseline(&view)),
        section(
            "course",
            "Activity, serology and drug",
            sections::results::course(&view),
        ),
        section("assumptions", "What was assumed", sections::record::assumptions(&view)),
        section(
            "failures",
            "Patients the solver gave up on",
            sections::record::failures(&view),
        ),
        section(
            "reproduce",
            "Repeat this run",
            sections::record::reproduce(&view, manifest),
        ),
    ];
    let page = Page {
        title: format!("{} — simulated trial", summary.name),
        top: top(summary),
        sections: &sections,
        foot: foot(summary),
    };
    page.html()
}

fn top(summary: &Summary) -> String {
    let trials = if summary.replicates == 1 {
        "One simulated trial"
    } else {
        "simulated trials"
    };
    let trials = if summary.replicates == 1 {
        trials.to_string()
    } else {
        format!("{} {trials}", summary.replicates)
    };
    let question = if summary.question.is_empty() {
        String::new()
    } else {
        format!(
            "<p class=\"standfirst\"><strong>{}</strong></p>",
            escape(&summary.question)
        )
    };
    let warnings: String = summary
        .warnings
        .iter()
        .map(|warning| format!("<p class=\"warning\"><strong>Note.</strong> {}.</p>", escape(warning)))
        .collect();
    let weak = if summary.weak_arms.is_empty() {
        String::new()
    } else {
        format!("<p class=\"warning\"><strong>{}</strong> {}.</p>", WEAK, WEAK_WORDS)
    };
    format!(
        "<p class=\"kicker\">Malar · simulated trial</p><h1>{}</h1>{question}\
         <p class=\"standfirst\">{trials} of {} virtual patients each, drawn from the population <em>{}</em>.</p>{warnings}{weak}",
        escape(&summary.name),
        words::count(f64::from(summary.patients)),
        escape(&summary.population),
    )
}

fn foot(summary: &Summary) -> String {
    format!(
        "{NOTE} Made by Malar {}; plan {}.",
        escape(&summary.version),
        escape(&summary.hash)
    )
}
