//! Antimony text to a checked symbolic model, and back.

pub mod codes;
pub mod compose;
pub mod diagnostic;
pub mod equations;
pub mod evaluate;
pub mod expression;
pub mod model;
pub mod nearest;
pub mod rule;
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
mod simplify;

pub use antimony::{parse_antimony, print_antimony};
pub use compose::{AttachError, Combine, Drive};
pub use diagnostic::{Diagnostic, Severity, Source};
pub use equations::{Assignment, Equations, Parameter, State};
pub use expression::{Arena, Binary, ExprId, Node, SymbolId, Unary};
pub use infix::{Formula, Function};
pub use model::Model;
pub use rule::Rule;
pub use toml_file::{Quantity, read_toml};
