//! Writing SBML Level 3 Version 2.
use crate::network::Network;

/// The network as SBML Level 3 Version 2.
pub fn write_sbml(_network: &Network) -> String { String::new() }
