//! Published against predicted responder rates, one mark each.

use crate::report::plot::{Anchor, Scale, Svg, ticks};
use crate::report::words;
use crate::score::{Row, RowStatus};

const SIDE: f64 = 520.0;
const LEFT: f64 = 64.0;
const BOTTOM: f64 = 52.0;
const TOP: f64 = 28.0;
/// Side of the mark of a weakly supported therapy, px.
const SQUARE: f64 = 7.0;

/// A square plot of `rows`, all in percent.
pub(in crate::report) fn figure(rows: &[&Row]) -> String {
    let values = rows
        .iter()
        .flat_map(|row| [row.published, row.interval80.0, row.interval80.1]);
    let high = values.fold(0.0, f64::max);
    let marks = ticks(0.0, high, 5);
    let domain = (0.0, *marks.last().expect("ticks cover at least one step"));
    let x = Scale {
        domain,
        range: (LEFT, SIDE),
    };
    let y = Scale {
        domain,
        range: (SIDE - BOTTOM, TOP),
    };
    let mut svg = Svg::new(
        SIDE + 12.0,
        SIDE,
        "Published against predicted responder rates",
        "The same numbers stand in the tables below.",
    );
    axes(&mut svg, &marks, x, y);
    // Fitted first: predicted marks lie on top, and no bar lies on a mark of its kind.
    for status in [RowStatus::Fitted, RowStatus::Predicted] {
        let own = || rows.iter().filter(|row| row.status == status);
        own().for_each(|row| bar(&mut svg, row, x, y));
        own().for_each(|row| mark(&mut svg, row, x, y));
    }
    svg.finish()
}

fn axes(svg: &mut Svg, marks: &[f64], x: Scale, y: Scale) {
    let (left, right, bottom, top) = (x.range.0, x.range.1, y.range.0, y.range.1);
    for &value in marks {
        svg.segment("grid", (x.at(value), top), (x.at(value), bottom));
        svg.segment("grid", (left, y.at(value)), (right, y.at(value)));
        let text = format!("{} %", words::number(value, 0));
        svg.text("quiet", (x.at(value), bottom + 18.0), Anchor::Middle, &text);
        svg.text("quiet", (left - 8.0, y.at(value) + 4.0), Anchor::End, &text);
    }
    svg.segment("zero", (left, bottom), (right, top));
    svg.text("", (right, bottom + 40.0), Anchor::End, "predicted");
    svg.text("", (0.0, 12.0), Anchor::Start, "published");
}

fn bar(svg: &mut Svg, row: &Row, x: Scale, y: Scale) {
    let height = y.inside(row.published);
    let (low, high) = row.interval80;
    let class = match row.status {
        RowStatus::Fitted => "grid",
        RowStatus::Predicted => "whisker",
    };
    svg.segment(
        &format!("{class} tint {}", colour(row)),
        (x.inside(low), height),
        (x.inside(high), height),
    );
}

fn mark(svg: &mut Svg, row: &Row, x: Scale, y: Scale) {
    let class = match row.status {
        RowStatus::Fitted => "fitted",
        RowStatus::Predicted => "predicted",
    };
    let (across, up) = (x.inside(row.predicted), y.inside(row.published));
    let class = format!("{class} tint {}", colour(row));
    if row.weak {
        svg.rect(
            &class,
            (across - SQUARE / 2.0, up - SQUARE / 2.0),
            (SQUARE, SQUARE),
            &row.arm,
        );
    } else {
        svg.circle(&class, (across, up), 4.0);
    }
}

fn colour(row: &Row) -> &'static str {
    if row.therapy == "placebo" { "arm-0" } else { "arm-1" }
}
