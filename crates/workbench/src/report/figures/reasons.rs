//! Why patients failed an endpoint: one bar per arm, cut by reason.

use crate::report::plot::{Anchor, Svg, text_width};
use crate::report::view::View;
use crate::report::words;
use crate::summary::ReasonSummary;

const WIDTH: f64 = 760.0;
const BAR: f64 = 42.0;
const ROW: f64 = 76.0;
/// Shades there are for reasons after `responder`; more reasons share the last.
const SHADES: usize = 5;

/// Reasons in the order of all bars: response first, then by how common they are over all arms.
pub(in crate::report) fn order(reasons: &[&ReasonSummary]) -> Vec<String> {
    let mut totals: Vec<(String, f64)> = Vec::new();
    for reason in reasons {
        match totals.iter_mut().find(|(name, _)| *name == reason.reason) {
            Some((_, total)) => *total += reason.percent,
            None => totals.push((reason.reason.clone(), reason.percent)),
        }
    }
    totals.sort_by(|a, b| {
        (b.0 == "responder")
            .cmp(&(a.0 == "responder"))
            .then(b.1.total_cmp(&a.1))
    });
    totals.into_iter().map(|(name, _)| name).collect()
}

/// Number of the shade of the reason at `position` in [`order`].
pub(in crate::report) fn shade(position: usize) -> usize {
    position.min(SHADES)
}

/// Words for a reason: `responder` is responded.
pub(in crate::report) fn reason_words(reason: &str, reasons: &[&ReasonSummary]) -> String {
    if reason == "responder" {
        return "responded".into();
    }
    let known = reasons.iter().find(|r| r.reason == reason && !r.label.is_empty());
    known.map_or_else(|| words::plain(reason), |r| r.label.clone())
}

/// Bars of all arms for one endpoint.
pub(in crate::report) fn figure(view: &View<'_>, reasons: &[&ReasonSummary]) -> String {
    let order = order(reasons);
    let arms: Vec<_> = view
        .arms()
        .iter()
        .filter(|arm| reasons.iter().any(|r| r.arm == arm.id))
        .collect();
    let height = ROW * arms.len() as f64;
    let mut svg = Svg::new(
        WIDTH,
        height,
        "Share of each arm by outcome and reason",
        "The same numbers stand in the table below.",
    );
    for (at, arm) in arms.iter().enumerate() {
        let top = ROW * at as f64;
        svg.text(
            &format!("own big {}", arm.class),
            (0.0, top + 15.0),
            Anchor::Start,
            &words::capitalised(&arm.name),
        );
        let mut x = 0.0;
        for (position, reason) in order.iter().enumerate() {
            let of_arm = reasons.iter().find(|r| r.arm == arm.id && &r.reason == reason);
            let Some(percent) = of_arm.map(|r| r.percent) else {
                continue;
            };
            let width = WIDTH * percent / 100.0;
            segment(
                &mut svg,
                &arm.class,
                position,
                (x, top + 22.0),
                width,
                &reason_words(reason, reasons),
                percent,
            );
            x += width;
        }
    }
    svg.finish()
}

fn segment(svg: &mut Svg, arm: &str, position: usize, corner: (f64, f64), width: f64, words: &str, percent: f64) {
    let shade = shade(position);
    let tip = format!("{words}: {percent:.1} %");
    svg.rect(&format!("seg reason-{shade} {arm}"), corner, (width, BAR), &tip);
    let (x, middle) = (corner.0 + 8.0, corner.1 + BAR / 2.0 + 4.5);
    let lines = lines(words, &format!("{percent:.0} %"), width - 14.0);
    for (at, line) in lines.iter().enumerate() {
        let y = middle + 15.0 * (at as f64 - (lines.len() as f64 - 1.0) / 2.0);
        svg.text(&format!("on-{shade}"), (x, y), Anchor::Start, line);
    }
}

/// Words and number in one line or two, the number alone, or nothing, whatever fits into `width`.
fn lines(words: &str, number: &str, width: f64) -> Vec<String> {
    let full = format!("{words} {number}");
    let middle = full.len() / 2;
    let halves = full
        .match_indices(' ')
        .map(|(at, _)| at)
        .filter(|&at| at < words.len() + 1)
        .min_by_key(|at| at.abs_diff(middle))
        .map(|at| vec![full[..at].to_string(), full[at + 1..].to_string()]);
    let candidates = [Some(vec![full.clone()]), halves, Some(vec![number.to_string()])];
    let fits = |lines: &Vec<String>| lines.iter().all(|line| text_width(line) <= width);
    candidates.into_iter().flatten().find(fits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_shrink_with_their_segment() {
        let words = "a baseline BILAG A did not improve";
        assert_eq!(lines(words, "37 %", 400.0), ["a baseline BILAG A did not improve 37 %"]);
        assert_eq!(
            lines(words, "37 %", 180.0),
            ["a baseline BILAG A", "did not improve 37 %"]
        );
        assert_eq!(lines(words, "37 %", 60.0), ["37 %"]);
        assert!(lines(words, "37 %", 10.0).is_empty());
    }
}
