//! Baskets alone and with what the others say of them, over replicates.

use std::collections::BTreeMap;

use malar_stats::summary::Summary as Moments;
use malar_trial::results::{BasketRow, Labels, Posterior, Replicate};

use crate::summary::{BasketSummary, BorrowedSummary};

/// Rows by arm and basket. A trial has few baskets: their rows are kept, because the truth is known at the end only.
#[derive(Default)]
pub(super) struct Baskets {
    rows: BTreeMap<(u16, u16), Vec<BasketRow>>,
}

impl Baskets {
    pub fn add(&mut self, replicate: &Replicate) {
        for row in &replicate.baskets {
            self.rows.entry((row.arm, row.basket)).or_default().push(*row);
        }
    }

    pub fn summaries(&self, labels: &Labels) -> Vec<BasketSummary> {
        let summary = |(&(arm, basket), rows): (&(u16, u16), &Vec<BasketRow>)| {
            let truth = observed(rows);
            let truth_percent = truth.mean().unwrap_or(f64::NAN);
            BasketSummary {
                arm: labels.arms[usize::from(arm)].clone(),
                basket: labels.baskets[usize::from(basket)].clone(),
                n: rows.iter().map(|row| f64::from(row.n)).sum::<f64>() / rows.len() as f64,
                truth: truth_percent,
                truth_se: truth.standard_error(),
                alone: judged(rows, truth_percent, |row| row.alone),
                borrowing: judged(rows, truth_percent, |row| row.borrowing),
            }
        };
        self.rows.iter().map(summary).collect()
    }
}

/// Observed percentages: unbiased, whatever is borrowed.
fn observed(rows: &[BasketRow]) -> Moments {
    let mut moments = Moments::default();
    for row in rows.iter().filter(|row| row.n > 0) {
        moments.add(100.0 * f64::from(row.responders) / f64::from(row.n));
    }
    moments
}

fn judged(rows: &[BasketRow], truth: f64, of: fn(&BasketRow) -> Posterior) -> BorrowedSummary {
    let mean =
        |value: &dyn Fn(Posterior) -> f64| rows.iter().map(|row| value(of(row))).sum::<f64>() / rows.len() as f64;
    let estimate = mean(&|p| p.percent);
    BorrowedSummary {
        estimate,
        bias: estimate - truth,
        error: mean(&|p| (p.percent - truth).powi(2)).sqrt(),
        coverage: mean(&|p| f64::from(u8::from(p.low95 <= truth && truth <= p.high95))),
        width: mean(&|p| p.high95 - p.low95),
        above_null: mean(&|p| p.above_null),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bias_error_and_coverage_are_against_what_was_observed_over_all_trials() {
        let posterior = |percent: f64, half: f64| Posterior {
            percent,
            low95: percent - half,
            high95: percent + half,
            above_null: 0.5,
        };
        let row = |responders: u32, borrowed: f64| BasketRow {
            arm: 0,
            basket: 0,
            n: 10,
            responders,
            alone: posterior(10.0 * f64::from(responders), 15.0),
            borrowing: posterior(borrowed, 5.0),
        };
        let rows = [row(2, 33.0), row(4, 37.0)];
        let truth = observed(&rows).mean().unwrap();
        assert!((truth - 30.0).abs() < 1e-12);
        let (alone, borrowing) = (judged(&rows, truth, |r| r.alone), judged(&rows, truth, |r| r.borrowing));
        assert!(alone.bias.abs() < 1e-12 && (alone.error - 10.0).abs() < 1e-12);
        assert!((borrowing.bias - 5.0).abs() < 1e-12 && (borrowing.error - 29f64.sqrt()).abs() < 1e-12);
        assert_eq!((alone.coverage, borrowing.coverage, borrowing.width), (1.0, 0.5, 10.0));
    }
}
