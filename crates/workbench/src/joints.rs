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

#[cfg(test)]
mod tests {
    use crate::catalog::Library;
    use crate::run::{Settings, Silent, run};
    use crate::study::{Request, prepare};

    #[test]
    fn a_cohort_of_joints_leaves_a_report() {
        let request = Request {
            study: "rehearsal-steroid-osteonecrosis".to_owned(),
            replicates: Some(1),
            patients: Some(60),
            seed: Some(1),
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = Settings {
            out: Some(folder.path().join("run")),
            ..Settings::default()
        };
        let prepared = prepare(&Library::embedded(), &request).expect("a good protocol");
        let report = run(&prepared, &settings, &Silent).expect("a run");
        assert!(report.folder.join("report.html").is_file());
        assert!(report.summary.endpoints.iter().any(|row| row.endpoint == "joints-kept"));
    }
}
