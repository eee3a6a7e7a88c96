//! How the baskets of a trial are analysed.

use malar_model::codes::SCHEDULE;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_stats::bayes::Heterogeneity;
use serde::Deserialize;
use toml::Spanned;

/// `[basket_analysis]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BasketAnalysisFile {
    pub endpoint: String,
    pub week: f64,
    pub null_percent: f64,
    #[serde(default = "required")]
    pub required: f64,
    pub mean_scale: f64,
    pub between_scale: f64,
    pub vague_weight: f64,
    pub assumed: String,
}

fn required() -> f64 {
    0.975
}

/// Response in each basket, alone and with what the other baskets say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct BasketAnalysis {
    /// Endpoint id.
    pub endpoint: String,
    /// Week.
    pub week: f64,
    /// Share of responders that a treatment worth pursuing exceeds, in (0, 1).
    pub null: f64,
    /// Posterior probability of exceeding it that counts as success.
    pub required: f64,
    /// How alike baskets are taken to be.
    pub heterogeneity: Heterogeneity,
    /// Prior probability that a basket is like no other.
    pub vague_weight: f64,
}

impl BasketAnalysis {
    pub(super) fn read(
        file: &Spanned<BasketAnalysisFile>,
        endpoints: &[(&str, &[f64])],
        source: &Source,
    ) -> Result<BasketAnalysis, Diagnostic> {
        let f = file.get_ref();
        let wrong =
            |message: String, help: &str| Err(Diagnostic::error(SCHEDULE, source, file.span(), message).help(help));
        let is_read = |(id, weeks): &(&str, &[f64])| *id == f.endpoint && weeks.contains(&f.week);
        if !endpoints.iter().any(is_read) {
            let message = format!("the trial does not read `{}` at week {}", f.endpoint, f.week);
            return wrong(message, "name an endpoint of `[[endpoints]]` and one of its weeks");
        }
        let is_percent = f.null_percent > 0.0 && f.null_percent < 100.0;
        if !(is_percent && f.required > 0.5 && f.required < 1.0 && (0.0..=1.0).contains(&f.vague_weight)) {
            let help =
                "`null_percent` lies between 0 and 100, `required` above 0.5 and below 1, `vague_weight` from 0 to 1";
            return wrong("a share of the basket analysis is out of range".to_owned(), help);
        }
        if !(f.mean_scale > 0.0 && f.between_scale > 0.0) {
            let help = "write scales of the logit above 0, such as `mean_scale = 2` and `between_scale = 0.5`";
            return wrong("baskets have no scale of likeness".to_owned(), help);
        }
        Ok(BasketAnalysis {
            endpoint: f.endpoint.clone(),
            week: f.week,
            null: f.null_percent / 100.0,
            required: f.required,
            heterogeneity: Heterogeneity {
                mean_scale: f.mean_scale,
                between_scale: f.between_scale,
            },
            vague_weight: f.vague_weight,
        })
    }
}
