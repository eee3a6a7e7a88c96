//! Bias and coverage of every estimator, one row each.

use crate::report::plot::{Anchor, Scale, Svg, tick_decimals, ticks};
use crate::report::words;
use crate::summary::{EstimandSummary, EstimatorSummary};

const WIDTH: f64 = 720.0;
const BIAS: (f64, f64) = (230.0, 460.0);
const COVERAGE: (f64, f64) = (510.0, 700.0);
const HEAD: f64 = 40.0;
const ROW: f64 = 22.0;
const GAP: f64 = 30.0;

/// Estimators with an interval, which alone have bias and coverage.
fn judged(estimand: &EstimandSummary) -> impl Iterator<Item = &EstimatorSummary> {
    estimand.estimators.iter().filter(|e| e.coverage.is_some())
}

/// Bias in standard deviations of the estimate over trials, with its Monte-Carlo standard error.
fn standardised(estimator: &EstimatorSummary) -> Option<(f64, f64)> {
    let sd = estimator.sd.filter(|sd| *sd > 0.0)?;
    Some((estimator.bias? / sd, estimator.bias_se? / sd))
}

/// Two panels that share their rows: bias and coverage.
pub(in crate::report) fn figure(estimands: &[EstimandSummary]) -> String {
    let shown: Vec<&EstimandSummary> = estimands.iter().filter(|e| judged(e).next().is_some()).collect();
    let n_rows: usize = shown.iter().map(|e| judged(e).count()).sum();
    let bottom = HEAD + shown.len() as f64 * GAP + n_rows as f64 * ROW + 6.0;
    let mut svg = Svg::new(
        WIDTH,
        bottom + 42.0,
        "Bias and coverage of every estimator",
        "The same numbers stand in the tables below.",
    );
    let (x, coverage) = (
        bias_axis(&mut svg, &shown, bottom),
        coverage_axis(&mut svg, &shown, bottom),
    );
    let mut y = HEAD;
    for estimand in shown {
        y += GAP;
        let title = format!(
            "{} ({})",
            words::capitalised(&words::plain(&estimand.estimand)),
            words::plain(&estimand.measure)
        );
        svg.text("strong", (0.0, y - 9.0), Anchor::Start, &title);
        for estimator in judged(estimand) {
            row(&mut svg, estimator, y + 7.0, x, coverage);
            y += ROW;
        }
    }
    svg.finish()
}

fn row(svg: &mut Svg, estimator: &EstimatorSummary, y: f64, x: Scale, coverage: Scale) {
    svg.text(
        "quiet",
        (14.0, y + 4.0),
        Anchor::Start,
        &words::plain(&estimator.estimator),
    );
    if let Some((bias, se)) = standardised(estimator) {
        svg.segment(
            "range arm-1",
            (x.inside(bias - 2.0 * se), y),
            (x.inside(bias + 2.0 * se), y),
        );
        svg.circle("dot arm-1", (x.inside(bias), y), 4.6);
    }
    if let (Some(share), Some(se)) = (estimator.coverage, estimator.coverage_se) {
        let at = |share: f64| coverage.inside(100.0 * share);
        svg.segment("range arm-2", (at(share - 2.0 * se), y), (at(share + 2.0 * se), y));
        svg.circle("dot arm-2", (at(share), y), 4.6);
    }
}

fn bias_axis(svg: &mut Svg, shown: &[&EstimandSummary], bottom: f64) -> Scale {
    let ends = shown.iter().flat_map(|e| judged(e)).filter_map(standardised);
    let (low, high) = ends.fold((-0.5_f64, 0.5_f64), |(low, high), (bias, se)| {
        (low.min(bias - 2.0 * se), high.max(bias + 2.0 * se))
    });
    axis(
        svg,
        ticks(low.max(-5.0), high.min(5.0), 4),
        BIAS,
        bottom,
        0.0,
        "bias, standard deviations of the estimate",
    )
}

fn coverage_axis(svg: &mut Svg, shown: &[&EstimandSummary], bottom: f64) -> Scale {
    let lowest = shown.iter().flat_map(|e| judged(e));
    let lowest = lowest.filter_map(|e| Some(100.0 * (e.coverage? - 2.0 * e.coverage_se?)));
    let low = lowest.fold(90.0_f64, f64::min).max(0.0);
    axis(
        svg,
        ticks(low, 100.0, 3),
        COVERAGE,
        bottom,
        95.0,
        "coverage of 95 % intervals, %",
    )
}

/// Grid lines with numbers below, a stronger line at `reference`, and the axis' name above.
fn axis(svg: &mut Svg, values: Vec<f64>, range: (f64, f64), bottom: f64, reference: f64, name: &str) -> Scale {
    let domain = (values[0], *values.last().expect("there are two ticks or more"));
    let x = Scale { domain, range };
    let decimals = tick_decimals(&values);
    for &value in &values {
        svg.segment("grid", (x.at(value), HEAD), (x.at(value), bottom));
        svg.text(
            "quiet",
            (x.at(value), bottom + 17.0),
            Anchor::Middle,
            &words::number(value, decimals),
        );
    }
    svg.segment("zero", (x.at(reference), HEAD), (x.at(reference), bottom));
    svg.text("quiet", (0.5 * (range.0 + range.1), 16.0), Anchor::Middle, name);
    x
}
