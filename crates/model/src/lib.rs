//! Antimony text to a checked symbolic model, and back.

pub mod codes;
pub mod diagnostic;
pub mod equations;
pub mod evaluate;
pub mod expression;
pub mod nearest;
pub mod rule;
pub mod toml_file;
pub mod units;

mod derivative;
mod functions;
mod infix;
mod lexer;
mod simplify;

pub use diagnostic::{Diagnostic, Severity, Source};
pub use equations::{Assignment, Equations, Parameter, State};
pub use expression::{Arena, Binary, ExprId, Node, SymbolId, Unary};
pub use rule::Rule;
pub use toml_file::{Quantity, read_toml};
