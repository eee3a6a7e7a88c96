//! Studies in, run folders out: the data library, runs on all cores, tables, summary and report.
//!
//! The command line, Python and the web page call the functions here and add nothing of their own.
//! The choice that matters: workers finish replicates in any order, but tables and summary see them in replicate
//! order, so that a run folder depends on its plan (`manifest.json`) and on nothing else.
//!
//! ```no_run
//! use malar_workbench::catalog::Library;
//! use malar_workbench::run::{Settings, Silent, run};
//! use malar_workbench::study::{Request, prepare};
//!
//! let request = Request { study: "tulip-2".into(), replicates: Some(20), patients: None, seed: Some(1) };
//! let prepared = prepare(&Library::embedded(), &request).unwrap();
//! let report = run(&prepared, &Settings::default(), &Silent).unwrap();
//! println!("{}", report.folder.join("report.html").display());
//! ```

pub mod assumptions;
pub mod calibrate;
pub mod catalog;
pub mod check;
pub mod conformance;
pub mod credibility;
pub mod dataset;
pub mod derive;
pub mod design;
pub mod export;
pub mod finding;
mod joints;
pub mod listing;
pub mod network;
pub mod pharmacology;
pub mod placebo;
pub mod plan;
pub mod posterior;
pub mod published;
pub mod report;
pub mod run;
pub mod score;
pub mod sensitivity;
pub mod simulate;
pub mod store;
pub mod study;
mod study_file;
pub mod subgroups;
pub mod summarise;
pub mod summary;
pub mod usdm;
pub mod variant;

pub use malar_model::codes;
