//! The document: what a network is made of. Fields that a file leaves out are `None` where leaving out means something,
//! else hold the default of the file's SBML level.

use std::collections::BTreeSet;

use super::math::Math;
use super::outside::is_outside;
use crate::model::Place;

/// What people and other programs say about an element; kept from reading to writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remarks {
    /// Id, for elements that formulas cannot mean (rules, initial assignments).
    pub id: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// Identifier that annotations point to.
    pub metaid: Option<String>,
    /// Term of the Systems Biology Ontology, `SBO:0000290`.
    pub sbo_term: Option<String>,
    /// The `notes` element as XML text.
    pub notes: Option<String>,
    /// The `annotation` element as XML text.
    pub annotation: Option<String>,
}

/// A reaction network with rules and events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// SBML level and version it was read from; (3, 2) for a new one. Some defaults of meaning depend on it.
    pub level: (u32, u32),
    /// Its id; may be empty.
    pub id: String,
    /// Remarks on the whole.
    pub remarks: Remarks,
    /// Default units by attribute name: `substanceUnits`, `timeUnits`, `volumeUnits`, `areaUnits`, `lengthUnits`, `extentUnits`.
    pub default_units: Vec<(String, String)>,
    /// Quantity by which extent of reaction is multiplied to give substance, for species without their own.
    pub conversion_factor: Option<String>,
    /// Functions.
    pub functions: Vec<NamedFunction>,
    /// Units.
    pub units: Vec<UnitDefinition>,
    /// Compartments.
    pub compartments: Vec<Compartment>,
    /// Species.
    pub species: Vec<Species>,
    /// Parameters.
    pub parameters: Vec<Parameter>,
    /// Values at the start that are formulas.
    pub initial_assignments: Vec<InitialAssignment>,
    /// Rules.
    pub rules: Vec<Rule>,
    /// What has to hold all the time.
    pub constraints: Vec<Constraint>,
    /// Reactions.
    pub reactions: Vec<Reaction>,
    /// Events.
    pub events: Vec<Event>,
}

/// A function of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedFunction {
    /// Name it is called by.
    pub id: String,
    /// Arguments.
    pub parameters: Vec<String>,
    /// Body; a call without it is not a number.
    pub body: Option<Math>,
    /// Remarks.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

/// A unit made of SBML's base units.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitDefinition {
    /// Name.
    pub id: String,
    /// Factors.
    pub units: Vec<BaseUnit>,
    /// Remarks.
    pub remarks: Remarks,
}

/// `(multiplier 10^scale kind)^exponent`.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseUnit {
    /// `mole`, `second` ...
    pub kind: String,
    /// Power of the whole.
    pub exponent: f64,
    /// Power of ten.
    pub scale: i32,
    /// Factor.
    pub multiplier: f64,
}

/// A place with a size in which species live.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compartment {
    /// Name.
    pub id: String,
    /// 3 for a volume, 2 for an area, 0 for a point, which has no size.
    pub dimensions: Option<f64>,
    /// Size at the start.
    pub size: Option<f64>,
    /// True if its size never changes.
    pub constant: bool,
    /// Unit of the size.
    pub units: Option<String>,
    /// Remarks.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

/// A pool of something that reactions make and use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Species {
    /// Name.
    pub id: String,
    /// Where it is.
    pub compartment: String,
    /// Amount at the start.
    pub initial_amount: Option<f64>,
    /// Concentration at the start.
    pub initial_concentration: Option<f64>,
    /// True if formulas mean its amount, false if they mean its concentration.
    pub substance_only: bool,
    /// True if reactions do not change it.
    pub boundary: bool,
    /// True if nothing changes it.
    pub constant: bool,
    /// Unit of amounts.
    pub substance_units: Option<String>,
    /// Quantity by which extent of reaction is multiplied to give its substance.
    pub conversion_factor: Option<String>,
    /// Remarks.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

/// A number with a name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameter {
    /// Name.
    pub id: String,
    /// Value at the start.
    pub value: Option<f64>,
    /// True if nothing changes it.
    pub constant: bool,
    /// Unit.
    pub units: Option<String>,
    /// Remarks.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

/// A value at the start that is a formula.
#[derive(Clone, Debug, PartialEq)]
pub struct InitialAssignment {
    /// Whose.
    pub symbol: String,
    /// Formula.
    pub math: Math,
    /// Remarks.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

/// What a rule says of its variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// Always equals the formula.
    Assignment,
    /// Changes at the rate of the formula.
    Rate,
    /// The formula is always zero; there is no variable.
    Algebraic,
}

/// An equation that always holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What it says.
    pub kind: RuleKind,
    /// Of which quantity; empty for an algebraic rule.
    pub variable: String,
    /// Formula.
    pub math: Math,
    /// Remarks.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

/// A species in a reaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Participant {
    /// Name of the stoichiometry, if it has one.
    pub id: Option<String>,
    /// Which species.
    pub species: String,
    /// How many; `None` if a rule or initial assignment says.
    pub stoichiometry: Option<f64>,
    /// Formula of how many (Level 2).
    pub stoichiometry_math: Option<Math>,
    /// True if nothing changes the stoichiometry.
    pub constant: bool,
    /// Remarks.
    pub remarks: Remarks,
}

/// A species that a rate depends on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Modifier {
    /// Which species.
    pub species: String,
    /// Remarks.
    pub remarks: Remarks,
}

impl From<String> for Modifier {
    fn from(species: String) -> Self {
        Modifier {
            species,
            remarks: Remarks::default(),
        }
    }
}

/// A condition outside of which the model means nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// Holds as long as the model is valid.
    pub math: Math,
    /// What to say if it does not, as XML text.
    pub message: Option<String>,
    /// Remarks.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

/// A parameter that only one reaction's rate sees.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalParameter {
    /// Name.
    pub id: String,
    /// Value.
    pub value: Option<f64>,
    /// Unit.
    pub units: Option<String>,
    /// Remarks.
    pub remarks: Remarks,
}

/// A conversion of species at a rate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reaction {
    /// Name; formulas mean its rate by it.
    pub id: String,
    /// Says nothing about the rate.
    pub reversible: bool,
    /// True if it is at equilibrium all the time (Level 3 Version 1 and older).
    pub fast: bool,
    /// What it uses up.
    pub reactants: Vec<Participant>,
    /// What it makes.
    pub products: Vec<Participant>,
    /// What else its rate depends on.
    pub modifiers: Vec<Modifier>,
    /// Names that only the rate sees.
    pub locals: Vec<LocalParameter>,
    /// Extent per time.
    pub rate: Option<Math>,
    /// Remarks on the kinetic law.
    pub law: Remarks,
    /// Compartment it is said to happen in.
    pub compartment: Option<String>,
    /// Remarks.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

/// Something that happens when a condition becomes true.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// Name; may be empty.
    pub id: String,
    /// Condition; never true if left out.
    pub trigger: Option<Math>,
    /// Value of the condition just before the start.
    pub initial_value: bool,
    /// False if an event that waits is dropped when its condition becomes false again.
    pub persistent: bool,
    /// Time from condition to execution.
    pub delay: Option<Math>,
    /// Of events at one time the one with the highest goes first.
    pub priority: Option<Math>,
    /// True if values are computed when the condition becomes true, false if when the event is executed.
    pub values_from_trigger_time: bool,
    /// What it does.
    pub assignments: Vec<EventAssignment>,
    /// Remarks on trigger, delay and priority.
    pub parts: [Remarks; 3],
    /// Remarks.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

/// A quantity and its value after an event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventAssignment {
    /// Which quantity.
    pub variable: String,
    /// Formula.
    pub math: Math,
    /// Remarks.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

impl Species {
    /// True if formulas mean the amount: `hasOnlySubstanceUnits`, or a home that is unknown or has no size.
    pub(crate) fn is_amount_in(&self, home: Option<&Compartment>) -> bool {
        self.substance_only || home.is_none_or(|c| c.dimensions.is_some_and(|d| d.abs() < f64::EPSILON))
    }
}

impl Network {
    /// Number of elements.
    pub fn size(&self) -> usize {
        let participants = self
            .reactions
            .iter()
            .map(|r| r.reactants.len() + r.products.len())
            .sum::<usize>();
        let assignments = self.events.iter().map(|e| e.assignments.len()).sum::<usize>();
        let lists = [
            self.functions.len(),
            self.units.len(),
            self.compartments.len(),
            self.species.len(),
            self.parameters.len(),
        ];
        let more = [
            self.initial_assignments.len(),
            self.rules.len() + self.constraints.len(),
            self.reactions.len(),
            self.events.len(),
        ];
        1 + lists.into_iter().chain(more).sum::<usize>() + participants + assignments
    }

    /// Ids of everything that has a value: species, compartments, parameters, reactions, stoichiometries.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let quantities = self
            .species
            .iter()
            .map(|s| s.id.as_str())
            .chain(self.compartments.iter().map(|c| c.id.as_str()));
        let participants = self
            .reactions
            .iter()
            .flat_map(|r| r.reactants.iter().chain(&r.products));
        let more = self
            .parameters
            .iter()
            .map(|p| p.id.as_str())
            .chain(self.reactions.iter().map(|r| r.id.as_str()));
        quantities
            .chain(more)
            .chain(participants.filter_map(|p| p.id.as_deref()))
    }

    /// Adds everything of another network; its ids are new ones.
    pub(crate) fn append(&mut self, other: Network) {
        self.functions.extend(other.functions);
        self.units.extend(other.units);
        self.compartments.extend(other.compartments);
        self.species.extend(other.species);
        self.parameters.extend(other.parameters);
        self.initial_assignments.extend(other.initial_assignments);
        self.rules.extend(other.rules);
        self.constraints.extend(other.constraints);
        self.reactions.extend(other.reactions);
        self.events.extend(other.events);
    }

    /// Parameters that have no value, no initial assignment and no rule, and will get none from outside.
    pub fn unset(&self) -> impl Iterator<Item = &Parameter> {
        let initials = self.initial_assignments.iter().map(|i| i.symbol.as_str());
        let set: BTreeSet<&str> = initials.chain(self.rules.iter().map(|r| r.variable.as_str())).collect();
        let is_unset = move |p: &&Parameter| p.value.is_none() && !set.contains(p.id.as_str()) && !is_outside(&p.id);
        self.parameters.iter().filter(is_unset)
    }

    /// Lets every element stand at `place`, for one that was read from another file.
    pub(crate) fn place_all(&mut self, place: &Place) {
        let places = self.functions.iter_mut().map(|x| &mut x.place);
        let places = places.chain(self.compartments.iter_mut().map(|x| &mut x.place));
        let places = places.chain(self.species.iter_mut().map(|x| &mut x.place));
        let places = places.chain(self.parameters.iter_mut().map(|x| &mut x.place));
        let places = places.chain(self.initial_assignments.iter_mut().map(|x| &mut x.place));
        let places = places.chain(self.rules.iter_mut().map(|x| &mut x.place));
        let places = places.chain(self.constraints.iter_mut().map(|x| &mut x.place));
        let places = places.chain(self.reactions.iter_mut().map(|x| &mut x.place));
        for event in &mut self.events {
            event.place = place.clone();
            event.assignments.iter_mut().for_each(|a| a.place = place.clone());
        }
        places.for_each(|own| *own = place.clone());
    }
}
