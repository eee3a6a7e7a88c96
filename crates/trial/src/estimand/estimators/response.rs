//! Differences of shares.

use malar_stats::external_control::{Subject as External, external_comparison};
use malar_stats::logistic::logistic;
use malar_stats::stratified::{
    Continuity, Stratum, Variance, cochran_mantel_haenszel, mantel_haenszel_difference, stratified_miettinen_nurminen,
    stratified_newcombe,
};
use malar_stats::{Count, FitError, Interval};

use super::response_imputation::Incomplete;
use super::{Attempt, Attempts, Case, Found, Luck, design, design_row, strata_columns, unfit};
use crate::endpoint::Endpoint;
use crate::estimand::{Estimand, Estimator, Missing};

/// A patient whose response enters the comparison.
pub(super) struct Response<'a> {
    pub case: &'a Case<'a>,
    pub responded: bool,
}

pub(super) fn attempts(estimand: &Estimand, endpoint: &Endpoint, cases: &[Case<'_>], luck: Luck) -> Attempts {
    let (used, patients, missing) = responses(estimand, endpoint, cases);
    let strata = strata(&used);
    let incomplete = std::cell::OnceCell::new();
    let incomplete = || incomplete.get_or_init(|| Incomplete::new(estimand, endpoint, cases, luck));
    let attempt = |estimator: &Estimator| match estimator {
        Estimator::Logistic => adjusted(&used),
        Estimator::OddsWeighted => weighted(&used, &estimand.covariates),
        Estimator::Imputation => incomplete().own_arm(),
        Estimator::JumpToReference => incomplete().jump_to_reference(),
        Estimator::TippingPoint => incomplete().tipping_point(),
        other => of_strata(*other, &strata),
    };
    (estimand.estimators.iter().map(attempt).collect(), patients, missing)
}

/// The same where only counts are known of the control: nobody knows the strata, nor who is missing.
pub(super) fn against_published(
    estimand: &Estimand,
    endpoint: &Endpoint,
    cases: &[Case<'_>],
    control: Count,
) -> Attempts {
    let (used, patients, missing) = responses(estimand, endpoint, cases);
    let treated = Count {
        responders: used.iter().filter(|r| r.responded).count() as u32,
        n: used.len() as u32,
    };
    let strata = [Stratum { treated, control }];
    let attempt = |estimator: &Estimator| match estimator {
        Estimator::Cmh | Estimator::StratifiedNewcombe | Estimator::StratifiedMiettinenNurminen => {
            of_strata(*estimator, &strata)
        }
        _ => Err(FitError::TooFew), // these look at single patients
    };
    (
        estimand.estimators.iter().map(attempt).collect(),
        patients + control.n,
        missing,
    )
}

fn of_strata(estimator: Estimator, strata: &[Stratum]) -> Attempt {
    match estimator {
        Estimator::Cmh => cmh(strata),
        Estimator::StratifiedNewcombe => with_interval(strata, stratified_newcombe),
        Estimator::StratifiedMiettinenNurminen => with_interval(strata, stratified_miettinen_nurminen),
        other => unfit(other),
    }
}

/// Everybody with a response, patients in the analysis, and those of them whose response nobody saw.
fn responses<'a>(estimand: &Estimand, endpoint: &Endpoint, cases: &'a [Case<'a>]) -> (Vec<Response<'a>>, u32, u32) {
    let (mut used, mut patients, mut missing) = (Vec::new(), 0, 0);
    for case in cases {
        let value = estimand.response(case.subject, endpoint);
        if !value.is_included() {
            continue;
        }
        patients += 1;
        let responded = match (value.seen(), estimand.missing) {
            (Some(responded), _) => responded,
            (None, treatment) => {
                missing += 1;
                if treatment == Missing::Observed {
                    continue;
                }
                false
            }
        };
        used.push(Response { case, responded });
    }
    (used, patients, missing)
}

/// Controls weighted by their odds of having been treated, given these variables at baseline.
fn weighted(used: &[Response<'_>], covariates: &[usize]) -> Attempt {
    let subject = |r: &Response<'_>| External {
        treated: r.case.treated,
        covariates: covariates.iter().map(|&k| r.case.subject.baseline[k]).collect(),
        outcome: f64::from(u8::from(r.responded)),
    };
    let subjects: Vec<External> = used.iter().map(subject).collect();
    Ok(Found::from(external_comparison(&subjects)?.difference).percent())
}

pub(super) fn strata(used: &[Response<'_>]) -> Vec<Stratum> {
    let n = used.iter().map(|r| usize::from(r.case.subject.stratum) + 1).max();
    let mut strata = vec![Stratum::default(); n.unwrap_or(0)];
    for r in used {
        let stratum = &mut strata[usize::from(r.case.subject.stratum)];
        let count: &mut Count = if r.case.treated {
            &mut stratum.treated
        } else {
            &mut stratum.control
        };
        count.n += 1;
        count.responders += u32::from(r.responded);
    }
    strata
}

fn cmh(strata: &[Stratum]) -> Attempt {
    let difference = mantel_haenszel_difference(strata, Variance::Sato).ok_or(FitError::TooFew)?;
    Ok(Found::from(difference).percent())
}

/// The Mantel-Haenszel difference with another interval, and the Cochran-Mantel-Haenszel test.
fn with_interval(strata: &[Stratum], interval: fn(&[Stratum], f64) -> Option<Interval>) -> Attempt {
    let difference = mantel_haenszel_difference(strata, Variance::Sato).ok_or(FitError::TooFew)?;
    let limits = interval(strata, 0.95).ok_or(FitError::TooFew)?;
    let test = cochran_mantel_haenszel(strata, Continuity::Uncorrected);
    let found = Found {
        estimate: difference.estimate,
        low95: limits.low,
        high95: limits.high,
        p_value: test.map_or(1.0, |t| t.p_value),
    };
    Ok(found.percent())
}

/// Logistic regression on arm and strata, standardised to everybody in the comparison.
fn adjusted(used: &[Response<'_>]) -> Attempt {
    let columns = strata_columns(used.iter().map(|r| r.case.subject));
    let rows = |treated: Option<bool>| -> Vec<Vec<f64>> {
        let row = |r: &Response<'_>| design_row(treated.unwrap_or(r.case.treated), &[], r.case.subject, &columns);
        used.iter().map(row).collect()
    };
    let responded: Vec<bool> = used.iter().map(|r| r.responded).collect();
    let fit = logistic(&design(&rows(None))?, &responded)?;
    let difference = fit.marginal_difference(&design(&rows(Some(true)))?, &design(&rows(Some(false)))?);
    Ok(Found::from(difference.ok_or(FitError::TooFew)?).percent())
}
