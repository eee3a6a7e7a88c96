//! The `[design]` of a study, as written.

use serde::Deserialize;
use toml::Spanned;

use super::accrual::AccrualFile;
use super::adaptive::AdaptationFile;

/// A group-sequential design and how to try it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesignFile {
    /// Response endpoint of the trial.
    pub endpoint: Spanned<String>,
    /// Week at which it is read, one of the trial's.
    pub week: f64,
    /// Arm compared with the control; the first that is not the control if absent.
    pub arm: Option<Spanned<String>>,
    /// Sizes of the full trial to try, patients of both arms.
    pub patients: Vec<u32>,
    /// Information fractions of the looks, rising to 1: patients with the endpoint over all.
    pub looks: Spanned<Vec<f64>>,
    /// One-sided error.
    #[serde(default = "one_sided")]
    pub alpha: Spanned<f64>,
    /// How alpha is spent.
    #[serde(default)]
    pub spending: SpendingFile,
    /// Bounds on z given from outside, instead of a spending function.
    pub bounds: Option<Spanned<Vec<f64>>>,
    /// When to give up.
    pub futility: Option<FutilityFile>,
    /// Trials drawn for each size.
    #[serde(default = "ten_thousand")]
    pub trials: u32,
    /// Whether a trial's patients come from one simulated trial, with its own effect, or from all of them.
    #[serde(default)]
    pub draw: Mixing,
    /// When patients come, and from where; without it looks have no calendar.
    pub accrual: Option<AccrualFile>,
    /// What may change after the first of two looks; such a trial is not stopped early.
    pub adaptation: Option<Spanned<AdaptationFile>>,
}

/// Where the patients of a drawn trial come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mixing {
    /// From all simulated trials together: power at the mean effect.
    #[default]
    AllTrials,
    /// From one simulated trial, another each time: power averaged over what differs between them (assurance).
    OneTrial,
}

/// A spending function.
#[derive(Clone, Copy, Debug, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpendingFile {
    /// Little early.
    #[default]
    ObrienFleming,
    /// Much early.
    Pocock,
    /// Family with a shape.
    HwangShihDecani(f64),
    /// Fraction to a power.
    Power(f64),
}

/// A rule for giving up.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FutilityFile {
    /// Probability of missing the effect in all.
    pub beta: f64,
    /// How it is spent.
    #[serde(default)]
    pub spending: SpendingFile,
    /// Whether it must be followed.
    #[serde(default)]
    pub binding: BindingFile,
}

/// Whether a trial must stop for futility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BindingFile {
    /// It may go on; alpha holds either way.
    #[default]
    NonBinding,
    /// It must stop; alpha holds only then.
    Binding,
}

fn one_sided() -> Spanned<f64> {
    Spanned::new(0..0, 0.025)
}

fn ten_thousand() -> u32 {
    10_000
}
