//! The past of a system that looks back.

/// Everything at one time; two in a row at the same time are before and after an event.
#[derive(Clone, Debug)]
struct Knot {
    time: f64,
    values: Vec<f64>,
    /// Slopes of the unknowns; not a number where they are not known.
    slopes: Vec<f64>,
}

/// Values of all symbols over time: unknowns by cubic Hermite interpolation, the rest as it was before.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    knots: Vec<Knot>,
}

impl History {
    pub fn record(&mut self, time: f64, values: &[f64], slopes: Vec<f64>) {
        self.knots.push(Knot {
            time,
            values: values.to_vec(),
            slopes,
        });
    }

    /// The values at `time`; before the first knot those at the first, after the last an extrapolation. `unknowns` are the
    /// places of the unknowns among the values.
    pub fn at(&self, time: f64, unknowns: &[usize], values: &mut Vec<f64>) {
        values.clear();
        let after = self.knots.partition_point(|knot| knot.time <= time);
        let Some(left) = self.knots.get(after.saturating_sub(1)) else {
            return;
        };
        values.extend_from_slice(&left.values);
        if after == 0 {
            return;
        }
        let (left, right) = match self.knots.get(after) {
            Some(right) => (left, right),
            // Beyond the last knot: on the curve of the last step, if one leads there.
            None if after >= 2 && self.knots[after - 2].time < left.time && time > left.time => {
                (&self.knots[after - 2], left)
            }
            None => return,
        };
        let length = right.time - left.time;
        if length <= 0.0 {
            return;
        }
        let s = (time - left.time) / length;
        for (column, &place) in unknowns.iter().enumerate() {
            let (a, b) = (left.values[place], right.values[place]);
            let (fa, fb) = (left.slopes[column] * length, right.slopes[column] * length);
            let line = a + s * (b - a);
            values[place] = if fa.is_finite() && fb.is_finite() {
                line + s * (s - 1.0) * ((1.0 - 2.0 * s) * (b - a) + (s - 1.0) * fa + s * fb)
            } else {
                line
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cubic_is_met_exactly_and_a_jump_is_seen_from_the_right() {
        let cubic = |t: f64| (t * t * t - t, 3.0 * t * t - 1.0);
        let mut history = History::default();
        for t in [0.0, 1.0, 2.0] {
            history.record(t, &[cubic(t).0], vec![cubic(t).1]);
        }
        history.record(2.0, &[100.0], vec![0.0]);
        let mut values = Vec::new();
        for t in [0.3, 1.0, 1.7] {
            history.at(t, &[0], &mut values);
            assert!((values[0] - cubic(t).0).abs() < 1e-14);
        }
        history.at(2.0, &[0], &mut values);
        assert!((values[0] - 100.0).abs() < 1e-14);
        history.at(-1.0, &[0], &mut values);
        assert!(values[0].abs() < 1e-14);
    }
}
