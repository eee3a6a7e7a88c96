//! Cells in blood and the B cells beneath them.

use super::table;
use crate::report::figures::kinetics::{LAST_DAY, figure};
use crate::report::figures::trajectory::short;
use crate::report::view::View;
use crate::report::words::{self, escape};
use crate::summary::KineticsSummary;

/// Days in the table.
const DAYS: [f64; 6] = [7.0, 14.0, 28.0, 60.0, 88.0, 179.0];

/// A panel for each quantity and a table; empty if no arm gives cells or engagers.
pub(in crate::report) fn html(view: &View<'_>) -> String {
    let all = &view.summary.kinetics;
    let mut quantities: Vec<(&str, &str)> = Vec::new();
    for of in all {
        let quantity = (of.quantity.as_str(), of.unit.as_str());
        if !quantities.contains(&quantity) {
            quantities.push(quantity);
        }
    }
    if quantities.is_empty() {
        return String::new();
    }
    // Cells first, B cells below them.
    quantities.sort_by_key(|(quantity, _)| *quantity == "B cells");
    let panel = |(quantity, unit): &(&str, &str)| {
        let arms: Vec<&KineticsSummary> = all.iter().filter(|of| of.quantity == *quantity).collect();
        let title = escape(&format!("{}, {unit}", words::capitalised(quantity)));
        format!(
            "<h3>{title}</h3><figure class=\"wide\">{}</figure>\n",
            figure(view, &arms)
        )
    };
    let panels: String = quantities.iter().map(panel).collect();
    format!(
        "<p class=\"read\">Lines: the median patient after the first dose of cells or engager; bands: the middle 90 % of patients, all simulated \
         trials together. Logarithmic axes of five powers of ten, at most {LAST_DAY:.0} days; what lies below stands on the axis.</p>\n{panels}{}",
        numbers(view, all)
    )
}

/// Highest and lowest point of the median, and chosen days.
fn numbers(view: &View<'_>, all: &[KineticsSummary]) -> String {
    let headings: Vec<String> = DAYS.iter().map(|day| format!("#Day {day:.0}")).collect();
    let mut heads = vec!["Quantity", "Arm", "#Highest", "#on day", "#Lowest", "#on day"];
    heads.extend(headings.iter().map(String::as_str));
    let row = |of: &KineticsSummary| {
        let best = |better: fn(f64, f64) -> bool| {
            let pairs = of.days.iter().zip(&of.median);
            pairs.fold((0.0, f64::NAN), |found, (&day, &value)| {
                if found.1.is_nan() || better(value, found.1) {
                    (day, value)
                } else {
                    found
                }
            })
        };
        let (highest, lowest) = (best(|a, b| a > b), best(|a, b| a < b));
        let mut cells = vec![
            escape(&format!("{}, {}", words::capitalised(&of.quantity), of.unit)),
            escape(&words::capitalised(&view.arm(&of.arm).name)),
        ];
        for (day, value) in [highest, lowest] {
            cells.extend([
                digits(value),
                words::number(day, if day.fract() == 0.0 { 0 } else { 2 }),
            ]);
        }
        cells.extend(DAYS.iter().map(|day| {
            let at = of.days.iter().position(|known| known >= day);
            at.map_or(String::from("–"), |at| digits(of.median[at]))
        }));
        cells
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    table("", &heads, &rows)
}

/// Three digits; what is too small for them is said to be small.
fn digits(value: f64) -> String {
    match value {
        v if v == 0.0 || v >= 0.01 => short(v),
        v if v > 0.0 => "&lt; 0.01".to_owned(),
        v => short(v),
    }
}
