//! A model as its author wrote it: quantities, rules, reactions, functions, units and what each of them means.
//!
//! Expressions are kept as written. Places in the text never count when parts of models are compared.

use std::ops::Range;

use crate::expression::{Arena, SymbolId};
use crate::infix::{Formula, Function};
use crate::units::Unit;

/// A place in the model's text, equal to any other place.
#[derive(Clone, Debug, Default)]
pub struct Place(pub Range<usize>);

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A checked model text; see [`Model::equations`](crate::Model::equations) for what can be computed from it.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Name after `model`; empty if the text has no `model` line.
    pub name: String,
    /// What the model as a whole is called and rests on.
    pub annotation: Annotation,
    /// Owner of all expressions, unsimplified, and of all names.
    pub arena: Arena,
    /// Quantities in the order in which the text first mentions them.
    pub variables: Vec<Variable>,
    /// Reactions in the order of the text.
    pub reactions: Vec<Reaction>,
    /// Functions in the order of the text; their calls are already expanded.
    pub functions: Vec<Function>,
    /// Units the text defines, in its order.
    pub units: Vec<UnitDefinition>,
}

/// What a quantity is.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Kind {
    /// A number, constant or with a rule.
    #[default]
    Parameter,
    /// A volume in which species live.
    Compartment,
    /// Something that reactions make and use.
    Species {
        /// Where it is; volume 1 if nowhere.
        compartment: Option<SymbolId>,
        /// True if its value is an amount, false if it is a concentration.
        substance_only: bool,
        /// True if reactions do not change it (`$S`).
        boundary: bool,
    },
}

/// How a quantity changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// `x' = ...`
    Rate(Formula),
    /// `x := ...`
    Assignment(Formula),
}

impl Change {
    /// The expression, whichever it is.
    pub fn formula(&self) -> &Formula {
        match self {
            Change::Rate(formula) | Change::Assignment(formula) => formula,
        }
    }
}

/// A named quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name.
    pub symbol: SymbolId,
    /// What it is.
    pub kind: Kind,
    /// True for `var`, false for `const`, nothing if the text does not say.
    pub declared_variable: Option<bool>,
    /// Value at the start: `x = ...`.
    pub initial: Option<Formula>,
    /// How it changes; reactions apart.
    pub change: Option<Change>,
    /// Meaning, unit, sources, notes.
    pub annotation: Annotation,
    /// Where the text first declares it.
    pub place: Place,
}

/// Meaning, unit, sources and notes of something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotation {
    /// Display name: `x is "..."`.
    pub display_name: Option<String>,
    /// Unit: `x has per_day`.
    pub unit: Option<NamedUnit>,
    /// Links: `x description "https://doi.org/..."`, `x identity "..."`.
    pub references: Vec<Reference>,
    /// Remarks: `x notes "assumed: ..."`.
    pub notes: Vec<String>,
}

impl Annotation {
    /// Where the number comes from: the links given as `description`.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.references
            .iter()
            .filter(|r| r.qualifier == "description")
            .map(|r| r.resource.as_str())
    }

    /// Why the number is assumed: the notes that begin with `assumed`.
    pub fn assumptions(&self) -> impl Iterator<Item = &str> {
        let reason = |note: &'_ String| -> bool { note.trim_start().to_lowercase().starts_with("assumed") };
        self.notes.iter().filter(move |note| reason(note)).map(String::as_str)
    }
}

/// A unit as written and what it is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedUnit {
    /// As in the text: a name, or a small expression.
    pub text: String,
    /// Its value.
    pub unit: Unit,
    /// Where it stands.
    pub place: Place,
}

/// A link with its meaning.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// What the link says of the quantity, by Antimony's word for it (`description`, `identity`, `hypernym` ...).
    pub qualifier: String,
    /// Address or identifier.
    pub resource: String,
}

/// A conversion of species at a rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Reaction {
    /// Its name, by which expressions can use its rate.
    pub symbol: SymbolId,
    /// How many of which species it uses up.
    pub reactants: Vec<(f64, SymbolId)>,
    /// How many of which species it makes.
    pub products: Vec<(f64, SymbolId)>,
    /// True for `->`, false for `=>`; says nothing about the rate.
    pub reversible: bool,
    /// Substance per day.
    pub rate: Formula,
    /// Meaning, unit, sources, notes.
    pub annotation: Annotation,
    /// Where it stands.
    pub place: Place,
}

/// `unit name = ...`
#[derive(Clone, Debug, PartialEq)]
pub struct UnitDefinition {
    /// Name used after `has`.
    pub name: String,
    /// Definition as written.
    pub text: String,
    /// Its value.
    pub unit: Unit,
    /// Where it stands.
    pub place: Place,
}

impl Model {
    /// The quantity called `name`.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        let symbol = self.arena.find_symbol(name)?;
        self.variables.iter().find(|v| v.symbol == symbol)
    }
}
