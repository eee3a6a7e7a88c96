//! The protocols of a calibration, each compiled once, simulated for every member of the ensemble.

use std::cell::Cell;

use malar_evidence::{Published, Split, check_fittable, fit_trials};
use malar_stats::matrix::Matrix;
use malar_trial::{Infeasible, Simulation};

use super::file::{CalibrationFile, Wanted};
use super::luck::n_sets;
use super::targets::{Target, predictions, targets};
use super::{CalibrateError, Request};
use crate::catalog::{Kind, Library};
use crate::finding::InputError;
use crate::plan::FileHash;
use crate::posterior::{Posterior, with_numbers};
use crate::run::order;
use crate::score::{evidence_id, library_evidence_with};
use crate::study::{self, compile, efficacy};

/// Trials of so many published patients and more are simulated with `--patients`, smaller ones in proportion: the chance of virtual
/// patients then adds the same share to that of the published ones everywhere.
const LARGE_TRIAL: f64 = 400.0;
/// Fewest virtual patients of a small trial.
const FEWEST_PATIENTS: u32 = 20;

/// The number of the population that spreads simulated trials; a calibration simulates trials without deviation.
const BETWEEN_TRIALS: &str = "clinical.trial_effect.between_trial_sd";

/// Everything that is simulated for one member.
pub(crate) struct Trials {
    simulations: Vec<Simulation>,
    /// What they are compared with, trial after trial.
    pub targets: Vec<Target>,
    /// Ids of the published results.
    pub ids: Vec<String>,
    /// Every file used.
    pub files: Vec<FileHash>,
}

impl Trials {
    /// Finds, checks and compiles the protocols to fit.
    pub fn open(library: &Library, file: &CalibrationFile, request: &Request) -> Result<Trials, CalibrateError> {
        let (evidence, split) = library_evidence_with(library, request.split.as_deref())?;
        let mut found = Trials {
            simulations: Vec::new(),
            targets: Vec::new(),
            ids: Vec::new(),
            files: Vec::new(),
        };
        for protocol in &file.trials {
            if library.find(Kind::Trials, protocol).is_none() {
                let help = format!("known trials: {}", library.ids(Kind::Trials).join(", "));
                let (kind, name) = ("trial", protocol.clone());
                return Err(InputError::Unknown { kind, name, help }.into());
            }
        }
        for (protocol, id) in protocols(library, file, &evidence, &split) {
            let published = fit_trials(&evidence, &split, std::slice::from_ref(&id))?[0];
            found.add(library, file, request, &protocol, published)?;
        }
        let ids: Vec<String> = found.ids.clone();
        fit_trials(&evidence, &split, &ids)?;
        for wanted in &file.only {
            let published = fit_trials(&evidence, &split, std::slice::from_ref(&wanted.trial))?[0];
            check_fittable(
                published,
                &wanted.arm,
                &wanted.endpoint,
                wanted.week,
                &wanted.population,
            )?;
        }
        found.files.sort();
        found.files.dedup();
        if found.targets.is_empty() {
            return Err(CalibrateError::NothingToFit);
        }
        Ok(found)
    }

    fn add(
        &mut self,
        library: &Library,
        file: &CalibrationFile,
        request: &Request,
        protocol: &str,
        published: &Published,
    ) -> Result<(), CalibrateError> {
        let study = study::Request {
            study: protocol.to_owned(),
            replicates: Some(1),
            patients: None,
            seed: Some(request.seed),
        };
        let compiled = compile(library, &study, Some(&start(file)))?;
        if compiled.about.posterior.is_none() {
            return Ok(()); // another population: nothing that moves here moves there
        }
        let arms = &compiled.simulation.protocol().arms;
        let given = |therapy: &String| {
            arms.iter()
                .flat_map(|arm| &arm.therapies)
                .any(|(usage, _)| usage.id == *therapy)
        };
        if request.without.iter().any(given) {
            return Ok(());
        }
        let share = f64::from(compiled.simulation.protocol().n_patients()) / LARGE_TRIAL;
        let patients = (f64::from(request.patients) * share.min(1.0)).round() as u32;
        let patients = patients.max(FEWEST_PATIENTS.min(request.patients));
        let sets = u32::try_from(n_sets(request.members)).expect("few sets");
        let mut own = targets(self.simulations.len(), &compiled.simulation, published, patients * sets);
        own.retain(|target| file.only.is_empty() || file.only.iter().any(|wanted| is_wanted(wanted, target)));
        if own.is_empty() {
            return Ok(());
        }
        self.targets.extend(own);
        self.ids.push(published.id.clone());
        self.files.extend(
            compiled
                .manifest
                .files
                .into_iter()
                .filter(|f| !f.path.starts_with("posteriors/")),
        );
        let simulation = efficacy(compiled.simulation, compiled.safety);
        self.simulations.push(simulation.resized(patients));
        Ok(())
    }

    /// Virtual patients simulated for one member.
    pub fn n_patients(&self) -> u32 {
        self.simulations.iter().map(|s| s.protocol().n_patients()).sum()
    }

    /// Predictions of every target, one row per row of `values`. `luck` is a seed and, for each member, the number of the replicate that it
    /// meets. A member that a trial cannot be simulated for has NaN in its row. `tick` hears how much is done and may stop it.
    pub fn simulate(
        &self,
        names: &[String],
        values: &[Vec<f64>],
        (seed, luck): (u64, &(dyn Fn(usize) -> u32 + Sync)),
        threads: usize,
        tick: &dyn Fn(f64) -> Result<(), CalibrateError>,
    ) -> Result<Matrix, CalibrateError> {
        let n_trials = self.simulations.len();
        let count = u32::try_from(n_trials * values.len()).expect("fewer than four billion simulations");
        let mut rows: Vec<Vec<f64>> = vec![Vec::with_capacity(self.targets.len()); values.len()];
        let (mut next, done) = (0, Cell::new(0));
        order::in_order(
            count,
            threads,
            |k| {
                let (member, place) = (k as usize / n_trials, k as usize % n_trials);
                self.simulate_one(place, names, &values[member], (seed, luck(member)))
            },
            |predicted| {
                rows[next / n_trials].extend(predicted);
                next += 1;
                done.set(next);
                Ok(())
            },
            || tick(done.get() as f64 / f64::from(count)),
        )?;
        Ok(Matrix::from_rows(&rows))
    }

    fn simulate_one(&self, place: usize, names: &[String], values: &[f64], (seed, index): (u64, u32)) -> Vec<f64> {
        let simulation = &self.simulations[place];
        let mut population = with_numbers(simulation.population(), names, values);
        *population
            .number_mut(BETWEEN_TRIALS)
            .expect("every population has a trial effect") = 0.0;
        match simulation.with_population(population).replicate(seed, index) {
            Ok(replicate) => predictions(place, &self.targets, &replicate),
            Err(Infeasible { .. }) => vec![f64::NAN; self.targets.iter().filter(|t| t.is_of(place)).count()],
        }
    }
}

/// A posterior of one member at the medians of the priors: it makes room for the numbers that will move.
fn start(file: &CalibrationFile) -> Posterior {
    Posterior {
        id: file.id.clone(),
        name: file.name.clone(),
        populations: file.populations.clone(),
        calibrated_on: Vec::new(),
        without: Vec::new(),
        names: file.names(),
        weights: vec![1.0],
        members: vec![file.values(&vec![0.0; file.moved.len()])],
        made: Vec::new(),
        files: Vec::new(),
        source: malar_model::Source {
            path: String::new(),
            text: String::new(),
        },
    }
}

fn is_wanted(wanted: &Wanted, target: &Target) -> bool {
    wanted.trial == target.trial
        && wanted.arm == target.arm
        && wanted.endpoint == target.endpoint
        && (wanted.week - target.week).abs() < 1e-6
        && wanted.population == target.population
}

/// Protocols and the results they name: those of the file, else all of the library whose results are on the `fit` list and hold no
/// patients of the `check` list.
fn protocols(
    library: &Library,
    file: &CalibrationFile,
    evidence: &malar_evidence::Library,
    split: &Split,
) -> Vec<(String, String)> {
    let all = library.list(Kind::Trials).filter_map(|(path, source)| {
        let protocol = crate::catalog::id_of(path)?.to_owned();
        Some((protocol, evidence_id(source)?))
    });
    if !file.trials.is_empty() {
        return all.filter(|(protocol, _)| file.trials.contains(protocol)).collect();
    }
    let may = |id: &str| {
        let trial = evidence.get(id)?;
        let is_fit = split.kind(id) == Some(malar_evidence::Part::Fit) && split.leaks(trial).next().is_none();
        is_fit.then_some(())
    };
    all.filter(|(_, id)| may(id).is_some()).collect()
}
