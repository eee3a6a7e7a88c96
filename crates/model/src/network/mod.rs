//! Networks: everything SBML can say about a reaction system, as written, and the equations that follow from it.
//!
//! [`Network`] is the document: compartments, species, reactions, rules, events, with formulas as trees ([`Math`]) that keep
//! the author's functions and operators, so that a file read and written again says the same. [`Dynamics`] is its meaning:
//! state variables, rows of a differential-algebraic system, events, delayed quantities, all in one [`Arena`](crate::Arena).

mod antimony;
mod build;
mod dynamics;
mod lower;
mod matching;
mod math;
mod outside;
mod parts;

pub use antimony::{read_antimony, to_antimony};
pub use build::{FAST_PACE, SLOW_PACE};
pub use dynamics::{Action, Delayed, Dynamics, Happening, Limit, Output, Row, Start};
pub use math::{Math, OPERATORS, Operator};
pub use outside::{Closed, Dosed};
pub use parts::{
    BaseUnit, Compartment, Constraint, Event, EventAssignment, InitialAssignment, LocalParameter, Modifier,
    NamedFunction, Network, Parameter, Participant, Reaction, Remarks, Rule, RuleKind, Species, UnitDefinition,
};

/// Text as it stands inside XML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
