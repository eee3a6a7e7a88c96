//! The credibility file: what the model is for, what was verified and validated, and what it cannot do, from facts of the data library,
//! of the source tree and of a scored ledger.
//!
//! `template.md` holds the words, `limits.toml` the list of what is known to be wrong; every `{{fact}}` of the template is filled here.
//! A fact that cannot be found says so in the file.

mod library;
mod limits;
mod tree;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::catalog::Library;
use crate::finding::InputError;
use crate::posterior::{Posterior, Stored};
use crate::report::sensitivity_cells;
use crate::run::{Progress, RunError, Unfinished};
use crate::score::{self, Bar, Ledger, Posteriors, bars};
use crate::sensitivity::{Method, Sensitivity, SensitivityError};

const TEMPLATE: &str = include_str!("template.md");

/// What to write about.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Source tree with `docs/`, `crates/` and `validation/`.
    pub tree: PathBuf,
    /// A ledger that was scored before; none scores now.
    pub ledger: Option<Ledger>,
    /// Simulated trials per protocol of a new ledger and per figure of the limits; as many as in the ledger that is given, else a hundred, if absent.
    pub replicates: Option<u32>,
    /// Seed.
    pub seed: u64,
    /// Worker threads; 0 takes one per core.
    pub threads: usize,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum CredibilityError {
    /// A file or a name is wrong.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A trial could not be simulated.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A figure of the limits cannot be computed.
    #[error(transparent)]
    Figure(#[from] SensitivityError),
}

impl From<Unfinished> for CredibilityError {
    fn from(reason: Unfinished) -> CredibilityError {
        match reason {
            Unfinished::Input(reason) => CredibilityError::Input(reason),
            Unfinished::Run(reason) => CredibilityError::Run(reason),
        }
    }
}

/// Simulated trials per protocol if nobody says.
const REPLICATES: u32 = 100;

/// Scores the library or takes the ledger that is given, computes the figures of the limits and writes the file as Markdown.
pub fn credibility(library: &Library, request: &Request, progress: &dyn Progress) -> Result<String, CredibilityError> {
    let posterior = Stored::find(library)?.current;
    let of_ledger_given = request.ledger.as_ref().map(|ledger| ledger.replicates);
    let replicates = request.replicates.or(of_ledger_given).unwrap_or(REPLICATES);
    let ledger = match &request.ledger {
        Some(ledger) => checked(ledger, posterior.as_ref())?.clone(),
        None => scored(library, request, replicates, posterior.clone(), progress)?,
    };
    let mut facts = library::facts(library)?;
    facts.extend(tree::facts(&request.tree));
    facts.extend(of_ledger(&ledger));
    facts.insert("version", env!("CARGO_PKG_VERSION").into());
    facts.insert("replicates", replicates.to_string());
    let size = limits::Size {
        replicates,
        seed: request.seed,
        threads: request.threads,
    };
    facts.insert("limits", limits::text(library, &size, posterior.as_ref())?);
    facts.insert("sensitivity", moved(library, request, replicates, progress)?);
    Ok(filled(TEMPLATE, &facts))
}

fn scored(
    library: &Library,
    request: &Request,
    replicates: u32,
    posterior: Option<Posterior>,
    progress: &dyn Progress,
) -> Result<Ledger, CredibilityError> {
    let asked = score::Request {
        replicates,
        seed: request.seed,
        threads: request.threads,
        own: None,
    };
    let posteriors = Posteriors {
        all: posterior,
        ..Posteriors::default()
    };
    Ok(score::score_with(library, &asked, &posteriors, progress)?)
}

/// Refuses a ledger that was predicted from other numbers than the library predicts from now.
fn checked<'a>(ledger: &'a Ledger, posterior: Option<&Posterior>) -> Result<&'a Ledger, InputError> {
    let now = posterior.map(|posterior| posterior.id.clone());
    if ledger.posterior == now {
        return Ok(ledger);
    }
    let name = |id: &Option<String>| id.clone().unwrap_or_else(|| "none".into());
    Err(InputError::Value {
        what: "the posterior of this ledger",
        value: format!(
            "{}, while the library now predicts from {}",
            name(&ledger.posterior),
            name(&now)
        ),
        help: "score again with `malar score --json`",
    })
}

/// Facts by the name they have in the template.
type Facts = BTreeMap<&'static str, String>;

/// The template with its facts; one that nobody supplied says so.
fn filled(template: &str, facts: &Facts) -> String {
    let mut pieces = template.split("{{");
    let mut text = pieces.next().unwrap_or("").to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").expect("our template closes what it opens");
        text += facts.get(name).map_or("*not found in this tree*", String::as_str);
        text += rest;
    }
    text
}

fn of_ledger(ledger: &Ledger) -> Facts {
    let bars = bars(ledger);
    let all_hold = bars.iter().all(|bar| bar.holds == Some(true));
    let predicted = &ledger.overall.predicted;
    let headline = match predicted.mae_points {
        Some(error) => format!(
            "{} protocols, {} simulated trials each, seed {}. On trials that were never fitted, {} responder rates are {error:.1} percentage points off on average.",
            ledger.trials.len(),
            ledger.replicates,
            ledger.seed,
            predicted.n
        ),
        None => "No predicted rate could be scored.".to_owned(),
    };
    let appropriate = if all_hold {
        "all bars are reached; ranking of designs is supported within the limits above"
    } else {
        "a bar is missed: use for exploring designs and assumptions, beside the meta-analytic baseline, not for absolute response rates"
    };
    let asked: Vec<&str> = bars.iter().map(|bar| bar.asked.as_str()).collect();
    Facts::from([
        ("ledger", headline),
        (
            "ledger_table",
            format!("{}\n{}", table_of_bars(&bars), table_of_therapies(ledger)),
        ),
        (
            "overlap",
            ledger
                .caveat()
                .unwrap_or_else(|| "No predicted trial shares patients with a fitted one.".into()),
        ),
        ("failed", format!("{} patients in this ledger", ledger.failed_patients)),
        ("criteria", asked.join("; ")),
        ("appropriate", appropriate.to_owned()),
        (
            "uncertainty",
            format!(
                "Predictions are distributions over simulated trials, each moved by a between-trial deviation of {:.2} on the log-odds scale \
                 (what the fitted trials leave unexplained beyond sampling). Differences between replicates, between trials and, where a \
                 population has a posterior, between its members are reported apart.",
                ledger.between_trials_sd_log_odds
            ),
        ),
    ])
}

fn table_of_bars(bars: &[Bar]) -> String {
    let mut text = String::from("| asked | reached | holds |\n|---|---|---|\n");
    for bar in bars {
        let holds = bar
            .holds
            .map_or("nothing to judge", |holds| if holds { "yes" } else { "**no**" });
        text += &format!("| {} | {} | {holds} |\n", bar.asked, bar.reached);
    }
    text
}

fn table_of_therapies(ledger: &Ledger) -> String {
    let mut text = String::from(
        "| therapy | | rates | error | baseline's error | inside 50 % | 80 % | 90 % | CRPS | signs right |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    let all = ledger.by_therapy.iter().map(|(id, split)| (id.as_str(), split));
    for (id, split) in all.chain([("all", &ledger.overall)]) {
        for (status, totals) in split.lines() {
            text += &format!("| {id} | {status} | {} |\n", totals.cells().join(" | "));
        }
    }
    text
}

/// The largest movers of a fitted trial's result, from a small Morris screening.
fn moved(
    library: &Library,
    request: &Request,
    replicates: u32,
    progress: &dyn Progress,
) -> Result<String, CredibilityError> {
    const SHOWN: usize = 10;
    let found: Sensitivity = crate::sensitivity::sensitivity(
        library,
        &crate::sensitivity::Request {
            study: "tulip-1".into(),
            parameters: Vec::new(),
            all: false,
            targets: vec![
                "bicla anifrolumab-300 difference at 52".into(),
                "bicla placebo at 52".into(),
            ],
            method: Method::Morris,
            // A hundred simulated trials per protocol go with six walks.
            size: Some((replicates / 16).clamp(2, 10)),
            patients: None,
            seed: request.seed,
            threads: request.threads,
        },
        progress,
    )?;
    let mut text = format!(
        "What moves a result: Morris screening of {} with {} numbers over their declared ranges ({} simulated trials; the whole method: \
         `docs/sensitivity.md`). µ* is the mean absolute change over the range, with a 90 % interval; luck is the change from other virtual \
         patients alone.\n",
        found.name,
        found.factors.len() - 1,
        found.trials
    );
    for target in &found.targets {
        text += &format!(
            "\n| {}, {} | µ* | 90 % interval | µ | σ |\n|---|--:|--:|--:|--:|\n",
            target.target, target.unit
        );
        let shown = target
            .rows
            .iter()
            .enumerate()
            .filter(|(k, row)| *k < SHOWN || row.factor == crate::sensitivity::LUCK);
        for (_, row) in shown {
            text += &format!(
                "| {} | {} |\n",
                row.factor,
                sensitivity_cells(&row.measure, 1).join(" | ")
            );
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use malar_model::diagnostic::Source;

    use super::*;

    #[test]
    fn facts_fill_their_places_and_missing_ones_show() {
        let facts = Facts::from([("a", "one".to_owned())]);
        assert_eq!(filled("x {{a}} y {{b}}.", &facts), "x one y *not found in this tree*.");
    }

    #[test]
    fn a_ledger_reads_back_and_one_from_other_numbers_is_refused() {
        let library = Library::embedded();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (trials, results) = (folder.path().join("trials"), folder.path().join("results"));
        for (place, path) in [(&trials, "trials/muse.toml"), (&results, "evidence/trials/muse.toml")] {
            std::fs::create_dir(place).expect("writable");
            let text = &library.get(path).expect("in the library").text;
            std::fs::write(place.join("muse.toml"), text).expect("writable");
        }
        let asked = score::Request {
            replicates: 2,
            seed: 1,
            threads: 2,
            own: Some((trials, results)),
        };
        let ledger = score::score(&library, &asked, &crate::run::Silent).expect("one protocol");
        assert!(ledger.rows.len() > 5);
        let text = |ledger: &Ledger| Source {
            path: "ledger.json".into(),
            text: crate::store::to_json(ledger),
        };
        assert_eq!(Ledger::parse(&text(&ledger)).expect("our own text"), ledger);
        assert!(checked(&ledger, None).is_ok());

        let posterior = Posterior::open(&library, "sle-trial").expect("in the library");
        let refused = checked(&ledger, Some(&posterior)).expect_err("others").to_string();
        assert!(
            refused.contains("none, while the library now predicts from sle-trial"),
            "{refused}"
        );
        let old = Ledger {
            version: "0.0.1".into(),
            ..ledger
        };
        assert!(
            Ledger::parse(&text(&old))
                .expect_err("old")
                .to_string()
                .contains("0.0.1")
        );
        let broken = Source {
            path: "ledger.json".into(),
            text: "{\n  \"version\": 1}".into(),
        };
        let refused = Ledger::parse(&broken).expect_err("no ledger").to_string();
        assert!(
            refused.contains("ledger.json:2") && refused.contains("malar score --json"),
            "{refused}"
        );
    }

    /// Nothing in the template is left without somebody who fills it.
    #[test]
    fn every_place_of_the_template_has_a_source() {
        let filled_elsewhere = ["version", "replicates", "limits", "sensitivity"];
        let of_ledger = [
            "ledger",
            "ledger_table",
            "overlap",
            "failed",
            "criteria",
            "appropriate",
            "uncertainty",
        ];
        let of_library = library::facts(&Library::embedded()).expect("a good library");
        let of_tree = tree::facts(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")));
        for piece in TEMPLATE.split("{{").skip(1) {
            let name = piece.split_once("}}").expect("closed").0;
            let known = filled_elsewhere.contains(&name) || of_ledger.contains(&name);
            assert!(
                known || of_library.contains_key(name) || of_tree.contains_key(name),
                "{name}"
            );
        }
    }
}
