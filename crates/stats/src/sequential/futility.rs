//! Stopping early because success has become unlikely.

use super::bounds::bound_spending;
use super::walk::{Walk, root};
use super::{DesignError, Spending, check_error, check_information, spending_bounds};
use crate::distribution::bisect;

/// Whether a trial must stop at the lower bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// It may go on: the upper bounds keep the error as if there were no lower ones. What regulators expect.
    NonBinding,
    /// It must stop: the upper bounds are lowered by what the lower ones save.
    Binding,
}

/// A rule for stopping without success.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Futility {
    /// Probability of missing the effect, in all, in (0, 0.5).
    pub beta: f64,
    /// How it is spent.
    pub spending: Spending,
    /// Whether it must be followed.
    pub binding: Binding,
}

/// Bounds on z for success and for giving up; they meet at the last look.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// Success at or above.
    pub upper: Vec<f64>,
    /// Stop without success below.
    pub lower: Vec<f64>,
    /// Drift at which the power is 1 - beta.
    pub drift: f64,
}

/// Upper bounds spending `alpha` (one-sided) and lower ones spending beta at the drift where both meet at the end.
///
/// Source: Pampallona, Tsiatis & Kim 2001, Drug Inf J 35:1113. Checked: validation/stats/sequential/.
pub fn bounds_with_futility(
    information: &[f64],
    alpha: f64,
    spending: Spending,
    futility: Futility,
) -> Result<Bounds, DesignError> {
    check_information(information)?;
    check_error(alpha)?;
    check_error(futility.beta)?;
    let fixed = spending_bounds(information, alpha, spending)?;
    let plan = Plan {
        information,
        alpha,
        spending,
        futility,
        fixed: &fixed,
    };
    // With more drift the lower bounds move up until they meet the upper ones before the end.
    // So few may be left by then that the error cannot be spent: that too is too much drift.
    let gap = |drift: f64| plan.bounds(drift).map_or(-1.0, |(_, _, gap)| gap);
    let drift = root(0.0, 20.0, gap).ok_or(DesignError::Power)?;
    let (upper, mut lower, gap) = plan.bounds(drift)?;
    if gap.abs() > 1e-6 {
        return Err(DesignError::Power);
    }
    *lower.last_mut().expect("at least one look") = upper[upper.len() - 1];
    Ok(Bounds { upper, lower, drift })
}

struct Plan<'a> {
    information: &'a [f64],
    alpha: f64,
    spending: Spending,
    futility: Futility,
    /// Upper bounds if there were no lower ones.
    fixed: &'a [f64],
}

impl Plan<'_> {
    /// Upper and lower bounds if the effect has this drift, and the gap between them at the end; negative if they meet
    /// before.
    fn bounds(&self, drift: f64) -> Result<(Vec<f64>, Vec<f64>, f64), DesignError> {
        let (mut null, mut effect) = (Walk::new(0.0), Walk::new(drift));
        let (mut upper, mut lower): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
        let mut before = (0.0, 0.0);
        for (k, &t) in self.information.iter().enumerate() {
            let spent = (
                self.spending.spent(self.alpha, t),
                self.futility.spending.spent(self.futility.beta, t),
            );
            let up = match self.futility.binding {
                Binding::NonBinding => self.fixed[k],
                Binding::Binding => bound_spending(&null, t, spent.0 - before.0, k + 1)?,
            };
            let missed = spent.1 - before.1;
            let low = bisect(-36.0, 36.0, |bound| effect.below(t, bound) < missed);
            upper.push(up);
            lower.push(low);
            let gap = up - low;
            if gap <= 0.0 || k + 1 == self.information.len() {
                return Ok((upper, lower, if k + 1 == self.information.len() { gap } else { -1.0 }));
            }
            null.advance(t, low, up);
            effect.advance(t, low, up);
            before = spent;
        }
        Err(DesignError::Information)
    }
}
