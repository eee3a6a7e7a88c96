//! Designs and measures of sensitivity against validation/sensitivity/: scipy's points, SALib's indices, numpy's rank correlations.

use malar_stats::sensitivity::indices::{Results, indices};
use malar_stats::sensitivity::morris::{Trajectory, screen};
use malar_stats::sensitivity::rank_correlation::partial_rank_correlations;
use malar_stats::sensitivity::sequence::Sequence;
use malar_stats::sensitivity::{Bootstrap, Estimate};

const BOOTSTRAP: Bootstrap = Bootstrap {
    resamples: 100,
    level: 0.95,
    seed: 1,
};

/// Lines of a kind, as numbers; empty cells are left out.
fn lines(text: &str, kind: &str) -> Vec<Vec<f64>> {
    let numbers = |line: &str| -> Vec<f64> {
        let cells = line.split(',').skip(1).filter(|cell| !cell.is_empty());
        cells.map(|cell| cell.parse().expect("a number")).collect()
    };
    let of_kind = text.lines().filter(|line| line.split(',').next() == Some(kind));
    of_kind.map(numbers).collect()
}

/// A few hundred additions of numbers near 10 round by less than this.
fn assert_near(got: f64, expected: f64) {
    assert!((got - expected).abs() < 1e-12, "{got} instead of {expected}");
}

#[test]
fn points_are_scipys_bit_for_bit() {
    let sequence = Sequence::plain(250).expect("250 dimensions are there");
    let text = include_str!("../../../validation/sensitivity/points.csv");
    let mut seen = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<u32> = line.split(',').map(|cell| cell.parse().expect("a number")).collect();
        let point = sequence.point(cells[0]);
        for (dimension, numerator) in [0, 1, 2, 16, 101, 249].into_iter().zip(&cells[1..]) {
            let expected = f64::from(*numerator) / 2_f64.powi(32);
            assert_eq!(point[dimension].to_bits(), expected.to_bits(), "point {}", cells[0]);
            seen += 1;
        }
    }
    assert_eq!(seen, 305 * 6);
}

#[test]
fn morris_effects_are_salibs() {
    let text = include_str!("../../../validation/sensitivity/morris.csv");
    let rows = lines(text, "row");
    let effects: Vec<Vec<f64>> = rows
        .chunks(6)
        .map(|walk| {
            let points: Vec<Vec<f64>> = walk.iter().map(|row| row[..5].to_vec()).collect();
            let moved = |pair: &[Vec<f64>]| (0..5).find(|&k| (pair[0][k] - pair[1][k]).abs() > 1e-9);
            let moved = points
                .windows(2)
                .map(|pair| moved(pair).expect("each step moves one"))
                .collect();
            let results: Vec<f64> = walk.iter().map(|row| row[5]).collect();
            Trajectory { points, moved }.effects(&results)
        })
        .collect();
    let found = screen(&effects, &BOOTSTRAP).expect("twelve walks");
    for (effect, expected) in found.iter().zip(lines(text, "index")) {
        assert_near(effect.mean, expected[1]);
        assert_near(effect.mean_absolute.value, expected[2]);
        assert_near(effect.deviation, expected[3]);
    }
}

#[test]
fn sobol_indices_are_salibs() {
    let text = include_str!("../../../validation/sensitivity/sobol.csv");
    let row = |cells: Vec<f64>| Results {
        a: cells[0],
        mixed: cells[1..6].to_vec(),
        b: cells[6],
    };
    let rows: Vec<Results> = lines(text, "row").into_iter().map(row).collect();
    let found = indices(&rows, &BOOTSTRAP).expect("the function varies");
    for (index, expected) in found.iter().zip(lines(text, "index")) {
        assert_near(index.first.value, expected[1]);
        assert_near(index.total.value, expected[2]);
        let inside = |e: Estimate| e.interval.low <= e.value && e.value <= e.interval.high;
        assert!(inside(index.first) && inside(index.total));
    }
}

#[test]
fn rank_correlations_are_those_of_residuals() {
    let text = include_str!("../../../validation/sensitivity/rank_correlation.csv");
    let rows = lines(text, "row");
    let inputs: Vec<Vec<f64>> = rows.iter().map(|row| row[..5].to_vec()).collect();
    let results: Vec<f64> = rows.iter().map(|row| row[5]).collect();
    let found = partial_rank_correlations(&inputs, &results, 0.95).expect("eighty rows");
    for (correlation, expected) in found.iter().zip(lines(text, "index")) {
        assert_near(correlation.value, expected[1]);
        assert_near(correlation.p_value, expected[2]);
        assert_near(correlation.interval.low, expected[3]);
        assert_near(correlation.interval.high, expected[4]);
    }
}
