//! The verb `score`.

use malar_workbench::catalog::Library;
use malar_workbench::posterior::{Posterior, Stored};
use malar_workbench::report::{NOTE, ledger_html};
use malar_workbench::score::{self as scoring, Bar as Asked, Ledger, Posteriors, Request};
use malar_workbench::store::to_json;

use crate::arguments::ScoreArguments;
use crate::progress::Bar;
use crate::tables::aligned;
use crate::variants::open;
use crate::verbs::{Failure, Result, print, unfinished, write, wrong};

/// Scores, prints, writes the page, and fails if a bar is missed.
pub(crate) fn score(arguments: &ScoreArguments) -> Result {
    let library = open(arguments.library.as_deref(), arguments.variant.as_deref())?;
    let request = Request {
        replicates: arguments.replicates,
        seed: arguments.luck.seed,
        threads: arguments.luck.threads,
        own: arguments.trials.clone().zip(arguments.evidence.clone()),
    };
    let read = |name: &String| Posterior::open(&library, name).map_err(wrong);
    let posteriors = Posteriors {
        all: posterior(&library, arguments.posterior.as_deref())?,
        left_out: arguments
            .left_out
            .iter()
            .map(read)
            .collect::<std::result::Result<_, _>>()?,
    };
    let ledger = scoring::score_with(&library, &request, &posteriors, &Bar::new("trials")).map_err(unfinished)?;
    let bars = scoring::bars(&ledger);
    let out = &arguments.out;
    write(out, ledger_html(&ledger, &bars))?;
    if arguments.json {
        print(&to_json(&ledger))?;
    } else {
        let caveat = ledger
            .caveat()
            .map_or(String::new(), |words| format!("\nnote: {words}\n"));
        print(&format!(
            "{}\n{}{caveat}\nledger: {}\n{NOTE}\n",
            therapies(&ledger),
            asked(&bars),
            out.display()
        ))?;
    }
    if bars.iter().any(|bar| bar.holds == Some(false)) {
        return Err(Failure {
            status: 1,
            message: "a bar is missed; the ledger shows where".into(),
        });
    }
    Ok(())
}

/// The posterior called `name`; `none` takes the library's own numbers, no name the posterior that the library keeps.
pub(crate) fn posterior(library: &Library, name: Option<&str>) -> std::result::Result<Option<Posterior>, Failure> {
    match name {
        None => stored(library),
        Some("none") => Ok(None),
        Some(name) => Posterior::open(library, name).map(Some).map_err(wrong),
    }
}

/// The posterior that the library keeps; says so where one is passed over.
fn stored(library: &Library) -> std::result::Result<Option<Posterior>, Failure> {
    let found = Stored::find(library).map_err(wrong)?;
    for (id, file) in &found.stale {
        eprintln!(
            "note: the posterior `{id}` was made before `{file}` changed and is not used; `malar calibrate` makes it anew"
        );
    }
    Ok(found.current)
}

/// A line per therapy, then all together.
fn therapies(ledger: &Ledger) -> String {
    let head = [
        "therapy",
        "",
        "n",
        "error",
        "baseline",
        "inside 50 %",
        "80 %",
        "90 %",
        "CRPS",
        "signs",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let by_therapy = ledger.by_therapy.iter().map(|(id, split)| (id.as_str(), split));
    for (id, split) in by_therapy.chain([("all", &ledger.overall)]) {
        for (status, totals) in split.lines() {
            let name = [id.to_owned(), status.to_owned()];
            rows.push(name.into_iter().chain(totals.cells()).collect());
        }
    }
    aligned(&rows, &[2, 3, 4, 5, 6, 7, 8, 9])
}

fn asked(bars: &[Asked]) -> String {
    let words = |bar: &Asked| {
        let verdict = match bar.holds {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "–",
        };
        vec![verdict.to_owned(), bar.asked.clone(), bar.reached.clone()]
    };
    aligned(&bars.iter().map(words).collect::<Vec<_>>(), &[])
}
