//! From a network as written to its equations.

mod algebraic;
mod collect;
mod events;
mod finish;
mod limits;
mod quantities;
mod rates;
mod reactions;
mod reports;
mod species;

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::DEFINED_TWICE;
use crate::diagnostic::{Diagnostic, Source};
use crate::expression::{ExprId, SymbolId};
use crate::model::Place;
use crate::network::dynamics::Dynamics;
use crate::network::lower::{Lowering, Scope};
use crate::network::math::Math;
use crate::network::parts::{Compartment, Network, Reaction, Rule, RuleKind, Species};

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
            named: Named::new(self),
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
    named: Named<'a>,
    flow: Flow,
}

/// Elements by id, so that large networks need no searching.
struct Named<'a> {
    compartments: BTreeMap<&'a str, &'a Compartment>,
    species: BTreeMap<&'a str, &'a Species>,
    reactions: BTreeMap<&'a str, &'a Reaction>,
    /// Species to the reactions that have a rate and it as reactant or product, in the order of the document.
    reactions_of: BTreeMap<&'a str, Vec<&'a Reaction>>,
}

impl<'a> Named<'a> {
    fn new(network: &'a Network) -> Self {
        let mut reactions_of: BTreeMap<&str, Vec<&Reaction>> = BTreeMap::new();
        for reaction in network.reactions.iter().filter(|r| r.rate.is_some()) {
            for participant in reaction.reactants.iter().chain(&reaction.products) {
                let list = reactions_of.entry(&participant.species).or_default();
                if list.last().is_none_or(|last| last.id != reaction.id) {
                    list.push(reaction);
                }
            }
        }
        Named {
            compartments: network.compartments.iter().map(|c| (c.id.as_str(), c)).collect(),
            species: network.species.iter().map(|s| (s.id.as_str(), s)).collect(),
            reactions: network.reactions.iter().map(|r| (r.id.as_str(), r)).collect(),
            reactions_of,
        }
    }
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
        let limits = self.limits();
        let outputs = self.outputs();
        self.rates_of();
        if !self.findings.is_empty() {
            return None;
        }
        let rows = self.rows();
        self.finish(rows, events, limits, outputs)
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
}
