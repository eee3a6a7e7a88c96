//! Rules that a protocol acts on: named ones, taper, rescue, treatment given again.

use std::ops::Range;

use malar_model::codes::{NOT_MEASURED, SCHEDULE};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::rule::Rule;
use toml::Spanned;

use super::file::{CriterionFile, PopulationFile, RescueFile, RetreatmentFile, RuleFile, RunInFile, TaperFile};
use crate::endpoint::parse_measured_rule;
use crate::instruments::{KNOWN_LATE, VARIABLES};

/// A named rule.
#[derive(Clone, Debug)]
pub struct NamedRule {
    /// Id.
    pub id: String,
    /// The rule.
    pub rule: Rule,
    /// Its place in the file.
    pub span: Range<usize>,
    /// The visit it looks at, weeks; the usual one if absent.
    pub at_week: Option<f64>,
    /// Of an entry criterion: a candidate who fails it may be screened again.
    pub again: bool,
}

impl NamedRule {
    fn new(id: &str, rule: Rule, span: Range<usize>) -> NamedRule {
        NamedRule {
            id: id.to_owned(),
            rule,
            span,
            at_week: None,
            again: true,
        }
    }
}

/// Rules that lower the steroid dose.
#[derive(Clone, Debug)]
pub struct Taper {
    /// Who may taper (looked at with the baseline visit's values).
    pub eligible: Rule,
    /// When a step down may be tried.
    pub when: Rule,
    /// First week.
    pub from_week: f64,
    /// Last week.
    pub to_week: f64,
    /// Dose to reach, mg/day.
    pub target_mg: f64,
    /// Smallest step, mg/day.
    pub step_mg: f64,
    /// Step as a share of the current dose, if larger.
    pub step_share: f64,
    /// When a tapered dose goes up again.
    pub back_up: Rule,
    /// Step up, mg/day, at most to the baseline dose.
    pub back_up_mg: f64,
}

/// When a patient's first treatment is given again.
#[derive(Clone, Debug)]
pub struct Retreatment {
    /// What calls for it, at a visit.
    pub when: Rule,
    /// First week.
    pub from_week: f64,
    /// Weeks that have to pass after the last time.
    pub again_after_weeks: f64,
    /// How often at most.
    pub most: u32,
    /// Doses of so many first days are repeated, from the visit's day on.
    pub days: f64,
}

/// Visits between screening and baseline, at each of which a rule has to hold.
#[derive(Clone, Debug)]
pub struct RunIn {
    /// Their number; they are as far apart as the trial's.
    pub visits: u8,
    /// What has to hold; changes are since the screening visit that was passed.
    pub holds: Rule,
}

/// Rules for rescue and restricted medication.
#[derive(Clone, Debug)]
pub struct Rescue {
    /// Worsening that may lead to rescue.
    pub worse: Rule,
    /// First week from which a rescue makes a patient a non-responder.
    pub counts_from_week: f64,
}

/// Reads rules: the instruments that the trial measures, and the text for messages.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub measured: &'a [String],
    pub source: &'a Source,
}

impl Reader<'_> {
    /// A rule over what the trial measures.
    pub fn rule(self, text: &Spanned<String>) -> Result<Rule, Diagnostic> {
        parse_measured_rule(text, self.measured, self.source)
    }

    /// A rule that is looked at before a visit's decisions, which some words wait for.
    fn early(self, text: &Spanned<String>) -> Result<Rule, Diagnostic> {
        let rule = self.rule(text)?;
        let Some(k) = rule.positions().into_iter().find(|k| KNOWN_LATE.contains(k)) else {
            return Ok(rule);
        };
        let message = format!("`{}` is known only after a visit's decisions", VARIABLES[k].0);
        let help =
            "use it in endpoints and populations; here `bilag_flare` or `sledai_rise_since_last` can be looked at";
        Err(Diagnostic::error(NOT_MEASURED, self.source, text.span(), message).help(help))
    }

    pub fn named(self, id: &str, holds: &Spanned<String>) -> Result<NamedRule, Diagnostic> {
        Ok(NamedRule::new(id, self.rule(holds)?, holds.span()))
    }

    pub fn criteria(self, files: &[CriterionFile]) -> Result<Vec<NamedRule>, Diagnostic> {
        let one = |c: &CriterionFile| {
            let again = c.again;
            Ok(NamedRule {
                again,
                ..NamedRule::new(&c.id, self.early(&c.holds)?, c.holds.span())
            })
        };
        files.iter().map(one).collect()
    }

    pub fn strata(self, files: &[RuleFile]) -> Result<Vec<NamedRule>, Diagnostic> {
        let one = |r: &RuleFile| Ok(NamedRule::new(&r.id, self.early(&r.holds)?, r.holds.span()));
        files.iter().map(one).collect()
    }

    pub fn populations(self, files: &[PopulationFile]) -> Result<Vec<NamedRule>, Diagnostic> {
        let one = |p: &PopulationFile| {
            Ok(NamedRule {
                at_week: p.at_week.as_ref().map(|week| *week.get_ref()),
                ..self.named(&p.id, &p.holds)?
            })
        };
        files.iter().map(one).collect()
    }

    pub fn rescue(self, file: &RescueFile) -> Result<Rescue, Diagnostic> {
        Ok(Rescue {
            worse: self.early(&file.worse)?,
            counts_from_week: file.counts_from_week,
        })
    }

    pub fn taper(self, file: &TaperFile) -> Result<Taper, Diagnostic> {
        Ok(Taper {
            eligible: self.early(&file.eligible)?,
            when: self.early(&file.when)?,
            from_week: file.from_week,
            to_week: file.to_week,
            target_mg: file.target_mg,
            step_mg: file.step_mg,
            step_share: file.step_share,
            back_up: self.early(&file.back_up)?,
            back_up_mg: file.back_up_mg,
        })
    }

    pub fn run_in(self, file: &RunInFile) -> Result<RunIn, Diagnostic> {
        let visits = *file.visits.get_ref();
        if !(1..=26).contains(&visits) {
            let message = "a run-in has no visits, or too many".to_owned();
            let help = "write `visits` from 1 to 26, or leave the section out";
            return Err(Diagnostic::error(SCHEDULE, self.source, file.visits.span(), message).help(help));
        }
        Ok(RunIn {
            visits,
            holds: self.early(&file.holds)?,
        })
    }

    pub fn retreatment(self, file: &RetreatmentFile) -> Result<Retreatment, Diagnostic> {
        let (days, weeks) = (*file.days.get_ref(), [file.from_week, file.again_after_weeks]);
        if !(days > 0.0 && weeks.iter().all(|week| week.is_finite() && *week >= 0.0)) {
            let message = "the treatment to give again is empty".to_owned();
            let help = "`days` is how many first days of treatment are repeated, above 0; weeks are at least 0";
            return Err(Diagnostic::error(SCHEDULE, self.source, file.days.span(), message).help(help));
        }
        Ok(Retreatment {
            when: self.rule(&file.when)?,
            from_week: file.from_week,
            again_after_weeks: file.again_after_weeks,
            most: file.most,
            days,
        })
    }
}
