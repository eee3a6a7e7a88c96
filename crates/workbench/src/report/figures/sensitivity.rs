//! What moves a result: tornado bars, Morris's plane, or marks with intervals. A drawing of its own, fit for a page and for a file.

use crate::report::plot::{Anchor, Scale, Svg, spread, tick_decimals, ticks};
use crate::report::words;
use crate::sensitivity::{Factor, LUCK, Measure, Row, Sensitivity, TargetResult};

const STYLE: &str = include_str!("sensitivity.css");
const WIDTH: f64 = 760.0;
const LEFT: f64 = 236.0;
const RIGHT: f64 = 612.0;
const HEAD: f64 = 74.0;
const ROW: f64 = 25.0;
/// Most factors drawn; the table has them all.
const MOST: usize = 15;
/// Most names in the plane.
const NAMED: usize = 12;

/// The drawing of one result.
pub(in crate::report) fn figure(all: &Sensitivity, target: &TargetResult) -> String {
    match target.rows.first().map(|row| row.measure) {
        Some(Measure::Morris { .. }) => plane(all, target),
        _ => list(all, target),
    }
}

/// A sheet with the result's name and its value as things stand.
fn sheet(all: &Sensitivity, target: &TargetResult, height: f64, second: &str) -> Svg {
    let title = format!("What moves {} in {}", words::result(&target.target), all.name);
    let description = "The same numbers stand in the table of the page.";
    let mut svg = Svg::standalone(WIDTH, height, STYLE, &title, description);
    svg.text("title", (16.0, 26.0), Anchor::Start, &title);
    let value = words::number(target.base, words::decimals(&target.unit));
    let text = format!("{value} {} {}; {second}", target.unit, all.stand());
    svg.text("quiet", (16.0, 46.0), Anchor::Start, &text);
    svg
}

/// Values from the smallest to the largest that a row shows.
fn extent(row: &Row) -> [f64; 2] {
    match row.measure {
        Measure::Tornado { at_low, at_high, .. } => [at_low.min(at_high).min(0.0), at_low.max(at_high).max(0.0)],
        Measure::Sobol {
            first_low, total_high, ..
        } => [first_low.min(0.0), total_high.max(1.0)],
        Measure::Prcc { .. } => [-1.0, 1.0],
        Measure::Morris { mean_absolute, .. } => [0.0, mean_absolute],
    }
}

fn list(all: &Sensitivity, target: &TargetResult) -> String {
    let rows = &target.rows[..target.rows.len().min(MOST)];
    let bottom = HEAD + ROW * rows.len() as f64;
    let (legend, axis) = match rows.first().map(|row| row.measure) {
        Some(Measure::Sobol { .. }) => (
            "filled: alone, ring: with all others, 90 % intervals",
            "share of the variance",
        ),
        Some(Measure::Prcc { .. }) => ("90 % intervals", "partial rank correlation"),
        _ => ("orange: lower end of the range, blue: upper end", "change"),
    };
    let mut svg = sheet(all, target, bottom + 46.0, legend);
    let ends = rows.iter().map(extent);
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), e| (low.min(e[0]), high.max(e[1])));
    let marks = ticks(low, high, 5);
    let x = Scale {
        domain: (marks[0], *marks.last().expect("ticks cover at least one step")),
        range: (LEFT, RIGHT),
    };
    let decimals = tick_decimals(&marks);
    for &mark in &marks {
        let class = if mark == 0.0 { "zero" } else { "grid" }; // a whole multiple of the step, so exact
        svg.segment(class, (x.at(mark), HEAD - 8.0), (x.at(mark), bottom));
        let text = words::signed(mark, decimals);
        svg.text("quiet", (x.at(mark), bottom + 16.0), Anchor::Middle, &text);
    }
    let unit = match rows.first().map(|row| row.measure) {
        Some(Measure::Tornado { .. }) => format!("{axis}, {}", target.unit),
        _ => axis.to_owned(),
    };
    svg.text("quiet", ((LEFT + RIGHT) / 2.0, bottom + 36.0), Anchor::Middle, &unit);
    for (k, row) in rows.iter().enumerate() {
        let y = HEAD + ROW * (k as f64 + 0.5);
        svg.text("", (LEFT - 12.0, y + 4.0), Anchor::End, &row.factor);
        if let Some(factor) = all.factors.iter().find(|f| f.name == row.factor) {
            svg.text("quiet", (RIGHT + 14.0, y + 4.0), Anchor::Start, &range(factor));
        }
        mark(&mut svg, row, x, y);
    }
    svg.finish()
}

/// `0.62 to 1.14`.
fn range(factor: &Factor) -> String {
    if factor.name == LUCK {
        return String::new();
    }
    format!("{} to {}", short(factor.low), short(factor.high))
}

/// Three significant digits.
pub(in crate::report) fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = (2 - value.abs().log10().floor() as i32).max(0) as usize;
    let text = words::number(value, digits);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn mark(svg: &mut Svg, row: &Row, x: Scale, y: f64) {
    let mut bar = |class: &str, value: f64, tip: &str| {
        let (a, b) = (x.at(0.0).min(x.at(value)), x.at(0.0).max(x.at(value)));
        svg.rect(class, (a, y - 8.0), (b - a, 16.0), tip);
    };
    match row.measure {
        Measure::Tornado { at_low, at_high, .. } => {
            // The longer bar first, so that two to the same side both show.
            let mut bars = [("low", at_low, "lower end"), ("high", at_high, "upper end")];
            bars.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
            bars.iter().for_each(|(class, value, tip)| bar(class, *value, tip));
        }
        Measure::Sobol {
            first,
            first_low,
            first_high,
            total,
            total_low,
            total_high,
        } => {
            svg.segment(
                "whisker",
                (x.inside(first_low), y - 5.0),
                (x.inside(first_high), y - 5.0),
            );
            let dot = if row.factor == LUCK { "luck" } else { "dot" };
            svg.circle(dot, (x.inside(first), y - 5.0), 4.0);
            svg.segment(
                "whisker",
                (x.inside(total_low), y + 5.0),
                (x.inside(total_high), y + 5.0),
            );
            svg.circle("ring", (x.inside(total), y + 5.0), 3.6);
        }
        Measure::Prcc {
            correlation, low, high, ..
        } => {
            svg.segment("whisker", (x.inside(low), y), (x.inside(high), y));
            svg.circle("dot", (x.at(correlation), y), 4.4);
        }
        Measure::Morris { .. } => {}
    }
}

/// Mean absolute effect across, deviation of effects up; names beside, with leads.
fn plane(all: &Sensitivity, target: &TargetResult) -> String {
    let height = 490.0;
    let second = "right: matters more, up: depends on the others";
    let mut svg = sheet(all, target, height, second);
    let points: Vec<(&Row, f64, f64)> = target
        .rows
        .iter()
        .filter_map(|row| Some((row, place(row)?.0, place(row)?.1)))
        .collect();
    let largest = points.iter().fold(0.0_f64, |most, (_, a, b)| most.max(*a).max(*b));
    let marks = ticks(0.0, largest, 5);
    let domain = (0.0, *marks.last().expect("ticks cover at least one step"));
    let (left, right, top, bottom) = (70.0, 520.0, 88.0, height - 52.0);
    let x = Scale {
        domain,
        range: (left, right),
    };
    let y = Scale {
        domain,
        range: (bottom, top),
    };
    let decimals = tick_decimals(&marks);
    for &mark in &marks {
        svg.segment("grid", (x.at(mark), top), (x.at(mark), bottom));
        svg.segment("grid", (left, y.at(mark)), (right, y.at(mark)));
        let text = words::number(mark, decimals);
        svg.text("quiet", (x.at(mark), bottom + 17.0), Anchor::Middle, &text);
        svg.text("quiet", (left - 8.0, y.at(mark) + 4.0), Anchor::End, &text);
    }
    svg.segment("equal", (left, bottom), (right, top));
    let across = format!("mean absolute effect per range (µ*), {}", target.unit);
    svg.text("quiet", ((left + right) / 2.0, bottom + 38.0), Anchor::Middle, &across);
    svg.text(
        "quiet",
        (left - 54.0, top - 14.0),
        Anchor::Start,
        "deviation of effects (σ)",
    );
    let named = &points[..points.len().min(NAMED)];
    let heights: Vec<f64> = named.iter().map(|(_, _, sigma)| y.at(*sigma)).collect();
    let labels = spread(&heights, 17.0, top + 4.0, bottom - 4.0);
    for ((row, mu, sigma), label) in named.iter().zip(labels) {
        svg.segment("lead", (x.at(*mu), y.at(*sigma)), (right + 10.0, label));
        svg.text("", (right + 14.0, label + 4.0), Anchor::Start, &row.factor);
    }
    for (row, mu, sigma) in points.iter().rev() {
        let class = if row.factor == LUCK { "luck" } else { "dot" };
        svg.circle(class, (x.at(*mu), y.at(*sigma)), 4.6);
    }
    svg.finish()
}

fn place(row: &Row) -> Option<(f64, f64)> {
    match row.measure {
        Measure::Morris {
            mean_absolute,
            deviation,
            ..
        } => Some((mean_absolute, deviation)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_three_digits() {
        let texts = [0.0035, 0.5, 12.0, 1234.0, -0.0935, 1.931].map(short);
        assert_eq!(texts, ["0.0035", "0.5", "12", "1234", "−0.0935", "1.93"]);
    }
}
