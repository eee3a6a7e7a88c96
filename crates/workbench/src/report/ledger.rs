//! The ledger as a page: bars, calibration plot, scores by therapy, every row.

use super::figures::calibration;
use super::page::{Page, Section};
use super::sections::{details, table};
use super::words::{self, escape};
use super::{NOTE, WEAK, WEAK_WORDS, words::number};
use crate::score::{Bar, Ledger, Row, RowKind, RowStatus};

/// The page.
pub fn html(ledger: &Ledger, bars: &[Bar]) -> String {
    let section = |anchor, heading, body| Section { anchor, heading, body };
    let sections = [
        section("bars", "What was asked and reached", asked(bars)),
        section("calibration", "Predicted against published", calibration_plot(ledger)),
        section("therapies", "By therapy", therapies(ledger)),
        section("rows", "Every number", rows(ledger)),
        section("method", "How it was scored", method(ledger)),
    ];
    let page = Page {
        title: "Malar — prediction ledger".into(),
        top: top(ledger),
        sections: &sections,
        foot: format!(
            "{NOTE} Made by Malar {}; seed {}.",
            escape(&ledger.version),
            ledger.seed
        ),
    };
    page.html()
}

fn top(ledger: &Ledger) -> String {
    let predicted = &ledger.overall.predicted;
    let error = predicted.mae_points.map_or("nothing to score".to_owned(), |error| {
        format!("{error:.1} points off on average over {} responder rates", predicted.n)
    });
    format!(
        "<p class=\"kicker\">Malar · prediction ledger</p><h1>Predicted against published</h1>\
         <p class=\"standfirst\">{} trials, {} simulated trials each. On trials that were never fitted: {error}.</p>",
        ledger.trials.len(),
        ledger.replicates,
    )
}

fn asked(bars: &[Bar]) -> String {
    let row = |bar: &Bar| {
        let verdict = match bar.holds {
            Some(true) => "reached",
            Some(false) => "<strong>missed</strong>",
            None => "nothing to judge",
        };
        vec![escape(&bar.asked), escape(&bar.reached), verdict.into()]
    };
    let rows: Vec<_> = bars.iter().map(row).collect();
    table(
        "On trials of the check list, or outside the library",
        &["asked", "reached", ""],
        &rows,
    )
}

fn calibration_plot(ledger: &Ledger) -> String {
    let shown: Vec<&Row> = ledger.rows.iter().filter(|row| row.is_response()).collect();
    if shown.is_empty() {
        return String::new();
    }
    let read = "A mark per published responder rate: across, what was predicted; up, what was published. On the line they agree. \
                Horizontal bars: the middle 80 % of the prediction. Filled: the trial could have been fitted; hollow: predicted. Squares:";
    format!(
        "<figure class=\"wide long\">{}</figure>\n<p class=\"read\">{read} {WEAK_WORDS}.</p>\n",
        calibration::figure(&shown)
    )
}

fn therapies(ledger: &Ledger) -> String {
    let all = ledger.by_therapy.iter().map(|(id, split)| (id.as_str(), split));
    let mut rows = Vec::new();
    for (id, split) in all.chain([("all", &ledger.overall)]) {
        for (status, totals) in split.lines() {
            let weak = ledger.rows.iter().any(|row| row.weak && row.therapy == id);
            let name = [escape(&words::plain(id)) + mark(weak), status.to_owned()];
            rows.push(name.into_iter().chain(totals.cells()).collect());
        }
    }
    let headings = [
        "therapy",
        "",
        "#rates",
        "#error",
        "#baseline's error",
        "#inside 50 %",
        "#inside 80 %",
        "#inside 90 %",
        "#CRPS",
        "#signs right",
    ];
    table(
        &format!("Errors and CRPS in percentage points, coverage in percent of the rates; {WEAK} {WEAK_WORDS}"),
        &headings,
        &rows,
    )
}

fn rows(ledger: &Ledger) -> String {
    let of_trial = |trial: &String| {
        let rows: Vec<_> = ledger.rows.iter().filter(|row| row.trial == *trial).map(line).collect();
        let headings = [
            "arm",
            "endpoint",
            "#week",
            "#predicted",
            "#middle 80 %",
            "#published",
            "#baseline",
            "#left out",
            "#spread by numbers",
            "#by chance",
            "#between trials",
            "",
        ];
        if rows.is_empty() {
            return String::new();
        }
        let title = format!("{trial}: {} numbers", rows.len());
        details(&title, &table("", &headings, &rows))
    };
    ledger.trials.iter().map(of_trial).collect()
}

fn line(row: &Row) -> Vec<String> {
    let decimals = words::decimals(&row.unit);
    let value = |value: f64| {
        if row.kind == RowKind::Difference {
            words::signed(value, decimals)
        } else {
            number(value, decimals)
        }
    };
    let arm = match &row.control {
        Some(control) => format!("{} − {}", words::plain(&row.arm), words::plain(control)),
        None => words::plain(&row.arm),
    };
    let population = words::population(&row.population);
    let within = if population.is_empty() {
        String::new()
    } else {
        format!(" <small>{}</small>", escape(&population))
    };
    let (low, high) = row.interval80;
    let inside = if (low..=high).contains(&row.published) {
        "inside"
    } else {
        "outside"
    };
    vec![
        format!("{}{}{within}", escape(&arm), mark(row.weak)),
        escape(&words::endpoint(&row.endpoint)),
        words::week(row.week),
        value(row.predicted),
        format!("{} to {}", value(low), value(high)),
        value(row.published),
        row.baseline.map_or("–".into(), value),
        row.left_out.map_or("–".into(), value),
        number(row.parts.members_sd, decimals),
        number(row.parts.replicates_sd, decimals),
        number(row.parts.between_trials_sd, decimals),
        format!("{inside}, {}", status(row)),
    ]
}

fn mark(weak: bool) -> &'static str {
    if weak { WEAK } else { "" }
}

/// Fitted, predicted, or predicted with a caveat.
fn status(row: &Row) -> &'static str {
    match (row.status, row.shares_patients_with.is_empty()) {
        (RowStatus::Fitted, _) => "fitted",
        (RowStatus::Predicted, true) => "predicted",
        (RowStatus::Predicted, false) => "predicted, shares patients with a fitted trial",
    }
}

fn method(ledger: &Ledger) -> String {
    let left_out = &ledger.overall.fitted;
    let errors = left_out.left_out_mae_points.zip(left_out.mae_points_beside_left_out);
    let refits = errors.map_or("none".to_owned(), |(refit, own)| {
        let n = left_out.n_left_out;
        format!(
            "{refit:.1} points off over {n} fitted rates that their refit had not seen; {own:.1} with everything fitted"
        )
    });
    let numbers = match &ledger.posterior {
        Some(id) => format!("members of the posterior `{id}`, two simulated trials each"),
        None => "the library's own, without doubt".to_owned(),
    };
    let facts = [
        ("numbers of population and therapies", numbers),
        ("refits without a therapy", refits),
        (
            "prediction",
            "the distribution over simulated trials of the published size, each moved by its own between-trial deviation, the same for all \
             arms and endpoints of that trial"
                .to_owned(),
        ),
        (
            "between trials",
            format!(
                "standard deviation {:.2} on the log-odds scale: what is left in the fitted trials beyond sampling, their differences and \
                 the model's errors alike",
                ledger.between_trials_sd_log_odds
            ),
        ),
        (
            "baseline",
            "mean of other fitted trials' control arms for the same endpoint within a quarter of a year; treated arms add the mean log odds \
             ratio of the same target, else class, else of all"
                .to_owned(),
        ),
        (
            "scored",
            "verified percentages of all patients or named subgroups whose arm, endpoint and week the protocol simulates; rates per \
             patient-year are shown and not averaged"
                .to_owned(),
        ),
        (
            "not scored",
            format!("{} verified percentages of these arms that no simulated endpoint answers", ledger.not_simulated),
        ),
        ("patients the solver gave up on", ledger.failed_patients.to_string()),
        ("overlap", ledger.caveat().unwrap_or_else(|| "no predicted trial shares patients with a fitted one".into())),
    ];
    let facts: String = facts
        .iter()
        .map(|(name, words)| format!("<dt>{name}</dt><dd>{}</dd>", escape(words)))
        .collect();
    format!("<dl class=\"facts\">{facts}</dl>\n")
}
