//! What a calibration found: an ensemble of numbers laid over populations, therapies and the disease model at run time.
//!
//! A number is called `clinical.section.name`, `draw.median` (`mean`, `sd`, `log_sd`, `share`, `shape` ...) or, for a constant draw,
//! by its own name; `therapy.parameter`; or a parameter of the disease model. Everything else stays as the library has it.

mod ensemble;
mod stored;
mod text;

use std::path::Path;

use malar_model::codes::DATA_VALUE;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::read_toml;
use malar_patients::Population;
use serde::Deserialize;
use toml::Spanned;

use crate::catalog::{Kind, Library, read_source};
use crate::finding::{Finding, InputError};
use crate::plan::FileHash;
pub(crate) use ensemble::{Ensemble, REPLICATES_PER_MEMBER};
pub use stored::Stored;
pub(crate) use text::numbers;

/// A weighted ensemble of the numbers in `names`.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// Id, equal to the file name.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Populations it is laid over.
    pub populations: Vec<String>,
    /// Trials whose results informed it, those of the populations included.
    pub calibrated_on: Vec<String>,
    /// Therapies whose trials were left out on purpose.
    pub without: Vec<String>,
    /// Numbers it moves.
    pub names: Vec<String>,
    /// Probability of each member; they sum to 1.
    pub weights: Vec<f64>,
    /// One row per member, one value per name.
    pub members: Vec<Vec<f64>>,
    /// How it was made, in words.
    pub made: Vec<String>,
    /// Files it was made from.
    pub files: Vec<FileHash>,
    /// Its own file.
    pub source: Source,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PosteriorFile {
    id: String,
    name: String,
    populations: Vec<String>,
    calibrated_on: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    made: Vec<String>,
    #[serde(default)]
    files: Vec<FileHash>,
    names: Spanned<Vec<String>>,
    weights: Spanned<Vec<f64>>,
    members: Spanned<Vec<Vec<f64>>>,
}

impl Posterior {
    /// Reads and checks a file.
    pub fn parse(source: &Source) -> Result<Posterior, Diagnostic> {
        let file: PosteriorFile = read_toml(source)?;
        let wrong = |span, message: String, help: &str| Diagnostic::error(DATA_VALUE, source, span, message).help(help);
        let members = file.members.get_ref();
        let n_names = file.names.get_ref().len();
        if members.is_empty() || members.iter().any(|member| member.len() != n_names) {
            let message = format!("every member needs {n_names} values");
            return Err(wrong(
                file.members.span(),
                message,
                "one value per entry of `names`, in their order",
            ));
        }
        if members.iter().flatten().any(|value| !value.is_finite()) {
            return Err(wrong(
                file.members.span(),
                "a value is not finite".into(),
                "repeat the calibration",
            ));
        }
        let weights = file.weights.get_ref();
        let total: f64 = weights.iter().sum();
        if weights.len() != members.len()
            || weights.iter().any(|w| !(0.0..=1.0).contains(w))
            || (total - 1.0).abs() > 1e-9
        {
            let message = format!("{} members need as many weights that add up to 1", members.len());
            return Err(wrong(
                file.weights.span(),
                message,
                "repeat the calibration, or give every member the same",
            ));
        }
        Ok(Posterior {
            id: file.id,
            name: file.name,
            populations: file.populations,
            calibrated_on: file.calibrated_on,
            without: file.without,
            names: file.names.into_inner(),
            weights: file.weights.into_inner(),
            members: file.members.into_inner(),
            made: file.made,
            files: file.files,
            source: source.clone(),
        })
    }

    /// The posterior of the library called `name`, or the file at that path.
    pub fn open(library: &Library, name: &str) -> Result<Posterior, InputError> {
        let own = Path::new(name);
        let source = match library.find(Kind::Posteriors, name) {
            Some(source) => source.clone(),
            None if own.is_file() => read_source(own)?,
            None => {
                let known = library.ids(Kind::Posteriors).join(", ");
                return Err(InputError::Unknown {
                    kind: "posterior",
                    name: name.to_owned(),
                    help: format!("known: {known}; or write the path of a file that `malar calibrate` wrote"),
                });
            }
        };
        Ok(Posterior::parse(&source).map_err(|found| vec![Finding::new(found, &source)])?)
    }

    /// `population`, in which there is room for every number, with those of one member.
    pub(crate) fn member(&self, population: &Population, member: usize) -> Population {
        with_numbers(population, &self.names, &self.members[member])
    }
}

/// A population with other numbers; every name stands for one.
pub(crate) fn with_numbers(population: &Population, names: &[String], values: &[f64]) -> Population {
    let mut own = population.clone();
    for (name, value) in names.iter().zip(values) {
        *own.number_mut(name).expect("the population has room for this name") = *value;
    }
    own
}
