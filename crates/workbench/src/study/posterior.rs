//! Other numbers in place of a population's own: those of a posterior, or some that somebody wants to see changed.

use std::collections::BTreeMap;

use malar_model::Equations;
use malar_trial::{Parts, Product, Therapy};

use super::parts::product;
use super::used::Used;
use crate::catalog::Kind;
use crate::finding::{Finding, InputError};
use crate::posterior::Posterior;

/// Numbers by the names that a posterior would give them.
pub(crate) type Numbers = BTreeMap<String, f64>;

/// Gives the population every number of the posterior, and notes what it is now fitted to.
pub(super) fn lay_over(posterior: &Posterior, used: &mut Used<'_>, parts: &mut Parts) -> Result<(), InputError> {
    let first = posterior.names.iter().zip(&posterior.members[0]);
    make_room(first, used, parts)?;
    let calibrated_on = &mut parts.population.calibrated_on;
    for trial in &posterior.calibrated_on {
        if !calibrated_on.contains(trial) {
            calibrated_on.push(trial.clone());
        }
    }
    Ok(())
}

/// Makes room in the population for numbers of therapies and the disease model that are not its own; those that are its own stay.
pub(super) fn make_room<'a>(
    numbers: impl Iterator<Item = (&'a String, &'a f64)> + Clone,
    used: &mut Used<'_>,
    parts: &mut Parts,
) -> Result<(), InputError> {
    let others = others(numbers.clone().map(|(name, _)| name), used, &parts.products)?;
    let product = |id: &str| parts.products.get(id).or_else(|| others.get(id));
    let known = |name: &str| match name.split_once('.') {
        Some((therapy, own)) => product(therapy).is_some_and(|t| has_parameter(&t.equations, own)),
        None => has_parameter(&parts.model, name),
    };
    for (name, value) in numbers {
        match parts.population.number_mut(name) {
            Some(_) => {}
            None if known(name) => parts.population.add_constant(name, *value),
            None => return Err(unknown(name.clone())),
        }
    }
    Ok(())
}

fn unknown(name: String) -> InputError {
    let help = "write a number of the population such as `k_skin.median`, `therapy.parameter`, or a parameter of the disease model; \
                if the model has changed since, calibrate again";
    let (kind, help) = ("number", help.into());
    InputError::Unknown { kind, name, help }
}

/// Products of therapies that the names mention and the trial does not give.
fn others<'a>(
    names: impl Iterator<Item = &'a String>,
    used: &mut Used<'_>,
    own: &BTreeMap<String, Product>,
) -> Result<BTreeMap<String, Product>, InputError> {
    let mut others = BTreeMap::new();
    for (id, _) in names.filter_map(|name| name.split_once('.')) {
        let found = used.library.find(Kind::Therapies, id);
        let is_known = own.contains_key(id) || others.contains_key(id);
        let Some(source) = found.filter(|_| !is_known) else {
            continue;
        };
        // Only to know that the number exists; what the trial does not give is no part of its manifest.
        let therapy = Therapy::parse(source).map_err(|found| vec![Finding::new(found, source)])?;
        others.insert(id.to_owned(), product(&mut Used::new(used.library), therapy, source)?);
    }
    Ok(others)
}

fn has_parameter(equations: &Equations, name: &str) -> bool {
    let symbol = equations.arena.find_symbol(name);
    equations.parameters.iter().any(|p| Some(p.symbol) == symbol)
}
