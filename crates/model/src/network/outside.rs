//! What reaches a network from outside: values at the start that differ between patients, and doses.

use super::math::Math;
use super::parts::{
    Event, InitialAssignment, Network, Parameter, Participant, Reaction, Remarks, Rule, RuleKind, Species,
};
use crate::model::Place;

/// Where a dose goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dosed {
    /// The quantity that takes it.
    pub name: String,
    /// The quantity to which the rate of an infusion is added while it lasts.
    pub rate: String,
    /// True if only infusions make sense: a constant that stands for a rate.
    pub is_rate: bool,
    /// The compartment by whose size an amount is divided, if formulas mean a concentration.
    pub compartment: Option<String>,
}

/// Why something cannot be set or dosed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// The network has nothing of this name.
    #[error("the model has nothing of this name")]
    Unknown,
    /// An assignment rule says what it is, always.
    #[error("an assignment rule says what it is")]
    Defined,
    /// It is declared constant.
    #[error("it is declared constant")]
    Constant,
    /// An algebraic rule may determine it.
    #[error("an algebraic rule may determine it")]
    Algebraic,
    /// It is neither a species nor something with a rate of its own.
    #[error("nothing integrates it")]
    NotIntegrated,
}

/// True for what stands for values from outside: its name is one that no document can have.
pub(crate) fn is_outside(name: &str) -> bool {
    name.contains(' ')
}

impl Network {
    /// Gives a quantity another value at the start, in whatever way formulas mean it: the concentration of a species, or its
    /// amount if it is `hasOnlySubstanceUnits`.
    pub fn set(&mut self, name: &str, value: f64) -> Result<(), Closed> {
        self.open(name)?;
        for parameter in self.parameters.iter_mut().filter(|p| p.id == name) {
            parameter.value = Some(value);
        }
        for compartment in self.compartments.iter_mut().filter(|c| c.id == name) {
            compartment.size = Some(value);
        }
        if let Some(at) = self.species.iter().position(|s| s.id == name) {
            let is_amount = self.is_amount(&self.species[at]);
            self.species[at].initial_amount = is_amount.then_some(value);
            self.species[at].initial_concentration = (!is_amount).then_some(value);
        }
        let participants = self
            .reactions
            .iter_mut()
            .flat_map(|r| r.reactants.iter_mut().chain(&mut r.products));
        for participant in participants.filter(|p| p.id.as_deref() == Some(name)) {
            participant.stoichiometry = Some(value);
        }
        self.initial_assignments.retain(|initial| initial.symbol != name);
        Ok(())
    }

    /// Lets the value of `name` at the start come from outside; the name of the quantity that stands for it.
    pub fn set_later(&mut self, name: &str) -> Result<String, Closed> {
        self.open(name)?;
        let given = format!("{name} given");
        self.initial_assignments.retain(|initial| initial.symbol != name);
        self.initial_assignments.push(InitialAssignment {
            symbol: name.to_owned(),
            math: Math::name(&given),
            remarks: Remarks::default(),
            place: Place::default(),
        });
        self.add_outside(&given, None);
        Ok(given)
    }

    /// Names whose value at the start can be set.
    pub fn open_names(&self) -> Vec<&str> {
        let names: Vec<&str> = self.names().collect();
        names.into_iter().filter(|name| self.open(name).is_ok()).collect()
    }

    fn open(&self, name: &str) -> Result<(), Closed> {
        let is_reaction = self.reactions.iter().any(|r| r.id == name);
        if is_reaction || !self.names().any(|known| known == name) {
            return Err(Closed::Unknown);
        }
        match self.rule(name) {
            Some(RuleKind::Assignment) => Err(Closed::Defined),
            _ => Ok(()),
        }
    }

    fn rule(&self, name: &str) -> Option<RuleKind> {
        self.rules.iter().find(|r| r.variable == name).map(|r| r.kind)
    }

    /// True if formulas mean the amount of the species: `hasOnlySubstanceUnits`, or a home without size.
    pub fn is_amount(&self, species: &Species) -> bool {
        species.is_amount_in(self.compartments.iter().find(|c| c.id == species.compartment))
    }

    /// What the numbers of compartments in a table of doses count: species, or, where there are none, quantities with a rate
    /// rule; in the order of the text.
    pub fn dose_order(&self) -> Vec<&str> {
        if !self.species.is_empty() {
            return self.species.iter().map(|s| s.id.as_str()).collect();
        }
        let rated = |p: &&Parameter| self.rule(&p.id) == Some(RuleKind::Rate);
        self.parameters.iter().filter(rated).map(|p| p.id.as_str()).collect()
    }

    /// Lets doses go into `name`: adds a zero-order flow, off at first, that an infusion switches on.
    pub fn take_doses(&mut self, name: &str) -> Result<Dosed, Closed> {
        if let Some(species) = self.species.iter().find(|s| s.id == name).cloned() {
            return self.dose_species(&species);
        }
        let parameter = self.parameters.iter().find(|p| p.id == name).ok_or(Closed::Unknown)?;
        let stays = parameter.constant || !self.is_assigned_by_events(name);
        let rate = format!("{name} infusion");
        match self.rule(name) {
            Some(RuleKind::Rate) => {
                self.add_to_rate(name, Math::name(&rate));
                self.add_outside(&rate, Some(0.0));
                Ok(dosed(name, rate, None))
            }
            Some(_) => Err(Closed::Defined),
            None if !parameter.constant && self.has_algebraic_rules() => Err(Closed::Algebraic),
            None if !stays => Err(Closed::NotIntegrated),
            None => Ok(Dosed {
                is_rate: true,
                ..dosed(name, name.to_owned(), None)
            }),
        }
    }

    fn dose_species(&mut self, species: &Species) -> Result<Dosed, Closed> {
        let name = &species.id;
        if species.constant {
            return Err(Closed::Constant);
        }
        let rate = format!("{name} infusion");
        let compartment = (!self.is_amount(species)).then(|| species.compartment.clone());
        let mut flow = Math::name(&rate);
        let reacts = self.reactions.iter().any(|r| {
            let mut sides = r.reactants.iter().chain(&r.products);
            sides.any(|p| p.species == *name)
        });
        match self.rule(name) {
            Some(RuleKind::Rate) => {
                if let Some(home) = &compartment {
                    flow = Math::apply("divide", vec![flow, Math::name(home)]);
                }
                self.add_to_rate(name, flow);
            }
            Some(_) => return Err(Closed::Defined),
            None if species.boundary => {
                if let Some(home) = &compartment {
                    flow = Math::apply("divide", vec![flow, Math::name(home)]);
                }
                self.rules.push(Rule {
                    kind: RuleKind::Rate,
                    variable: name.clone(),
                    math: flow,
                    remarks: Remarks::default(),
                    place: species.place.clone(),
                });
            }
            None if !reacts && self.has_algebraic_rules() => return Err(Closed::Algebraic),
            None => self.add_flow(species, flow),
        }
        self.add_outside(&rate, Some(0.0));
        Ok(dosed(name, rate, compartment))
    }

    /// A reaction that makes the species out of nothing, in substance per time.
    fn add_flow(&mut self, species: &Species, flow: Math) {
        let factor = species.conversion_factor.as_ref().or(self.conversion_factor.as_ref());
        // Extents are multiplied by the factor to give substance; a dose is substance already.
        let rate = match factor {
            Some(factor) => Math::apply("divide", vec![flow, Math::name(factor)]),
            None => flow,
        };
        self.reactions.push(Reaction {
            id: format!("{} infusion flow", species.id),
            products: vec![Participant {
                species: species.id.clone(),
                stoichiometry: Some(1.0),
                constant: true,
                ..Participant::default()
            }],
            rate: Some(rate),
            place: species.place.clone(),
            ..Reaction::default()
        });
    }

    fn add_to_rate(&mut self, name: &str, flow: Math) {
        let of_name = |r: &&mut Rule| r.variable == name && r.kind == RuleKind::Rate;
        for rule in self.rules.iter_mut().filter(of_name) {
            rule.math = Math::apply("plus", vec![rule.math.clone(), flow.clone()]);
        }
    }

    fn add_outside(&mut self, id: &str, value: Option<f64>) {
        if self.parameters.iter().all(|p| p.id != id) {
            self.parameters.push(Parameter {
                id: id.to_owned(),
                value,
                constant: true,
                ..Parameter::default()
            });
        }
    }

    fn has_algebraic_rules(&self) -> bool {
        self.rules.iter().any(|r| r.kind == RuleKind::Algebraic)
    }

    fn is_assigned_by_events(&self, name: &str) -> bool {
        let assigns = |event: &Event| event.assignments.iter().any(|a| a.variable == name);
        self.events.iter().any(assigns)
    }
}

fn dosed(name: &str, rate: String, compartment: Option<String>) -> Dosed {
    Dosed {
        name: name.to_owned(),
        rate,
        is_rate: false,
        compartment,
    }
}
