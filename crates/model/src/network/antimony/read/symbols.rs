//! What a module is made of: symbols, each of which the text may say more and more about.

use std::collections::BTreeMap;

use crate::network::math::Math;
use crate::network::parts::{BaseUnit, Remarks};

/// What a symbol is, as far as the text has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Kind {
    #[default]
    Unknown,
    Number,
    Species,
    Compartment,
    Reaction,
    /// A reaction that is part of a strand.
    Gene,
    /// Part of a strand, not yet known as what.
    Dna,
    /// Part of a strand that changes the rate of what is downstream.
    Operator,
    Strand,
    Interaction,
    Event,
    Submodule,
    Unit,
    Algebraic,
    /// How many of a species a reaction takes or makes.
    Stoichiometry,
    Constraint,
    Deleted,
}

impl Kind {
    /// As messages name it.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Unknown => "something not yet known",
            Kind::Number => "a number",
            Kind::Species => "a species",
            Kind::Compartment => "a compartment",
            Kind::Reaction => "a reaction",
            Kind::Gene => "a gene",
            Kind::Dna => "a part of a strand",
            Kind::Operator => "an operator of a strand",
            Kind::Strand => "a strand",
            Kind::Interaction => "an interaction",
            Kind::Event => "an event",
            Kind::Submodule => "a submodule",
            Kind::Unit => "a unit",
            Kind::Algebraic => "an algebraic rule",
            Kind::Stoichiometry => "a stoichiometry",
            Kind::Constraint => "a constraint",
            Kind::Deleted => "deleted",
        }
    }

    pub fn is_reaction(self) -> bool {
        matches!(self, Kind::Reaction | Kind::Gene)
    }

    pub fn is_dna(self) -> bool {
        matches!(self, Kind::Dna | Kind::Operator | Kind::Gene)
    }

    /// The kind of a symbol that is `self` and is said to be `other` too; nothing if it cannot be both.
    pub fn and(self, other: Kind) -> Option<Kind> {
        use Kind::{Algebraic, Strand, Unit, Unknown};
        use Kind::{Compartment, Dna, Event, Gene, Interaction, Number, Operator, Reaction, Species, Stoichiometry};
        let is_refined = |kind| {
            matches!(
                kind,
                Species
                    | Dna
                    | Operator
                    | Gene
                    | Reaction
                    | Interaction
                    | Compartment
                    | Event
                    | Unit
                    | Stoichiometry
                    | Algebraic
            )
        };
        match (self, other) {
            (a, b) if a == b => Some(a),
            (a, Unknown) => Some(a),
            (Unknown, b) => Some(b),
            (Number, b) if is_refined(b) => Some(b),
            (a, Number) if is_refined(a) => Some(a),
            (Dna, Operator | Gene | Strand) => Some(other),
            (Operator | Gene, Dna) => Some(self),
            (Dna, Reaction) | (Reaction, Dna | Gene) | (Gene, Reaction) => Some(Gene),
            _ => None,
        }
    }
}

/// A formula and the submodule whose text it comes from: empty for this module's own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Formula {
    pub math: Math,
    pub origin: String,
}

impl Formula {
    pub fn own(math: Math) -> Formula {
        Formula {
            math,
            origin: String::new(),
        }
    }

    /// True if it says no more than "as upstream".
    pub fn is_upstream(&self) -> bool {
        matches!(&self.math, Math::Name(name) if name == super::formula::UPSTREAM)
    }
}

/// What determines a quantity over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Course {
    /// Its value at the start is given; reactions and events may change it.
    #[default]
    Initial,
    /// Always its formula.
    Assigned,
    /// Changes at a rate.
    Rated,
}

/// How many of which species.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    pub count: f64,
    /// Name of the stoichiometry, if it has one.
    pub named: Option<String>,
    pub species: String,
}

/// Between the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrow {
    Reversible,
    Irreversible,
    Activates,
    Inhibits,
    Influences,
}

impl Arrow {
    pub fn is_reaction(self) -> bool {
        matches!(self, Arrow::Reversible | Arrow::Irreversible)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sides {
    pub left: Vec<Member>,
    pub right: Vec<Member>,
    pub arrow: Arrow,
}

/// An event; its trigger is the symbol's formula.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Happening {
    pub delay: Option<Formula>,
    pub priority: Option<Formula>,
    pub initial_value: bool,
    pub persistent: bool,
    pub from_trigger: bool,
    pub changes: Vec<(String, Formula)>,
}

/// Parts in a row, and whether more may be attached at either end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Strand {
    pub parts: Vec<String>,
    pub open_upstream: bool,
    pub open_downstream: bool,
}

/// Where a symbol is by being part of something that is there; the strongest reason last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    Submodule,
    Reaction,
    Strand,
}

/// A submodule: which module it is a copy of, and how its time and extent count here.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Copy {
    pub module: String,
    /// Names that the module lets others set, in order, as they are called here.
    pub exports: Vec<String>,
    pub time_factor: Option<String>,
    pub extent_factor: Option<String>,
}

/// One name and all that is said of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Symbol {
    /// With dots between submodules.
    pub name: String,
    pub kind: Kind,
    /// The symbol that this one is another name for.
    pub same: Option<String>,
    pub constant: Option<bool>,
    pub substance_only: bool,
    pub compartment: Option<String>,
    pub inherited: Option<(String, Reason)>,
    pub course: Course,
    /// Value at the start, assignment, rate of a reaction, trigger of an event, residual of an algebraic rule.
    pub formula: Option<Formula>,
    /// Rate of change.
    pub rate: Option<Formula>,
    pub sides: Option<Sides>,
    /// True if another reaction of the same name has taken the place of this one.
    pub is_replaced: bool,
    pub event: Option<Happening>,
    pub strand: Option<Strand>,
    /// Strands that it is part of.
    pub strands: Vec<String>,
    pub copy: Option<Copy>,
    pub unit: Option<String>,
    pub definition: Option<Vec<BaseUnit>>,
    pub conversion_factor: Option<String>,
    pub remarks: Remarks,
    pub links: Vec<(String, String)>,
    pub place: crate::model::Place,
}

impl Symbol {
    /// True if its first name is the only one.
    pub fn is_local(&self) -> bool {
        !self.name.contains('.')
    }
}

/// A module as far as it is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Module {
    pub name: String,
    pub is_main: bool,
    pub exports: Vec<String>,
    pub symbols: Vec<Symbol>,
    index: BTreeMap<String, usize>,
    /// Numbers to go on from when something needs a name.
    numbers: BTreeMap<&'static str, usize>,
    /// Pairs of names made the same, with the factor between them.
    pub pairs: Vec<(String, String, Option<String>)>,
    pub conversion_factor: Option<String>,
    pub remarks: Remarks,
    pub links: Vec<(String, String)>,
}

impl Module {
    pub fn named(name: &str) -> Module {
        Module {
            name: name.to_owned(),
            ..Module::default()
        }
    }

    pub fn position(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    pub fn add(&mut self, symbol: Symbol) -> usize {
        let at = self.symbols.len();
        self.index.insert(symbol.name.clone(), at);
        self.symbols.push(symbol);
        at
    }

    /// The symbol that `at` stands for.
    pub fn real(&self, at: usize) -> usize {
        let mut at = at;
        // Each step was a symbol of its own when the next was made to stand for it, so that there is no circle.
        while let Some(next) = self.symbols[at].same.as_deref().and_then(|name| self.position(name)) {
            at = next;
        }
        at
    }

    /// The symbol that `name` stands for, if there is one of this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.position(name).map(|at| self.real(at))
    }

    /// The name that `name` stands for.
    pub fn real_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.find(name).map_or(name, |at| &self.symbols[at].name)
    }

    /// A name of the form `_J0` that nothing has.
    pub fn numbered(&mut self, stem: &'static str) -> String {
        loop {
            let number = self.numbers.entry(stem).or_default();
            let name = format!("{stem}{number}");
            *number += 1;
            if self.position(&name).is_none() {
                return name;
            }
        }
    }

    /// Where a symbol is: as said of itself, or else of what it is part of.
    pub fn home(&self, at: usize) -> Option<&str> {
        let symbol = &self.symbols[at];
        let home = symbol
            .compartment
            .as_deref()
            .or(symbol.inherited.as_ref().map(|home| home.0.as_str()));
        home.map(|name| self.real_name(name))
    }

    /// Positions of everything inside the submodule called `name`.
    pub fn inside(&self, name: &str) -> Vec<usize> {
        let start = format!("{name}.");
        let all = self
            .index
            .range(start.clone()..)
            .take_while(|entry| entry.0.starts_with(&start));
        let mut found: Vec<usize> = all.map(|entry| *entry.1).collect();
        found.sort_unstable();
        found
    }
}
