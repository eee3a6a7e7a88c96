//! Antimony, the text form of SBML, as a checked [`Model`](crate::Model): reading and writing.
//!
//! This reader is for models that Malar owns: it reads what they need and is strict about it. The whole language, as everyone
//! writes it, is read by [`read_antimony`](crate::read_antimony) into a network.
//!
//! Checked against the reference implementation, `antimony` 3.3: `validation/model/antimony-reader`. Like it, a line end or a
//! `;` ends a statement, and in units a number binds closer than a power (`2 second^-1` is `(2 second)^-1`).
//! Stricter than it: defining a name twice, undefined names and units, and words run together are errors here.

mod parser;
mod printer;
mod reactions;
mod statements;
mod unit_text;
mod words;

pub use parser::parse_antimony;
pub use printer::print_antimony;
