//! Numbers of the joint model, all from its data file.

use malar_model::codes::DATA_VALUE;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::toml_file::{Quantity, read_toml};
use serde::Deserialize;
use toml::Spanned;

/// Declares a section once: file form, checked form, unit of each number.
macro_rules! numbers {
    ($(#[$doc:meta])* $name:ident, $file:ident { $($(#[$field_doc:meta])* $field:ident: $unit:literal,)* }) => {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $file { $($field: Spanned<Quantity>,)* }

        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name { $($(#[$field_doc])* pub $field: f64,)* }

        impl $file {
            fn check(&self, source: &Source) -> Result<$name, Diagnostic> {
                Ok($name { $($field: self.$field.get_ref().in_unit($unit, source, self.$field.span())?,)* })
            }
        }
    };
}

numbers! {
    /// Who gets lesions, and when. Days.
    Onset, OnsetFile {
        /// No lesions at or below this dose, mg/day.
        least_dose: "mg/day",
        /// High dose, mg/day.
        high_dose: "mg/day",
        /// Share of patients with lesions after a first course above the high dose.
        patients_above: "1",
        /// Odds ratio of doses above against below.
        odds_ratio: "1",
        /// Share of the hips and knees of such a patient that are hit.
        joints: "1",
        /// First day after the start of the course.
        earliest: "day",
        /// Last day after the start of the course.
        latest: "day",
        /// A later course leads to new lesions above this dose, mg/day.
        again_dose: "mg/day",
        /// Share of joints without lesion that get one then.
        again_joints: "1",
        /// Mean day after the start of that course.
        again_mean: "day",
    }
}

numbers! {
    /// What becomes of lesions that do not collapse.
    Repair, RepairFile {
        /// Share of all lesions that heal by themselves.
        share: "1",
        /// Time within which they do, days.
        within: "day",
    }
}

numbers! {
    /// A joint's pain, function and space. Days.
    Course, CourseFile {
        /// Pain without lesion or with one that keeps its shape, 0-10.
        pain_before: "1",
        /// Pain on collapse, 0-10.
        pain_collapse: "1",
        /// Rise of pain after collapse, per day.
        pain_rise: "1/day",
        /// Lysholm score without pain, 0-100.
        lysholm_best: "1",
        /// Points of Lysholm score for each point of pain.
        lysholm_per_pain: "1",
        /// Joint space of a sound joint, mm.
        space: "mm",
        /// Joint space lost after collapse, mm per day.
        space_loss: "mm/day",
        /// Mean time from collapse to arthroplasty, days.
        patience: "day",
    }
}

numbers! {
    /// What operations do and cost.
    Surgery, SurgeryFile {
        /// Hazard ratio of collapse after core decompression.
        decompression_ratio: "1",
        /// Points of Lysholm score gained by osteotomy with chondrogenesis.
        osteotomy_lysholm: "1",
        /// Joint space gained by it, mm.
        osteotomy_space: "mm",
        /// Time over which the gain comes, days.
        osteotomy_time: "day",
        /// Ratio of the hazard of arthroplasty, and of wear, after it.
        osteotomy_ratio: "1",
        /// Pain after arthroplasty, 0-10.
        arthroplasty_pain: "1",
        /// Revisions of an arthroplasty, per day.
        revision: "1/day",
        /// Cost of core decompression, in arthroplasties.
        cost_decompression: "1",
        /// Cost of osteotomy with chondrogenesis, in arthroplasties.
        cost_osteotomy: "1",
        /// Cost of a revision, in arthroplasties.
        cost_revision: "1",
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LesionFile {
    id: String,
    share: Spanned<Quantity>,
    collapse_5_years: Spanned<Quantity>,
    shape: Spanned<Quantity>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConstantsFile {
    #[expect(dead_code, reason = "for people")]
    id: String,
    #[expect(dead_code, reason = "for people")]
    name: String,
    #[expect(dead_code, reason = "for people")]
    source: Vec<String>,
    onset: OnsetFile,
    repair: RepairFile,
    course: CourseFile,
    surgery: SurgeryFile,
    lesions: Spanned<Vec<LesionFile>>,
}

/// A class of lesions by size and place.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesion {
    /// Id: `a`, `b`, `c1`, `c2` of the Japanese committee.
    pub id: String,
    /// Share of lesions.
    pub share: f64,
    /// Share that has collapsed after five years.
    pub collapse_5_years: f64,
    /// Shape of the Weibull distribution of the time to collapse.
    pub shape: f64,
}

/// All numbers of the joint model.
#[derive(Clone, Debug, PartialEq)]
pub struct Constants {
    /// Who gets lesions.
    pub onset: Onset,
    /// Healing.
    pub repair: Repair,
    /// Pain, function, joint space.
    pub course: Course,
    /// Operations.
    pub surgery: Surgery,
    /// Classes of lesions; their shares add up to 1.
    pub lesions: Vec<Lesion>,
}

impl Constants {
    /// Reads and checks the file.
    pub fn parse(source: &Source) -> Result<Constants, Diagnostic> {
        let file: ConstantsFile = read_toml(source)?;
        let lesion = |l: &LesionFile| {
            let read = |q: &Spanned<Quantity>| q.get_ref().in_unit("1", source, q.span());
            Ok(Lesion {
                id: l.id.clone(),
                share: read(&l.share)?,
                collapse_5_years: read(&l.collapse_5_years)?,
                shape: read(&l.shape)?,
            })
        };
        let lesions: Vec<Lesion> = file.lesions.get_ref().iter().map(lesion).collect::<Result<_, _>>()?;
        let whole = (lesions.iter().map(|l| l.share).sum::<f64>() - 1.0).abs() < 1e-9;
        let sound = |l: &Lesion| (0.0..1.0).contains(&l.collapse_5_years) && l.shape > 0.0 && l.share >= 0.0;
        if !whole || !lesions.iter().all(sound) {
            let message = "the classes of lesions are not all of them".to_owned();
            let help = "shares add up to 1; shares of collapse lie from 0 to below 1, shapes above 0";
            return Err(Diagnostic::error(DATA_VALUE, source, file.lesions.span(), message).help(help));
        }
        Ok(Constants {
            onset: file.onset.check(source)?,
            repair: file.repair.check(source)?,
            course: file.course.check(source)?,
            surgery: file.surgery.check(source)?,
            lesions,
        })
    }
}
