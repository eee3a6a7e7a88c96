//! Protocols and published results in, the ledger out: how far every prediction was off, beside what published trials alone would
//! have predicted.
//!
//! Scored are verified percentages of patients whose arm, endpoint, week and analysis population the protocol simulates, and
//! differences between its arms. A prediction is the distribution of that number over simulated trials of the protocol's own size,
//! each with its own between-trial deviation, so the published trial is judged as one more draw.

mod ledger;
mod rows;
mod simulated;
mod totals;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use malar_evidence::{Library as Evidence, MetaAnalysis, Part, Published, Split};
use malar_model::diagnostic::Source;

use crate::catalog::{Kind, Library, data_files, read_source};
use crate::finding::{Finding, InputError};
use crate::listing;
use crate::posterior::Posterior;
use crate::run::{Progress, Unfinished, thread_count};
use crate::study::{self, prepare_efficacy};
pub use ledger::{Ledger, Parts, Row, RowKind, RowStatus, Split as SplitTotals, Totals};
use simulated::Simulated;
pub use totals::{Bar, bars};

/// What to score.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Simulated trials per protocol, 1 or more.
    pub replicates: u32,
    /// Seed.
    pub seed: u64,
    /// Worker threads; 0 takes one per core.
    pub threads: usize,
    /// Protocols and published results that are not in the library: folder of protocols, folder of results. The library's own are
    /// then not scored.
    pub own: Option<(PathBuf, PathBuf)>,
}

/// A protocol to simulate and the results it is scored against.
#[derive(Clone)]
struct Case {
    /// Id or path, as [`study::prepare`] takes it.
    study: String,
    published: Published,
    status: RowStatus,
}

/// Simulates every protocol that has published results and scores it against them.
pub fn score(library: &Library, request: &Request, progress: &dyn Progress) -> Result<Ledger, Unfinished> {
    score_with(library, request, &Posteriors::default(), progress)
}

/// What is laid over the library while scoring.
#[derive(Clone, Debug, Default)]
pub struct Posteriors {
    /// The one that predicts.
    pub all: Option<Posterior>,
    /// Refits, each without some therapies: they predict once more the trials of these therapies.
    pub left_out: Vec<Posterior>,
}

/// The same with posteriors: a prediction is then an interval over members, replicates and deviations between trials.
pub fn score_with(
    library: &Library,
    request: &Request,
    posteriors: &Posteriors,
    progress: &dyn Progress,
) -> Result<Ledger, Unfinished> {
    if request.replicates == 0 {
        let (what, help) = ("the number of replicates", "write 1 or more");
        let value = "0".to_owned();
        return Err(InputError::Value { what, value, help }.into());
    }
    let (evidence, split) = library_evidence(library)?;
    let cases = match &request.own {
        Some((trials, results)) => own_cases(trials, results)?,
        None => library_cases(library, &evidence, &split),
    };
    let simulated = simulate(library, request, &cases, posteriors.all.as_ref(), progress)?;
    let mut left_out = Vec::new();
    for posterior in &posteriors.left_out {
        let gives = |case: &Case| {
            let own = simulated.iter().find(|trial| trial.published.id == case.published.id);
            own.is_some_and(|trial| trial.gives(&posterior.without))
        };
        let own: Vec<Case> = cases.iter().filter(|case| gives(case)).cloned().collect();
        left_out.extend(simulate(library, request, &own, Some(posterior), progress)?);
    }
    let kinds = therapy_kinds(library);
    let meta = MetaAnalysis::new(&evidence, &split, &kinds);
    let deviation = simulated::deviation(&simulated);
    let rows = simulated
        .iter()
        .flat_map(|trial| {
            let without = left_out.iter().find(|other| other.id == trial.id);
            rows::rows(trial, without, &meta, deviation)
        })
        .collect();
    Ok(Ledger::new(
        request,
        posteriors.all.as_ref(),
        rows,
        deviation,
        &simulated,
    ))
}

/// The published results of the library and what they are for.
fn library_evidence(library: &Library) -> Result<(Evidence, Split), InputError> {
    library_evidence_with(library, None)
}

/// The same with a split of the user's.
pub(crate) fn library_evidence_with(library: &Library, split: Option<&Path>) -> Result<(Evidence, Split), InputError> {
    let files: Vec<Source> = library
        .list(Kind::Evidence)
        .filter(|(path, _)| crate::catalog::id_of(path).is_some())
        .map(|(_, source)| source.clone())
        .collect();
    let evidence = Evidence::new(files.clone()).map_err(|found| findings(found, &files))?;
    let own = split.map(read_source).transpose()?;
    let split = own
        .as_ref()
        .or(library.get("evidence/split.toml"))
        .ok_or_else(|| InputError::Unknown {
            kind: "file",
            name: "evidence/split.toml".into(),
            help: "it says which results may be fitted".into(),
        })?;
    let split = Split::new(split, &evidence).map_err(|found| Finding::all(found, split))?;
    Ok((evidence, split))
}

fn findings(found: Vec<malar_model::Diagnostic>, files: &[Source]) -> Vec<Finding> {
    let with_text = |diagnostic: malar_model::Diagnostic| {
        let file = files.iter().find(|file| file.path == diagnostic.path);
        Finding {
            text: file.map_or_else(String::new, |file| file.text.clone()),
            diagnostic,
        }
    };
    found.into_iter().map(with_text).collect()
}

/// Protocols of the library whose results are in the library.
fn library_cases(library: &Library, evidence: &Evidence, split: &Split) -> Vec<Case> {
    let case = |(path, source): (&str, &Source)| {
        let published = evidence.get(&evidence_id(source)?)?;
        let status = if split.kind(&published.id) == Some(Part::Fit) {
            RowStatus::Fitted
        } else {
            RowStatus::Predicted
        };
        Some(Case {
            study: crate::catalog::id_of(path)?.to_owned(),
            published: published.clone(),
            status,
        })
    };
    library.list(Kind::Trials).filter_map(case).collect()
}

/// The results that a protocol names.
pub(crate) fn evidence_id(protocol: &Source) -> Option<String> {
    let table: toml::Table = protocol.text.parse().ok()?;
    Some(table.get("evidence")?.as_str()?.to_owned())
}

/// A user's protocols and results; every protocol must have results.
fn own_cases(trials: &Path, results: &Path) -> Result<Vec<Case>, InputError> {
    let files = toml_files(results)?;
    let evidence = Evidence::new(files.clone()).map_err(|found| findings(found, &files))?;
    toml_files(trials)?
        .into_iter()
        .map(|protocol| {
            let id = evidence_id(&protocol).unwrap_or_default();
            let published = evidence.get(&id).ok_or_else(|| InputError::Unknown {
                kind: "published results",
                name: id.clone(),
                help: format!(
                    "`{}` needs a key `evidence` with the id of a file in `{}`",
                    protocol.path,
                    results.display()
                ),
            })?;
            Ok(Case {
                study: protocol.path,
                published: published.clone(),
                status: RowStatus::Predicted,
            })
        })
        .collect()
}

fn toml_files(folder: &Path) -> Result<Vec<Source>, InputError> {
    let files = data_files(folder)?;
    let is_toml = |path: &Path| path.extension().is_some_and(|extension| extension == "toml");
    let sources: Result<Vec<Source>, _> = files
        .iter()
        .filter(|(name, path)| is_toml(path) && !name.ends_with("split.toml"))
        .map(|(_, path)| read_source(path))
        .collect();
    Ok(sources?)
}

/// Target, then class, of every therapy: how alike two therapies are for the baseline.
fn therapy_kinds(library: &Library) -> BTreeMap<String, Vec<String>> {
    listing::therapies(library)
        .into_iter()
        .map(|therapy| (therapy.id, vec![therapy.target, therapy.class]))
        .collect()
}

/// Runs every case, one after the other, replicates on all threads.
fn simulate(
    library: &Library,
    request: &Request,
    cases: &[Case],
    posterior: Option<&Posterior>,
    progress: &dyn Progress,
) -> Result<Vec<Simulated>, Unfinished> {
    let total = request.replicates * u32::try_from(cases.len()).expect("few protocols");
    let threads = thread_count(request.threads, request.replicates);
    let mut all = Vec::new();
    for (index, case) in (0..).zip(cases) {
        let study = study::Request {
            study: case.study.clone(),
            replicates: Some(request.replicates),
            patients: None,
            seed: Some(request.seed),
        };
        let prepared = prepare_efficacy(library, &study, posterior)?;
        let before = index * request.replicates;
        let mut trial = Simulated::new(&prepared, case.published.clone(), case.status);
        prepared.replicates(
            threads,
            |replicate| trial.add(&replicate),
            &|done| progress.update(before + done, total),
            &|| progress.cancelled(),
        )?;
        all.push(trial);
    }
    Ok(all)
}
