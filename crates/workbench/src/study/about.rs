//! What a reader should know beside a run's numbers.

use malar_evidence::Published as Evidence;
use malar_patients::Population;
use malar_trial::{Parts, Support};

use super::used::Used;
use super::{Request, Size};
use crate::catalog::{Kind, Library};
use crate::finding::{Finding, InputError};
use crate::run::About;

/// What was published about the trial, and which fitted trials hold some of its patients.
pub(super) struct Beside {
    pub(super) own: Option<Evidence>,
    shares_patients_with: Vec<String>,
}

pub(super) fn evidence(used: &mut Used<'_>, id: Option<&str>, population: &Population) -> Result<Beside, InputError> {
    let mut read = |id: &str| -> Result<Option<Evidence>, InputError> {
        let Some(source) = used.find(Kind::Evidence, id) else {
            return Ok(None);
        };
        let one = malar_evidence::Library::new(vec![source.clone()]).map_err(|found| Finding::all(found, source))?;
        Ok(one.iter().next().cloned())
    };
    let own = id.map(&mut read).transpose()?.flatten();
    let mut shares_patients_with = Vec::new();
    if let Some(own) = &own {
        for fitted in &population.calibrated_on {
            let Some(other) = read(fitted)? else { continue };
            if own.may_share_patients(&other) {
                shares_patients_with.push(other.id);
            }
        }
    }
    Ok(Beside {
        own,
        shares_patients_with,
    })
}

pub(super) fn about(used: &Used<'_>, parts: &Parts, evidence: &Beside, request: &Request, size: &Size) -> About {
    let protocol = &parts.protocol;
    let primary = protocol
        .endpoints
        .iter()
        .find_map(|(usage, _)| Some((usage.id.clone(), usage.primary_week?)));
    let criteria = parts.endpoints.values().flat_map(|endpoint| &endpoint.criteria);
    About {
        name: protocol.name.clone(),
        sledai: Some(protocol.sledai),
        population: protocol.population.clone(),
        calibrated_on: parts.population.calibrated_on.clone(),
        shares_patients_with: evidence.shares_patients_with.clone(),
        reason_words: criteria
            .map(|criterion| (criterion.id.clone(), criterion.label.clone()))
            .collect(),
        arms: protocol
            .arms
            .iter()
            .map(|arm| (arm.id.clone(), therapies(arm)))
            .collect(),
        weak_arms: weak_arms(parts),
        warnings: warnings(used.library, parts),
        primary,
        assumptions: used.assumptions(),
        question: size.question.clone(),
        command: command(used.library, request, size),
        posterior: None,
    }
}

/// Therapy ids of an arm joined by `+`, `placebo` without any.
fn therapies(arm: &malar_trial::Arm) -> String {
    let given = arm.therapies.iter().filter(|(usage, _)| usage.daily_dose != Some(0.0)); // 0 stops a background drug
    let mut ids: Vec<&str> = given.map(|(usage, _)| usage.id.as_str()).collect();
    ids.dedup();
    if ids.is_empty() {
        "placebo".into()
    } else {
        ids.join("+")
    }
}

/// Arms that give a weakly supported therapy which some other arm lacks; in a trial of one arm, any. Background that everybody takes
/// moves no comparison and is said once, in the warnings.
fn weak_arms(parts: &Parts) -> Vec<String> {
    let arms = &parts.protocol.arms;
    let gives = |arm: &malar_trial::Arm, id: &str| {
        let mut given = arm.therapies.iter().filter(|(usage, _)| usage.daily_dose != Some(0.0));
        given.any(|(usage, _)| usage.id == id)
    };
    let is_weak = |id: &str| {
        let product = parts.products.get(id);
        product.is_some_and(|product| product.therapy.support == Support::Weak)
    };
    let tells = |id: &str| arms.len() == 1 || !arms.iter().all(|arm| gives(arm, id));
    let rests_on_weak = |arm: &&malar_trial::Arm| {
        let ids = arm.therapies.iter().map(|(usage, _)| usage.id.as_str());
        ids.into_iter().any(|id| gives(arm, id) && is_weak(id) && tells(id))
    };
    arms.iter().filter(rests_on_weak).map(|arm| arm.id.clone()).collect()
}

/// What to know before believing the numbers.
fn warnings(library: &Library, parts: &Parts) -> Vec<String> {
    let mut warnings = malar_trial::warnings(&parts.protocol, &parts.products);
    if let Some(variant) = library.variant() {
        warnings.push(format!(
            "the disease model is the structural alternative `{variant}`; the population was fitted to the model without it"
        ));
    }
    warnings
}

pub(super) fn command(library: &Library, request: &Request, size: &Size) -> String {
    let variant = library.variant().map_or(String::new(), |id| format!(" --variant {id}"));
    let patients = size
        .patients
        .map_or(String::new(), |patients| format!(" --patients {patients}"));
    format!(
        "malar run {} --replicates {}{patients} --seed {}{variant}",
        request.study, size.replicates, size.seed
    )
}
