//! Antimony, the text form of SBML, as networks: reading and writing.
//!
//! The reader follows the reference implementation, `antimony` 3.3, statement by statement: modules are filled as the text
//! goes, a later line replaces an earlier one, a submodule is a copy whose names carry the submodule's name in front, and
//! what is left at the end becomes the network (`A.x` as `A_x`). Checked against it in `validation/antimony`.

mod read;
mod words;
mod write;

pub use read::read_antimony;
pub use write::to_antimony;
