//! Tests of shares and of rates.

use malar_stats::Interval;
use malar_stats::difference::{miettinen_nurminen, newcombe};
use malar_stats::exact::{Ranking, exact_unconditional};
use malar_stats::logistic::logistic;
use malar_stats::matrix::Matrix;
use malar_stats::negative_binomial::{Tally, negative_binomial};
use malar_stats::proportion::{clopper_pearson, wilson};
use malar_stats::proportional_odds::proportional_odds;
use malar_stats::rate::{Events, rate_difference, rate_ratio};
use malar_stats::stratified::*;

use super::{Dice, Expectation, Method};

const TWO_ARMS: &str = "180 patients an arm in 4 strata, shares 0.1 to 0.55";
const SPARSE: &str = "40 strata of 2 and 2 patients, shares 0.1 to 0.88";
const ONE_TABLE: &str = "90 patients an arm, share 0.3";
const SMALL_TABLE: &str = "15 patients an arm, share 0.3";
const LATTICE: &str = "few tables are possible, and a share that is never exactly met is not exceeded";
const UNEQUAL: &str = "where strata differ, the variance at their mean share exceeds the mean of their variances";
const SQUARED: &str = "the cross-products hold each stratum's squared difference beside its binomial variances";
const LARGE_SAMPLE: &str = "large-sample approximation on a discrete table";

fn method(
    name: &'static str,
    setting: &'static str,
    expectation: Expectation,
    thousands: u32,
    rejects: fn(&mut Dice) -> Option<bool>,
) -> Method {
    Method {
        name,
        setting,
        nominal: 0.05,
        expectation,
        thousands,
        rejects,
    }
}

pub fn methods() -> Vec<Method> {
    use Expectation::{Approximate, Conservative, Inflated, Nominal};
    vec![
        method("CMH difference, Sato", TWO_ARMS, Conservative(SQUARED), 100, |d| {
            Some(mantel_haenszel_difference(&strata(d), Variance::Sato)?.p_value < 0.05)
        }),
        method(
            "CMH difference, independent binomial",
            TWO_ARMS,
            Approximate(
                "Wald interval: the variance is least where the difference is largest",
                0.005,
            ),
            100,
            |d| Some(mantel_haenszel_difference(&strata(d), Variance::IndependentBinomial)?.p_value < 0.05),
        ),
        method(
            "CMH difference, Sato, sparse",
            SPARSE,
            Conservative(SQUARED),
            100,
            |d| Some(mantel_haenszel_difference(&sparse(d), Variance::Sato)?.p_value < 0.05),
        ),
        method(
            "CMH difference, independent binomial, sparse",
            SPARSE,
            Inflated("cells of two patients have no variance of their own; Sato's holds here"),
            50,
            |d| Some(mantel_haenszel_difference(&sparse(d), Variance::IndependentBinomial)?.p_value < 0.05),
        ),
        method("CMH chi-square", TWO_ARMS, Nominal, 100, |d| {
            Some(cochran_mantel_haenszel(&strata(d), Continuity::Uncorrected)?.p_value < 0.05)
        }),
        method(
            "CMH chi-square, continuity",
            TWO_ARMS,
            Conservative("the correction aims at the exact conditional test"),
            100,
            |d| Some(cochran_mantel_haenszel(&strata(d), Continuity::Corrected)?.p_value < 0.05),
        ),
        method("stratified Newcombe", TWO_ARMS, Conservative(UNEQUAL), 100, |d| {
            excludes_zero(stratified_newcombe(&strata(d), 0.95))
        }),
        method("stratified Miettinen-Nurminen", TWO_ARMS, Nominal, 20, |d| {
            excludes_zero(stratified_miettinen_nurminen(&strata(d), 0.95))
        }),
        method(
            "minimum-risk difference",
            TWO_ARMS,
            Approximate(
                "weights are estimated from the same responses as the difference and follow its chance",
                0.025,
            ),
            100,
            |d| Some(minimum_risk_difference(&strata(d))?.p_value < 0.05),
        ),
        method(
            "logistic, marginal difference",
            TWO_ARMS,
            Approximate("delta method, Wald", 0.003),
            10,
            |d| {
                let (fit, treated, control) = fitted_logistic(d)?;
                Some(fit.marginal_difference(&treated, &control)?.p_value < 0.05)
            },
        ),
        method(
            "logistic, odds ratio",
            TWO_ARMS,
            Approximate("Wald test of a log odds ratio", 0.003),
            10,
            |d| Some(fitted_logistic(d)?.0.odds_ratio(1).p_value < 0.05),
        ),
        method(
            "MH odds ratio",
            TWO_ARMS,
            Approximate("Wald test of a log odds ratio", 0.003),
            100,
            |d| Some(mantel_haenszel_odds_ratio(&strata(d))?.p_value < 0.05),
        ),
        method("Newcombe", ONE_TABLE, Approximate(LARGE_SAMPLE, 0.006), 100, |d| {
            let (treated, control) = (d.count(90, 0.3), d.count(90, 0.3));
            excludes_zero(newcombe(treated, control, 0.95))
        }),
        method(
            "Miettinen-Nurminen",
            ONE_TABLE,
            Approximate(LARGE_SAMPLE, 0.004),
            20,
            |d| {
                let (treated, control) = (d.count(90, 0.3), d.count(90, 0.3));
                excludes_zero(miettinen_nurminen(treated, control, 0.95))
            },
        ),
        method("exact unconditional", SMALL_TABLE, Conservative(LATTICE), 1, |d| {
            let (treated, control) = (d.count(15, 0.3), d.count(15, 0.3));
            excludes_zero(exact_unconditional(treated, control, 0.95, Ranking::Score))
        }),
        method(
            "Clopper-Pearson, one share",
            "60 patients, share 0.3",
            Conservative(LATTICE),
            100,
            |d| Some(!clopper_pearson(d.count(60, 0.3), 0.95)?.contains(0.3)),
        ),
        method(
            "Wilson, one share",
            "60 patients, share 0.3",
            Approximate("the coverage of a discrete share saws about nominal", 0.02),
            100,
            |d| Some(!wilson(d.count(60, 0.3), 0.95)?.contains(0.3)),
        ),
        method(
            "proportional odds",
            "100 patients an arm, 4 categories",
            Approximate("Wald test of a log odds ratio", 0.003),
            10,
            |d| {
                let rows: Vec<[f64; 1]> = (0..200).map(|k| [f64::from(k % 2)]).collect();
                let category: Vec<usize> = rows.iter().map(|_| (d.uniform() * 4.0) as usize).collect();
                Some(
                    proportional_odds(&Matrix::from_rows(&rows), &category)
                        .ok()?
                        .odds_ratio(0)
                        .p_value
                        < 0.05,
                )
            },
        ),
        method(
            "Poisson rate ratio",
            "150 patients an arm, 0.6 events a year, Poisson",
            Approximate("Wald test of a log ratio", 0.003),
            50,
            |d| {
                let [treated, control] = pooled(d, 0.0);
                Some(rate_ratio(treated, control)?.p_value < 0.05)
            },
        ),
        method(
            "Poisson rate difference",
            "150 patients an arm, 0.6 events a year, Poisson",
            Approximate("Wald test", 0.003),
            50,
            |d| {
                let [treated, control] = pooled(d, 0.0);
                Some(rate_difference(treated, control)?.p_value < 0.05)
            },
        ),
        method(
            "Poisson rate ratio, overdispersed",
            "150 patients an arm, 0.6 events a year, variance mu + mu²",
            Inflated("patients differ in their own rates; the negative binomial model is for that"),
            50,
            |d| {
                let [treated, control] = pooled(d, 1.0);
                Some(rate_ratio(treated, control)?.p_value < 0.05)
            },
        ),
        method(
            "negative binomial",
            "150 patients an arm, 0.6 events a year, variance mu + mu²",
            Approximate(
                "Wald test; the dispersion is underestimated a little (Aban et al. 2009, Comput Stat Data Anal 53:820)",
                0.006,
            ),
            2,
            |d| {
                let rows: Vec<[f64; 2]> = (0..300).map(|k| [1.0, f64::from(k % 2)]).collect();
                let tallies: Vec<Tally> = rows.iter().map(|_| tally(d, 1.0)).collect();
                let fit = negative_binomial(&Matrix::from_rows(&rows), &tallies).ok()?;
                Some(fit.rate_ratio(1).p_value < 0.05)
            },
        ),
    ]
}

fn excludes_zero(interval: Option<Interval>) -> Option<bool> {
    Some(!interval?.contains(0.0))
}

/// Four strata of 45 patients an arm whose shares differ.
fn strata(d: &mut Dice) -> Vec<Stratum> {
    let stratum = |k: u32| {
        let p = 0.1 + 0.15 * f64::from(k);
        Stratum {
            treated: d.count(45, p),
            control: d.count(45, p),
        }
    };
    (0..4).map(stratum).collect()
}

fn sparse(d: &mut Dice) -> Vec<Stratum> {
    let stratum = |k: u32| {
        let p = 0.1 + 0.02 * f64::from(k);
        Stratum {
            treated: d.count(2, p),
            control: d.count(2, p),
        }
    };
    (0..40).map(stratum).collect()
}

fn fitted_logistic(d: &mut Dice) -> Option<(malar_stats::logistic::LogisticFit, Matrix, Matrix)> {
    let (mut rows, mut responded) = (Vec::new(), Vec::new());
    for k in 0..360u32 {
        let stratum = k / 2 % 4;
        let is = |s: u32| f64::from(u8::from(stratum == s));
        rows.push([1.0, f64::from(k % 2), is(1), is(2), is(3)]);
        responded.push(d.chance(0.1 + 0.15 * f64::from(stratum)));
    }
    let with_arm = |arm: f64| {
        let rows: Vec<[f64; 5]> = rows.iter().map(|r| [1.0, arm, r[2], r[3], r[4]]).collect();
        Matrix::from_rows(&rows)
    };
    let fit = logistic(&Matrix::from_rows(&rows), &responded).ok()?;
    Some((fit, with_arm(1.0), with_arm(0.0)))
}

/// Half a year to one year, 0.6 events a year; `dispersion` 1 gives each patient an exponential rate of their own.
fn tally(d: &mut Dice, dispersion: f64) -> Tally {
    let exposure = 0.5 + 0.5 * d.uniform();
    let own = if dispersion > 0.0 { d.exponential() } else { 1.0 };
    Tally {
        events: d.poisson(0.6 * exposure * own),
        exposure,
    }
}

fn pooled(d: &mut Dice, dispersion: f64) -> [Events; 2] {
    [0, 1].map(|_| {
        (0..150).fold(Events::default(), |sum, _| {
            let tally = tally(d, dispersion);
            Events {
                events: sum.events + tally.events,
                person_time: sum.person_time + tally.exposure,
            }
        })
    })
}
