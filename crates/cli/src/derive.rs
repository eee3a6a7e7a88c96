//! `malar derive`: endpoints of a user's own data.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use malar_workbench::catalog::Library;
use malar_workbench::dataset::{Format, write};
use malar_workbench::derive::{
    ArthritisThreshold, DeriveError, Derived, Settings, Sledai, as_json, as_table, derive as derive_endpoints,
    endpoints, read_tables,
};
use malar_workbench::store::to_json;

use crate::verbs::{self, Failure, Result, print, wrong};

#[derive(Debug, Args)]
pub(crate) struct DeriveArguments {
    /// Tables of findings, or a folder of them: CSV, Parquet, Dataset-JSON, SAS transport files (docs/derive.md)
    #[arg(required = true)]
    pub data: Vec<PathBuf>,
    /// Endpoints (see `malar list endpoints`) [default: all that the data can tell]
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    pub endpoints: Vec<String>,
    /// Weeks to look at [default: all planned visits]
    #[arg(long, value_name = "WEEK,...", value_delimiter = ',', value_parser = week)]
    pub weeks: Vec<f64>,
    /// Days by which a visit without a planned week may miss a week of `--weeks`
    #[arg(long, value_name = "DAYS", default_value_t = 0.0, value_parser = week)]
    pub window: f64,
    /// Form of SLEDAI that endpoints look at [default: sledai-2k]
    #[arg(long, value_name = "FORM")]
    pub sledai: Option<SledaiForm>,
    /// Take descriptors, totals and grades as recorded, without the values and items behind them
    #[arg(long)]
    pub as_recorded: bool,
    /// Joints with inflammation that make arthritis, where they were counted; published forms say 2 or 3
    #[arg(long, value_name = "2|3", value_parser = clap::value_parser!(u8).range(2..=3))]
    pub arthritis_joints: Option<u8>,
    /// Write to a file instead of stdout: .csv, .json, .ndjson, .dsjc, .xpt or .parquet
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print rows, gaps and notes as JSON
    #[arg(long)]
    pub json: bool,
    /// Folder with data files to lay over the library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
}

/// A form of SLEDAI.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SledaiForm {
    /// Persistent proteinuria counts
    #[value(name = "sledai-2k")]
    Sledai2k,
    /// Proteinuria counts when it is new or has risen
    SelenaSledai,
}

/// A number of weeks or days.
fn week(text: &str) -> std::result::Result<f64, String> {
    let number = text.trim().parse::<f64>().ok().filter(|x| x.is_finite() && *x >= 0.0);
    number.ok_or_else(|| "write a number, 0 or more".to_owned())
}

pub(crate) fn derive(arguments: &DeriveArguments) -> Result {
    let library = Library::open(arguments.library.as_deref()).map_err(wrong)?;
    let format = match &arguments.out {
        None => Format::Csv,
        Some(out) => Format::of_path(out).ok_or_else(|| {
            wrong(format!(
                "`{}` has no ending that is known\nhelp: end it in .csv, .json, .ndjson, .dsjc, .xpt or .parquet",
                out.display()
            ))
        })?,
    };
    let asked = endpoints(&library, &arguments.endpoints).map_err(wrong)?;
    let (tables, said) = read_tables(&arguments.data).map_err(refused)?;
    let settings = Settings {
        sledai: arguments.sledai.map_or(said.sledai, |form| match form {
            SledaiForm::Sledai2k => Sledai::Sledai2k,
            SledaiForm::SelenaSledai => Sledai::SelenaSledai,
        }),
        as_recorded: arguments.as_recorded || said.as_recorded,
        arthritis: arguments.arthritis_joints.map(|joints| match joints {
            2 => ArthritisThreshold::TwoOrMore,
            _ => ArthritisThreshold::MoreThanTwo,
        }),
        weeks: arguments.weeks.clone(),
        window_days: arguments.window,
    };
    let mut derived = derive_endpoints(&tables, asked, &settings).map_err(refused)?;
    let left_out = if arguments.endpoints.is_empty() {
        derived.leave_out_untold()
    } else {
        Vec::new()
    };
    talk(&derived, &left_out);
    let table = as_table(&derived, format);
    if let Some(out) = &arguments.out {
        let bytes = write(&table, format).map_err(wrong)?;
        verbs::write(out, bytes)?;
    }
    if arguments.json {
        print(&to_json(&as_json(&derived)))?;
    } else if arguments.out.is_none() {
        let bytes = write(&table, format).map_err(wrong)?;
        print(&String::from_utf8(bytes).expect("CSV is text"))?;
    }
    let untold: Vec<&str> = (0..derived.endpoints.len())
        .filter(|&k| !left_out.contains(&derived.endpoints[k].id) && !derived.is_told(k))
        .map(|k| derived.endpoints[k].id.as_str())
        .collect();
    match untold.is_empty() {
        true => Ok(()),
        false => Err(Failure {
            status: 1,
            message: format!("these data tell nobody's {}", untold.join(", ")),
        }),
    }
}

fn refused(error: DeriveError) -> Failure {
    wrong(error)
}

/// What is missing for whom, and how the tables were read.
fn talk(derived: &Derived, left_out: &[String]) {
    for gap in derived.gaps.iter().filter(|gap| !left_out.contains(&gap.endpoint)) {
        eprintln!(
            "missing: {} needs `{}`; {} of {} patients lack it at a visit",
            gap.endpoint, gap.component, gap.patients, gap.of
        );
    }
    for id in left_out {
        let lacking = derived.gaps.iter().filter(|gap| gap.endpoint == *id);
        let names: Vec<&str> = lacking.map(|gap| gap.component.as_str()).collect();
        eprintln!("left out: {id}; the tables lack {}", names.join(", "));
    }
    derived.notes.iter().for_each(|note| eprintln!("note: {note}"));
}
