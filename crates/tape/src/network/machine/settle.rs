//! Values that agree with the algebraic equations, and fast reactions at their equilibrium.

use malar_solver::single::{Factors, Problem, Stepper};

use super::Machine;

impl Machine {
    /// Lets fast reactions run so many times faster than the formulas say.
    pub(in crate::network) fn set_pace(&mut self, pace: f64) {
        if let Some([_, fast]) = self.paces {
            self.values[fast] = pace;
        }
    }

    /// Solves the algebraic equations and brings fast reactions to their equilibrium.
    pub(in crate::network) fn settle(&mut self, time: f64) -> bool {
        let is_consistent = self.make_consistent(time);
        let Some([slow, fast]) = self.paces else {
            return is_consistent;
        };
        let kept = [self.values[slow], self.values[fast]];
        self.values[slow] = 0.0;
        self.values[fast] = 1.0;
        self.frozen = Some(time);
        let is_settled = self.run_down();
        self.frozen = None;
        [self.values[slow], self.values[fast]] = kept;
        is_consistent && is_settled
    }

    /// Fast reactions alone, until nothing moves: longer and longer steps of a pseudo time, from one that changes a
    /// thousandth of the largest amount.
    fn run_down(&mut self) -> bool {
        let mut stepper = Stepper::new(self);
        let mut u = self.unknown_values();
        if !stepper.begin(self, 0.0, &u, 0.0) {
            return false;
        }
        let largest = |x: &[f64]| x.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        let (speed, scale) = (largest(stepper.right()), largest(&u).max(1e-30));
        if speed == 0.0 {
            return true;
        }
        let mut size = 1e-3 * scale / speed;
        let mut quiet = 0;
        for _ in 0..2000 {
            if !stepper.begin(self, 0.0, &u, size) {
                break;
            }
            let made = stepper.attempt(self, 0.0, &u, size);
            let scaled = stepper
                .error
                .iter()
                .zip(&u)
                .map(|(e, u)| (e / (1e-10 * scale + 1e-9 * u.abs())).abs())
                .fold(0.0, f64::max);
            if !made || scaled > 1.0 || scaled.is_nan() {
                size /= 5.0;
                continue;
            }
            let moved = stepper
                .result
                .iter()
                .zip(&u)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f64::max);
            u.copy_from_slice(&stepper.result);
            // Steps grow fivefold, so what has not moved in four of them is not going to.
            quiet = if moved <= 1e-10 * scale { quiet + 1 } else { 0 };
            if quiet == 4 {
                self.place(&u);
                return true;
            }
            size *= if scaled < 1e-3 { 5.0 } else { 1.5 };
        }
        self.place(&u);
        false
    }

    /// Solves the algebraic equations, what is conserved staying as it is: Newton's method with step halving.
    pub(in crate::network) fn make_consistent(&mut self, time: f64) -> bool {
        if self.mass.iter().all(|row| !row.is_empty()) {
            return true;
        }
        let n = self.n();
        let mass = self.mass.clone();
        let conserved: Vec<f64> = {
            let u = self.unknown_values();
            mass.iter()
                .map(|row| row.iter().map(|&(j, m)| m * u[j]).sum())
                .collect()
        };
        let mut u = self.unknown_values();
        let (mut f, mut by_time) = (vec![0.0; n], vec![0.0; n]);
        let mut entries = vec![0.0; self.pattern.len()];
        let full: Vec<(usize, usize)> = self
            .pattern
            .iter()
            .copied()
            .chain(
                mass.iter()
                    .enumerate()
                    .flat_map(|(i, r)| r.iter().map(move |&(j, _)| (i, j))),
            )
            .collect();
        let mut factors = Factors::new(n, &full);
        for _ in 0..200 {
            let now = self.defect(time, &u, &conserved, &mut f);
            if !now.is_finite() {
                return false;
            }
            let right = f.clone();
            self.derivatives(time, &u, &right, 0.0, &mut entries, &mut by_time);
            factors.clear();
            for (&(i, j), &value) in self.pattern.iter().zip(&entries) {
                if mass[i].is_empty() {
                    factors.add(i, j, value);
                }
            }
            for (i, row) in mass.iter().enumerate() {
                row.iter().for_each(|&(j, m)| factors.add(i, j, m));
            }
            let mut step = f.clone();
            if !factors.factorise() {
                return now < 1e-12;
            }
            factors.solve(&mut step);
            let mut share = 1.0;
            let next = loop {
                let next: Vec<f64> = u.iter().zip(&step).map(|(u, s)| u - share * s).collect();
                let then = self.defect(time, &next, &conserved, &mut f);
                if then < now || share < 1e-6 || now == 0.0 {
                    break next;
                }
                share /= 2.0;
            };
            let small = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-14 * a.abs() + 1e-300;
            let is_settled = u.iter().zip(&next).all(small);
            u = next;
            if is_settled {
                break;
            }
        }
        self.place(&u);
        u.iter().all(|x| x.is_finite())
    }

    /// Leaves the residuals in `f`; their sum of squares.
    fn defect(&mut self, time: f64, u: &[f64], conserved: &[f64], f: &mut [f64]) -> f64 {
        self.right(time, u, f);
        for i in 0..u.len() {
            if !self.mass[i].is_empty() {
                f[i] = self.mass[i].iter().map(|&(j, m)| m * u[j]).sum::<f64>() - conserved[i];
            }
        }
        f.iter().map(|x| x * x).sum()
    }
}
