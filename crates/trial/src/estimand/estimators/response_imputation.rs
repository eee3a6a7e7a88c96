//! Responses that nobody saw, filled in several times over.
//!
//! A response at a week follows a logistic law of the arm, the strata and the response at the week before, fitted to those seen
//! at both; week after week, what is missing is drawn from it, with coefficients from their approximate posterior (Rubin 1987,
//! ch. 5). Jump to reference draws for a treated patient, from the first missing week on, by the law of the control.

use malar_patients::random::Stream;
use malar_stats::FitError;
use malar_stats::imputation::{pool, tipping_point};
use malar_stats::logistic::{LogisticFit, logistic};
use malar_stats::matrix::lower_factor;
use malar_stats::stratified::{Variance, mantel_haenszel_difference};

use super::change::IMPUTATIONS;
use super::response::{Response, strata};
use super::{Attempt, Case, Found, Luck, design, design_row, strata_columns};
use crate::endpoint::Endpoint;
use crate::estimand::Estimand;

/// Responses of the patients of an analysis at its weeks.
pub(super) struct Incomplete<'a> {
    cases: Vec<&'a Case<'a>>,
    /// By patient, then week.
    seen: Vec<Vec<Option<bool>>>,
    columns: Vec<u16>,
    n_weeks: usize,
    luck: Luck,
}

/// What is assumed of those who were not seen.
#[derive(Clone, Copy)]
struct Assumption {
    /// Treated patients follow the control's law.
    by_reference: bool,
    /// Taken off the chance of response of treated patients at the last week, 0 to 1.
    less: f64,
}

/// Like the others of the own arm.
const OWN_ARM: Assumption = Assumption {
    by_reference: false,
    less: 0.0,
};

impl<'a> Incomplete<'a> {
    pub fn new(estimand: &Estimand, endpoint: &Endpoint, cases: &'a [Case<'a>], luck: Luck) -> Incomplete<'a> {
        let included = |case: &&Case<'_>| estimand.response(case.subject, endpoint).is_included();
        let cases: Vec<&Case<'_>> = cases.iter().filter(included).collect();
        let seen = |case: &&Case<'_>| {
            let weeks = estimand.weeks.iter();
            let at = |&week: &f64| estimand.response_at(case.subject, endpoint, week).seen();
            weeks.map(at).collect()
        };
        Incomplete {
            seen: cases.iter().map(seen).collect(),
            columns: strata_columns(cases.iter().map(|case| case.subject)),
            n_weeks: estimand.weeks.len(),
            cases,
            luck,
        }
    }

    /// Missing at random, given arm, strata and earlier responses.
    pub fn own_arm(&self) -> Attempt {
        self.pooled(OWN_ARM)
    }

    /// Treated patients respond like the control's from when they were seen last.
    pub fn jump_to_reference(&self) -> Attempt {
        self.pooled(Assumption {
            by_reference: true,
            ..OWN_ARM
        })
    }

    /// Percentage points off the chance of response of treated patients nobody saw at which significance goes; NaN if not even
    /// all of them failing does it.
    pub fn tipping_point(&self) -> Attempt {
        let start = self.pooled(OWN_ARM)?;
        let p_value = |less: f64| {
            let found = self.pooled(Assumption { less, ..OWN_ARM });
            let stands = |found: &Found| found.estimate > 0.0;
            found.ok().filter(stands).map_or(1.0, |found| found.p_value)
        };
        Ok(Found {
            estimate: tipping_point(1.0, 0.05, p_value).map_or(f64::NAN, |less| -100.0 * less),
            low95: f64::NAN,
            high95: f64::NAN,
            p_value: start.p_value,
        })
    }

    fn pooled(&self, assumption: Assumption) -> Attempt {
        let laws: Vec<LogisticFit> = (0..self.n_weeks).map(|week| self.law(week)).collect::<Result<_, _>>()?;
        let (mut estimates, mut variances) = (Vec::new(), Vec::new());
        for number in 0..IMPUTATIONS {
            let mut stream = self.luck.imputation(number);
            let filled = self.filled(&laws, assumption, &mut stream)?;
            let used: Vec<Response<'_>> = self
                .cases
                .iter()
                .zip(filled)
                .map(|(case, responded)| Response { case, responded })
                .collect();
            let difference = mantel_haenszel_difference(&strata(&used), Variance::Sato).ok_or(FitError::TooFew)?;
            estimates.push(difference.estimate);
            variances.push(difference.standard_error * difference.standard_error);
        }
        let pooled = pool(&estimates, &variances, f64::INFINITY).ok_or(FitError::TooFew)?;
        Ok(Found::from(pooled.contrast).percent())
    }

    /// Law of the response at a week, from those seen then and at the week before.
    fn law(&self, week: usize) -> Result<LogisticFit, FitError> {
        let (mut rows, mut responded) = (Vec::new(), Vec::new());
        for (patient, seen) in self.seen.iter().enumerate() {
            let before = if week == 0 { None } else { seen[week - 1] };
            let (Some(now), true) = (seen[week], week == 0 || before.is_some()) else {
                continue;
            };
            rows.push(self.row(patient, self.cases[patient].treated, before));
            responded.push(now);
        }
        logistic(&design(&rows)?, &responded)
    }

    /// Intercept, arm, the response before if there is a week before, strata.
    fn row(&self, patient: usize, treated: bool, before: Option<bool>) -> Vec<f64> {
        let covariate = before.map(|responded| f64::from(u8::from(responded)));
        let covariates: Vec<f64> = covariate.into_iter().collect();
        design_row(treated, &covariates, self.cases[patient].subject, &self.columns)
    }

    /// The response of every patient at the last week, drawn where nobody saw it.
    fn filled(&self, laws: &[LogisticFit], assumption: Assumption, stream: &mut Stream) -> Result<Vec<bool>, FitError> {
        let mut drawn = Vec::with_capacity(laws.len());
        for law in laws {
            let factor = lower_factor(&law.covariance).ok_or(FitError::Singular)?;
            let normals: Vec<f64> = law.coefficients.iter().map(|_| stream.normal()).collect();
            let noise = factor.times_vector(&normals);
            let beta: Vec<f64> = law.coefficients.iter().zip(noise).map(|(b, e)| b + e).collect();
            drawn.push(beta);
        }
        let course = |patient: usize, stream: &mut Stream| {
            let treated = self.cases[patient].treated;
            let by = treated && !assumption.by_reference;
            let mut before = None;
            for (week, beta) in drawn.iter().enumerate() {
                // Every patient and week has a number, so that assumptions are compared by the same luck.
                let luck = stream.uniform();
                let row = self.row(patient, by, before);
                let chance = chance(&row, beta)
                    - if treated && week + 1 == self.n_weeks {
                        assumption.less
                    } else {
                        0.0
                    };
                before = Some(self.seen[patient][week].unwrap_or(luck < chance));
            }
            before.expect("an estimand has a week")
        };
        Ok((0..self.cases.len()).map(|patient| course(patient, stream)).collect())
    }
}

fn chance(row: &[f64], beta: &[f64]) -> f64 {
    let log_odds: f64 = row.iter().zip(beta).map(|(x, b)| x * b).sum();
    1.0 / (1.0 + malar_solver::math::exp(-log_odds))
}
