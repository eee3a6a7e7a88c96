//! What a placebo response hangs on: the same trial with one of its sources taken away.

use malar_patients::Population;
use malar_stats::descriptive::{mean, standard_deviation};
use serde::Serialize;

use super::arms::Arm;
use super::keeping::follow_all;
use super::{EARLY, ENDPOINTS, LATE, Runner, Trial, rates};
use crate::finding::InputError;
use crate::run::RunError;

/// Numbers of a population set to values that take a source away.
pub(super) struct Switch {
    pub says: &'static str,
    pub numbers: &'static [(&'static str, f64)],
}

const OFFSET: (&str, f64) = ("clinical.trial_effect.offset", 0.0);
const TRIGGERS: (&str, f64) = ("trigger_jump", 0.0);
/// So long that nothing fades in a trial, days.
const NEVER: f64 = 1e9;

/// Every number that differs from visit to visit without the disease or the physician.
const NOISE: &[(&str, f64)] = &[
    ("clinical.measurement.organ_noise_sd", 0.0),
    ("clinical.measurement.item_noise_sd", 0.0),
    ("clinical.measurement.bilag_noise_sd", 0.0),
    ("clinical.measurement.pga_visit_sd", 0.0),
    ("clinical.measurement.c3_cv", 0.0),
    ("clinical.measurement.c4_cv", 0.0),
    ("clinical.measurement.anti_dsdna_cv", 0.0),
    ("clinical.measurement.c3_drift_sd", 0.0),
    ("clinical.measurement.c4_drift_sd", 0.0),
    ("clinical.measurement.anti_dsdna_drift_sd", 0.0),
];

/// Sources in the order of the page; the trial effect first.
pub(super) const SWITCHES: [Switch; 9] = [
    Switch {
        says: "trial effect gone from the start",
        numbers: &[OFFSET],
    },
    Switch {
        says: "trial effect there, and never fading",
        numbers: &[
            ("clinical.trial_effect.lost_before_first_visit", 0.0),
            ("clinical.trial_effect.half_time", NEVER),
        ],
    },
    Switch {
        says: "trial effect at its mean in every trial",
        numbers: &[("clinical.trial_effect.between_trial_sd", 0.0)],
    },
    Switch {
        says: "trial effect the same in every patient",
        numbers: &[("clinical.trial_effect.between_patients_sd", 0.0)],
    },
    Switch {
        says: "no noise from visit to visit",
        numbers: NOISE,
    },
    Switch {
        says: "no flare triggers",
        numbers: &[TRIGGERS],
    },
    Switch {
        says: "all patients and items equally severe",
        numbers: &[
            ("clinical.measurement.severity_sd", 0.0),
            ("clinical.measurement.item_lasting_sd", 0.0),
        ],
    },
    Switch {
        says: "nobody leaves or needs restricted medication",
        numbers: &[
            ("clinical.practice.dropout_administrative", 0.0),
            ("clinical.practice.dropout_lack_of_efficacy", 0.0),
            ("clinical.practice.rescue_probability", 0.0),
            ("clinical.practice.restricted_background_per_visit", 0.0),
        ],
    },
    Switch {
        says: "neither trial effect nor triggers",
        numbers: &[OFFSET, TRIGGERS],
    },
];

/// The response without one source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Switched {
    /// What was taken away; the first entry is the trial as it is.
    pub without: String,
    /// One entry per endpoint of [`ENDPOINTS`].
    pub effects: Vec<Effect>,
    /// Screening visits that fail, percent.
    pub screening_failed: f64,
}

/// One endpoint; percent, changes in points.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// Endpoint id.
    pub endpoint: String,
    /// Responders at the early visit.
    pub early: f64,
    /// Responders at the late visit.
    pub late: f64,
    /// Change at the late visit against the trial as it is.
    pub change: f64,
    /// Its standard error, over pairs of simulated trials with the same luck.
    pub change_se: f64,
    /// Standard deviation over simulated trials at the late visit.
    pub spread: f64,
    /// Early responders who respond at every visit to the late one, percent.
    pub kept: f64,
}

/// Fails if a population lacks a number that a switch sets: the switch would do nothing.
pub(super) fn check(population: &Population) -> Result<(), InputError> {
    let all = SWITCHES.iter().flat_map(|switch| switch.numbers);
    let mut missing = all.filter(|(name, _)| population.number(name).is_none());
    missing.next().map_or(Ok(()), |(name, _)| {
        Err(InputError::Unknown {
            kind: "number of the population",
            name: (*name).to_owned(),
            help: format!(
                "population `{}` needs it so that its source can be switched off",
                population.id
            ),
        })
    })
}

/// The trial as it is, then without each source.
pub(super) fn switched(runner: &Runner<'_>, arm: &Arm, as_is: &[Trial]) -> Result<Vec<Switched>, RunError> {
    let mut found = vec![described("nothing: the trial as it is", arm, as_is, as_is)];
    for switch in &SWITCHES {
        let trials = runner.run(arm, |population| set(population, switch))?;
        found.push(described(switch.says, arm, &trials, as_is));
    }
    Ok(found)
}

fn set(population: &mut Population, switch: &Switch) {
    for (name, value) in switch.numbers {
        *population
            .number_mut(name)
            .expect("checked before anything is simulated") = *value;
    }
}

fn described(without: &str, arm: &Arm, trials: &[Trial], as_is: &[Trial]) -> Switched {
    let effect = |id: &&str| {
        let endpoint = arm.endpoint(id)?;
        let (late, before) = (rates(trials, endpoint, LATE), rates(as_is, endpoint, LATE));
        let changes: Vec<f64> = late.iter().zip(&before).map(|(now, then)| now - then).collect();
        let spread = |values: &[f64]| standard_deviation(values).unwrap_or(f64::NAN);
        let centre = |values: &[f64]| mean(values).unwrap_or(f64::NAN);
        Some(Effect {
            endpoint: (*id).to_owned(),
            early: centre(&rates(trials, endpoint, EARLY)),
            late: centre(&late),
            change: centre(&changes),
            change_se: spread(&changes) / (changes.len() as f64).sqrt(),
            spread: spread(&late),
            kept: follow_all(trials, endpoint, |reason| reason == 0).kept(),
        })
    };
    let (attempts, randomised) = (trials.iter().map(|trial| trial.screening))
        .fold((0, 0), |(attempts, randomised), (own, in_trial)| {
            (attempts + own, randomised + in_trial)
        });
    Switched {
        without: without.to_owned(),
        effects: ENDPOINTS.iter().filter_map(effect).collect(),
        screening_failed: 100.0 - 100.0 * f64::from(randomised) / f64::from(attempts),
    }
}
