//! A name typed by the user in; a checked trial, ready to run, out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use malar_evidence::Published as Evidence;
use malar_model::codes::{DATA_NOT_FOUND, DESIGN};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::{Equations, parse_antimony, read_toml};
use malar_patients::Population;
use malar_solver::Settings;
use malar_trial::joints::JointProtocol;
use malar_trial::results::{Labels, Replicate, TruthRow};
use malar_trial::safety::{Hazard, Safety};
use malar_trial::{Endpoint, Hooks, Infeasible, Parts, Product, Protocol, Simulation, Therapy};
use serde::Deserialize;

use crate::assumptions::assumptions;
use crate::catalog::{Kind, Library, read_source};
use crate::design::{DesignFile, boundaries};
use crate::finding::{Finding, InputError};
use crate::joints;
use crate::plan::{FileHash, Manifest};
use crate::posterior::{Ensemble, Posterior};
use crate::published::{Nothing, Published};
use crate::run::{About, Prepared, Simulate};
use crate::study_file::StudyFile;
use crate::summary::Assumption;

/// Most simulated trials of one run.
const MOST_REPLICATES: u32 = 1_000_000;
/// Most patients per simulated trial.
const MOST_PATIENTS: u32 = 1_000_000;

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

/// `model.toml`: what a disease model is called and which file holds its equations.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelFile {
    #[expect(dead_code, reason = "equal to the folder name")]
    pub id: String,
    #[expect(dead_code, reason = "for people")]
    pub name: String,
    pub file: String,
    #[expect(dead_code, reason = "for people")]
    pub description: String,
    #[expect(dead_code, reason = "for people")]
    pub source: Vec<String>,
    /// What therapies may change in it.
    #[serde(default)]
    pub hooks: Hooks,
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
    Ok(prepared(trial, posterior, Simulation::with_safety))
}

/// The same without adverse events, for those who only want efficacy: patients live through their courses once, not twice.
pub fn prepare_efficacy(
    library: &Library,
    request: &Request,
    posterior: Option<&Posterior>,
) -> Result<Prepared, InputError> {
    let trial = compile(library, request, posterior)?;
    Ok(prepared(trial, posterior, |simulation, _| simulation))
}

fn prepared(
    trial: Compiled,
    posterior: Option<&Posterior>,
    watch: impl FnOnce(Simulation, Safety) -> Simulation,
) -> Prepared {
    let boxed = |simulation: Simulation| -> Box<dyn Simulate + Send> {
        match posterior.filter(|_| trial.about.posterior.is_some()) {
            Some(posterior) => Box::new(Ensemble::new(&simulation, posterior)),
            None => Box::new(simulation),
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
    let mut parts = parts(&mut used, protocol, source)?;
    let posterior = posterior.filter(|p| p.populations.contains(&parts.population.id));
    if let Some(posterior) = posterior {
        lay_over(posterior, &mut used, &mut parts)?;
    }
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

/// The same for a study with a `[design]`, and that design.
pub fn prepare_design(library: &Library, request: &Request) -> Result<(Prepared, DesignFile, Source), InputError> {
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
    Ok((prepare(library, request)?, design, source))
}

/// Gives the population every number of the posterior.
fn lay_over(posterior: &Posterior, used: &mut Used<'_>, parts: &mut Parts) -> Result<(), InputError> {
    let mut therapies: BTreeMap<String, Product> = parts.products.clone();
    for (id, _) in posterior.names.iter().filter_map(|name| name.split_once('.')) {
        let Some(source) = used
            .library
            .find(Kind::Therapies, id)
            .filter(|_| !therapies.contains_key(id))
        else {
            continue;
        };
        // Only to know that the number exists; what the trial does not give is no part of its manifest.
        let therapy = Therapy::parse(source).map_err(|found| vec![Finding::new(found, source)])?;
        therapies.insert(id.to_owned(), product(&mut Used::new(used.library), therapy, source)?);
    }
    let known = |name: &str| match name.split_once('.') {
        Some((therapy, own)) => therapies.get(therapy).is_some_and(|t| has_parameter(&t.equations, own)),
        None => has_parameter(&parts.model, name),
    };
    let unknown = posterior.extend(&mut parts.population, known);
    unknown.map_err(|name| InputError::Unknown {
        kind: "number",
        name,
        help: "write a number of the population such as `k_skin.median`, `therapy.parameter`, or a parameter of the disease \
               model; if the model has changed since, calibrate again"
            .into(),
    })
}

fn has_parameter(equations: &Equations, name: &str) -> bool {
    let symbol = equations.arena.find_symbol(name);
    equations.parameters.iter().any(|p| Some(p.symbol) == symbol)
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

/// A study and the text it was read from.
struct Study {
    file: StudyFile,
    source: Source,
}

/// The study file that `name` means, if it is one, and the library with what lies beside it.
fn find_study(library: &Library, name: &str) -> Result<(Library, Option<Study>), InputError> {
    let read = |source: &Source| -> Result<Study, InputError> {
        let file = StudyFile::parse(source).map_err(|found| vec![Finding::new(found, source)])?;
        Ok(Study {
            file,
            source: source.clone(),
        })
    };
    if let Some(source) = library.get(&Library::path(Kind::Studies, name)) {
        return Ok((library.clone(), Some(read(source)?)));
    }
    let file = Path::new(name);
    if !file.is_file() || !StudyFile::is_study(&read_source(file)?) {
        return Ok((library.clone(), None));
    }
    let mut library = library.clone();
    library.lay_over(root_of(file))?;
    Ok((library, Some(read(&read_source(file)?)?)))
}

/// The library to use and the path in it of the trial: from the library, or from a file of the user's.
pub(crate) fn find_trial(library: &Library, study: &str) -> Result<(Library, String), InputError> {
    let path = Library::path(Kind::Trials, study);
    if library.get(&path).is_some() {
        return Ok((library.clone(), path));
    }
    let file = Path::new(study);
    if !study.ends_with(".toml") && !file.is_file() {
        let known = library.ids(Kind::Trials).join(", ");
        let help = format!("known trials: {known}; or write the path of a trial file");
        return Err(InputError::Unknown {
            kind: "trial",
            name: study.into(),
            help,
        });
    }
    let source = read_source(file)?;
    let mut library = library.clone();
    library.lay_over(root_of(file))?;
    let name = file.file_name().map_or(study.into(), |name| name.to_string_lossy());
    let path = format!("trials/{name}");
    library.insert(&path, source);
    Ok((library, path))
}

/// The folder whose `populations/`, `therapies/` ... belong to a trial file: its own, or the one above `trials/`.
fn root_of(file: &Path) -> &Path {
    let own = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let above = own.parent().filter(|folder| !folder.as_os_str().is_empty());
    let is_kind = |name: &std::ffi::OsStr| [Kind::Trials, Kind::Studies].iter().any(|kind| name == kind.folder());
    if own.file_name().is_some_and(is_kind) {
        above.unwrap_or(Path::new("."))
    } else {
        own
    }
}

/// The library with a note of every file taken from it.
pub(crate) struct Used<'a> {
    library: &'a Library,
    paths: BTreeSet<String>,
}

impl<'a> Used<'a> {
    /// Nothing taken yet.
    pub(crate) fn new(library: &'a Library) -> Self {
        Used {
            library,
            paths: BTreeSet::new(),
        }
    }

    pub(crate) fn source(&mut self, path: &str) -> Result<&'a Source, InputError> {
        let found = self.library.get(path).ok_or_else(|| InputError::Unknown {
            kind: "file",
            name: path.into(),
            help: "add it to the folder given with `--library`".into(),
        })?;
        self.paths.insert(path.into());
        Ok(found)
    }

    /// The file of `kind` called `id`, if there is one.
    fn find(&mut self, kind: Kind, id: &str) -> Option<&'a Source> {
        let path = Library::path(kind, id);
        let found = self.library.get(&path)?;
        self.paths.insert(path);
        Some(found)
    }

    /// The same, complaining at the first mention of `id` in the trial file.
    pub(crate) fn named(&mut self, kind: Kind, id: &str, mentioned_in: &Source) -> Result<&'a Source, InputError> {
        self.find(kind, id).ok_or_else(|| {
            let quoted = format!("\"{id}\"");
            let start = mentioned_in.text.find(&quoted).unwrap_or(0);
            let span = start
                ..start
                    + if mentioned_in.text.contains(&quoted) {
                        quoted.len()
                    } else {
                        1
                    };
            let message = format!("nothing called `{id}` in `{}`", kind.folder());
            let known = format!("known: {}", self.library.ids(kind).join(", "));
            let diagnostic = Diagnostic::error(DATA_NOT_FOUND, mentioned_in, span, message).help(known);
            InputError::Wrong(vec![Finding::new(diagnostic, mentioned_in)])
        })
    }

    /// Every assumed number in the files taken so far.
    pub(crate) fn assumptions(&self) -> Vec<Assumption> {
        let files = self
            .paths
            .iter()
            .filter_map(|path| Some((path, self.library.get(path)?)));
        files.flat_map(|(path, source)| assumptions(path, source)).collect()
    }

    pub(crate) fn hashes(&self) -> Vec<FileHash> {
        let hash = |path: &String| Some(FileHash::new(path, &self.library.get(path)?.text));
        self.paths.iter().filter_map(hash).collect()
    }
}

fn parts(used: &mut Used<'_>, protocol: Protocol, source: Source) -> Result<Parts, InputError> {
    let population = used.named(Kind::Populations, &protocol.population, &source)?;
    let population = read_population(used, population)?;
    let model = used.named(Kind::Models, &protocol.model, &source)?;
    let model_file: ModelFile = read_toml(model).map_err(|found| vec![Finding::new(found, model)])?;
    let hooks = model_file.hooks;
    let model = equations(used, &format!("models/{}/{}", protocol.model, model_file.file))?;
    let products = products(used, &protocol)?;
    let endpoints = endpoints(used, &protocol)?;
    let settings = Settings::default();
    Ok(Parts {
        protocol,
        source,
        population,
        model,
        hooks,
        products,
        endpoints,
        settings,
    })
}

/// A population, with the one it is based on if it is.
pub(crate) fn read_population(used: &mut Used<'_>, source: &Source) -> Result<Population, InputError> {
    let base = Population::based_on(source).map_err(|found| vec![Finding::new(found, source)])?;
    let Some(base) = base else {
        return Ok(Population::parse(source).map_err(|found| vec![Finding::new(found, source)])?);
    };
    let base = used.named(Kind::Populations, &base, source)?;
    let wrong = |found: Diagnostic| {
        let file = if found.path == base.path { base } else { source };
        vec![Finding::new(found, file)]
    };
    Ok(Population::parse_on(base, source).map_err(wrong)?)
}

pub(crate) fn equations(used: &mut Used<'_>, path: &str) -> Result<Equations, InputError> {
    let source = used.source(path)?;
    let model = parse_antimony(source).map_err(|found| Finding::all(found, source))?;
    Ok(model.equations(source).map_err(|found| Finding::all(found, source))?)
}

/// The steroid and what the arms give. If one is missing, all others of the library come along: the trial then names
/// what could have been meant.
fn products(used: &mut Used<'_>, protocol: &Protocol) -> Result<BTreeMap<String, Product>, InputError> {
    let given = protocol
        .arms
        .iter()
        .flat_map(|arm| &arm.therapies)
        .map(|(usage, _)| usage.id.clone());
    let mut ids: BTreeSet<String> = given.chain([protocol.steroid.clone()]).collect();
    let known: BTreeSet<String> = used
        .library
        .ids(Kind::Therapies)
        .into_iter()
        .map(str::to_string)
        .collect();
    if !ids.is_subset(&known) {
        ids.extend(known);
    }
    let mut products = BTreeMap::new();
    for id in ids {
        let Some(source) = used.find(Kind::Therapies, &id) else {
            continue;
        };
        let therapy = Therapy::parse(source).map_err(|found| vec![Finding::new(found, source)])?;
        products.insert(id, product(used, therapy, source)?);
    }
    Ok(products)
}

/// A therapy with its equations, its own or of a model that several share.
pub(crate) fn product(used: &mut Used<'_>, therapy: Therapy, source: &Source) -> Result<Product, InputError> {
    let path = if therapy.shares_model() {
        let file = used.named(Kind::Models, &therapy.model, source)?;
        let file: ModelFile = read_toml(file).map_err(|found| vec![Finding::new(found, file)])?;
        format!("models/{}/{}", therapy.model, file.file)
    } else {
        format!("therapies/{}/{}", therapy.id, therapy.model)
    };
    let text = used.source(&path)?;
    let model = parse_antimony(text).map_err(|found| Finding::all(found, text))?;
    let equations = model.equations(text).map_err(|found| Finding::all(found, text))?;
    Ok(Product::new(therapy, source, &model, equations).map_err(|found| vec![Finding::new(found, source)])?)
}

/// Every adverse event of the library.
fn hazards(used: &mut Used<'_>) -> Result<Vec<Hazard>, InputError> {
    let ids: Vec<String> = used.library.ids(Kind::Safety).into_iter().map(str::to_string).collect();
    let mut hazards = Vec::new();
    for id in ids {
        let Some(source) = used.find(Kind::Safety, &id) else {
            continue;
        };
        hazards.push(Hazard::parse(source).map_err(|found| vec![Finding::new(found, source)])?);
    }
    Ok(hazards)
}

/// The endpoints the protocol reads, with all others if one is missing.
fn endpoints(used: &mut Used<'_>, protocol: &Protocol) -> Result<BTreeMap<String, Endpoint>, InputError> {
    let mut ids: BTreeSet<String> = protocol.endpoints.iter().map(|(usage, _)| usage.id.clone()).collect();
    let known: BTreeSet<String> = used
        .library
        .ids(Kind::Endpoints)
        .into_iter()
        .map(str::to_string)
        .collect();
    if !ids.is_subset(&known) {
        ids.extend(known);
    }
    let mut endpoints = BTreeMap::new();
    for id in ids {
        let Some(source) = used.find(Kind::Endpoints, &id) else {
            continue;
        };
        let endpoint = Endpoint::parse(source).map_err(|found| vec![Finding::new(found, source)])?;
        endpoints.insert(id, endpoint);
    }
    Ok(endpoints)
}

/// What was published about the trial, and which fitted trials hold some of its patients.
struct Beside {
    own: Option<Evidence>,
    shares_patients_with: Vec<String>,
}

fn evidence(used: &mut Used<'_>, id: Option<&str>, population: &Population) -> Result<Beside, InputError> {
    let mut read = |id: &str| -> Result<Option<Evidence>, InputError> {
        let Some(source) = used.find(Kind::Evidence, id) else {
            return Ok(None);
        };
        let one = malar_evidence::Library::new(vec![source.clone()]).map_err(|found| Finding::all(found, source))?;
        Ok(one.iter().next().cloned())
    };
    let own = id.map(&mut read).transpose()?.flatten();
    let mut shares_patients_with = Vec::new();
    if let Some(own) = &own {
        for fitted in &population.calibrated_on {
            let Some(other) = read(fitted)? else { continue };
            if own.may_share_patients(&other) {
                shares_patients_with.push(other.id);
            }
        }
    }
    Ok(Beside {
        own,
        shares_patients_with,
    })
}

fn about(used: &Used<'_>, parts: &Parts, evidence: &Beside, request: &Request, size: &Size) -> About {
    let protocol = &parts.protocol;
    let primary = protocol
        .endpoints
        .iter()
        .find_map(|(usage, _)| Some((usage.id.clone(), usage.primary_week?)));
    let criteria = parts.endpoints.values().flat_map(|endpoint| &endpoint.criteria);
    About {
        name: protocol.name.clone(),
        sledai: Some(protocol.sledai),
        population: protocol.population.clone(),
        calibrated_on: parts.population.calibrated_on.clone(),
        shares_patients_with: evidence.shares_patients_with.clone(),
        reason_words: criteria
            .map(|criterion| (criterion.id.clone(), criterion.label.clone()))
            .collect(),
        arms: protocol
            .arms
            .iter()
            .map(|arm| (arm.id.clone(), therapies(arm)))
            .collect(),
        warnings: warnings(used.library, parts),
        primary,
        assumptions: used.assumptions(),
        question: size.question.clone(),
        command: command(used.library, request, size),
        posterior: None,
    }
}

/// Therapy ids of an arm joined by `+`, `placebo` without any.
fn therapies(arm: &malar_trial::Arm) -> String {
    let given = arm.therapies.iter().filter(|(usage, _)| usage.daily_dose != Some(0.0)); // 0 stops a background drug
    let mut ids: Vec<&str> = given.map(|(usage, _)| usage.id.as_str()).collect();
    ids.dedup();
    if ids.is_empty() {
        "placebo".into()
    } else {
        ids.join("+")
    }
}

/// What to know before believing the numbers.
fn warnings(library: &Library, parts: &Parts) -> Vec<String> {
    let mut warnings = malar_trial::warnings(&parts.protocol, &parts.products);
    if let Some(variant) = library.variant() {
        warnings.push(format!(
            "the disease model is the structural alternative `{variant}`; the population was fitted to the model without it"
        ));
    }
    warnings
}

fn command(library: &Library, request: &Request, size: &Size) -> String {
    let variant = library.variant().map_or(String::new(), |id| format!(" --variant {id}"));
    let patients = size
        .patients
        .map_or(String::new(), |patients| format!(" --patients {patients}"));
    format!(
        "malar run {} --replicates {}{patients} --seed {}{variant}",
        request.study, size.replicates, size.seed
    )
}
