//! Series as a drawing: a panel per unit and order of magnitude, a line per variable; for many patients the median and the middle
//! 90 % of them.
//!
//! Colours after Okabe & Ito (https://jfly.uni-koeln.de/color/), darkened on light paper and lightened on dark until the lines stand
//! out, so that they can be told apart without red and green; each line also carries its name.

mod axes;
mod curves;

use super::series::Series;
use crate::report::plot::{Anchor, Scale, Svg, spread, text_width};
use axes::{Axis, value_axis};
use curves::{Curve, Panel, panels};

const STYLE: &str = include_str!("style.css");
/// Most panels; more would be too small to read or too long to scroll.
const MOST_PANELS: usize = 24;
/// Width and height of a panel, px; a panel alone is larger.
const SMALL: (f64, f64) = (440.0, 264.0);
const LARGE: (f64, f64) = (760.0, 420.0);
/// Room for title and subtitle above, px.
const HEAD: f64 = 62.0;
const MARGIN: f64 = 18.0;
/// Room left of the axis, below it and above it, px.
const LEFT: f64 = 52.0;
const BELOW: f64 = 44.0;
const ABOVE: f64 = 30.0;
/// Widest room for the names of lines, px.
const MOST_NAME: f64 = 132.0;

/// An SVG file of what is in `series`, under `title`.
pub fn plot(series: &Series, title: &str) -> String {
    let mut panels = panels(series);
    let n_hidden: usize = panels.iter().skip(MOST_PANELS).map(|panel| panel.curves.len()).sum();
    panels.truncate(MOST_PANELS);
    let columns = if panels.len() > 1 { 2 } else { 1 };
    let size = if columns == 1 { LARGE } else { SMALL };
    let rows = panels.len().div_ceil(columns);
    let width = 2.0 * MARGIN + size.0 * columns as f64;
    let height = HEAD + MARGIN + size.1 * rows as f64;
    let words = subtitle(series, n_hidden);
    let mut svg = Svg::standalone(width, height, STYLE, title, &describe(&panels, &words));
    svg.text("title", (MARGIN, 28.0), Anchor::Start, title);
    svg.text("quiet", (MARGIN, 48.0), Anchor::Start, &words);
    for (at, panel) in panels.iter().enumerate() {
        let corner = (
            MARGIN + size.0 * (at % columns) as f64,
            HEAD + size.1 * (at / columns) as f64,
        );
        draw(&mut svg, series, panel, corner, size);
    }
    svg.finish() + "\n"
}

/// What the lines are.
fn subtitle(series: &Series, n_hidden: usize) -> String {
    let n = series.simulations().len();
    let mut words = match (series.leading, curves::is_family(series)) {
        (1, _) => "one simulation".to_owned(),
        (_, true) => format!("a line per value of {}", series.names[0]),
        _ => {
            let whom = if series.names[0] == "patient" {
                "virtual patients"
            } else {
                "simulations"
            };
            format!("n = {n} {whom}; lines: median, bands: 5th to 95th percentile")
        }
    };
    if !series.unsolved.is_empty() {
        words += &format!("; {} of {n} could not be finished", series.unsolved.len());
    }
    if n_hidden > 0 {
        words += &format!("; {n_hidden} more variables not drawn, name those wanted with --variables");
    }
    words
}

/// The last values, for those who cannot see the drawing.
fn describe(panels: &[Panel], words: &str) -> String {
    let mut text = format!("{words}. ");
    for (panel, curve) in panels
        .iter()
        .flat_map(|p| p.curves.iter().map(move |c| (p, c)))
        .take(40)
    {
        if let Some(last) = curve.middle.last() {
            text += &format!("{}: {:.4e} {} at time {}. ", curve.name, last.1, panel.unit, last.0);
        }
    }
    text
}

fn draw(svg: &mut Svg, series: &Series, panel: &Panel, corner: (f64, f64), size: (f64, f64)) {
    let widest = panel.curves.iter().map(|c| text_width(&c.name)).fold(0.0, f64::max);
    let right = widest.min(MOST_NAME) + 16.0;
    let time = series.leading - 1;
    let (first, last) = (series.rows.first(), series.rows.last());
    let domain = (first.map_or(0.0, |r| r[time]), last.map_or(1.0, |r| r[time]));
    let x = Scale {
        domain,
        range: (corner.0 + LEFT, corner.0 + size.0 - right),
    };
    let axis = value_axis(panel);
    let y = Scale {
        domain: axis.domain,
        range: (corner.1 + size.1 - BELOW, corner.1 + ABOVE),
    };
    frame(svg, series, panel, &axis, x, y);
    for (at, curve) in panel.curves.iter().enumerate() {
        band(svg, at, curve, x, y);
    }
    for (at, curve) in panel.curves.iter().enumerate() {
        let points: Vec<(f64, f64)> = curve.middle.iter().map(|&(t, v)| (x.at(t), y.inside(v))).collect();
        svg.line(&format!("line c{at}"), &points);
    }
    let ends: Vec<f64> = panel
        .curves
        .iter()
        .map(|c| c.middle.last().map_or(y.range.0, |p| y.inside(p.1)) + 4.0)
        .collect();
    let ends = spread(&ends, 15.0, y.range.1 + 4.0, y.range.0 + 2.0);
    for (at, (curve, end)) in panel.curves.iter().zip(ends).enumerate() {
        let place = (x.range.1 + 7.0, end);
        svg.text(&format!("own c{at}"), place, Anchor::Start, &shortened(&curve.name));
    }
}

fn band(svg: &mut Svg, at: usize, curve: &Curve, x: Scale, y: Scale) {
    if curve.low.is_empty() {
        return;
    }
    let edge =
        |points: &[(f64, f64)]| -> Vec<(f64, f64)> { points.iter().map(|&(t, v)| (x.at(t), y.inside(v))).collect() };
    svg.band(&format!("band c{at}"), &edge(&curve.high), &edge(&curve.low));
}

/// Grid, axes and their words.
fn frame(svg: &mut Svg, series: &Series, panel: &Panel, axis: &Axis, x: Scale, y: Scale) {
    for (value, text) in &axis.ticks {
        svg.segment("grid", (x.range.0, y.at(*value)), (x.range.1, y.at(*value)));
        svg.text("quiet", (x.range.0 - 7.0, y.at(*value) + 4.0), Anchor::End, text);
    }
    svg.segment("axis", (x.range.0, y.range.0), (x.range.1, y.range.0));
    for (value, text) in axes::time_ticks(x.domain) {
        svg.segment("axis", (x.at(value), y.range.0), (x.at(value), y.range.0 + 4.0));
        svg.text("quiet", (x.at(value), y.range.0 + 18.0), Anchor::Middle, &text);
    }
    let unit = match (panel.unit.as_str(), axis.factor.as_str()) {
        ("", factor) => factor.trim_start().to_owned(),
        (unit, factor) => format!("{unit}{factor}"),
    };
    svg.text("quiet", (x.range.0, y.range.1 - 12.0), Anchor::Start, &unit);
    let of_time = &series.units[series.leading - 1];
    let label = if of_time.is_empty() {
        "time".to_owned()
    } else {
        format!("time ({of_time})")
    };
    let middle = (x.range.0 + x.range.1) / 2.0;
    svg.text("quiet", (middle, y.range.0 + 35.0), Anchor::Middle, &label);
}

/// A name that fits beside the line.
fn shortened(name: &str) -> String {
    let most = (MOST_NAME / text_width("x")) as usize;
    if name.chars().count() <= most {
        return name.to_owned();
    }
    name.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(leading: usize, n: usize) -> Series {
        let names: &[&str] = if leading == 2 {
            &["patient", "time", "x", "y"]
        } else {
            &["time", "x", "y"]
        };
        let mut rows = Vec::new();
        for patient in 0..n {
            for t in 0..5 {
                let t = f64::from(t);
                let values = [t, (patient + 1) as f64 * t, 1e-6];
                let lead = [patient as f64];
                rows.push(if leading == 2 {
                    [&lead[..], &values].concat()
                } else {
                    values.to_vec()
                });
            }
        }
        Series {
            names: names.iter().map(|n| (*n).to_owned()).collect(),
            units: names
                .iter()
                .map(|n| if *n == "x" { "nM & co" } else { "" }.to_owned())
                .collect(),
            rows,
            leading,
            ..Series::default()
        }
    }

    #[test]
    fn a_drawing_is_a_file_of_its_own_with_names_units_and_both_colour_schemes() {
        let svg = plot(&series(1, 1), "decay <1>");
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.ends_with("</svg>\n"));
        for part in [
            "decay &lt;1&gt;",
            "nM &amp; co",
            ">x</text>",
            ">y</text>",
            "×10⁻⁶",
            "prefers-color-scheme: dark",
        ] {
            assert!(svg.contains(part), "{part}");
        }
        assert_eq!(
            (svg.matches("<polyline").count(), svg.matches("<polygon").count()),
            (2, 0)
        );
    }

    #[test]
    fn many_patients_are_a_median_and_a_band() {
        let svg = plot(&series(2, 20), "many");
        assert_eq!(
            (svg.matches("<polyline").count(), svg.matches("<polygon").count()),
            (2, 2)
        );
        assert!(svg.contains("n = 20") && svg.contains("5th to 95th percentile"));
    }
}
