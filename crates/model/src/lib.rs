//! Antimony text to a checked symbolic model, and back; and the words that other files are written in: rules, units, quantities,
//! diagnostics.
//!
//! In goes a [`Source`]; out comes a [`Model`] (what the author wrote) and from it [`Equations`] (what can be computed), or a
//! list of [`Diagnostic`]s that show the line, underline the place and say what to do.
//!
//! ```
//! use malar_model::{Source, parse_antimony};
//! let text = "unit per_day = 1/(86400 second); B' = k*(1 - B); B = 0.2; k = 0.1; k has per_day; B has dimensionless";
//! let source = Source { path: "b-cells.ant".into(), text: text.into() };
//! let model = parse_antimony(&source).expect("the text is Antimony");
//! assert!(model.check_units(&source).is_empty());
//! let mut equations = model.equations(&source).expect("every name is defined, once");
//! let (state, rate) = (equations.states[0].symbol, equations.states[0].rate);
//! let slope = equations.arena.derivative(rate, state); // d(k (1 - B))/dB
//! assert_eq!(equations.arena.text(slope), "-k");
//! ```
//!
//! The choice that matters: one arena of hash-consed expressions ([`Arena`]) for model equations and rules alike. Equal
//! subexpressions are one node, an operand always comes before its user, and so simplification, derivatives, substitution and
//! evaluation are loops over node numbers: no recursion that a long or deep input could exhaust.
//! The reader keeps expressions as written; they are simplified on the way to `Equations`.

pub mod codes;
pub mod compose;
pub mod diagnostic;
pub mod equations;
pub mod evaluate;
pub mod expression;
pub mod model;
pub mod nearest;
pub mod network;
pub mod rule;
pub mod sbml;
pub mod toml_file;
pub mod units;

mod antimony;
mod derivative;
mod dimensions;
mod flatten;
mod functions;
mod infix;
mod infix_text;
mod lexer;
mod order;
mod provenance;
mod simplify;

pub use antimony::{parse_antimony, print_antimony};
pub use compose::{AttachError, Combine, Drive};
pub use diagnostic::{Diagnostic, Severity, Source};
pub use equations::{Assignment, Equations, Parameter, State};
pub use expression::{Arena, Binary, ExprId, Node, SymbolId, Unary};
pub use infix::{Formula, Function};
pub use model::Model;
pub use network::{Dynamics, Math, Network, read_antimony};
pub use rule::Rule;
pub use sbml::{is_sbml, read_sbml, write_sbml};
pub use toml_file::{Quantity, read_toml};
pub use units::Unit;
