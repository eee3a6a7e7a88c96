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

/// A checked adaptation. Numbers are positions among the trial's arms and stratification factors.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    SampleSize(PromisingZone),
    Enrichment { factor: u16, better_by: f64 },
    BestArm,
    ResponseAdaptive { block: u32 },
}

/// The rule of a design and the arms it compares with the control, or what is wrong with it.
pub(super) fn rule(
    file: &Spanned<AdaptationFile>,
    (design, source): (&DesignFile, &Source),
    (labels, arm, control): (&Labels, usize, usize),
) -> Result<(Rule, Vec<usize>), Diagnostic> {
    let wrong = |message: String, help: String| Err(Diagnostic::error(DESIGN, source, file.span(), message).help(help));
    let [planned, _] = design.looks.get_ref()[..] else {
        let help = "write `looks = [0.5, 1.0]`: when it is decided, and the end".to_owned();
        return wrong("an adaptation has two looks".to_owned(), help);
    };
    if design.futility.is_some() || design.bounds.is_some() || design.accrual.is_some() {
        let help = "leave out `futility`, `bounds` and `accrual`: the first look only adapts".to_owned();
        return wrong("an adaptive trial is neither stopped nor dated here".to_owned(), help);
    }
    match file.get_ref() {
        AdaptationFile::SampleSize(f) => {
            let zone = PromisingZone::new(planned, *design.alpha.get_ref(), (f.least, f.aim), f.most);
            match zone {
                Ok(zone) => Ok((Rule::SampleSize(zone), vec![arm])),
                Err(reason) => {
                    let help = "`least` and `aim` are probabilities that rise, `most` a multiple of 1 or more";
                    wrong(reason.to_string(), help.to_owned())
                }
            }
        }
        AdaptationFile::Enrichment(f) => {
            let factors = factors(labels);
            match factors.iter().position(|factor| *factor == f.stratum) {
                Some(factor) => {
                    let (factor, better_by) = (factor as u16, f.better_by);
                    Ok((Rule::Enrichment { factor, better_by }, vec![arm]))
                }
                None => {
                    let help = format!("stratification factors of the trial: {}", factors.join(", "));
                    wrong(format!("the trial is not stratified by `{}`", f.stratum), help)
                }
            }
        }
        AdaptationFile::BestArm(f) => {
            let chosen = |id: &String| f.arms.as_ref().is_none_or(|arms| arms.contains(id));
            let mut arms: Vec<usize> = (0..labels.arms.len())
                .filter(|&k| k != control && chosen(&labels.arms[k]))
                .collect();
            let unknown = f.arms.iter().flatten().find(|id| !labels.arms.contains(id));
            if arms.len() < 2 || unknown.is_some() {
                let help = format!(
                    "name two or more of the trial's arms beside its control: {}",
                    labels.arms.join(", ")
                );
                return wrong("there is no best of these arms".to_owned(), help);
            }
            arms.sort_by_key(|&k| (k != arm, k)); // the design's own arm first
            Ok((Rule::BestArm, arms))
        }
        AdaptationFile::ResponseAdaptive(f) => {
            if f.block == 0 {
                return wrong("a block has no patients".to_owned(), "write `block = 20`".to_owned());
            }
            Ok((Rule::ResponseAdaptive { block: f.block }, vec![arm]))
        }
    }
}

/// Names of the stratification factors, lowest bit first: those of whom all hold are the last stratum.
fn factors(labels: &Labels) -> Vec<&str> {
    let last = labels.strata.last().map_or("", String::as_str);
    last.split(", ").filter(|name| !name.is_empty()).collect()
}
