//! What a trial wants to know (ICH E9(R1)): population, variable, intercurrent events, summary measure, and who estimates it.
//!
//! Because every patient can be run in every arm with the same luck, the truth an estimator is after is known: [`truth`]
//! reads it off potential courses, in worlds where an event that a hypothetical strategy removes does not happen.

mod estimators;
mod file;
mod reading;
mod truth;

pub(crate) use estimators::{Luck, estimate, strata_columns};
pub use file::{Declared, EstimandFile};
pub(crate) use truth::{Potential, truth};

use serde::Deserialize;

use crate::conduct::World;
use crate::protocol::Protocol;
use crate::results::EstimandLabel;

/// What is done about an intercurrent event (ICH E9(R1), section A.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The event is a failure, or ends the time to an event.
    Composite,
    /// The value counts, whatever happened before.
    TreatmentPolicy,
    /// The value had the event not happened.
    Hypothetical,
    /// The last value before the event; time after it does not count.
    WhileOnTreatment,
    /// Only patients who have the event in neither arm.
    PrincipalStratum,
}

impl Strategy {
    /// Id in files.
    pub fn id(self) -> &'static str {
        match self {
            Strategy::Composite => "composite",
            Strategy::TreatmentPolicy => "treatment-policy",
            Strategy::Hypothetical => "hypothetical",
            Strategy::WhileOnTreatment => "while-on-treatment",
            Strategy::PrincipalStratum => "principal-stratum",
        }
    }
}

/// How arms are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Difference of the shares of responders, percentage points.
    RiskDifference,
    /// Difference of mean changes, in the variable's unit.
    MeanDifference,
    /// Ratio of events per time.
    RateRatio,
    /// Ratio of hazards, as Cox regression has it.
    HazardRatio,
    /// Difference of the mean event-free time up to the week, weeks.
    RestrictedMeanDifference,
}

impl Measure {
    /// True for ratios, whose bias is judged on the logarithm.
    pub fn is_ratio(self) -> bool {
        matches!(self, Measure::RateRatio | Measure::HazardRatio)
    }

    fn id(self) -> &'static str {
        match self {
            Measure::RiskDifference => "risk-difference",
            Measure::MeanDifference => "mean-difference",
            Measure::RateRatio => "rate-ratio",
            Measure::HazardRatio => "hazard-ratio",
            Measure::RestrictedMeanDifference => "restricted-mean-difference",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Measure::RiskDifference => "percentage points",
            Measure::MeanDifference => "units",
            Measure::RateRatio | Measure::HazardRatio => "ratio",
            Measure::RestrictedMeanDifference => "weeks",
        }
    }
}

/// A way to the summary measure from the data of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Estimator {
    /// Mantel-Haenszel risk difference over the randomisation strata, Sato's variance.
    Cmh,
    /// The same with the hybrid score interval of Yan and Su.
    StratifiedNewcombe,
    /// The same with the score interval of Miettinen and Nurminen.
    StratifiedMiettinenNurminen,
    /// Controls weighted by their odds of having been treated, given covariates at baseline; for controls from elsewhere.
    OddsWeighted,
    /// Logistic regression on arm and strata, marginal risk difference by g-computation.
    Logistic,
    /// Least squares on arm, baseline and strata, patients with a value only.
    Ancova,
    /// Mixed model for repeated measures, unstructured if it converges, Kenward-Roger.
    Mmrm,
    /// Multiple imputation as in the own arm (missing at random), then analysis of covariance; of responses, Mantel-Haenszel.
    Imputation,
    /// Multiple imputation, jump to reference.
    JumpToReference,
    /// Multiple imputation, copy reference.
    CopyReference,
    /// Shift of the treated arm's imputed values at which the result is no longer significant.
    TippingPoint,
    /// Negative binomial regression on arm and strata.
    NegativeBinomial,
    /// Ratio of pooled rates with Poisson's variance.
    Poisson,
    /// Cox regression within strata, Efron's ties.
    Cox,
    /// Log-rank test within strata: a p value only.
    LogRank,
    /// Restricted mean event-free time by Kaplan-Meier.
    Rmst,
}

impl Estimator {
    /// Id in files.
    pub fn id(self) -> &'static str {
        match self {
            Estimator::Cmh => "cmh",
            Estimator::StratifiedNewcombe => "stratified-newcombe",
            Estimator::StratifiedMiettinenNurminen => "stratified-miettinen-nurminen",
            Estimator::OddsWeighted => "odds-weighted",
            Estimator::Logistic => "logistic",
            Estimator::Ancova => "ancova",
            Estimator::Mmrm => "mmrm",
            Estimator::Imputation => "imputation",
            Estimator::JumpToReference => "jump-to-reference",
            Estimator::CopyReference => "copy-reference",
            Estimator::TippingPoint => "tipping-point",
            Estimator::NegativeBinomial => "negative-binomial",
            Estimator::Poisson => "poisson",
            Estimator::Cox => "cox",
            Estimator::LogRank => "log-rank",
            Estimator::Rmst => "rmst",
        }
    }

    /// The measures it can give, for messages and checks.
    fn measures(self) -> &'static [Measure] {
        match self {
            Estimator::Cmh
            | Estimator::StratifiedNewcombe
            | Estimator::StratifiedMiettinenNurminen
            | Estimator::OddsWeighted
            | Estimator::Logistic => &[Measure::RiskDifference],
            Estimator::Ancova | Estimator::Mmrm | Estimator::CopyReference => &[Measure::MeanDifference],
            Estimator::Imputation | Estimator::JumpToReference | Estimator::TippingPoint => {
                &[Measure::MeanDifference, Measure::RiskDifference]
            }
            Estimator::NegativeBinomial | Estimator::Poisson => &[Measure::RateRatio],
            Estimator::Cox | Estimator::LogRank => &[Measure::HazardRatio],
            Estimator::Rmst => &[Measure::RestrictedMeanDifference],
        }
    }
}

/// What becomes of a response that nobody saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// The patient did not respond.
    #[default]
    NonResponse,
    /// The patient is left out.
    Observed,
}

/// What is measured in a patient. Numbers are positions among the trial's endpoints or the visit variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable {
    /// Response by an endpoint's criteria.
    Response(usize),
    /// Change from baseline of a visit variable.
    Change(usize),
    /// Events of a rate endpoint over time.
    Count(usize),
    /// Time to the first such event.
    TimeTo(usize),
    /// Value of a score.
    Score(usize),
}

/// A checked estimand.
#[derive(Clone, Debug)]
pub struct Estimand {
    /// Words for tables and reports.
    pub label: EstimandLabel,
    /// What is measured.
    pub variable: Variable,
    /// Weeks at which it is read; the last is the one of interest.
    pub weeks: Vec<f64>,
    /// Position among the trial's analysis populations.
    pub population: usize,
    /// Leaving study drug.
    pub discontinuation: Strategy,
    /// Restricted medication.
    pub restricted_medication: Strategy,
    /// Summary measure.
    pub measure: Measure,
    /// Responses nobody saw.
    pub missing: Missing,
    /// Estimators, in the order reported.
    pub estimators: Vec<Estimator>,
    /// Position of the arm to compare with, if it is not the trial's control.
    pub control: Option<usize>,
    /// Visit variables whose baseline values weights look at.
    pub covariates: Vec<usize>,
}

impl Estimand {
    /// Every other randomised arm against the control.
    pub(crate) fn comparisons(&self, protocol: &Protocol) -> impl Iterator<Item = (usize, usize)> + use<> {
        let control = self.control.unwrap_or_else(|| protocol.control());
        let arms = 0..protocol.randomised().len();
        arms.filter(move |&arm| arm != control).map(move |arm| (arm, control))
    }

    /// The week of interest.
    pub fn week(&self) -> f64 {
        *self.weeks.last().expect("an estimand has a week")
    }

    /// The world in which its truth is read: an event with a hypothetical strategy does not happen there, and patients who
    /// leave study drug are seen on.
    pub(crate) fn world(&self) -> World {
        World {
            leaves: self.discontinuation != Strategy::Hypothetical,
            rescued: self.restricted_medication != Strategy::Hypothetical,
            followed: 1.0,
        }
    }
}
