//! Hypotheses in a row, and arrows for what passes from one to another.

use crate::report::plot::{Anchor, Svg};
use crate::report::words;
use crate::summary::{HypothesisSummary, MultiplicitySummary};

const WIDTH: f64 = 720.0;
/// Widest distance between neighbours.
const APART: f64 = 150.0;
const RADIUS: f64 = 17.0;
/// Height of an arrow to the neighbour, and what each further one adds.
const ARROW: (f64, f64) = (26.0, 24.0);
/// Half the distance between where arrows leave and arrive at the top of a circle.
const BESIDE: f64 = 6.0;
const POINTS: u32 = 32;
/// Room for a character of a name.
const CHARACTER: f64 = 6.6;
const LINE: f64 = 15.0;

/// The drawing: circles hold the numbers of the table, with the share of alpha below.
pub(in crate::report) fn figure(all: &MultiplicitySummary) -> String {
    let n = all.hypotheses.len();
    let apart = (WIDTH / n as f64).min(APART);
    let x = |k: usize| 0.5 * (WIDTH - apart * (n - 1) as f64) + apart * k as f64;
    let arrows = arrows(all);
    let height = |is_forward: bool| {
        let reach = arrows
            .iter()
            .filter(|a| a.is_forward() == is_forward)
            .map(Arrow::height);
        reach.fold(0.0, f64::max)
    };
    let middle = height(true) + RADIUS + 24.0;
    let below = middle + RADIUS + height(false) + 10.0;
    let names: Vec<Vec<String>> = all.hypotheses.iter().map(|h| name(h, apart)).collect();
    let n_lines = names.iter().map(Vec::len).max().unwrap_or(0);
    let mut svg = Svg::new(
        WIDTH,
        below + 46.0 + LINE * n_lines as f64,
        "Hypotheses and what they pass on",
        &description(all),
    );
    for arrow in &arrows {
        arrow.draw(&mut svg, (x(arrow.from), x(arrow.to)), middle);
    }
    for (k, hypothesis) in all.hypotheses.iter().enumerate() {
        svg.circle("dot arm-1", (x(k), middle), RADIUS);
        svg.text("on-0", (x(k), middle + 4.5), Anchor::Middle, &format!("{}", k + 1));
        let share = format!("share {}", words::share(hypothesis.weight));
        svg.text("quiet halo", (x(k), below + 22.0), Anchor::Middle, &share);
        for (line, text) in names[k].iter().enumerate() {
            let y = below + 40.0 + LINE * line as f64;
            svg.text("", (x(k), y), Anchor::Middle, text);
        }
    }
    svg.finish()
}

/// A share that passes from one hypothesis to another.
struct Arrow {
    from: usize,
    to: usize,
    share: f64,
}

fn arrows(all: &MultiplicitySummary) -> Vec<Arrow> {
    let at = |id: &String| all.hypotheses.iter().position(|h| h.hypothesis == *id);
    let of = |(from, h): (usize, &HypothesisSummary)| {
        let arrow = |(id, share): &(String, f64)| {
            let (to, share) = (at(id)?, *share);
            Some(Arrow { from, to, share })
        };
        h.passes.iter().filter_map(arrow).collect::<Vec<_>>()
    };
    all.hypotheses.iter().enumerate().flat_map(of).collect()
}

impl Arrow {
    fn is_forward(&self) -> bool {
        self.to > self.from
    }

    fn height(&self) -> f64 {
        ARROW.0 + ARROW.1 * (self.from.abs_diff(self.to) - 1) as f64
    }

    /// Half an ellipse: above the row to later hypotheses, below it to earlier ones.
    fn draw(&self, svg: &mut Svg, (from, to): (f64, f64), middle: f64) {
        let side = if self.is_forward() { -1.0 } else { 1.0 };
        let start = (from - side * BESIDE, to + side * BESIDE);
        let base = middle + side * RADIUS;
        let centre = 0.5 * (start.0 + start.1);
        let at = |step: u32| {
            let angle = std::f64::consts::PI * f64::from(step) / f64::from(POINTS);
            (
                centre + (start.0 - centre) * angle.cos(),
                base + side * self.height() * angle.sin(),
            )
        };
        let points: Vec<(f64, f64)> = (0..=POINTS).map(at).collect();
        svg.line("open", &points);
        let (tip, before) = (at(POINTS), at(POINTS - 3));
        let length = (tip.0 - before.0).hypot(tip.1 - before.1);
        let along = ((tip.0 - before.0) / length, (tip.1 - before.1) / length);
        let corner = |across: f64| {
            (
                tip.0 - 8.0 * along.0 - across * along.1,
                tip.1 - 8.0 * along.1 + across * along.0,
            )
        };
        svg.band("fitted", &[tip, corner(3.0)], &[corner(-3.0)]);
        let away = if self.is_forward() { -5.0 } else { 14.0 };
        let y = base + side * self.height() + away;
        svg.text("halo", (centre, y), Anchor::Middle, &words::share(self.share));
    }
}

/// The name in lines that fit between neighbours.
fn name(hypothesis: &HypothesisSummary, apart: f64) -> Vec<String> {
    let most = ((apart / CHARACTER) as usize).max(6);
    let mut lines: Vec<String> = Vec::new();
    for word in words::plain(&hypothesis.hypothesis).split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn description(all: &MultiplicitySummary) -> String {
    let passes = |h: &HypothesisSummary| {
        let to: Vec<String> = (h.passes.iter())
            .map(|(id, share)| format!("{} to {}", words::share(*share), words::plain(id)))
            .collect();
        let share = words::share(h.weight);
        let to = if to.is_empty() {
            "nothing".to_owned()
        } else {
            to.join(", ")
        };
        format!(
            "{} has {share} of alpha and passes on {to}.",
            words::plain(&h.hypothesis)
        )
    };
    all.hypotheses.iter().map(passes).collect::<Vec<_>>().join(" ")
}
