//! The verb `sensitivity`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use malar_workbench::posterior::Posterior;
use malar_workbench::report::{NOTE, sensitivity_cells, sensitivity_html, sensitivity_svg};
use malar_workbench::sensitivity::{
    Method, Request, Sensitivity, SensitivityError, factors, sensitivity as analyse, sensitivity_over,
};
use malar_workbench::store::to_json;

use crate::arguments::Luck;
use crate::progress::Bar;
use crate::tables::aligned;
use crate::variants::open;
use crate::verbs::{Result, failed, print, wrong};

/// Rows printed per result; the page has them all.
const SHOWN: usize = 20;

#[derive(Debug, Args)]
pub(crate) struct SensitivityArguments {
    /// Id of a trial or study (see `malar list trials`), or path of a trial file
    pub study: String,
    /// Numbers to move: names, patterns with *, NAME=LOW:HIGH [default: those with a declared range]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', conflicts_with = "all")]
    pub parameters: Vec<String>,
    /// Move every number that the trial uses
    #[arg(long)]
    pub all: bool,
    /// Result to watch, such as "bicla difference at 52"; may be repeated [default: the primary endpoint's differences]
    #[arg(long = "of", value_name = "RESULT")]
    pub targets: Vec<String>,
    /// Take the members of this posterior instead of ranges (prcc), or 5 to 95 % of its numbers (tornado): an id or a file of `malar calibrate`
    #[arg(long, value_name = "POSTERIOR", conflicts_with_all = ["all", "list"])]
    pub posterior: Option<String>,
    /// How
    #[arg(long, value_enum, default_value = "tornado")]
    pub method: Word,
    /// Walks (morris), rows (sobol), samples (prcc) or simulated trials per point (tornado) [default: 10, 64, 200, 10]
    #[arg(long, value_name = "N")]
    pub size: Option<u32>,
    /// Patients per simulated trial [default: as in the protocol]
    #[arg(long, value_name = "N")]
    pub patients: Option<u32>,
    #[command(flatten)]
    pub luck: Luck,
    /// Folder for page, drawings and tables [default: runs/sensitivity-<trial>-<method>]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Show what can be moved, and stop
    #[arg(long)]
    pub list: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Structural alternative of the disease model (see `malar variants`)
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

/// A method as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Word {
    /// Which of many numbers matter at all
    Morris,
    /// Shares of the variance, alone and with others
    Sobol,
    /// Partial rank correlations
    Prcc,
    /// Each number alone to both ends of its range
    Tornado,
}

/// Analyses, prints, writes the folder.
pub(crate) fn sensitivity(arguments: &SensitivityArguments) -> Result {
    let library = open(arguments.library.as_deref(), arguments.variant.as_deref())?;
    if arguments.list {
        return list(&factors(&library, &arguments.study).map_err(wrong)?, arguments.json);
    }
    let request = Request {
        study: arguments.study.clone(),
        parameters: arguments.parameters.clone(),
        all: arguments.all,
        targets: arguments.targets.clone(),
        method: match arguments.method {
            Word::Morris => Method::Morris,
            Word::Sobol => Method::Sobol,
            Word::Prcc => Method::Prcc,
            Word::Tornado => Method::Tornado,
        },
        size: arguments.size,
        patients: arguments.patients,
        seed: arguments.luck.seed,
        threads: arguments.luck.threads,
    };
    let posterior = arguments.posterior.as_ref().map(|name| Posterior::open(&library, name));
    let found = match posterior.transpose().map_err(wrong)? {
        Some(posterior) => sensitivity_over(&library, &request, &posterior, &Bar::new("points")),
        None => analyse(&library, &request, &Bar::new("points")),
    };
    let found = found.map_err(|reason| match reason {
        SensitivityError::Cancelled => failed(reason),
        other => wrong(other),
    })?;
    let folder = folder(arguments, &found);
    write(&folder, &found)?;
    if arguments.json {
        return print(&to_json(&found));
    }
    let page = folder.join("sensitivity.html");
    print(&format!("{}page: {}\n{NOTE}\n", words(&found), page.display()))
}

fn list(factors: &[malar_workbench::sensitivity::Factor], json: bool) -> Result {
    if json {
        return print(&to_json(&factors));
    }
    let head = ["name", "value", "from", "to", "unit", "range from"]
        .map(str::to_owned)
        .to_vec();
    let row = |f: &malar_workbench::sensitivity::Factor| {
        let numbers = [f.value, f.low, f.high].map(|x| format!("{}", (x * 1e6).round() / 1e6));
        let words = [f.unit.clone(), f.range.clone()];
        std::iter::once(f.name.clone()).chain(numbers).chain(words).collect()
    };
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(factors.iter().map(row)).collect();
    print(&aligned(&rows, &[1, 2, 3]))
}

fn folder(arguments: &SensitivityArguments, found: &Sensitivity) -> PathBuf {
    let method = format!("{:?}", found.method).to_lowercase();
    let over = found
        .posterior
        .as_ref()
        .map_or(String::new(), |id| format!("-over-{id}"));
    let usual = || Path::new("runs").join(format!("sensitivity-{}-{method}{over}", found.study));
    arguments.out.clone().unwrap_or_else(usual)
}

/// Page, JSON, a drawing per result, and every computation as a table.
fn write(folder: &Path, found: &Sensitivity) -> Result {
    let put = |name: String, text: String| -> Result {
        let path = folder.join(name);
        let unwritten = |reason| failed(format!("cannot write `{}`: {reason}", path.display()));
        std::fs::write(&path, text).map_err(unwritten)
    };
    std::fs::create_dir_all(folder)
        .map_err(|reason| failed(format!("cannot make `{}`: {reason}", folder.display())))?;
    put("sensitivity.html".into(), sensitivity_html(found))?;
    put("sensitivity.json".into(), to_json(found))?;
    put("points.csv".into(), points(found))?;
    for (k, target) in (1..).zip(&found.targets) {
        put(format!("result-{k}.svg"), sensitivity_svg(found, target))?;
    }
    Ok(())
}

/// A line per point: the numbers, then the results.
fn points(found: &Sensitivity) -> String {
    let names = found.factors.iter().map(|f| f.name.clone());
    let results = found.targets.iter().map(|t| t.target.clone());
    let mut text = names.chain(results).collect::<Vec<_>>().join(",") + "\n";
    for (numbers, results) in &found.runs {
        let cells: Vec<String> = numbers.iter().chain(results).map(f64::to_string).collect();
        text += &(cells.join(",") + "\n");
    }
    text
}

fn words(found: &Sensitivity) -> String {
    let mut text = String::new();
    for target in &found.targets {
        let head: &[&str] = match found.method {
            Method::Morris => &["number", "mu*", "90 % interval", "mu", "sigma"],
            Method::Sobol => &["number", "alone", "90 % interval", "with others", "90 % interval"],
            Method::Prcc => &["number", "correlation", "90 % interval", "p"],
            Method::Tornado => &["number", "lower end", "upper end", "swing", "90 % interval"],
        };
        let head: Vec<String> = head.iter().map(|&cell| cell.to_owned()).collect();
        let row = |row: &malar_workbench::sensitivity::Row| {
            let name = std::iter::once(row.factor.clone());
            name.chain(sensitivity_cells(&row.measure, 2)).collect()
        };
        let rows: Vec<Vec<String>> = std::iter::once(head)
            .chain(target.rows.iter().take(SHOWN).map(row))
            .collect();
        text += &format!(
            "{}: {:.2} {} {}\n\n",
            target.target,
            target.base,
            target.unit,
            found.stand()
        );
        text += &aligned(&rows, &[1, 2, 3, 4]);
        if target.rows.len() > SHOWN {
            text += &format!("and {} smaller ones\n", target.rows.len() - SHOWN);
        }
        text += "\n";
    }
    text
}
