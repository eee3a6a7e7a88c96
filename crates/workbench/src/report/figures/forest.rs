//! Differences between arms, simulated against published, one row each.

use crate::report::plot::{Anchor, Scale, Svg, tick_decimals, ticks};
use crate::report::view::{View, mark};
use crate::report::words;
use crate::summary::ContrastSummary;

const WIDTH: f64 = 780.0;
const LEFT: f64 = 230.0;
const RIGHT: f64 = 186.0;
const ROW: f64 = 46.0;
const HEAD: f64 = 30.0;

/// A forest plot of `contrasts`, which share a unit.
pub(in crate::report) fn figure(view: &View<'_>, contrasts: &[&ContrastSummary]) -> String {
    let bottom = HEAD + ROW * contrasts.len() as f64;
    let unit = contrasts.first().map_or("", |c| c.unit.as_str());
    let title = format!("Differences between arms in {unit}, simulated and published");
    let mut svg = Svg::new(WIDTH, bottom + 42.0, &title, "The same numbers stand in the table below.");
    let x = axis(&mut svg, contrasts, unit, bottom);
    svg.text("quiet", (WIDTH - RIGHT + 20.0, 16.0), Anchor::Start, "simulated, 90 % of trials");
    svg.text("quiet", (WIDTH - RIGHT + 20.0, 30.0), Anchor::Start, "published, 95 % interval");
    for (at, contrast) in contrasts.iter().enumerate() {
        let middle = HEAD + ROW * (at as f64 + 0.5);
        let above = at.checked_sub(1).map(|above| contrasts[above]);
        label(&mut svg, view, contrast, above, middle);
        row(&mut svg, view, contrast, x, middle);
    }
    svg.finish()
}

fn axis(svg: &mut Svg, contrasts: &[&ContrastSummary], unit: &str, bottom: f64) -> Scale {
    let low = contrasts.iter().map(|c| c.low90.min(c.published_low95.or(c.published).unwrap_or(0.0)));
    let high = contrasts.iter().map(|c| c.high90.max(c.published_high95.or(c.published).unwrap_or(0.0)));
    let values = ticks(low.fold(0.0, f64::min), high.fold(0.0, f64::max), 5);
    let ends = (values[0], *values.last().expect("there are two ticks or more"));
    let x = Scale { domain: ends, range: (LEFT, WIDTH - RIGHT) };
    let decimals = tick_decimals(&values);
    for &value in &values {
        svg.segment(if value == 0.0 { "zero" } else { "grid" }, (x.at(value), HEAD), (x.at(value), bottom));
        svg.text("quiet", (x.at(value), bottom + 17.0), Anchor::Middle, &words::signed(value, decimals));
    }
    svg.text("quiet", ((LEFT + WIDTH - RIGHT) / 2.0, bottom + 36.0), Anchor::Middle, unit);
    x
}

/// Endpoint and arm; a subgroup of the row above says only who it is.
fn label(svg: &mut Svg, view: &View<'_>, contrast: &ContrastSummary, above: Option<&ContrastSummary>, middle: f64) {
    let arm = view.arm(&contrast.arm).name;
    let population = words::population(&contrast.population);
    let goes_on = above.is_some_and(|above| above.endpoint == contrast.endpoint && above.week == contrast.week);
    if goes_on && !population.is_empty() {
        let who = if above.is_some_and(|above| above.arm == contrast.arm) { population } else { format!("{arm}, {population}") };
        svg.text("quiet", (14.0, middle + 5.0), Anchor::Start, &who);
        return;
    }
    let name = format!("{}, week {}", words::endpoint(&contrast.endpoint), words::week(contrast.week));
    svg.text("strong", (0.0, middle - 3.0), Anchor::Start, &name);
    let who = if population.is_empty() { arm } else { format!("{arm}, {population}") };
    svg.text("quiet", (0.0, middle + 13.0), Anchor::Start, &who);
}

fn row(svg: &mut Svg, view: &View<'_>, contrast: &ContrastSummary, x: Scale, middle: f64) {
    let arm = view.arm(&contrast.arm);
    let decimals = words::decimals(&contrast.unit);
    let y = middle - 7.0;
    svg.segment(&format!("range {}", arm.class), (x.at(contrast.low90), y), (x.at(contrast.high90), y));
    svg.circle(&format!("dot {}", arm.class), (x.at(contrast.difference), y), 5.2);
    let text = interval(contrast.difference, contrast.low90, contrast.high90, decimals);
    svg.text("", (WIDTH - RIGHT + 20.0, y + 4.0), Anchor::Start, &text);

    let Some(value) = contrast.published else { return };
    let y = middle + 9.0;
    let mut text = words::signed(value, decimals);
    if let Some((low, high)) = contrast.published_low95.zip(contrast.published_high95) {
        svg.segment("whisker", (x.at(low), y), (x.at(high), y));
        text = interval(value, low, high, decimals);
    }
    svg.diamond(mark(contrast.status), (x.at(value), y), 5.0);
    svg.text("quiet", (WIDTH - RIGHT + 20.0, y + 4.0), Anchor::Start, &text);
}

/// `+16.3 (6.3 to 26.3)`.
pub(in crate::report) fn interval(value: f64, low: f64, high: f64, decimals: usize) -> String {
    let number = |value| words::number(value, decimals);
    format!("{} ({} to {})", words::signed(value, decimals), number(low), number(high))
}
