//! Response in each basket, alone and with what the other baskets say of it.

use malar_stats::Count;
use malar_stats::bayes::{Beta, meta_analytic_predictive};

use crate::analysis::Subject;
use crate::endpoint::{Endpoint, RESPONDER};
use crate::protocol::{BasketAnalysis, Protocol};
use crate::results::{BasketRow, Posterior};

/// Level of the intervals.
const LEVEL: f64 = 0.95;

/// One row per arm and basket; none without a basket analysis.
pub(crate) fn basket_rows(protocol: &Protocol, endpoints: &[Endpoint], subjects: &[Subject]) -> Vec<BasketRow> {
    let Some(analysis) = &protocol.basket_analysis else {
        return Vec::new();
    };
    let endpoint = endpoints.iter().find(|e| e.id == analysis.endpoint);
    let endpoint = endpoint.expect("the protocol was checked to read this endpoint");
    let mut rows = Vec::new();
    for arm in 0..protocol.randomised().len() {
        let counts: Vec<Count> = (0..=protocol.baskets.len())
            .map(|basket| count(subjects, (arm, basket), endpoint, analysis.week))
            .collect();
        rows.extend((0..counts.len()).map(|basket| row(arm, basket, &counts, analysis)));
    }
    rows
}

fn count(subjects: &[Subject], (arm, basket): (usize, usize), endpoint: &Endpoint, week: f64) -> Count {
    let mut count = Count { responders: 0, n: 0 };
    let is_in = |s: &&Subject| usize::from(s.arm) == arm && s.basket == Some(basket);
    let is_counted = |s: &&Subject| endpoint.denominator.as_ref().is_none_or(|rule| rule.holds(&s.baseline));
    for subject in subjects.iter().filter(is_in).filter(is_counted) {
        count.n += 1;
        count.responders += u32::from(subject.reason(endpoint, week) == RESPONDER);
    }
    count
}

fn row(arm: usize, basket: usize, counts: &[Count], analysis: &BasketAnalysis) -> BasketRow {
    let count = counts[basket];
    BasketRow {
        arm: arm as u16,
        basket: basket as u16,
        n: count.n,
        responders: count.responders,
        alone: alone(count, analysis),
        borrowing: borrowing(counts, basket, analysis),
    }
}

/// From a uniform prior.
fn alone(count: Count, analysis: &BasketAnalysis) -> Posterior {
    let posterior = Beta { a: 1.0, b: 1.0 }.after(count);
    let interval = posterior.interval(LEVEL);
    Posterior {
        percent: 100.0 * posterior.mean(),
        low95: 100.0 * interval.low,
        high95: 100.0 * interval.high,
        above_null: posterior.probability_above(analysis.null),
    }
}

/// From the robust meta-analytic predictive prior of the other baskets; alone, if there is no other.
fn borrowing(counts: &[Count], basket: usize, analysis: &BasketAnalysis) -> Posterior {
    let others: Vec<Count> = (0..counts.len())
        .filter(|&k| k != basket && counts[k].n > 0)
        .map(|k| counts[k])
        .collect();
    let Some(prior) = meta_analytic_predictive(&others, analysis.heterogeneity) else {
        return alone(counts[basket], analysis);
    };
    let posterior = prior.robust(analysis.vague_weight).after(counts[basket]);
    let tail = (1.0 - LEVEL) / 2.0;
    Posterior {
        percent: 100.0 * posterior.mean(),
        low95: 100.0 * posterior.quantile(tail),
        high95: 100.0 * posterior.quantile(1.0 - tail),
        above_null: posterior.probability_above(analysis.null),
    }
}
