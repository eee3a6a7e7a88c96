//! What references mean.

use std::collections::BTreeMap;

use super::{Flat, Inside};
use crate::sbml::refer::{Reference, Target};

/// A model's names as itself sees them.
pub(super) fn own_names(flat: &Flat) -> Inside {
    Inside {
        prefix: String::new(),
        ports: flat.ports.clone(),
        inside: flat.inside.clone(),
        renamed: BTreeMap::new(),
    }
}

/// What a reference means, in the names of the model whose names are given.
pub(super) fn resolve(reference: &Reference, names: &Inside) -> Option<Target> {
    let target = if let Some(port) = &reference.port {
        names.ports.get(port)?.clone()
    } else if let Some(id) = &reference.id {
        Target::Id(id.clone())
    } else if let Some(unit) = &reference.unit {
        Target::Unit(unit.clone())
    } else {
        Target::MetaId(reference.metaid.clone()?)
    };
    let Some(inner) = &reference.inner else {
        return Some(target);
    };
    let (Target::Id(step) | Target::MetaId(step) | Target::Unit(step)) = target;
    let inside = names.inside.get(&step)?;
    Some(match resolve(inner, inside)? {
        Target::Id(id) => Target::Id(
            inside
                .renamed
                .get(&id)
                .cloned()
                .unwrap_or_else(|| format!("{}{id}", inside.prefix)),
        ),
        Target::Unit(id) => Target::Unit(format!("{}{id}", inside.prefix)),
        Target::MetaId(id) => Target::MetaId(format!("{}{id}", inside.prefix)),
    })
}
