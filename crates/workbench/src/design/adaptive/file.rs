//! `[design.adaptation]`: what may change after the interim look.

use malar_model::codes::DESIGN;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_stats::adaptive::PromisingZone;
use malar_trial::results::Labels;
use serde::Deserialize;
use toml::Spanned;

use crate::design::DesignFile;

/// What changes after the first of two looks, which stops no trial.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdaptationFile {
    /// More patients where conditional power is promising.
    SampleSize(SampleSizeFile),
    /// A subgroup alone, where the drug looks better in it.
    Enrichment(EnrichmentFile),
    /// Only the best of several arms, and the control.
    BestArm(BestArmFile),
    /// Allocation that leans towards the arm that does better.
    ResponseAdaptive(ResponseAdaptiveFile),
}

/// Promising zone (Mehta & Pocock 2011).
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleSizeFile {
    /// Least conditional power that is promising.
    pub least: f64,
    /// Conditional power that more patients shall reach.
    pub aim: f64,
    /// Largest trial, as a multiple of the planned one.
    pub most: f64,
}

/// Adaptive enrichment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrichmentFile {
    /// Stratification factor whose holders are the subgroup.
    pub stratum: String,
    /// The trial goes on with the subgroup alone if its z exceeds that of everybody by so much.
    pub better_by: f64,
}

/// Dropping arms.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BestArmFile {
    /// Arms to choose from; all but the control if absent.
    pub arms: Option<Vec<String>>,
}

/// Response-adaptive randomisation (Thall & Wathen 2007).
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseAdaptiveFile {
    /// Patients after whom the shares are computed anew.
    pub block: u32,
}

/// What may change in a checked adaptation. Numbers are positions among the trial's stratification factors.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    SampleSize(PromisingZone),
    Enrichment { factor: u16, better_by: f64 },
    BestArm,
    ResponseAdaptive { block: u32 },
}

/// A design with an adaptation, and the trial it is for.
pub(super) struct Reader<'a> {
    pub file: &'a Spanned<AdaptationFile>,
    pub design: &'a DesignFile,
    pub source: &'a Source,
    pub labels: &'a Labels,
    /// Position of the design's arm.
    pub arm: usize,
    pub control: usize,
}

type Read = Result<(Rule, Vec<usize>), Diagnostic>; // the rule, and the arms it compares with the control

impl Reader<'_> {
    /// The rule and the arms it compares with the control, or what is wrong with it.
    pub fn rule(&self) -> Read {
        let [planned, _] = self.design.looks.get_ref()[..] else {
            let help = "write `looks = [0.5, 1.0]`: when it is decided, and the end";
            return self.wrong("an adaptation has two looks", help.to_owned());
        };
        if self.design.futility.is_some() || self.design.bounds.is_some() || self.design.accrual.is_some() {
            let help = "leave out `futility`, `bounds` and `accrual`: the first look only adapts";
            return self.wrong("an adaptive trial is neither stopped nor dated here", help.to_owned());
        }
        match self.file.get_ref() {
            AdaptationFile::SampleSize(f) => self.sample_size(*f, planned),
            AdaptationFile::Enrichment(f) => self.enrichment(f),
            AdaptationFile::BestArm(f) => self.best_arm(f),
            AdaptationFile::ResponseAdaptive(f) if f.block == 0 => {
                self.wrong("a block has no patients", "write `block = 20`".to_owned())
            }
            AdaptationFile::ResponseAdaptive(f) => Ok((Rule::ResponseAdaptive { block: f.block }, vec![self.arm])),
        }
    }

    fn wrong(&self, message: &str, help: String) -> Read {
        Err(Diagnostic::error(DESIGN, self.source, self.file.span(), message).help(help))
    }

    fn sample_size(&self, f: SampleSizeFile, planned: f64) -> Read {
        let zone = PromisingZone::new(planned, *self.design.alpha.get_ref(), (f.least, f.aim), f.most);
        match zone {
            Ok(zone) => Ok((Rule::SampleSize(zone), vec![self.arm])),
            Err(reason) => {
                let help = "`least` and `aim` are probabilities that rise, `most` a multiple of 1 or more";
                self.wrong(&reason.to_string(), help.to_owned())
            }
        }
    }

    fn enrichment(&self, f: &EnrichmentFile) -> Read {
        let factors = factors(self.labels);
        let Some(factor) = factors.iter().position(|factor| *factor == f.stratum) else {
            let help = format!("stratification factors of the trial: {}", factors.join(", "));
            return self.wrong(&format!("the trial is not stratified by `{}`", f.stratum), help);
        };
        let rule = Rule::Enrichment {
            factor: factor as u16,
            better_by: f.better_by,
        };
        Ok((rule, vec![self.arm]))
    }

    fn best_arm(&self, f: &BestArmFile) -> Read {
        let known = &self.labels.arms;
        let chosen = |id: &String| f.arms.as_ref().is_none_or(|arms| arms.contains(id));
        let mut arms: Vec<usize> = (0..known.len())
            .filter(|&k| k != self.control && chosen(&known[k]))
            .collect();
        if arms.len() < 2 || f.arms.iter().flatten().any(|id| !known.contains(id)) {
            let help = format!(
                "name two or more of the trial's arms beside its control: {}",
                known.join(", ")
            );
            return self.wrong("there is no best of these arms", help);
        }
        arms.sort_by_key(|&k| (k != self.arm, k)); // the design's own arm first
        Ok((Rule::BestArm, arms))
    }
}

/// Names of the stratification factors, lowest bit first: those of whom all hold are the last stratum.
fn factors(labels: &Labels) -> Vec<&str> {
    let last = labels.strata.last().map_or("", String::as_str);
    last.split(", ").filter(|name| !name.is_empty()).collect()
}
