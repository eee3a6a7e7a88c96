//! From a finished module to a network.

use std::collections::{BTreeMap, BTreeSet};

use super::formula::UPSTREAM;
use super::say::{Wrong, wrong};
use super::strand::with_upstream;
use super::symbols::{Arrow, Course, Formula, Kind, Member, Module, Symbol};
use super::units::{base, kind, reduced};
use crate::codes::{CYCLE, RATE_OF_ASSIGNED};
use crate::model::Place;
use crate::network::antimony::words::links_annotation;
use crate::network::math::Math;
use crate::network::parts::{
    BaseUnit, Compartment, Event, EventAssignment, InitialAssignment, Modifier, Network, Parameter, Participant,
    Reaction, Remarks, Rule, RuleKind, Species, UnitDefinition,
};

/// Species that are nowhere live here; its size is 1.
const NOWHERE: &str = "default_compartment";
/// Units by whose names a module sets its default units, and the attributes of SBML that say the same.
const DEFAULT_UNITS: [(&str, &str); 6] = [
    ("substance", "substanceUnits"),
    ("volume", "volumeUnits"),
    ("area", "areaUnits"),
    ("length", "lengthUnits"),
    ("time_unit", "timeUnits"),
    ("extent", "extentUnits"),
];

/// What is wrong, and where.
pub(super) type Misplaced = (Wrong, Place);

impl Module {
    /// The network that the module says.
    pub fn network(&self) -> Result<Network, Misplaced> {
        let nowhere = |wrong| (wrong, Place::default());
        self.check_strands().map_err(nowhere)?;
        self.check_homes()?;
        let ids = self.ids();
        let is_species = |name: &str| self.find(name).is_some_and(|at| self.symbols[at].kind == Kind::Species);
        let species = ids
            .iter()
            .filter(|entry| is_species(entry.0))
            .map(|entry| entry.1.clone());
        let mut writer = Writer {
            module: self,
            species: species.collect(),
            ids,
            reacting: self.reacting(),
            interacting: self.interacting(),
            constant: self.constants(),
            genes: self.gene_rates().map_err(nowhere)?,
            network: Network {
                level: (3, 2),
                id: self.name.clone(),
                ..Network::default()
            },
        };
        writer.network.remarks = writer.remarks("model", &self.remarks, &self.links);
        writer.network.conversion_factor = self.conversion_factor.as_deref().map(|name| writer.id(name));
        for (at, symbol) in self.symbols.iter().enumerate() {
            if symbol.same.is_none() {
                writer
                    .symbol(at, symbol)
                    .map_err(|wrong| (wrong, symbol.place.clone()))?;
            }
        }
        Ok(writer.network)
    }

    /// SBML's id of every symbol: underscores for dots.
    fn ids(&self) -> BTreeMap<&str, String> {
        let mut taken = BTreeSet::new();
        let mut ids = BTreeMap::new();
        let real = || {
            self.symbols
                .iter()
                .filter(|symbol| symbol.same.is_none() && symbol.kind != Kind::Deleted)
        };
        let (local, inner): (Vec<_>, Vec<_>) = real().partition(|symbol| symbol.is_local());
        for symbol in local.into_iter().chain(inner) {
            let mut id = symbol.name.replace('.', "_");
            while !taken.insert(id.clone()) {
                id.push('_');
            }
            ids.insert(symbol.name.as_str(), id);
        }
        ids
    }

    /// Symbols whose value never changes, as far as anyone says.
    fn constants(&self) -> BTreeSet<&str> {
        let real = || self.symbols.iter().filter(|symbol| symbol.same.is_none());
        let changes = real().flat_map(|symbol| symbol.event.iter().flat_map(|event| &event.changes));
        let mut varies: BTreeSet<&str> = changes.map(|change| self.real_name(&change.0)).collect();
        let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for symbol in real() {
            let used = symbol.formula.iter().flat_map(|formula| formula.math.names());
            let used = used.map(|name| self.real_name(name));
            if symbol.kind == Kind::Algebraic {
                let free = |name: &&str| {
                    self.find(name)
                        .is_some_and(|at| self.symbols[at].constant != Some(true))
                };
                varies.extend(used.filter(free));
            } else {
                used.for_each(|used| users.entry(used).or_default().push(&symbol.name));
            }
            let is_quantity = matches!(
                symbol.kind,
                Kind::Number | Kind::Compartment | Kind::Unknown | Kind::Stoichiometry
            );
            if symbol.course != Course::Initial || symbol.constant == Some(false) || !is_quantity {
                varies.insert(&symbol.name);
            }
        }
        let mut pending: Vec<&str> = varies.iter().copied().collect();
        while let Some(name) = pending.pop() {
            for user in users.get(name).into_iter().flatten().copied() {
                let is_fixed = self
                    .find(user)
                    .is_some_and(|at| self.symbols[at].constant == Some(true));
                if !is_fixed && varies.insert(user) {
                    pending.push(user);
                }
            }
        }
        real()
            .map(|symbol| symbol.name.as_str())
            .filter(|name| !varies.contains(name))
            .collect()
    }

    /// Species that take part in reactions.
    fn reacting(&self) -> BTreeSet<&str> {
        let reactions = self.symbols.iter().filter(|symbol| symbol.kind.is_reaction());
        let sides = reactions.filter_map(|symbol| symbol.sides.as_ref());
        let members = sides.flat_map(|sides| sides.left.iter().chain(&sides.right));
        members.map(|member| self.real_name(&member.species)).collect()
    }

    /// What interactions say of reactions: no more than that a species modifies them.
    fn interacting(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let interactions = self
            .symbols
            .iter()
            .filter(|s| s.kind == Kind::Interaction && s.same.is_none());
        for sides in interactions.filter_map(|s| s.sides.as_ref()) {
            for target in &sides.right {
                let species = sides.left.iter().map(|member| self.real_name(&member.species));
                found
                    .entry(self.real_name(&target.species))
                    .or_default()
                    .extend(species);
            }
        }
        found
    }

    /// An error if compartments are inside each other in a circle.
    fn check_homes(&self) -> Result<(), Misplaced> {
        let compartments = (0..self.symbols.len()).filter(|&at| self.symbols[at].kind == Kind::Compartment);
        for start in compartments {
            let (mut at, mut steps) = (start, 0);
            while let Some(home) = self.symbols[at].compartment.as_deref().and_then(|name| self.find(name)) {
                at = home;
                steps += 1;
                if at == start || steps > 1000 {
                    let message = format!("the compartment `{}` is inside itself", self.symbols[start].name);
                    let place = self.symbols[start].place.clone();
                    return Err((
                        wrong::<()>(CYCLE, message, "take one of the `in`s away").unwrap_err(),
                        place,
                    ));
                }
            }
        }
        Ok(())
    }
}

struct Writer<'a> {
    module: &'a Module,
    ids: BTreeMap<&'a str, String>,
    constant: BTreeSet<&'a str>,
    genes: BTreeMap<String, Math>,
    /// Ids of species.
    species: BTreeSet<String>,
    /// Names of species that take part in a reaction.
    reacting: BTreeSet<&'a str>,
    /// Species that interactions name, by reaction.
    interacting: BTreeMap<&'a str, Vec<&'a str>>,
    network: Network,
}

impl Writer<'_> {
    fn id(&self, name: &str) -> String {
        let real = self.module.real_name(name);
        self.ids.get(real).cloned().unwrap_or_else(|| real.replace('.', "_"))
    }

    /// The formula with SBML's ids.
    fn math(&self, math: &Math) -> Math {
        let leaf = |leaf: &Math| match leaf {
            Math::Name(name) if name == UPSTREAM => Math::number(0.0),
            Math::Name(name) => Math::Name(self.id(name)),
            Math::Number(value, Some(unit)) => Math::Number(*value, Some(self.unit_id(unit))),
            other => other.clone(),
        };
        math.map(&leaf, &str::to_owned)
    }

    fn unit_id(&self, unit: &str) -> String {
        kind(unit).map_or_else(|| self.id(unit), str::to_owned)
    }

    fn remarks(&self, id: &str, remarks: &Remarks, links: &[(String, String)]) -> Remarks {
        let metaid = (!links.is_empty()).then(|| format!("meta_{id}"));
        Remarks {
            annotation: metaid.as_ref().map(|metaid| links_annotation(metaid, links)),
            metaid,
            ..remarks.clone()
        }
    }

    fn symbol(&mut self, at: usize, symbol: &Symbol) -> Result<(), Wrong> {
        match symbol.kind {
            Kind::Species => return self.species(at, symbol),
            Kind::Compartment => self.compartment(symbol),
            Kind::Number | Kind::Unknown | Kind::Operator | Kind::Dna => self.parameter(symbol),
            Kind::Reaction | Kind::Gene => self.reaction(at, symbol),
            Kind::Event => self.event(symbol),
            Kind::Unit => return self.unit(symbol),
            Kind::Algebraic => self.algebraic(symbol),
            Kind::Stoichiometry => self.rules(symbol),
            Kind::Strand | Kind::Interaction | Kind::Submodule | Kind::Constraint | Kind::Deleted => {}
        }
        Ok(())
    }

    /// The value at the start if it is a plain number.
    fn number(symbol: &Symbol) -> Option<f64> {
        match symbol.formula.as_ref().map(|formula| &formula.math) {
            Some(Math::Number(value, _)) if symbol.course != Course::Assigned => Some(*value),
            _ => None,
        }
    }

    /// Initial assignment, assignment and rate of a quantity.
    fn rules(&mut self, symbol: &Symbol) {
        let id = self.id(&symbol.name);
        let place = symbol.place.clone();
        if let (Some(Formula { math, .. }), None) = (&symbol.formula, Self::number(symbol)) {
            let math = self.math(math);
            if symbol.course == Course::Assigned {
                self.rule(RuleKind::Assignment, &id, math, &place);
            } else {
                self.network.initial_assignments.push(InitialAssignment {
                    symbol: id.clone(),
                    math,
                    remarks: Remarks::default(),
                    place: place.clone(),
                });
            }
        }
        if let Some(Formula { math, .. }) = &symbol.rate
            && symbol.course == Course::Rated
        {
            let math = self.math(math);
            self.rule(RuleKind::Rate, &id, math, &place);
        }
    }

    fn rule(&mut self, kind: RuleKind, variable: &str, math: Math, place: &Place) {
        self.network.rules.push(Rule {
            kind,
            variable: variable.to_owned(),
            math,
            remarks: Remarks::default(),
            place: place.clone(),
        });
    }

    fn parameter(&mut self, symbol: &Symbol) {
        let id = self.id(&symbol.name);
        self.network.parameters.push(Parameter {
            remarks: self.remarks(&id, &symbol.remarks, &symbol.links),
            id,
            value: Self::number(symbol),
            constant: self.constant.contains(symbol.name.as_str()),
            units: symbol.unit.as_deref().map(|unit| self.unit_id(unit)),
            place: symbol.place.clone(),
        });
        self.rules(symbol);
    }

    /// A compartment; one that nobody gives a size has size 1, as simulators of Antimony assume.
    fn compartment(&mut self, symbol: &Symbol) {
        let id = self.id(&symbol.name);
        let has_start = symbol.formula.is_some();
        self.network.compartments.push(Compartment {
            remarks: self.remarks(&id, &symbol.remarks, &symbol.links),
            id,
            dimensions: Some(3.0),
            size: Self::number(symbol).or((!has_start).then_some(1.0)),
            constant: self.constant.contains(symbol.name.as_str()),
            units: symbol.unit.as_deref().map(|unit| self.unit_id(unit)),
            place: symbol.place.clone(),
        });
        self.rules(symbol);
    }

    /// A species; one that nobody gives a value starts at 0, as simulators of Antimony assume.
    fn species(&mut self, at: usize, symbol: &Symbol) -> Result<(), Wrong> {
        let id = self.id(&symbol.name);
        let home = self.module.home(at).map(str::to_owned);
        let compartment = match home.as_deref() {
            Some(home) => self.id(home),
            None => self.nowhere(),
        };
        let number = Self::number(symbol);
        let start = number.or(symbol.formula.is_none().then_some(0.0));
        let other_way = self.other_measure(symbol, home.as_deref().unwrap_or(NOWHERE));
        let (amount, concentration) = if symbol.substance_only {
            (start, other_way)
        } else {
            (other_way, start)
        };
        let species = Species {
            compartment,
            initial_amount: amount,
            initial_concentration: concentration,
            substance_only: symbol.substance_only,
            boundary: symbol.constant == Some(true),
            constant: false,
            substance_units: self.substance_unit(symbol, home.as_deref())?,
            conversion_factor: symbol.conversion_factor.as_deref().map(|name| self.id(name)),
            remarks: self.remarks(&id, &symbol.remarks, &symbol.links),
            place: symbol.place.clone(),
            id,
        };
        self.network.species.push(species);
        if other_way.is_none() {
            self.rules(symbol);
        } else {
            self.rules(&Symbol {
                formula: None,
                ..symbol.clone()
            });
        }
        self.check_one_cause(symbol)
    }

    /// The number in `amount / compartment` for a species in concentrations, in `concentration * compartment` for one in
    /// amounts.
    fn other_measure(&self, symbol: &Symbol, home: &str) -> Option<f64> {
        let Some(Formula {
            math: Math::Apply(operator, arguments),
            ..
        }) = &symbol.formula
        else {
            return None;
        };
        let wanted = if symbol.substance_only { "times" } else { "divide" };
        match arguments.as_slice() {
            [Math::Number(value, _), Math::Name(name)]
                if operator.0 == wanted && symbol.course != Course::Assigned && self.module.real_name(name) == home =>
            {
                Some(*value)
            }
            _ => None,
        }
    }

    fn check_one_cause(&self, symbol: &Symbol) -> Result<(), Wrong> {
        let has_rule = match symbol.course {
            Course::Initial => false,
            Course::Assigned => symbol.formula.is_some(),
            Course::Rated => symbol.rate.is_some(),
        };
        if symbol.constant != Some(true) && has_rule && self.reacting.contains(symbol.name.as_str()) {
            let message = format!("`{}` has a rule and takes part in a reaction", symbol.name);
            let help = "write it as `$name` if the reaction does not change it, or drop the rule";
            return wrong(RATE_OF_ASSIGNED, message, help);
        }
        Ok(())
    }

    /// The compartment of species that are nowhere.
    fn nowhere(&mut self) -> String {
        let is_known = |c: &Compartment| c.id == NOWHERE;
        if self.module.find(NOWHERE).is_none() && !self.network.compartments.iter().any(is_known) {
            self.network.compartments.push(Compartment {
                id: NOWHERE.into(),
                dimensions: Some(3.0),
                size: Some(1.0),
                constant: true,
                ..Compartment::default()
            });
        }
        NOWHERE.into()
    }

    /// The unit of amounts: the unit of the species, times that of its compartment if it is one of concentrations.
    fn substance_unit(&mut self, symbol: &Symbol, home: Option<&str>) -> Result<Option<String>, Wrong> {
        let Some(unit) = symbol.unit.as_deref() else {
            return Ok(None);
        };
        if symbol.substance_only {
            return Ok(Some(self.unit_id(unit)));
        }
        let compartment = home
            .and_then(|home| self.module.find(home))
            .map(|at| &self.module.symbols[at]);
        let volume = match compartment.and_then(|symbol| symbol.unit.as_deref()) {
            Some(unit) => self.module.unit_factors(unit)?,
            None => vec![base("litre")],
        };
        let Ok(mut factors) = self.module.unit_factors(unit) else {
            return Ok(None);
        };
        factors.extend(volume);
        Ok(Some(self.unit_for(reduced(factors))))
    }

    /// The id of a unit made of these factors.
    fn unit_for(&mut self, units: Vec<BaseUnit>) -> String {
        if let [only] = units.as_slice()
            && *only == base(&only.kind)
        {
            return only.kind.clone();
        }
        if let Some(known) = self.network.units.iter().find(|known| known.units == units) {
            return known.id.clone();
        }
        let taken: BTreeSet<&str> = self.ids.values().map(String::as_str).collect();
        let mut names = (1..).map(|number| format!("substance_unit_{number}"));
        let is_free =
            |name: &String| !taken.contains(name.as_str()) && !self.network.units.iter().any(|u| u.id == *name);
        let id = names.find(is_free).expect("numbers do not end");
        self.network.units.push(UnitDefinition {
            id: id.clone(),
            units,
            remarks: Remarks::default(),
        });
        id
    }

    fn unit(&mut self, symbol: &Symbol) -> Result<(), Wrong> {
        if kind(&symbol.name).is_some() {
            return Ok(());
        }
        let id = self.id(&symbol.name);
        if let Some((_, attribute)) = DEFAULT_UNITS.iter().find(|known| known.0 == symbol.name) {
            self.network.default_units.push(((*attribute).to_owned(), id.clone()));
        }
        let units = match symbol.definition {
            Some(_) => self.module.unit_factors(&symbol.name)?,
            None => Vec::new(),
        };
        let remarks = self.remarks(&id, &symbol.remarks, &symbol.links);
        self.network.units.push(UnitDefinition { id, units, remarks });
        Ok(())
    }

    fn algebraic(&mut self, symbol: &Symbol) {
        let Some(Formula { math, .. }) = &symbol.formula else {
            return;
        };
        let math = self.math(math);
        let id = self.id(&symbol.name);
        let own = self.remarks(&id, &symbol.remarks, &symbol.links);
        self.network.rules.push(Rule {
            kind: RuleKind::Algebraic,
            variable: String::new(),
            math,
            remarks: Remarks { id: Some(id), ..own },
            place: symbol.place.clone(),
        });
    }

    fn reaction(&mut self, at: usize, symbol: &Symbol) {
        let id = self.id(&symbol.name);
        let written = symbol.formula.as_ref().map(|formula| formula.math.clone());
        let law = match self.genes.get(&symbol.name) {
            Some(rate) => Some(rate.clone()),
            None => written.map(|math| with_upstream(&math, &Math::number(0.0))),
        };
        let rate = law.map(|math| self.math(&math));
        let side = |members: &[Member]| members.iter().map(|m| self.participant(m)).collect::<Vec<_>>();
        let (left, right) = symbol
            .sides
            .as_ref()
            .map_or((vec![], vec![]), |s| (side(&s.left), side(&s.right)));
        let modifiers = self
            .modifiers(symbol, rate.as_ref(), &left, &right)
            .into_iter()
            .map(Modifier::from)
            .collect();
        let compartment = self
            .module
            .home(at)
            .filter(|_| symbol.compartment.is_some())
            .map(|home| self.id(home));
        self.network.reactions.push(Reaction {
            remarks: self.remarks(&id, &symbol.remarks, &symbol.links),
            id,
            reversible: symbol
                .sides
                .as_ref()
                .is_none_or(|sides| sides.arrow == Arrow::Reversible),
            reactants: left,
            products: right,
            modifiers,
            rate,
            compartment,
            place: symbol.place.clone(),
            ..Reaction::default()
        });
    }

    /// Species that the rate uses, or interactions name, and that are on neither side.
    fn modifiers(
        &self,
        symbol: &Symbol,
        rate: Option<&Math>,
        left: &[Participant],
        right: &[Participant],
    ) -> Vec<String> {
        let used = rate.map(Math::names).unwrap_or_default();
        let used: BTreeSet<&str> = used.into_iter().collect();
        let used = used
            .into_iter()
            .filter(|name| self.species.contains(*name))
            .map(str::to_owned);
        let named = self
            .interacting
            .get(symbol.name.as_str())
            .into_iter()
            .flatten()
            .map(|name| self.id(name));
        let mut modifiers: Vec<String> = used.chain(named).collect();
        modifiers.retain(|name| !left.iter().chain(right).any(|p| p.species == *name));
        modifiers.sort();
        modifiers.dedup();
        modifiers
    }

    fn participant(&self, member: &Member) -> Participant {
        let species = self.id(&member.species);
        let Some(at) = member.named.as_deref().and_then(|name| self.module.find(name)) else {
            return Participant {
                species,
                stoichiometry: Some(member.count),
                constant: true,
                ..Participant::default()
            };
        };
        let symbol = &self.module.symbols[at];
        let id = self.id(&symbol.name);
        Participant {
            species,
            stoichiometry: Self::number(symbol),
            constant: self.constant.contains(symbol.name.as_str()),
            remarks: self.remarks(&id, &symbol.remarks, &symbol.links),
            id: Some(id),
            ..Participant::default()
        }
    }

    fn event(&mut self, symbol: &Symbol) {
        let Some(event) = &symbol.event else { return };
        let id = self.id(&symbol.name);
        let math = |formula: &Option<Formula>| formula.as_ref().map(|formula| self.math(&formula.math));
        let always = || Math::apply("true", Vec::new());
        let change = |(target, formula): &(String, Formula)| EventAssignment {
            variable: self.id(target),
            math: self.math(&formula.math),
            remarks: Remarks::default(),
            place: symbol.place.clone(),
        };
        let event = Event {
            trigger: math(&symbol.formula).or_else(|| Some(always())),
            initial_value: event.initial_value,
            persistent: event.persistent,
            delay: math(&event.delay),
            priority: math(&event.priority),
            values_from_trigger_time: event.from_trigger,
            assignments: event.changes.iter().map(change).collect(),
            remarks: self.remarks(&id, &symbol.remarks, &symbol.links),
            place: symbol.place.clone(),
            id,
            ..Event::default()
        };
        self.network.events.push(event);
    }
}
