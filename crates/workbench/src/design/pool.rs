//! Patients simulated once, by arm and simulated trial: stratum and response.

use malar_model::codes::DESIGN;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_stats::descriptive::standard_deviation;
use malar_trial::results::{Labels, Replicate};

use super::{DesignFile, Effect, Mixing};

/// A patient as far as the design's analysis looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Patient {
    pub stratum: u16,
    pub responded: bool,
}

/// Patients of one arm: all of them, and where each simulated trial begins.
#[derive(Clone, Debug, Default)]
pub(super) struct Arm {
    pub patients: Vec<Patient>,
    starts: Vec<usize>,
}

impl Arm {
    /// The patients of a single simulated trial.
    #[cfg(test)]
    pub fn of(patients: Vec<Patient>) -> Arm {
        Arm {
            patients,
            starts: vec![0],
        }
    }

    /// The patients of one simulated trial.
    pub fn of_trial(&self, trial: usize) -> &[Patient] {
        let end = self.starts.get(trial + 1).copied().unwrap_or(self.patients.len());
        &self.patients[self.starts[trial]..end]
    }

    fn percent(&self) -> f64 {
        let responders = self.patients.iter().filter(|p| p.responded).count();
        100.0 * responders as f64 / self.patients.len() as f64
    }
}

/// The pool of one comparison.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub treated: Arm,
    pub control: Arm,
    /// Further arms of an adaptive design, with their positions.
    further: Vec<(u16, Arm)>,
    pub n_strata: usize,
    pub n_trials: usize,
    names: (String, String),
    arms: (u16, u16),
    endpoint: u16,
    week: f64,
}

impl Pool {
    /// An empty pool for the design's endpoint and arms, the design's own first; or what the trial lacks.
    pub fn new(
        design: &DesignFile,
        source: &Source,
        labels: &Labels,
        (arms, control): (&[usize], usize),
    ) -> Result<Pool, Diagnostic> {
        let endpoint = endpoint(design, source, labels)?;
        let arm = arms[0];
        Ok(Pool {
            treated: Arm::default(),
            control: Arm::default(),
            further: arms[1..].iter().map(|&k| (k as u16, Arm::default())).collect(),
            n_strata: labels.strata.len().max(1),
            n_trials: 0,
            names: (labels.arms[arm].clone(), labels.arms[control].clone()),
            arms: (arm as u16, control as u16),
            endpoint: endpoint as u16,
            week: design.week,
        })
    }

    /// Simulated trials of so many patients an arm, in each of which either all treated respond and no control does, or the other way round.
    #[cfg(test)]
    pub fn of_worlds(works: &[bool], patients: usize) -> Pool {
        let arm = |responds: &dyn Fn(bool) -> bool| Arm {
            patients: works
                .iter()
                .flat_map(|works| {
                    let responded = responds(*works);
                    std::iter::repeat_n(Patient { stratum: 0, responded }, patients)
                })
                .collect(),
            starts: (0..works.len()).map(|k| k * patients).collect(),
        };
        Pool {
            treated: arm(&|works| works),
            control: arm(&|works| !works),
            further: Vec::new(),
            n_strata: 1,
            n_trials: works.len(),
            names: ("drug".into(), "placebo".into()),
            arms: (1, 0),
            endpoint: 0,
            week: 52.0,
        }
    }

    /// Takes in the patients of one simulated trial.
    pub fn add(&mut self, replicate: &Replicate) {
        self.n_trials += 1;
        self.treated.starts.push(self.treated.patients.len());
        self.control.starts.push(self.control.patients.len());
        for (_, arm) in &mut self.further {
            arm.starts.push(arm.patients.len());
        }
        let wanted = replicate.outcomes.iter().filter(|o| o.endpoint == self.endpoint);
        for outcome in wanted.filter(|o| o.week.to_bits() == self.week.to_bits()) {
            let patient = Patient {
                stratum: replicate.patients[outcome.patient as usize].stratum,
                responded: outcome.responded,
            };
            if outcome.arm == self.arms.0 {
                self.treated.patients.push(patient);
            } else if outcome.arm == self.arms.1 {
                self.control.patients.push(patient);
            } else if let Some((_, arm)) = self.further.iter_mut().find(|(k, _)| *k == outcome.arm) {
                arm.patients.push(patient);
            }
        }
    }

    /// Refuses a pool without patients, which is what a week without reading gives, and simulated trials that are too small for drawing a
    /// trial from one of them.
    pub fn check(&self, design: &DesignFile, source: &Source, has_posterior: bool) -> Result<(), Diagnostic> {
        let wrong = |message: String, help: String| {
            Err(Diagnostic::error(DESIGN, source, design.endpoint.span(), message).help(help))
        };
        let least = |arm: &Arm| (0..self.n_trials).map(|k| arm.of_trial(k).len()).min().unwrap_or(0);
        if self.arms().any(|arm| least(arm) == 0) {
            let message = format!(
                "nobody is read for `{}` at week {}",
                design.endpoint.get_ref(),
                self.week
            );
            return wrong(
                message,
                "use a week of the endpoint in the trial, or more patients".into(),
            );
        }
        let size = design.patients.iter().max().map_or(0, |n| *n as usize);
        let draws_from_one = has_posterior || design.draw == Mixing::OneTrial;
        let (treated, control) = (least(&self.treated), least(&self.control));
        // Without an effect both arms are drawn from the control's patients.
        let holds = control.min(2 * treated);
        if draws_from_one && design.adaptation.is_none() && holds < size {
            let message =
                format!("simulated trials with {treated} and {control} patients are too small to draw {size} from one");
            let help = "write a larger `patients` at the top of the study: more than so many in the control arm, and half as many in the other";
            return wrong(message, help.into());
        }
        Ok(())
    }

    /// The difference between the arms and how it spreads over simulated trials.
    pub fn effect(&self) -> Effect {
        let share = |arm: &Arm, trial: usize| {
            let own = arm.of_trial(trial);
            let p = own.iter().filter(|p| p.responded).count() as f64 / own.len() as f64;
            (p, p * (1.0 - p) / (own.len() as f64 - 1.0))
        };
        let both = (0..self.n_trials).map(|k| (share(&self.treated, k), share(&self.control, k)));
        let (differences, chance): (Vec<f64>, Vec<f64>) = both.map(|(t, c)| (t.0 - c.0, t.1 + c.1)).unzip();
        let n = self.n_trials as f64;
        let spread = standard_deviation(&differences).unwrap_or(0.0).powi(2);
        Effect {
            mean: 100.0 * differences.iter().sum::<f64>() / n,
            sd: 100.0 * (spread - chance.iter().sum::<f64>() / n).max(0.0).sqrt(),
        }
    }

    /// Control, the design's arm, then further ones.
    pub fn arms(&self) -> impl Iterator<Item = &Arm> {
        [&self.control, &self.treated]
            .into_iter()
            .chain(self.further.iter().map(|(_, arm)| arm))
    }

    /// Arm against control.
    pub fn comparison(&self) -> String {
        format!("{} - {}", self.names.0, self.names.1)
    }

    /// Percent of responders: arm, control.
    pub fn percent(&self) -> (f64, f64) {
        (self.treated.percent(), self.control.percent())
    }

    /// Patients: arm, control.
    pub fn patients(&self) -> (usize, usize) {
        (self.treated.patients.len(), self.control.patients.len())
    }
}

/// Position of the arm that the design compares with the control.
pub(super) fn compared_arm(
    design: &DesignFile,
    source: &Source,
    labels: &Labels,
    control: usize,
) -> Result<usize, Diagnostic> {
    let is_it = |k: &usize| match &design.arm {
        None => *k != control,
        Some(arm) => *k != control && labels.arms[*k] == *arm.get_ref(),
    };
    (0..labels.arms.len()).find(is_it).ok_or_else(|| {
        let span = design.arm.as_ref().map_or(design.endpoint.span(), |arm| arm.span());
        let help = format!(
            "arms: {}; the control is `{}`",
            labels.arms.join(", "),
            labels.arms[control]
        );
        let message = "there is no such arm to compare with the control";
        Diagnostic::error(DESIGN, source, span, message).help(help)
    })
}

/// Position of the design's endpoint, a response.
fn endpoint(design: &DesignFile, source: &Source, labels: &Labels) -> Result<usize, Diagnostic> {
    let id = design.endpoint.get_ref();
    let is_response = |k: usize| labels.endpoint_units[k] == "percent";
    let found = labels.endpoints.iter().position(|e| e == id);
    found.filter(|&k| is_response(k)).ok_or_else(|| {
        let responses = (0..labels.endpoints.len()).filter(|&k| is_response(k));
        let known: Vec<&str> = responses.map(|k| labels.endpoints[k].as_str()).collect();
        let message = format!("the trial has no response endpoint `{id}`");
        let help = format!("response endpoints of the trial: {}", known.join(", "));
        Diagnostic::error(DESIGN, source, design.endpoint.span(), message).help(help)
    })
}
