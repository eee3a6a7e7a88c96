//! Morris screening: elementary effects along random one-at-a-time trajectories.
//!
//! Sources: Morris 1991, Technometrics 33:161; the mean of absolute effects: Campolongo, Cariboni & Saltelli 2007, Environ
//! Model Softw 22:1509. Checked: validation/sensitivity/ (SALib).

use super::{Bootstrap, Estimate, random};
use crate::descriptive::{mean, standard_deviation};

/// A walk that moves each input once.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    /// Points of the unit cube, one more than inputs; neighbours differ in one input.
    pub points: Vec<Vec<f64>>,
    /// Which input each step moves.
    pub moved: Vec<usize>,
}

/// `count` walks on a grid of `levels` equidistant values per input, an even number of 2 or more; each step has length
/// `levels / (2 (levels - 1))`.
pub fn trajectories(inputs: usize, levels: u32, count: u32, seed: u64) -> Vec<Trajectory> {
    assert!(levels >= 2 && levels.is_multiple_of(2), "{levels} levels");
    (0..u64::from(count))
        .map(|walk| trajectory(inputs, levels, &[seed, walk]))
        .collect()
}

fn trajectory(inputs: usize, levels: u32, place: &[u64; 2]) -> Trajectory {
    let draw = |what: u64, k: usize, n: usize| random::below(&[place[0], place[1], what, k as u64], n);
    let half = levels as usize / 2;
    let value = |level: usize| level as f64 / f64::from(levels - 1);
    // Each input stands on a grid point of the lower half or its partner half a grid above, and steps to the other.
    let low: Vec<usize> = (0..inputs).map(|k| draw(0, k, half)).collect();
    let starts_high: Vec<bool> = (0..inputs).map(|k| draw(1, k, 2) == 1).collect();
    let at = |k: usize, high: bool| value(low[k] + if high { half } else { 0 });
    let mut order: Vec<usize> = (0..inputs).collect();
    for k in (1..inputs).rev() {
        order.swap(k, draw(2, k, k + 1));
    }
    let mut point: Vec<f64> = (0..inputs).map(|k| at(k, starts_high[k])).collect();
    let mut points = vec![point.clone()];
    for &k in &order {
        point[k] = at(k, !starts_high[k]);
        points.push(point.clone());
    }
    Trajectory { points, moved: order }
}

impl Trajectory {
    /// Change of the result per unit of each input, from the results at the points.
    pub fn effects(&self, results: &[f64]) -> Vec<f64> {
        assert_eq!(results.len(), self.points.len(), "one result per point");
        let mut effects = vec![f64::NAN; self.moved.len()];
        for (step, &k) in self.moved.iter().enumerate() {
            let moved = self.points[step + 1][k] - self.points[step][k];
            effects[k] = (results[step + 1] - results[step]) / moved;
        }
        effects
    }
}

/// What the walks say about one input, in units of the result per whole range of the input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Mean effect, mu: its direction.
    pub mean: f64,
    /// Mean absolute effect, mu*: how much the input matters.
    pub mean_absolute: Estimate,
    /// Standard deviation of the effects, sigma: how much the effect depends on the other inputs and on where the input stands.
    pub deviation: f64,
}

/// Effects of every input; `effects[walk][input]`. `None` below two walks.
pub fn screen(effects: &[Vec<f64>], bootstrap: &Bootstrap) -> Option<Vec<Effect>> {
    let inputs = effects.first()?.len();
    let of_input = |k: usize| {
        let column: Vec<f64> = effects.iter().map(|walk| walk[k]).collect();
        let absolute: Vec<f64> = column.iter().map(|x| x.abs()).collect();
        let again = |drawn: &[usize]| [drawn.iter().map(|&u| absolute[u]).sum::<f64>() / drawn.len() as f64];
        let [interval] = bootstrap.intervals(column.len(), again);
        Some(Effect {
            mean: mean(&column)?,
            mean_absolute: Estimate {
                value: mean(&absolute)?,
                interval,
            },
            deviation: standard_deviation(&column)?,
        })
    };
    (0..inputs).map(of_input).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOTSTRAP: Bootstrap = Bootstrap {
        resamples: 200,
        level: 0.95,
        seed: 1,
    };

    #[test]
    fn walks_stay_on_the_grid_and_move_each_input_once() {
        for walk in trajectories(5, 4, 50, 3) {
            let mut moved = walk.moved.clone();
            moved.sort_unstable();
            assert_eq!(moved, [0, 1, 2, 3, 4]);
            for (step, &k) in walk.moved.iter().enumerate() {
                for j in 0..5 {
                    let change = (walk.points[step + 1][j] - walk.points[step][j]).abs();
                    let expected = if j == k { 2.0 / 3.0 } else { 0.0 };
                    assert!((change - expected).abs() < 1e-15);
                }
            }
            let on_grid = |x: &f64| (3.0 * x - (3.0 * x).round()).abs() < 1e-15;
            assert!(walk.points.iter().flatten().all(on_grid));
        }
    }

    /// f = 3 x1 - 2 x2 + x1 x3: effects 3 + x3, -2, x1; x2 acts alone, so its deviation is zero, and x4 not at all.
    #[test]
    fn linear_inputs_have_no_deviation_and_idle_ones_no_effect() {
        let walks = trajectories(4, 4, 20, 9);
        let f = |x: &Vec<f64>| 3.0 * x[0] - 2.0 * x[1] + x[0] * x[2];
        let effects: Vec<Vec<f64>> = walks
            .iter()
            .map(|w| w.effects(&w.points.iter().map(f).collect::<Vec<_>>()))
            .collect();
        let found = screen(&effects, &BOOTSTRAP).expect("twenty walks");
        assert!((found[1].mean + 2.0).abs() < 1e-14 && found[1].deviation < 1e-14);
        assert!((3.0..4.0).contains(&found[0].mean) && found[0].deviation > 0.1);
        assert_eq!((found[3].mean_absolute.value, found[3].deviation), (0.0, 0.0));
        let star = found[0].mean_absolute;
        assert!(star.interval.low <= star.value && star.value <= star.interval.high);
    }
}
