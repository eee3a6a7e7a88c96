//! Compiles a model into pruned, lane-batched evaluators.
//!
//! In: the flat [`Equations`](malar_model::equations::Equations) of a model and a [`Request`] that says which parameters vary, which
//! states are dosed and what the caller wants to see. Out: a [`Tape`], a [`System`](malar_solver::System) that the integrator runs.
//!
//! On the way, in the order of the modules: names are replaced by what they stand for (`inline`), states that can never move become
//! constants (`prune`), expressions are rearranged so that what depends on inputs only stands together (`arrange`), the Jacobian is
//! derived with shared intermediates (`jacobian`), and everything becomes runs of equal instructions over numbered registers
//! (`program`), evaluated for one patient or for eight (`eval`).
//!
//! ```
//! use malar_model::{Source, parse_antimony};
//! use malar_tape::{Request, StateRef, Tape};
//!
//! let text = "model m()\n species x, drug; x = 1; drug = 0; k = 0.1;\n x' = -k*x*(1 + drug); drug' = -drug;\nend";
//! let source = Source { path: "m.ant".into(), text: text.into() };
//! let model = parse_antimony(&source).and_then(|m| m.equations(&source)).expect("a correct model");
//! let tape = Tape::compile(&model, &Request { inputs: &["k"], ..Request::default() }).expect("names of the model");
//! assert_eq!(tape.state("drug"), Some(StateRef::Constant(0.0))); // nobody doses it
//! let mut rates = [0.0];
//! tape.rates_of_one(0.0, &[2.0], &[0.1], &mut rates);
//! assert_eq!(rates, [-0.2]);
//! ```
//!
//! The design choice that matters: there are two evaluators and one meaning. Instructions stand sorted by operation, so that one loop
//! without a branch serves many of them, each for eight patients; that runs everywhere. On x86-64 the same expressions also become
//! machine code at run time (`machine`), more than twice as fast and equal to the last bit.

pub mod network;

mod arrange;
mod compile;
mod eval;
mod inline;
mod jacobian;
#[cfg(target_arch = "x86_64")]
mod machine;
mod program;
mod prune;
mod request;
mod tape;

pub use request::{CompileError, Request, StateRef};
pub use tape::Tape;
