//! A randomised patient's way through the trial, as it is lived.

use malar_solver::{Failure, LaneMut};

use super::decisions::{Leaving, Steroids};
use super::dosing::Dosing;
use crate::instruments::{Assessment, Components, Variables, set_flare};
use crate::program::{Dose, Program};

/// One visit of one patient.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit {
    pub week: f64,
    pub assessment: Assessment,
    pub variables: Variables,
    /// What the variables were read off.
    pub components: Components,
    /// Prednisone-equivalent from this visit on, mg/day.
    pub prednisone: f64,
    pub ifn_signature: f64,
    pub concentration: f64,
}

/// A randomised patient's way through the trial.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    /// Baseline first.
    pub visits: Vec<Visit>,
    pub left: Option<Leaving>,
    /// Week of the last visit on study drug, if it was stopped before the end.
    pub left_week: Option<f64>,
    pub failure: Option<Failure>,
    pub restricted_week: Option<f64>,
    pub flares: u16,
    /// Weeks at which treatment was given again.
    pub retreated: Vec<f64>,
    /// Day and prednisone-equivalent from then on, mg/day, each time it was set.
    pub prednisone: Vec<(f64, f64)>,
    pub(super) steroids: Steroids,
    pub(super) next_visit: f64,
    pub(super) dosing: Dosing,
    /// Inputs of the arm's daily drugs as they were before randomisation.
    pub(super) before: Vec<(usize, f64)>,
    /// Day on which an adverse event stops study drug; infinity if none does.
    pub(super) stop: f64,
    pub(super) is_stopped: bool,
}

impl Course {
    pub(super) fn new(prednisone: f64, doses: Vec<Dose>) -> Self {
        Course {
            visits: Vec::new(),
            left: None,
            left_week: None,
            failure: None,
            restricted_week: None,
            flares: 0,
            steroids: Steroids {
                baseline: prednisone,
                dose: prednisone,
                burst: 0.0,
            },
            next_visit: 0.0,
            retreated: Vec::new(),
            prednisone: Vec::new(),
            dosing: Dosing::new(doses),
            before: Vec::new(),
            stop: f64::INFINITY,
            is_stopped: false,
        }
    }

    /// What was decided at this visit, and the flares that it makes known.
    pub(super) fn look_back(&self, components: &mut Components, variables: &mut Variables) {
        components.restricted = self.restricted_week.is_some();
        components.prednisone_after = Some(self.steroids.total());
        if let Some(previous) = self.visits.last() {
            set_flare(components, &previous.components, variables);
        }
    }

    /// When an adverse event will stop study drug, days; infinity if none will, or has.
    pub(super) fn next_stop(&self) -> f64 {
        if self.is_stopped { f64::INFINITY } else { self.stop }
    }

    /// No more doses, daily drugs as before randomisation; background drugs that the arm stopped stay stopped, and a running
    /// infusion ends as planned.
    pub(super) fn stop_study_drug(&mut self, lane: &mut LaneMut<'_>) {
        self.dosing.stop();
        for &(input, value) in &self.before {
            lane.set_input(input, value);
        }
    }

    /// Week of the last visit on study drug; 0 before the first.
    pub fn last_week(&self) -> f64 {
        let last = || self.visits.last().map_or(0.0, |visit| visit.week);
        self.left_week.unwrap_or_else(last)
    }

    /// All doses of the patient in order of time, given or not.
    pub fn doses(&self) -> &[Dose] {
        self.dosing.doses()
    }

    /// Puts the steroid dose in force into the lane.
    pub(super) fn set_steroid(&mut self, program: &Program, lane: &mut LaneMut<'_>) {
        let total = self.steroids.total();
        self.prednisone.push((lane.time(), total));
        lane.set_input(program.steroid_input, total);
    }
}
