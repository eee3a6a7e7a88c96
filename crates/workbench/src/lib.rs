//! Studies in, run folders out: the data library, runs on all cores, tables, summary and report.
//!
//! The command line, Python and the web page call the functions here and add nothing of their own.
//! The choice that matters: workers finish replicates in any order, but tables and summary see them in replicate
//! order, so that a run folder depends on its plan (`manifest.json`) and on nothing else.

pub mod catalog;
pub mod plan;
pub mod published;
pub mod report;
#[path = "../../trial/src/results.rs"]
pub mod results;
pub mod run;
pub mod store;
pub mod summarise;
pub mod summary;
