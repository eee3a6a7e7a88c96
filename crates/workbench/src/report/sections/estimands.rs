//! Estimands: what the trial asks, the truth, and how well each estimator finds it.

use crate::report::figures;
use crate::report::view::View;
use crate::report::words::{self, escape};
use crate::summary::{EstimandSummary, EstimatorSummary};

use super::{details, table};

/// The section; empty without estimands.
pub(in crate::report) fn html(view: &View<'_>) -> String {
    let estimands = &view.summary.estimands;
    let Some(first) = estimands.first() else {
        return String::new();
    };
    let intro = format!(
        "<p class=\"read\">The truth of each estimand is known here: all patients of {} simulated trials were run in every arm, with \
         the same luck, in a world where an event with a hypothetical strategy does not happen. Bias is the mean estimate less the \
         truth, in standard deviations of the estimate over trials; coverage is the share of 95 % intervals that hold the truth. \
         Whiskers are two Monte-Carlo standard errors. Trials differ in their trial effect, which no interval knows of.</p>",
        first.truth_replicates
    );
    let figure = format!(
        "<figure class=\"wide\">{}</figure>",
        figures::estimands::figure(estimands)
    );
    let tables: String = estimands.iter().map(of_one).collect();
    format!("{intro}{figure}{}", details("The numbers", &tables))
}

fn of_one(estimand: &EstimandSummary) -> String {
    let title = format!(
        "{}: {}, {} against {}",
        escape(&words::capitalised(&words::plain(&estimand.estimand))),
        escape(&estimand.variable),
        escape(&words::plain(&estimand.arm)),
        escape(&words::plain(&estimand.control)),
    );
    let question = if estimand.question.is_empty() {
        String::new()
    } else {
        format!("{} ", escape(&estimand.question))
    };
    let rows: Vec<Vec<String>> = estimand.estimators.iter().map(|e| cells(estimand, e)).collect();
    let headings = [
        "Estimator",
        "#Estimate",
        "#SD over trials",
        "#Mean SE",
        "#Bias (±SE)",
        "#Coverage",
        "#p < 0.05",
        "#Missing",
        "#No result",
    ];
    format!(
        "<h3>{title}</h3><p class=\"read\">{question}Population {}; discontinuation {}; restricted medication {}. Truth: {} {} \
         (SE {}); {} against {}.</p>{}",
        escape(&words::plain(&estimand.population)),
        words::plain(&estimand.discontinuation),
        words::plain(&estimand.restricted_medication),
        words::plain(&estimand.measure),
        shown(estimand, Some(estimand.truth)),
        optional(estimand.truth_se, 3),
        words::number(estimand.truth_treated, 2),
        words::number(estimand.truth_control, 2),
        table("", &headings, &rows),
    )
}

fn cells(estimand: &EstimandSummary, estimator: &EstimatorSummary) -> Vec<String> {
    let percent = |x: Option<f64>| x.map_or("–".into(), |x| format!("{} %", words::number(100.0 * x, 1)));
    vec![
        escape(&words::plain(&estimator.estimator)),
        shown(estimand, estimator.estimate),
        optional(estimator.sd, 2),
        optional(estimator.standard_error, 2),
        estimator.bias.map_or("–".into(), |bias| {
            format!("{} (±{})", words::signed(bias, 2), optional(estimator.bias_se, 2))
        }),
        percent(estimator.coverage),
        percent(estimator.significant),
        format!(
            "{} of {}",
            words::number(estimator.missing, 1),
            words::number(estimator.patients, 1)
        ),
        if estimator.failed == 0 {
            "0".into()
        } else {
            format!("{}: {}", estimator.failed, escape(&estimator.problem))
        },
    ]
}

/// An estimate; ratios back from the logarithm.
fn shown(estimand: &EstimandSummary, value: Option<f64>) -> String {
    match value {
        None => "–".into(),
        Some(value) if estimand.is_ratio => words::number(value.exp(), 3),
        Some(value) => words::signed(value, 2),
    }
}

fn optional(value: Option<f64>, decimals: usize) -> String {
    value.map_or("–".into(), |value| words::number(value, decimals))
}
