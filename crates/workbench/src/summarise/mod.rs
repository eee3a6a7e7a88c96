//! Folds replicates into the summary, in replicate order, with memory that does not grow with their number.

mod baskets;
mod endpoints;
mod estimands;
mod kinetics;
mod multiplicity;
mod patients;
mod safety;
mod sample;
mod survival;
mod trajectories;
mod trial_effect;

use crate::plan::Manifest;
use crate::published::Published;
use crate::run::About;
use crate::summary::Summary;
use malar_trial::results::{Labels, Replicate, TruthRow};

/// What has been seen of a run so far.
pub struct Summariser {
    labels: Labels,
    baskets: baskets::Baskets,
    endpoints: endpoints::Endpoints,
    estimands: estimands::Estimands,
    patients: patients::Patients,
    trajectories: trajectories::Trajectories,
    safety: safety::Safety,
    survival: survival::Survival,
    kinetics: kinetics::Kinetics,
    multiplicity: multiplicity::Multiplicity,
    trial_effect: trial_effect::TrialEffect,
    patient_years: f64,
}

impl Summariser {
    /// Nothing seen yet.
    pub fn new(labels: &Labels) -> Summariser {
        Summariser {
            labels: labels.clone(),
            baskets: baskets::Baskets::default(),
            endpoints: endpoints::Endpoints::default(),
            estimands: estimands::Estimands::default(),
            patients: patients::Patients::new(labels),
            trajectories: trajectories::Trajectories::default(),
            safety: safety::Safety::default(),
            survival: survival::Survival::default(),
            kinetics: kinetics::Kinetics::default(),
            multiplicity: multiplicity::Multiplicity::default(),
            trial_effect: trial_effect::TrialEffect::default(),
            patient_years: 0.0,
        }
    }

    /// Folds in the next replicate.
    pub fn add(&mut self, replicate: &Replicate) {
        self.endpoints.add(replicate, &self.labels);
        self.estimands.add(replicate, &self.labels);
        self.baskets.add(replicate);
        self.multiplicity.add(replicate, &self.labels);
        self.patients.add(replicate, &self.labels);
        self.trajectories.add(replicate);
        self.safety.add(replicate, &self.labels);
        self.survival.add(replicate);
        self.kinetics.add(replicate);
        self.patient_years += replicate.patient_years;
    }

    /// Folds in the truths of one replicate's patients; all of these come before the replicates.
    pub fn add_truths(&mut self, rows: &[TruthRow]) {
        self.estimands.add_truths(rows);
    }

    /// Folds in a replicate that is also run without the fading trial effect.
    pub fn add_pair(&mut self, replicate: &Replicate, without: &Replicate) {
        self.trial_effect.add_with(replicate);
        self.trial_effect.add_without(without);
        self.patient_years += without.patient_years;
    }

    /// The summary of all replicates seen, beside what was published.
    pub fn finish(self, manifest: &Manifest, about: &About, published: &dyn Published, seconds: f64) -> Summary {
        let labels = &self.labels;
        let fitted = about.calibrated_on.contains(&manifest.study);
        Summary {
            study: manifest.study.clone(),
            name: about.name.clone(),
            question: about.question.clone(),
            hash: manifest.hash(),
            version: manifest.engine.clone(),
            seed: manifest.seed,
            replicates: manifest.replicates,
            patients: manifest.patients,
            failed_patients: self.patients.failed(),
            patient_years: self.patient_years,
            wall_seconds: seconds,
            population: about.population.clone(),
            calibrated_on: about.calibrated_on.clone(),
            calibrated_on_shared_patients: about.shares_patients_with.clone(),
            arms: about.arms.clone(),
            weak_arms: about.weak_arms.clone(),
            warnings: about.warnings.clone(),
            primary_endpoint: about.primary.as_ref().map(|primary| primary.0.clone()),
            primary_week: about.primary.as_ref().map(|primary| primary.1),
            endpoints: self.endpoints.rates(labels, published, fitted),
            contrasts: self.endpoints.contrasts(labels, published, fitted),
            reasons: self.patients.reasons(labels, &about.reason_words),
            flow: self.patients.flow(labels, manifest.replicates),
            screening: self.patients.screening(labels, manifest.replicates),
            baseline: self.patients.baseline(published),
            trajectories: self.trajectories.summaries(labels),
            safety: self.safety.summaries(labels, published),
            survival: self.survival.summaries(labels),
            kinetics: self.kinetics.summaries(labels),
            trial_effect: self.trial_effect.summaries(labels),
            estimands: self.estimands.summaries(labels),
            baskets: self.baskets.summaries(labels),
            multiplicity: self.multiplicity.summary(labels),
            assumptions: about.assumptions.clone(),
            failures: self.patients.failures(),
            command: about.command.clone(),
        }
    }
}
