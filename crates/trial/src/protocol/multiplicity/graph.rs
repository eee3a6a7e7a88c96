//! Weights of hypotheses, and where they go.

use std::ops::Range;

use malar_model::diagnostic::Diagnostic;
use malar_stats::multiplicity::Graph;
use toml::Spanned;

use super::{Procedure, Reader};

/// Room for the rounding of weights written in decimals.
const ROUNDING: f64 = 1e-9;

impl Reader<'_> {
    /// The graph of the file's procedure.
    pub(super) fn graph(&self) -> Result<Graph, Diagnostic> {
        let n = self.file.hypotheses.len();
        let (weights, transitions) = match self.file.procedure {
            Procedure::Graph => (self.weights()?, self.transitions()?),
            short => {
                self.says_no_weights(short)?;
                short_form(short, n)
            }
        };
        self.all_reachable(&weights, &transitions)?;
        Ok(Graph::new(weights, transitions).expect("weights and transitions were checked"))
    }

    fn says_no_weights(&self, procedure: Procedure) -> Result<(), Diagnostic> {
        for hypothesis in &self.file.hypotheses {
            let file = hypothesis.get_ref();
            let weight = file.weight.as_ref().map(Spanned::span);
            if let Some(span) = weight.or(file.passes.as_ref().map(Spanned::span)) {
                let message = format!("`{}` has its own weights", procedure.id());
                let help = "leave out `weight` and `passes`, or write `procedure = \"graph\"`";
                return self.wrong(span, message, help);
            }
        }
        Ok(())
    }

    /// Shares of alpha to begin with; what the rounding of decimals puts above 1 is taken back.
    fn weights(&self) -> Result<Vec<f64>, Diagnostic> {
        let mut weights = Vec::new();
        for hypothesis in &self.file.hypotheses {
            let Some(weight) = &hypothesis.get_ref().weight else {
                weights.push(0.0);
                continue;
            };
            weights.push(*weight.get_ref());
            let help = "weights are shares of alpha: none below 0, and together at most 1";
            if !(weight.get_ref().is_finite() && *weight.get_ref() >= 0.0) {
                return self.wrong(
                    weight.span(),
                    format!("weight `{}` is no share", weight.get_ref()),
                    help,
                );
            }
            let sum: f64 = weights.iter().sum();
            if sum > 1.0 + ROUNDING {
                return self.wrong(weight.span(), format!("weights up to this one make {sum}"), help);
            }
        }
        Ok(at_most_one(weights))
    }

    /// Where each weight goes once its hypothesis is rejected.
    fn transitions(&self) -> Result<Vec<Vec<f64>>, Diagnostic> {
        let n = self.file.hypotheses.len();
        let mut rows = Vec::new();
        for k in 0..n {
            let mut row = vec![0.0; n];
            if let Some(passes) = &self.file.hypotheses[k].get_ref().passes {
                for (id, share) in passes.get_ref() {
                    row[self.receiver(k, id, passes.span())?] = *share;
                }
                let sum: f64 = row.iter().sum();
                if row.iter().any(|share| !(share.is_finite() && *share >= 0.0)) || sum > 1.0 + ROUNDING {
                    let message = format!("`{}` passes on {sum} of its weight", self.id(k));
                    let help = "shares passed on are none below 0, and together at most 1";
                    return self.wrong(passes.span(), message, help);
                }
            }
            rows.push(at_most_one(row));
        }
        Ok(rows)
    }

    /// Position of the hypothesis that gets a share of another's weight.
    fn receiver(&self, from: usize, id: &str, span: Range<usize>) -> Result<usize, Diagnostic> {
        let n = self.file.hypotheses.len();
        match (0..n).find(|&k| self.id(k) == id) {
            Some(k) if k != from => Ok(k),
            _ => {
                let others: Vec<&str> = (0..n).filter(|&k| k != from).map(|k| self.id(k)).collect();
                let help = format!("name other hypotheses: {}", others.join(", "));
                self.wrong(span, format!("weight cannot be passed on to `{id}`"), &help)
            }
        }
    }

    /// A hypothesis that never gets a weight can never be rejected.
    fn all_reachable(&self, weights: &[f64], transitions: &[Vec<f64>]) -> Result<(), Diagnostic> {
        let mut reached: Vec<bool> = weights.iter().map(|weight| *weight > 0.0).collect();
        for _ in 0..weights.len() {
            for (k, row) in transitions.iter().enumerate() {
                if reached[k] {
                    reached.iter_mut().zip(row).for_each(|(to, share)| *to |= *share > 0.0);
                }
            }
        }
        match reached.iter().position(|reached| !reached) {
            None => Ok(()),
            Some(k) => {
                let message = format!("hypothesis `{}` can never be tested", self.id(k));
                let help = "give it a `weight`, or let another hypothesis pass some of its weight on to it";
                self.wrong(self.file.hypotheses[k].get_ref().id.span(), message, help)
            }
        }
    }
}

/// Shares that make no more than 1.
fn at_most_one(mut shares: Vec<f64>) -> Vec<f64> {
    let sum = shares.iter().sum::<f64>().max(1.0);
    shares.iter_mut().for_each(|share| *share /= sum);
    shares
}

/// Weights and transitions of a procedure that needs no words.
fn short_form(procedure: Procedure, n: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let table = |of: &dyn Fn(usize, usize) -> f64| (0..n).map(|i| (0..n).map(|j| of(i, j)).collect()).collect();
    if procedure == Procedure::Holm {
        let share = 1.0 / (n.max(2) - 1) as f64;
        return (
            at_most_one(vec![1.0 / n as f64; n]),
            table(&|i, j| if i == j { 0.0 } else { share }),
        );
    }
    let weights = (0..n).map(|k| if k == 0 { 1.0 } else { 0.0 }).collect();
    (weights, table(&|i, j| if j == i + 1 { 1.0 } else { 0.0 }))
}
