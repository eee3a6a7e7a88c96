//! The answer, in plain words, with its figure.

use crate::report::figures;
use crate::report::view::{View, published_limits};
use crate::report::words::{self, escape};
use crate::summary::{ContrastSummary, EndpointSummary, Status};

use super::{details, table};

/// Simulated against published for the endpoint that decides the trial.
pub(in crate::report) fn html(view: &View<'_>) -> String {
    let Some((endpoint, week)) = view.primary() else {
        return String::new();
    };
    let name = format!("{} at week {}", words::endpoint(endpoint), words::week(week));
    let rates: Vec<&EndpointSummary> = view
        .arms()
        .iter()
        .filter_map(|arm| view.rate(endpoint, week, &arm.id))
        .collect();
    let contrasts: Vec<&ContrastSummary> = view
        .final_contrasts()
        .into_iter()
        .filter(|c| c.endpoint == endpoint && c.week.to_bits() == week.to_bits() && c.population == "all")
        .collect();
    let sentences: String = contrasts
        .iter()
        .map(|contrast| sentence(view, &name, contrast, &rates))
        .collect();
    let alone = if contrasts.is_empty() {
        single_arms(view, &name, &rates)
    } else {
        String::new()
    };
    let figure =
        figures::headline::figure(view).map_or(String::new(), |svg| format!("<figure class=\"wide\">{svg}</figure>\n"));
    let read = "Round marks and wide bars: mean and middle 90 % of simulated trials. Diamonds and thin lines: published \
                value and its 95 % interval; hollow where the population was not fitted to this trial, filled where it was.";
    let numbers = details("The numbers behind the figure", &numbers(view, &rates));
    format!(
        "{sentences}{alone}{}{figure}<p class=\"read\">{read}</p>\n{numbers}",
        status(view)
    )
}

/// What the simulation says about one comparison, and what was found.
fn sentence(view: &View<'_>, name: &str, contrast: &ContrastSummary, rates: &[&EndpointSummary]) -> String {
    let rate = |arm: &str| rates.iter().find(|rate| rate.arm == arm);
    let Some((arm, control)) = rate(&contrast.arm).zip(rate(&contrast.control)) else {
        return String::new();
    };
    let (drug, other) = (view.arm(&contrast.arm), view.arm(&contrast.control));
    let simulated = format!(
        "<p class=\"lede\">{name}: in the simulation <b class=\"ink {}\">{} on {}</b> against \
         <b class=\"ink {}\">{} on {}</b>, a difference of {}.{}</p>\n",
        drug.class,
        value(arm.mean, &arm.unit, 0),
        escape(&drug.name),
        other.class,
        value(control.mean, &control.unit, 0),
        escape(&other.name),
        points(contrast.difference, &contrast.unit, 0),
        found(contrast, arm, control),
    );
    simulated + &comparison(view, contrast)
}

fn found(contrast: &ContrastSummary, arm: &EndpointSummary, control: &EndpointSummary) -> String {
    match (arm.published, control.published, contrast.published) {
        (Some(drug), Some(other), Some(difference)) => format!(
            " The published trial found {} against {}, a difference of {}.",
            value(drug, &arm.unit, 1),
            value(other, &control.unit, 1),
            points(difference, &contrast.unit, 1)
        ),
        _ => " No published result stands beside it.".into(),
    }
}

/// How sure the simulation was, and whether it was right.
fn comparison(view: &View<'_>, contrast: &ContrastSummary) -> String {
    let range = format!(
        "The middle 90 % of {} simulated trials had differences between {} and {}; {} of them were significant in \
         favour of {} (two-sided p &lt; 0.05).",
        words::count(f64::from(view.summary.replicates)),
        words::number(contrast.low90, 0),
        points(contrast.high90, &contrast.unit, 0),
        percent(100.0 * contrast.power),
        escape(&view.arm(&contrast.arm).name),
    );
    let verdict = contrast.published.map_or(String::new(), |published| {
        let inside = (contrast.low90..=contrast.high90).contains(&published);
        format!(
            " The published difference lies <strong>{}</strong> that range.",
            if inside { "inside" } else { "outside" }
        )
    });
    format!("<p>{range}{verdict}</p>\n")
}

fn single_arms(view: &View<'_>, name: &str, rates: &[&EndpointSummary]) -> String {
    let arm = |rate: &&EndpointSummary| {
        let arm = view.arm(&rate.arm);
        let published = rate
            .published
            .map_or(String::new(), |p| format!(" (published {})", value(p, &rate.unit, 1)));
        let class = &arm.class;
        format!(
            "<b class=\"ink {class}\">{} on {}</b>{published}",
            value(rate.mean, &rate.unit, 0),
            escape(&arm.name)
        )
    };
    let arms: Vec<String> = rates.iter().map(arm).collect();
    format!("<p class=\"lede\">{name}: in the simulation {}.</p>\n", arms.join(", "))
}

/// Fitted or predicted, and to what.
fn status(view: &View<'_>) -> String {
    let summary = view.summary;
    let trials = if summary.calibrated_on.is_empty() {
        "no trial".to_string()
    } else {
        summary.calibrated_on.join(", ")
    };
    let trials = escape(&trials);
    let shared = escape(&summary.calibrated_on_shared_patients.join(", "));
    let (badge, text) = match view.status() {
        Status::Fitted => (
            "Fitted",
            format!("The population was tuned to {trials}. This trial is one of them, so agreement is no evidence."),
        ),
        Status::Predicted if shared.is_empty() => (
            "Predicted",
            format!("The population was tuned to {trials}, and never to this trial."),
        ),
        Status::Predicted => (
            "Predicted, not independent",
            format!(
                "The population was tuned to {trials}, not to this trial; but some of this trial's patients are, or may \
                 be, in <strong>{shared}</strong>."
            ),
        ),
        Status::None => (
            "Nothing published",
            format!("The library holds no result of this trial. The population was tuned to {trials}."),
        ),
    };
    format!("<p><span class=\"badge\">{badge}</span> {text}</p>\n")
}

fn numbers(view: &View<'_>, rates: &[&EndpointSummary]) -> String {
    let row = |rate: &&EndpointSummary| {
        let number = |value| words::number(value, words::decimals(&rate.unit));
        let limits = published_limits(rate).map_or(String::new(), |(low, high)| {
            format!(" <small>({} to {})</small>", number(low), number(high))
        });
        vec![
            escape(&words::capitalised(&view.arm(&rate.arm).name)),
            format!(
                "{} <small>({} to {})</small>",
                number(rate.mean),
                number(rate.low90),
                number(rate.high90)
            ),
            rate.published
                .map_or("–".into(), |value| format!("{}{limits}", number(value))),
            rate.published_n.map_or("–".into(), words::count),
            rate.published_source.as_deref().map_or("–".into(), escape),
        ]
    };
    let unit = rates.first().map_or("", |rate| rate.unit.as_str());
    let rows: Vec<_> = rates.iter().map(row).collect();
    let caption = format!(
        "{}; simulated with the middle 90 % of trials, published with 95 % interval",
        words::capitalised(unit)
    );
    table(&caption, &["Arm", "#Simulated", "#Published", "#n", "Source"], &rows)
}

fn value(value: f64, unit: &str, decimals: usize) -> String {
    if unit == "percent" {
        format!("{} %", words::number(value, decimals))
    } else {
        format!("{} {unit}", words::number(value, 2))
    }
}

fn points(value: f64, unit: &str, decimals: usize) -> String {
    if unit == "percentage points" {
        format!("{} points", words::number(value, decimals))
    } else {
        format!("{} {unit}", words::number(value, 2))
    }
}

fn percent(value: f64) -> String {
    format!("{} %", words::number(value, 0))
}
