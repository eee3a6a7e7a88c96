//! Operating characteristics of a group-sequential design, on patients that were simulated once.
//!
//! The trial of the study is simulated some times; its patients become a pool, by arm. Thousands of trials are then drawn from
//! the pool and analysed at every look. That is a few hundred table entries a trial instead of a few hundred patients.

mod accrual;
mod adaptive;
mod file;
mod pool;
mod replay;
mod urn;

use malar_model::codes::DESIGN;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_stats::distribution::normal_cdf;
use malar_stats::sequential::{
    Binding, DesignError, Futility, Spending, bounds_with_futility, check_bounds, spending_bounds,
};
use serde::Serialize;

use crate::finding::{Finding, InputError};
use crate::run::{Prepared, Unfinished};
pub use accrual::{AccrualFile, Calendar, RegionFile};
pub use adaptive::{AdaptationFile, Adaptive, Choice, Interim};
use file::{BindingFile, SpendingFile};
pub use file::{DesignFile, Mixing};
use pool::{Pool, compared_arm};

/// A checked design: when to look, and what is enough.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Boundaries {
    /// Information fractions of the looks.
    pub looks: Vec<f64>,
    /// z at or above which the trial wins, one-sided.
    pub upper: Vec<f64>,
    /// z below which it is given up; empty without a rule for that.
    pub lower: Vec<f64>,
    /// One-sided p value of each upper bound.
    pub nominal_p: Vec<f64>,
}

/// What happens at one look, shares of simulated trials.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Look {
    /// Patients with the endpoint by then.
    pub patients: u32,
    /// Trials that win here, 0-1.
    pub wins: f64,
    /// Trials that end here without success, 0-1.
    pub gives_up: f64,
    /// Mean probability of passing the last bound under the current trend, of the trials that come to this look; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditional_power: Option<f64>,
    /// The same averaged over what the data say about the effect (flat prior).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predictive_power: Option<f64>,
}

/// Power where nobody knows the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Assurance {
    /// Share of trials that win, over members of the posterior and what differs between trials.
    pub power: f64,
    /// Standard error of it over members; none for a single one.
    pub standard_error: Option<f64>,
}

/// The effect where nobody knows the numbers, percentage points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// Mean difference between the arms over simulated trials.
    pub mean: f64,
    /// Standard deviation of the true difference: over members of the posterior and what differs between trials, chance within a trial taken off.
    pub sd: f64,
}

/// Operating characteristics of the design at one size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Characteristics {
    /// Patients of the full trial.
    pub patients: u32,
    /// Share of trials that win.
    pub power: f64,
    /// Monte-Carlo standard error of it.
    pub power_se: f64,
    /// Share of trials that win if the drug does what the control does.
    pub type_one_error: f64,
    /// Monte-Carlo standard error of it.
    pub type_one_error_se: f64,
    /// Mean patients with the endpoint when the trial stops.
    pub expected_patients: f64,
    /// The same without an effect.
    pub expected_patients_null: f64,
    /// Share of trials that would win with one look at the end, at the whole alpha.
    pub power_single_look: f64,
    /// Mean estimate where the trial stops, percentage points; early stops favour large ones.
    pub mean_estimate: f64,
    /// Look by look with the effect.
    pub looks: Vec<Look>,
    /// Look by look without.
    pub looks_null: Vec<Look>,
    /// When, if the design says how patients come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Calendar>,
    /// Over the posterior, if the patients come from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
}

/// What `malar design` says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Trial id.
    pub trial: String,
    /// What the study asks.
    pub question: String,
    /// Endpoint and week.
    pub endpoint: String,
    /// Arm against control.
    pub comparison: String,
    /// One-sided error allowed.
    pub alpha: f64,
    /// Bounds.
    pub boundaries: Boundaries,
    /// Percent of responders in the pool: arm, control.
    pub pool_percent: (f64, f64),
    /// Patients in the pool: arm, control.
    pub pool_patients: (usize, usize),
    /// Posterior from whose members the patients come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posterior: Option<String>,
    /// How sure the effect is, with a posterior.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// Trials drawn for each size and hypothesis.
    pub trials: u32,
    /// Seconds of drawing and analysing them.
    pub seconds: f64,
    /// By size; empty if the design adapts.
    pub sizes: Vec<Characteristics>,
    /// By size, of a design that adapts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub adaptive: Vec<Adaptive>,
}

/// The boundaries of a design, or why there are none, underlined in the study.
pub fn boundaries(design: &DesignFile, source: &Source) -> Result<Boundaries, Diagnostic> {
    if let Some(accrual) = &design.accrual {
        accrual.check(source)?;
    }
    let looks = design.looks.get_ref().clone();
    let alpha = *design.alpha.get_ref();
    let wrong = |reason: DesignError, help: &str| {
        let span = match reason {
            DesignError::Probability(_) => design.alpha.span(),
            _ => design.looks.span(),
        };
        Diagnostic::error(DESIGN, source, span, reason.to_string()).help(help)
    };
    let help = "write looks that rise to 1, a one-sided alpha below 0.5, and bounds or a spending function that leave something \
                for each look";
    let refused = |reason| wrong(reason, help);
    let (upper, lower) = match (&design.bounds, &design.futility) {
        (Some(upper), None) => {
            check_bounds(upper.get_ref(), &looks, alpha).map_err(|reason| {
                let help = "raise the bounds, or leave them out and name a `spending` function";
                Diagnostic::error(DESIGN, source, upper.span(), reason.to_string()).help(help)
            })?;
            (upper.get_ref().clone(), Vec::new())
        }
        (Some(upper), Some(_)) => {
            let message = "a rule for futility needs bounds that are computed with it";
            let help = "leave out `bounds` and name a `spending` function";
            return Err(Diagnostic::error(DESIGN, source, upper.span(), message).help(help));
        }
        (None, None) => (
            spending_bounds(&looks, alpha, spending(design.spending)).map_err(refused)?,
            Vec::new(),
        ),
        (None, Some(futility)) => {
            let rule = Futility {
                beta: futility.beta,
                spending: spending(futility.spending),
                binding: match futility.binding {
                    BindingFile::Binding => Binding::Binding,
                    BindingFile::NonBinding => Binding::NonBinding,
                },
            };
            let bounds = bounds_with_futility(&looks, alpha, spending(design.spending), rule).map_err(refused)?;
            (bounds.upper, bounds.lower)
        }
    };
    Ok(Boundaries {
        nominal_p: upper.iter().map(|z| normal_cdf(-z)).collect(),
        looks,
        upper,
        lower,
    })
}

fn spending(file: SpendingFile) -> Spending {
    match file {
        SpendingFile::ObrienFleming => Spending::ObrienFlemingType,
        SpendingFile::Pocock => Spending::PocockType,
        SpendingFile::HwangShihDecani(gamma) => Spending::HwangShihDeCani { gamma },
        SpendingFile::Power(rho) => Spending::Power { rho },
    }
}

/// Simulates the pool and evaluates the design. `progress` hears how many trials of the pool are done.
pub fn evaluate(
    prepared: &Prepared,
    (design, source): (&DesignFile, &Source),
    threads: usize,
    progress: &dyn Fn(u32),
) -> Result<Report, Unfinished> {
    let one = |found: Diagnostic| InputError::Wrong(vec![Finding::new(found, source)]);
    let boundaries = boundaries(design, source).map_err(one)?;
    let labels = prepared.simulation.labels();
    let control = prepared.simulation.control();
    let arm = compared_arm(design, source, labels, control).map_err(one)?;
    let adaptation = adaptive::read(design, source, (labels, arm, control)).map_err(one)?;
    let arms = adaptation.as_ref().map_or(vec![arm], |a| a.arms.clone());
    let mut pool = Pool::new(design, source, labels, (&arms, control)).map_err(one)?;
    prepared.replicates(threads, |replicate| pool.add(&replicate), progress, &|| false)?;
    pool.check(design, source, prepared.about.posterior.is_some())
        .map_err(one)?;
    let started = std::time::Instant::now();
    let trials = design.trials;
    let seed = prepared.manifest.seed;
    let trier = adaptation.map(|adaptation| adaptive::Trier::new(&adaptation, design, (&pool, labels), seed));
    let posterior = prepared.about.posterior.clone();
    let of_size = |patients: u32| {
        let plan = replay::Plan {
            pool: &pool,
            boundaries: &boundaries,
            alpha: *design.alpha.get_ref(),
            patients,
            trials,
            mixing: design.draw,
            accrual: design.accrual.as_ref(),
            week: design.week,
            seed,
        };
        let one_trial = replay::Plan {
            mixing: Mixing::OneTrial,
            ..plan
        };
        Characteristics {
            assurance: posterior.as_ref().map(|_| one_trial.assurance()),
            ..plan.characteristics()
        }
    };
    let sizes = design.patients.iter().copied();
    let (sizes, adaptive) = match &trier {
        Some(trier) => (Vec::new(), sizes.map(|n| trier.characteristics(n)).collect()),
        None => (sizes.map(of_size).collect(), Vec::new()),
    };
    Ok(Report {
        trial: prepared.manifest.study.clone(),
        question: prepared.about.question.clone(),
        endpoint: format!("{}, week {}", design.endpoint.get_ref(), design.week),
        comparison: pool.comparison(),
        alpha: *design.alpha.get_ref(),
        boundaries,
        pool_percent: pool.percent(),
        pool_patients: pool.patients(),
        effect: posterior.as_ref().map(|_| pool.effect()),
        posterior,
        trials,
        seconds: started.elapsed().as_secs_f64(),
        sizes,
        adaptive,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (DesignFile, Source) {
        let source = Source {
            path: "studies/x.toml".into(),
            text: text.into(),
        };
        (malar_model::read_toml(&source).expect("a design"), source)
    }

    const PLAIN: &str = "endpoint = \"bicla\"\nweek = 52\npatients = [362]\nlooks = [0.5, 1.0]\n";

    #[test]
    fn two_looks_by_obrien_fleming_spending_have_the_published_bounds() {
        let (design, source) = read(PLAIN);
        let found = boundaries(&design, &source).unwrap();
        // R package gsDesign: sfLDOF at 0.5 and 1, one-sided 0.025.
        assert!((found.upper[0] - 2.96259).abs() < 1e-5 && (found.upper[1] - 1.96860).abs() < 1e-5);
        assert!(found.lower.is_empty() && (found.nominal_p[0] - 0.0015253).abs() < 1e-7);
    }

    #[test]
    fn a_design_that_cannot_spend_alpha_is_refused() {
        let refused = |text: &str| {
            let (design, source) = read(text);
            let found = boundaries(&design, &source).expect_err("refused");
            assert_eq!(found.code, "T012");
            assert!(!found.help.is_empty());
            found.message
        };
        assert!(refused(&format!("{PLAIN}bounds = [2.0, 2.0]\n")).contains("spend more"));
        assert!(refused(&PLAIN.replace("[0.5, 1.0]", "[0.5, 0.9]")).contains("rise"));
        assert!(refused(&PLAIN.replace("[0.5, 1.0]", "[1e-9, 1.0]")).contains("cannot spend"));
        assert!(refused(&format!("{PLAIN}alpha = 0.7\n")).contains("0.7"));
    }
}
