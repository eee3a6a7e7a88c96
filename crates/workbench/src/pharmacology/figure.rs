//! All rows in one drawing: where the simulated value lies in the accepted interval.

use super::page::number;
use super::{Report, RowResult};
use crate::report::plot::{Anchor, Scale, Svg};
use crate::report::{WEAK, WEAK_WORDS};

const STYLE: &str = include_str!("style.css");
const WIDTH: f64 = 1080.0;
const LEFT: f64 = 560.0;
const RIGHT: f64 = 190.0;
const HEAD: f64 = 84.0;
const ROW: f64 = 22.0;
/// The axis shows this many widths of the accepted interval on either side of it.
const BEYOND: f64 = 1.0;

/// An SVG file. Every accepted interval is drawn equally wide; the value and its 90 % range stand in it or outside.
pub fn figure(report: &Report) -> String {
    let height = HEAD + ROW * report.rows.len() as f64 + 24.0;
    let title = "Therapies against their published pharmacology";
    let words = "Simulated median with 90 % range in the accepted interval (grey) of each row; open marks: rows to which a number was set";
    let mark = format!("{WEAK} {WEAK_WORDS}");
    let mut svg = Svg::standalone(WIDTH, height, STYLE, title, words);
    svg.text("title", (18.0, 30.0), Anchor::Start, title);
    svg.text("quiet", (18.0, 50.0), Anchor::Start, words);
    svg.text("quiet", (WIDTH - 18.0, 30.0), Anchor::End, &mark);
    let scale = Scale {
        domain: (-BEYOND, 1.0 + BEYOND),
        range: (LEFT, WIDTH - RIGHT),
    };
    let (top, bottom) = (
        (scale.at(0.0), HEAD - 12.0),
        (scale.at(1.0) - scale.at(0.0), height - HEAD),
    );
    svg.rect("accepted", top, bottom, "accepted interval");
    svg.text("quiet", (scale.at(0.5), HEAD - 18.0), Anchor::Middle, "accepted");
    svg.text(
        "quiet",
        (WIDTH - RIGHT + 14.0, HEAD - 18.0),
        Anchor::Start,
        "simulated (published)",
    );
    for (k, row) in report.rows.iter().enumerate() {
        draw(&mut svg, row, HEAD + ROW * (k as f64 + 0.5), scale);
    }
    svg.finish() + "\n"
}

fn draw(svg: &mut Svg, row: &RowResult, y: f64, scale: Scale) {
    let share = |value: f64| (value - row.accepted_low) / (row.accepted_high - row.accepted_low);
    let baseline = y + 4.0;
    let label = format!("{}: {}", row.marked(), row.readout);
    svg.text("", (LEFT - 14.0, baseline), Anchor::End, &label);
    let state = if row.within { "in" } else { "out" };
    if let Some((low, high)) = row.low90.zip(row.high90) {
        let ends = [low, high].map(|value| (scale.inside(share(value)), y));
        svg.segment(&format!("range {state}"), ends[0], ends[1]);
    }
    let mark = if row.sets.is_empty() { "" } else { " open" };
    svg.circle(
        &format!("dot {state}{mark}"),
        (scale.inside(share(row.simulated)), y),
        4.5,
    );
    let words = format!("{} ({}) {}", number(row.simulated), number(row.published), row.unit);
    svg.text("number", (WIDTH - RIGHT + 14.0, baseline), Anchor::Start, &words);
}
