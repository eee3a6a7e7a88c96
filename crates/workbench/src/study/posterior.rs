//! Numbers of a posterior in place of a population's own.

use std::collections::BTreeMap;

use malar_model::Equations;
use malar_trial::{Parts, Product, Therapy};

use super::parts::product;
use super::used::Used;
use crate::catalog::Kind;
use crate::finding::{Finding, InputError};
use crate::posterior::Posterior;

/// Gives the population every number of the posterior.
pub(super) fn lay_over(posterior: &Posterior, used: &mut Used<'_>, parts: &mut Parts) -> Result<(), InputError> {
    let mut therapies: BTreeMap<String, Product> = parts.products.clone();
    for (id, _) in posterior.names.iter().filter_map(|name| name.split_once('.')) {
        let Some(source) = used
            .library
            .find(Kind::Therapies, id)
            .filter(|_| !therapies.contains_key(id))
        else {
            continue;
        };
        // Only to know that the number exists; what the trial does not give is no part of its manifest.
        let therapy = Therapy::parse(source).map_err(|found| vec![Finding::new(found, source)])?;
        therapies.insert(id.to_owned(), product(&mut Used::new(used.library), therapy, source)?);
    }
    let known = |name: &str| match name.split_once('.') {
        Some((therapy, own)) => therapies.get(therapy).is_some_and(|t| has_parameter(&t.equations, own)),
        None => has_parameter(&parts.model, name),
    };
    let unknown = posterior.extend(&mut parts.population, known);
    unknown.map_err(|name| InputError::Unknown {
        kind: "number",
        name,
        help: "write a number of the population such as `k_skin.median`, `therapy.parameter`, or a parameter of the disease \
               model; if the model has changed since, calibrate again"
            .into(),
    })
}

fn has_parameter(equations: &Equations, name: &str) -> bool {
    let symbol = equations.arena.find_symbol(name);
    equations.parameters.iter().any(|p| Some(p.symbol) == symbol)
}
