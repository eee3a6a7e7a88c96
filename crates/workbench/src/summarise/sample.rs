//! A bounded sample of a stream, for quantiles.

/// Values kept; quantiles are exact up to this many.
const CAPACITY: usize = 2048;

/// A stream thinned to at most [`CAPACITY`] values: every value, then every second, every fourth ...
///
/// Thinning by position needs no random numbers, so the same stream always gives the same sample, and because replicates
/// and patients arrive in an order unrelated to their values, it is as good as drawing. The mean is over all values.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    kept: Vec<f64>,
    stride: u64,
    count: u64,
    sum: f64,
}

impl Sample {
    pub fn new() -> Sample {
        Sample {
            kept: Vec::new(),
            stride: 1,
            count: 0,
            sum: 0.0,
        }
    }

    /// Adds a value; NaN (not defined) is left out.
    pub fn add(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        if self.count.is_multiple_of(self.stride) {
            if self.kept.len() == CAPACITY {
                self.halve();
            }
            if self.count.is_multiple_of(self.stride) {
                self.kept.push(value);
            }
        }
        self.count += 1;
        self.sum += value;
    }

    fn halve(&mut self) {
        let mut position = 0;
        self.kept.retain(|_| {
            position += 1;
            position % 2 == 1
        });
        self.stride *= 2;
    }

    /// Mean of all values; NaN if there are none.
    pub fn mean(&self) -> f64 {
        self.sum / self.count as f64
    }

    /// Quantiles at `probabilities`, interpolated linearly between order statistics (Hyndman & Fan 1996, type 7).
    /// NaN if there are no values.
    pub fn quantiles<const N: usize>(&self, probabilities: [f64; N]) -> [f64; N] {
        let mut sorted = self.kept.clone();
        sorted.sort_by(f64::total_cmp);
        probabilities.map(|probability| quantile(&sorted, probability))
    }
}

fn quantile(sorted: &[f64], probability: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let position = probability * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_streams_have_exact_quantiles() {
        let mut sample = Sample::new();
        (0..=20).rev().for_each(|value| sample.add(f64::from(value)));
        assert_eq!(sample.quantiles([0.05, 0.5, 0.95]), [1.0, 10.0, 19.0]);
        assert!((sample.mean() - 10.0).abs() < 1e-12);
    }

    #[test]
    fn long_streams_stay_small_and_close() {
        let mut sample = Sample::new();
        // A full-period sequence modulo a prime: uniform on 0..1 in scrambled order.
        let mut state = 1_u64;
        for _ in 0..1_000_003 {
            state = (state * 2) % 1_000_003;
            sample.add(state as f64 / 1_000_003.0);
        }
        assert!(sample.kept.len() <= CAPACITY);
        // Standard error of a median of 1,024 or more uniform values is at most 0.5 / 32 = 0.016; four of them.
        let [low, median, high] = sample.quantiles([0.05, 0.5, 0.95]);
        assert!((low - 0.05).abs() < 0.03 && (median - 0.5).abs() < 0.063 && (high - 0.95).abs() < 0.03);
    }

    #[test]
    fn undefined_values_are_left_out() {
        let mut sample = Sample::new();
        sample.add(f64::NAN);
        assert!(sample.mean().is_nan() && sample.quantiles([0.5])[0].is_nan());
        sample.add(3.0);
        assert_eq!(sample.quantiles([0.5]), [3.0]);
    }
}
