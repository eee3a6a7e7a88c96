//! What published trials alone would predict for an arm: the plain meta-analytic baseline a mechanism has to beat.
//!
//! A control arm is predicted by the mean of other trials' control arms for the same endpoint; a treated arm by that plus the mean
//! log odds ratio of treatments of the same kind. No model, no patient characteristics.

use std::collections::BTreeMap;

use crate::library::Library;
use crate::published::{Arm, Kind, Outcome, Published};
use crate::split::{Part, Split};

/// A result of another trial counts if it was read at most this many weeks earlier or later; assumed: one quarter.
const WEEKS_APART: f64 = 13.0;

/// The trials of the fit part, read as a meta-analysis.
pub struct MetaAnalysis<'a> {
    trials: Vec<&'a Published>,
    kinds: &'a BTreeMap<String, Vec<String>>,
}

/// What the meta-analysis says about an arm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetaPrediction {
    /// Percent of patients, 0 to 100.
    pub percent: f64,
    /// Trials behind the control response.
    pub control_trials: usize,
    /// Trials behind the effect; 0 for a control arm.
    pub effect_trials: usize,
}

impl<'a> MetaAnalysis<'a> {
    /// `kinds` names, for each therapy id, the groups it belongs to, the narrowest first: its target, then its class.
    pub fn new(library: &'a Library, split: &Split, kinds: &'a BTreeMap<String, Vec<String>>) -> MetaAnalysis<'a> {
        let trials = split.ids(Part::Fit).filter_map(|id| library.get(id)).collect();
        MetaAnalysis { trials, kinds }
    }

    /// Percent of responders that other trials suggest for `arm` of `trial`.
    ///
    /// The trial itself and files that share patients with it are left out. `None` if no other trial has a control arm with this
    /// endpoint near `week`, or, for a treated arm, no other treated arm beside it.
    pub fn predict(&self, trial: &Published, arm: &str, endpoint: &str, week: f64) -> Option<MetaPrediction> {
        let arm = trial.arm(arm)?;
        let others = self.others(trial);
        let controls: Vec<(f64, f64)> = others
            .iter()
            .filter_map(|other| control_response(other, endpoint, week))
            .collect();
        let control = weighted_mean(&controls)?;
        let (percent, effect_trials) = if is_control(arm) {
            (control, 0)
        } else {
            let effects = self.effects(&others, &arm.therapy, endpoint, week);
            (shifted(control, weighted_mean(&effects)?), effects.len())
        };
        Some(MetaPrediction {
            percent,
            control_trials: controls.len(),
            effect_trials,
        })
    }

    /// Trials without patients of `trial` or of each other: of a trial and a pooled analysis of it, the trial.
    fn others(&self, trial: &Published) -> Vec<&'a Published> {
        let apart = |a: &Published, b: &Published| !a.may_share_patients(b);
        let mut candidates: Vec<&Published> = self.trials.clone();
        candidates.retain(|other| other.id != trial.id && apart(other, trial));
        candidates.sort_by_key(|other| (other.shares_patients_with.len(), other.id.as_str()));
        let mut kept: Vec<&Published> = Vec::new();
        for other in candidates {
            if kept.iter().all(|earlier| apart(earlier, other)) {
                kept.push(other);
            }
        }
        kept
    }

    /// Log odds ratios with patients as weights, of the narrowest group of therapies that any other trial has.
    fn effects(&self, others: &[&Published], therapy: &str, endpoint: &str, week: f64) -> Vec<(f64, f64)> {
        let groups = self.kinds.get(therapy).map_or(&[] as &[String], Vec::as_slice);
        let in_group = |other: &str, group: &String| self.kinds.get(other).is_some_and(|kinds| kinds.contains(group));
        for group in groups {
            let found = treated_effects(others, endpoint, week, |other| in_group(other, group));
            if !found.is_empty() {
                return found;
            }
        }
        treated_effects(others, endpoint, week, |_| true)
    }
}

/// Placebo or standard of care alone.
fn is_control(arm: &Arm) -> bool {
    matches!(arm.therapy.as_str(), "placebo" | "standard-of-care")
}

/// Percent and patients of a trial's control arm.
fn control_response(trial: &Published, endpoint: &str, week: f64) -> Option<(f64, f64)> {
    trial
        .arms
        .iter()
        .filter(|arm| is_control(arm))
        .find_map(|arm| response(trial, arm, endpoint, week))
}

/// Percent and patients of an arm at the week nearest to the wanted one.
fn response(trial: &Published, arm: &Arm, endpoint: &str, week: f64) -> Option<(f64, f64)> {
    let apart = |outcome: &&Outcome| (outcome.week.expect("filtered") - week).abs();
    let of_arm = |outcome: &&Outcome| {
        outcome.arm == arm.id
            && outcome.endpoint == endpoint
            && outcome.population == "all"
            && outcome.kind == Kind::Binary
            && outcome.week.is_some()
    };
    let nearest = trial
        .results()
        .filter(of_arm)
        .min_by(|a, b| apart(a).total_cmp(&apart(b)))?;
    let (n, _) = trial.denominator(nearest)?;
    (apart(&nearest) <= WEEKS_APART).then_some((nearest.value?, f64::from(n)))
}

/// Log odds ratio against the trial's own control, and patients, of every treated arm whose therapy is `wanted`.
fn treated_effects(trials: &[&Published], endpoint: &str, week: f64, wanted: impl Fn(&str) -> bool) -> Vec<(f64, f64)> {
    let mut effects = Vec::new();
    for trial in trials {
        let Some((control, n_control)) = control_response(trial, endpoint, week) else {
            continue;
        };
        for arm in trial.arms.iter().filter(|arm| !is_control(arm) && wanted(&arm.therapy)) {
            if let Some((treated, n)) = response(trial, arm, endpoint, week) {
                effects.push((log_odds(treated, n) - log_odds(control, n_control), n + n_control));
            }
        }
    }
    effects
}

/// Mean of values with weights; `None` without any.
fn weighted_mean(values: &[(f64, f64)]) -> Option<f64> {
    let (values, weights): (Vec<f64>, Vec<f64>) = values.iter().copied().unzip();
    malar_stats::descriptive::weighted_mean(&values, &weights)
}

/// Log odds of a percentage of `n` patients, half a patient added to each side so that 0 and 100 percent have some.
fn log_odds(percent: f64, n: f64) -> f64 {
    let events = percent / 100.0 * n;
    ((events + 0.5) / (n - events + 0.5)).ln()
}

/// A percentage moved by a log odds ratio.
fn shifted(percent: f64, log_odds_ratio: f64) -> f64 {
    let p = (percent / 100.0).clamp(1e-6, 1.0 - 1e-6);
    100.0 / (1.0 + (-(p / (1.0 - p)).ln() - log_odds_ratio).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use malar_model::Source;

    fn trial(id: &str, therapy: &str, control: u32, treated: u32) -> Source {
        let arm = |id: &str, therapy: &str| {
            format!("[[arms]]\nid = \"{id}\"\ntherapy = \"{therapy}\"\nregimen = \"\"\nn = 100\n")
        };
        let outcome = |arm: &str, value: u32| {
            format!(
                "[[outcomes]]\narm = \"{arm}\"\nendpoint = \"sri-4\"\nweek = 52\npopulation = \"all\"\nkind = \"binary\"\n\
                 n = 100\nresponders = {value}\nvalue = {value}.0\nunit = \"percent\"\nsource = \"s\"\nurl = \"\"\nverified = true\n"
            )
        };
        let text = format!(
            "id = \"{id}\"\nname = \"{id}\"\nregistry = \"\"\nphase = \"3\"\nindication = \"SLE\"\ndesign = \"\"\nrandomised = true\n\
             blinded = true\nyear = 2020\nduration_weeks = 52\nn_total = 200\neligibility = []\nbackground_therapy = \"\"\n\
             restricted_medication = \"\"\nsteroid_taper = \"\"\nsource = [\"doi:10.1/x\"]\n{}{}{}{}",
            arm("placebo", "placebo"),
            arm("drug", therapy),
            outcome("placebo", control),
            outcome("drug", treated)
        );
        Source {
            path: format!("trials/{id}.toml"),
            text,
        }
    }

    fn predicted(of: &str, arm: &str, week: f64) -> Option<MetaPrediction> {
        let sources = vec![
            trial("a", "x1", 40, 50),
            trial("b", "x2", 30, 60),
            trial("c", "x1", 20, 20),
            trial("d", "y1", 50, 50),
        ];
        let library = Library::new(sources).expect("well formed");
        let text = "fit = [\"a\", \"b\", \"d\"]\ncheck = [\"c\"]".to_owned();
        let split = Source {
            path: "split.toml".into(),
            text,
        };
        let split = Split::new(&split, &library).expect("complete");
        let kinds: BTreeMap<String, Vec<String>> = [("x1", "X"), ("x2", "X"), ("y1", "Y")]
            .map(|(therapy, target)| (therapy.to_owned(), vec![target.to_owned()]))
            .into();
        MetaAnalysis::new(&library, &split, &kinds).predict(library.get(of)?, arm, "sri-4", week)
    }

    #[test]
    fn control_is_the_mean_of_other_fitted_controls() {
        assert_eq!(predicted("c", "placebo", 52.0).expect("three trials").percent, 40.0);
        assert_eq!(predicted("a", "placebo", 52.0).expect("two trials").percent, 40.0);
    }

    #[test]
    fn treated_arm_adds_the_log_odds_ratio_of_its_target() {
        let odds = |p: f64| (p + 0.5) / (100.5 - p);
        let ratio = 0.5 * ((odds(50.0) / odds(40.0)).ln() + (odds(60.0) / odds(30.0)).ln());
        let expected = 100.0 / (1.0 + (-(40.0_f64 / 60.0).ln() - ratio).exp());
        let got = predicted("c", "drug", 52.0).expect("two trials of the target");
        assert!(
            (got.percent - expected).abs() < 1e-12 && got.effect_trials == 2,
            "{got:?}"
        );
        // Without another trial of its target, every other treatment counts.
        assert_eq!(predicted("d", "drug", 52.0).expect("other targets").effect_trials, 2);
    }

    #[test]
    fn results_far_away_in_time_say_nothing() {
        assert!(predicted("c", "placebo", 24.0).is_none() && predicted("c", "placebo", 40.0).is_some());
    }
}
