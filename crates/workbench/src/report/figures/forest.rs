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
    let rows = rows(view, contrasts);
    let bottom = HEAD + contrasts.iter().map(|contrast| height(view, contrast)).sum::<f64>();
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

/// Rows with two lines of marks or of words are tall.
fn height(view: &View<'_>, contrast: &ContrastSummary) -> f64 {
    let two_lines = has_arms(view) && contrast.population != "all";
    if contrast.published.is_some() || two_lines {
        TALL
    } else {
        LOW
    }
}

/// True if there is more than one treated arm, so that rows have to say which.
fn has_arms(view: &View<'_>) -> bool {
    view.arms().len() > 2
}

fn rows<'a>(view: &View<'_>, contrasts: &[&'a ContrastSummary]) -> Vec<Row<'a>> {
    let mut top = HEAD;
    let mut above = None;
    let place = |&contrast: &&'a ContrastSummary| {
        let row = Row {
            contrast,
            above,
            middle: top + height(view, contrast) / 2.0,
        };
        top += height(view, contrast);
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

/// The endpoint, the subgroup, and the arm if there are several; what stands in the row above is not repeated.
fn label(svg: &mut Svg, view: &View<'_>, row: &Row<'_>) {
    let contrast = row.contrast;
    let goes_on = row
        .above
        .is_some_and(|above| above.endpoint == contrast.endpoint && above.week == contrast.week);
    let same_patients = goes_on && row.above.is_some_and(|above| above.population == contrast.population);
    let endpoint = format!(
        "{}, week {}",
        words::endpoint(&contrast.endpoint),
        words::week(contrast.week)
    );
    let arm = if has_arms(view) {
        view.arm(&contrast.arm).name
    } else {
        String::new()
    };
    let population = if same_patients {
        String::new()
    } else {
        words::population(&contrast.population)
    };
    let lines = [if goes_on { String::new() } else { endpoint }, population, arm];
    let lines: Vec<&String> = lines.iter().filter(|line| !line.is_empty()).collect();
    for (at, line) in lines.iter().enumerate() {
        let is_endpoint = !goes_on && at == 0;
        let y = row.middle + 4.0 + 15.0 * (at as f64 - (lines.len() as f64 - 1.0) / 2.0);
        let (class, x) = if is_endpoint { ("strong", 0.0) } else { ("quiet", 14.0) };
        svg.text(class, (x, y), Anchor::Start, line);
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
