//! The primary endpoint at one look: a row per arm, simulated range against published value.

use crate::report::plot::{Anchor, Scale, Svg, bold_width, tick_decimals, ticks};
use crate::report::view::{Arm, View, mark, published_limits};
use crate::report::words;
use crate::summary::EndpointSummary;

const WIDTH: f64 = 720.0;
const ROW: f64 = 58.0;
/// Room for the longest label beside the longest bar.
const RIGHT: f64 = 132.0;

/// Simulated and published rates of the primary endpoint; `None` without one.
pub(in crate::report) fn figure(view: &View<'_>) -> Option<String> {
    let (endpoint, week) = view.primary()?;
    let rate_of = |arm: &Arm| view.rate(endpoint, week, &arm.id).map(|rate| (arm.clone(), rate));
    let rows: Vec<(Arm, &EndpointSummary)> = view.arms().iter().filter_map(rate_of).collect();
    let unit = &rows.first()?.1.unit;
    let left = 30.0
        + rows
            .iter()
            .map(|(arm, _)| bold_width(&arm.name) * 1.2)
            .fold(60.0, f64::max);
    let limits = |r: &EndpointSummary| published_limits(r).map_or(r.published.unwrap_or(0.0), |limits| limits.1);
    let top = rows.iter().map(|(_, r)| r.high90.max(limits(r))).fold(0.0, f64::max);
    let bottom = rows.iter().map(|(_, r)| r.low90).fold(0.0, f64::min); // scores may be below zero
    let values = ticks(bottom, top, 6);
    let x = Scale {
        domain: (*values.first()?, *values.last()?),
        range: (left, WIDTH - RIGHT),
    };
    let bottom = 10.0 + ROW * rows.len() as f64;
    let title = format!(
        "{} at week {}, simulated and published",
        words::endpoint(endpoint),
        words::week(week)
    );
    let mut svg = Svg::new(
        WIDTH,
        bottom + 28.0,
        &title,
        "The same numbers stand in the table below.",
    );
    let decimals = tick_decimals(&values);
    for &value in &values {
        svg.segment("grid", (x.at(value), 8.0), (x.at(value), bottom));
        let suffix = if unit == "percent" { " %" } else { "" };
        let text = format!("{}{suffix}", words::number(value, decimals));
        svg.text("quiet", (x.at(value), bottom + 18.0), Anchor::Middle, &text);
    }
    for (at, (arm, rate)) in rows.iter().enumerate() {
        row(&mut svg, arm, rate, x, 10.0 + ROW * (at as f64 + 0.5));
    }
    Some(svg.finish())
}

/// Above the middle the simulation, below it what was published, each with its value.
fn row(svg: &mut Svg, arm: &Arm, rate: &EndpointSummary, x: Scale, middle: f64) {
    let decimals = words::decimals(&rate.unit);
    svg.text(
        &format!("own big {}", arm.class),
        (0.0, middle + 5.0),
        Anchor::Start,
        &words::capitalised(&arm.name),
    );
    let y = middle - 10.0;
    svg.segment(
        &format!("range {}", arm.class),
        (x.at(rate.low90), y),
        (x.at(rate.high90), y),
    );
    svg.circle(&format!("dot {}", arm.class), (x.at(rate.mean), y), 6.0);
    let simulated = format!("simulated {}", words::number(rate.mean, decimals));
    svg.text("halo", (x.at(rate.high90) + 9.0, y + 4.0), Anchor::Start, &simulated);
    let Some(value) = rate.published else { return };
    let y = middle + 11.0;
    let end = published_limits(rate).map_or(value, |(low, high)| {
        svg.segment("whisker", (x.at(low), y), (x.at(high), y));
        high
    });
    svg.diamond(mark(rate.status), (x.at(value), y), 5.4);
    let text = format!("published {}", words::number(value, decimals));
    svg.text("quiet halo", (x.at(end) + 9.0, y + 4.0), Anchor::Start, &text);
}
