//! Designs that change after a look, tried on the patients of the pool.

mod file;
mod stages;

use malar_model::diagnostic::{Diagnostic, Source};
use malar_trial::results::Labels;
use serde::Serialize;

pub use file::AdaptationFile;
use file::{Reader, Rule};

use super::pool::{Arm, Pool};
use super::{DesignFile, Mixing};

/// Operating characteristics of an adaptive design at one size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Adaptive {
    /// Patients planned.
    pub patients: u32,
    /// Share of trials that win: that reject something they went on with.
    pub power: f64,
    /// Monte-Carlo standard error of it.
    pub power_se: f64,
    /// Share of trials that win if every arm does what the control does.
    pub type_one_error: f64,
    /// Monte-Carlo standard error of it.
    pub type_one_error_se: f64,
    /// Share of trials that would win with nothing adapted: the first arm, everybody, the planned size, one test at the end.
    pub power_unadapted: f64,
    /// Mean patients.
    pub expected_patients: f64,
    /// The same without an effect.
    pub expected_patients_null: f64,
    /// Mean conditional power at the look under the current trend, and mean predictive power; of the first arm.
    pub interim: Interim,
    /// What may be chosen, and how often it is.
    pub choices: Vec<Choice>,
}

/// What the look says of the end, means over trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Interim {
    /// Under the current trend.
    pub conditional_power: f64,
    /// Averaged over what the data say about the effect, flat prior.
    pub predictive_power: f64,
}

/// One thing that may be chosen at the look.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Choice {
    /// What.
    pub what: String,
    /// Share of trials that choose it; of response-adaptive trials, mean share of patients.
    pub share: f64,
    /// The same without an effect.
    pub share_null: f64,
    /// Share of trials that choose it and win.
    pub wins: f64,
}

/// A checked adaptation.
pub(super) struct Adaptation {
    rule: Rule,
    /// Positions of the arms that are compared with the control; the first is the design's own.
    pub arms: Vec<usize>,
    control: usize,
    /// The stratum that may be chosen.
    stratum: Option<String>,
}

/// What a design adapts; `None` if it adapts nothing. Positions are those of the design's arm and of the control.
pub(super) fn read(
    design: &DesignFile,
    source: &Source,
    (labels, arm, control): (&Labels, usize, usize),
) -> Result<Option<Adaptation>, Diagnostic> {
    let Some(file) = &design.adaptation else {
        return Ok(None);
    };
    let reader = Reader {
        file,
        design,
        source,
        labels,
        arm,
        control,
    };
    let (rule, arms) = reader.rule()?;
    let stratum = match file.get_ref() {
        AdaptationFile::Enrichment(enrichment) => Some(enrichment.stratum.clone()),
        _ => None,
    };
    Ok(Some(Adaptation {
        rule,
        arms,
        control,
        stratum,
    }))
}

impl Adaptation {
    /// Names of what may be chosen.
    fn choices(&self, labels: &Labels) -> Vec<String> {
        let names = self.arms.iter().map(|&k| labels.arms[k].clone());
        match (self.rule, &self.stratum) {
            (Rule::SampleSize(_), _) => vec!["planned size".to_owned(), "more patients".to_owned()],
            (_, Some(stratum)) => vec!["everybody".to_owned(), format!("{stratum} only")],
            (Rule::ResponseAdaptive { .. }, _) => std::iter::once(labels.arms[self.control].clone())
                .chain(names)
                .collect(),
            _ => names.collect(),
        }
    }
}

/// A design to be tried: its rule, the pool of every arm it needs, control first, and names of choices.
pub(super) struct Trier<'a> {
    rule: Rule,
    planned: f64,
    alpha: f64,
    mixing: Mixing,
    trials: u32,
    n_trials: usize,
    n_strata: usize,
    seed: u64,
    arms: Vec<&'a Arm>,
    choices: Vec<String>,
}

impl<'a> Trier<'a> {
    /// The design on the patients of a pool that holds its arms.
    pub fn new(
        adaptation: &Adaptation,
        design: &DesignFile,
        (pool, labels): (&'a Pool, &Labels),
        seed: u64,
    ) -> Trier<'a> {
        Trier {
            rule: adaptation.rule,
            planned: design.looks.get_ref()[0],
            alpha: *design.alpha.get_ref(),
            mixing: design.draw,
            trials: design.trials,
            n_trials: pool.n_trials,
            n_strata: pool.n_strata,
            seed,
            arms: pool.arms().collect(),
            choices: adaptation.choices(labels),
        }
    }
}

#[cfg(test)]
mod tests {
    use malar_stats::adaptive::PromisingZone;

    use super::*;
    use crate::design::pool::Patient;

    /// A thousand patients in two strata of equal size, with these percentages of responders.
    fn arm(percent: [usize; 2]) -> Arm {
        let patient = |k: usize| Patient {
            stratum: (k % 2) as u16,
            responded: k / 2 % 100 < percent[k % 2],
        };
        Arm::of((0..1000).map(patient).collect())
    }

    fn tried(rule: Rule, arms: &[&Arm], n_choices: usize) -> Adaptive {
        let trier = Trier {
            rule,
            planned: 0.5,
            alpha: 0.025,
            mixing: Mixing::AllTrials,
            trials: 4000,
            n_trials: 1,
            n_strata: 2,
            seed: 1,
            arms: arms.to_vec(),
            choices: vec![String::new(); n_choices],
        };
        trier.characteristics(300)
    }

    fn zone() -> Rule {
        Rule::SampleSize(PromisingZone::new(0.5, 0.025, (0.3, 0.9), 2.0).unwrap())
    }

    const ENRICH: Rule = Rule::Enrichment {
        factor: 0,
        better_by: 0.5,
    };

    #[test]
    fn no_adaptation_inflates_the_error() {
        let (same, other) = (arm([30, 30]), arm([45, 45]));
        let leaning = Rule::ResponseAdaptive { block: 20 };
        let three = [&same, &other, &other, &other];
        for (rule, arms, n) in [
            (zone(), &three[..2], 2),
            (ENRICH, &three[..2], 2),
            (Rule::BestArm, &three[..], 3),
            (leaning, &three[..2], 2),
        ] {
            let found = tried(rule, arms, n);
            // Three Monte-Carlo standard errors of 4000 trials, and a quarter of alpha for score tests of small tables.
            assert!(
                found.type_one_error < 0.025 + 3.0 * 0.0025 + 0.00625,
                "{rule:?}: {found:?}"
            );
            assert!(found.type_one_error > 0.005, "{rule:?}: {found:?}");
            let chosen: f64 = found.choices.iter().map(|c| c.share).sum();
            assert!((chosen - 1.0).abs() < 1e-9, "{rule:?}: {chosen}");
        }
    }

    #[test]
    fn more_patients_where_promising_buy_power_and_a_subgroup_that_alone_responds_is_found() {
        let (same, other) = (arm([30, 30]), arm([42, 42]));
        let sized = tried(zone(), &[&same, &other], 2);
        assert!(
            sized.power > sized.power_unadapted && sized.expected_patients > 310.0,
            "{sized:?}"
        );
        let inside = arm([30, 55]);
        let enriched = tried(ENRICH, &[&same, &inside], 2);
        assert!(
            enriched.power > enriched.power_unadapted
                && enriched.choices[1].share > enriched.choices[1].share_null + 0.1,
            "{enriched:?}"
        );
    }

    #[test]
    fn the_best_arm_and_the_better_one_are_preferred() {
        let (same, little, much) = (arm([30, 30]), arm([35, 35]), arm([50, 50]));
        let best = tried(Rule::BestArm, &[&same, &little, &much], 2);
        assert!(best.choices[1].share > 0.9 && best.power > 0.7, "{best:?}");
        let leaning = tried(Rule::ResponseAdaptive { block: 20 }, &[&same, &much], 2);
        assert!(
            leaning.choices[1].share > 0.55 && (leaning.choices[1].share_null - 0.5).abs() < 0.02,
            "{leaning:?}"
        );
        let interim = leaning.interim;
        // Predictive power is drawn towards a half by what is not known yet.
        assert!(
            interim.predictive_power < interim.conditional_power && interim.predictive_power > 0.5,
            "{interim:?}"
        );
    }
}
