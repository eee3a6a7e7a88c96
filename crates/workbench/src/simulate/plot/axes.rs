//! Round numbers along axes.

use super::curves::Panel;
use crate::report::plot::{tick_decimals, ticks};

/// The axis of values.
pub(super) struct Axis {
    /// Values at the bottom and at the top.
    pub domain: (f64, f64),
    /// Values and their words.
    pub ticks: Vec<(f64, String)>,
    /// Power of ten that the words leave out, ` ×10⁻⁶`; empty if none.
    pub factor: String,
}

/// An axis that holds all curves of a panel. It starts at zero unless all stay far from it.
pub(super) fn value_axis(panel: &Panel) -> Axis {
    let ranges = || panel.curves.iter().map(super::curves::Curve::range);
    let low = ranges().map(|r| r.0).fold(f64::INFINITY, f64::min);
    let high = ranges().map(|r| r.1).fold(f64::NEG_INFINITY, f64::max);
    let (low, high) = match (low, high) {
        (low, high) if low >= 0.0 && low <= 0.35 * high => (0.0, high),
        (low, high) if high <= 0.0 && high >= 0.35 * low => (low, 0.0),
        other => other,
    };
    // A constant stands in the middle of its axis; so does what is constant but for rounding.
    let size = low.abs().max(high.abs());
    let (low, high) = if size == 0.0 {
        (0.0, 1.0)
    } else if high - low < 1e-6 * size {
        (low - 0.1 * size, high + 0.1 * size)
    } else {
        (low, high)
    };
    let power = low.abs().max(high.abs()).log10().floor() as i32;
    let power = if (-2..5).contains(&power) { 0 } else { power };
    let scale = 10f64.powi(power);
    let values = ticks(low / scale, high / scale, 4);
    let decimals = tick_decimals(&values);
    let (first, last) = (values[0] * scale, values[values.len() - 1] * scale);
    Axis {
        domain: (first, last),
        ticks: values
            .iter()
            .map(|&value| (value * scale, text(value, decimals)))
            .collect(),
        factor: if power == 0 {
            String::new()
        } else {
            format!(" ×10{}", raised(power))
        },
    }
}

/// Round times within a domain.
pub(super) fn time_ticks((first, last): (f64, f64)) -> Vec<(f64, String)> {
    let values = ticks(first, last, 5);
    let decimals = tick_decimals(&values);
    let slack = 1e-9 * (last - first);
    let inside = |t: &&f64| **t >= first - slack && **t <= last + slack;
    values.iter().filter(inside).map(|&t| (t, text(t, decimals))).collect()
}

fn text(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    // No minus before what is rounded to zero.
    let is_zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if is_zero {
        text.trim_start_matches('-').to_owned()
    } else {
        text.replace('-', "−")
    }
}

fn raised(power: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |c: char| c.to_digit(10).map_or('⁻', |d| DIGITS[d as usize]);
    power.to_string().chars().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stay_inside_and_are_round() {
        let texts: Vec<String> = time_ticks((0.0, 364.0)).into_iter().map(|t| t.1).collect();
        assert_eq!(texts, ["0", "100", "200", "300"]);
        assert_eq!(raised(-12), "⁻¹²");
        assert_eq!(
            (text(-0.0001, 2), text(-1.5, 1)),
            ("0.00".to_owned(), "−1.5".to_owned())
        );
    }
}
