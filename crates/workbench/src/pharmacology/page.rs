//! The report as a page of the documentation, Markdown.

use std::fmt::Write as _;

use super::file::Row;
use super::{Count, GOAL, Report, RowResult};
use crate::listing::TherapyEntry;
use crate::report::{WEAK, WEAK_WORDS};

const TOP: &str = "# Therapies against their published pharmacology

What each therapy does to drug levels, B cells, antibodies, CAR cells and the interferon signature, before any question of benefit. Cards of all
therapies: `malar show ID`; the list: `malar list therapies`.

This page is written by `malar pharmacology --out docs/therapies.md --plot docs/therapies.svg` (drawn: [therapies.svg](therapies.svg)); courses, readouts and published values stand in
`data/evidence/pharmacology.toml`. Virtual patients differ in the therapy's own random effects and in body weight; their disease is the default of the
model, so ranges are narrower than in a trial. Nothing of the `check` list of the evidence is used. Where no interval is published, ±25 % of the published
value is accepted. Rows are results of arms, not of single described patients, with a number or a yes or no for each patient; a printed largest or smallest value is
a bound on one side. The rule on described patients was made after two of them had been compared, and both were off: patient P1 of `cart-kyv101-kysa1-ln`, whose B cells
were back on day 56 (simulated: 110), and OS-2025 of `cart-wang-w-2024-ccar`, without B cells on day 3 (simulated: 1.75). *Set* marks rows to which a number of the model was set: they show that the setting works, not that the model predicts.
";

/// The page. `therapies` gives names to ids.
pub fn page(report: &Report, therapies: &[TherapyEntry]) -> String {
    let mut text = String::from(TOP);
    text += &counts(report);
    text += &table(report);
    text += &list(
        "Rows outside, and why",
        report.rows.iter().filter(|row| !row.within).map(|row| {
            let why = if row.outside.is_empty() {
                "not understood"
            } else {
                &row.outside
            };
            format!("**{}, {}**: {why}", row.therapy, row.readout)
        }),
    );
    let settings = report.rows.iter().filter(|row| !row.sets.is_empty());
    text += &list(
        "What rows were used to set",
        settings.map(|row| format!("{}, {}: {}", row.therapy, row.readout, row.sets)),
    );
    let name = |id: &String| {
        let known = therapies.iter().find(|therapy| therapy.id == *id);
        known.map_or(id.clone(), |therapy| format!("{} (`{id}`)", therapy.name))
    };
    text += "\n## Therapies without a row\n\nNo published pharmacology in the evidence that the equations give: ";
    let silent: Vec<String> = report.silent.iter().map(name).collect();
    let _ = writeln!(text, "{}.", silent.join(", "));
    text += &list(
        "Published, and not read",
        (report.unread.iter()).map(|(id, endpoints, why)| format!("`{id}` ({}): {why}", endpoints.join(", "))),
    );
    text
}

fn counts(report: &Report) -> String {
    let say = |count: Count| format!("{} of {}", count.within, count.of);
    let fit = report.count(|row| row.evidence.is_some());
    let predicted = report.count(|row| row.sets.is_empty());
    format!(
        "\n{} rows within ({} of the rows of the `fit` list, at least {:.0} % asked; {} of the rows that set nothing); {} virtual patients per \
         regimen, seed {}. {WEAK} {WEAK_WORDS}.\n\n",
        say(report.count(|_| true)),
        say(fit),
        100.0 * GOAL,
        say(predicted),
        report.patients,
        report.seed
    )
}

fn table(report: &Report) -> String {
    let mut text = String::from(
        "| therapy | regimen | readout | simulated median (90 % range) | published | accepted | within | set | source |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for row in &report.rows {
        let _ = writeln!(
            text,
            "| {} | {} | {}, {} | {} | {} | {} to {} ({}) | {} | {} | {} |",
            row.marked(),
            row.regimen,
            row.readout,
            row.unit,
            simulated(row),
            number(row.published),
            number(row.accepted_low),
            number(row.accepted_high),
            row.accepted_as,
            if row.within { "yes" } else { "**no**" },
            if row.sets.is_empty() { "" } else { "set" },
            row.source,
        );
    }
    text
}

fn simulated(row: &RowResult) -> String {
    let range = row.low90.zip(row.high90);
    let range = range.map_or(String::new(), |(low, high)| {
        format!(" ({} to {})", number(low), number(high))
    });
    let unsolved = match row.unsolved {
        0 => String::new(),
        n => format!("; {n} not solved"),
    };
    format!("{}{range}{unsolved}", number(row.simulated))
}

fn list(heading: &str, items: impl Iterator<Item = String>) -> String {
    let mut items = items.peekable();
    if items.peek().is_none() {
        return String::new();
    }
    items.fold(format!("\n## {heading}\n\n"), |text, item| text + "- " + &item + "\n")
}

/// Where a row's published value comes from.
pub(super) fn source(row: &Row) -> String {
    let from = match &row.evidence {
        Some(cited) => cited.get_ref().id.clone(),
        None => row.source.clone(),
    };
    match row.derived.is_empty() {
        true => from,
        false => format!("{from}: {}", row.derived),
    }
}

/// Three significant digits; what never comes is said.
pub(super) fn number(x: f64) -> String {
    if !x.is_finite() {
        return "never".to_owned();
    }
    if x.abs() < 1e-4 {
        return if x == 0.0 { "0".to_owned() } else { format!("{x:.1e}") };
    }
    let decimals = (2.0 - x.abs().log10().floor()).clamp(0.0, 6.0) as usize;
    let text = format!("{x:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let shown = [0.0, 0.156, 16.66, 229.0, -82.43, 1.5, 2e-6, f64::INFINITY].map(number);
        assert_eq!(shown, ["0", "0.156", "16.7", "229", "-82.4", "1.5", "2.0e-6", "never"]);
    }
}
