//! Published results in; what a simulation is fitted to, and what it is scored against, out.
//!
//! ```
//! use malar_evidence::{Library, Part, Source, Split};
//!
//! let read = |path: &str| Source {
//!     path: path.to_owned(),
//!     text: std::fs::read_to_string(format!("../../data/evidence/{path}")).expect("a file of the data library"),
//! };
//! let library = Library::new(vec![read("trials/tulip-2.toml")]).expect("no contradictions");
//! let tulip_2 = library.get("tulip-2").expect("just read");
//!
//! let placebo = tulip_2.arm_result("placebo", "bicla", 52.0, "all").expect("published and verified");
//! assert_eq!((placebo.value, placebo.n), (Some(31.3), Some(182)));
//! let gain = tulip_2.difference("anifrolumab-300", "placebo", "bicla", 52.0, "all").expect("published");
//! assert_eq!(gain.value, 16.3); // weighted over strata; the plain percentages differ by 16.5
//!
//! let split = Source { path: "split.toml".into(), text: "fit = []\ncheck = [\"tulip-2\"]".into() };
//! assert_eq!(Split::new(&split, &library).expect("complete").kind("tulip-2"), Some(Part::Check));
//! ```
//!
//! The choice that matters: only numbers read in a source (`verified = true`) leave this crate. Recalled ones stay in the
//! files as reminders of what to look up, are checked like the others, and are counted, but no function returns them.

mod published;

mod baseline;
mod check;
mod fit;
mod library;
mod lookup;
mod meta;
mod place;
mod split;
mod targets;

pub use baseline::{BaselineValue, STATISTICS, VARIABLES};
pub use fit::{FitError, check_fittable, fit_trials};
pub use library::Library;
pub use lookup::{Denominator, Origin, PublishedDifference};
pub use malar_model::{Diagnostic, Source};
pub use meta::{MetaAnalysis, MetaPrediction};
pub use published::{Arm, Kind, Outcome, Patient, Published, Route};
pub use split::{Part, Split};
pub use targets::{Target, targets};
