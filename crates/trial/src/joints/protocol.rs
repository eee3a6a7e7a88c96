//! The protocol of a joint cohort: steroid courses and treatments by arm, weeks at which joints are looked at.

use malar_model::codes::{ARMS, NO_SOURCE, SCHEDULE};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::toml_file::read_toml;
use serde::Deserialize;
use toml::Spanned;

use super::joint::Treatments;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtocolFile {
    id: String,
    name: String,
    kind: String,
    model: String,
    evidence: Option<String>,
    duration_weeks: Spanned<f64>,
    weeks: Spanned<Vec<f64>>,
    source: Vec<String>,
    arms: Vec<Spanned<ArmFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ArmFile {
    id: String,
    n: u32,
    #[serde(default)]
    control: bool,
    courses: Vec<CourseFile>,
    decompression_week: Option<f64>,
    #[serde(default)]
    osteotomy: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CourseFile {
    from_week: f64,
    peak_mg_per_day: f64,
}

/// A course of steroids.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Course {
    /// First day.
    pub from_day: f64,
    /// Highest prednisone-equivalent, mg/day.
    pub peak: f64,
}

/// One arm.
#[derive(Clone, Debug, PartialEq)]
pub struct JointArm {
    /// Id.
    pub id: String,
    /// Patients.
    pub n: u32,
    /// Comparisons are made against the first control arm.
    pub control: bool,
    /// Steroid courses in order of time.
    pub courses: Vec<Course>,
    /// Operations beside arthroplasty.
    pub treatments: Treatments,
}

/// A checked protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct JointProtocol {
    /// Id, equal to the file name.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Id of the joint model.
    pub model: String,
    /// Id of published results, if any.
    pub evidence: Option<String>,
    /// Weeks at which joints are looked at.
    pub weeks: Vec<f64>,
    /// Arms in file order.
    pub arms: Vec<JointArm>,
}

/// What `kind` says in such a protocol.
const KIND: &str = "joint-cohort";

impl JointProtocol {
    /// True if the file says that it is a joint cohort; a trial has no `kind`.
    pub fn is_joint_cohort(source: &Source) -> bool {
        let table = source.text.parse::<toml::Table>().unwrap_or_default();
        table.get("kind").and_then(toml::Value::as_str) == Some(KIND)
    }

    /// Reads and checks a protocol.
    pub fn parse(source: &Source) -> Result<JointProtocol, Diagnostic> {
        let file: ProtocolFile = read_toml(source)?;
        check(&file, source)?;
        let days = |weeks: f64| weeks * 7.0;
        let course = |c: &CourseFile| Course {
            from_day: days(c.from_week),
            peak: c.peak_mg_per_day,
        };
        let arm = |arm: &Spanned<ArmFile>| {
            let arm = arm.get_ref();
            JointArm {
                id: arm.id.clone(),
                n: arm.n,
                control: arm.control,
                courses: arm.courses.iter().map(course).collect(),
                treatments: Treatments {
                    decompression_day: arm.decompression_week.map(days),
                    osteotomy: arm.osteotomy,
                },
            }
        };
        Ok(JointProtocol {
            arms: file.arms.iter().map(arm).collect(),
            id: file.id,
            name: file.name,
            model: file.model,
            evidence: file.evidence,
            weeks: file.weeks.into_inner(),
        })
    }

    /// Position of the control arm: the first marked so, else the first.
    pub fn control(&self) -> usize {
        self.arms.iter().position(|arm| arm.control).unwrap_or(0)
    }

    /// Patients of all arms.
    pub fn n_patients(&self) -> u32 {
        self.arms.iter().map(|arm| arm.n).sum()
    }

    /// The same with about `n` patients, arms in the same proportion, at least one in each.
    #[must_use]
    pub fn resized(mut self, n: u32) -> Self {
        let total = f64::from(self.n_patients());
        for arm in &mut self.arms {
            arm.n = ((f64::from(arm.n) * f64::from(n) / total).round() as u32).max(1);
        }
        self
    }
}

fn check(file: &ProtocolFile, source: &Source) -> Result<(), Diagnostic> {
    let first_line = 0..source.text.lines().next().map_or(0, str::len);
    if file.source.is_empty() || file.kind != KIND {
        let message = format!("joint cohort `{}` has no source", file.id);
        return Err(Diagnostic::error(NO_SOURCE, source, first_line, message).help("add `source = [\"doi:...\"]`"));
    }
    let end = *file.duration_weeks.get_ref();
    let weeks = file.weeks.get_ref();
    let sound = weeks.is_sorted_by(|a, b| a < b) && weeks.iter().all(|w| *w > 0.0 && *w <= end) && end <= 2600.0;
    if weeks.is_empty() || !sound {
        let message = "the weeks of looking do not fit the duration".to_owned();
        let help = "list weeks upwards, above 0 and up to `duration_weeks`, at most 50 years";
        return Err(Diagnostic::error(SCHEDULE, source, file.weeks.span(), message).help(help));
    }
    for (k, arm) in file.arms.iter().enumerate() {
        let a = arm.get_ref();
        let repeated = file.arms[..k].iter().any(|other| other.get_ref().id == a.id);
        let ordered = a.courses.is_sorted_by(|x, y| x.from_week < y.from_week);
        let sound = a
            .courses
            .iter()
            .all(|c| c.from_week >= 0.0 && (0.0..=2000.0).contains(&c.peak_mg_per_day));
        if repeated || a.n == 0 || a.courses.is_empty() || !ordered || !sound {
            let message = format!("arm `{}` cannot be run", a.id);
            let help =
                "give it an id of its own, patients, and steroid courses in order of time, from 0 to 2000 mg/day";
            return Err(Diagnostic::error(ARMS, source, arm.span(), message).help(help));
        }
    }
    if file.arms.is_empty() {
        let found = Diagnostic::error(ARMS, source, first_line, "a cohort needs arms".to_owned());
        return Err(found.help("add `[[arms]]` with `n` and `courses`"));
    }
    Ok(())
}
