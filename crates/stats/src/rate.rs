//! Events per person-time, compared on the plain and on the logarithmic scale.

use crate::{Difference, Ratio};

/// Events counted over the time that subjects were watched.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Events {
    /// Events, repeated ones counted each.
    pub events: u32,
    /// Time at risk summed over subjects, any one unit, at least zero.
    pub person_time: f64,
}

impl Events {
    /// Events per unit of time; `None` without time at risk.
    pub fn rate(self) -> Option<f64> {
        (self.person_time > 0.0).then(|| f64::from(self.events) / self.person_time)
    }
}

/// Difference of two Poisson rates with Wald interval; `None` if either arm has no time at risk.
///
/// Checked: validation/stats/rate/.
pub fn rate_difference(treated: Events, control: Events) -> Option<Difference> {
    let estimate = treated.rate()? - control.rate()?;
    let variance = |arm: Events| f64::from(arm.events) / (arm.person_time * arm.person_time);
    Some(Difference::normal(
        estimate,
        (variance(treated) + variance(control)).sqrt(),
    ))
}

/// Ratio of two Poisson rates with Wald interval on the logarithm.
///
/// `None` if either arm has no time at risk or no events: the interval would be infinite. Subjects who differ in their own
/// rates make the interval too narrow; use a negative binomial model then.
/// Source: Rothman, Greenland & Lash, Modern Epidemiology, ch. 14. Checked: validation/stats/rate/.
pub fn rate_ratio(treated: Events, control: Events) -> Option<Ratio> {
    let (rate1, rate0) = (treated.rate()?, control.rate()?);
    if treated.events == 0 || control.events == 0 {
        return None;
    }
    let log_variance = 1.0 / f64::from(treated.events) + 1.0 / f64::from(control.events);
    Some(Ratio::log_normal(rate1 / rate0, log_variance.sqrt()))
}
