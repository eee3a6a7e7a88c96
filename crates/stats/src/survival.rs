//! Time until an event, for subjects some of whom are watched no longer before it comes.
//!
//! Times are in any one unit, at least zero. A subject censored at the time of an event was still at risk of it.

use crate::distribution::{chi_square_1_tail, two_sided_quantile};
use crate::stratified::ChiSquare;
use crate::{Difference, Interval};

/// One subject: when the event came, or when watching ended without it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// Time of the event or of the end of watching.
    pub time: f64,
    /// True if the event came.
    pub event: bool,
}

/// The curve at a time with events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Time of the events.
    pub time: f64,
    /// Subjects watched up to this time.
    pub at_risk: u32,
    /// Events at this time.
    pub events: u32,
    /// Probability of no event up to and including this time, in [0, 1].
    pub survival: f64,
    /// Standard error of it (Greenwood); 0 once nobody is left.
    pub standard_error: f64,
    /// Limits on the log-log scale; `None` once nobody is left.
    pub interval: Option<Interval>,
}

/// Kaplan-Meier estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Times with events, ascending.
    pub steps: Vec<Step>,
    /// Latest time anybody was watched.
    pub last_time: f64,
}

/// Times in ascending order, each with subjects at risk and events.
fn risk_table(observations: &[Observation]) -> Vec<(f64, u32, u32)> {
    let mut sorted = observations.to_vec();
    sorted.sort_by(|a, b| a.time.total_cmp(&b.time));
    let mut table = Vec::new();
    let mut at_risk = sorted.len() as u32;
    for group in sorted.chunk_by(|a, b| a.time >= b.time) {
        let events = group.iter().filter(|o| o.event).count() as u32;
        table.push((group[0].time, at_risk, events));
        at_risk -= group.len() as u32;
    }
    table
}

fn assert_times(observations: &[Observation]) {
    let valid = |o: &Observation| o.time.is_finite() && o.time >= 0.0;
    assert!(observations.iter().all(valid), "times finite and at least zero");
}

/// Probability of no event yet by time, with pointwise limits at confidence `level`, in (0, 1).
///
/// `None` without subjects; panics on a negative or infinite time.
/// Source: Kaplan & Meier 1958, J Am Stat Assoc 53:457; limits: Kalbfleisch & Prentice 1980, section 1.3.
/// Checked: validation/stats/survival/.
pub fn kaplan_meier(observations: &[Observation], level: f64) -> Option<Curve> {
    assert_times(observations);
    let z = two_sided_quantile(level);
    let table = risk_table(observations);
    let last_time = table.last()?.0;
    let (mut survival, mut greenwood) = (1.0, 0.0);
    let mut steps = Vec::new();
    for (time, at_risk, events) in table.into_iter().filter(|row| row.2 > 0) {
        let (n, d) = (f64::from(at_risk), f64::from(events));
        survival *= 1.0 - d / n;
        greenwood += if at_risk > events { d / (n * (n - d)) } else { 0.0 };
        steps.push(Step {
            time,
            at_risk,
            events,
            survival,
            standard_error: survival * greenwood.sqrt(),
            interval: log_log_interval(survival, greenwood, z),
        });
    }
    Some(Curve { steps, last_time })
}

/// Limits that are symmetric for log(-log S), so that they stay in [0, 1].
fn log_log_interval(survival: f64, greenwood: f64, z: f64) -> Option<Interval> {
    let log = libm::log(survival);
    let half_width = z * greenwood.sqrt() / log.abs();
    (survival > 0.0 && survival < 1.0).then(|| Interval {
        low: libm::exp(log * libm::exp(half_width)),
        high: libm::exp(log * libm::exp(-half_width)),
    })
}

impl Curve {
    /// Probability of no event up to and including `time`.
    pub fn at(&self, time: f64) -> f64 {
        let before = self.steps.partition_point(|step| step.time <= time);
        before.checked_sub(1).map_or(1.0, |last| self.steps[last].survival)
    }

    /// Earliest time by which a share `p` of subjects, in (0, 1), has had the event; `None` if the curve stays above.
    ///
    /// Where the curve is level at exactly 1 - p, the middle of that stretch, as R and SAS have it.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let height = 1.0 - p;
        // A product of fractions that is 1 - p in theory misses it by rounding.
        let hair = 1e-12;
        let first = self.steps.iter().position(|step| step.survival <= height + hair)?;
        let time = self.steps[first].time;
        if self.steps[first].survival < height - hair {
            return Some(time);
        }
        let end = self.steps.get(first + 1).map_or(self.last_time, |next| next.time);
        Some(0.5 * (time + end))
    }

    /// Time by which half of the subjects have had the event.
    pub fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// Mean event-free time up to `horizon`, and its standard error.
    ///
    /// `None` if nobody was watched until then and the curve has not reached zero: the area would be a guess.
    /// Source: Irwin 1949, J Hyg 47:188; Klein & Moeschberger 2003, eq. 4.5.1-4.5.2. Checked: validation/stats/survival/.
    pub fn restricted_mean(&self, horizon: f64) -> Option<(f64, f64)> {
        let ends_at_zero = self.steps.last().is_some_and(|step| step.survival <= 0.0);
        if horizon.is_nan() || (horizon > self.last_time && !ends_at_zero) {
            return None;
        }
        let steps: Vec<&Step> = self.steps.iter().take_while(|step| step.time <= horizon).collect();
        // From the last step backwards: area to the right of each event time.
        let (mut area, mut variance, mut right) = (0.0, 0.0, horizon);
        for step in steps.iter().rev() {
            area += step.survival * (right - step.time);
            right = step.time;
            if step.at_risk > step.events {
                let (n, d) = (f64::from(step.at_risk), f64::from(step.events));
                variance += area * area * d / (n * (n - d));
            }
        }
        Some((area + right, variance.sqrt()))
    }
}

/// Difference of the mean event-free times up to `horizon`, treated minus control.
///
/// `None` if either arm's mean is unknown, see [`Curve::restricted_mean`]. Checked: validation/stats/survival/.
pub fn restricted_mean_difference(
    treated: &[Observation],
    control: &[Observation],
    horizon: f64,
) -> Option<Difference> {
    let (mean1, se1) = kaplan_meier(treated, 0.95)?.restricted_mean(horizon)?;
    let (mean0, se0) = kaplan_meier(control, 0.95)?.restricted_mean(horizon)?;
    Some(Difference::normal(mean1 - mean0, se1.hypot(se0)))
}

/// Observations of the two arms in one stratum.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArmTimes {
    /// Treated arm.
    pub treated: Vec<Observation>,
    /// Control arm.
    pub control: Vec<Observation>,
}

/// How much an event counts in a comparison of two curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventWeight {
    /// All alike: the log-rank test, best against proportional hazards.
    LogRank,
    /// By the number at risk: the test of Gehan and Breslow, which looks at early events.
    Gehan,
}

/// Comparison of event times by rank.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankTest {
    /// Events in the treated arm, weighted.
    pub observed: f64,
    /// Events expected there if the arms did not differ.
    pub expected: f64,
    /// Variance of observed minus expected.
    pub variance: f64,
    /// Chi-square with one degree of freedom, two-sided.
    pub test: ChiSquare,
}

/// Test of equal event times within strata.
///
/// `None` if no stratum has an event while both arms are at risk.
/// Source: Mantel 1966, Cancer Chemother Rep 50:163; Gehan 1965, Biometrika 52:203 (with the variance of Mantel).
/// Checked: validation/stats/survival/.
pub fn rank_test(strata: &[ArmTimes], weight: EventWeight) -> Option<RankTest> {
    let (mut observed, mut expected, mut variance) = (0.0, 0.0, 0.0);
    for stratum in strata {
        assert_times(&stratum.treated);
        assert_times(&stratum.control);
        for (n1, n0, d1, d0) in joint_table(stratum) {
            let (n, d) = (n1 + n0, d1 + d0);
            let w = if weight == EventWeight::Gehan { n } else { 1.0 };
            observed += w * d1;
            expected += w * d * n1 / n;
            if n > 1.0 {
                variance += w * w * d * (n - d) * n1 * n0 / (n * n * (n - 1.0));
            }
        }
    }
    let excess: f64 = observed - expected;
    let statistic = excess * excess / variance;
    (variance > 0.0).then(|| RankTest {
        observed,
        expected,
        variance,
        test: ChiSquare {
            statistic,
            p_value: chi_square_1_tail(statistic),
        },
    })
}

/// At each time with events: treated and control at risk, treated and control events.
fn joint_table(stratum: &ArmTimes) -> Vec<(f64, f64, f64, f64)> {
    let mark = |treated: bool| move |o: &Observation| (o.time, o.event, treated);
    let mut all: Vec<(f64, bool, bool)> = stratum.treated.iter().map(mark(true)).collect();
    all.extend(stratum.control.iter().map(mark(false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut n1, mut n0) = (stratum.treated.len() as f64, stratum.control.len() as f64);
    let mut table = Vec::new();
    for group in all.chunk_by(|a, b| a.0 >= b.0) {
        let events = |arm: bool| group.iter().filter(|o| o.1 && o.2 == arm).count() as f64;
        let (d1, d0) = (events(true), events(false));
        if d1 + d0 > 0.0 {
            table.push((n1, n0, d1, d0));
        }
        let leaving = group.iter().filter(|o| o.2).count() as f64;
        n1 -= leaving;
        n0 -= group.len() as f64 - leaving;
    }
    table
}
