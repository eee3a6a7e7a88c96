//! A linear combination of coefficients with its t test.

use crate::distribution::{student_two_sided_p_value, student_two_sided_quantile};

/// A linear combination of coefficients with its 95 % interval and two-sided p value by Student's distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// Value of the combination.
    pub estimate: f64,
    /// Standard error of it.
    pub standard_error: f64,
    /// Degrees of freedom, above zero, not necessarily whole.
    pub degrees_of_freedom: f64,
    /// Lower 95 % limit.
    pub low95: f64,
    /// Upper 95 % limit.
    pub high95: f64,
    /// Two-sided p value of zero.
    pub p_value: f64,
}

impl Contrast {
    /// Student's t around `estimate`; a standard error of zero leaves an interval of one point and p value 0 or 1.
    pub fn student(estimate: f64, standard_error: f64, degrees_of_freedom: f64) -> Self {
        let half_width = student_two_sided_quantile(0.95, degrees_of_freedom) * standard_error;
        let p_value = if standard_error > 0.0 {
            student_two_sided_p_value(estimate / standard_error, degrees_of_freedom)
        } else {
            f64::from(u8::from(estimate.abs() <= 0.0))
        };
        Contrast {
            estimate,
            standard_error,
            degrees_of_freedom,
            low95: estimate - half_width,
            high95: estimate + half_width,
            p_value,
        }
    }
}
