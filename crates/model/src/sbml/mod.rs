//! SBML, the exchange format of reaction networks: reading Level 1 to Level 3 Version 2 with hierarchical models, and
//! writing Level 3 Version 2.
//!
//! What says nothing about numbers is kept word for word: notes, annotations, names, units. What Levels 1 and 2 can say and Level 3
//! cannot (`outside`, types of species and compartments) becomes an annotation.
//!
//! The reader trusts nothing: size and nesting are limited before the XML is parsed, document types (and with them
//! entities) are refused, and a package that is required but not known is refused by name.

mod compose;
mod document;
mod formula;
mod mathml;
mod mathml_text;
mod read;
mod refer;
mod write;
mod xml;

pub use document::{Load, read_sbml};
pub use write::write_sbml;

/// True if a text looks like XML rather than like Antimony.
pub fn is_sbml(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with('<')
}

/// Kinds of SBML that are units without a definition.
const UNIT_KINDS: [&str; 36] = [
    "ampere",
    "avogadro",
    "becquerel",
    "candela",
    "celsius",
    "coulomb",
    "dimensionless",
    "farad",
    "gram",
    "gray",
    "henry",
    "hertz",
    "item",
    "joule",
    "katal",
    "kelvin",
    "kilogram",
    "litre",
    "liter",
    "lumen",
    "lux",
    "metre",
    "meter",
    "mole",
    "newton",
    "ohm",
    "pascal",
    "radian",
    "second",
    "siemens",
    "sievert",
    "steradian",
    "tesla",
    "volt",
    "watt",
    "weber",
];
