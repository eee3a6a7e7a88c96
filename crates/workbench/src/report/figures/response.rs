//! Response over time: one line per arm with its 90 % band, published points, names at the ends of the lines.

use crate::report::plot::{Anchor, Scale, Svg, bold_width, spread, tick_decimals, ticks};
use crate::report::view::{Arm, View, mark, published_limits};
use crate::report::words;
use crate::summary::{EndpointSummary, Status};

const LEFT: f64 = 34.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 36.0;

/// Size of a panel, px.
#[derive(Clone, Copy)]
pub(in crate::report) struct Size {
    pub width: f64,
    pub height: f64,
    /// Arms are named at the ends of their lines; else only the last value stands there.
    pub names: bool,
}

/// One endpoint over time, or `None` if it was assessed at one visit only.
pub(in crate::report) fn figure(view: &View<'_>, endpoint: &str, size: Size) -> Option<String> {
    let arms: Vec<(Arm, Vec<&EndpointSummary>)> = view
        .arms()
        .iter()
        .map(|arm| (arm.clone(), view.rates(endpoint, &arm.id)))
        .collect();
    let rates: Vec<&EndpointSummary> = arms.iter().flat_map(|(_, rates)| rates.iter().copied()).collect();
    if arms.iter().all(|(_, rates)| rates.len() < 2) {
        return None;
    }
    let label = |arm: &Arm| end_label(if size.names { &arm.name } else { "" }, 88.0, &rates[0].unit);
    let right = 14.0 + arms.iter().map(|(arm, _)| bold_width(&label(arm))).fold(0.0, f64::max);
    let (x, y) = scales(&rates, size, right);
    let unit = &rates[0].unit;
    let title = format!("{} over time by arm", words::endpoint(endpoint));
    let mut svg = Svg::new(size.width, size.height, &title, &describe(&arms, unit));
    axes(&mut svg, x, y);
    for (arm, rates) in &arms {
        band(&mut svg, arm, rates, x, y);
    }
    for (arm, rates) in &arms {
        let points: Vec<_> = rates.iter().map(|r| (x.at(r.week), y.at(r.mean))).collect();
        svg.line(&format!("line {}", arm.class), &points);
    }
    for (at, (arm, rates)) in arms.iter().enumerate() {
        published(
            &mut svg,
            arm,
            rates,
            x,
            y,
            5.0 * (at as f64 - (arms.len() as f64 - 1.0) / 2.0),
        );
    }
    end_labels(&mut svg, &arms, size.names, x, y);
    Some(svg.finish())
}

fn scales(rates: &[&EndpointSummary], size: Size, right: f64) -> (Scale, Scale) {
    let top = rates
        .iter()
        .map(|r| r.high90.max(r.published.unwrap_or(0.0)))
        .fold(0.0, f64::max);
    // Scores may be below zero.
    let bottom = rates
        .iter()
        .map(|r| r.low90.min(r.published.unwrap_or(0.0)))
        .fold(0.0, f64::min);
    let last = rates.iter().map(|r| r.week).fold(0.0, f64::max);
    let values = ticks(bottom, top.max(1e-9), 4);
    let end = |value: Option<&f64>, otherwise: f64| value.copied().unwrap_or(otherwise);
    let x = Scale {
        domain: (0.0, last),
        range: (LEFT, size.width - right),
    };
    let y = Scale {
        domain: (end(values.first(), 0.0), end(values.last(), 1.0)),
        range: (size.height - BOTTOM, TOP),
    };
    (x, y)
}

fn axes(svg: &mut Svg, x: Scale, y: Scale) {
    let mut values = ticks(y.domain.0, y.domain.1, 4);
    values.retain(|value| (y.domain.0..=y.domain.1).contains(value));
    let decimals = tick_decimals(&values);
    for value in values {
        svg.segment("grid", (x.range.0, y.at(value)), (x.range.1, y.at(value)));
        svg.text(
            "quiet",
            (x.range.0 - 7.0, y.at(value) + 4.0),
            Anchor::End,
            &words::number(value, decimals),
        );
    }
    svg.segment("axis", (x.range.0, y.range.0), (x.range.1, y.range.0));
    let step = week_step(x.domain.1);
    let mut week = 0.0;
    while week <= x.domain.1 + 1e-9 {
        svg.segment("axis", (x.at(week), y.range.0), (x.at(week), y.range.0 + 4.0));
        let text = if week == 0.0 {
            "week 0".into()
        } else {
            words::week(week)
        };
        svg.text("quiet", (x.at(week), y.range.0 + 18.0), Anchor::Middle, &text);
        week += step;
    }
}

/// Weeks between labels: steps people plan visits in.
fn week_step(last: f64) -> f64 {
    [2.0, 4.0, 8.0, 13.0, 26.0, 52.0]
        .into_iter()
        .find(|step| last / step <= 4.5)
        .unwrap_or(104.0)
}

fn band(svg: &mut Svg, arm: &Arm, rates: &[&EndpointSummary], x: Scale, y: Scale) {
    let edge = |value: fn(&EndpointSummary) -> f64| -> Vec<(f64, f64)> {
        rates.iter().map(|r| (x.at(r.week), y.at(value(r)))).collect()
    };
    svg.band(&format!("band {}", arm.class), &edge(|r| r.high90), &edge(|r| r.low90));
}

/// Published points; whiskers of different arms stand `aside` px beside the visit so that they can be told apart.
fn published(svg: &mut Svg, arm: &Arm, rates: &[&EndpointSummary], x: Scale, y: Scale, aside: f64) {
    for rate in rates.iter().filter(|rate| rate.status != Status::None) {
        let Some(value) = rate.published else { continue };
        let class = |name: &str| format!("{name} tint {}", arm.class);
        // Whiskers at the last visit only: at every visit they hide the lines.
        let mut position = x.at(rate.week);
        if let Some((low, high)) = published_limits(rate).filter(|_| rate.week >= x.domain.1) {
            position += aside;
            svg.segment(&class("whisker"), (position, y.inside(low)), (position, y.inside(high)));
        }
        svg.diamond(&class(mark(rate.status)), (position, y.inside(value)), 4.6);
    }
}

fn end_label(name: &str, value: f64, unit: &str) -> String {
    let value = if unit == "percent" {
        format!("{value:.0} %")
    } else {
        words::number(value, 2)
    };
    format!("{value} {name}").trim_end().to_string()
}

fn end_labels(svg: &mut Svg, arms: &[(Arm, Vec<&EndpointSummary>)], names: bool, x: Scale, y: Scale) {
    let last: Vec<(&Arm, &EndpointSummary)> = arms
        .iter()
        .filter_map(|(arm, rates)| rates.last().map(|rate| (arm, *rate)))
        .collect();
    let wanted: Vec<f64> = last.iter().map(|(_, rate)| y.at(rate.mean) + 4.0).collect();
    let placed = spread(&wanted, 16.0, y.range.1 + 4.0, y.range.0 - 2.0);
    for ((arm, rate), at) in last.into_iter().zip(placed) {
        let text = end_label(if names { &arm.name } else { "" }, rate.mean, &rate.unit);
        svg.text(
            &format!("own {}", arm.class),
            (x.range.1 + 12.0, at),
            Anchor::Start,
            &text,
        );
    }
}

/// The figure in a sentence per arm.
fn describe(arms: &[(Arm, Vec<&EndpointSummary>)], unit: &str) -> String {
    let sentence = |(arm, rates): &(Arm, Vec<&EndpointSummary>)| {
        let last = rates.last()?;
        let published = last.published.map_or(String::new(), |value| {
            format!(", published {}", words::number(value, 1))
        });
        Some(format!(
            "{} at week {}: {} {unit}, 90 % of simulated trials between {} and {}{published}. ",
            words::capitalised(&arm.name),
            words::week(last.week),
            words::number(last.mean, words::decimals(unit)),
            words::number(last.low90, words::decimals(unit)),
            words::number(last.high90, words::decimals(unit)),
        ))
    };
    arms.iter().filter_map(sentence).collect()
}
