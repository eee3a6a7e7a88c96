//! What can be said about a protocol without looking at other files.

use std::ops::Range;

use malar_model::codes::{ARMS, NO_SOURCE, SCHEDULE};
use malar_model::diagnostic::{Diagnostic, Source};
use toml::Spanned;

use super::arms::Conduct;
use super::file::{ArmFile, EndpointUseFile, ProtocolFile};
use crate::regimen::TherapyUse;
use crate::regimes::check_week;

/// A file under examination.
pub(super) struct Check<'a> {
    pub file: &'a ProtocolFile,
    pub source: &'a Source,
}

type Checked = Result<(), Diagnostic>;

impl Check<'_> {
    /// Refuses the first thing that is wrong.
    pub fn all(&self) -> Checked {
        self.sources()?;
        self.schedule()?;
        self.screening()?;
        self.randomisation()?;
        self.conduct()?;
        for week in self.file.populations.iter().filter_map(|p| p.at_week.as_ref()) {
            check_week(*week.get_ref(), week.span(), self.visits(), self.source)?;
        }
        self.arms()?;
        self.file
            .endpoints
            .iter()
            .try_for_each(|endpoint| self.endpoint(endpoint))
    }

    pub fn wrong(&self, code: &'static str, span: Range<usize>, message: String, help: &str) -> Checked {
        Err(Diagnostic::error(code, self.source, span, message).help(help))
    }

    fn first_line(&self) -> Range<usize> {
        0..self.source.text.lines().next().map_or(0, str::len)
    }

    /// Visit interval and duration, weeks.
    pub fn visits(&self) -> (f64, f64) {
        (self.file.visit_every_weeks, *self.file.duration_weeks.get_ref())
    }

    fn sources(&self) -> Checked {
        if self.file.source.is_empty() {
            let message = format!("trial `{}` has no source", self.file.id);
            return self.wrong(NO_SOURCE, self.first_line(), message, "add `source = [\"doi:...\"]`");
        }
        if self.reasons().any(|text| text.is_empty()) {
            let message = "a section with assumed numbers does not say why".to_owned();
            return self.wrong(NO_SOURCE, self.first_line(), message, "fill in `assumed = \"why\"`");
        }
        Ok(())
    }

    /// Every `assumed` of the file.
    fn reasons(&self) -> impl Iterator<Item = &String> {
        let file = self.file;
        [
            &file.screening.assumed,
            &file.randomisation.assumed,
            &file.rescue.assumed,
        ]
        .into_iter()
        .chain(file.taper.as_ref().map(|t| &t.assumed))
        .chain(file.retreatment.as_ref().map(|r| &r.assumed))
        .chain(file.follow_up.as_ref().map(|f| &f.assumed))
        .chain(file.conduct.as_ref().map(|c| &c.get_ref().assumed))
        .chain(file.candidates.as_ref().map(|c| &c.assumed))
        .chain(file.adverse_events.as_ref().map(|a| &a.assumed))
        .chain(file.run_in.as_ref().map(|r| &r.assumed))
        .chain(file.randomised_again.iter().map(|a| &a.get_ref().assumed))
        .chain(file.basket_analysis.as_ref().map(|b| &b.get_ref().assumed))
    }

    fn schedule(&self) -> Checked {
        let (every, duration) = self.visits();
        if every > 0.0 && duration >= every && duration <= 1040.0 {
            return Ok(());
        }
        let message = "duration and visit interval do not fit".to_owned();
        let help = "visits need a positive interval, and the trial at least one visit and at most 20 years";
        self.wrong(SCHEDULE, self.file.duration_weeks.span(), message, help)
    }

    fn screening(&self) -> Checked {
        let is_sound = |weeks: f64| weeks > 0.0 && weeks <= 104.0;
        match &self.file.screening.again_after_weeks {
            Some(weeks) if !is_sound(*weeks.get_ref()) => {
                let message = format!("nobody is screened again after {} weeks", weeks.get_ref());
                let help = "write weeks above 0, at most 104, or leave `again_after_weeks` out for the visit interval";
                self.wrong(SCHEDULE, weeks.span(), message, help)
            }
            _ => Ok(()),
        }
    }

    fn randomisation(&self) -> Checked {
        let file = &self.file.randomisation;
        if *file.block_size.get_ref() == 0 {
            let help = "use a small multiple of the number of arms";
            return self.wrong(ARMS, file.block_size.span(), "block size is zero".to_owned(), help);
        }
        let is_sound = |probability: &Spanned<f64>| *probability.get_ref() > 0.5 && *probability.get_ref() <= 1.0;
        if let Some(probability) = file.minimisation.as_ref().filter(|p| !is_sound(p)) {
            let message = "minimisation takes the best arm with a probability above 0.5, at most 1".to_owned();
            let help = "write `minimisation = 0.8`, or leave it out for permuted blocks";
            return self.wrong(ARMS, probability.span(), message, help);
        }
        Ok(())
    }

    fn conduct(&self) -> Checked {
        let Conduct {
            adherence,
            rater_drift_per_year,
        } = Conduct::read(self.file.conduct.as_ref());
        if !(adherence > 0.0 && adherence <= 1.0 && rater_drift_per_year.is_finite()) {
            let span = self.file.conduct.as_ref().map_or(0..0, Spanned::span);
            let message = "adherence is a share above 0, at most 1, and drift a number".to_owned();
            let help = "write `adherence = 0.9` for nine doses in ten";
            return self.wrong(SCHEDULE, span, message, help);
        }
        let share = self.file.follow_up.as_ref().map(|f| &f.share);
        if let Some(share) = share.filter(|share| !(0.0..=1.0).contains(share.get_ref())) {
            let message = "a share of patients is not between 0 and 1".to_owned();
            let help = "write `share = 0.9` for nine in ten";
            return self.wrong(SCHEDULE, share.span(), message, help);
        }
        Ok(())
    }

    fn arms(&self) -> Checked {
        let arms = &self.file.arms;
        if arms.is_empty() || arms.iter().any(|a| a.get_ref().n == 0) {
            let span = arms.first().map_or(self.first_line(), Spanned::span);
            let help = "give each `[[arms]]` an `n` of 1 or more";
            return self.wrong(ARMS, span, "a trial needs arms with patients".to_owned(), help);
        }
        for (k, arm) in arms.iter().enumerate() {
            if arms[..k].iter().any(|a| a.get_ref().id == arm.get_ref().id) {
                let message = format!("arm `{}` is declared twice", arm.get_ref().id);
                return self.wrong(ARMS, arm.span(), message, "give each arm its own id");
            }
            self.therapies(arm.get_ref())?;
        }
        self.externals()
    }

    /// Randomised arms come first, and there is one at least.
    fn externals(&self) -> Checked {
        let arms = &self.file.arms;
        let is_external = |arm: &Spanned<ArmFile>| arm.get_ref().external.is_some();
        if let Some(first) = arms.iter().find(|arm| is_external(arm))
            && (is_external(&arms[0]) || !arms.iter().is_sorted_by_key(is_external))
        {
            let message = format!(
                "the external control `{}` stands before a randomised arm",
                first.get_ref().id
            );
            return self.wrong(
                ARMS,
                first.span(),
                message,
                "list arms with `external` after all others",
            );
        }
        Ok(())
    }

    fn therapies(&self, arm: &ArmFile) -> Checked {
        for therapy in &arm.therapies {
            TherapyUse::check(therapy, self.source)?;
            if let Some(only_if) = &therapy.get_ref().only_if {
                check_week(*only_if.week.get_ref(), only_if.week.span(), self.visits(), self.source)?;
            }
        }
        Ok(())
    }

    fn endpoint(&self, endpoint: &EndpointUseFile) -> Checked {
        let (every, duration) = self.visits();
        let has_visit = |week: &f64| {
            let k = week / every;
            *week > 0.0 && *week <= duration && (k - k.round()).abs() < 1e-9
        };
        let mut weeks = endpoint.weeks.get_ref().iter().chain(&endpoint.primary_week);
        if weeks.all(has_visit) {
            return Ok(());
        }
        let message = format!("endpoint `{}` is read at a week without visit", endpoint.id.get_ref());
        let help = "use weeks that are multiples of `visit_every_weeks`, up to the duration";
        self.wrong(SCHEDULE, endpoint.weeks.span(), message, help)
    }
}
