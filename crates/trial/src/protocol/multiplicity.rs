//! Several hypotheses under one error: which of the trial's comparisons count, and how they share alpha.

use std::collections::BTreeMap;
use std::ops::Range;

use malar_model::codes::MULTIPLICITY;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_stats::multiplicity::Graph;
use serde::Deserialize;
use toml::Spanned;

use super::Protocol;
use crate::regimes::is_week;

/// `[multiplicity]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MultiplicityFile {
    #[serde(default = "one_sided")]
    pub alpha: f64,
    #[serde(default)]
    pub procedure: Procedure,
    #[serde(default)]
    pub source: Vec<String>,
    #[serde(default)]
    pub assumed: String,
    pub hypotheses: Vec<Spanned<HypothesisFile>>,
}

/// One of `[[multiplicity.hypotheses]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HypothesisFile {
    pub id: Spanned<String>,
    pub endpoint: Spanned<String>,
    pub week: Spanned<f64>,
    pub arm: Option<Spanned<String>>,
    pub population: Option<Spanned<String>>,
    pub weight: Option<Spanned<f64>>,
    pub passes: Option<Spanned<BTreeMap<String, f64>>>,
}

fn one_sided() -> f64 {
    0.025
}

/// How hypotheses share the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Procedure {
    /// Weights, and where they go once a hypothesis is rejected, as the file says.
    #[default]
    Graph,
    /// In the order of the file, each at the whole alpha as long as all before it were rejected.
    FixedSequence,
    /// Equal weights that go to all others in equal parts.
    Holm,
}

impl Procedure {
    /// As the file writes it.
    pub fn id(self) -> &'static str {
        match self {
            Procedure::Graph => "graph",
            Procedure::FixedSequence => "fixed-sequence",
            Procedure::Holm => "holm",
        }
    }
}

/// Hypotheses of a trial, and how they share its error.
#[derive(Clone, Debug, PartialEq)]
pub struct Multiplicity {
    /// One-sided error of all hypotheses together, in (0, 0.5).
    pub alpha: f64,
    /// How it is shared.
    pub procedure: Procedure,
    /// In file order.
    pub hypotheses: Vec<Hypothesis>,
    /// Weights and transitions, in the same order.
    pub graph: Graph,
}

/// That an arm is no better than the control.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// Id.
    pub id: String,
    /// Position of the arm that is compared with the control.
    pub arm: usize,
    /// Position among the protocol's endpoints.
    pub endpoint: usize,
    /// Week.
    pub week: f64,
    /// Position among the analysis populations.
    pub population: usize,
}

/// Room for the rounding of weights written in decimals.
const ROUNDING: f64 = 1e-9;

/// Reads the section of a protocol that is otherwise complete.
pub(super) fn multiplicity(
    file: &Spanned<MultiplicityFile>,
    protocol: &Protocol,
    source: &Source,
) -> Result<Multiplicity, Diagnostic> {
    let (span, file) = (file.span(), file.get_ref());
    let reader = Reader { file, protocol, source };
    if file.hypotheses.is_empty() || !(file.alpha > 0.0 && file.alpha < 0.5) {
        let help = "list `[[multiplicity.hypotheses]]`, and write a one-sided `alpha` between 0 and 0.5";
        return reader.wrong(span, "no hypothesis can be tested".to_owned(), help);
    }
    if file.source.is_empty() && file.assumed.is_empty() {
        let help = "add `source = [\"doi:...\"]`, or `assumed = \"why\"`";
        return reader.wrong(span, "the order of the hypotheses has no source".to_owned(), help);
    }
    Ok(Multiplicity {
        alpha: file.alpha,
        procedure: file.procedure,
        hypotheses: (0..file.hypotheses.len())
            .map(|k| reader.hypothesis(k))
            .collect::<Result<_, _>>()?,
        graph: reader.graph()?,
    })
}

struct Reader<'a> {
    file: &'a MultiplicityFile,
    protocol: &'a Protocol,
    source: &'a Source,
}

impl Reader<'_> {
    fn wrong<T>(&self, span: Range<usize>, message: String, help: &str) -> Result<T, Diagnostic> {
        Err(Diagnostic::error(MULTIPLICITY, self.source, span, message).help(help))
    }

    fn id(&self, k: usize) -> &str {
        self.file.hypotheses[k].get_ref().id.get_ref()
    }

    fn hypothesis(&self, k: usize) -> Result<Hypothesis, Diagnostic> {
        let file = self.file.hypotheses[k].get_ref();
        if (0..k).any(|other| self.id(other) == self.id(k)) {
            let message = format!("hypothesis `{}` is declared twice", self.id(k));
            return self.wrong(file.id.span(), message, "give each hypothesis its own id");
        }
        let (endpoint, week) = self.reading(file)?;
        Ok(Hypothesis {
            id: self.id(k).to_owned(),
            arm: self.arm(file)?,
            endpoint,
            week,
            population: self.population(file)?,
        })
    }

    /// Endpoint and week, if the trial reads that.
    fn reading(&self, file: &HypothesisFile) -> Result<(usize, f64), Diagnostic> {
        let uses = || self.protocol.endpoints.iter().map(|(usage, _)| usage);
        let (id, week) = (file.endpoint.get_ref(), *file.week.get_ref());
        let Some(endpoint) = uses().position(|usage| usage.id == *id) else {
            let known: Vec<&str> = uses().map(|usage| usage.id.as_str()).collect();
            let help = format!("endpoints of the trial: {}", known.join(", "));
            return self.wrong(
                file.endpoint.span(),
                format!("the trial does not read endpoint `{id}`"),
                &help,
            );
        };
        let weeks = &self.protocol.endpoints[endpoint].0.weeks;
        match weeks.iter().find(|known| is_week(**known, week)) {
            Some(&week) => Ok((endpoint, week)),
            None => {
                let known: Vec<String> = weeks.iter().map(f64::to_string).collect();
                let help = format!("weeks at which `{id}` is read: {}", known.join(", "));
                self.wrong(
                    file.week.span(),
                    format!("the trial does not read `{id}` at week {week}"),
                    &help,
                )
            }
        }
    }

    /// The arm named, or the only one that is compared with the control.
    fn arm(&self, file: &HypothesisFile) -> Result<usize, Diagnostic> {
        let (arms, control) = (self.protocol.randomised(), self.protocol.control());
        let compared: Vec<usize> = (0..arms.len()).filter(|&k| k != control).collect();
        let names: Vec<&str> = compared.iter().map(|&k| arms[k].id.as_str()).collect();
        let help = format!("arms compared with the control: {}", names.join(", "));
        match (&file.arm, compared.as_slice()) {
            (None, [only]) => Ok(*only),
            (None, _) => self.wrong(file.id.span(), "it is not said which `arm` is tested".to_owned(), &help),
            (Some(arm), _) => match compared.iter().find(|&&k| arms[k].id == *arm.get_ref()) {
                Some(&k) => Ok(k),
                None => {
                    let message = format!("no arm `{}` is compared with the control", arm.get_ref());
                    self.wrong(arm.span(), message, &help)
                }
            },
        }
    }

    fn population(&self, file: &HypothesisFile) -> Result<usize, Diagnostic> {
        let Some(id) = &file.population else {
            return Ok(0); // everybody
        };
        let known = self.protocol.analysis_populations();
        match known.iter().position(|population| population == id.get_ref()) {
            Some(population) => Ok(population),
            None => {
                let message = format!("the trial has no analysis population `{}`", id.get_ref());
                let help = format!("populations of the trial: {}", known.join(", "));
                self.wrong(id.span(), message, &help)
            }
        }
    }

    fn graph(&self) -> Result<Graph, Diagnostic> {
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
