//! Events over time and time to the first of them.

use malar_stats::FitError;
use malar_stats::cox::{Ties, cox};
use malar_stats::negative_binomial::{Tally, negative_binomial};
use malar_stats::rate::{Events, rate_ratio};
use malar_stats::survival::{ArmTimes, EventWeight, Observation, rank_test, restricted_mean_difference};

use super::{Attempt, Attempts, Case, Found, design, design_row, strata_columns, unfit};
use crate::endpoint::Endpoint;
use crate::estimand::reading::Value;
use crate::estimand::{Estimand, Estimator};

/// Cases with a value, patients in the analysis, and those without a value.
pub(super) fn seen<'a, T>(
    cases: &'a [Case<'a>],
    value: impl Fn(&Case<'_>) -> Value<T>,
) -> (Vec<(&'a Case<'a>, T)>, u32, u32) {
    let (mut used, mut patients, mut missing) = (Vec::new(), 0, 0);
    for case in cases {
        let value = value(case);
        patients += u32::from(value.is_included());
        missing += u32::from(matches!(value, Value::Missing));
        used.extend(value.seen().map(|value| (case, value)));
    }
    (used, patients, missing)
}

pub(super) fn counts(estimand: &Estimand, endpoint: &Endpoint, cases: &[Case<'_>]) -> Attempts {
    let (used, patients, missing) = seen(cases, |case| estimand.tally(case.subject, endpoint));
    let attempt = |estimator: &Estimator| match estimator {
        Estimator::NegativeBinomial => regression(&used),
        Estimator::Poisson => pooled(&used),
        other => unfit(*other),
    };
    (estimand.estimators.iter().map(attempt).collect(), patients, missing)
}

fn regression(used: &[(&Case<'_>, Tally)]) -> Attempt {
    let columns = strata_columns(used.iter().map(|(case, _)| case.subject));
    let row = |(case, _): &(&Case<'_>, Tally)| design_row(case.treated, &[], case.subject, &columns);
    let rows: Vec<Vec<f64>> = used.iter().map(row).collect();
    let tallies: Vec<Tally> = used.iter().map(|(_, tally)| *tally).collect();
    Ok(negative_binomial(&design(&rows)?, &tallies)?.rate_ratio(1).into())
}

fn pooled(used: &[(&Case<'_>, Tally)]) -> Attempt {
    let arm = |treated: bool| {
        let of_arm = used.iter().filter(|(case, _)| case.treated == treated);
        of_arm.fold(Events::default(), |sum, (_, tally)| Events {
            events: sum.events + tally.events,
            person_time: sum.person_time + tally.exposure,
        })
    };
    rate_ratio(arm(true), arm(false))
        .map(Found::from)
        .ok_or(FitError::Separated)
}

pub(super) fn times(estimand: &Estimand, endpoint: &Endpoint, cases: &[Case<'_>]) -> Attempts {
    let (used, patients, missing) = seen(cases, |case| estimand.time(case.subject, endpoint));
    let attempt = |estimator: &Estimator| match estimator {
        Estimator::Cox => proportional_hazards(&used),
        Estimator::LogRank => log_rank(&used),
        Estimator::Rmst => restricted_mean(&used, estimand.week()),
        other => unfit(*other),
    };
    (estimand.estimators.iter().map(attempt).collect(), patients, missing)
}

fn proportional_hazards(used: &[(&Case<'_>, Observation)]) -> Attempt {
    let row = |(case, _): &(&Case<'_>, Observation)| vec![f64::from(u8::from(case.treated))];
    let rows: Vec<Vec<f64>> = used.iter().map(row).collect();
    let observations: Vec<Observation> = used.iter().map(|(_, o)| *o).collect();
    let strata: Vec<usize> = used.iter().map(|(case, _)| usize::from(case.subject.stratum)).collect();
    Ok(cox(&design(&rows)?, &observations, &strata, Ties::Efron)?
        .hazard_ratio(0)
        .into())
}

fn log_rank(used: &[(&Case<'_>, Observation)]) -> Attempt {
    let n = used.iter().map(|(case, _)| usize::from(case.subject.stratum) + 1).max();
    let mut strata = vec![ArmTimes::default(); n.unwrap_or(0)];
    for (case, observation) in used {
        let stratum = &mut strata[usize::from(case.subject.stratum)];
        let times = if case.treated {
            &mut stratum.treated
        } else {
            &mut stratum.control
        };
        times.push(*observation);
    }
    let test = rank_test(&strata, EventWeight::LogRank).ok_or(FitError::TooFew)?;
    Ok(Found {
        estimate: f64::NAN,
        low95: f64::NAN,
        high95: f64::NAN,
        p_value: test.test.p_value,
    })
}

fn restricted_mean(used: &[(&Case<'_>, Observation)], horizon: f64) -> Attempt {
    let arm = |treated: bool| -> Vec<Observation> {
        let of_arm = used.iter().filter(|(case, _)| case.treated == treated);
        of_arm.map(|(_, o)| *o).collect()
    };
    restricted_mean_difference(&arm(true), &arm(false), horizon)
        .map(Found::from)
        .ok_or(FitError::TooFew)
}
