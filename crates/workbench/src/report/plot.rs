//! A small pen for inline SVG: axes, lines, bands, points with whiskers, bars. Colours come from the page's style.

use std::fmt::Write as _;

use super::words::escape;

/// Maps values to positions on the page, linearly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// Values at the two ends.
    pub domain: (f64, f64),
    /// Positions of the two ends, px.
    pub range: (f64, f64),
}

impl Scale {
    /// Position of `value`.
    pub fn at(&self, value: f64) -> f64 {
        let share = (value - self.domain.0) / (self.domain.1 - self.domain.0);
        self.range.0 + share * (self.range.1 - self.range.0)
    }

    /// Position of `value`, or of the nearer end if it lies outside.
    pub fn inside(&self, value: f64) -> f64 {
        self.at(value.clamp(self.domain.0, self.domain.1))
    }
}

/// Round tick values covering `low..high` in about `wanted` steps of 1, 2, 2.5 or 5 times a power of ten. The first is
/// at or below `low`, the last at or above `high`.
pub(crate) fn ticks(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let span = (high - low).max(f64::MIN_POSITIVE * 1e10);
    let raw = span / wanted.max(1) as f64;
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .map(|m| m * power)
        .into_iter()
        .find(|s| *s >= raw * 0.999);
    let step = step.unwrap_or(10.0 * power);
    let first = (low / step + 1e-9).floor() as i64;
    let last = (high / step - 1e-9).ceil() as i64;
    (first..=last.max(first + 1)).map(|k| k as f64 * step).collect()
}

/// Decimals needed to tell ticks apart.
pub(crate) fn tick_decimals(ticks: &[f64]) -> usize {
    let step = ticks.get(1).map_or(1.0, |second| second - ticks[0]);
    (0..6)
        .find(|&d| ((step * 10_f64.powi(d)).fract() * 1e6).round() % 1e6 == 0.0)
        .unwrap_or(6) as usize
}

/// Where text stands relative to its position.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// An SVG being drawn. `class` arguments are class names of the page's style.
pub(crate) struct Svg {
    body: String,
}

impl Svg {
    /// An empty drawing of `width` by `height` px with a title and a description for those who cannot see it.
    pub fn new(width: f64, height: f64, title: &str, description: &str) -> Svg {
        let mut body = String::new();
        let _ = write!(
            body,
            "<svg viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\"><title>{}</title><desc>{}</desc>",
            escape(title),
            escape(description)
        );
        Svg { body }
    }

    /// The same as a file of its own, with a style and a sheet of paper (class `paper`) behind; classes are looked for below
    /// `.malar`, so that the style stays in the drawing when it is put into a page.
    pub fn standalone(width: f64, height: f64, style: &str, title: &str, description: &str) -> Svg {
        let mut body = String::new();
        let _ = write!(
            body,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"malar\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
             height=\"{height:.0}\" role=\"img\"><title>{}</title><desc>{}</desc><style>{style}</style>\
             <rect class=\"paper\" width=\"{width:.0}\" height=\"{height:.0}\"/>",
            escape(title),
            escape(description)
        );
        Svg { body }
    }

    /// A straight line.
    pub fn segment(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        let _ = write!(
            self.body,
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        );
    }

    /// A line through points.
    pub fn line(&mut self, class: &str, points: &[(f64, f64)]) {
        let _ = write!(
            self.body,
            "<polyline class=\"{class}\" points=\"{}\"/>",
            joined(points.iter())
        );
    }

    /// The area between an upper and a lower line over the same positions.
    pub fn band(&mut self, class: &str, upper: &[(f64, f64)], lower: &[(f64, f64)]) {
        let outline = joined(upper.iter().chain(lower.iter().rev()));
        let _ = write!(self.body, "<polygon class=\"{class}\" points=\"{outline}\"/>");
    }

    /// A filled circle.
    pub fn circle(&mut self, class: &str, centre: (f64, f64), radius: f64) {
        let (x, y) = centre;
        let _ = write!(
            self.body,
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\"/>"
        );
    }

    /// A square on its corner, the mark of published values.
    pub fn diamond(&mut self, class: &str, centre: (f64, f64), radius: f64) {
        let (x, y) = centre;
        let corners = [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)];
        let _ = write!(
            self.body,
            "<polygon class=\"{class}\" points=\"{}\"/>",
            joined(corners.iter())
        );
    }

    /// A rectangle; `tip` is shown when pointed at.
    pub fn rect(&mut self, class: &str, corner: (f64, f64), size: (f64, f64), tip: &str) {
        let ((x, y), (w, h)) = (corner, size);
        let _ = write!(
            self.body,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\"><title>{}</title></rect>",
            escape(tip)
        );
    }

    /// A line of text on its baseline.
    pub fn text(&mut self, class: &str, at: (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y) = at;
        let text = escape(text);
        let _ = write!(
            self.body,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    /// The finished drawing.
    pub fn finish(mut self) -> String {
        self.body.push_str("</svg>");
        self.body
    }
}

fn joined<'a>(points: impl Iterator<Item = &'a (f64, f64)>) -> String {
    let mut text = String::new();
    for (x, y) in points {
        let _ = write!(text, "{x:.1},{y:.1} ");
    }
    text.truncate(text.trim_end().len());
    text
}

/// Moves label positions apart to at least `gap`, keeping their order and staying within `low..high` if there is room.
pub(crate) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    let mut placed = wanted.to_vec();
    let mut floor = low;
    for &at in &order {
        placed[at] = placed[at].max(floor);
        floor = placed[at] + gap;
    }
    let mut ceiling = high;
    for &at in order.iter().rev() {
        placed[at] = placed[at].min(ceiling);
        ceiling = placed[at] - gap;
    }
    placed
}

/// The same for bold text.
pub(crate) fn bold_width(text: &str) -> f64 {
    8.3 * text.chars().count() as f64
}

/// Width of `text` at 12.5 px in a wide common sans-serif, px; an estimate, the reader's fonts are not known.
pub(crate) fn text_width(text: &str) -> f64 {
    7.4 * text.chars().count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_values() {
        assert_eq!(ticks(0.0, 57.0, 4), [0.0, 20.0, 40.0, 60.0]);
        assert_eq!(ticks(-12.0, 31.0, 4), [-20.0, 0.0, 20.0, 40.0]);
        assert_eq!(ticks(0.8, 1.02, 3).first().copied(), Some(0.8));
        assert_eq!(tick_decimals(&[0.0, 0.25]), 2);
        assert_eq!(tick_decimals(&[0.0, 20.0]), 0);
    }

    #[test]
    fn labels_keep_their_order_and_distance() {
        let placed = spread(&[50.0, 52.0, 10.0], 14.0, 0.0, 60.0);
        assert_eq!(placed, [46.0, 60.0, 10.0]);
    }

    #[test]
    fn scale_maps_both_ends() {
        let scale = Scale {
            domain: (0.0, 50.0),
            range: (200.0, 0.0),
        };
        assert_eq!((scale.at(0.0), scale.at(50.0), scale.inside(80.0)), (200.0, 0.0, 0.0));
    }
}
