//! Single-arm trials with a look after the first stage (Simon).

use crate::exact::{binomial, log_choose};

/// A trial that stops after `first_n` subjects with at most `first_limit` responders, and fails at the end with at most
/// `limit` among `n`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoStage {
    /// Most responders at which the first stage ends the trial.
    pub first_limit: u32,
    /// Subjects of the first stage.
    pub first_n: u32,
    /// Most responders at which the whole trial fails.
    pub limit: u32,
    /// Subjects in all.
    pub n: u32,
    /// Probability of success at the uninteresting share.
    pub alpha: f64,
    /// Probability of success at the share hoped for.
    pub power: f64,
    /// Probability of stopping early at the uninteresting share.
    pub early_stop: f64,
    /// Expected subjects at the uninteresting share.
    pub expected_n: f64,
}

/// The question a two-stage trial answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Question {
    /// Share of responders that is of no interest, in (0, 1).
    pub uninteresting: f64,
    /// Share hoped for, above it.
    pub hoped: f64,
    /// Greatest probability of success at the first.
    pub alpha: f64,
    /// Least probability of success at the second.
    pub power: f64,
}

/// The designs with the least expected and with the least maximal number of subjects, up to `largest_n`.
///
/// Looks at every design; `None` if there is none, or the shares are out of order. Of designs with the least maximum the
/// one with the least expected number. Source: Simon 1989, Control Clin Trials 10:1. Checked: validation/stats/two_stage/.
pub fn two_stage_designs(question: Question, largest_n: u32) -> Option<(TwoStage, TwoStage)> {
    let Question {
        uninteresting, hoped, ..
    } = question;
    if !(0.0 < uninteresting && uninteresting < hoped && hoped < 1.0) {
        return None;
    }
    let tables: Vec<Tables> = (0..=largest_n).map(|n| Tables::new(n, uninteresting, hoped)).collect();
    let (mut optimal, mut minimax): (Option<TwoStage>, Option<TwoStage>) = (None, None);
    for n in 2..=largest_n {
        for first_n in 1..n {
            let (first, second) = (&tables[first_n as usize], &tables[(n - first_n) as usize]);
            for first_limit in 0..first_n {
                let early_stop = first.below(first_limit);
                let expected_n = f64::from(first_n) + (1.0 - early_stop) * f64::from(n - first_n);
                let best = |design: &Option<TwoStage>| design.map_or(f64::INFINITY, |d| d.expected_n);
                let smallest = minimax.is_none_or(|d| d.n == n && expected_n < d.expected_n);
                if expected_n >= best(&optimal) && !smallest {
                    continue;
                }
                let Some((limit, alpha, power)) = final_limit(first, second, first_limit, question) else {
                    // A higher first limit only loses power.
                    break;
                };
                if power < question.power {
                    continue;
                }
                let design = TwoStage {
                    first_limit,
                    first_n,
                    limit,
                    n,
                    alpha,
                    power,
                    early_stop,
                    expected_n,
                };
                if expected_n < best(&optimal) {
                    optimal = Some(design);
                }
                if smallest {
                    minimax = Some(design);
                }
            }
        }
    }
    optimal.zip(minimax)
}

/// Probabilities of counts and of at least so many, at both shares.
struct Tables {
    mass: [Vec<f64>; 2],
    at_least: [Vec<f64>; 2],
}

impl Tables {
    fn new(n: u32, uninteresting: f64, hoped: f64) -> Self {
        let choose = log_choose(n);
        let mass = [binomial(&choose, uninteresting), binomial(&choose, hoped)];
        let tail = |mass: &Vec<f64>| {
            let mut tail = vec![0.0; mass.len() + 1];
            for k in (0..mass.len()).rev() {
                tail[k] = tail[k + 1] + mass[k];
            }
            tail
        };
        Tables {
            at_least: [tail(&mass[0]), tail(&mass[1])],
            mass,
        }
    }

    /// Probability of at most `limit` at the uninteresting share.
    fn below(&self, limit: u32) -> f64 {
        self.mass[0][..=limit as usize].iter().sum()
    }

    /// Probability, at share `which`, of going on past `first_limit` and ending above `limit`.
    fn success(&self, second: &Tables, first_limit: u32, limit: u32, which: usize) -> f64 {
        let mass = self.mass[which].iter().enumerate().skip(first_limit as usize + 1);
        let tail = &second.at_least[which];
        mass.map(|(x, p)| {
            let needed = (limit as usize + 1).saturating_sub(x);
            p * tail.get(needed).copied().unwrap_or(0.0)
        })
        .sum()
    }
}

/// The least final limit that keeps alpha, with alpha and power there; `None` if going on alone lacks power.
fn final_limit(first: &Tables, second: &Tables, first_limit: u32, question: Question) -> Option<(u32, f64, f64)> {
    if first.at_least[1][first_limit as usize + 1] < question.power {
        return None;
    }
    let n = (first.mass[0].len() + second.mass[0].len() - 2) as u32;
    let alpha = |limit: u32| first.success(second, first_limit, limit, 0);
    let (mut low, mut high) = (first_limit, n);
    while low < high {
        let middle = (low + high) / 2;
        if alpha(middle) <= question.alpha {
            high = middle
        } else {
            low = middle + 1
        }
    }
    Some((low, alpha(low), first.success(second, first_limit, low, 1)))
}
