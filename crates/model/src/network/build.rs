//! From a network as written to its equations.

use std::collections::{BTreeMap, BTreeSet};

use super::dynamics::{Action, Delayed, Dynamics, Happening, Output, Row, Start};
use super::lower::{Lowering, Meaningless, Scope, rate_name};
use super::matching::matching;
use super::math::Math;
use super::parts::{Network, Participant, Reaction, Rule, RuleKind, Species};
use crate::codes::{
    ARGUMENTS, CYCLE, DEFINED_TWICE, MODEL_TOO_LARGE, UNDEFINED, UNDETERMINED, UNKNOWN_FUNCTION, UNSUPPORTED,
};
use crate::diagnostic::{Diagnostic, Source};
use crate::expression::{ExprId, Node, SymbolId};
use crate::model::Place;
use crate::order::in_order;

/// Most looks back for one delayed quantity.
const MOST_LOOKS: u64 = 1000;
/// Factor on everything that is not a fast reaction, in networks that have them.
pub const SLOW_PACE: &str = "slow pace";
/// Factor on the rates of fast reactions: as large as makes no difference.
pub const FAST_PACE: &str = "fast pace";

impl Network {
    /// The equations that follow; or why there are none.
    pub fn dynamics(&self, source: &Source) -> Result<Dynamics, Vec<Diagnostic>> {
        let mut findings = Vec::new();
        let known = known_names(self, source, &mut findings);
        if !findings.is_empty() {
            return Err(findings);
        }
        let mut builder = Builder {
            network: self,
            source,
            findings,
            low: Lowering::new(&self.functions, known.keys().copied().collect()),
            rules: BTreeMap::new(),
            initials: BTreeMap::new(),
            solved: BTreeMap::new(),
            reacting: BTreeSet::new(),
            flow: Flow::default(),
        };
        let built = builder.build();
        match built {
            Some(dynamics) if builder.findings.is_empty() => Ok(dynamics),
            _ => Err(builder.findings),
        }
    }
}

/// Every id that formulas can use, each once.
fn known_names<'a>(
    network: &'a Network,
    source: &Source,
    findings: &mut Vec<Diagnostic>,
) -> BTreeMap<&'a str, &'a Place> {
    let participants = network.reactions.iter().flat_map(|r| {
        let named = r.reactants.iter().chain(&r.products).filter_map(|p| p.id.as_deref());
        named.map(move |id| (id, &r.place))
    });
    let all = network.compartments.iter().map(|c| (c.id.as_str(), &c.place));
    let all = all.chain(network.species.iter().map(|s| (s.id.as_str(), &s.place)));
    let all = all.chain(network.parameters.iter().map(|p| (p.id.as_str(), &p.place)));
    let all = all
        .chain(network.reactions.iter().map(|r| (r.id.as_str(), &r.place)))
        .chain(participants);
    let mut known = BTreeMap::new();
    for (id, place) in all {
        if known.insert(id, place).is_some() {
            let finding = Diagnostic::error(
                DEFINED_TWICE,
                source,
                place.0.clone(),
                format!("`{id}` is defined twice"),
            );
            findings.push(finding.help("give one of them another id"));
        }
    }
    known
}

/// The equations as they grow.
#[derive(Default)]
struct Flow {
    unknowns: Vec<SymbolId>,
    rates: Vec<Rate>,
    stored: Vec<SymbolId>,
    definitions: Vec<(SymbolId, ExprId)>,
    start: BTreeMap<SymbolId, ExprId>,
    order: Vec<SymbolId>,
}

/// What determines an unknown.
#[derive(Clone, Copy)]
enum Rate {
    Of(ExprId),
    Solved(ExprId),
}

/// How a quantity changes.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Defined,
    Rated,
    Solved,
    Reacting,
    Stored,
}

struct Builder<'a> {
    network: &'a Network,
    source: &'a Source,
    findings: Vec<Diagnostic>,
    low: Lowering<'a>,
    rules: BTreeMap<&'a str, &'a Rule>,
    initials: BTreeMap<&'a str, &'a Math>,
    /// Quantity to the algebraic rule that determines it.
    solved: BTreeMap<&'a str, usize>,
    reacting: BTreeSet<&'a str>,
    flow: Flow,
}

impl<'a> Builder<'a> {
    fn build(&mut self) -> Option<Dynamics> {
        self.collect();
        self.match_algebraic_rules();
        if !self.findings.is_empty() {
            return None;
        }
        self.paces();
        self.compartments_and_numbers();
        self.reaction_rates();
        self.species();
        let events = self.events();
        let outputs = self.outputs();
        self.rates_of();
        if !self.findings.is_empty() {
            return None;
        }
        let rows = self.rows();
        self.finish(rows, events, outputs)
    }

    fn report(&mut self, code: &'static str, place: &Place, message: String, help: &str) {
        let finding = Diagnostic::error(code, self.source, place.0.clone(), message);
        self.findings.push(finding.help(help));
    }

    /// The expression of a formula; 0 after a report if it has no meaning.
    fn lower(&mut self, math: &Math, scope: &Scope, place: &Place) -> ExprId {
        match self.low.lower(math, scope) {
            Ok(expr) => expr,
            Err(reason) => {
                self.report_meaningless(&reason, place);
                self.low.arena.number(0.0)
            }
        }
    }

    fn plain(&mut self, math: &Math, place: &Place) -> ExprId {
        self.lower(math, &Scope::new(), place)
    }

    fn report_meaningless(&mut self, reason: &Meaningless, place: &Place) {
        match reason {
            Meaningless::Undefined(name) => {
                let message = format!("`{name}` is not defined");
                self.report(
                    UNDEFINED,
                    place,
                    message,
                    "declare it as a parameter, species or compartment, or correct its id",
                );
            }
            Meaningless::UnknownFunction(name) => {
                let message = format!("there is no function `{name}`");
                self.report(
                    UNKNOWN_FUNCTION,
                    place,
                    message,
                    "add a functionDefinition with this id",
                );
            }
            Meaningless::Arguments(name) => {
                let message = format!("`{name}` has a wrong number of arguments");
                self.report(ARGUMENTS, place, message, "give as many as the definition has");
            }
            Meaningless::TooDeep => {
                self.report(
                    MODEL_TOO_LARGE,
                    place,
                    "the formula is nested too deep".into(),
                    "name its parts with assignment rules",
                );
            }
            Meaningless::TooLarge => {
                self.report(
                    MODEL_TOO_LARGE,
                    place,
                    "function calls expand to too much".into(),
                    "name parts with assignment rules",
                );
            }
            Meaningless::Circular(name) => {
                self.report(
                    CYCLE,
                    place,
                    format!("function `{name}` calls itself"),
                    "write a function in terms of others only",
                );
            }
            Meaningless::RateOf => {
                let message = "`rateOf` of something that is not a quantity".into();
                self.report(
                    UNSUPPORTED,
                    place,
                    message,
                    "give it the id of a species, parameter or compartment",
                );
            }
        }
    }

    /// Rules, initial assignments and reacting species by name; checks that each has a target.
    fn collect(&mut self) {
        let network = self.network;
        let mut targets: BTreeSet<&str> = network.compartments.iter().map(|c| c.id.as_str()).collect();
        targets.extend(network.species.iter().map(|s| s.id.as_str()));
        targets.extend(network.parameters.iter().map(|p| p.id.as_str()));
        let participants = network
            .reactions
            .iter()
            .flat_map(|r| r.reactants.iter().chain(&r.products));
        targets.extend(participants.filter_map(|p| p.id.as_deref()));
        for rule in network.rules.iter().filter(|r| r.kind != RuleKind::Algebraic) {
            if !targets.contains(rule.variable.as_str()) {
                self.undefined(&rule.variable, &rule.place);
            } else if self.rules.insert(&rule.variable, rule).is_some() {
                let message = format!("`{}` has two rules", rule.variable);
                self.report(DEFINED_TWICE, &rule.place, message, "keep one of them");
            }
        }
        for initial in &network.initial_assignments {
            if !targets.contains(initial.symbol.as_str()) {
                self.undefined(&initial.symbol, &initial.place);
            } else if self.initials.insert(&initial.symbol, &initial.math).is_some() {
                let message = format!("`{}` has two initial assignments", initial.symbol);
                self.report(DEFINED_TWICE, &initial.place, message, "keep one of them");
            }
        }
        for species in &network.species {
            if !network.compartments.iter().any(|c| c.id == species.compartment) {
                self.undefined(&species.compartment, &species.place);
            }
        }
        for reaction in &network.reactions {
            for participant in reaction.reactants.iter().chain(&reaction.products) {
                match network.species.iter().find(|s| s.id == participant.species) {
                    Some(species) if !species.boundary && !species.constant => {
                        self.reacting.insert(&species.id);
                    }
                    Some(_) => {}
                    None => self.undefined(&participant.species, &reaction.place),
                }
            }
        }
        for event in &network.events {
            for assignment in &event.assignments {
                if !targets.contains(assignment.variable.as_str()) {
                    self.undefined(&assignment.variable, &assignment.place);
                }
            }
        }
    }

    fn undefined(&mut self, name: &str, place: &Place) {
        let message = if name.is_empty() {
            "an id is missing".to_owned()
        } else {
            format!("`{name}` is not defined")
        };
        self.report(UNDEFINED, place, message, "declare it, or correct the id");
    }

    /// Which quantity each algebraic rule determines.
    fn match_algebraic_rules(&mut self) {
        let network = self.network;
        let algebraic: Vec<&Rule> = network.rules.iter().filter(|r| r.kind == RuleKind::Algebraic).collect();
        if algebraic.is_empty() {
            return;
        }
        let mut free: BTreeSet<&str> = network
            .parameters
            .iter()
            .filter(|p| !p.constant)
            .map(|p| p.id.as_str())
            .collect();
        free.extend(
            network
                .compartments
                .iter()
                .filter(|c| !c.constant)
                .map(|c| c.id.as_str()),
        );
        free.extend(network.species.iter().filter(|s| !s.constant).map(|s| s.id.as_str()));
        let participants = network
            .reactions
            .iter()
            .flat_map(|r| r.reactants.iter().chain(&r.products));
        free.extend(participants.filter(|p| !p.constant).filter_map(|p| p.id.as_deref()));
        free.retain(|name| !self.rules.contains_key(name) && !self.reacting.contains(name));
        let assigned: BTreeSet<&str> = network
            .events
            .iter()
            .flat_map(|e| e.assignments.iter().map(|a| a.variable.as_str()))
            .collect();
        let possible: Vec<BTreeSet<&str>> = algebraic
            .iter()
            .map(|rule| self.names_behind(&rule.math).intersection(&free).copied().collect())
            .collect();
        // What events assign is meant to stay as assigned. Level 1 cannot say what is constant: there, only species follow.
        let is_species = |name: &str| network.species.iter().any(|s| s.id == name);
        let is_named = |rule: &Rule, name: &str| rule.math.names().contains(&name);
        let suits = |rule: &Rule, name: &str| {
            let follows =
                is_species(name) || (network.level.0 > 1 && (is_named(rule, name) || !self.is_compartment(name)));
            follows && !assigned.contains(name)
        };
        let preferred =
            |(all, rule): (&BTreeSet<&'a str>, &&Rule)| all.iter().copied().filter(|name| suits(rule, name)).collect();
        let preferred: Vec<BTreeSet<&str>> = possible.iter().zip(&algebraic).map(preferred).collect();
        match matching(&preferred, &possible) {
            Some(unknowns) => self.solved = unknowns.into_iter().zip(0..).collect(),
            None => {
                let message = "the algebraic rules leave nothing that they could determine".into();
                let help = "each needs a quantity of its own that is not constant and has no other rule";
                self.report(UNDETERMINED, &algebraic[0].place, message, help);
            }
        }
    }

    fn is_compartment(&self, name: &str) -> bool {
        self.network.compartments.iter().any(|c| c.id == name)
    }

    /// Names in `math` and in whatever defines them.
    fn names_behind(&self, math: &'a Math) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut pending = vec![math];
        while let Some(math) = pending.pop() {
            for name in math.names() {
                if !found.insert(name) {
                    continue;
                }
                if let Some(rule) = self.rules.get(name).filter(|r| r.kind == RuleKind::Assignment) {
                    pending.push(&rule.math);
                }
                if let Some(rate) = self
                    .network
                    .reactions
                    .iter()
                    .find(|r| r.id == name)
                    .and_then(|r| r.rate.as_ref())
                {
                    pending.push(rate);
                }
                if self.reacting.contains(name)
                    && let Some(species) = self.network.species.iter().find(|s| s.id == name)
                    && !self.is_amount(species)
                {
                    found.insert(&species.compartment);
                }
            }
        }
        found
    }

    fn role(&self, name: &str) -> Role {
        match self.rules.get(name).map(|r| r.kind) {
            Some(RuleKind::Assignment) => Role::Defined,
            Some(_) => Role::Rated,
            None if self.solved.contains_key(name) => Role::Solved,
            None if self.reacting.contains(name) => Role::Reacting,
            None => Role::Stored,
        }
    }

    fn symbol(&mut self, name: &str) -> (SymbolId, ExprId) {
        (self.low.arena.symbol(name), self.low.arena.named(name))
    }

    /// The formula of the algebraic rule that determines `name`.
    fn residual(&mut self, name: &str) -> ExprId {
        let network = self.network;
        let rule = network
            .rules
            .iter()
            .filter(|r| r.kind == RuleKind::Algebraic)
            .nth(self.solved[name]);
        let rule = rule.expect("the matching numbers the algebraic rules");
        self.plain(&rule.math, &rule.place)
    }

    /// Adds a quantity that formulas mean directly.
    fn quantity(&mut self, name: &'a str, value: Option<f64>, place: &Place) {
        let (symbol, _) = self.symbol(name);
        match self.role(name) {
            Role::Defined => {
                let rule = self.rules[name];
                let value = self.plain(&rule.math, &rule.place);
                self.define(symbol, value);
                return;
            }
            Role::Rated => {
                let rule = self.rules[name];
                let rate = self.plain(&rule.math, &rule.place);
                self.unknown(symbol, Rate::Of(rate));
            }
            Role::Solved => {
                let residual = self.residual(name);
                self.unknown(symbol, Rate::Solved(residual));
            }
            Role::Reacting | Role::Stored => self.flow.stored.push(symbol),
        }
        let start = match self.initials.get(name) {
            Some(&math) => self.plain(math, place),
            None => self.low.arena.number(value.unwrap_or(f64::NAN)),
        };
        self.start(symbol, start);
    }

    fn define(&mut self, symbol: SymbolId, value: ExprId) {
        self.flow.definitions.push((symbol, value));
        self.start(symbol, value);
    }

    fn unknown(&mut self, symbol: SymbolId, rate: Rate) {
        self.flow.unknowns.push(symbol);
        self.flow.rates.push(rate);
    }

    fn start(&mut self, symbol: SymbolId, value: ExprId) {
        if self.flow.start.insert(symbol, value).is_none() {
            self.flow.order.push(symbol);
        }
    }

    /// Compartments, parameters and named stoichiometries.
    fn compartments_and_numbers(&mut self) {
        let network = self.network;
        for compartment in &network.compartments {
            let size = compartment.size.or_else(|| (network.level.0 < 3).then_some(1.0));
            self.quantity(&compartment.id, size, &compartment.place);
        }
        for parameter in &network.parameters {
            self.quantity(&parameter.id, parameter.value, &parameter.place);
        }
        for reaction in &network.reactions {
            for participant in reaction.reactants.iter().chain(&reaction.products) {
                if let Some(id) = &participant.id {
                    if let Some(math) = &participant.stoichiometry_math {
                        let (symbol, value) = (self.low.arena.symbol(id), self.plain(math, &reaction.place));
                        self.define(symbol, value);
                    } else {
                        self.quantity(id, participant.stoichiometry, &reaction.place);
                    }
                }
            }
        }
    }

    /// The rate of every reaction under its name.
    fn reaction_rates(&mut self) {
        let network = self.network;
        for reaction in &network.reactions {
            let mut scope = Scope::new();
            for local in &reaction.locals {
                scope.insert(&local.id, self.low.arena.number(local.value.unwrap_or(f64::NAN)));
            }
            let rate = match &reaction.rate {
                Some(math) => self.lower(math, &scope, &reaction.place),
                None => self.low.arena.number(f64::NAN),
            };
            let symbol = self.low.arena.symbol(&reaction.id);
            self.define(symbol, rate);
        }
    }

    /// True if formulas mean the amount of the species.
    fn is_amount(&self, species: &Species) -> bool {
        self.network.is_amount(species)
    }

    /// The name of the species' amount.
    fn amount(&mut self, species: &Species) -> (SymbolId, ExprId) {
        if self.is_amount(species) {
            self.symbol(&species.id)
        } else {
            self.symbol(&format!("{} amount", species.id))
        }
    }

    fn species(&mut self) {
        let network = self.network;
        for species in &network.species {
            if self.is_amount(species) {
                self.species_as_amount(species);
            } else {
                self.species_as_concentration(species);
            }
        }
    }

    fn species_as_amount(&mut self, species: &'a Species) {
        let concentration = species.initial_concentration;
        if concentration.is_some()
            && species.initial_amount.is_none()
            && !self.initials.contains_key(species.id.as_str())
        {
            let (_, size) = self.symbol(&species.compartment);
            let (symbol, _) = self.symbol(&species.id);
            let value = self.low.arena.number(concentration.unwrap_or(f64::NAN));
            let amount = self.low.arena.mul(value, size);
            self.species_quantity(species, symbol);
            if self.role(&species.id) != Role::Defined {
                self.start(symbol, amount);
            }
        } else {
            let (symbol, _) = self.symbol(&species.id);
            self.species_quantity(species, symbol);
        }
    }

    /// Adds a species whose amount formulas mean.
    fn species_quantity(&mut self, species: &'a Species, symbol: SymbolId) {
        if self.role(&species.id) == Role::Reacting {
            let rate = self.reaction_flow(species);
            self.unknown(symbol, Rate::Of(rate));
            let value = match self.initials.get(species.id.as_str()) {
                Some(&math) => self.plain(math, &species.place),
                None => self.low.arena.number(species.initial_amount.unwrap_or(f64::NAN)),
            };
            self.start(symbol, value);
        } else {
            self.quantity(&species.id, species.initial_amount, &species.place);
        }
    }

    fn species_as_concentration(&mut self, species: &'a Species) {
        let (symbol, concentration) = self.symbol(&species.id);
        let (amount_symbol, amount) = self.amount(species);
        let (_, size) = self.symbol(&species.compartment);
        let role = self.role(&species.id);
        let product = self.low.arena.mul(concentration, size);
        let size_is_free = matches!(self.role(&species.compartment), Role::Stored | Role::Rated);
        // The amount is what stays when the size of the compartment changes, so it is what is kept where it can be.
        let direct = role == Role::Defined || role == Role::Solved || (role == Role::Rated && !size_is_free);
        if direct {
            let start = species.initial_concentration;
            self.quantity(&species.id, start, &species.place);
            self.define(amount_symbol, product);
        } else {
            let quotient = self.low.arena.div(amount, size);
            self.flow.definitions.push((symbol, quotient));
            match role {
                Role::Reacting => {
                    let rate = self.reaction_flow(species);
                    self.unknown(amount_symbol, Rate::Of(rate));
                }
                Role::Rated => {
                    let rule = self.rules[species.id.as_str()];
                    let rate = self.plain(&rule.math, &rule.place);
                    let rate = self.low.arena.mul(rate, size);
                    let growth = self.size_rate(&species.compartment);
                    let growth = self.low.arena.mul(concentration, growth);
                    let rate = self.low.arena.add(rate, growth);
                    self.unknown(amount_symbol, Rate::Of(rate));
                }
                _ => self.flow.stored.push(amount_symbol),
            }
            self.start(amount_symbol, product);
        }
        if role == Role::Defined {
            return;
        }
        let start = match (self.initials.get(species.id.as_str()), species.initial_amount) {
            (Some(&math), _) => self.plain(math, &species.place),
            (None, Some(value)) => {
                let value = self.low.arena.number(value);
                if direct {
                    self.low.arena.div(value, size)
                } else {
                    // Given as an amount: that needs no size, and the concentration follows from it.
                    self.start(amount_symbol, value);
                    self.low.arena.div(amount, size)
                }
            }
            _ => self.low.arena.number(species.initial_concentration.unwrap_or(f64::NAN)),
        };
        self.start(symbol, start);
    }

    /// Rate of change of a compartment's size.
    fn size_rate(&mut self, compartment: &str) -> ExprId {
        match self.rules.get(compartment).copied() {
            Some(rule) if rule.kind == RuleKind::Rate => self.plain(&rule.math, &rule.place),
            _ => self.low.arena.number(0.0),
        }
    }

    /// What all reactions together make of a species, in substance. Fast reactions run at their own pace.
    fn reaction_flow(&mut self, species: &Species) -> ExprId {
        let network = self.network;
        let mut total = self.low.arena.number(0.0);
        let has_fast = self.has_fast();
        for reaction in network.reactions.iter().filter(|r| r.rate.is_some()) {
            if let Some(net) = self.net_stoichiometry(reaction, &species.id) {
                let mut rate = self.low.arena.named(&reaction.id);
                if has_fast {
                    let pace = self.low.arena.named(if reaction.fast { FAST_PACE } else { SLOW_PACE });
                    rate = self.low.arena.mul(pace, rate);
                }
                let flow = self.low.arena.mul(net, rate);
                total = self.low.arena.add(total, flow);
            }
        }
        match species
            .conversion_factor
            .as_deref()
            .or(network.conversion_factor.as_deref())
        {
            Some(factor) => {
                let factor = self.plain(&Math::name(factor), &species.place);
                self.low.arena.mul(factor, total)
            }
            None => total,
        }
    }

    /// Products minus reactants of one species in one reaction, if it takes part.
    fn net_stoichiometry(&mut self, reaction: &Reaction, species: &str) -> Option<ExprId> {
        let mut net = None;
        for (side, is_product) in [(&reaction.reactants, false), (&reaction.products, true)] {
            for participant in side.iter().filter(|p| p.species == species) {
                let count = self.stoichiometry(participant, &reaction.place);
                let zero = self.low.arena.number(0.0);
                let before = net.unwrap_or(zero);
                let after = if is_product {
                    self.low.arena.add(before, count)
                } else {
                    self.low.arena.sub(before, count)
                };
                net = Some(after);
            }
        }
        net
    }

    fn stoichiometry(&mut self, participant: &Participant, place: &Place) -> ExprId {
        match (&participant.id, &participant.stoichiometry_math) {
            (Some(id), _) => self.low.arena.named(id),
            (None, Some(math)) => self.plain(math, place),
            (None, None) => self.low.arena.number(participant.stoichiometry.unwrap_or(1.0)),
        }
    }

    fn events(&mut self) -> Vec<Happening> {
        let network = self.network;
        let mut events = Vec::new();
        for (index, event) in network.events.iter().enumerate() {
            let Some(trigger) = &event.trigger else { continue };
            let place = &event.place;
            let trigger = self.plain(trigger, place);
            let delay = event.delay.as_ref().map(|math| self.plain(math, place));
            let priority = event.priority.as_ref().map(|math| self.plain(math, place));
            let actions = event.assignments.iter().filter_map(|a| {
                let value = self.plain(&a.math, &a.place);
                self.action(&a.variable, value, &a.place)
            });
            let actions = actions.collect();
            events.push(Happening {
                name: if event.id.is_empty() {
                    format!("event {}", index + 1)
                } else {
                    event.id.clone()
                },
                trigger,
                initial_value: event.initial_value,
                persistent: event.persistent,
                delay,
                priority,
                values_from_trigger_time: event.values_from_trigger_time,
                actions,
            });
        }
        events
    }

    fn action(&mut self, variable: &str, value: ExprId, place: &Place) -> Option<Action> {
        if self.role(variable) == Role::Defined {
            let message = format!("an event gives `{variable}` a value, but a rule defines it");
            self.report(
                DEFINED_TWICE,
                place,
                message,
                "drop the assignment rule, or the event assignment",
            );
            return None;
        }
        let network = self.network;
        let mut size = None;
        let mut target = self.low.arena.symbol(variable);
        if let Some(species) = network.species.iter().find(|s| s.id == variable) {
            let (amount, _) = self.amount(species);
            let is_kept = self.flow.unknowns.contains(&amount) || self.flow.stored.contains(&amount);
            if !self.is_amount(species) && is_kept {
                target = amount;
                size = Some(self.symbol(&species.compartment).1);
            }
        }
        Some(Action { target, value, size })
    }

    fn outputs(&mut self) -> Vec<Output> {
        let network = self.network;
        let mut outputs = Vec::new();
        for species in &network.species {
            let (_, value) = self.symbol(&species.id);
            let (_, amount) = self.amount(species);
            let (_, size) = self.symbol(&species.compartment);
            let concentration = if species.substance_only {
                self.low.arena.div(amount, size)
            } else {
                value
            };
            let varies = !species.constant;
            outputs.push(Output {
                name: species.id.clone(),
                value,
                species: Some((amount, concentration)),
                varies,
            });
        }
        let parameters = network.parameters.iter().map(|p| (&p.id, !p.constant));
        let compartments = network.compartments.iter().map(|c| (&c.id, !c.constant));
        let reactions = network.reactions.iter().map(|r| (&r.id, true));
        let participants = network
            .reactions
            .iter()
            .flat_map(|r| r.reactants.iter().chain(&r.products));
        let participants = participants.filter_map(|p| p.id.as_ref().map(|id| (id, !p.constant)));
        for (name, varies) in compartments.chain(parameters).chain(reactions).chain(participants) {
            let (_, value) = self.symbol(name);
            outputs.push(Output {
                name: name.clone(),
                value,
                species: None,
                varies,
            });
        }
        // What stands for values from outside has a name that no document can have.
        outputs.retain(|output| !output.name.contains(' '));
        outputs
    }

    /// Definitions for the rates that formulas ask for.
    fn rates_of(&mut self) {
        // Rates may ask for rates; each round adds definitions for the names that are new.
        let mut done: BTreeSet<SymbolId> = BTreeSet::new();
        loop {
            let open: Vec<SymbolId> = self.low.rates_of.difference(&done).copied().collect();
            if open.is_empty() {
                return;
            }
            for symbol in open {
                done.insert(symbol);
                let name = self.low.arena.name(symbol).to_owned();
                // A definition that uses its own rate would ask for rates of rates without end.
                let is_endless = name.matches("rateOf ").count() > 3;
                let rate = if is_endless { None } else { self.rate_of(symbol, &name) };
                let Some(rate) = rate else {
                    let message = format!("`rateOf` of `{name}`, which has no rate of its own");
                    self.report(UNSUPPORTED, &Place::default(), message, "write its rate as a formula");
                    return;
                };
                let target = self.low.arena.symbol(&rate_name(&name));
                self.define(target, rate);
            }
        }
    }

    fn rate_of(&mut self, symbol: SymbolId, name: &str) -> Option<ExprId> {
        if let Some(rate) = self.integrated_rate(symbol) {
            return rate;
        }
        if self.flow.stored.contains(&symbol) {
            return Some(self.low.arena.number(0.0));
        }
        let network = self.network;
        if let Some(species) = network.species.iter().find(|s| s.id == name)
            && self.role(name) != Role::Defined
        {
            let (amount_symbol, _) = self.amount(species);
            let zero = self.low.arena.number(0.0);
            let flow = self.integrated_rate(amount_symbol).flatten().unwrap_or(zero);
            let (_, size) = self.symbol(&species.compartment);
            let (_, concentration) = self.symbol(name);
            let size_symbol = self.low.arena.symbol(&species.compartment);
            let growth = self.rate_of(size_symbol, &species.compartment)?;
            let dilution = self.low.arena.mul(concentration, growth);
            let net = self.low.arena.sub(flow, dilution);
            return Some(self.low.arena.div(net, size));
        }
        let definition = self.flow.definitions.iter().find(|d| d.0 == symbol).map(|d| d.1)?;
        self.total_derivative(definition)
    }

    /// `None` if `symbol` is not an unknown; `Some(None)` after a report if it has no rate of its own.
    fn integrated_rate(&mut self, symbol: SymbolId) -> Option<Option<ExprId>> {
        let at = self.flow.unknowns.iter().position(|&u| u == symbol)?;
        match self.flow.rates[at] {
            Rate::Of(rate) => Some(Some(rate)),
            Rate::Solved(_) => {
                let message = format!(
                    "`rateOf` of `{}`, which an algebraic rule determines",
                    self.low.arena.name(symbol)
                );
                self.report(UNSUPPORTED, &Place::default(), message, "write its rate as a formula");
                Some(None)
            }
        }
    }

    /// The chain rule along everything a definition uses.
    fn total_derivative(&mut self, expr: ExprId) -> Option<ExprId> {
        let mut total = self.low.arena.time_derivative(expr);
        for symbol in self.low.arena.symbols_in(expr) {
            let slope = self.low.arena.derivative(expr, symbol);
            if self.low.arena.constant(slope) == Some(0.0) {
                continue;
            }
            self.low.rates_of.insert(symbol);
            let name = rate_name(self.low.arena.name(symbol));
            let rate = self.low.arena.named(&name);
            let term = self.low.arena.mul(slope, rate);
            total = self.low.arena.add(total, term);
        }
        Some(total)
    }

    /// The rows of the system.
    fn rows(&mut self) -> Vec<Row> {
        let mut rows = Vec::new();
        let has_fast = self.has_fast();
        for (at, (&symbol, &rate)) in self.flow.unknowns.iter().zip(&self.flow.rates).enumerate() {
            let about = self.low.arena.name(symbol).trim_end_matches(" amount").to_owned();
            rows.push(match rate {
                // Rates of reacting species have their paces inside; other rates are slow.
                Rate::Of(right) if has_fast && !self.reacting.contains(about.as_str()) => {
                    let pace = self.low.arena.named(SLOW_PACE);
                    Row {
                        mass: vec![(at, 1.0)],
                        right: self.low.arena.mul(pace, right),
                        about,
                    }
                }
                Rate::Of(right) => Row {
                    mass: vec![(at, 1.0)],
                    right,
                    about,
                },
                Rate::Solved(right) => Row {
                    mass: Vec::new(),
                    right,
                    about,
                },
            });
        }
        rows
    }

    fn has_fast(&self) -> bool {
        self.network.reactions.iter().any(|r| r.fast && r.rate.is_some())
    }

    /// The two paces, if there are fast reactions.
    fn paces(&mut self) {
        if self.has_fast() {
            for name in [SLOW_PACE, FAST_PACE] {
                let (symbol, one) = (self.low.arena.symbol(name), self.low.arena.number(1.0));
                self.flow.stored.push(symbol);
                self.start(symbol, one);
            }
        }
    }

    /// True if one delayed quantity needs more looks back, inner ones counted each time, than anyone could wait for.
    fn looks_back_too_often(&self, defined: &BTreeMap<SymbolId, ExprId>) -> bool {
        let place: BTreeMap<SymbolId, usize> = self.low.delays.iter().map(|d| d.symbol).zip(0..).collect();
        let mut looks: Vec<u64> = Vec::new();
        for delay in &self.low.delays {
            let mut pending = vec![delay.value, delay.lag];
            let mut seen = BTreeSet::new();
            let mut count = 1u64;
            while let Some(expr) = pending.pop() {
                for symbol in self.low.arena.symbols_in(expr) {
                    if seen.insert(symbol) {
                        count += place.get(&symbol).and_then(|&at| looks.get(at)).copied().unwrap_or(0);
                        pending.extend(defined.get(&symbol));
                    }
                }
            }
            looks.push(count.min(MOST_LOOKS * 2));
        }
        looks.iter().any(|&count| count > MOST_LOOKS)
    }

    /// Puts everything in order.
    fn finish(&mut self, rows: Vec<Row>, events: Vec<Happening>, outputs: Vec<Output>) -> Option<Dynamics> {
        for look in &self.low.delays {
            // At the start a delayed quantity is what it is computed from, at an earlier time.
            self.flow.start.insert(look.symbol, look.value);
            self.flow.order.push(look.symbol);
        }
        let flow = std::mem::take(&mut self.flow);
        let arena = &self.low.arena;
        let lags: BTreeMap<SymbolId, ExprId> = self.low.delays.iter().map(|d| (d.symbol, d.lag)).collect();
        let uses = |symbol: SymbolId| -> Vec<SymbolId> {
            let mut used = flow
                .start
                .get(&symbol)
                .map(|&e| arena.symbols_in(e))
                .unwrap_or_default();
            used.extend(lags.get(&symbol).map(|&e| arena.symbols_in(e)).unwrap_or_default());
            used.into_iter().filter(|s| flow.start.contains_key(s)).collect()
        };
        let start = in_order(&flow.order, &uses);
        let defined: BTreeMap<SymbolId, ExprId> = flow.definitions.iter().copied().collect();
        let names: Vec<SymbolId> = flow.definitions.iter().map(|d| d.0).collect();
        let behind = |symbol: SymbolId| -> Vec<SymbolId> {
            let used = defined.get(&symbol).map(|&e| arena.symbols_in(e)).unwrap_or_default();
            used.into_iter().filter(|s| defined.contains_key(s)).collect()
        };
        let order = in_order(&names, &behind);
        if self.low.delays.len() > 1 && self.looks_back_too_often(&defined) {
            let message = "delayed quantities are nested too deep in each other".into();
            self.report(
                MODEL_TOO_LARGE,
                &Place::default(),
                message,
                "let inner ones be state variables",
            );
            return None;
        }
        let arena = &self.low.arena;
        let circles: Vec<Vec<SymbolId>> = order.circles.into_iter().chain(start.circles).collect();
        if let Some(circle) = circles.first() {
            let names: Vec<String> = circle.iter().map(|&s| format!("`{}`", arena.name(s))).collect();
            let message = format!("{} depend on each other in a circle", names.join(", "));
            self.report(
                CYCLE,
                &Place::default(),
                message,
                "break the circle with a rate rule or an algebraic rule",
            );
            return None;
        }
        let start_list = start
            .order
            .iter()
            .map(|&symbol| Start {
                symbol,
                value: flow.start[&symbol],
            })
            .collect();
        let is_solved = |rate: &Rate| matches!(rate, Rate::Solved(_));
        let solved = flow
            .rates
            .iter()
            .enumerate()
            .filter(|(_, rate)| is_solved(rate))
            .map(|(at, _)| at)
            .collect();
        let definitions = order.order.iter().map(|&s| (s, defined[&s])).collect();
        let delays = self
            .low
            .delays
            .iter()
            .map(|d| Delayed {
                symbol: d.symbol,
                value: d.value,
                lag: d.lag,
            })
            .collect();
        let mut arena = std::mem::take(&mut self.low.arena);
        arena.intern(Node::Time);
        Some(Dynamics {
            arena,
            unknowns: flow.unknowns,
            rows,
            solved,
            stored: flow.stored,
            definitions,
            start: start_list,
            delays,
            events,
            outputs,
        })
    }
}
