//! What is drawn: curves from series, sorted into panels.

use std::ops::Range;

use crate::simulate::series::Series;

/// Most curves in a panel, as many as there are colours, and largest ratio of their sizes: a smaller curve would lie on the axis.
const LINES: Company = Company { most: 6, ratio: 20.0 };
/// The same for curves with bands, which hide each other.
const BANDS: Company = Company { most: 3, ratio: 8.0 };
/// Most values of a scan that get a line each.
const MOST_LINES: usize = 6;
/// Places along time at which a long curve is drawn; each may have two points, so that no peak is lost.
const PLACES: usize = 700;

/// A line, and a band around it if it stands for many.
#[derive(Clone, Debug, Default)]
pub(super) struct Curve {
    pub name: String,
    pub middle: Vec<(f64, f64)>,
    pub low: Vec<(f64, f64)>,
    pub high: Vec<(f64, f64)>,
}

/// Curves with one axis.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub unit: String,
    pub curves: Vec<Curve>,
    /// Sizes of the smallest and the largest curve.
    sizes: (f64, f64),
}

impl Curve {
    /// Lowest and highest value.
    pub fn range(&self) -> (f64, f64) {
        let all = || self.middle.iter().chain(&self.low).chain(&self.high).map(|p| p.1);
        (
            all().fold(f64::INFINITY, f64::min),
            all().fold(f64::NEG_INFINITY, f64::max),
        )
    }

    fn size(&self) -> f64 {
        let (low, high) = self.range();
        high.abs().max(low.abs())
    }
}

/// True if each simulation is one of a few values of a scan, to be told apart.
pub(super) fn is_family(series: &Series) -> bool {
    series.leading == 2 && series.names[0] != "patient" && series.simulations().len() <= MOST_LINES
}

/// What may stand together.
#[derive(Clone, Copy)]
struct Company {
    most: usize,
    ratio: f64,
}

/// All panels of `series`, in the order of its columns.
pub(super) fn panels(series: &Series) -> Vec<Panel> {
    let simulations = series.simulations();
    let mut panels: Vec<Panel> = Vec::new();
    for column in series.leading..series.names.len() {
        let unit = series.units[column].clone();
        if is_family(series) {
            let curves: Vec<Curve> = simulations.iter().map(|rows| member(series, rows, column)).collect();
            let unit = [series.names[column].as_str(), unit.as_str()].join(if unit.is_empty() { "" } else { ", " });
            let sizes = (0.0, 0.0);
            panels.push(Panel { unit, curves, sizes });
            continue;
        }
        let curve = match &simulations[..] {
            [rows] => single(series, rows, column),
            many => summary(series, many, column),
        };
        let company = if curve.low.is_empty() { LINES } else { BANDS };
        place(&mut panels, unit, curve, company);
    }
    panels
        .iter_mut()
        .for_each(|panel| panel.curves.retain(|curve| !curve.middle.is_empty()));
    panels.retain(|panel| !panel.curves.is_empty());
    panels
}

/// Puts a curve into a panel of its unit and size.
fn place(panels: &mut Vec<Panel>, unit: String, curve: Curve, company: Company) {
    let size = curve.size();
    let fits = |panel: &&mut Panel| {
        let (least, most) = (panel.sizes.0.min(size), panel.sizes.1.max(size));
        panel.unit == unit && panel.curves.len() < company.most && most <= company.ratio * least
    };
    match panels.iter_mut().find(fits) {
        Some(panel) => {
            panel.sizes = (panel.sizes.0.min(size), panel.sizes.1.max(size));
            panel.curves.push(curve);
        }
        None => panels.push(Panel {
            unit,
            curves: vec![curve],
            sizes: (size, size),
        }),
    }
}

fn values<'a>(series: &'a Series, rows: &'a Range<usize>, column: usize) -> impl Iterator<Item = (f64, f64)> + 'a {
    let time = series.leading - 1;
    rows.clone()
        .filter(|&row| !series.is_missing(row))
        .map(move |row| (series.rows[row][time], series.rows[row][column]))
        .filter(|point| point.1.is_finite())
}

fn single(series: &Series, rows: &Range<usize>, column: usize) -> Curve {
    Curve {
        name: series.names[column].clone(),
        middle: thinned(values(series, rows, column).collect()),
        ..Curve::default()
    }
}

fn member(series: &Series, rows: &Range<usize>, column: usize) -> Curve {
    Curve {
        name: format!("{}", series.rows[rows.start][0]),
        ..single(series, rows, column)
    }
}

/// Median and 5th and 95th percentile at each time, of those who have a value there.
fn summary(series: &Series, simulations: &[Range<usize>], column: usize) -> Curve {
    let mut curve = Curve {
        name: series.names[column].clone(),
        ..Curve::default()
    };
    let n_rows = simulations.iter().map(Range::len).max().unwrap_or(0);
    for at in places(n_rows) {
        let rows = simulations
            .iter()
            .filter(|rows| at < rows.len())
            .map(|rows| rows.start + at);
        let rows = rows.filter(|&row| !series.is_missing(row));
        let mut found: Vec<f64> = rows
            .map(|row| series.rows[row][column])
            .filter(|x| x.is_finite())
            .collect();
        if found.is_empty() {
            continue;
        }
        found.sort_by(f64::total_cmp);
        let time = series.rows[simulations[0].start + at][series.leading - 1];
        curve.low.push((time, quantile(&found, 0.05)));
        curve.middle.push((time, quantile(&found, 0.5)));
        curve.high.push((time, quantile(&found, 0.95)));
    }
    curve
}

/// Quantile of sorted values, linear between them (type 7 of Hyndman & Fan 1996).
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let (below, share) = (at.floor() as usize, at.fract());
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + share * (sorted[above] - sorted[below])
}

/// Up to so many places among `n`, first and last included.
fn places(n: usize) -> Vec<usize> {
    if n <= PLACES {
        return (0..n).collect();
    }
    (0..PLACES).map(|k| k * (n - 1) / (PLACES - 1)).collect()
}

/// Fewer points that look the same: of each stretch the lowest and the highest.
fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    if points.len() <= 2 * PLACES {
        return points;
    }
    let stretch = points.len().div_ceil(PLACES);
    let mut kept = Vec::new();
    for part in points.chunks(stretch) {
        let order = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let (low, high) = (part.iter().min_by(order), part.iter().max_by(order));
        let mut pair: Vec<(f64, f64)> = low.into_iter().chain(high).copied().collect();
        pair.sort_by(|a, b| a.0.total_cmp(&b.0));
        pair.dedup();
        kept.extend(pair);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_type_7() {
        assert!((quantile(&[1.0, 2.0, 3.0, 4.0], 0.5) - 2.5).abs() < 1e-15);
        // R: quantile(1:4, 0.95, type = 7) = 3.85
        assert!((quantile(&[1.0, 2.0, 3.0, 4.0], 0.95) - 3.85).abs() < 1e-15);
    }

    #[test]
    fn a_peak_survives_thinning() {
        let mut points: Vec<(f64, f64)> = (0..100_000).map(|t| (f64::from(t), 0.0)).collect();
        points[54_321].1 = 7.0;
        let kept = thinned(points);
        assert!(kept.len() <= 2 * PLACES && kept.contains(&(54_321.0, 7.0)));
    }

    #[test]
    fn curves_of_other_units_or_sizes_get_panels_of_their_own() {
        let curve = |size: f64| Curve {
            middle: vec![(0.0, size)],
            ..Curve::default()
        };
        let mut panels = Vec::new();
        for (unit, size) in [("nM", 1.0), ("nM", 10.0), ("nM", 1000.0), ("L", 1.0), ("nM", 3.0)] {
            place(&mut panels, unit.into(), curve(size), LINES);
        }
        let counts: Vec<usize> = panels.iter().map(|panel| panel.curves.len()).collect();
        assert_eq!(counts, [3, 1, 1]);
    }
}
