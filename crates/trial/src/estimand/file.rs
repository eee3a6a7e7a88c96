//! The `[[estimands]]` of a protocol or a study, checked against the trial they belong to.

use malar_model::codes::ESTIMAND;
use malar_model::diagnostic::{Diagnostic, Source};
use serde::Deserialize;
use toml::Spanned;

use super::{Estimand, Estimator, Measure, Missing, Strategy, Variable};
use crate::endpoint::{Endpoint, Kind};
use crate::instruments::{Instrument, VARIABLES};
use crate::protocol::Protocol;
use crate::results::{EstimandLabel, Labels};

/// An estimand as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EstimandFile {
    id: String,
    /// What it asks, in words.
    #[serde(default)]
    question: String,
    variable: VariableFile,
    week: f64,
    /// Earlier weeks that a model of repeated measures looks at too.
    #[serde(default)]
    earlier_weeks: Vec<f64>,
    #[serde(default = "everybody")]
    population: String,
    discontinuation: Strategy,
    restricted_medication: Strategy,
    summary: Measure,
    #[serde(default)]
    missing: Missing,
    estimators: Vec<Estimator>,
    /// Arm to compare with, if it is not the trial's control.
    control: Option<String>,
    /// Variables at baseline that weights look at.
    #[serde(default)]
    covariates: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum VariableFile {
    Response(String),
    Change(String),
    Count(String),
    TimeTo(String),
    Score(String),
}

fn everybody() -> String {
    "all".to_owned()
}

/// An estimand and the file it was written in.
#[derive(Clone, Debug)]
pub struct Declared {
    /// As written, with its place.
    pub file: Spanned<EstimandFile>,
    /// Where.
    pub source: Source,
}

impl Declared {
    fn wrong(&self, message: String, help: &str) -> Diagnostic {
        Diagnostic::error(ESTIMAND, &self.source, self.file.span(), message).help(help)
    }

    /// Finds what the estimand names in the trial, and refuses combinations without a meaning.
    pub(crate) fn resolve(
        &self,
        protocol: &Protocol,
        endpoints: &[Endpoint],
        labels: &Labels,
    ) -> Result<Estimand, Diagnostic> {
        let file = self.file.get_ref();
        let variable = self.variable(endpoints, protocol)?;
        let mut weeks = file.earlier_weeks.clone();
        weeks.push(file.week);
        self.check_weeks(&weeks, protocol)?;
        self.check_strategies(variable)?;
        self.check_estimators(variable)?;
        let population = labels.populations.iter().position(|p| *p == file.population);
        let population = population.ok_or_else(|| {
            let help = format!("populations of the trial: {}", labels.populations.join(", "));
            self.wrong(format!("no analysis population `{}`", file.population), &help)
        })?;
        Ok(Estimand {
            label: self.label(),
            variable,
            weeks,
            population,
            discontinuation: file.discontinuation,
            restricted_medication: file.restricted_medication,
            measure: file.summary,
            missing: file.missing,
            estimators: file.estimators.clone(),
            control: self.control(protocol)?,
            covariates: self.covariates(protocol)?,
        })
    }

    fn variable(&self, endpoints: &[Endpoint], protocol: &Protocol) -> Result<Variable, Diagnostic> {
        let endpoint = |id: &str, kind: Kind| {
            let found = endpoints.iter().position(|e| e.id == id && e.kind == kind);
            found.ok_or_else(|| {
                let known = endpoints.iter().filter(|e| e.kind == kind).map(|e| e.id.as_str());
                let known = known.collect::<Vec<_>>().join(", ");
                let kind = match kind {
                    Kind::Binary => "response",
                    Kind::Rate => "rate",
                    Kind::Score => "score",
                };
                let help = format!("{kind} endpoints of the trial: {known}; add it to `[[endpoints]]` of the trial");
                self.wrong(format!("the trial has no {kind} endpoint `{id}`"), &help)
            })
        };
        Ok(match &self.file.get_ref().variable {
            VariableFile::Response(id) => Variable::Response(endpoint(id, Kind::Binary)?),
            VariableFile::Score(id) => Variable::Score(endpoint(id, Kind::Score)?),
            VariableFile::Count(id) => Variable::Count(endpoint(id, Kind::Rate)?),
            VariableFile::TimeTo(id) => Variable::TimeTo(endpoint(id, Kind::Rate)?),
            VariableFile::Change(name) => Variable::Change(self.measured(name, protocol)?),
        })
    }

    /// Position of a visit variable that the trial measures.
    fn measured(&self, name: &str, protocol: &Protocol) -> Result<usize, Diagnostic> {
        let measured = |instrument: Instrument| {
            !instrument.is_optional() || protocol.instruments.iter().any(|m| m == instrument.id())
        };
        let found = VARIABLES.iter().position(|v| v.0 == name && measured(v.1));
        found.ok_or_else(|| {
            let help = "use a variable of an instrument that the trial measures; docs/methods/endpoints.md lists them";
            self.wrong(format!("the trial measures no variable `{name}`"), help)
        })
    }

    fn control(&self, protocol: &Protocol) -> Result<Option<usize>, Diagnostic> {
        let Some(id) = &self.file.get_ref().control else {
            return Ok(None);
        };
        let found = protocol.arms.iter().position(|arm| arm.id == *id);
        found.map(Some).ok_or_else(|| {
            let known: Vec<&str> = protocol.arms.iter().map(|arm| arm.id.as_str()).collect();
            let help = format!("arms of the trial: {}", known.join(", "));
            self.wrong(format!("no arm `{id}` to compare with"), &help)
        })
    }

    /// What weights look at: something, if an estimator weighs.
    fn covariates(&self, protocol: &Protocol) -> Result<Vec<usize>, Diagnostic> {
        let file = self.file.get_ref();
        if file.estimators.contains(&Estimator::OddsWeighted) && file.covariates.is_empty() {
            let help =
                "write `covariates = [\"sledai_2k\", \"prednisone\"]`: what both groups were measured for at baseline";
            return Err(self.wrong("`odds-weighted` has nothing to weigh by".to_owned(), help));
        }
        file.covariates
            .iter()
            .map(|name| self.measured(name, protocol))
            .collect()
    }

    fn check_weeks(&self, weeks: &[f64], protocol: &Protocol) -> Result<(), Diagnostic> {
        let has_visit = |week: &f64| {
            let k = week / protocol.visit_every_weeks;
            *week > 0.0 && *week <= protocol.duration_weeks && (k - k.round()).abs() < 1e-9
        };
        let help = "use rising weeks that are multiples of `visit_every_weeks`, up to the duration";
        if weeks.iter().all(has_visit) && weeks.is_sorted_by(|a, b| a < b) {
            return Ok(());
        }
        Err(self.wrong(
            format!("estimand `{}` is read at a week without visit", self.file.get_ref().id),
            help,
        ))
    }

    /// A failure has no value on a scale, and no number of events.
    fn check_strategies(&self, variable: Variable) -> Result<(), Diagnostic> {
        let file = self.file.get_ref();
        let strategies = [file.discontinuation, file.restricted_medication];
        let is_failure = matches!(variable, Variable::Response(_) | Variable::TimeTo(_));
        if strategies.contains(&Strategy::Composite) && !is_failure {
            let help = "for a change, a count or a score write another strategy, or make it a response";
            return Err(self.wrong(
                "a composite strategy needs a response or a time to an event".into(),
                help,
            ));
        }
        Ok(())
    }

    fn check_estimators(&self, variable: Variable) -> Result<(), Diagnostic> {
        let file = self.file.get_ref();
        let fits = match variable {
            Variable::Response(_) => file.summary == Measure::RiskDifference,
            Variable::Change(_) | Variable::Score(_) => file.summary == Measure::MeanDifference,
            Variable::Count(_) => file.summary == Measure::RateRatio,
            Variable::TimeTo(_) => matches!(file.summary, Measure::HazardRatio | Measure::RestrictedMeanDifference),
        };
        if !fits {
            let help = "a response has a `risk-difference`, a change or a score a `mean-difference`, a count a `rate-ratio`, a time a \
                        `hazard-ratio` or a `restricted-mean-difference`";
            return Err(self.wrong(format!("`{}` does not fit the variable", file.summary.id()), help));
        }
        if let Some(other) = file.estimators.iter().find(|e| !e.measures().contains(&file.summary)) {
            let measures: Vec<&str> = other.measures().iter().map(|measure| measure.id()).collect();
            let help = format!("`{}` gives a `{}`", other.id(), measures.join("` or a `"));
            let message = format!("`{}` does not estimate a `{}`", other.id(), file.summary.id());
            return Err(self.wrong(message, &help));
        }
        if matches!(variable, Variable::Score(_)) && file.estimators.iter().any(|e| *e != Estimator::Ancova) {
            let help = "a score has a value at its week only, without baseline or earlier weeks: write `estimators = [\"ancova\"]`";
            return Err(self.wrong("a score is estimated by `ancova` alone".to_owned(), help));
        }
        if file.estimators.is_empty() {
            return Err(self.wrong(format!("estimand `{}` has no estimator", file.id), "name one or more"));
        }
        Ok(())
    }

    fn label(&self) -> EstimandLabel {
        let file = self.file.get_ref();
        let variable = match &file.variable {
            VariableFile::Response(id) => format!("{id} response"),
            VariableFile::Change(name) => format!("change of {name}"),
            VariableFile::Score(id) => format!("value of {id}"),
            VariableFile::Count(id) => format!("events of {id}"),
            VariableFile::TimeTo(id) => format!("time to first event of {id}"),
        };
        EstimandLabel {
            id: file.id.clone(),
            question: file.question.clone(),
            variable: format!("{variable}, week {}", file.week),
            population: file.population.clone(),
            discontinuation: file.discontinuation.id().to_owned(),
            restricted_medication: file.restricted_medication.id().to_owned(),
            measure: file.summary.id().to_owned(),
            unit: file.summary.unit().to_owned(),
            is_ratio: file.summary.is_ratio(),
            estimators: file.estimators.iter().map(|e| e.id().to_owned()).collect(),
        }
    }
}
