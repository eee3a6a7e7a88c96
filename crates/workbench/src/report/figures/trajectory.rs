//! A measured variable over time: the median patient of each arm and the middle 90 % of patients.

use crate::report::plot::{Anchor, Scale, Svg, spread, text_width, tick_decimals, ticks};
use crate::report::view::{Arm, View};
use crate::report::words;
use crate::summary::TrajectorySummary;

const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 216.0;
const LEFT: f64 = 40.0;

/// One panel; `arms` share the variable.
pub(in crate::report) fn figure(view: &View<'_>, arms: &[&TrajectorySummary]) -> String {
    let first = arms[0];
    let named: Vec<(Arm, &TrajectorySummary)> = arms.iter().map(|t| (view.arm(&t.arm), *t)).collect();
    let right = 14.0 + named.iter().map(|(arm, _)| text_width(&arm.name)).fold(0.0, f64::max);
    let (x, y) = scales(arms, right);
    let title = format!("{} over time by arm, {}", first.label, first.unit);
    let mut svg = Svg::new(WIDTH, HEIGHT, &title, &describe(&named));
    axes(&mut svg, x, y);
    for (arm, trajectory) in &named {
        let edge = |values: &[f64]| points(&trajectory.weeks, values, x, y);
        svg.band(&format!("band {}", arm.class), &edge(&trajectory.high90), &edge(&trajectory.low90));
    }
    for (arm, trajectory) in &named {
        svg.line(&format!("line {}", arm.class), &points(&trajectory.weeks, &trajectory.median, x, y));
    }
    let last = |t: &TrajectorySummary| t.median.last().copied().unwrap_or(0.0);
    let wanted: Vec<f64> = named.iter().map(|(_, t)| y.inside(last(t)) + 4.0).collect();
    for ((arm, _), at) in named.iter().zip(spread(&wanted, 16.0, y.range.1 + 6.0, y.range.0 - 2.0)) {
        svg.text(&format!("own {}", arm.class), (x.range.1 + 8.0, at), Anchor::Start, &arm.name);
    }
    svg.finish()
}

fn points(weeks: &[f64], values: &[f64], x: Scale, y: Scale) -> Vec<(f64, f64)> {
    weeks.iter().zip(values).map(|(&week, &value)| (x.at(week), y.inside(value))).collect()
}

fn scales(arms: &[&TrajectorySummary], right: f64) -> (Scale, Scale) {
    let top = arms.iter().flat_map(|t| t.high90.iter().copied()).fold(0.0, f64::max);
    let weeks = || arms.iter().flat_map(|t| t.weeks.iter().copied());
    let (first, last) = (weeks().fold(0.0, f64::min), weeks().fold(1.0, f64::max));
    let high = ticks(0.0, top.max(1e-9), 3).last().copied().unwrap_or(1.0);
    let x = Scale { domain: (first, last), range: (LEFT, WIDTH - right) };
    (x, Scale { domain: (0.0, high), range: (HEIGHT - 30.0, 10.0) })
}

fn axes(svg: &mut Svg, x: Scale, y: Scale) {
    let values = ticks(0.0, y.domain.1, 3);
    let decimals = tick_decimals(&values);
    for value in values {
        svg.segment("grid", (x.range.0, y.at(value)), (x.range.1, y.at(value)));
        svg.text("quiet", (x.range.0 - 7.0, y.at(value) + 4.0), Anchor::End, &words::number(value, decimals));
    }
    svg.segment("axis", (x.range.0, y.range.0), (x.range.1, y.range.0));
    for week in [x.domain.0, (x.domain.1 / 2.0).round(), x.domain.1] {
        svg.segment("axis", (x.at(week), y.range.0), (x.at(week), y.range.0 + 4.0));
        svg.text("quiet", (x.at(week), y.range.0 + 18.0), Anchor::Middle, &words::week(week));
    }
    svg.text("quiet", (x.range.1 + 8.0, y.range.0 + 18.0), Anchor::Start, "weeks");
}

fn describe(arms: &[(Arm, &TrajectorySummary)]) -> String {
    let sentence = |(arm, t): &(Arm, &TrajectorySummary)| {
        let (first, last) = (t.median.first()?, t.median.last()?);
        let name = words::capitalised(&arm.name);
        Some(format!("{name}: median {} at the first visit and {} at the last. ", short(*first), short(*last)))
    };
    arms.iter().filter_map(sentence).collect()
}

/// About three digits.
pub(in crate::report) fn short(value: f64) -> String {
    let decimals = if value.abs() >= 100.0 { 0 } else if value.abs() >= 10.0 { 1 } else { 2 };
    words::number(value, decimals)
}
