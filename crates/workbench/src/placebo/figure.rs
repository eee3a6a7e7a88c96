//! Placebo response over time: the reference arm's course with its middle 80 %, and every published rate, one panel per endpoint.

use super::page::name;
use super::{Course, ENDPOINTS, Rate, Report};
use crate::report::plot::{Anchor, Scale, Svg};

const STYLE: &str = include_str!("style.css");
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 470.0;
const TOP: f64 = 92.0;
const BOTTOM: f64 = HEIGHT - 48.0;
const PANEL: f64 = 410.0;
const GAP: f64 = 70.0;
const LEFT: f64 = 60.0;
/// Weeks and percents of the axes.
const WEEKS: (f64, f64) = (0.0, 80.0);
const PERCENTS: (f64, f64) = (0.0, 60.0);

/// An SVG file.
pub fn figure(report: &Report) -> String {
    let title = format!("Placebo response over time, population {}", report.population);
    let words = format!(
        "Line and band: {}, simulated mean and middle 80 % of trials; diamonds: published rates of all placebo arms, filled if fitted, open if predicted; \
         thin lines: to the simulated mean of the same trial and week",
        report.reference_name
    );
    let mut svg = Svg::standalone(WIDTH, HEIGHT, STYLE, &title, &words);
    svg.text("title", (LEFT, 30.0), Anchor::Start, &title);
    let (first, second) = words.split_once("; diamonds").expect("written so above");
    svg.text("quiet", (LEFT, 50.0), Anchor::Start, first);
    svg.text("quiet", (LEFT, 66.0), Anchor::Start, &format!("Diamonds{second}"));
    for (k, endpoint) in ENDPOINTS.iter().enumerate() {
        let left = LEFT + k as f64 * (PANEL + GAP);
        panel(&mut svg, report, endpoint, left);
    }
    svg.finish() + "\n"
}

fn panel(svg: &mut Svg, report: &Report, endpoint: &str, left: f64) {
    let x = Scale {
        domain: WEEKS,
        range: (left, left + PANEL),
    };
    let y = Scale {
        domain: PERCENTS,
        range: (BOTTOM, TOP + 14.0),
    };
    for percent in [0.0, 20.0, 40.0, 60.0] {
        svg.segment("grid", (left, y.at(percent)), (left + PANEL, y.at(percent)));
        svg.text(
            "quiet",
            (left - 8.0, y.at(percent) + 4.0),
            Anchor::End,
            &format!("{percent}"),
        );
    }
    for week in [0.0, 12.0, 24.0, 36.0, 52.0, 76.0] {
        svg.text("quiet", (x.at(week), BOTTOM + 18.0), Anchor::Middle, &format!("{week}"));
    }
    let axis = format!("{}, percent of all patients", name(endpoint));
    svg.text("panel", (left, TOP), Anchor::Start, &axis);
    svg.text(
        "quiet",
        (left + PANEL, BOTTOM + 36.0),
        Anchor::End,
        "weeks since randomisation",
    );
    if let Some(course) = report.courses.iter().find(|course| course.trial == report.reference) {
        reference(svg, course, endpoint, (x, y));
    }
    for course in &report.courses {
        course
            .of(endpoint)
            .for_each(|rate| published(svg, course, rate, (x, y)));
    }
}

fn reference(svg: &mut Svg, course: &Course, endpoint: &str, (x, y): (Scale, Scale)) {
    let along = |read: fn(&Rate) -> f64| -> Vec<(f64, f64)> {
        let rates = course.of(endpoint);
        rates.map(|rate| (x.at(rate.week), y.inside(read(rate)))).collect()
    };
    svg.band("band", &along(|rate| rate.middle80.1), &along(|rate| rate.middle80.0));
    svg.line("course", &along(|rate| rate.simulated));
}

fn published(svg: &mut Svg, course: &Course, rate: &Rate, (x, y): (Scale, Scale)) {
    let Some(published) = &rate.published else { return };
    let (week, value) = (x.inside(rate.week), y.inside(published.value));
    svg.segment("error", (week, value), (week, y.inside(rate.simulated)));
    let class = if course.fitted { "fitted" } else { "predicted" };
    svg.diamond(class, (week, value), 4.5);
}
