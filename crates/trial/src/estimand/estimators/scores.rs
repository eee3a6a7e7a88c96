//! Differences of the means of a score.

use super::flares::seen;
use super::{Attempts, Case, Found, unfit};
use crate::analysis::difference_of_means;
use crate::endpoint::Endpoint;
use crate::estimand::{Estimand, Estimator};

pub(super) fn attempts(estimand: &Estimand, endpoint: &Endpoint, cases: &[Case<'_>]) -> Attempts {
    let (used, patients, missing) = seen(cases, |case| estimand.score(case.subject, endpoint));
    let values: Vec<_> = used
        .iter()
        .map(|(case, value)| (case.treated, case.subject, *value))
        .collect();
    let attempt = |estimator: &Estimator| match estimator {
        Estimator::Ancova => difference_of_means(&values).map(Found::from),
        other => unfit(*other),
    };
    (estimand.estimators.iter().map(attempt).collect(), patients, missing)
}
