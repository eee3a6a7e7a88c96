//! Running totals that give the same bits however the numbers were split and in whatever order they came.

/// Sum of numbers without rounding until it is read.
///
/// Holds the sum as a few doubles that do not overlap, smallest first. Source: Shewchuk 1997, Discrete Comput Geom 18:305.
/// Exact while no partial sum overflows; numbers are finite.
#[derive(Clone, Debug, Default)]
pub struct ExactSum {
    parts: Vec<f64>,
}

impl ExactSum {
    /// Adds one finite number.
    pub fn add(&mut self, mut x: f64) {
        assert!(x.is_finite(), "sum of {x}");
        let mut kept = 0;
        for i in 0..self.parts.len() {
            let (high, low) = two_sum(x, self.parts[i]);
            if low.abs() > 0.0 {
                self.parts[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.parts.truncate(kept);
        self.parts.push(x);
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &ExactSum) {
        for &part in &other.parts {
            self.add(part);
        }
    }

    /// The sum, rounded once, to nearest and ties to even.
    pub fn value(&self) -> f64 {
        let mut parts = self.parts.iter().rev();
        let mut high = parts.next().copied().unwrap_or(0.0);
        let mut low = 0.0;
        for &part in parts.by_ref() {
            (high, low) = two_sum(high, part);
            if low.abs() > 0.0 {
                break;
            }
        }
        // On a tie the addition went to even without knowing what lies beyond; if that agrees with the rest, go on.
        let beyond = parts.next().copied().unwrap_or(0.0);
        let rounded = high + 2.0 * low;
        let is_tie = low.abs() > 0.0 && (rounded - high).to_bits() == (2.0 * low).to_bits();
        let same_sign = beyond.abs() > 0.0 && beyond.is_sign_positive() == low.is_sign_positive();
        if is_tie && same_sign { rounded } else { high }
    }

    /// The sum as a rounded double and the rounded rest: about 32 digits.
    fn value_and_rest(&self) -> (f64, f64) {
        let high = self.value();
        let mut rest = self.clone();
        rest.add(-high);
        (high, rest.value())
    }
}

/// Rounded sum of two numbers and its exact error, in either order of size (Knuth's TwoSum).
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let high = a + b;
    let b_part = high - a;
    (high, (a - (high - b_part)) + (b - b_part))
}

/// Count, mean, spread and extremes of numbers seen so far.
///
/// Two summaries of parts, merged in any order, equal the summary of the whole, bit for bit.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    n: u64,
    sum: ExactSum,
    sum_of_squares: ExactSum,
    extremes: Option<(f64, f64)>,
}

impl Summary {
    /// Takes in one finite number.
    pub fn add(&mut self, x: f64) {
        let square = x * x;
        self.n += 1;
        self.sum.add(x);
        self.sum_of_squares.add(square);
        self.sum_of_squares.add(x.mul_add(x, -square));
        self.widen(x, x);
    }

    /// Takes in everything another summary saw.
    pub fn merge(&mut self, other: &Summary) {
        self.n += other.n;
        self.sum.merge(&other.sum);
        self.sum_of_squares.merge(&other.sum_of_squares);
        if let Some((low, high)) = other.extremes {
            self.widen(low, high);
        }
    }

    fn widen(&mut self, low: f64, high: f64) {
        let (a, b) = self.extremes.unwrap_or((low, high));
        self.extremes = Some((a.min(low), b.max(high)));
    }

    /// How many numbers were seen.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Sum, rounded once.
    pub fn sum(&self) -> f64 {
        self.sum.value()
    }

    /// Arithmetic mean; `None` before the first number.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum.value() / self.n as f64)
    }

    /// Sample standard deviation (divisor n - 1); `None` below two numbers.
    pub fn standard_deviation(&self) -> Option<f64> {
        (self.n > 1).then(|| (self.squared_deviations() / (self.n - 1) as f64).sqrt())
    }

    /// Standard error of the mean; `None` below two numbers.
    pub fn standard_error(&self) -> Option<f64> {
        self.standard_deviation().map(|sd| sd / (self.n as f64).sqrt())
    }

    /// Smallest number; `None` before the first.
    pub fn min(&self) -> Option<f64> {
        self.extremes.map(|(low, _)| low)
    }

    /// Largest number; `None` before the first.
    pub fn max(&self) -> Option<f64> {
        self.extremes.map(|(_, high)| high)
    }

    /// Sum of squares around the mean: squares minus n times the squared mean, exact up to a relative 1e-30 of the squares.
    fn squared_deviations(&self) -> f64 {
        let n = self.n as f64;
        let (high, low) = self.sum.value_and_rest();
        let mean = high / n;
        // sum = n mean + rest exactly (to twice the precision), so the deviations are squares - mean (sum + rest) - rest²/n.
        let rest = (-mean).mul_add(n, high) + low;
        let mut total = self.sum_of_squares.clone();
        for factor in [high, low, rest] {
            let product = -mean * factor;
            total.add(product);
            total.add((-mean).mul_add(factor, -product));
        }
        (total.value() - rest * rest / n).max(0.0)
    }
}
