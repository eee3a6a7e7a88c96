//! A plan in, a run folder out.

pub(crate) mod order;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::dataset::{Format, TableError};
use crate::export::{self, Export, Exported};
use crate::finding::{Finding, InputError};
use crate::plan::Manifest;
use crate::published::Published;
use crate::report;
use crate::store::{Store, StoreError};
use crate::summarise::Summariser;
use crate::summary::{Assumption, Summary};
use malar_model::codes::POPULATION;
use malar_model::diagnostic::{Diagnostic, Source};
use malar_trial::Infeasible;
use malar_trial::instruments::Sledai;
use malar_trial::results::{Labels, Replicate, TruthRow};

/// Something that simulates a trial. A replicate depends on seed and index only, not on the thread.
pub trait Simulate: Sync {
    /// Names behind the indices of the rows.
    fn labels(&self) -> &Labels;
    /// One simulated trial.
    fn replicate(&self, seed: u64, index: u32) -> Result<Replicate, Infeasible>;
    /// Position of the control arm.
    fn control(&self) -> usize {
        0
    }
    /// The truth of every estimand among the patients of one simulated trial.
    fn truth(&self, _seed: u64, _index: u32) -> Result<Vec<TruthRow>, Infeasible> {
        Ok(Vec::new())
    }
    /// The same trial with a trial effect that does not fade; none if its share cannot be told.
    fn replicate_without_fading(&self, _seed: u64, _index: u32) -> Option<Result<Replicate, Infeasible>> {
        None
    }
}

/// Hears how a run goes, on the thread that started it.
pub trait Progress {
    /// `done` of `total` replicates are finished. Called often, also without change.
    fn update(&self, done: u32, total: u32);
    /// True if the run should stop.
    fn cancelled(&self) -> bool {
        false
    }
}

impl dyn Progress + '_ {
    /// Says how far it is; `cancelled` if the run should stop.
    pub(crate) fn tick<E>(&self, done: u32, total: u32, cancelled: E) -> Result<(), E> {
        self.update(done, total);
        self.go_on(cancelled)
    }

    /// `cancelled` if the run should stop.
    pub(crate) fn go_on<E>(&self, cancelled: E) -> Result<(), E> {
        if self.cancelled() { Err(cancelled) } else { Ok(()) }
    }
}

/// Says nothing.
pub struct Silent;

impl Progress for Silent {
    fn update(&self, _done: u32, _total: u32) {}
}

/// What a report says about a study beside its numbers.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Full name, such as `TULIP-2`.
    pub name: String,
    /// Population id.
    pub population: String,
    /// Trials the population was fitted to.
    pub calibrated_on: Vec<String>,
    /// Those of them that report some of this trial's patients under another name.
    pub shares_patients_with: Vec<String>,
    /// Words for reason ids.
    pub reason_words: Vec<(String, String)>,
    /// Therapy ids by arm id.
    pub arms: Vec<(String, String)>,
    /// Arms whose figures rest on a weakly supported therapy that other arms lack.
    pub weak_arms: Vec<String>,
    /// Regimens outside the studied range, weakly supported therapies.
    pub warnings: Vec<String>,
    /// Endpoint and week that decide the trial, if the protocol names them.
    pub primary: Option<(String, f64)>,
    /// Every assumed number in the files used.
    pub assumptions: Vec<Assumption>,
    /// Form of SLEDAI that endpoints look at; SLEDAI-2K if absent.
    pub sledai: Option<Sledai>,
    /// What the study asks; empty if a trial was run by itself.
    pub question: String,
    /// Command that repeats the run.
    pub command: String,
    /// Id of the posterior whose members the replicates come from; none for the library's own numbers.
    pub posterior: Option<String>,
}

/// A checked study, ready to run.
pub struct Prepared {
    /// What determines the result.
    pub manifest: Manifest,
    /// What the report says beside the numbers.
    pub about: About,
    /// The trial.
    pub simulation: Box<dyn Simulate + Send>,
    /// Text of the protocol, for errors that only show when patients are drawn.
    pub protocol: Source,
    /// What was published.
    pub published: Box<dyn Published>,
}

/// How and where to run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Worker threads; 0 takes one per core.
    pub threads: usize,
    /// Run folder; `runs/<study>-<hash>` if absent.
    pub out: Option<PathBuf>,
    /// Tables of the simulated trials to leave in `export/` of the run folder.
    pub export: Option<Export>,
}

/// What a run left.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// The run folder.
    pub folder: PathBuf,
    /// What `summary.json` holds.
    pub summary: Summary,
}

/// Why a run did not finish.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The run folder cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tables do not fit the format asked for.
    #[error(transparent)]
    Export(#[from] TableError),
    /// Too few candidates pass screening: the trial is impossible as written.
    #[error("{}", .0.diagnostic.message)]
    Infeasible(Box<Finding>),
    /// Stopped from outside.
    #[error("stopped before the end; nothing was written")]
    Cancelled,
}

/// Why there is nothing to say about simulated trials.
#[derive(Debug, thiserror::Error)]
pub enum Unfinished {
    /// A name, a number or a file is wrong.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A trial could not be simulated.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Runs all replicates, writes the run folder, and returns the summary.
pub fn run(prepared: &Prepared, settings: &Settings, progress: &dyn Progress) -> Result<RunReport, RunError> {
    let started = Instant::now();
    let manifest = &prepared.manifest;
    let labels = prepared.simulation.labels();
    let folder = settings
        .out
        .clone()
        .unwrap_or_else(|| Path::new("runs").join(manifest.folder_name()));
    let mut store = Store::create(&folder, manifest, labels)?;
    let mut summariser = Summariser::new(labels);
    let mut done = 0;
    let counted = std::cell::Cell::new(0);
    progress.update(0, manifest.replicates);
    let threads = thread_count(settings.threads, manifest.replicates);
    if !labels.estimands.is_empty() {
        prepared.truths(threads, &mut summariser, progress)?;
    }
    let pairs = n_pairs(manifest.replicates);
    order::in_order(
        manifest.replicates,
        threads,
        |index| prepared.replicate_pair(index, pairs),
        |pair| {
            let (replicate, without) = pair.map_err(|e| prepared.infeasible(&e))?;
            store.add(&replicate)?;
            if let Some(export) = settings.export.filter(|export| replicate.index < export.replicates) {
                prepared.export(&replicate, export.format, &mut store)?;
            }
            summariser.add(&replicate);
            if let Some(without) = without {
                summariser.add_pair(&replicate, &without);
            }
            done += 1;
            counted.set(done);
            Ok::<(), RunError>(())
        },
        || progress.tick(counted.get(), manifest.replicates, RunError::Cancelled),
    )?;
    let seconds = started.elapsed().as_secs_f64();
    let summary = summariser.finish(manifest, &prepared.about, prepared.published.as_ref(), seconds);
    let page = report::html(&summary, manifest);
    store.finish(manifest, &summary, &page)?;
    Ok(RunReport { folder, summary })
}

impl Prepared {
    /// Simulates every replicate and hands them to `take` in order; `progress` hears how many are done.
    pub(crate) fn replicates(
        &self,
        threads: usize,
        mut take: impl FnMut(Replicate),
        progress: &dyn Fn(u32),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<(), RunError> {
        let done = std::cell::Cell::new(0);
        order::in_order(
            self.manifest.replicates,
            thread_count(threads, self.manifest.replicates),
            |index| self.simulation.replicate(self.manifest.seed, index),
            |replicate| {
                take(replicate.map_err(|why| self.infeasible(&why))?);
                done.set(done.get() + 1);
                Ok(())
            },
            || {
                progress(done.get());
                if cancelled() { Err(RunError::Cancelled) } else { Ok(()) }
            },
        )
    }

    /// The truth of every estimand, from the patients of the first replicates.
    fn truths(&self, threads: usize, summariser: &mut Summariser, progress: &dyn Progress) -> Result<(), RunError> {
        order::in_order(
            n_truths(self.manifest.replicates),
            threads,
            |index| self.simulation.truth(self.manifest.seed, index),
            |rows| {
                summariser.add_truths(&rows.map_err(|why| self.infeasible(&why))?);
                Ok(())
            },
            || progress.go_on(RunError::Cancelled),
        )
    }

    /// One simulated trial of the study.
    pub(crate) fn one(&self, index: u32) -> Result<Replicate, RunError> {
        let replicate = self.simulation.replicate(self.manifest.seed, index);
        replicate.map_err(|why| self.infeasible(&why))
    }

    /// Writes the tables of a simulated trial.
    fn export(&self, replicate: &Replicate, format: Format, store: &mut Store) -> Result<(), RunError> {
        let folder = export::folder_name(replicate);
        for (name, bytes) in export::files(&self.exported(replicate), format)? {
            store.export(&folder, &name, &bytes)?;
        }
        Ok(())
    }

    /// A simulated trial of this study, to be written.
    pub(crate) fn exported<'a>(&'a self, replicate: &'a Replicate) -> Exported<'a> {
        Exported {
            study: &self.manifest.study,
            sledai: self.about.sledai.unwrap_or(Sledai::Sledai2k),
            labels: self.simulation.labels(),
            replicate,
        }
    }

    /// A replicate and, for the first `pairs` of them, the same one without the fading trial effect.
    fn replicate_pair(&self, index: u32, pairs: u32) -> Result<(Replicate, Option<Replicate>), Infeasible> {
        let seed = self.manifest.seed;
        let asked = (index < pairs).then(|| self.simulation.replicate_without_fading(seed, index));
        let without = asked.flatten().transpose()?;
        Ok((self.simulation.replicate(seed, index)?, without))
    }

    fn infeasible(&self, why: &Infeasible) -> RunError {
        infeasible(&self.protocol, why)
    }
}

/// The criterion that keeps everybody out, underlined in the protocol.
pub(crate) fn infeasible(protocol: &Source, why: &Infeasible) -> RunError {
    let found = Diagnostic::error(POPULATION, protocol, why.span.clone(), why.to_string())
        .label("most screening visits fail here")
        .help("loosen this criterion, or take a population that can meet it");
    RunError::Infeasible(Box::new(Finding::new(found, protocol)))
}

/// Replicates run a second time to show the trial's own share: one in five, at least four, at most twenty.
fn n_pairs(replicates: u32) -> u32 {
    replicates.div_ceil(5).clamp(4, 20).min(replicates)
}

/// Replicates whose patients are run in every arm to know the truth: all of a small run, a fifth of a large one.
fn n_truths(replicates: u32) -> u32 {
    replicates.min(20).max(replicates.div_ceil(5))
}

/// Threads to start: as asked, else one per core; never more than there is work.
pub(crate) fn thread_count(asked: usize, replicates: u32) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = if asked == 0 { cores } else { asked };
    threads.clamp(1, usize::try_from(replicates).unwrap_or(usize::MAX).max(1))
}
