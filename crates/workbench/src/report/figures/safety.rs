//! Share of patients with each adverse event, a dot and a range for each arm.

use crate::report::plot::{Anchor, Scale, Svg, tick_decimals, ticks};
use crate::report::view::View;
use crate::report::words;
use crate::summary::EventSummary;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 300.0;
const RIGHT: f64 = 40.0;
const HEAD: f64 = 34.0;
/// Height of an arm's line, and what an event's row adds.
const LINE: f64 = 13.0;
const AIR: f64 = 15.0;

/// Ids of the events that happened to anybody, the most common first.
pub(in crate::report) fn shown(all: &[EventSummary]) -> Vec<&str> {
    let mut found: Vec<(&str, f64)> = Vec::new();
    for row in all.iter().filter(|row| row.percent > 0.0) {
        match found.iter_mut().find(|(event, _)| *event == row.event) {
            Some((_, most)) => *most = row.percent.max(*most),
            None => found.push((&row.event, row.percent)),
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.into_iter().map(|(event, _)| event).collect()
}

/// The plot of the events in `events`.
pub(in crate::report) fn figure(view: &View<'_>, events: &[&str]) -> String {
    let height = AIR + LINE * view.arms().len() as f64;
    let bottom = HEAD + height * events.len() as f64;
    let mut svg = Svg::new(
        WIDTH,
        bottom + 42.0,
        "Share of patients with each adverse event by arm",
        "The same numbers stand in the table below.",
    );
    legend(&mut svg, view);
    let x = axis(&mut svg, view, events, bottom);
    for (at, event) in events.iter().enumerate() {
        let top = HEAD + height * at as f64;
        let rows = view.summary.safety.iter().filter(|row| row.event == **event);
        let mut middle = top + AIR / 2.0 - LINE / 2.0;
        for (place, arm) in view.arms().iter().enumerate() {
            let Some(row) = rows.clone().find(|row| row.arm == arm.id) else {
                continue;
            };
            middle += LINE;
            if place == 0 {
                let centre = top + height / 2.0 + 4.0;
                label(&mut svg, &row.term, centre);
            }
            svg.segment(
                &format!("range {}", arm.class),
                (x.at(row.low90), middle),
                (x.at(row.high90), middle),
            );
            svg.circle(&format!("dot {}", arm.class), (x.at(row.percent), middle), 4.5);
            if let Some(published) = row.published {
                svg.diamond("predicted", (x.inside(published), middle), 4.5);
            }
        }
    }
    svg.finish()
}

fn legend(svg: &mut Svg, view: &View<'_>) {
    let mut left = 0.0;
    for arm in view.arms() {
        let name = words::capitalised(&arm.name);
        svg.circle(&format!("dot {}", arm.class), (left + 6.0, 8.0), 4.5);
        svg.text(&format!("own {}", arm.class), (left + 16.0, 12.0), Anchor::Start, &name);
        left += 34.0 + crate::report::plot::bold_width(&name);
    }
}

/// The term in one line or two, flush right before the axis.
fn label(svg: &mut Svg, term: &str, centre: f64) {
    let words: Vec<&str> = term.split(' ').collect();
    let fits = crate::report::plot::text_width(term) <= LEFT - 14.0;
    let cut = if fits { words.len() } else { words.len() / 2 };
    let lines = [words[..cut].join(" "), words[cut..].join(" ")];
    let lines: Vec<&String> = lines.iter().filter(|line| !line.is_empty()).collect();
    for (at, line) in lines.iter().enumerate() {
        let y = centre + 15.0 * (at as f64 - (lines.len() as f64 - 1.0) / 2.0);
        svg.text("", (LEFT - 14.0, y), Anchor::End, line);
    }
}

fn axis(svg: &mut Svg, view: &View<'_>, events: &[&str], bottom: f64) -> Scale {
    let rows = view
        .summary
        .safety
        .iter()
        .filter(|row| events.contains(&row.event.as_str()));
    let most = rows
        .map(|row| row.high90.max(row.published.unwrap_or(0.0)))
        .fold(1.0, f64::max);
    let values = ticks(0.0, most, 5);
    let x = Scale {
        domain: (0.0, *values.last().expect("there are two ticks or more")),
        range: (LEFT, WIDTH - RIGHT),
    };
    let decimals = tick_decimals(&values);
    for &value in &values {
        svg.segment("grid", (x.at(value), HEAD), (x.at(value), bottom));
        let text = words::number(value, decimals);
        svg.text("quiet", (x.at(value), bottom + 17.0), Anchor::Middle, &text);
    }
    let middle = (LEFT + WIDTH - RIGHT) / 2.0;
    let words = "percent of patients; bars hold 90 % of simulated trials, diamonds are published";
    svg.text("quiet", (middle, bottom + 36.0), Anchor::Middle, words);
    x
}
