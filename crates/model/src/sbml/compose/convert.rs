//! Names and units of measure of a submodel, in those of the model around it.

use std::collections::{BTreeMap, BTreeSet};

use crate::network::{Math, Network, Operator, Remarks, RuleKind};
use crate::sbml::UNIT_KINDS;
use crate::sbml::refer::{Replacement, Submodel, Target};

/// How the names and formulas of a submodel change on the way into the model around it.
pub(super) struct Conversion {
    pub prefix: String,
    pub renamed: BTreeMap<String, String>,
    pub units: BTreeMap<String, String>,
    /// Old name to the factor by which its value becomes the new one's.
    pub factors: BTreeMap<String, String>,
    pub time: Option<String>,
    pub extent: Option<String>,
    pub reactions: BTreeSet<String>,
    pub functions: BTreeSet<String>,
}

impl Conversion {
    /// Of a submodel of which nothing is replaced yet.
    pub fn new(submodel: &Submodel, network: &Network) -> Self {
        Conversion {
            prefix: format!("{}__", submodel.id),
            renamed: BTreeMap::new(),
            units: BTreeMap::new(),
            factors: BTreeMap::new(),
            time: submodel.time_factor.clone(),
            extent: submodel.extent_factor.clone(),
            reactions: network.reactions.iter().map(|r| r.id.clone()).collect(),
            functions: network.functions.iter().map(|f| f.id.clone()).collect(),
        }
    }

    /// What was called `old` inside is now the element of the model around that `replacement` belongs to.
    pub fn replace(&mut self, old: &Target, replacement: &Replacement) {
        match (old, &replacement.element) {
            (Target::Id(old), Target::Id(new)) => {
                self.renamed.insert(old.clone(), new.clone());
                if let Some(factor) = &replacement.factor {
                    self.factors.insert(old.clone(), factor.clone());
                }
            }
            (Target::Unit(old), Target::Unit(new)) => {
                self.units.insert(old.clone(), new.clone());
            }
            _ => {}
        }
    }

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

    fn remarks(&self, remarks: &mut Remarks) {
        for name in [&mut remarks.id, &mut remarks.metaid].into_iter().flatten() {
            *name = format!("{}{name}", self.prefix);
        }
        // An annotation points at the metaid it was written under.
        if let (Some(annotation), Some(metaid)) = (&mut remarks.annotation, &remarks.metaid) {
            let old = metaid.strip_prefix(&self.prefix).unwrap_or(metaid);
            *annotation = annotation.replace(&format!("\"#{old}\""), &format!("\"#{metaid}\""));
        }
    }

    /// Renames and converts everything.
    pub fn apply(&self, network: &mut Network) {
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
        for constraint in &mut network.constraints {
            constraint.math = self.math(&constraint.math, &BTreeSet::new());
            self.remarks(&mut constraint.remarks);
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
            self.remarks(&mut reaction.law);
            self.remarks(&mut reaction.remarks);
            for modifier in &mut reaction.modifiers {
                modifier.species = self.name(&modifier.species);
                self.remarks(&mut modifier.remarks);
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
            event.parts.iter_mut().for_each(|part| self.remarks(part));
            for assignment in &mut event.assignments {
                assignment.math = self.value(&assignment.variable, &assignment.math);
                assignment.variable = self.name(&assignment.variable);
                self.remarks(&mut assignment.remarks);
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
