//! Modules from networks, so that a text can import SBML.

use super::say::{Wrong, wrong};
use super::symbols::{Arrow, Course, Formula, Happening, Kind, Member, Module, Sides, Symbol};
use crate::codes::UNSUPPORTED;
use crate::model::Place;
use crate::network::math::Math;
use crate::network::parts::{Network, Participant, Reaction, Remarks, RuleKind};

/// The network as a module; everything stands at `place`.
pub(super) fn module(network: &Network, name: &str, place: &Place) -> Result<Module, Wrong> {
    let mut module = Module::named(name);
    module.conversion_factor = network.conversion_factor.clone();
    let mut builder = Builder { module, place };
    builder.quantities(network);
    for reaction in &network.reactions {
        builder.reaction(reaction)?;
    }
    builder.rules(network);
    builder.events(network);
    Ok(builder.module)
}

struct Builder<'a> {
    module: Module,
    place: &'a Place,
}

impl Builder<'_> {
    fn add(&mut self, name: &str, kind: Kind, value: Option<f64>, remarks: &Remarks) -> &mut Symbol {
        let at = self.module.add(Symbol {
            name: name.to_owned(),
            kind,
            formula: value.map(|value| Formula::own(Math::number(value))),
            remarks: Remarks {
                name: remarks.name.clone(),
                sbo_term: remarks.sbo_term.clone(),
                notes: remarks.notes.clone(),
                ..Remarks::default()
            },
            place: self.place.clone(),
            ..Symbol::default()
        });
        &mut self.module.symbols[at]
    }

    fn quantities(&mut self, network: &Network) {
        for unit in &network.units {
            let units = unit.units.clone();
            self.add(&unit.id, Kind::Unit, None, &unit.remarks).definition = Some(units);
        }
        for c in &network.compartments {
            let symbol = self.add(&c.id, Kind::Compartment, c.size, &c.remarks);
            (symbol.constant, symbol.unit) = (Some(c.constant), c.units.clone());
        }
        for s in &network.species {
            let symbol = self.add(&s.id, Kind::Species, None, &s.remarks);
            symbol.compartment = Some(s.compartment.clone());
            symbol.substance_only = s.substance_only;
            symbol.constant = (s.boundary || s.constant).then_some(true);
            symbol.conversion_factor = s.conversion_factor.clone();
            let home = || Math::name(&s.compartment);
            let math = match (s.initial_amount, s.initial_concentration, s.substance_only) {
                (Some(amount), _, true) => Some(Math::number(amount)),
                (_, Some(concentration), false) => Some(Math::number(concentration)),
                (Some(amount), None, false) => Some(Math::apply("divide", vec![Math::number(amount), home()])),
                (None, Some(c), true) => Some(Math::apply("times", vec![Math::number(c), home()])),
                _ => None,
            };
            symbol.formula = math.map(Formula::own);
        }
        for p in &network.parameters {
            let symbol = self.add(&p.id, Kind::Number, p.value, &p.remarks);
            (symbol.constant, symbol.unit) = (Some(p.constant), p.units.clone());
        }
    }

    fn reaction(&mut self, reaction: &Reaction) -> Result<(), Wrong> {
        if reaction.fast {
            let message = format!("the imported reaction `{}` is `fast`", reaction.id);
            return wrong(UNSUPPORTED, message, "give it a large rate instead");
        }
        let global = |name: &str| format!("{}_{name}", reaction.id);
        for local in &reaction.locals {
            self.add(&global(&local.id), Kind::Number, local.value, &local.remarks)
                .unit = local.units.clone();
        }
        let is_local = |name: &str| reaction.locals.iter().any(|local| local.id == name);
        let leaf = |leaf: &Math| match leaf {
            Math::Name(name) if is_local(name) => Math::Name(global(name)),
            other => other.clone(),
        };
        let mut side = |members: &[Participant]| -> Vec<Member> {
            members.iter().map(|member| self.member(reaction, member)).collect()
        };
        let sides = Sides {
            left: side(&reaction.reactants),
            right: side(&reaction.products),
            arrow: if reaction.reversible {
                Arrow::Reversible
            } else {
                Arrow::Irreversible
            },
        };
        let rate = reaction
            .rate
            .as_ref()
            .map(|rate| Formula::own(rate.map(&leaf, &str::to_owned)));
        let symbol = self.add(&reaction.id, Kind::Reaction, None, &reaction.remarks);
        (symbol.sides, symbol.formula) = (Some(sides), rate);
        symbol.compartment = reaction.compartment.clone();
        Ok(())
    }

    fn member(&mut self, reaction: &Reaction, member: &Participant) -> Member {
        let named = member.id.clone().or_else(|| {
            let name = format!("{}_{}_stoichiometry", reaction.id, member.species);
            member.stoichiometry_math.as_ref().map(|_| name)
        });
        if let Some(name) = &named {
            let symbol = self.add(name, Kind::Stoichiometry, member.stoichiometry, &member.remarks);
            symbol.constant = Some(member.constant);
            if let Some(math) = &member.stoichiometry_math {
                (symbol.course, symbol.formula) = (Course::Assigned, Some(Formula::own(math.clone())));
            }
        }
        Member {
            count: member.stoichiometry.unwrap_or(1.0),
            named,
            species: member.species.clone(),
        }
    }

    fn rules(&mut self, network: &Network) {
        for initial in &network.initial_assignments {
            if let Some(at) = self.module.position(&initial.symbol) {
                self.module.symbols[at].formula = Some(Formula::own(initial.math.clone()));
            }
        }
        for rule in &network.rules {
            let formula = Some(Formula::own(rule.math.clone()));
            let at = self.module.position(&rule.variable);
            match (rule.kind, at) {
                (RuleKind::Algebraic, _) => {
                    let name = match &rule.remarks.id {
                        Some(id) if self.module.position(id).is_none() => id.clone(),
                        _ => self.module.numbered("_alg"),
                    };
                    self.add(&name, Kind::Algebraic, None, &rule.remarks).formula = formula;
                }
                (RuleKind::Assignment, Some(at)) => {
                    let symbol = &mut self.module.symbols[at];
                    (symbol.course, symbol.formula) = (Course::Assigned, formula);
                }
                (RuleKind::Rate, Some(at)) => {
                    let symbol = &mut self.module.symbols[at];
                    (symbol.course, symbol.rate) = (Course::Rated, formula);
                }
                (_, None) => {}
            }
        }
    }

    fn events(&mut self, network: &Network) {
        for event in network.events.iter().filter(|event| event.trigger.is_some()) {
            let own = |math: &Option<Math>| math.clone().map(Formula::own);
            let happening = Happening {
                delay: own(&event.delay),
                priority: own(&event.priority),
                initial_value: event.initial_value,
                persistent: event.persistent,
                from_trigger: event.values_from_trigger_time,
                changes: event
                    .assignments
                    .iter()
                    .map(|a| (a.variable.clone(), Formula::own(a.math.clone())))
                    .collect(),
            };
            let trigger = own(&event.trigger);
            let is_free = !event.id.is_empty() && self.module.position(&event.id).is_none();
            let name = if is_free {
                event.id.clone()
            } else {
                self.module.numbered("_E")
            };
            let symbol = self.add(&name, Kind::Event, None, &event.remarks);
            (symbol.formula, symbol.event) = (trigger, Some(happening));
        }
    }
}
