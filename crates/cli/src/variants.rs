//! The verb `variants`, and the library that the others open with `--variant`.

use std::path::{Path, PathBuf};

use clap::Args;
use malar_workbench::catalog::Library;
use malar_workbench::store::to_json;
use malar_workbench::variant::{self, Comparison, Request};

use crate::arguments::Luck;
use crate::progress::Bar;
use crate::tables::aligned;
use crate::verbs::{Failure, Result, print, unfinished, wrong};

#[derive(Debug, Args)]
pub(crate) struct VariantsArguments {
    /// Trials to simulate under every alternative, side by side; none lists the alternatives
    pub trials: Vec<String>,
    /// Score every trial with published results instead
    #[arg(long, conflicts_with = "trials")]
    pub score: bool,
    /// Alternatives to take [default: all]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Simulated trials per protocol and alternative
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub replicates: u32,
    #[command(flatten)]
    pub luck: Luck,
    /// Print JSON, with medians of what was measured
    #[arg(long)]
    pub json: bool,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

/// The library with the user's files, and a structural alternative if one is named.
pub(crate) fn open(overlay: Option<&Path>, variant: Option<&str>) -> std::result::Result<Library, Failure> {
    let library = Library::open(overlay).map_err(wrong)?;
    match variant {
        Some(id) => variant::with_variant(&library, id).map_err(wrong),
        None => Ok(library),
    }
}

/// Lists the alternatives, or sets what they predict side by side.
pub(crate) fn variants(arguments: &VariantsArguments) -> Result {
    let library = Library::open(arguments.library.as_deref()).map_err(wrong)?;
    if arguments.trials.is_empty() && !arguments.score {
        return list(&library, arguments.json);
    }
    let request = Request {
        trials: arguments.trials.clone(),
        variants: arguments.only.clone(),
        replicates: arguments.replicates,
        seed: arguments.luck.seed,
        threads: arguments.luck.threads,
    };
    let found = variant::compare(&library, &request, &Bar::new("trials")).map_err(unfinished)?;
    if arguments.json {
        print(&to_json(&found))
    } else {
        print(&table(&found))
    }
}

fn list(library: &Library, json: bool) -> Result {
    let all = variant::variants(library).map_err(wrong)?;
    if json {
        return print(&to_json(&all));
    }
    let row = |v: variant::Variant| vec![v.id, v.name, v.model, v.changes.join(", "), v.adds.join(", "), v.why];
    let head = ["id", "name", "model", "changes", "adds", "why"]
        .map(str::to_owned)
        .to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(all.into_iter().map(row)).collect();
    print(&aligned(&rows, &[]))
}

fn table(found: &Comparison) -> String {
    let mut head = vec![found.of.clone(), "published".to_owned(), "model".to_owned()];
    head.extend(found.variants.iter().cloned());
    let row = |row: &variant::Line| {
        let number = |value: Option<f64>| value.map_or("–".to_owned(), |v| format!("{v:.*}", row.decimals));
        let published = number(row.published);
        let values = row.values.iter().map(|value| number(*value));
        [row.name.clone(), published].into_iter().chain(values).collect()
    };
    let rows: Vec<Vec<String>> = std::iter::once(head)
        .chain(found.lines.iter().filter(|line| !line.median).map(row))
        .collect();
    let columns: Vec<usize> = (1..rows[0].len()).collect();
    aligned(&rows, &columns)
}
