//! Protocols with a placebo arm and published rates of it, compiled with that arm alone.

use malar_evidence::{Part, Published as Evidence};
use malar_model::diagnostic::Source;
use malar_trial::results::Labels;
use malar_trial::{Protocol, Simulation};

use super::{ENDPOINTS, Published, known};
use crate::catalog::{Kind, Library};
use crate::finding::{Finding, InputError};
use crate::posterior::Posterior;
use crate::score::{evidence_id, library_evidence_with};
use crate::study::{self, Numbers, compile_as};

/// A placebo arm, ready to simulate.
pub(super) struct Arm {
    pub id: String,
    pub name: String,
    pub fitted: bool,
    pub shares_patients_with: Vec<String>,
    pub n: u32,
    pub labels: Labels,
    pub simulation: Simulation,
    /// Text of the protocol.
    pub source: Source,
    /// Words for reasons of non-response.
    pub words: Vec<(String, String)>,
    evidence: Evidence,
}

/// Every trial of the population that is randomised against placebo and whose verified results hold a placebo rate it reads.
pub(super) fn arms(library: &Library, population: &str, posterior: Option<&Posterior>) -> Result<Vec<Arm>, InputError> {
    if library.find(Kind::Populations, population).is_none() {
        return Err(InputError::Unknown {
            kind: "population",
            name: population.to_owned(),
            help: format!("known populations: {}", known(library)),
        });
    }
    let (evidence, split) = library_evidence_with(library, None)?;
    let mut arms = Vec::new();
    for (_, source) in library.list(Kind::Trials) {
        let Some(published) = evidence_id(source).and_then(|id| evidence.get(&id)) else {
            continue;
        };
        let protocol = Protocol::parse(source).map_err(|found| vec![Finding::new(found, source)])?;
        if protocol.population != population || !answers(&protocol, published) {
            continue;
        }
        let fitted = split.kind(&published.id) == Some(Part::Fit);
        arms.push(arm(library, &protocol, published, fitted, posterior)?);
    }
    Ok(arms)
}

/// True if patients are randomised between placebo and something else, and some rate of placebo was published at a week that is read.
fn answers(protocol: &Protocol, published: &Evidence) -> bool {
    let control = &protocol.arms[protocol.control()];
    let is_placebo = control.control && control.therapies.is_empty() && protocol.arms.len() > 1;
    let mut followed = protocol.endpoints.iter().map(|(usage, _)| usage);
    is_placebo
        && followed.any(|usage| {
            let at = |week: &f64| published.arm_result(&control.id, &usage.id, *week, "all").is_some();
            ENDPOINTS.contains(&usage.id.as_str()) && usage.weeks.iter().any(at)
        })
}

fn arm(
    library: &Library,
    protocol: &Protocol,
    published: &Evidence,
    fitted: bool,
    posterior: Option<&Posterior>,
) -> Result<Arm, InputError> {
    let request = study::Request {
        study: protocol.id.clone(),
        replicates: Some(1),
        patients: None,
        seed: None,
    };
    let compiled = compile_as(library, &request, posterior, &Numbers::new(), placebo_alone)?;
    let simulation = study::efficacy(compiled.simulation, compiled.safety);
    Ok(Arm {
        id: protocol.id.clone(),
        name: protocol.name.clone(),
        fitted: fitted || compiled.about.calibrated_on.contains(&published.id),
        shares_patients_with: compiled.about.shares_patients_with,
        n: simulation.protocol().n_patients(),
        labels: simulation.labels().clone(),
        simulation,
        source: compiled.source,
        words: compiled.about.reason_words,
        evidence: published.clone(),
    })
}

/// The protocol with its control arm and the endpoints that are followed, and nothing else that is analysed.
fn placebo_alone(mut protocol: Protocol) -> Protocol {
    let control = protocol.arms.swap_remove(protocol.control());
    protocol.arms = vec![control];
    protocol
        .endpoints
        .retain(|(usage, _)| ENDPOINTS.contains(&usage.id.as_str()));
    protocol.populations.clear();
    protocol.estimands.clear();
    protocol.survival.clear();
    protocol
}

impl Arm {
    /// Endpoint and week of everything that is read.
    pub fn readings(&self) -> Vec<(u16, f64)> {
        let endpoints = (0..).zip(&self.simulation.protocol().endpoints);
        let weeks = |(k, (usage, _)): (u16, &(malar_trial::EndpointUse, _))| {
            let weeks: Vec<(u16, f64)> = usage.weeks.iter().map(|week| (k, *week)).collect();
            weeks
        };
        endpoints.flat_map(weeks).collect()
    }

    /// Place of an endpoint among the labels.
    pub fn endpoint(&self, id: &str) -> Option<u16> {
        let place = self.labels.endpoints.iter().position(|own| own == id)?;
        u16::try_from(place).ok()
    }

    /// Weeks at which an endpoint is read, as bits.
    pub fn weeks(&self, id: &str) -> Vec<u64> {
        let Some(endpoint) = self.endpoint(id) else {
            return Vec::new();
        };
        let own = self.readings().into_iter().filter(|(k, _)| *k == endpoint);
        own.map(|(_, week)| week.to_bits()).collect()
    }

    /// The verified rate of all patients.
    pub fn published(&self, endpoint: u16, week: f64) -> Option<Published> {
        let (arm, endpoint) = (&self.labels.arms[0], &self.labels.published_as[usize::from(endpoint)]);
        let outcome = self.evidence.arm_result(arm, endpoint, week, "all")?;
        Some(Published {
            value: outcome.value.filter(|_| outcome.unit == "percent")?,
            n: self.evidence.denominator(outcome).map(|(n, _)| n),
            source: outcome.source.clone(),
        })
    }
}
