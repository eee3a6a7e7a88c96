//! All contrasts that are percentages in one drawing.

use super::{Compared, Report, Row, Side};
use crate::report::plot::{Anchor, Scale, Svg, ticks};
use crate::report::{WEAK, WEAK_WORDS};

const STYLE: &str = include_str!("style.css");
const WIDTH: f64 = 1000.0;
const LEFT: f64 = 330.0;
const RIGHT: f64 = 30.0;
const HEAD: f64 = 104.0;
const HEADING: f64 = 30.0;
const ROW: f64 = 34.0;
const FOOT: f64 = 48.0;
/// How far simulated and published lie above and below the middle of their row, px.
const APART: f64 = 6.0;
/// Width of a letter of the legend, px, on average.
const LETTER: f64 = 5.9;

/// An SVG file: treated minus control, percentage points, in both populations; simulated, published and with something changed.
pub fn figure(report: &Report) -> String {
    let lines: usize = report.comparisons.iter().map(|c| 2 * percentages(c).count()).sum();
    let height = HEAD + HEADING * report.comparisons.len() as f64 + ROW * lines as f64 + FOOT;
    let title = "Whom a therapy helps more";
    let words = "Treated minus control, percentage points: mean and middle 90 % of simulated trials; published with 95 % limits";
    let mut svg = Svg::standalone(WIDTH, height, STYLE, title, words);
    svg.text("title", (18.0, 30.0), Anchor::Start, title);
    svg.text("quiet", (18.0, 50.0), Anchor::Start, words);
    let both = [("simulated", "simulated"), ("published", "published")];
    legend(&mut svg, (18.0, 76.0), both.into_iter());
    let weak = format!("{WEAK} {WEAK_WORDS}");
    svg.text("quiet", (WIDTH - RIGHT, 76.0), Anchor::End, &weak);
    let scale = axis(&mut svg, report, height);
    let mut y = HEAD;
    for compared in &report.comparisons {
        svg.text("heading", (18.0, y + 20.0), Anchor::Start, &compared.title());
        legend(&mut svg, (LEFT, y + 20.0), scenarios(compared));
        y += HEADING;
        for (place, row) in percentages(compared) {
            for k in 0..2 {
                side(&mut svg, compared, (place, row), k, (y + 0.5 * ROW, scale));
                y += ROW;
            }
        }
    }
    svg.finish() + "\n"
}

fn percentages(compared: &Compared) -> impl Iterator<Item = (usize, &Row)> {
    let rows = compared.rows.iter().enumerate();
    rows.filter(|(_, row)| row.unit == "percent")
}

/// Marks in a row, each with its words.
fn legend<'a>(svg: &mut Svg, (x, y): (f64, f64), entries: impl Iterator<Item = (&'a str, &'a str)>) {
    let mut x = x;
    for (class, words) in entries {
        svg.circle(class, (x + 5.0, y - 4.0), 4.0);
        svg.text("quiet", (x + 16.0, y), Anchor::Start, words);
        x += 34.0 + LETTER * words.chars().count() as f64;
    }
}

fn scenarios(compared: &Compared) -> impl Iterator<Item = (&str, &str)> {
    let scenarios = compared.scenarios.iter().enumerate();
    scenarios.map(|(k, scenario)| (changed(k), scenario.name.as_str()))
}

/// Class of a scenario's mark.
fn changed(k: usize) -> &'static str {
    if k == 0 { "changed" } else { "changed second" }
}

fn axis(svg: &mut Svg, report: &Report, height: f64) -> Scale {
    let rows = report.comparisons.iter().flat_map(percentages);
    let sides: Vec<&Side> = rows.flat_map(|(_, row)| &row.sides).collect();
    let ends = |side: &&Side| {
        let (low, high) = side
            .published
            .limits
            .unwrap_or((side.published.value, side.published.value));
        [side.difference.low90.min(low), side.difference.high90.max(high)]
    };
    let values = || sides.iter().flat_map(ends);
    let marks = ticks(values().fold(0.0, f64::min), values().fold(0.0, f64::max), 8);
    let scale = Scale {
        domain: (marks[0], marks[marks.len() - 1]),
        range: (LEFT, WIDTH - RIGHT),
    };
    for mark in marks {
        let class = if mark == 0.0 { "zero" } else { "grid" };
        svg.segment(
            class,
            (scale.at(mark), HEAD - 8.0),
            (scale.at(mark), height - FOOT + 6.0),
        );
        svg.text(
            "quiet",
            (scale.at(mark), height - FOOT + 24.0),
            Anchor::Middle,
            &signed(mark),
        );
    }
    scale
}

fn signed(mark: f64) -> String {
    if mark == 0.0 {
        "0".to_owned()
    } else {
        format!("{mark:+.0}")
    }
}

fn side(svg: &mut Svg, compared: &Compared, (place, row): (usize, &Row), k: usize, (y, scale): (f64, Scale)) {
    let label = format!("{}, week {}, {}", row.endpoint, row.week, compared.subgroups[k]);
    svg.text("", (LEFT - 14.0, y + 4.0), Anchor::End, &label);
    let Side {
        difference, published, ..
    } = &row.sides[k];
    let (up, down) = (y - APART, y + APART);
    for (n, scenario) in compared.scenarios.iter().enumerate() {
        svg.circle(changed(n), (scale.inside(scenario.differences[place][k].mean), up), 4.0);
    }
    svg.segment(
        "simulated",
        (scale.at(difference.low90), up),
        (scale.at(difference.high90), up),
    );
    svg.circle("simulated", (scale.at(difference.mean), up), 4.0);
    if let Some((low, high)) = published.limits {
        svg.segment("published", (scale.at(low), down), (scale.at(high), down));
    }
    svg.circle("published", (scale.at(published.value), down), 4.0);
}
