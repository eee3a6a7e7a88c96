//! What a derivation depends on beside the tables, and which tables there are.

use std::path::{Path, PathBuf};

use malar_instruments::sledai::observations::ArthritisThreshold;
use malar_model::toml_file::read_toml;
use malar_trial::instruments::Sledai;
use serde::Deserialize;

use super::DeriveError;
use super::intake::Moment;
use crate::catalog::{ReadError, read_source};
use crate::dataset::{Dataset, Format, read};
use crate::finding::{Finding, InputError};

/// Name of the file that says, beside the tables of a folder, how they are meant.
pub const SETTINGS_FILE: &str = "derive.toml";

/// What a derivation depends on beside the tables.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Form of SLEDAI that endpoints look at.
    pub sledai: Sledai,
    /// Descriptors, totals and grades are taken as recorded, without the values and items behind them.
    pub as_recorded: bool,
    /// Inflamed joints that make arthritis, where joints were counted; published forms differ, so there is no default.
    pub arthritis: Option<ArthritisThreshold>,
    /// Weeks to look at; all planned visits if empty.
    pub weeks: Vec<f64>,
    /// Days by which a visit without a planned week may miss a week asked for.
    pub window_days: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            sledai: Sledai::Sledai2k,
            as_recorded: false,
            arthritis: None,
            weeks: Vec::new(),
            window_days: 0.0,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SettingsFile {
    sledai: Option<Sledai>,
    as_recorded: Option<bool>,
}

/// Tables of files and folders, with the settings that a folder's `derive.toml` gives.
pub fn read_tables(paths: &[PathBuf]) -> Result<(Vec<Dataset>, Settings), DeriveError> {
    let mut settings = Settings::default();
    let mut tables = Vec::new();
    for path in paths {
        for file in files(path)? {
            if file.file_name().is_some_and(|name| name == SETTINGS_FILE) {
                let source = read_source(&file).map_err(InputError::from)?;
                let said: SettingsFile =
                    read_toml(&source).map_err(|found| InputError::Wrong(vec![Finding::new(found, &source)]))?;
                settings.sledai = said.sledai.unwrap_or(settings.sledai);
                settings.as_recorded = said.as_recorded.unwrap_or(settings.as_recorded);
            } else {
                tables.extend(read(&file)?);
            }
        }
    }
    if tables.is_empty() {
        let value = paths
            .iter()
            .map(|p| p.display().to_string())
            .collect::<Vec<_>>()
            .join(" ");
        let help = "give files, or a folder with .csv, .json, .ndjson, .dsjc, .xpt or .parquet files";
        return Err(InputError::Value {
            what: "the data",
            value,
            help,
        }
        .into());
    }
    Ok((tables, settings))
}

/// The file itself, or the tables and settings of a folder in the order of their names.
fn files(path: &Path) -> Result<Vec<PathBuf>, InputError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let unreadable = |reason| ReadError {
        path: path.display().to_string(),
        reason,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let is_settings = file.file_name().is_some_and(|name| name == SETTINGS_FILE);
        let is_packed = file.extension().is_some_and(|e| e == "gz");
        if file.is_file() && (is_settings || is_packed || Format::of_path(&file).is_some()) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

impl Settings {
    /// Moves findings without a planned week to the nearest week asked for, if it is within the window.
    pub(super) fn assign_weeks(&self, moments: &mut [Moment]) {
        for moment in moments.iter_mut().filter(|m| !m.is_nominal && m.week > 0.0) {
            let distance = |week: f64| (week - moment.week).abs();
            let nearest = self
                .weeks
                .iter()
                .copied()
                .min_by(|a, b| distance(*a).total_cmp(&distance(*b)));
            if let Some(week) = nearest.filter(|&week| distance(week) * 7.0 <= self.window_days + 1e-9) {
                moment.week = week;
                moment.is_nominal = true;
            }
        }
    }

    /// Weeks at which every patient is looked at: as asked, else all planned weeks after baseline.
    pub(super) fn weeks_asked(&self, moments: &[Moment]) -> Vec<f64> {
        let mut weeks: Vec<f64> = if self.weeks.is_empty() {
            let planned = moments.iter().filter(|m| m.is_nominal && m.week > 0.0);
            planned.map(|m| m.week).collect()
        } else {
            self.weeks.clone()
        };
        weeks.sort_by(f64::total_cmp);
        weeks.dedup();
        weeks
    }
}
