//! A joint cohort: its protocol and numbers in, something that can be run out.

use malar_model::diagnostic::Source;
use malar_trial::Infeasible;
use malar_trial::joints::{Constants, JointCohort, JointProtocol};
use malar_trial::results::{Labels, Replicate};

use crate::finding::{Finding, InputError};
use crate::plan::Manifest;
use crate::published::Nothing;
use crate::run::{About, Prepared, Simulate};
use crate::study::{Size, Used};

impl Simulate for JointCohort {
    fn labels(&self) -> &Labels {
        JointCohort::labels(self)
    }
    fn replicate(&self, seed: u64, index: u32) -> Result<Replicate, Infeasible> {
        Ok(JointCohort::replicate(self, seed, index))
    }
}

/// Reads and checks a joint cohort. `source` is its protocol, `command` what repeats the run.
pub(crate) fn prepare(
    used: &mut Used<'_>,
    source: Source,
    command: String,
    size: &Size,
) -> Result<Prepared, InputError> {
    let protocol = JointProtocol::parse(&source).map_err(|found| vec![Finding::new(found, &source)])?;
    let protocol = match size.patients {
        Some(patients) => protocol.resized(patients),
        None => protocol,
    };
    let numbers = used.source(&format!("models/{}/joints.toml", protocol.model))?;
    let constants = Constants::parse(numbers).map_err(|found| vec![Finding::new(found, numbers)])?;
    let manifest = Manifest {
        engine: env!("CARGO_PKG_VERSION").into(),
        study: protocol.id.clone(),
        seed: size.seed,
        replicates: size.replicates,
        patients: protocol.n_patients(),
        files: used.hashes(),
    };
    let about = About {
        name: protocol.name.clone(),
        population: protocol.model.clone(),
        arms: protocol
            .arms
            .iter()
            .map(|arm| (arm.id.clone(), "steroid".into()))
            .collect(),
        warnings: vec!["operations and their cost are mostly assumed; see the list below".into()],
        primary: protocol.weeks.last().map(|week| ("joints-kept".into(), *week)),
        assumptions: used.assumptions(),
        question: size.question.clone(),
        command,
        ..About::default()
    };
    Ok(Prepared {
        manifest,
        about,
        simulation: Box::new(JointCohort::new(protocol, constants)),
        protocol: source,
        published: Box::new(Nothing),
    })
}
