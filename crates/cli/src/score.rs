//! The verb `score`.

use malar_workbench::catalog::Library;
use malar_workbench::report::{NOTE, ledger_html};
use malar_workbench::run::RunError;
use malar_workbench::score::{self as scoring, Bar as Asked, Ledger, Request, ScoreError, SplitTotals, Totals};
use malar_workbench::store::to_json;

use crate::arguments::ScoreArguments;
use crate::progress::Bar;
use crate::tables::aligned;
use crate::verbs::{Failure, Result, failed, print, wrong};

/// Scores, prints, writes the page, and fails if a bar is missed.
pub(crate) fn score(arguments: &ScoreArguments) -> Result {
    let library = Library::open(arguments.library.as_deref()).map_err(wrong)?;
    let request = Request {
        replicates: arguments.replicates,
        seed: arguments.seed,
        threads: arguments.threads,
        own: arguments.trials.clone().zip(arguments.evidence.clone()),
    };
    let ledger = scoring::score(&library, &request, &Bar::new("trials")).map_err(|reason| match reason {
        ScoreError::Input(reason) => wrong(reason),
        ScoreError::Run(RunError::Infeasible(finding)) => wrong(finding),
        ScoreError::Run(other) => failed(other),
    })?;
    let bars = scoring::bars(&ledger);
    let out = &arguments.out;
    std::fs::write(out, ledger_html(&ledger, &bars))
        .map_err(|reason| failed(format!("cannot write `{}`: {reason}", out.display())))?;
    if arguments.json {
        print(&to_json(&ledger))?;
    } else {
        print(&format!(
            "{}\n{}\nledger: {}\n{NOTE}\n",
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
    for (therapy, split) in &ledger.by_therapy {
        rows.extend(lines(therapy, split));
    }
    rows.extend(lines("all", &ledger.overall));
    aligned(&rows, &[2, 3, 4, 5, 6, 7, 8, 9])
}

fn lines(therapy: &str, split: &SplitTotals) -> Vec<Vec<String>> {
    let line = |(status, totals): (&str, &Totals)| {
        let points = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.1}"));
        let percent = |share: Option<f64>| share.map_or("–".to_owned(), |share| format!("{:.0}", 100.0 * share));
        vec![
            therapy.to_owned(),
            status.to_owned(),
            totals.n.to_string(),
            points(totals.mae_points),
            points(totals.baseline_mae_points),
            percent(totals.coverage50),
            percent(totals.coverage80),
            percent(totals.coverage90),
            points(totals.crps),
            format!("{}/{}", totals.sign_right, totals.n_signed),
        ]
    };
    [("fitted", &split.fitted), ("predicted", &split.predicted)]
        .into_iter()
        .filter(|(_, totals)| totals.n + totals.n_signed > 0)
        .map(line)
        .collect()
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
