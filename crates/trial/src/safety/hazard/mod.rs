//! The hazard file: one adverse event, how often it comes and how grave it is.

mod file;

use malar_model::codes::DATA_VALUE;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::rule::Rule;
use malar_model::toml_file::read_toml;

use super::factor::{Factor, WhileGiven};
use file::HazardFile;

/// What leads to a grade or a worse one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The grade, 1-5.
    pub at_least: u8,
    /// A share of events or patients, a limit, or days; as the law says.
    pub value: f64,
}

/// An adverse event.
#[derive(Clone, Debug, PartialEq)]
pub struct Hazard {
    /// Id, equal to the file name.
    pub id: String,
    /// What the event is called, in the manner of a dictionary's preferred term.
    pub term: String,
    /// A sentence for people.
    pub about: String,
    /// Lowest grade that counts as serious; 5 is death.
    pub serious_from: u8,
    /// No mechanism: the event comes at its base rate whatever is given.
    pub base_rate_only: bool,
    /// Each event is a point of organ damage.
    pub adds_damage: bool,
    /// When it happens.
    pub law: Law,
}

/// When an event happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// Again and again, at a rate that changes with the patient's state.
    Rate(Rate),
    /// When a quantity falls below a limit; one event until it has recovered.
    Threshold(Threshold),
    /// Once after the start of a course of treatment.
    Reaction(Reaction),
    /// For some days after the start of a course of treatment; grades by their number.
    Spell(Spell),
}

/// A rate and what multiplies it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// Events per day of a patient without any factor.
    pub per_day: f64,
    /// Added after multiplication, per day; what products bring along.
    pub adds: Option<Rule>,
    /// Lowest grade.
    pub grade: u8,
    /// Shares of events that are at least so grave.
    pub grades: Vec<Step>,
    /// State and background.
    pub factors: Vec<Factor>,
    /// Treatment.
    pub therapies: Vec<WhileGiven>,
}

/// A quantity with limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The quantity.
    pub of: Rule,
    /// Limits, falling with the grade.
    pub grades: Vec<Step>,
}

/// What follows the start of a course.
#[derive(Clone, Debug, PartialEq)]
pub struct Reaction {
    /// Classes or ids of therapies.
    pub after: Vec<String>,
    /// Infusions only.
    pub infused: bool,
    /// A dose this many days after the last begins a new course.
    pub course_days: f64,
    /// What makes it likely.
    pub driver: Option<Driver>,
    /// Standard deviation of a patient's own log odds.
    pub own: f64,
    /// Median days from the start of the course.
    pub onset: f64,
    /// Standard deviation of the logarithm of that time.
    pub onset_log_sd: f64,
    /// Shares of courses with at least that grade, at the driver's reference and average odds.
    pub grades: Vec<Step>,
    /// Odds ratios.
    pub therapies: Vec<WhileGiven>,
}

/// The peak of a quantity after the start of a course.
#[derive(Clone, Debug, PartialEq)]
pub struct Driver {
    /// The quantity.
    pub of: Rule,
    /// Days within which the peak is looked for.
    pub days: f64,
    /// Peak at which the shares hold.
    pub reference: f64,
    /// Rise of the log odds per unit of ln(peak).
    pub slope: f64,
}

/// Days of something after the start of a course.
#[derive(Clone, Debug, PartialEq)]
pub struct Spell {
    /// Classes or ids of therapies.
    pub after: Vec<String>,
    /// A dose this many days after the last begins a new course.
    pub course_days: f64,
    /// Days from the start of the course to the start of the spell.
    pub onset: f64,
    /// Median length, days.
    pub days: f64,
    /// Standard deviation of the logarithm of the length.
    pub days_log_sd: f64,
    /// Least days of a grade.
    pub grades: Vec<Step>,
}

impl Hazard {
    /// Reads and checks a hazard file.
    pub fn parse(source: &Source) -> Result<Hazard, Diagnostic> {
        let file: HazardFile = read_toml(source)?;
        let wrong = |message: &str, help: &str| {
            Err(Diagnostic::error(DATA_VALUE, source, file.id.span(), message.to_owned()).help(help))
        };
        if file.source.is_empty() {
            return wrong("the hazard has no source", "add `source = [\"doi:...\"]`");
        }
        let laws = [
            file.rate.as_ref().map(|f| Rate::read(f, source).map(Law::Rate)),
            file.threshold
                .as_ref()
                .map(|f| Threshold::read(f, source).map(Law::Threshold)),
            file.reaction
                .as_ref()
                .map(|f| Reaction::read(f, source).map(Law::Reaction)),
            file.spell.as_ref().map(|f| Spell::read(f, source).map(Law::Spell)),
        ];
        let mut laws = laws.into_iter().flatten();
        let (Some(law), None) = (laws.next(), laws.next()) else {
            return wrong(
                "a hazard follows exactly one law",
                "give one of `[rate]`, `[threshold]`, `[reaction]` and `[spell]`",
            );
        };
        let law = law?;
        let is_grade = |grade: u8| (1..=5).contains(&grade);
        if !is_grade(file.serious_from) || !law.grades().iter().all(|step| is_grade(step.at_least)) {
            return wrong("a grade is out of range", "write grades from 1 to 5");
        }
        if !law.is_graded() {
            return wrong(
                "the grades are not in order",
                "list grades upwards; shares and limits fall with the grade, days rise, shares lie from 0 to 1",
            );
        }
        Ok(Hazard {
            id: file.id.get_ref().clone(),
            term: file.term,
            about: file.about,
            serious_from: file.serious_from,
            base_rate_only: file.base_rate_only,
            adds_damage: file.adds_damage,
            law,
        })
    }
}

impl Law {
    fn grades(&self) -> &[Step] {
        match self {
            Law::Rate(law) => &law.grades,
            Law::Threshold(law) => &law.grades,
            Law::Reaction(law) => &law.grades,
            Law::Spell(law) => &law.grades,
        }
    }

    /// True if grades rise and what leads to them goes the law's way.
    fn is_graded(&self) -> bool {
        let steps = self.grades();
        let rises = steps.is_sorted_by(|a, b| a.at_least < b.at_least);
        let falls = steps.is_sorted_by(|a, b| a.value >= b.value);
        let is_share = steps.iter().all(|step| (0.0..=1.0).contains(&step.value));
        rises
            && match self {
                Law::Rate(_) => falls && is_share,
                Law::Reaction(_) => falls && is_share && !steps.is_empty(),
                Law::Threshold(_) => falls && !steps.is_empty(),
                Law::Spell(_) => steps.is_sorted_by(|a, b| a.value <= b.value) && !steps.is_empty(),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;

    fn said(text: String) -> String {
        let source = Source {
            path: "safety/x.toml".into(),
            text,
        };
        Hazard::parse(&source).unwrap_err().render(&source.text)
    }

    fn good() -> String {
        library::source("safety/herpes-zoster.toml").text
    }

    #[test]
    fn every_hazard_of_the_library_is_read_and_called_like_its_file() {
        for hazard in library::hazards() {
            assert_eq!(
                library::source(&format!("safety/{}.toml", hazard.id))
                    .text
                    .matches(&hazard.term)
                    .count(),
                1
            );
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place_and_a_remedy() {
        let no_source = said(good().replace("unit = \"1/year\", source", "unit = \"1/year\", note"));
        assert!(no_source.contains("unknown field `note`"), "{no_source}");
        let unit = said(good().replace("\"1/year\"", "\"mg\""));
        assert!(
            unit.contains("safety/x.toml:9") && unit.contains("write it in `1/day`"),
            "{unit}"
        );
        let word = said(good().replace("\"ifnar_block\"", "\"ifnar_blok\""));
        assert!(word.contains("did you mean `ifnar_block`"), "{word}");
        let laws = said(format!(
            "{}\n[threshold]\nof = \"igg\"\nunit = \"g/L\"\ngrades = []\n",
            good()
        ));
        assert!(laws.contains("exactly one law"), "{laws}");
        let share = said(good().replace("share = { value = 0.066", "share = { value = 6.6"));
        assert!(share.contains("shares lie from 0 to 1"), "{share}");
        let measure = said(good().replace("share = { value = 0.066", "limit = { value = 0.066"));
        assert!(measure.contains("give `share` and nothing else"), "{measure}");
    }
}
