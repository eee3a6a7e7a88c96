//! What a hypothesis is about: endpoint, week, arm and population of the trial.

use malar_model::diagnostic::Diagnostic;

use super::{Hypothesis, HypothesisFile, Reader};
use crate::regimes::is_week;

impl Reader<'_> {
    /// The hypothesis at a place in the file, if it is about something the trial compares.
    pub(super) fn hypothesis(&self, k: usize) -> Result<Hypothesis, Diagnostic> {
        let file = self.file.hypotheses[k].get_ref();
        if (0..k).any(|other| self.id(other) == self.id(k)) {
            let message = format!("hypothesis `{}` is declared twice", self.id(k));
            return self.wrong(file.id.span(), message, "give each hypothesis its own id");
        }
        let (endpoint, week) = self.reading(file)?;
        Ok(Hypothesis {
            id: self.id(k).to_owned(),
            arm: self.arm(file)?,
            endpoint,
            week,
            population: self.population(file)?,
        })
    }

    /// Endpoint and week, if the trial reads that.
    fn reading(&self, file: &HypothesisFile) -> Result<(usize, f64), Diagnostic> {
        let uses = || self.protocol.endpoints.iter().map(|(usage, _)| usage);
        let (id, week) = (file.endpoint.get_ref(), *file.week.get_ref());
        let Some(endpoint) = uses().position(|usage| usage.id == *id) else {
            let known: Vec<&str> = uses().map(|usage| usage.id.as_str()).collect();
            let help = format!("endpoints of the trial: {}", known.join(", "));
            return self.wrong(
                file.endpoint.span(),
                format!("the trial does not read endpoint `{id}`"),
                &help,
            );
        };
        let weeks = &self.protocol.endpoints[endpoint].0.weeks;
        match weeks.iter().find(|known| is_week(**known, week)) {
            Some(&week) => Ok((endpoint, week)),
            None => {
                let known: Vec<String> = weeks.iter().map(f64::to_string).collect();
                let help = format!("weeks at which `{id}` is read: {}", known.join(", "));
                self.wrong(
                    file.week.span(),
                    format!("the trial does not read `{id}` at week {week}"),
                    &help,
                )
            }
        }
    }

    /// The arm named, or the only one that is compared with the control.
    fn arm(&self, file: &HypothesisFile) -> Result<usize, Diagnostic> {
        let (arms, control) = (self.protocol.randomised(), self.protocol.control());
        let compared: Vec<usize> = (0..arms.len()).filter(|&k| k != control).collect();
        let names: Vec<&str> = compared.iter().map(|&k| arms[k].id.as_str()).collect();
        let help = format!("arms compared with the control: {}", names.join(", "));
        match (&file.arm, compared.as_slice()) {
            (None, [only]) => Ok(*only),
            (None, _) => self.wrong(file.id.span(), "it is not said which `arm` is tested".to_owned(), &help),
            (Some(arm), _) => match compared.iter().find(|&&k| arms[k].id == *arm.get_ref()) {
                Some(&k) => Ok(k),
                None => {
                    let message = format!("no arm `{}` is compared with the control", arm.get_ref());
                    self.wrong(arm.span(), message, &help)
                }
            },
        }
    }

    fn population(&self, file: &HypothesisFile) -> Result<usize, Diagnostic> {
        let Some(id) = &file.population else {
            return Ok(0); // everybody
        };
        let known = self.protocol.analysis_populations();
        match known.iter().position(|population| population == id.get_ref()) {
            Some(population) => Ok(population),
            None => {
                let message = format!("the trial has no analysis population `{}`", id.get_ref());
                let help = format!("populations of the trial: {}", known.join(", "));
                self.wrong(id.span(), message, &help)
            }
        }
    }
}
