//! Between biology and clinic: how organ activity shows in the instruments, and how physicians and patients behave in trials.

use malar_model::codes::POPULATION_BASE;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::toml_file::Quantity;
use serde::Deserialize;
use toml::Spanned;

/// Declares a section of numbers once: its file form, its checked form, and the unit of each number.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident, $file:ident { $($(#[$field_doc:meta])* $field:ident: $unit:literal,)* }) => {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $file { $($field: Spanned<Quantity>,)* }

        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $($(#[$field_doc])* pub $field: f64,)* }

        impl $file {
            fn check(self, source: &Source) -> Result<$name, Diagnostic> {
                Ok($name { $($field: self.$field.get_ref().in_unit($unit, source, self.$field.span())?,)* })
            }
        }

        impl $name {
            fn number_mut(&mut self, name: &str) -> Option<&mut f64> {
                $(if name == stringify!($field) { return Some(&mut self.$field); })*
                None
            }
        }
    };
}

section! {
    /// From organ activity to SLEDAI-2K items, BILAG-2004 grades, PGA and laboratory values.
    ///
    /// The latent severity of an organ is `mean + severity_sd z + gain ln(activity) + trial effect + noise`, in ln units. Each item
    /// adds what is its own: `item_lasting_sd z_item` for good and `item_noise_sd` that changes slowly, so that one manifestation can
    /// stay when the rest of its organ has settled. An item is present when this exceeds its threshold; a BILAG domain and PGA follow the
    /// leading item of the organ.
    Measurement, MeasurementFile {
        /// Weight of ln(activity).
        gain: "1",
        /// Mean severity, joints.
        mean_joint: "1",
        /// Mean severity, skin.
        mean_skin: "1",
        /// Mean severity, other organs.
        mean_other: "1",
        /// Standard deviation of severity between patients and organs.
        severity_sd: "1",
        /// Threshold of the item arthritis.
        threshold_arthritis: "1",
        /// Threshold of the item rash.
        threshold_rash: "1",
        /// Threshold of the item alopecia.
        threshold_alopecia: "1",
        /// Threshold of the item mucosal ulcers.
        threshold_ulcers: "1",
        /// Threshold of all other clinical items.
        threshold_other: "1",
        /// Visit noise shared by SLEDAI-2K and BILAG of one organ, standard deviation.
        organ_noise_sd: "1",
        /// The same for skin, as a factor.
        skin_noise_factor: "1",
        /// An item's own severity that lasts, standard deviation between patients and items.
        item_lasting_sd: "1",
        /// An item's own severity that changes over time, standard deviation.
        item_noise_sd: "1",
        /// Its correlation over four weeks, and that of the slow variation of laboratory values.
        item_noise_correlation: "1",
        /// Visit noise of one BILAG domain, standard deviation.
        bilag_noise_sd: "1",
        /// Correlation over four weeks of the visit noise of organs and BILAG domains.
        noise_correlation: "1",
        /// Severity above which a domain is BILAG A.
        bilag_threshold_a: "1",
        /// Severity above which a domain is BILAG B.
        bilag_threshold_b: "1",
        /// Severity above which a domain is BILAG C.
        bilag_threshold_c: "1",
        /// Fall of severity since the last visit that counts as improving (one grade lower).
        bilag_improving_fall: "1",
        /// Rise of severity since the last visit without which a grade does not rise.
        bilag_worsening_rise: "1",
        /// Steepness of PGA in total severity.
        pga_gain: "1",
        /// How much more than in proportion PGA follows total severity: 1 in proportion, above 1 quiet disease is scored lower.
        pga_exponent: "1",
        /// Rater's own level, standard deviation, PGA points.
        pga_rater_sd: "1",
        /// Visit noise of PGA, standard deviation, PGA points.
        pga_visit_sd: "1",
        /// Assay variation of C3 (standard deviation of the logarithm).
        c3_cv: "1",
        /// Assay variation of C4.
        c4_cv: "1",
        /// Assay variation of anti-dsDNA.
        anti_dsdna_cv: "1",
        /// A patient's own slow variation of C3 around what the disease model says (standard deviation of the logarithm).
        c3_drift_sd: "1",
        /// The same of C4.
        c4_drift_sd: "1",
        /// The same of anti-dsDNA.
        anti_dsdna_drift_sd: "1",
        /// Lower limit of normal, C3.
        c3_lower_limit: "g/L",
        /// Lower limit of normal, C4.
        c4_lower_limit: "g/L",
        /// Upper limit of normal, anti-dsDNA IgG.
        anti_dsdna_upper_limit: "IU/mL",
    }
}

section! {
    /// From organ activity to what is measured of single organs: urine, creatinine, CLASI, joints.
    ///
    /// CLASI and joint counts are `typical exp(spread z + gain change + noise)`, with the patient's lasting severity z of skin or joints and
    /// `change` what the latent severity of the day adds to it, ln units; urine protein and filtration rate are the disease model's with
    /// laboratory noise. Drawn only where a trial measures them.
    SingleOrgans, SingleOrgansFile {
        /// Visit noise of urine protein to creatinine, standard deviation of the logarithm.
        upcr_noise_sd: "1",
        /// Visit noise of creatinine and so of the filtration rate, standard deviation of the logarithm.
        creatinine_noise_sd: "1",
        /// Upper limit of normal of creatinine, mg/dL.
        creatinine_upper_limit: "mg/dL",
        /// Steepness of red cells in the urine with renal severity; five per field stand at the threshold of the item haematuria.
        red_cell_gain: "1",
        /// CLASI activity of a typical patient whose skin is as it is on average.
        clasi_typical: "1",
        /// Standard deviation of its logarithm between patients.
        clasi_spread: "1",
        /// Steepness of CLASI activity with the change of skin severity.
        clasi_gain: "1",
        /// Visit noise of CLASI activity, standard deviation of the logarithm.
        clasi_noise_sd: "1",
        /// Tender joints of 28 of a typical patient whose joints are as they are on average.
        tender_typical: "1",
        /// Swollen joints of 28, the same.
        swollen_typical: "1",
        /// Standard deviation of the logarithm of both between patients.
        joint_spread: "1",
        /// Steepness of joint counts with the change of joint severity.
        joint_gain: "1",
        /// Visit noise of each joint count, standard deviation of the logarithm.
        joint_noise_sd: "1",
    }
}

section! {
    /// What being in a trial does to measured activity: entry-score inflation, closer care, adherence, expectation.
    ///
    /// One decaying offset of the organ latents, the same for every arm and trial up to a between-trial variance; patients, their sites and
    /// regions differ in how much of it they have.
    TrialEffect, TrialEffectFile {
        /// Offset at screening and baseline, ln units.
        offset: "1",
        /// The skin's share of it.
        skin_share: "1",
        /// Share gone at the first visit after randomisation.
        lost_before_first_visit: "1",
        /// Half-time of the rest.
        half_time: "day",
        /// Between-trial standard deviation of the logarithm of the offset.
        between_trial_sd: "1",
        /// Standard deviation of the logarithm of the offset between the patients of a trial, whose mean stays.
        between_patients_sd: "1",
    }
}

section! {
    /// What physicians and patients do at a visit.
    Practice, PracticeFile {
        /// Chance that a worsening visit leads to rescue.
        rescue_probability: "1",
        /// Chance per visit of restricted medication without worsening.
        restricted_background_per_visit: "1",
        /// Chance that a patient who may taper does.
        taper_probability: "1",
        /// Chance that a flare brings a tapered dose back up.
        backup_probability: "1",
        /// Chance per visit that steroid is lowered by a step in a patient who is not worse, whatever the protocol says of tapering.
        withdrawal_probability: "1",
        /// That step.
        withdrawal_step: "mg/day",
        /// Steroid added at rescue.
        burst: "mg/day",
        /// Steps in which the burst is taken back, per visit.
        burst_step: "mg/day",
        /// Drop-out unrelated to activity.
        dropout_administrative: "1/year",
        /// Drop-out when the disease does not improve (twice this when it worsens).
        dropout_lack_of_efficacy: "1/year",
    }
}

/// The clinical sections of a population file; one that is based on another may leave some out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClinicalFile {
    measurement: Option<MeasurementFile>,
    single_organs: Option<SingleOrgansFile>,
    trial_effect: Option<TrialEffectFile>,
    practice: Option<PracticeFile>,
}

/// The clinical side of a population.
#[derive(Clone, Debug, PartialEq)]
pub struct Clinical {
    /// Instruments.
    pub measurement: Measurement,
    /// What is measured of single organs.
    pub single_organs: SingleOrgans,
    /// Trial effect.
    pub trial_effect: TrialEffect,
    /// Behaviour.
    pub practice: Practice,
}

impl Clinical {
    /// The number called `section.name`, such as `trial_effect.offset`.
    pub(crate) fn number_mut(&mut self, name: &str) -> Option<&mut f64> {
        let (section, name) = name.split_once('.')?;
        match section {
            "measurement" => self.measurement.number_mut(name),
            "trial_effect" => self.trial_effect.number_mut(name),
            "practice" => self.practice.number_mut(name),
            "single_organs" => self.single_organs.number_mut(name),
            _ => None,
        }
    }
}

impl ClinicalFile {
    /// Each section from the highest of the layers that has it; layers come from the lowest up.
    pub(crate) fn check(mut layers: Vec<(ClinicalFile, &Source)>) -> Result<Clinical, Diagnostic> {
        let lowest = layers[0].1;
        layers.reverse();
        macro_rules! section {
            ($name:ident) => {{
                let found = layers
                    .iter_mut()
                    .find_map(|(file, source)| Some((file.$name.take()?, *source)));
                let (file, source) = found.ok_or_else(|| missing(stringify!($name), lowest))?;
                file.check(source)?
            }};
        }
        Ok(Clinical {
            measurement: section!(measurement),
            single_organs: section!(single_organs),
            trial_effect: section!(trial_effect),
            practice: section!(practice),
        })
    }
}

fn missing(section: &str, source: &Source) -> Diagnostic {
    let first_line = 0..source.text.lines().next().map_or(0, str::len);
    let message = format!("the population has no `[clinical.{section}]`");
    Diagnostic::error(POPULATION_BASE, source, first_line, message)
        .help("add the section, or `based_on` a population that has it")
}
