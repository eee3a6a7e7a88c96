//! Regions whose patients, or whose raters and sites, are not like the others.

use malar_model::codes::DATA_VALUE;
use malar_model::diagnostic::{Diagnostic, Source};
use serde::Deserialize;
use toml::Spanned;

/// One of `[[regions]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegionFile {
    pub id: Spanned<String>,
    pub share: f64,
    #[serde(default)]
    pub severity: f64,
    #[serde(default = "the_same")]
    pub trial_effect: f64,
    #[serde(default)]
    pub source: Vec<String>,
    #[serde(default)]
    pub assumed: String,
}

fn the_same() -> f64 {
    1.0
}

/// A region of a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Id; its randomised patients are the analysis population `region-<id>`.
    pub id: String,
    /// Share of candidates, 0 to 1.
    pub share: f64,
    /// How much more active disease shows in every organ, ln units.
    pub severity: f64,
    /// Trial effect as a multiple of the other patients'.
    pub trial_effect: f64,
}

/// The regions, if they make up the whole and say where they are from.
pub(super) fn regions(files: &[Spanned<RegionFile>], source: &Source) -> Result<Vec<Region>, Diagnostic> {
    let total: f64 = files.iter().map(|f| f.get_ref().share).sum();
    for (k, file) in files.iter().enumerate() {
        let region = file.get_ref();
        let id = region.id.get_ref();
        let wrong =
            |message: String, help: &str| Err(Diagnostic::error(DATA_VALUE, source, file.span(), message).help(help));
        if files[..k].iter().any(|f| f.get_ref().id.get_ref() == id) {
            return wrong(
                format!("region `{id}` is declared twice"),
                "give each region its own id",
            );
        }
        if region.source.is_empty() && region.assumed.is_empty() {
            let help = "add `source = [\"doi:...\"]`, or `assumed = \"why\"`";
            return wrong(format!("region `{id}` has no source"), help);
        }
        if !(region.share > 0.0 && (total - 1.0).abs() < 1e-6) {
            let help = "give every region a `share` above 0; together they make 1";
            return wrong(format!("shares of regions make {total}"), help);
        }
        if !(region.severity.is_finite() && region.trial_effect.is_finite() && region.trial_effect >= 0.0) {
            let help = "`severity` is a number in ln units, `trial_effect` a multiple of 0 or more";
            return wrong(format!("effects of region `{id}` are no numbers"), help);
        }
    }
    Ok(files.iter().map(|f| Region::read(f.get_ref())).collect())
}

impl Region {
    fn read(file: &RegionFile) -> Region {
        Region {
            id: file.id.get_ref().clone(),
            share: file.share,
            severity: file.severity,
            trial_effect: file.trial_effect,
        }
    }

    /// Which region a uniform number falls into.
    pub(crate) fn at(regions: &[Region], uniform: f64) -> usize {
        let mut up_to = 0.0;
        let within = |region: &Region| {
            up_to += region.share;
            uniform < up_to
        };
        regions.iter().position(within).unwrap_or(regions.len() - 1)
    }
}
