//! A name typed by the user in; a checked trial, ready to run, out.

mod about;
mod find;
mod parts;
mod posterior;
mod used;

use malar_evidence::Published as Evidence;
use malar_model::codes::DESIGN;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_patients::Population;
use malar_trial::joints::JointProtocol;
use malar_trial::results::{Labels, Replicate, TruthRow};
use malar_trial::safety::Safety;
use malar_trial::{Infeasible, Parts, Protocol, Simulation};

use crate::catalog::{Kind, Library};
use crate::design::{DesignFile, boundaries};
use crate::finding::{Finding, InputError};
use crate::joints;
use crate::plan::{FileHash, Manifest};
use crate::posterior::{Ensemble, Posterior};
use crate::published::{Nothing, Published};
use crate::run::{About, Prepared, Simulate};
use crate::study_file::StudyFile;
use about::{about, command, evidence};
use find::{Study, find_study};
use parts::{hazards, parts};
use posterior::{lay_over, make_room};

pub(crate) use find::find_trial;
pub(crate) use parts::{ModelFile, equations, product, read_population};
pub(crate) use posterior::Numbers;
pub(crate) use used::Used;

/// Most simulated trials of one run.
const MOST_REPLICATES: u32 = 1_000_000;

/// Most patients per simulated trial.
const MOST_PATIENTS: u32 = 1_000_000;

/// Simulated trials from which `malar design` draws over a posterior.
const ASSURANCE_TRIALS: u32 = 200;

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Id of a trial in the library, or path of a trial file; what its folder holds is laid over the library.
    pub study: String,
    /// Simulated trials, 1 or more; the study's number if absent, else 20.
    pub replicates: Option<u32>,
    /// Patients per trial, split over arms as in the protocol; the protocol's number if absent.
    pub patients: Option<u32>,
    /// Seed; the study's if absent, else 1.
    pub seed: Option<u64>,
}

impl Simulate for Simulation {
    fn labels(&self) -> &Labels {
        Simulation::labels(self)
    }
    fn replicate(&self, seed: u64, index: u32) -> Result<Replicate, Infeasible> {
        Simulation::replicate(self, seed, index)
    }
    fn control(&self) -> usize {
        self.protocol().control()
    }
    fn truth(&self, seed: u64, index: u32) -> Result<Vec<TruthRow>, Infeasible> {
        Simulation::truth(self, seed, index)
    }
    fn replicate_without_fading(&self, seed: u64, index: u32) -> Option<Result<Replicate, Infeasible>> {
        Some(Simulation::replicate_without_fading(self, seed, index))
    }
}

/// How large to run, once the study file has been asked.
pub(crate) struct Size {
    pub replicates: u32,
    pub patients: Option<u32>,
    pub seed: u64,
    pub question: String,
}

impl Size {
    fn settle(request: &Request, file: Option<&StudyFile>) -> Size {
        Size {
            replicates: request.replicates.or(file.and_then(|f| f.replicates)).unwrap_or(20),
            patients: request.patients.or(file.and_then(|f| f.patients)),
            seed: request.seed.or(file.and_then(|f| f.seed)).unwrap_or(1),
            question: file.map_or_else(String::new, |f| f.question.clone()),
        }
    }
}

/// Finds, reads and checks everything a run needs. Nothing is simulated or written.
pub fn prepare(library: &Library, request: &Request) -> Result<Prepared, InputError> {
    prepare_with(library, request, None)
}

/// The same with the numbers of a posterior, if it is one of the trial's population.
pub fn prepare_with(
    library: &Library,
    request: &Request,
    posterior: Option<&Posterior>,
) -> Result<Prepared, InputError> {
    if let Some(cohort) = joint_cohort(library, request)? {
        return Ok(cohort);
    }
    let trial = compile(library, request, posterior)?;
    Ok(prepared(trial, posterior, &Numbers::new(), Simulation::with_safety))
}

/// The same without adverse events, for those who only want efficacy: patients live through their courses once, not twice.
pub fn prepare_efficacy(
    library: &Library,
    request: &Request,
    posterior: Option<&Posterior>,
) -> Result<Prepared, InputError> {
    prepare_changed(library, request, posterior, &Numbers::new())
}

/// The same with `numbers` in everybody, whatever library and posterior say of them.
pub(crate) fn prepare_changed(
    library: &Library,
    request: &Request,
    posterior: Option<&Posterior>,
    numbers: &Numbers,
) -> Result<Prepared, InputError> {
    let trial = compile_as(library, request, posterior, numbers, |protocol| protocol)?;
    Ok(prepared(trial, posterior, numbers, efficacy))
}

/// Whether a trial has all these numbers to change; the first it lacks is named.
pub(crate) fn find_numbers(library: &Library, study: &str, numbers: &Numbers) -> Result<(), InputError> {
    let mut assembled = assemble(library, study, None)?;
    make_room(numbers.iter(), &mut Used::new(&assembled.library), &mut assembled.parts)
}

/// A trial without adverse events, unless they have a say in its efficacy.
pub(crate) fn efficacy(simulation: Simulation, safety: Safety) -> Simulation {
    if simulation.needs_safety() {
        return simulation.with_safety(safety);
    }
    simulation
}

fn prepared(
    trial: Compiled,
    posterior: Option<&Posterior>,
    numbers: &Numbers,
    watch: impl FnOnce(Simulation, Safety) -> Simulation,
) -> Prepared {
    let change = |population: &mut Population| {
        for (name, value) in numbers {
            *population.number_mut(name).expect("there is room for it") = *value;
        }
    };
    let boxed = |simulation: Simulation| -> Box<dyn Simulate + Send> {
        match posterior.filter(|_| trial.about.posterior.is_some()) {
            None if numbers.is_empty() => Box::new(simulation),
            posterior => Box::new(Ensemble::new(&simulation, posterior, change)),
        }
    };
    let published: Box<dyn Published> = match trial.published {
        Some(own) => Box::new(own),
        None => Box::new(Nothing),
    };
    Prepared {
        simulation: boxed(watch(trial.simulation, trial.safety)),
        manifest: trial.manifest,
        about: trial.about,
        protocol: trial.source,
        published,
    }
}

/// The joint cohort that `request` names, if it is one.
fn joint_cohort(library: &Library, request: &Request) -> Result<Option<Prepared>, InputError> {
    let (library, study) = find_study(library, &request.study)?;
    let name = study
        .as_ref()
        .map_or(&request.study, |study| study.file.trial.get_ref());
    let size = Size::settle(request, study.as_ref().map(|study| &study.file));
    let (library, path) = find_trial(&library, name)?;
    let mut used = Used::new(&library);
    let source = used.source(&path)?.clone();
    if !JointProtocol::is_joint_cohort(&source) {
        return Ok(None);
    }
    check_numbers(&size)?;
    let command = command(&library, request, &size);
    joints::prepare(&mut used, source, command, &size).map(Some)
}

/// A checked and compiled trial with what is known beside it.
pub(crate) struct Compiled {
    /// Without adverse events.
    pub simulation: Simulation,
    pub safety: Safety,
    pub manifest: Manifest,
    pub about: About,
    /// Text of the protocol.
    pub source: Source,
    pub published: Option<Evidence>,
}

/// Finds, reads, checks and compiles a trial. Numbers of `posterior` that are not the population's own become inputs.
pub(crate) fn compile(
    library: &Library,
    request: &Request,
    posterior: Option<&Posterior>,
) -> Result<Compiled, InputError> {
    compile_as(library, request, posterior, &Numbers::new(), |protocol| protocol)
}

/// The same with room for `numbers`, of a protocol that `adapt` has changed, such as one arm of it.
pub(crate) fn compile_as(
    library: &Library,
    request: &Request,
    posterior: Option<&Posterior>,
    numbers: &Numbers,
    adapt: impl FnOnce(Protocol) -> Protocol,
) -> Result<Compiled, InputError> {
    let (library, study) = find_study(library, &request.study)?;
    let name = study
        .as_ref()
        .map_or(&request.study, |study| study.file.trial.get_ref())
        .clone();
    let size = Size::settle(request, study.as_ref().map(|study| &study.file));
    check_numbers(&size)?;
    let (library, trial_path) = find_trial(&library, &name)?;
    let mut used = Used::new(&library);
    let source = used.source(&trial_path)?.clone();
    let protocol = Protocol::parse(&source).map_err(|found| vec![Finding::new(found, &source)])?;
    let protocol = match size.patients {
        Some(patients) => protocol.resized(patients),
        None => protocol,
    };
    let mut study_file = None;
    let protocol = match study {
        Some(Study { file, source }) if !file.estimands.is_empty() => {
            study_file = Some(FileHash::new(&format!("studies/{}.toml", file.id), &source.text));
            protocol.with_estimands(file.estimands, &source)
        }
        _ => protocol,
    };
    let mut parts = parts(&mut used, adapt(protocol), source)?;
    let posterior = posterior.filter(|p| p.populations.contains(&parts.population.id));
    if let Some(posterior) = posterior {
        lay_over(posterior, &mut used, &mut parts)?;
    }
    make_room(numbers.iter(), &mut used, &mut parts)?;
    let hazards = hazards(&mut used)?;
    let evidence = evidence(&mut used, parts.protocol.evidence.as_deref(), &parts.population)?;
    let mut files = used.hashes();
    files.extend(study_file);
    files.extend(posterior.map(|p| FileHash::new(&format!("posteriors/{}.toml", p.id), &p.source.text)));
    let manifest = Manifest {
        engine: env!("CARGO_PKG_VERSION").into(),
        study: parts.protocol.id.clone(),
        seed: size.seed,
        replicates: size.replicates,
        patients: parts.protocol.n_patients(),
        files,
    };
    let mut about = about(&used, &parts, &evidence, request, &size);
    about.posterior = posterior.map(|posterior| posterior.id.clone());
    let source = parts.source.clone();
    let declared: Vec<Source> = parts.protocol.estimands.iter().map(|d| d.source.clone()).collect();
    let safety = Safety::new(&parts, hazards).map_err(|found| Finding::all(found, &source))?;
    // Estimands of a study stand in its file, everything else in the trial's.
    let text_of = |found: &Diagnostic| declared.iter().find(|s| s.path == found.path).unwrap_or(&source);
    let finding = |found: Diagnostic| Finding::new(found.clone(), text_of(&found));
    let simulation = Simulation::new(parts).map_err(|found| found.into_iter().map(finding).collect::<Vec<_>>())?;
    Ok(Compiled {
        simulation,
        safety,
        manifest,
        about,
        source,
        published: evidence.own,
    })
}

/// The same for a study with a `[design]`, and that design. With a posterior, and if nobody says otherwise, many trials are simulated, large enough to
/// draw one of the design's from each.
pub fn prepare_design(
    library: &Library,
    request: &Request,
    posterior: Option<&Posterior>,
) -> Result<(Prepared, DesignFile, Source), InputError> {
    let (_, study) = find_study(library, &request.study)?;
    let Some(Study { file, source }) = study else {
        let known = library.ids(Kind::Studies).join(", ");
        return Err(InputError::Unknown {
            kind: "study",
            name: request.study.clone(),
            help: format!("known studies: {known}; or write the path of a study file"),
        });
    };
    let Some(design) = file.design else {
        let message = format!("study `{}` has no `[design]`", file.id);
        let found = Diagnostic::error(DESIGN, &source, file.trial.span(), message)
            .help("add `[design]` with an endpoint, a week, sizes and looks");
        return Err(vec![Finding::new(found, &source)].into());
    };
    // Boundaries first: a design that cannot be costs no simulation.
    boundaries(&design, &source).map_err(|found| vec![Finding::new(found, &source)])?;
    let largest = design.patients.iter().max().copied().unwrap_or(0);
    let mut request = request.clone();
    if posterior.is_some() {
        request.replicates = request.replicates.or(Some(ASSURANCE_TRIALS));
        request.patients = request.patients.or(file.patients).or(Some(largest * 2 + largest / 5));
    }
    let prepared = prepare_with(library, &request, posterior)?;
    posterior.map_or(Ok(()), |posterior| check_laid_over(posterior, &prepared.about))?;
    Ok((prepared, design, source))
}

/// Refuses a posterior that is not one of the trial's population, where nothing but the posterior is asked for.
pub(crate) fn check_laid_over(posterior: &Posterior, about: &About) -> Result<(), InputError> {
    if about.posterior.is_some() {
        return Ok(());
    }
    let help = format!(
        "`{}` is laid over {}; this trial draws from `{}`",
        posterior.id,
        posterior.populations.join(", "),
        about.population
    );
    let (kind, name) = ("posterior of this trial's population", posterior.id.clone());
    Err(InputError::Unknown { kind, name, help })
}

/// The checked files of a trial, before anything is compiled.
pub(crate) struct Assembled {
    /// The library with what lies beside the user's files.
    pub library: Library,
    /// What a simulation is made of.
    pub parts: Parts,
    /// Text of the population.
    pub population: Source,
}

/// Finds, reads and checks the files of a trial or study for `patients` per simulated trial, or as many as the protocol says.
pub(crate) fn assemble(library: &Library, name: &str, patients: Option<u32>) -> Result<Assembled, InputError> {
    let (library, study) = find_study(library, name)?;
    let name = study.as_ref().map_or(name, |study| study.file.trial.get_ref());
    let (library, trial_path) = find_trial(&library, name)?;
    let mut used = Used::new(&library);
    let source = used.source(&trial_path)?.clone();
    let protocol = Protocol::parse(&source).map_err(|found| vec![Finding::new(found, &source)])?;
    let patients = patients.or(study.as_ref().and_then(|study| study.file.patients));
    let protocol = match patients {
        Some(n) if n < 2 => {
            let (what, help) = ("the number of patients", "write a number from 2 to 1,000,000");
            let value = n.to_string();
            return Err(InputError::Value { what, value, help });
        }
        Some(n) => protocol.resized(n),
        None => protocol,
    };
    let parts = parts(&mut used, protocol, source)?;
    let population = used
        .source(&Library::path(Kind::Populations, &parts.protocol.population))?
        .clone();
    Ok(Assembled {
        population,
        parts,
        library,
    })
}

fn check_numbers(request: &Size) -> Result<(), InputError> {
    let wrong = |what, value: u32, help| {
        Err(InputError::Value {
            what,
            value: value.to_string(),
            help,
        })
    };
    if !(1..=MOST_REPLICATES).contains(&request.replicates) {
        return wrong(
            "the number of replicates",
            request.replicates,
            "write a number from 1 to 1,000,000",
        );
    }
    match request.patients {
        Some(n) if !(2..=MOST_PATIENTS).contains(&n) => {
            wrong("the number of patients", n, "write a number from 2 to 1,000,000")
        }
        _ => Ok(()),
    }
}
