//! Several hypotheses under one error: which of the trial's comparisons count, and how they share alpha.

mod graph;
mod hypothesis;

use std::collections::BTreeMap;
use std::ops::Range;

use malar_model::codes::MULTIPLICITY;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_stats::multiplicity::Graph;
use serde::Deserialize;
use toml::Spanned;

use super::Protocol;

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
}
