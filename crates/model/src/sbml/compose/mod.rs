//! Hierarchical models to one network, as the `comp` specification (version 1, release 3) flattens them.
//!
//! `composer` walks through models and files, `merge` puts a submodel into the model around it, `resolve` finds what a
//! reference means, `remove` takes elements out, `convert` renames and converts.

mod composer;
mod convert;
mod merge;
mod remove;
mod resolve;

use std::collections::BTreeMap;

use super::refer::Target;
use crate::network::Network;

pub(super) use composer::Composer;

/// A model with its submodels merged in, and the names under which its elements can be referred to.
struct Flat {
    network: Network,
    ports: BTreeMap<String, Target>,
    /// What is inside each submodel, by its id and by its metaid.
    inside: BTreeMap<String, Inside>,
}

/// The names inside a submodel, in terms of the model around it.
#[derive(Clone)]
struct Inside {
    prefix: String,
    ports: BTreeMap<String, Target>,
    inside: BTreeMap<String, Inside>,
    /// New names of what was replaced.
    renamed: BTreeMap<String, String>,
}
