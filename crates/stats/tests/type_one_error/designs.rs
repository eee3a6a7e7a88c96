//! Designs: several looks, several hypotheses, changes after a look. One-sided 0.025 unless said otherwise.

use std::sync::LazyLock;

use malar_stats::adaptive::{PromisingZone, StageTwo, adaptive_closed_test, thall_wathen};
use malar_stats::bayes::Beta;
use malar_stats::distribution::{normal_cdf, normal_quantile};
use malar_stats::multiplicity::{Graph, closed_test, fixed_sequence, hochberg, holm};
use malar_stats::sequential::{
    Binding, Futility, Spending, bounds_with_futility, conditional_error, obrien_fleming, pocock, spending_bounds,
};
use malar_stats::two_stage::{Question, TwoStage, two_stage_designs};

use super::{Dice, Expectation, Method};

const LOOKS: [f64; 3] = [0.4, 0.7, 1.0];
const THREE_LOOKS: &str = "three looks at 0.4, 0.7 and 1";
const HALF: &str = "one look at half of the information";
const Z975: f64 = 1.959_963_984_540_054;

pub fn methods() -> Vec<Method> {
    use Expectation::{Approximate, Conservative, Inflated, Nominal};
    let one_sided = |name, setting, expectation, rejects| Method {
        name,
        setting,
        nominal: 0.025,
        expectation,
        thousands: 200,
        rejects,
    };
    let families = |name, setting, expectation, rejects| Method {
        name,
        setting,
        nominal: 0.05,
        expectation,
        thousands: 100,
        rejects,
    };
    let mut all = vec![
        one_sided(
            "no correction for looks",
            THREE_LOOKS,
            Inflated("every look spends the whole error again"),
            |d| Some(crosses(d, &[Z975; 3], &[])),
        ),
        one_sided("O'Brien-Fleming", THREE_LOOKS, Nominal, |d| {
            static BOUNDS: LazyLock<Vec<f64>> = LazyLock::new(|| obrien_fleming(&LOOKS, 0.025).unwrap());
            Some(crosses(d, &BOUNDS, &[]))
        }),
        one_sided("Pocock", THREE_LOOKS, Nominal, |d| {
            static BOUNDS: LazyLock<Vec<f64>> = LazyLock::new(|| pocock(&LOOKS, 0.025).unwrap());
            Some(crosses(d, &BOUNDS, &[]))
        }),
        one_sided("Lan-DeMets, O'Brien-Fleming type", THREE_LOOKS, Nominal, |d| {
            static BOUNDS: LazyLock<Vec<f64>> = LazyLock::new(|| spent(Spending::ObrienFlemingType));
            Some(crosses(d, &BOUNDS, &[]))
        }),
        one_sided("Lan-DeMets, Pocock type", THREE_LOOKS, Nominal, |d| {
            static BOUNDS: LazyLock<Vec<f64>> = LazyLock::new(|| spent(Spending::PocockType));
            Some(crosses(d, &BOUNDS, &[]))
        }),
        one_sided("Hwang-Shih-DeCani, -4", THREE_LOOKS, Nominal, |d| {
            static BOUNDS: LazyLock<Vec<f64>> = LazyLock::new(|| spent(Spending::HwangShihDeCani { gamma: -4.0 }));
            Some(crosses(d, &BOUNDS, &[]))
        }),
        one_sided("Kim-DeMets, power 2", THREE_LOOKS, Nominal, |d| {
            static BOUNDS: LazyLock<Vec<f64>> = LazyLock::new(|| spent(Spending::Power { rho: 2.0 }));
            Some(crosses(d, &BOUNDS, &[]))
        }),
        one_sided("futility, binding, followed", THREE_LOOKS, Nominal, |d| {
            static BOUNDS: LazyLock<(Vec<f64>, Vec<f64>)> = LazyLock::new(|| futile(Binding::Binding));
            Some(crosses(d, &BOUNDS.0, &BOUNDS.1))
        }),
        one_sided(
            "futility, non-binding, followed",
            THREE_LOOKS,
            Conservative("the upper bounds are those without futility, and giving up wins no trial"),
            |d| {
                static BOUNDS: LazyLock<(Vec<f64>, Vec<f64>)> = LazyLock::new(|| futile(Binding::NonBinding));
                Some(crosses(d, &BOUNDS.0, &BOUNDS.1))
            },
        ),
        one_sided("futility, non-binding, ignored", THREE_LOOKS, Nominal, |d| {
            static BOUNDS: LazyLock<(Vec<f64>, Vec<f64>)> = LazyLock::new(|| futile(Binding::NonBinding));
            Some(crosses(d, &BOUNDS.0, &[]))
        }),
        one_sided(
            "futility, binding, ignored",
            THREE_LOOKS,
            Inflated("binding bounds were lowered by what giving up saves; who goes on owes it"),
            |d| {
                static BOUNDS: LazyLock<(Vec<f64>, Vec<f64>)> = LazyLock::new(|| futile(Binding::Binding));
                Some(crosses(d, &BOUNDS.0, &[]))
            },
        ),
        one_sided("conditional error, second stage of any size", HALF, Nominal, |d| {
            let first = d.normal();
            let error = conditional_error(first, 0.5, Z975)?;
            Some(d.normal() >= -normal_quantile(error.clamp(1e-300, 1.0 - 1e-16)))
        }),
        one_sided("promising zone, planned weights", HALF, Nominal, |d| {
            let zone = zone(0.3);
            Some(zone.wins(d.normal(), d.normal()))
        }),
        one_sided(
            "promising zone from 0.5, conventional test",
            HALF,
            Conservative("more subjects only where that lowers the error (Mehta & Pocock 2011)"),
            |d| conventional(d, 0.5),
        ),
        one_sided(
            "promising zone from 0.01, conventional test",
            HALF,
            Inflated("conventional weights after enlarging poor results; planned weights hold"),
            |d| conventional(d, 0.01),
        ),
        one_sided(
            "enrichment of a subgroup, closed test",
            "a subgroup of half; goes on alone if it looks better by 0.5 standard errors",
            Conservative("Simes' test of correlated hypotheses; the dropped one is not tested"),
            |d| Some(enrichment(d, true)),
        ),
        one_sided(
            "enrichment of a subgroup, pooled z of the one chosen",
            "as above",
            Inflated("the better of two looks is tested as if it had been alone"),
            |d| Some(enrichment(d, false)),
        ),
        one_sided(
            "best of three doses, closed test",
            "three doses and control; the best at half goes on",
            Conservative("Simes' test of correlated hypotheses"),
            |d| Some(best_dose(d, true)),
        ),
        one_sided(
            "best of three doses, pooled z",
            "as above",
            Inflated("the best of three is tested as if it had been alone"),
            |d| Some(best_dose(d, false)),
        ),
        families(
            "Holm",
            "four true hypotheses, independent",
            Conservative("Bonferroni's inequality"),
            |d| family(d, holm),
        ),
        families(
            "Hochberg",
            "four true hypotheses, independent",
            Conservative("Simes' test over a step-up"),
            |d| family(d, hochberg),
        ),
        families("fixed sequence", "four true hypotheses, independent", Nominal, |d| {
            family(d, fixed_sequence)
        }),
        families(
            "graph, equal weights",
            "four true hypotheses, independent",
            Conservative("Bonferroni's inequality"),
            |d| family(d, |p| graph().adjust(p)),
        ),
        families(
            "closed test, Simes",
            "four true hypotheses, independent",
            Nominal,
            |d| {
                family(d, |p| {
                    closed_test(4, |set| {
                        let members: Vec<f64> = set.iter().map(|k| p[*k]).collect();
                        malar_stats::adaptive::intersection_p_value(&members)
                    })
                })
            },
        ),
    ];
    let leaning = |name, expectation, rejects| Method {
        name,
        setting: "200 patients in blocks of 20 by Thall and Wathen, two arms, share 0.3",
        nominal: 0.025,
        expectation,
        thousands: 20,
        rejects,
    };
    all.push(leaning(
        "response-adaptive, z test",
        Approximate(
            "allocation depends on earlier responses, which a score test knows nothing of; a Wald test suffers more",
            0.008,
        ),
        |d| Some(response_adaptive(d)[0] >= Z975),
    ));
    all.push(leaning(
        "response-adaptive, Wald test",
        Inflated(
            "who does badly by chance gets few patients, whose own variance is least where their share is extreme",
        ),
        |d| Some(response_adaptive(d)[1] >= Z975),
    ));
    all.push(Method {
        name: "Simon's two stages",
        setting: "shares 0.2 against 0.4, optimal design",
        nominal: simon().alpha,
        expectation: Nominal,
        thousands: 100,
        rejects: |d| {
            let design = simon();
            let first = d.count(design.first_n, 0.2).responders;
            if first <= design.first_limit {
                return Some(false);
            }
            Some(first + d.count(design.n - design.first_n, 0.2).responders > design.limit)
        },
    });
    all.push(Method {
        name: "posterior probability above 0.975",
        setting: "100 patients an arm, share 0.3, uniform priors",
        nominal: 0.025,
        expectation: Approximate(
            "a Bayesian threshold promises no error; with flat priors it is near",
            0.008,
        ),
        thousands: 2,
        rejects: |d| {
            let flat = Beta { a: 1.0, b: 1.0 };
            let (treated, control) = (flat.after(d.count(100, 0.3)), flat.after(d.count(100, 0.3)));
            Some(treated.probability_exceeds(control, 0.0) > 0.975)
        },
    });
    all
}

fn spent(spending: Spending) -> Vec<f64> {
    spending_bounds(&LOOKS, 0.025, spending).unwrap()
}

fn futile(binding: Binding) -> (Vec<f64>, Vec<f64>) {
    let futility = Futility {
        beta: 0.1,
        spending: Spending::HwangShihDeCani { gamma: -2.0 },
        binding,
    };
    let bounds = bounds_with_futility(&LOOKS, 0.025, Spending::ObrienFlemingType, futility).unwrap();
    (bounds.upper, bounds.lower)
}

/// Whether a trial without effect crosses an upper bound before it stops at a lower one.
fn crosses(d: &mut Dice, upper: &[f64], lower: &[f64]) -> bool {
    let (mut sum, mut before) = (0.0, 0.0);
    for (k, t) in LOOKS.iter().enumerate() {
        sum += (t - before).sqrt() * d.normal();
        before = *t;
        let z = sum / t.sqrt();
        if z >= upper[k] {
            return true;
        }
        if lower.get(k).is_some_and(|bound| z < *bound) {
            return false;
        }
    }
    false
}

fn zone(least: f64) -> PromisingZone {
    PromisingZone::new(0.5, 0.025, (least, 0.9), 3.0).unwrap()
}

fn conventional(d: &mut Dice, least: f64) -> Option<bool> {
    let (zone, first) = (zone(least), d.normal());
    let information = zone.second_stage(first);
    Some(zone.wins_unweighted(first, d.normal(), information))
}

fn p(z: f64) -> f64 {
    normal_cdf(-z)
}

/// The whole population and a subgroup of half of it; whatever is tested in the second stage has half of the information.
fn enrichment(d: &mut Dice, closed: bool) -> bool {
    let half = std::f64::consts::FRAC_1_SQRT_2;
    let stage = |d: &mut Dice| {
        let (inside, outside) = (d.normal(), d.normal());
        [half * (inside + outside), inside]
    };
    let (first, second) = (stage(d), stage(d));
    let alone = first[1] - first[0] > 0.5;
    if closed {
        let second = if alone {
            // All subjects of the second stage are of the subgroup.
            [StageTwo::Dropped, StageTwo::Kept(p(second[0]))]
        } else {
            [StageTwo::Kept(p(second[0])), StageTwo::Kept(p(second[1]))]
        };
        return adaptive_closed_test(&first.map(p), &second, 0.5, 0.025).contains(&true);
    }
    let chosen = usize::from(alone);
    half * (first[chosen] + second[0]) >= Z975
}

/// Three doses share a control; the best at half goes on with it.
fn best_dose(d: &mut Dice, closed: bool) -> bool {
    let half = std::f64::consts::FRAC_1_SQRT_2;
    let control = d.normal();
    let first = [0; 3].map(|_| half * (d.normal() - control));
    let best = (0..3).max_by(|a, b| first[*a].total_cmp(&first[*b])).unwrap();
    let second = d.normal();
    if closed {
        let mut stage_two = [StageTwo::Dropped; 3];
        stage_two[best] = StageTwo::Kept(p(second));
        return adaptive_closed_test(&first.map(p), &stage_two, 0.5, 0.025).contains(&true);
    }
    half * (first[best] + second) >= Z975
}

/// Any rejection among four true hypotheses.
fn family(d: &mut Dice, adjust: impl Fn(&[f64]) -> Vec<f64>) -> Option<bool> {
    let p = [0; 4].map(|_| d.uniform());
    Some(adjust(&p).iter().any(|adjusted| *adjusted <= 0.05))
}

fn graph() -> Graph {
    let third = 1.0 / 3.0;
    let row = |k: usize| (0..4).map(|j| if j == k { 0.0 } else { third }).collect();
    Graph::new(vec![0.25; 4], (0..4).map(row).collect()).unwrap()
}

fn simon() -> TwoStage {
    static DESIGN: LazyLock<TwoStage> = LazyLock::new(|| {
        let question = Question {
            uninteresting: 0.2,
            hoped: 0.4,
            alpha: 0.05,
            power: 0.8,
        };
        two_stage_designs(question, 60).unwrap().0
    });
    *DESIGN
}

/// z after ten blocks of leaning randomisation: with the variance of the pooled share, and with that of each arm's own.
fn response_adaptive(d: &mut Dice) -> [f64; 2] {
    let mut arms = [Beta { a: 1.0, b: 1.0 }; 2];
    let (mut x, mut n) = ([0.0; 2], [0.0; 2]);
    for block in 0..10 {
        let shares = thall_wathen(&arms, 20 * block, 200);
        for _ in 0..20 {
            let arm = usize::from(d.chance(shares[1]));
            let count = d.count(1, 0.3);
            arms[arm] = arms[arm].after(count);
            x[arm] += f64::from(count.responders);
            n[arm] += 1.0;
        }
    }
    let share = [x[0] / n[0], x[1] / n[1]];
    let variance = |p: [f64; 2]| p[0] * (1.0 - p[0]) / n[0] + p[1] * (1.0 - p[1]) / n[1];
    let pooled = (x[0] + x[1]) / 200.0;
    [[pooled; 2], share].map(|p| (share[1] - share[0]) / variance(p).sqrt())
}
