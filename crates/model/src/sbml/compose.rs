//! Hierarchical models to one network, as the `comp` specification (version 1, release 3) flattens them.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Load, Part, read_document};
use super::refer::{Reference, Replacement, Submodel, Target};
use crate::codes::{COMPOSITION, MODEL_TOO_LARGE};
use crate::diagnostic::{Diagnostic, Source};
use crate::model::Place;
use crate::network::{Math, Network, Operator, RuleKind};

/// Deepest nesting of models and of files.
const MAX_DEPTH: usize = 32;
/// Most elements of all submodels together.
const MAX_ELEMENTS: usize = 1_000_000;

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

pub(super) struct Composer<'a> {
    source: &'a Source,
    documents: Vec<(String, Document)>,
    load: &'a Load<'a>,
    path: Vec<(usize, String)>,
    elements: usize,
}

type Found<T> = Result<T, Vec<Diagnostic>>;

impl<'a> Composer<'a> {
    pub fn new(source: &'a Source, document: Document, load: &'a Load<'a>) -> Self {
        Composer {
            source,
            documents: vec![(source.path.clone(), document)],
            load,
            path: Vec::new(),
            elements: 0,
        }
    }

    pub fn compose(mut self, main: &str) -> Found<Network> {
        Ok(self.flatten(0, main, &Place::default())?.network)
    }

    fn error<T>(&self, place: &Place, message: String, help: &str) -> Found<T> {
        Err(vec![
            Diagnostic::error(COMPOSITION, self.source, place.0.clone(), message).help(help),
        ])
    }

    /// The model `id` of a document with everything inside merged.
    fn flatten(&mut self, document: usize, id: &str, place: &Place) -> Found<Flat> {
        let here = (document, id.to_owned());
        if self.path.contains(&here) {
            return self.error(
                place,
                format!("the model `{id}` contains itself"),
                "remove the submodel that closes the circle",
            );
        }
        if self.path.len() >= MAX_DEPTH {
            return self.error(
                place,
                format!("models are nested more than {MAX_DEPTH} deep"),
                "merge some of them",
            );
        }
        self.path.push(here);
        let result = self.flatten_known(document, id, place);
        self.path.pop();
        result
    }

    fn flatten_known(&mut self, document: usize, id: &str, place: &Place) -> Found<Flat> {
        if let Some(external) = self.documents[document].1.externals.get(id) {
            let (source, model) = (external.source.clone(), external.model.clone());
            let place = if document == 0 {
                external.place.clone()
            } else {
                place.clone()
            };
            let (document, main) = self.open(&source, &place)?;
            return self.flatten(document, &model.unwrap_or(main), &place);
        }
        let Some(Part { network, hierarchy }) = self.documents[document].1.parts.get(id) else {
            return self.error(
                place,
                format!("there is no model `{id}`"),
                "define it, or correct the reference",
            );
        };
        let (mut network, hierarchy) = (network.clone(), hierarchy.clone());
        if document != 0 {
            network.place_all(place);
        }
        self.elements += network.size();
        if self.elements > MAX_ELEMENTS {
            let error = Diagnostic::error(
                MODEL_TOO_LARGE,
                self.source,
                place.0.clone(),
                "the submodels have too many elements",
            );
            return Err(vec![error.help("use fewer submodels")]);
        }
        let mut inside = BTreeMap::new();
        for submodel in &hierarchy.submodels {
            let mut submodel = submodel.clone();
            if document != 0 {
                submodel.place = place.clone();
            }
            let names = self.add(
                document,
                &mut network,
                &submodel,
                &hierarchy.replaced,
                &hierarchy.replaced_by,
            )?;
            if let Some(metaid) = &submodel.metaid {
                inside.insert(metaid.clone(), names.clone());
            }
            inside.insert(submodel.id.clone(), names);
        }
        let mut flat = Flat {
            network,
            ports: BTreeMap::new(),
            inside,
        };
        for (port, reference) in &hierarchy.ports {
            if let Some(target) = resolve(reference, &own_names(&flat)) {
                flat.ports.insert(port.clone(), target);
            }
        }
        Ok(flat)
    }

    /// Reads another file; its number and the id of its main model.
    fn open(&mut self, source: &str, place: &Place) -> Found<(usize, String)> {
        if self.documents.len() > MAX_DEPTH {
            return self.error(
                place,
                format!("more than {MAX_DEPTH} files refer to each other"),
                "merge some of them",
            );
        }
        let loaded = (self.load)(source);
        let text = match loaded {
            Ok(text) => text,
            Err(reason) => {
                return self.error(
                    place,
                    format!("the external model `{source}` cannot be read: {reason}"),
                    "put the file beside this one",
                );
            }
        };
        let known = self.documents.iter().position(|d| d.0 == text.path);
        let at = match known {
            Some(at) => at,
            None => match read_document(&text) {
                Ok(document) => {
                    self.documents.push((text.path.clone(), document));
                    self.documents.len() - 1
                }
                Err(findings) => {
                    let reason = findings
                        .first()
                        .map_or(String::new(), |f| format!("{}: {}", f.code, f.message));
                    return self.error(
                        place,
                        format!("the external model `{source}` cannot be used: {reason}"),
                        "check that file by itself",
                    );
                }
            },
        };
        let main = self.documents[at].1.main.clone().unwrap_or_default();
        Ok((at, main))
    }

    /// Merges a submodel into `network`.
    fn add(
        &mut self,
        document: usize,
        network: &mut Network,
        submodel: &Submodel,
        replaced: &[Replacement],
        replaced_by: &[Replacement],
    ) -> Found<Inside> {
        let mut inner = self.flatten(document, &submodel.model, &submodel.place)?;
        let names = own_names(&inner);
        for deletion in &submodel.deletions {
            match resolve(deletion, &names) {
                Some(target) => remove(&mut inner.network, &target),
                None => {
                    return self.error(
                        &submodel.place,
                        format!("a deletion in `{}` refers to nothing", submodel.id),
                        "correct the reference",
                    );
                }
            }
        }
        let mut conversion = Conversion {
            prefix: format!("{}__", submodel.id),
            renamed: BTreeMap::new(),
            units: BTreeMap::new(),
            factors: BTreeMap::new(),
            time: submodel.time_factor.clone(),
            extent: submodel.extent_factor.clone(),
            reactions: inner.network.reactions.iter().map(|r| r.id.clone()).collect(),
            functions: inner.network.functions.iter().map(|f| f.id.clone()).collect(),
        };
        for replacement in replaced.iter().filter(|r| r.submodel == submodel.id) {
            let Some(target) = resolve(&replacement.of, &names) else {
                return self.error(
                    &replacement.place,
                    format!("the replaced element of `{}` does not exist", submodel.id),
                    "correct the reference",
                );
            };
            if let (Target::Id(old), Target::Id(new)) = (&target, &replacement.element) {
                conversion.renamed.insert(old.clone(), new.clone());
                if let Some(factor) = &replacement.factor {
                    conversion.factors.insert(old.clone(), factor.clone());
                }
            }
            if let (Target::Unit(old), Target::Unit(new)) = (&target, &replacement.element) {
                conversion.units.insert(old.clone(), new.clone());
            }
            remove(&mut inner.network, &target);
        }
        for replacement in replaced_by.iter().filter(|r| r.submodel == submodel.id) {
            let Some(target) = resolve(&replacement.of, &names) else {
                return self.error(
                    &replacement.place,
                    format!("the replacing element of `{}` does not exist", submodel.id),
                    "correct the reference",
                );
            };
            remove(network, &replacement.element);
            if let (Target::Id(old), Target::Id(new)) = (&target, &replacement.element) {
                conversion.renamed.insert(old.clone(), new.clone());
            }
            if let (Target::Unit(old), Target::Unit(new)) = (&target, &replacement.element) {
                conversion.units.insert(old.clone(), new.clone());
            }
        }
        conversion.apply(&mut inner.network);
        let added = inner.network;
        network.functions.extend(added.functions);
        network.units.extend(added.units);
        network.compartments.extend(added.compartments);
        network.species.extend(added.species);
        network.parameters.extend(added.parameters);
        network.initial_assignments.extend(added.initial_assignments);
        network.rules.extend(added.rules);
        network.reactions.extend(added.reactions);
        network.events.extend(added.events);
        Ok(Inside {
            prefix: conversion.prefix,
            ports: inner.ports,
            inside: inner.inside,
            renamed: conversion.renamed,
        })
    }
}

/// A model's names as itself sees them.
fn own_names(flat: &Flat) -> Inside {
    Inside {
        prefix: String::new(),
        ports: flat.ports.clone(),
        inside: flat.inside.clone(),
        renamed: BTreeMap::new(),
    }
}

/// What a reference means, in the names of the model whose names are given.
fn resolve(reference: &Reference, names: &Inside) -> Option<Target> {
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

/// Takes an element out, if it is there.
fn remove(network: &mut Network, target: &Target) {
    let (id, metaid) = match target {
        Target::Unit(id) => return network.units.retain(|u| u.id != *id),
        Target::Id(id) => (Some(id.as_str()), None),
        Target::MetaId(id) => (None, Some(id.as_str())),
    };
    let is_other = |own: &str, remarks: &crate::network::Remarks| match id {
        Some(id) => own != id && remarks.id.as_deref() != Some(id),
        None => remarks.metaid.as_deref() != metaid,
    };
    // A submodel that is itself replaced or deleted goes with everything in it.
    let inside = id.map(|id| format!("{id}__"));
    let keeps = |own: &str, remarks: &crate::network::Remarks| {
        let name = if own.is_empty() {
            remarks.id.as_deref().unwrap_or("")
        } else {
            own
        };
        is_other(own, remarks) && !inside.as_ref().is_some_and(|inside| name.starts_with(inside.as_str()))
    };
    network.functions.retain(|x| keeps(&x.id, &x.remarks));
    network.compartments.retain(|x| keeps(&x.id, &x.remarks));
    network.species.retain(|x| keeps(&x.id, &x.remarks));
    network.parameters.retain(|x| keeps(&x.id, &x.remarks));
    let starts_inside = |name: &str| inside.as_ref().is_some_and(|inside| name.starts_with(inside.as_str()));
    network
        .initial_assignments
        .retain(|x| keeps("", &x.remarks) && !starts_inside(&x.symbol));
    network
        .rules
        .retain(|x| keeps("", &x.remarks) && !starts_inside(&x.variable));
    network.reactions.retain(|x| keeps(&x.id, &x.remarks));
    network.events.retain(|x| keeps(&x.id, &x.remarks));
    for reaction in &mut network.reactions {
        let other = |p: &crate::network::Participant| is_other(p.id.as_deref().unwrap_or(""), &p.remarks);
        reaction.reactants.retain(other);
        reaction.products.retain(other);
        reaction
            .locals
            .retain(|l| metaid.is_none() || l.remarks.metaid.as_deref() != metaid);
        if metaid.is_some() && reaction.law_metaid.as_deref() == metaid {
            reaction.rate = None;
            reaction.locals.clear();
        }
    }
    for event in &mut network.events {
        let gone = |own: &Option<String>| metaid.is_some() && own.as_deref() == metaid;
        if gone(&event.part_metaids[0]) {
            event.trigger = None;
        }
        if gone(&event.part_metaids[1]) {
            event.delay = None;
        }
        if gone(&event.part_metaids[2]) {
            event.priority = None;
        }
        event
            .assignments
            .retain(|a| metaid.is_none() || a.metaid.as_deref() != metaid);
    }
}

/// How the names and formulas of a submodel change on the way into the model around it.
struct Conversion {
    prefix: String,
    renamed: BTreeMap<String, String>,
    units: BTreeMap<String, String>,
    /// Old name to the factor by which its value becomes the new one's.
    factors: BTreeMap<String, String>,
    time: Option<String>,
    extent: Option<String>,
    reactions: BTreeSet<String>,
    functions: BTreeSet<String>,
}

/// Kinds of SBML that are units without a definition.
const UNIT_KINDS: [&str; 36] = [
    "ampere",
    "avogadro",
    "becquerel",
    "candela",
    "celsius",
    "coulomb",
    "dimensionless",
    "farad",
    "gram",
    "gray",
    "henry",
    "hertz",
    "item",
    "joule",
    "katal",
    "kelvin",
    "kilogram",
    "litre",
    "liter",
    "lumen",
    "lux",
    "metre",
    "meter",
    "mole",
    "newton",
    "ohm",
    "pascal",
    "radian",
    "second",
    "siemens",
    "sievert",
    "steradian",
    "tesla",
    "volt",
    "watt",
    "weber",
];

impl Conversion {
    fn name(&self, old: &str) -> String {
        self.renamed
            .get(old)
            .cloned()
            .unwrap_or_else(|| format!("{}{old}", self.prefix))
    }

    fn unit(&self, old: &str) -> String {
        if UNIT_KINDS.contains(&old) {
            return old.to_owned();
        }
        self.units
            .get(old)
            .cloned()
            .unwrap_or_else(|| format!("{}{old}", self.prefix))
    }

    /// A formula in the new names; `bound` names are arguments or local parameters and stay.
    fn math(&self, math: &Math, bound: &BTreeSet<String>) -> Math {
        match math {
            Math::Number(value, unit) => Math::Number(*value, unit.as_ref().map(|u| self.unit(u))),
            Math::Avogadro => Math::Avogadro,
            Math::Time => divided(Math::Time, self.time.as_ref()),
            Math::Name(name) if bound.contains(name) => math.clone(),
            Math::Name(name) => {
                let new = Math::Name(self.name(name));
                if self.reactions.contains(name) {
                    return divided(multiplied(new, self.time.as_ref()), self.extent.as_ref());
                }
                divided(new, self.factors.get(name))
            }
            Math::Apply(operator, arguments) => self.applied(*operator, arguments, bound),
            Math::Call(name, arguments) => {
                let name = if self.functions.contains(name) || self.renamed.contains_key(name) {
                    self.name(name)
                } else {
                    name.clone()
                };
                Math::Call(name, arguments.iter().map(|a| self.math(a, bound)).collect())
            }
            Math::Piecewise(pieces, otherwise) => Math::Piecewise(
                pieces
                    .iter()
                    .map(|(v, c)| (self.math(v, bound), self.math(c, bound)))
                    .collect(),
                otherwise.as_ref().map(|m| Box::new(self.math(m, bound))),
            ),
        }
    }

    fn applied(&self, operator: Operator, arguments: &[Math], bound: &BTreeSet<String>) -> Math {
        if let ("rateOf", [Math::Name(name)]) = (operator.0, arguments)
            && !bound.contains(name)
        {
            let rate = Math::Apply(operator, vec![Math::Name(self.name(name))]);
            return divided(multiplied(rate, self.time.as_ref()), self.factors.get(name));
        }
        let mut new: Vec<Math> = arguments.iter().map(|a| self.math(a, bound)).collect();
        if operator.0 == "delay"
            && let Some(lag) = new.pop()
        {
            new.push(multiplied(lag, self.time.as_ref()));
        }
        Math::Apply(operator, new)
    }

    /// A formula that gives `variable` its value.
    fn value(&self, variable: &str, math: &Math) -> Math {
        multiplied(self.math(math, &BTreeSet::new()), self.factors.get(variable))
    }

    fn optional(&self, name: &mut Option<String>) {
        *name = name.as_ref().map(|old| self.name(old));
    }

    fn optional_unit(&self, unit: &mut Option<String>) {
        *unit = unit.as_ref().map(|old| self.unit(old));
    }

    fn remarks(&self, remarks: &mut crate::network::Remarks) {
        for name in [&mut remarks.id, &mut remarks.metaid].into_iter().flatten() {
            *name = format!("{}{name}", self.prefix);
        }
        // An annotation points at the metaid it was written under.
        if let (Some(annotation), Some(metaid)) = (&mut remarks.annotation, &remarks.metaid) {
            let old = metaid.strip_prefix(&self.prefix).unwrap_or(metaid);
            *annotation = annotation.replace(&format!("\"#{old}\""), &format!("\"#{metaid}\""));
        }
    }

    fn apply(&self, network: &mut Network) {
        let default_factor = network.conversion_factor.take();
        for function in &mut network.functions {
            let bound = function.parameters.iter().cloned().collect();
            function.body = function.body.as_ref().map(|body| self.math(body, &bound));
            function.id = self.name(&function.id);
            self.remarks(&mut function.remarks);
        }
        for unit in &mut network.units {
            unit.id = self.unit(&unit.id);
            self.remarks(&mut unit.remarks);
        }
        for compartment in &mut network.compartments {
            compartment.id = self.name(&compartment.id);
            self.optional_unit(&mut compartment.units);
            self.optional(&mut compartment.outside);
            self.remarks(&mut compartment.remarks);
        }
        for species in &mut network.species {
            species.id = self.name(&species.id);
            species.compartment = self.name(&species.compartment);
            species.conversion_factor = species.conversion_factor.take().or_else(|| default_factor.clone());
            self.optional(&mut species.conversion_factor);
            self.optional_unit(&mut species.substance_units);
            self.remarks(&mut species.remarks);
        }
        for parameter in &mut network.parameters {
            parameter.id = self.name(&parameter.id);
            self.optional_unit(&mut parameter.units);
            self.remarks(&mut parameter.remarks);
        }
        for initial in &mut network.initial_assignments {
            initial.math = self.value(&initial.symbol, &initial.math);
            initial.symbol = self.name(&initial.symbol);
            self.remarks(&mut initial.remarks);
        }
        for rule in &mut network.rules {
            rule.math = self.value(&rule.variable, &rule.math);
            match rule.kind {
                RuleKind::Rate => rule.math = divided(rule.math.clone(), self.time.as_ref()),
                RuleKind::Algebraic | RuleKind::Assignment => {}
            }
            if rule.kind != RuleKind::Algebraic {
                rule.variable = self.name(&rule.variable);
            }
            self.remarks(&mut rule.remarks);
        }
        self.apply_to_reactions(network);
        self.apply_to_events(network);
    }

    fn apply_to_reactions(&self, network: &mut Network) {
        for reaction in &mut network.reactions {
            let bound: BTreeSet<String> = reaction.locals.iter().map(|l| l.id.clone()).collect();
            if let Some(rate) = &reaction.rate {
                let rate = self.math(rate, &bound);
                reaction.rate = Some(divided(multiplied(rate, self.extent.as_ref()), self.time.as_ref()));
            }
            reaction.id = self.name(&reaction.id);
            reaction.compartment = reaction.compartment.as_ref().map(|c| self.name(c));
            reaction.law_metaid = reaction.law_metaid.as_ref().map(|id| format!("{}{id}", self.prefix));
            self.remarks(&mut reaction.remarks);
            for modifier in &mut reaction.modifiers {
                *modifier = self.name(modifier);
            }
            for local in &mut reaction.locals {
                self.optional_unit(&mut local.units);
                self.remarks(&mut local.remarks);
            }
            for participant in reaction.reactants.iter_mut().chain(&mut reaction.products) {
                self.optional(&mut participant.id);
                participant.species = self.name(&participant.species);
                participant.stoichiometry_math = participant
                    .stoichiometry_math
                    .as_ref()
                    .map(|m| self.math(m, &BTreeSet::new()));
                self.remarks(&mut participant.remarks);
            }
        }
    }

    fn apply_to_events(&self, network: &mut Network) {
        let plain = |math: &Option<Math>| math.as_ref().map(|m| self.math(m, &BTreeSet::new()));
        for event in &mut network.events {
            if !event.id.is_empty() {
                event.id = self.name(&event.id);
            }
            event.trigger = plain(&event.trigger);
            event.delay = plain(&event.delay).map(|delay| multiplied(delay, self.time.as_ref()));
            event.priority = plain(&event.priority);
            for metaid in event.part_metaids.iter_mut().flatten() {
                *metaid = format!("{}{metaid}", self.prefix);
            }
            for assignment in &mut event.assignments {
                assignment.math = self.value(&assignment.variable, &assignment.math);
                assignment.variable = self.name(&assignment.variable);
                assignment.metaid = assignment.metaid.as_ref().map(|id| format!("{}{id}", self.prefix));
            }
            self.remarks(&mut event.remarks);
        }
    }
}

fn multiplied(math: Math, factor: Option<&String>) -> Math {
    match factor {
        Some(factor) => Math::apply("times", vec![Math::name(factor), math]),
        None => math,
    }
}

fn divided(math: Math, factor: Option<&String>) -> Math {
    match factor {
        Some(factor) => Math::apply("divide", vec![math, Math::name(factor)]),
        None => math,
    }
}
