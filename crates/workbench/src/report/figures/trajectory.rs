//! A measured variable over time: the median patient of each arm and the middle 90 % of patients.

use crate::report::plot::{Anchor, Scale, Svg, spread, tick_decimals, ticks};
use crate::report::view::{Arm, View};
use crate::report::words;
use crate::summary::TrajectorySummary;

const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 216.0;
const LEFT: f64 = 40.0;
const RIGHT: f64 = 52.0;

/// One panel; `arms` share the variable.
pub(in crate::report) fn figure(view: &View<'_>, arms: &[&TrajectorySummary]) -> String {
    let first = arms[0];
    let named: Vec<(Arm, &TrajectorySummary)> = arms.iter().map(|t| (view.arm(&t.arm), *t)).collect();
    let (x, y) = scales(arms);
    let title = format!("{} over time by arm, {}", first.label, first.unit);
    let mut svg = Svg::new(WIDTH, HEIGHT, &title, &describe(&named));
    axes(&mut svg, x, y);
    for (arm, trajectory) in &named {
        let edge = |values: &[f64]| points(&trajectory.weeks, values, x, y);
        svg.band(
            &format!("band {}", arm.class),
            &edge(&trajectory.high90),
            &edge(&trajectory.low90),
        );
    }
    for (arm, trajectory) in &named {
        svg.line(
            &format!("line {}", arm.class),
            &points(&trajectory.weeks, &trajectory.median, x, y),
        );
    }
    for ((arm, trajectory), at) in named.iter().zip(label_heights(&named, y)) {
        let last = trajectory.median.last().copied().unwrap_or(f64::NAN);
        svg.text(
            &format!("own {}", arm.class),
            (x.range.1 + 8.0, at),
            Anchor::Start,
            &short(last),
        );
    }
    svg.finish()
}

/// Where the last values stand, apart from each other.
fn label_heights(arms: &[(Arm, &TrajectorySummary)], y: Scale) -> Vec<f64> {
    let last = |t: &TrajectorySummary| t.median.last().copied().unwrap_or(0.0);
    let wanted: Vec<f64> = arms.iter().map(|(_, t)| y.inside(last(t)) + 4.0).collect();
    spread(&wanted, 16.0, y.range.1 + 6.0, y.range.0 - 2.0)
}

fn points(weeks: &[f64], values: &[f64], x: Scale, y: Scale) -> Vec<(f64, f64)> {
    weeks
        .iter()
        .zip(values)
        .map(|(&week, &value)| (x.at(week), y.inside(value)))
        .collect()
}

fn scales(arms: &[&TrajectorySummary]) -> (Scale, Scale) {
    let top = arms.iter().flat_map(|t| t.high90.iter().copied()).fold(0.0, f64::max);
    let weeks = || arms.iter().flat_map(|t| t.weeks.iter().copied());
    let (first, last) = (weeks().fold(0.0, f64::min), weeks().fold(1.0, f64::max));
    let bottom = arms.iter().flat_map(|t| t.low90.iter().copied()).fold(top, f64::min);
    // The axis starts at zero unless all patients stay far above it.
    let from = if bottom > 0.35 * top { bottom } else { 0.0 };
    let values = ticks(from, top.max(1e-9), 3);
    let (low, high) = (values[0], values[values.len() - 1]);
    let x = Scale {
        domain: (first, last),
        range: (LEFT, WIDTH - RIGHT),
    };
    (
        x,
        Scale {
            domain: (low, high),
            range: (HEIGHT - 30.0, 10.0),
        },
    )
}

fn axes(svg: &mut Svg, x: Scale, y: Scale) {
    let values = ticks(y.domain.0, y.domain.1, 3);
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
    for week in [x.domain.0, (x.domain.1 / 2.0).round(), x.domain.1] {
        svg.segment("axis", (x.at(week), y.range.0), (x.at(week), y.range.0 + 4.0));
        let text = if week == 0.0 {
            "week 0".into()
        } else {
            words::week(week)
        };
        svg.text("quiet", (x.at(week), y.range.0 + 18.0), Anchor::Middle, &text);
    }
}

fn describe(arms: &[(Arm, &TrajectorySummary)]) -> String {
    let sentence = |(arm, t): &(Arm, &TrajectorySummary)| {
        let (first, last) = (t.median.first()?, t.median.last()?);
        let name = words::capitalised(&arm.name);
        Some(format!(
            "{name}: median {} at the first visit and {} at the last. ",
            short(*first),
            short(*last)
        ))
    };
    arms.iter().filter_map(sentence).collect()
}

/// About three digits, without trailing zeros.
pub(in crate::report) fn short(value: f64) -> String {
    let decimals = if value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        2
    };
    let text = words::number(value, decimals);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    } else {
        text
    }
}
