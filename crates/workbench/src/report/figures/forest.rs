//! Differences between arms, simulated against published, one row each.

use crate::report::plot::{Anchor, Scale, Svg, tick_decimals, ticks};
use crate::report::view::{View, mark};
use crate::report::words;
use crate::summary::ContrastSummary;

const WIDTH: f64 = 720.0;
const LEFT: f64 = 222.0;
const RIGHT: f64 = 186.0;
const HEAD: f64 = 34.0;
/// Height of a row with a published value below the simulated one, and of a row without.
const TALL: f64 = 46.0;
const LOW: f64 = 32.0;

/// A row being drawn.
struct Row<'a> {
    contrast: &'a ContrastSummary,
    above: Option<&'a ContrastSummary>,
    middle: f64,
}

/// A forest plot of `contrasts`, which share a unit.
pub(in crate::report) fn figure(view: &View<'_>, contrasts: &[&ContrastSummary]) -> String {
    let rows = rows(contrasts);
    let bottom = HEAD + contrasts.iter().map(|contrast| height(contrast)).sum::<f64>();
    let unit = contrasts.first().map_or("", |c| c.unit.as_str());
    let title = format!("Differences between arms in {unit}, simulated and published");
    let mut svg = Svg::new(
        WIDTH,
        bottom + 42.0,
        &title,
        "The same numbers stand in the table below.",
    );
    let x = axis(&mut svg, contrasts, unit, bottom);
    let right = WIDTH - RIGHT + 18.0;
    svg.text("", (right, 10.0), Anchor::Start, "simulated, 90 % of trials");
    svg.text("quiet", (right, 26.0), Anchor::Start, "published, 95 % interval");
    for row in &rows {
        label(&mut svg, view, row);
        marks(&mut svg, view, row, x);
    }
    svg.finish()
}

fn height(contrast: &ContrastSummary) -> f64 {
    if contrast.published.is_some() { TALL } else { LOW }
}

fn rows<'a>(contrasts: &[&'a ContrastSummary]) -> Vec<Row<'a>> {
    let mut top = HEAD;
    let mut above = None;
    let place = |&contrast: &&'a ContrastSummary| {
        let row = Row {
            contrast,
            above,
            middle: top + height(contrast) / 2.0,
        };
        top += height(contrast);
        above = Some(contrast);
        row
    };
    contrasts.iter().map(place).collect()
}

fn axis(svg: &mut Svg, contrasts: &[&ContrastSummary], unit: &str, bottom: f64) -> Scale {
    let low = contrasts
        .iter()
        .map(|c| c.low90.min(c.published_low95.or(c.published).unwrap_or(0.0)));
    let high = contrasts
        .iter()
        .map(|c| c.high90.max(c.published_high95.or(c.published).unwrap_or(0.0)));
    let values = ticks(low.fold(0.0, f64::min), high.fold(0.0, f64::max), 4);
    let ends = (values[0], *values.last().expect("there are two ticks or more"));
    let x = Scale {
        domain: ends,
        range: (LEFT, WIDTH - RIGHT),
    };
    let decimals = tick_decimals(&values);
    for &value in &values {
        // Zero is a whole multiple of the step, so it is exact.
        svg.segment(
            if value == 0.0 { "zero" } else { "grid" },
            (x.at(value), HEAD),
            (x.at(value), bottom),
        );
        svg.text(
            "quiet",
            (x.at(value), bottom + 17.0),
            Anchor::Middle,
            &words::signed(value, decimals),
        );
    }
    svg.text(
        "quiet",
        ((LEFT + WIDTH - RIGHT) / 2.0, bottom + 36.0),
        Anchor::Middle,
        unit,
    );
    x
}

/// The endpoint, with the arm if there are several; a subgroup of the row above says only who it is.
fn label(svg: &mut Svg, view: &View<'_>, row: &Row<'_>) {
    let contrast = row.contrast;
    let is_alone = view.arms().len() <= 2;
    let same_arm = row.above.is_some_and(|above| above.arm == contrast.arm);
    let arm = if is_alone || same_arm {
        String::new()
    } else {
        view.arm(&contrast.arm).name
    };
    let population = words::population(&contrast.population);
    let who = [arm, population]
        .into_iter()
        .filter(|words| !words.is_empty())
        .collect::<Vec<_>>()
        .join(", ");
    let y = row.middle + 4.0;
    let goes_on = row
        .above
        .is_some_and(|above| above.endpoint == contrast.endpoint && above.week == contrast.week);
    if goes_on {
        svg.text("quiet", (14.0, y), Anchor::Start, &who);
        return;
    }
    let name = format!(
        "{}, week {}",
        words::endpoint(&contrast.endpoint),
        words::week(contrast.week)
    );
    if who.is_empty() {
        svg.text("strong", (0.0, y), Anchor::Start, &name);
    } else {
        svg.text("strong", (0.0, y - 7.0), Anchor::Start, &name);
        svg.text("quiet", (0.0, y + 8.0), Anchor::Start, &who);
    }
}

/// The simulated range and, below it, the published interval.
fn marks(svg: &mut Svg, view: &View<'_>, row: &Row<'_>, x: Scale) {
    let contrast = row.contrast;
    let class = view.arm(&contrast.arm).class;
    let decimals = words::decimals(&contrast.unit);
    let right = WIDTH - RIGHT + 18.0;
    let y = if contrast.published.is_some() {
        row.middle - 8.0
    } else {
        row.middle
    };
    svg.segment(
        &format!("range {class}"),
        (x.at(contrast.low90), y),
        (x.at(contrast.high90), y),
    );
    svg.circle(&format!("dot {class}"), (x.at(contrast.difference), y), 5.2);
    let text = interval(contrast.difference, contrast.low90, contrast.high90, decimals);
    svg.text("", (right, y + 4.0), Anchor::Start, &text);

    let Some(value) = contrast.published else { return };
    let y = row.middle + 8.0;
    let mut text = words::signed(value, decimals);
    if let Some((low, high)) = contrast.published_low95.zip(contrast.published_high95) {
        svg.segment("whisker", (x.at(low), y), (x.at(high), y));
        text = interval(value, low, high, decimals);
    }
    svg.diamond(mark(contrast.status), (x.at(value), y), 5.0);
    svg.text("quiet", (right, y + 4.0), Anchor::Start, &text);
}

/// `+16.3 (6.3 to 26.3)`.
pub(in crate::report) fn interval(value: f64, low: f64, high: f64, decimals: usize) -> String {
    let number = |value| words::number(value, decimals);
    format!(
        "{} ({} to {})",
        words::signed(value, decimals),
        number(low),
        number(high)
    )
}
