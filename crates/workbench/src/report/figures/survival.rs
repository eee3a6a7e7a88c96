//! Share of each arm without an event yet, as steps with bands.

use crate::report::plot::{Anchor, Scale, Svg, spread, ticks};
use crate::report::view::View;
use crate::report::words;
use crate::summary::SurvivalSummary;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 210.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 44.0;
/// Weeks of a year.
const YEAR: f64 = 365.25 / 7.0;

/// One curve for each arm in `rows`.
pub(in crate::report) fn figure(view: &View<'_>, rows: &[&SurvivalSummary]) -> String {
    let title = format!(
        "Share of patients over time: {}",
        rows.first().map_or("", |row| row.curve.as_str())
    );
    let mut svg = Svg::new(
        WIDTH,
        HEIGHT,
        &title,
        "Values at the end of each year stand in the table below.",
    );
    let end = rows
        .iter()
        .flat_map(|row| row.weeks.last())
        .fold(1.0, |a: f64, b| a.max(*b))
        / YEAR;
    let x = Scale {
        domain: (0.0, end),
        range: (LEFT, WIDTH - RIGHT),
    };
    let y = Scale {
        domain: (0.0, 100.0),
        range: (HEIGHT - BOTTOM, TOP),
    };
    axes(&mut svg, x, y);
    for row in rows {
        let class = view.arm(&row.arm).class;
        let line = |values: &[f64]| steps(x, y, &row.weeks, values);
        svg.band(&format!("band {class}"), &line(&row.high90), &line(&row.low90));
    }
    let wanted: Vec<f64> = rows
        .iter()
        .map(|row| y.at(row.percent.last().copied().unwrap_or(100.0)) + 4.0)
        .collect();
    let places = spread(&wanted, 15.0, TOP + 8.0, HEIGHT - BOTTOM);
    for (row, place) in rows.iter().zip(places) {
        let arm = view.arm(&row.arm);
        svg.line(&format!("line {}", arm.class), &steps(x, y, &row.weeks, &row.percent));
        let last = words::number(row.percent.last().copied().unwrap_or(f64::NAN), 0);
        let text = format!("{} {last} %", words::capitalised(&arm.name));
        svg.text(
            &format!("own {}", arm.class),
            (WIDTH - RIGHT + 10.0, place),
            Anchor::Start,
            &text,
        );
    }
    svg.finish()
}

fn axes(svg: &mut Svg, x: Scale, y: Scale) {
    for percent in [0.0, 25.0, 50.0, 75.0, 100.0] {
        svg.segment("grid", (LEFT, y.at(percent)), (WIDTH - RIGHT, y.at(percent)));
        svg.text(
            "quiet",
            (LEFT - 8.0, y.at(percent) + 4.0),
            Anchor::End,
            &words::number(percent, 0),
        );
    }
    for year in ticks(0.0, x.domain.1, 6)
        .into_iter()
        .filter(|year| *year <= x.domain.1 + 1e-9)
    {
        let decimals = usize::from(year.fract() != 0.0);
        let text = words::number(year, decimals);
        svg.text("quiet", (x.at(year), HEIGHT - BOTTOM + 18.0), Anchor::Middle, &text);
    }
    let middle = (LEFT + WIDTH - RIGHT) / 2.0;
    svg.text(
        "quiet",
        (middle, HEIGHT - 8.0),
        Anchor::Middle,
        "years since randomisation; percent of patients",
    );
}

/// The points of a step curve.
fn steps(x: Scale, y: Scale, weeks: &[f64], values: &[f64]) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    let mut height = values.first().copied().unwrap_or(100.0);
    for (week, value) in weeks.iter().zip(values) {
        points.push((x.at(week / YEAR), y.at(height)));
        points.push((x.at(week / YEAR), y.at(*value)));
        height = *value;
    }
    points
}
