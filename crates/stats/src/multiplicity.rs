//! Several hypotheses under one error. An adjusted p value is compared with the whole alpha.
//!
//! p values are in [0, 1]; functions panic on others (NaN included), which are our mistake.

fn assert_p_values(p: &[f64]) {
    assert!(p.iter().all(|x| (0.0..=1.0).contains(x)), "p values in [0, 1]");
}

/// Indices by p value, smallest first; ties in the order given.
fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    order
}

/// Adjusted p values of Holm: the smallest faces all hypotheses, the next all but one, and so on.
///
/// Source: Holm 1979, Scand J Stat 6:65. Checked: validation/stats/multiplicity/.
pub fn holm(p: &[f64]) -> Vec<f64> {
    assert_p_values(p);
    let mut adjusted = vec![0.0; p.len()];
    let mut largest = 0.0_f64;
    for (rank, &i) in ascending(p).iter().enumerate() {
        largest = largest.max((p.len() - rank) as f64 * p[i]).min(1.0);
        adjusted[i] = largest;
    }
    adjusted
}

/// Adjusted p values of Hochberg, from the largest down. Keeps the error for independent or positively dependent tests.
///
/// Source: Hochberg 1988, Biometrika 75:800. Checked: validation/stats/multiplicity/.
pub fn hochberg(p: &[f64]) -> Vec<f64> {
    assert_p_values(p);
    let mut adjusted = vec![0.0; p.len()];
    let mut least = 1.0_f64;
    for (rank, &i) in ascending(p).iter().enumerate().rev() {
        least = least.min((p.len() - rank) as f64 * p[i]);
        adjusted[i] = least;
    }
    adjusted
}

/// Adjusted p values of a fixed sequence: each hypothesis counts only if all before it were rejected.
///
/// Source: Maurer, Hothorn & Lehmacher 1995, Biometrie in der chemisch-pharmazeutischen Industrie 6:3.
/// Checked: validation/stats/multiplicity/.
pub fn fixed_sequence(p: &[f64]) -> Vec<f64> {
    assert_p_values(p);
    let running = |largest: &mut f64, x: &f64| {
        *largest = largest.max(*x);
        Some(*largest)
    };
    p.iter().scan(0.0, running).collect()
}

/// Adjusted p values by closed testing: of each hypothesis, the largest p value among all intersections that hold it.
///
/// `local` tests the intersection of the hypotheses at these indices (at least one, ascending) and gives its p value.
/// There are 2^n - 1 intersections; at most 20 hypotheses.
/// Source: Marcus, Peritz & Gabriel 1976, Biometrika 63:655. Checked: validation/stats/multiplicity/.
pub fn closed_test(n_hypotheses: usize, local: impl Fn(&[usize]) -> f64) -> Vec<f64> {
    assert!(n_hypotheses <= 20, "at most 20 hypotheses");
    let mut adjusted = vec![0.0_f64; n_hypotheses];
    for set in 1_u32..1 << n_hypotheses {
        let members: Vec<usize> = (0..n_hypotheses).filter(|i| set >> i & 1 == 1).collect();
        let p = local(&members);
        for i in members {
            adjusted[i] = adjusted[i].max(p);
        }
    }
    adjusted
}

/// Hypotheses with shares of alpha that pass on when one is rejected.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    weights: Vec<f64>,
    transitions: Vec<Vec<f64>>,
}

/// Why a graph is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// Shares of alpha have to be at least 0 and at most 1 in all.
    #[error("initial weights must be at least 0 and sum to at most 1")]
    Weights,
    /// A row of transitions has to be at least 0, at most 1 in all, and 0 on the diagonal.
    #[error("transitions from hypothesis `{0}` must be at least 0, sum to at most 1 and not lead back")]
    Transitions(usize),
}

impl Graph {
    /// `weights[i]` is the share of alpha of hypothesis i, `transitions[i][j]` the part of it that goes to j once i is
    /// rejected.
    pub fn new(weights: Vec<f64>, transitions: Vec<Vec<f64>>) -> Result<Self, GraphError> {
        let shares = |row: &[f64]| row.iter().all(|x| *x >= 0.0) && row.iter().sum::<f64>() <= 1.0 + 1e-12;
        if !shares(&weights) || transitions.len() != weights.len() {
            return Err(GraphError::Weights);
        }
        for (i, row) in transitions.iter().enumerate() {
            if row.len() != weights.len() || !shares(row) || row[i].abs() > 0.0 {
                return Err(GraphError::Transitions(i));
            }
        }
        Ok(Graph { weights, transitions })
    }

    /// Shares of alpha to begin with.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Parts of the share of hypothesis i that go to each other once it is rejected.
    pub fn transitions(&self) -> &[Vec<f64>] {
        &self.transitions
    }

    /// Adjusted p values: hypothesis i is rejected at level alpha exactly if its value is at most alpha.
    ///
    /// Source: Bretz, Maurer, Brannath & Posch 2009, Stat Med 28:586, algorithm 2. Checked: validation/stats/multiplicity/.
    pub fn adjust(&self, p: &[f64]) -> Vec<f64> {
        assert_p_values(p);
        assert_eq!(p.len(), self.weights.len(), "one p value per hypothesis");
        let mut graph = self.clone();
        let mut open = vec![true; p.len()];
        let (mut adjusted, mut largest) = (vec![1.0; p.len()], 0.0_f64);
        for _ in 0..p.len() {
            let ratio = |i: usize| {
                if graph.weights[i] > 0.0 {
                    p[i] / graph.weights[i]
                } else {
                    f64::INFINITY
                }
            };
            let candidates = (0..p.len()).filter(|&i| open[i]);
            let Some(next) = candidates.min_by(|&a, &b| ratio(a).total_cmp(&ratio(b))) else {
                break;
            };
            largest = largest.max(ratio(next)).min(1.0);
            adjusted[next] = largest;
            open[next] = false;
            graph.remove(next, &open);
        }
        adjusted
    }

    /// Hands the weight of a rejected hypothesis on and joins its arrows.
    fn remove(&mut self, gone: usize, open: &[bool]) {
        let g = self.transitions.clone();
        for i in (0..open.len()).filter(|&i| open[i]) {
            self.weights[i] += self.weights[gone] * g[gone][i];
            let loop_back = g[i][gone] * g[gone][i];
            for j in (0..open.len()).filter(|&j| open[j] && j != i) {
                let joined = g[i][j] + g[i][gone] * g[gone][j];
                self.transitions[i][j] = if loop_back < 1.0 - 1e-12 {
                    joined / (1.0 - loop_back)
                } else {
                    0.0
                };
            }
        }
        self.weights[gone] = 0.0;
    }
}
