//! Cells, an engager or B cells after the first dose, on a logarithmic axis: the median patient and the middle 90 %.

use crate::report::plot::{Anchor, Scale, Svg, spread, ticks};
use crate::report::view::View;
use crate::report::words;
use crate::summary::KineticsSummary;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 230.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 190.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 44.0;
/// Days shown at most; later there is nothing left of what is infused.
pub(in crate::report) const LAST_DAY: f64 = 365.0;
/// Powers of ten shown below the highest value.
const DECADES: f64 = 5.0;

/// One panel; `arms` share the quantity and its unit. Values below the axis lie on it.
pub(in crate::report) fn figure(view: &View<'_>, arms: &[&KineticsSummary]) -> String {
    let title = format!(
        "{} after the first dose, {}",
        words::capitalised(&arms[0].quantity),
        arms[0].unit
    );
    let mut svg = Svg::new(
        WIDTH,
        HEIGHT,
        &title,
        "Numbers of chosen days stand in the table below.",
    );
    let (x, y) = scales(arms);
    axes(&mut svg, x, y);
    let places = |days: &[f64], values: &[f64]| -> Vec<(f64, f64)> {
        let pairs = days.iter().zip(values).take_while(|(day, _)| **day <= x.domain.1);
        pairs.map(|(day, value)| (x.at(*day), height(y, *value))).collect()
    };
    for of in arms {
        let (upper, lower) = (places(&of.days, &of.high90), places(&of.days, &of.low90));
        svg.band(&format!("band {}", view.arm(&of.arm).class), &upper, &lower);
    }
    let mut ends = Vec::new();
    for of in arms {
        let line = places(&of.days, &of.median);
        ends.push(line.last().map_or(y.range.0, |end| end.1) + 4.0);
        svg.line(&format!("line {}", view.arm(&of.arm).class), &line);
    }
    let ends = spread(&ends, 15.0, TOP + 8.0, HEIGHT - BOTTOM);
    for (of, end) in arms.iter().zip(ends) {
        let arm = view.arm(&of.arm);
        let name = words::capitalised(&arm.name);
        svg.text(
            &format!("own {}", arm.class),
            (WIDTH - RIGHT + 10.0, end),
            Anchor::Start,
            &name,
        );
    }
    svg.finish()
}

/// Position of a value on the logarithmic axis.
fn height(y: Scale, value: f64) -> f64 {
    y.inside(value.max(f64::MIN_POSITIVE).log10())
}

fn scales(arms: &[&KineticsSummary]) -> (Scale, Scale) {
    let last = arms
        .iter()
        .flat_map(|of| of.days.last())
        .fold(1.0, |a: f64, b| a.max(*b));
    let highest = arms.iter().flat_map(|of| of.high90.iter().copied()).fold(0.0, f64::max);
    let top = highest.max(f64::MIN_POSITIVE).log10().ceil();
    let x = Scale {
        domain: (0.0, last.min(LAST_DAY)),
        range: (LEFT, WIDTH - RIGHT),
    };
    let y = Scale {
        domain: (top - DECADES, top),
        range: (HEIGHT - BOTTOM, TOP),
    };
    (x, y)
}

fn axes(svg: &mut Svg, x: Scale, y: Scale) {
    for power in 0..=DECADES as i32 {
        let exponent = y.domain.0 + f64::from(power);
        svg.segment("grid", (x.range.0, y.at(exponent)), (x.range.1, y.at(exponent)));
        let place = (x.range.0 - 8.0, y.at(exponent) + 4.0);
        svg.text("quiet", place, Anchor::End, &power_of_ten(exponent));
    }
    svg.segment("axis", (x.range.0, y.range.0), (x.range.1, y.range.0));
    for day in ticks(0.0, x.domain.1, 6)
        .into_iter()
        .filter(|day| *day <= x.domain.1 + 1e-9)
    {
        svg.segment("axis", (x.at(day), y.range.0), (x.at(day), y.range.0 + 4.0));
        svg.text(
            "quiet",
            (x.at(day), y.range.0 + 18.0),
            Anchor::Middle,
            &words::number(day, 0),
        );
    }
    let middle = (x.range.0 + x.range.1) / 2.0;
    svg.text(
        "quiet",
        (middle, HEIGHT - 8.0),
        Anchor::Middle,
        "days since the first dose",
    );
}

/// `0.01`, `1`, `1 000`; beyond a million as a power.
fn power_of_ten(exponent: f64) -> String {
    match exponent {
        e if e > 5.0 => format!("1e{e:.0}"),
        e if e >= 0.0 => words::count(10_f64.powf(e)),
        e if e >= -4.0 => words::number(10_f64.powf(e), (-e) as usize),
        e => format!("1e{e:.0}"),
    }
}
