//! Patients who are not drawn as the trial's own: external controls, and baskets of another disease.

use std::collections::BTreeMap;
use std::ops::Range;

use malar_model::codes::{ARMS, NO_SOURCE};
use malar_model::diagnostic::{Diagnostic, Source};
use serde::Deserialize;
use toml::Spanned;

use super::file::CriterionFile;
use super::rules::{NamedRule, Reader};

/// `external` of an arm, or one of `[[baskets]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OriginFile {
    /// Of a basket.
    pub id: Option<Spanned<String>>,
    /// Of a basket.
    pub n: Option<Spanned<u32>>,
    pub population: Option<Spanned<String>>,
    #[serde(default)]
    pub constants: BTreeMap<String, f64>,
    pub criteria: Option<Vec<CriterionFile>>,
    #[serde(default = "the_same")]
    pub trial_effect: f64,
    /// Of an external control.
    #[serde(default)]
    pub published: Vec<PublishedFile>,
    #[serde(default)]
    pub source: Vec<String>,
    #[serde(default)]
    pub assumed: String,
}

/// One published count of an external control.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PublishedFile {
    pub endpoint: String,
    pub week: f64,
    pub responders: Spanned<u32>,
}

fn the_same() -> f64 {
    1.0
}

/// How patients from elsewhere differ from the trial's own.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Population id, if it is another.
    pub population: Option<String>,
    /// Constants of the population that have another value among them.
    pub constants: Vec<(String, f64)>,
    /// Their entry criteria, if they are others.
    pub criteria: Option<Vec<NamedRule>>,
    /// Their trial effect as a multiple of the population's.
    pub trial_effect: f64,
    /// Where this stands in the file.
    pub span: Range<usize>,
}

/// A control arm from elsewhere.
#[derive(Clone, Debug)]
pub struct External {
    /// Who its patients are.
    pub origin: Origin,
    /// Responders of the arm's `n` patients where only counts are known; nobody is simulated then.
    pub published: Vec<PublishedCount>,
}

/// Responders that were published.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedCount {
    /// Endpoint id.
    pub endpoint: String,
    /// Week.
    pub week: f64,
    /// Responders of the arm's patients.
    pub responders: u32,
}

/// A group of patients with another disease, or another form of it, in the same trial.
#[derive(Clone, Debug)]
pub struct Basket {
    /// Id; its patients are the analysis population `basket-<id>`.
    pub id: String,
    /// Patients, split over the arms as the trial's own are.
    pub n: u32,
    /// Who they are.
    pub origin: Origin,
}

impl Origin {
    fn read(file: &Spanned<OriginFile>, reader: Reader<'_>) -> Result<Origin, Diagnostic> {
        let f = file.get_ref();
        if f.source.is_empty() && f.assumed.is_empty() {
            let message = "patients from elsewhere have no source".to_owned();
            let help = "add `source = [\"doi:...\"]`, or `assumed = \"why\"`";
            return Err(Diagnostic::error(NO_SOURCE, reader.source, file.span(), message).help(help));
        }
        if !(f.trial_effect.is_finite() && f.trial_effect >= 0.0) {
            return wrong(
                reader.source,
                file.span(),
                "`trial_effect` is no multiple",
                "write 0 for none, 1 for as much",
            );
        }
        Ok(Origin {
            population: f.population.as_ref().map(|id| id.get_ref().clone()),
            constants: f.constants.iter().map(|(name, value)| (name.clone(), *value)).collect(),
            criteria: f.criteria.as_ref().map(|rules| reader.criteria(rules)).transpose()?,
            trial_effect: f.trial_effect,
            span: file.span(),
        })
    }
}

impl External {
    pub(super) fn read(file: &Spanned<OriginFile>, n: u32, reader: Reader<'_>) -> Result<External, Diagnostic> {
        let f = file.get_ref();
        if f.id.is_some() || f.n.is_some() {
            let help = "an external control has the `id` and `n` of its arm";
            return wrong(reader.source, file.span(), "`id` and `n` belong to baskets", help);
        }
        if let Some(count) = f.published.iter().find(|p| *p.responders.get_ref() > n) {
            let help = "`n` of the arm is how many patients the published counts are of";
            return wrong(
                reader.source,
                count.responders.span(),
                "more responders than patients",
                help,
            );
        }
        let count = |p: &PublishedFile| PublishedCount {
            endpoint: p.endpoint.clone(),
            week: p.week,
            responders: *p.responders.get_ref(),
        };
        Ok(External {
            origin: Origin::read(file, reader)?,
            published: f.published.iter().map(count).collect(),
        })
    }

    /// True if only published counts are known of it.
    pub fn is_published(&self) -> bool {
        !self.published.is_empty()
    }
}

impl Basket {
    pub(super) fn read(file: &Spanned<OriginFile>, reader: Reader<'_>) -> Result<Basket, Diagnostic> {
        let f = file.get_ref();
        let (Some(id), Some(n)) = (&f.id, &f.n) else {
            return wrong(
                reader.source,
                file.span(),
                "a basket has no `id` or no `n`",
                "give it both",
            );
        };
        if *n.get_ref() == 0 || !f.published.is_empty() {
            let help = "write `n` of 1 or more; published counts belong to the `external` of an arm";
            return wrong(reader.source, file.span(), "a basket needs patients", help);
        }
        Ok(Basket {
            id: id.get_ref().clone(),
            n: *n.get_ref(),
            origin: Origin::read(file, reader)?,
        })
    }
}

fn wrong<T>(source: &Source, span: Range<usize>, message: &str, help: &str) -> Result<T, Diagnostic> {
    Err(Diagnostic::error(ARMS, source, span, message.to_owned()).help(help))
}
