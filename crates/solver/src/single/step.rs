//! One Rosenbrock step.

use super::lu::Factors;
use crate::tableau::Method;

/// A system to integrate. `f` and its derivatives may keep scratch space, hence `&mut`.
pub trait Problem {
    /// Number of unknowns.
    fn n(&self) -> usize;
    /// Rows of the mass matrix: column and entry. An empty row is an algebraic equation.
    fn mass(&self) -> &[Vec<(usize, f64)>];
    /// Where the Jacobian has entries: row and column.
    fn pattern(&self) -> &[(usize, usize)];
    /// `f(t, u)`.
    fn right(&mut self, t: f64, u: &[f64], f: &mut [f64]);
    /// Entries of `df/du` in the order of the pattern, and `df/dt`; `f` is the right side there, `h` the size of step in sight.
    fn derivatives(&mut self, t: f64, u: &[f64], f: &[f64], h: f64, jacobian: &mut [f64], by_time: &mut [f64]);
}

/// Makes steps of Rodas5P, its memory asked for once.
#[derive(Debug)]
pub struct Stepper {
    factors: Factors,
    jacobian: Vec<f64>,
    by_time: Vec<f64>,
    right: Vec<f64>,
    argument: Vec<f64>,
    lifted: Vec<f64>,
    stages: Vec<Vec<f64>>,
    /// Result of the last attempt.
    pub result: Vec<f64>,
    /// Estimated error of each unknown in the last attempt.
    pub error: Vec<f64>,
}

impl Stepper {
    /// Order of the error estimate plus one: the error of a step falls with this power of its size.
    pub const ORDER: i32 = 5;

    /// Room for one problem.
    pub fn new(problem: &impl Problem) -> Self {
        let n = problem.n();
        let masses = problem
            .mass()
            .iter()
            .enumerate()
            .flat_map(|(i, row)| row.iter().map(move |&(j, _)| (i, j)));
        let pattern: Vec<(usize, usize)> = problem.pattern().iter().copied().chain(masses).collect();
        Stepper {
            factors: Factors::new(n, &pattern),
            jacobian: vec![0.0; problem.pattern().len()],
            by_time: vec![0.0; n],
            right: vec![0.0; n],
            argument: vec![0.0; n],
            lifted: vec![0.0; n],
            stages: vec![vec![0.0; n]; 8],
            result: vec![0.0; n],
            error: vec![0.0; n],
        }
    }

    /// Computes what all attempts from `(t, u)` share; false if the right side or its derivatives are not finite.
    pub fn begin(&mut self, problem: &mut impl Problem, t: f64, u: &[f64], h: f64) -> bool {
        problem.right(t, u, &mut self.right);
        problem.derivatives(t, u, &self.right, h, &mut self.jacobian, &mut self.by_time);
        self.right
            .iter()
            .chain(&self.jacobian)
            .chain(&self.by_time)
            .all(|x| x.is_finite())
    }

    /// The right side where the step begins.
    pub fn right(&self) -> &[f64] {
        &self.right
    }

    /// A step from `(t, u)`, for which `begin` was called, to `t + h`. False if there is no finite result.
    pub fn attempt(&mut self, problem: &mut impl Problem, t: f64, u: &[f64], h: f64) -> bool {
        let tableau = Method::Rodas5P.tableau();
        let shift = 1.0 / (tableau.gamma * h);
        self.factors.clear();
        for (&(i, j), &value) in problem.pattern().iter().zip(&self.jacobian) {
            self.factors.add(i, j, -value);
        }
        for (i, row) in problem.mass().iter().enumerate() {
            row.iter().for_each(|&(j, m)| self.factors.add(i, j, m * shift));
        }
        if !self.factors.factorise() {
            return false;
        }
        let n = u.len();
        for stage in 0..tableau.stages {
            let (earlier, rest) = self.stages.split_at_mut(stage);
            let k = &mut rest[0];
            if stage == 0 {
                k.copy_from_slice(&self.right);
                self.argument.copy_from_slice(u);
            } else {
                for i in 0..n {
                    self.argument[i] = u[i] + earlier.iter().zip(tableau.a(stage)).map(|(e, a)| a * e[i]).sum::<f64>();
                }
                let time = t + tableau.alpha[stage] * h;
                problem.right(time, &self.argument, k);
                if k.iter().any(|x| !x.is_finite()) {
                    lift(u, &self.argument, &mut self.lifted);
                    problem.right(time, &self.lifted, k);
                }
            }
            for i in 0..n {
                k[i] += tableau.gamma_sum[stage] * h * self.by_time[i];
            }
            if stage > 0 {
                for (i, row) in problem.mass().iter().enumerate() {
                    for &(j, m) in row {
                        k[i] += m * earlier
                            .iter()
                            .zip(tableau.c(stage))
                            .map(|(e, c)| c / h * e[j])
                            .sum::<f64>();
                    }
                }
            }
            self.factors.solve(k);
        }
        let last = &self.stages[tableau.stages - 1];
        for i in 0..n {
            self.result[i] = self.argument[i] + last[i];
            self.error[i] = last[i];
        }
        self.result.iter().chain(&self.error).all(|x| x.is_finite())
    }
}

/// Takes unknowns back to zero that a stage made negative and that are not negative where the step begins.
///
/// Many right sides have no value there (`x^1.5`), and from a zero at rest some stages are negative for any size of step. The
/// solution itself stays where it has a value; what the right side is taken for beyond only has to be continuous.
fn lift(u: &[f64], argument: &[f64], lifted: &mut [f64]) {
    for ((lifted, &argument), &u) in lifted.iter_mut().zip(argument).zip(u) {
        *lifted = if u >= 0.0 { argument.max(0.0) } else { argument };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x' = -x + z, 0 = z - x t: the solution is exp(t²/2 - t).
    struct Sample(Vec<Vec<(usize, f64)>>);

    impl Problem for Sample {
        fn n(&self) -> usize {
            2
        }
        fn mass(&self) -> &[Vec<(usize, f64)>] {
            &self.0
        }
        fn pattern(&self) -> &[(usize, usize)] {
            &[(0, 0), (0, 1), (1, 0), (1, 1)]
        }
        fn right(&mut self, t: f64, u: &[f64], f: &mut [f64]) {
            f[0] = u[1] - u[0];
            f[1] = u[1] - u[0] * t;
        }
        fn derivatives(&mut self, t: f64, u: &[f64], _: &[f64], _: f64, jacobian: &mut [f64], by_time: &mut [f64]) {
            jacobian.copy_from_slice(&[-1.0, 1.0, -t, 1.0]);
            by_time.copy_from_slice(&[0.0, -u[0]]);
        }
    }

    fn error_with(steps: u32) -> f64 {
        let mut problem = Sample(vec![vec![(0, 1.0)], vec![]]);
        let mut stepper = Stepper::new(&problem);
        let (mut u, h) = (vec![1.0, 0.0], 2.0 / f64::from(steps));
        for step in 0..steps {
            let t = h * f64::from(step);
            assert!(stepper.begin(&mut problem, t, &u, h) && stepper.attempt(&mut problem, t, &u, h));
            u.copy_from_slice(&stepper.result);
        }
        // exp(2²/2 - 2) = 1, and z = 2 x.
        (u[0] - 1.0).abs().max((u[1] - 2.0).abs())
    }

    #[test]
    fn order_five_holds_with_an_algebraic_equation() {
        let (coarse, fine) = (error_with(8), error_with(16));
        assert!(coarse < 1e-4, "{coarse}");
        // Halving the step divides the error by 2^5; the next order may still show.
        assert!(coarse / fine > 24.0, "{coarse} {fine}");
    }
}
