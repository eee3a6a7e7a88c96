//! A submodel into the model around it.

use super::Inside;
use super::composer::{Composer, Found};
use super::convert::Conversion;
use super::remove::remove;
use super::resolve::{own_names, resolve};
use crate::network::Network;
use crate::sbml::refer::{Hierarchy, Replacement, Submodel, Target};

impl Composer<'_> {
    /// Merges a submodel into `network`; its names as they are there.
    pub(super) fn add(
        &mut self,
        document: usize,
        network: &mut Network,
        submodel: &Submodel,
        around: &Hierarchy,
    ) -> Found<Inside> {
        let mut inner = self.flatten(document, &submodel.model, &submodel.place)?;
        let names = own_names(&inner);
        self.delete(&mut inner.network, submodel, &names)?;
        let mut conversion = Conversion::new(submodel, &inner.network);
        let of_this = |replacement: &&Replacement| replacement.submodel == submodel.id;
        for replacement in around.replaced.iter().filter(of_this) {
            let old = self.meant(replacement, &names, "replaced")?;
            remove(&mut inner.network, &old);
            conversion.replace(&old, replacement);
        }
        for replacement in around.replaced_by.iter().filter(of_this) {
            let kept = self.meant(replacement, &names, "replacing")?;
            remove(network, &replacement.element);
            conversion.replace(&kept, replacement);
        }
        conversion.apply(&mut inner.network);
        network.append(inner.network);
        Ok(Inside {
            prefix: conversion.prefix,
            ports: inner.ports,
            inside: inner.inside,
            renamed: conversion.renamed,
        })
    }

    fn delete(&self, network: &mut Network, submodel: &Submodel, names: &Inside) -> Found<()> {
        for deletion in &submodel.deletions {
            let Some(target) = resolve(deletion, names) else {
                let message = format!("a deletion in `{}` refers to nothing", submodel.id);
                return self.error(&submodel.place, message, "correct the reference");
            };
            remove(network, &target);
        }
        Ok(())
    }

    /// The element of the submodel that a replacement speaks of.
    fn meant(&self, replacement: &Replacement, names: &Inside, how: &str) -> Found<Target> {
        match resolve(&replacement.of, names) {
            Some(target) => Ok(target),
            None => {
                let message = format!("the {how} element of `{}` does not exist", replacement.submodel);
                self.error(&replacement.place, message, "correct the reference")
            }
        }
    }
}
