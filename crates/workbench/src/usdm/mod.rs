//! USDM version 4, CDISC's digital protocol: a study definition in, a draft of a protocol file out, and a protocol as a
//! study definition.
//!
//! The model: cdisc-org/DDF-RA, `Deliverables/API`. USDM has words for arms, epochs, encounters and their times, but criteria
//! are sentences there: our rules travel in extension attributes, and a study that was written here comes back whole.

use malar_trial::Protocol;
use serde_json::Value;

use crate::catalog::Library;
use crate::derive::endpoints;
use crate::finding::{Finding, InputError};
use crate::study::find_trial;

mod document;
mod draft;
mod duration;
mod schedule;
mod study;

pub use document::{Design, UsdmError};
pub use draft::{draft, intercurrent_strategy};
pub use schedule::{Planned, schedule};
pub use study::study;

/// Address of the extension that holds a rule in our expression language.
pub const RULE: &str = "https://github.com/malar-sle/malar/usdm/rule";
/// Address of the extension that holds a whole protocol file.
pub const PROTOCOL: &str = "https://github.com/malar-sle/malar/usdm/protocol";

/// The study definition of a trial: the id of one of the library's, or a file.
pub fn of_trial(library: &Library, trial: &str) -> Result<Value, InputError> {
    let (library, path) = find_trial(library, trial)?;
    let source = library.get(&path).expect("the trial was just found or laid over");
    let protocol = Protocol::parse(source).map_err(|found| InputError::Wrong(vec![Finding::new(found, source)]))?;
    let ids: Vec<String> = protocol.endpoints.iter().map(|(usage, _)| usage.id.clone()).collect();
    let endpoints = if ids.is_empty() {
        Vec::new()
    } else {
        endpoints(&library, &ids)?
    };
    Ok(study(&protocol, &source.text, &endpoints))
}
