//! Differences of shares.

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
    let strata = strata(&used);
    let incomplete = std::cell::OnceCell::new();
    let incomplete = || incomplete.get_or_init(|| Incomplete::new(estimand, endpoint, cases, luck));
    let attempt = |estimator: &Estimator| match estimator {
        Estimator::Cmh => cmh(&strata),
        Estimator::StratifiedNewcombe => with_interval(&strata, stratified_newcombe),
        Estimator::StratifiedMiettinenNurminen => with_interval(&strata, stratified_miettinen_nurminen),
        Estimator::Logistic => adjusted(&used),
        Estimator::Imputation => incomplete().own_arm(),
        Estimator::JumpToReference => incomplete().jump_to_reference(),
        Estimator::TippingPoint => incomplete().tipping_point(),
        other => unfit(*other),
    };
    (estimand.estimators.iter().map(attempt).collect(), patients, missing)
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
