//! The report as a page, Markdown.

use std::fmt::Write as _;

use crate::report::{WEAK, WEAK_WORDS};

use super::{Changed, Compared, Contrast, Interval, Report, Row, Side};

const TOP: &str = "# Whom a therapy helps more

Contrasts of an arm in two analysis populations of its trials, simulated beside published, and simulated again with one thing changed in the virtual patients. What is
compared stands in `data/evidence/subgroups.toml`; this page is written by `malar subgroups --out validation/subgroups.md --plot validation/subgroups.svg` (drawn:
[subgroups.svg](subgroups.svg)). Simulated: mean over trials of the published size (middle 90 % of trials). Published differences have 95 % limits, printed or
computed from the two arms' counts (Newcombe's method 10); their own difference takes both as independent. Patients are not told apart by what they are called: whom a
therapy helps follows from the levels of their mediators.
";

/// The page.
pub fn page(report: &Report) -> String {
    let whose = report
        .posterior
        .as_ref()
        .map_or("the library's own numbers".to_owned(), |id| {
            format!("members of the posterior `{id}`")
        });
    let mut text = format!(
        "{TOP}\n{} simulated trials per protocol from {whose}, seed {}. {WEAK} {WEAK_WORDS}.\n",
        report.replicates, report.seed
    );
    for compared in &report.comparisons {
        text += &section(compared);
    }
    text
}

fn section(compared: &Compared) -> String {
    let [arm, control] = &compared.arms;
    let status = if compared.fitted {
        "on the `fit` list: agreement shows that one mechanism can hold all of it, and is no prediction"
    } else {
        "not fitted"
    };
    let mut text = format!(
        "\n## {}\n\n{} `{arm}` against `{control}` in {}; published: `{}` ({status}).\n\n",
        compared.title(),
        compared.question,
        compared.trials.join(" and "),
        compared.published,
    );
    text += "| endpoint | population | control: simulated / published | treated: simulated / published | difference, simulated | difference, published | published inside |\n\
             |---|---|---|---|---|---|---|\n";
    for row in &compared.rows {
        let [first, second] = &compared.subgroups;
        text += &side_line(row, first, &row.sides[0]);
        text += &side_line(row, second, &row.sides[1]);
        let (own, published) = (&row.interaction, &row.published_interaction);
        let _ = writeln!(text, "| | difference of the two | | | {} |", ends(row, own, published));
    }
    if !compared.scenarios.is_empty() {
        text += &scenarios(compared);
    }
    text
}

fn side_line(row: &Row, population: &str, side: &Side) -> String {
    let pair = |k: usize| {
        let printed = side.published_rates[k].map_or("–".to_owned(), |value| number(row, value));
        format!("{} / {printed}", number(row, side.rates[k]))
    };
    format!(
        "| {}, week {}, {} | {population} | {} | {} | {} |\n",
        row.endpoint,
        row.week,
        row.unit,
        pair(0),
        pair(1),
        ends(row, &side.difference, &side.published)
    )
}

/// Simulated, published, and whether one holds the other.
fn ends(row: &Row, own: &Interval, published: &Contrast) -> String {
    let inside = if own.holds(published.value) { "yes" } else { "**no**" };
    let limits = published.limits.map_or(String::new(), |(low, high)| {
        format!(" ({} to {})", number(row, low), number(row, high))
    });
    format!(
        "{} | {}{limits} | {inside}",
        interval(row, own),
        number(row, published.value)
    )
}

fn scenarios(compared: &Compared) -> String {
    let [first, second] = &compared.subgroups;
    let mut text = format!("\nDifference in `{first}` / in `{second}`:\n\n| virtual patients |");
    for row in &compared.rows {
        let _ = write!(text, " {} |", row.endpoint);
    }
    text += "\n|---|";
    text += &"---|".repeat(compared.rows.len());
    let as_is = compared
        .rows
        .iter()
        .map(|row| row.sides.each_ref().map(|side| side.difference));
    text += &scenario_line(compared, "as they are", as_is);
    for scenario in &compared.scenarios {
        text += &scenario_line(compared, &scenario.name, scenario.differences.iter().copied());
    }
    text += "\n\n";
    let reason = |scenario: &Changed| format!("- {}: {}\n", scenario.name, scenario.assumed);
    text + &compared.scenarios.iter().map(reason).collect::<String>()
}

fn scenario_line(compared: &Compared, name: &str, differences: impl Iterator<Item = [Interval; 2]>) -> String {
    let cells = compared
        .rows
        .iter()
        .zip(differences)
        .map(|(row, [first, second])| format!(" {} / {} |", number(row, first.mean), number(row, second.mean)));
    format!("\n| {name} |{}", cells.collect::<String>())
}

fn interval(row: &Row, own: &Interval) -> String {
    let [mean, low, high] = [own.mean, own.low90, own.high90].map(|value| number(row, value));
    format!("{mean} ({low} to {high})")
}

/// Percentages with one decimal, rates with two.
fn number(row: &Row, value: f64) -> String {
    let digits = if row.unit == "percent" { 1 } else { 2 };
    let value = if value.abs() < 0.5 * 0.1_f64.powi(digits) {
        0.0
    } else {
        value
    };
    format!("{value:.*}", digits as usize)
}
