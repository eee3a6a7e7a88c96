//! The estimators at work on the data one trial has.

mod change;
mod flares;
mod response;
mod response_imputation;
mod scores;

use malar_patients::random::{Key, Purpose, Stream};
use malar_stats::FitError;
use malar_stats::contrast::Contrast;
use malar_stats::matrix::Matrix;
use malar_stats::{Difference, Ratio};

use super::{Estimand, Estimator, Variable};
use crate::analysis::Subject;
use crate::endpoint::Endpoint;
use crate::protocol::Protocol;
use crate::results::EstimandRow;

/// Which replicate it is, for the random numbers of imputations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Luck {
    pub seed: u64,
    pub replicate: u32,
}

impl Luck {
    /// The stream of one imputed data set.
    fn imputation(self, number: u16) -> Stream {
        Stream::new(Key {
            seed: self.seed,
            replicate: self.replicate,
            patient: 0,
            purpose: Purpose::Imputation,
            visit: number,
        })
    }
}

/// What an estimator found, on the scale reported.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Found {
    estimate: f64,
    low95: f64,
    high95: f64,
    p_value: f64,
}

impl From<Difference> for Found {
    fn from(d: Difference) -> Found {
        Found {
            estimate: d.estimate,
            low95: d.low95,
            high95: d.high95,
            p_value: d.p_value,
        }
    }
}

impl From<Ratio> for Found {
    fn from(r: Ratio) -> Found {
        Found {
            estimate: r.estimate,
            low95: r.low95,
            high95: r.high95,
            p_value: r.p_value,
        }
    }
}

impl From<Contrast> for Found {
    fn from(c: Contrast) -> Found {
        Found {
            estimate: c.estimate,
            low95: c.low95,
            high95: c.high95,
            p_value: c.p_value,
        }
    }
}

impl Found {
    /// Shares to percentage points.
    fn percent(self) -> Found {
        Found {
            estimate: 100.0 * self.estimate,
            low95: 100.0 * self.low95,
            high95: 100.0 * self.high95,
            p_value: self.p_value,
        }
    }
}

/// Why an estimator has no result for one trial.
type Attempt = Result<Found, FitError>;

/// A patient of the two arms compared.
struct Case<'a> {
    treated: bool,
    subject: &'a Subject,
}

/// Every estimator of an estimand, each arm against the control.
pub(crate) fn estimate(
    (estimand, number): (&Estimand, u16),
    (protocol, endpoints): (&Protocol, &[Endpoint]),
    subjects: &[Subject],
    luck: Luck,
) -> Vec<EstimandRow> {
    let mut rows = Vec::new();
    for (arm, control) in estimand.comparisons(protocol) {
        let in_arm = |s: &Subject, arm: usize| usize::from(s.arm) == arm;
        let cases: Vec<Case<'_>> = subjects
            .iter()
            .filter(|s| (in_arm(s, arm) || in_arm(s, control)) && estimand.concerns(s, endpoints))
            .map(|subject| Case {
                treated: in_arm(subject, arm),
                subject,
            })
            .collect();
        let (attempts, patients, missing) = match estimand.variable {
            Variable::Response(k) => {
                let published = protocol.arms[control].published((&endpoints[k].id, estimand.week()));
                match published.filter(|_| estimand.population == 0) {
                    Some(control) => response::against_published(estimand, &endpoints[k], &cases, control),
                    None => response::attempts(estimand, &endpoints[k], &cases, luck),
                }
            }
            Variable::Change(variable) => change::attempts(estimand, variable, &cases, luck),
            Variable::Score(k) => scores::attempts(estimand, &endpoints[k], &cases),
            Variable::Count(k) => flares::counts(estimand, &endpoints[k], &cases),
            Variable::TimeTo(k) => flares::times(estimand, &endpoints[k], &cases),
        };
        rows.extend(attempts.into_iter().enumerate().map(|(estimator, attempt)| {
            let nothing = Found {
                estimate: f64::NAN,
                low95: f64::NAN,
                high95: f64::NAN,
                p_value: f64::NAN,
            };
            let found = attempt.unwrap_or(nothing);
            EstimandRow {
                estimand: number,
                estimator: estimator as u16,
                arm: arm as u16,
                control: control as u16,
                estimate: found.estimate,
                low95: found.low95,
                high95: found.high95,
                p_value: found.p_value,
                patients,
                missing,
                problem: attempt.err().map(|reason| reason.to_string()).unwrap_or_default(),
            }
        }));
    }
    rows
}

/// Attempts of all estimators, patients in the analysis, and those of them without a value.
type Attempts = (Vec<Attempt>, u32, u32);

/// One column per yes/no stratum that is not the same for all `cases`.
pub(crate) fn strata_columns<'a>(cases: impl Iterator<Item = &'a Subject> + Clone) -> Vec<u16> {
    let varies = |bit: &u16| {
        let mut set = cases.clone().map(|s| s.stratum >> bit & 1);
        let first = set.next();
        set.any(|x| Some(x) != first)
    };
    (0..16).filter(varies).collect()
}

/// A row of a regression on intercept, arm, further covariates and strata.
fn design_row(treated: bool, covariates: &[f64], subject: &Subject, strata: &[u16]) -> Vec<f64> {
    let mut row = vec![1.0, f64::from(u8::from(treated))];
    row.extend_from_slice(covariates);
    row.extend(strata.iter().map(|bit| f64::from(subject.stratum >> bit & 1)));
    row
}

/// Rows of a regression; [`FitError::TooFew`] without any.
fn design(rows: &[Vec<f64>]) -> Result<Matrix, FitError> {
    if rows.is_empty() {
        return Err(FitError::TooFew);
    }
    Ok(Matrix::from_rows(rows))
}

/// An estimator that the checks of the file keep away from this variable.
fn unfit(estimator: Estimator) -> ! {
    unreachable!("`{}` was checked against the variable", estimator.id())
}
