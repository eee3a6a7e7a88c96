//! What a scoring leaves: every prediction beside its published value, and their summary. Other programs read these names.

use std::collections::BTreeMap;

use malar_model::diagnostic::Source;
use serde::{Deserialize, Serialize};

use super::Request;
use super::simulated::Simulated;
use super::totals::totals;
use crate::finding::InputError;
use crate::posterior::Posterior;

/// Whether a trial's results could have shaped the prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowStatus {
    /// The trial is on the `fit` list or the population was calibrated on it.
    Fitted,
    /// The trial is on the `check` list or outside the library.
    Predicted,
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowKind {
    /// A rate of one arm.
    Rate,
    /// Arm minus control.
    Difference,
}

/// Where a prediction's spread comes from: standard deviations in the row's unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parts {
    /// Doubt about the numbers of population and therapies: members of a posterior; zero without one.
    pub members_sd: f64,
    /// Chance within a trial of this size.
    pub replicates_sd: f64,
    /// What differs between trials, and what the model got wrong in fitted ones.
    pub between_trials_sd: f64,
}

/// One published number and its prediction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Protocol id.
    pub trial: String,
    /// Therapies of the arm, joined by ` + `; `placebo` for none.
    pub therapy: String,
    /// Arm id.
    pub arm: String,
    /// True if the arm rests on a weakly supported therapy.
    #[serde(default)]
    pub weak: bool,
    /// Control arm id of a difference.
    pub control: Option<String>,
    /// Rate or difference.
    pub kind: RowKind,
    /// Endpoint id.
    pub endpoint: String,
    /// Week.
    pub week: f64,
    /// Analysis population.
    pub population: String,
    /// `percent`, `percentage points` or `per patient-year`.
    pub unit: String,
    /// Fitted or predicted.
    pub status: RowStatus,
    /// Fitted trials that report some of the same patients: a predicted row with such is not independent.
    pub shares_patients_with: Vec<String>,
    /// Mean over simulated trials, before the between-trial deviation.
    pub predicted: f64,
    /// Middle 50 % of the prediction.
    pub interval50: (f64, f64),
    /// Middle 80 %.
    pub interval80: (f64, f64),
    /// Middle 90 %.
    pub interval90: (f64, f64),
    /// Parts of its spread.
    pub parts: Parts,
    /// Published value.
    pub published: f64,
    /// Published or computed 95 % limits.
    pub published95: Option<(f64, f64)>,
    /// Patients behind the published value.
    pub published_n: Option<f64>,
    /// Where it was read.
    pub source: String,
    /// What published trials alone would have predicted.
    pub baseline: Option<f64>,
    /// What a refit without the trials of this therapy predicts.
    pub left_out: Option<f64>,
    /// Continuous ranked probability score, in the row's unit.
    pub crps: f64,
}

impl Row {
    /// Absolute error of the prediction.
    pub fn error(&self) -> f64 {
        (self.predicted - self.published).abs()
    }

    /// True for a response rate in percent: what mean errors and coverages are about.
    pub fn is_response(&self) -> bool {
        self.kind == RowKind::Rate && self.unit == "percent"
    }

    /// For a difference whose published 95 % interval excludes zero: whether the predicted sign is the published one.
    pub fn sign_right(&self) -> Option<bool> {
        let (low, high) = self.published95?;
        let is_clear = self.kind == RowKind::Difference && (low > 0.0 || high < 0.0);
        is_clear.then_some(self.predicted * self.published > 0.0)
    }
}

/// Scores of some rows. Percentages of patients only; `None` where no row counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Response rates scored.
    pub n: usize,
    /// Their mean absolute error, percentage points.
    pub mae_points: Option<f64>,
    /// Response rates that have a baseline.
    pub n_baseline: usize,
    /// Mean absolute error of the baseline there, percentage points.
    pub baseline_mae_points: Option<f64>,
    /// Mean absolute error of the model on the same rows, percentage points.
    pub mae_points_beside_baseline: Option<f64>,
    /// Share of published values inside the middle 50 %, 0 to 1.
    pub coverage50: Option<f64>,
    /// Inside the middle 80 %.
    pub coverage80: Option<f64>,
    /// Inside the middle 90 %.
    pub coverage90: Option<f64>,
    /// Mean continuous ranked probability score, percentage points.
    pub crps: Option<f64>,
    /// Response rates predicted once more by a refit without their therapy.
    pub n_left_out: usize,
    /// Mean absolute error of these refits, percentage points.
    pub left_out_mae_points: Option<f64>,
    /// Mean absolute error of the model on the same rows, percentage points.
    pub mae_points_beside_left_out: Option<f64>,
    /// Differences with a clear published sign of which the prediction has the same.
    pub sign_right: usize,
    /// Differences whose published 95 % interval excludes zero.
    pub n_signed: usize,
}

impl Totals {
    /// Words for a table: number of rates, error, baseline's error, inside 50, 80 and 90 %, score, signs. Points have one decimal,
    /// coverages none and are percent.
    pub fn cells(&self) -> [String; 8] {
        let number = |value: Option<f64>, factor: f64, decimals: usize| {
            value.map_or("–".to_owned(), |value| format!("{:.decimals$}", factor * value))
        };
        [
            self.n.to_string(),
            number(self.mae_points, 1.0, 1),
            number(self.baseline_mae_points, 1.0, 1),
            number(self.coverage50, 100.0, 0),
            number(self.coverage80, 100.0, 0),
            number(self.coverage90, 100.0, 0),
            number(self.crps, 1.0, 1),
            format!("{} of {}", self.sign_right, self.n_signed),
        ]
    }
}

/// Totals by whether a trial could have shaped the prediction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// Of fitted trials.
    pub fitted: Totals,
    /// Of the others.
    pub predicted: Totals,
}

impl Split {
    /// What there is to say, with its status in words.
    pub fn lines(&self) -> impl Iterator<Item = (&'static str, &Totals)> {
        let both = [("fitted", &self.fitted), ("predicted", &self.predicted)];
        both.into_iter().filter(|(_, totals)| totals.n + totals.n_signed > 0)
    }
}

/// Everything that was scored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Engine version.
    pub version: String,
    /// Posterior whose members predict; none for the library's own numbers.
    pub posterior: Option<String>,
    /// Simulated trials per protocol.
    pub replicates: u32,
    /// Seed.
    pub seed: u64,
    /// Standard deviation between trials, log odds, from the fitted ones.
    pub between_trials_sd_log_odds: f64,
    /// Protocols scored.
    pub trials: Vec<String>,
    /// Verified percentages of their arms that no simulated endpoint answers.
    pub not_simulated: usize,
    /// Patients the solver gave up on.
    pub failed_patients: u32,
    /// All rows together.
    pub overall: Split,
    /// Predicted rows of trials that share no patients with a fitted one.
    pub independent: Totals,
    /// Predicted trials that share patients with fitted ones, and with which.
    pub overlaps: BTreeMap<String, Vec<String>>,
    /// By therapy of the arm.
    pub by_therapy: BTreeMap<String, Split>,
    /// Every row.
    pub rows: Vec<Row>,
}

impl Ledger {
    /// A ledger as `malar score --json` printed it.
    ///
    /// # Errors
    /// Text that is no ledger, or one of another version of the engine.
    pub fn parse(source: &Source) -> Result<Ledger, InputError> {
        let wrong = |place: String, help| InputError::Value {
            what: "a scored ledger",
            value: format!("{}{place}", source.path),
            help,
        };
        let ledger: Ledger = serde_json::from_str(&source.text)
            .map_err(|e| wrong(format!(":{}: {e}", e.line()), "give what `malar score --json` printed"))?;
        if ledger.version != env!("CARGO_PKG_VERSION") {
            let place = format!(", of version {},", ledger.version);
            return Err(wrong(
                place,
                "score again with `malar score --json`: the engine is another one now",
            ));
        }
        Ok(ledger)
    }

    /// Which predictions are not independent of the fit, in words; nothing if all are.
    pub fn caveat(&self) -> Option<String> {
        let pair = |(trial, fitted): (&String, &Vec<String>)| format!("{trial} with {}", fitted.join(" and "));
        let pairs: Vec<String> = self.overlaps.iter().map(pair).collect();
        let without = self.independent.mae_points.map_or(String::new(), |error| {
            format!(
                " Without them {} predicted rates are {error:.1} points off.",
                self.independent.n
            )
        });
        let words = "trials share patients with fitted ones and are no independent check";
        (!pairs.is_empty()).then(|| format!("{} predicted {words}: {}.{without}", pairs.len(), pairs.join("; ")))
    }

    pub(super) fn new(
        request: &Request,
        posterior: Option<&Posterior>,
        rows: Vec<Row>,
        deviation: f64,
        simulated: &[Simulated],
    ) -> Ledger {
        let mut therapies: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
        for row in &rows {
            therapies.entry(row.therapy.clone()).or_default().push(row);
        }
        let scored = |trial: &str| {
            rows.iter()
                .filter(|row| row.trial == trial && row.is_response())
                .count()
        };
        let of_arms = |trial: &Simulated| {
            let is_percentage = |outcome: &&malar_evidence::Outcome| {
                outcome.kind == malar_evidence::Kind::Binary && trial.labels.arms.contains(&outcome.arm)
            };
            trial.published.results().filter(is_percentage).count()
        };
        let is_independent = |row: &&Row| row.status == RowStatus::Predicted && row.shares_patients_with.is_empty();
        let independent: Vec<&Row> = rows.iter().filter(is_independent).collect();
        let overlapping = rows
            .iter()
            .filter(|row| row.status == RowStatus::Predicted && !row.shares_patients_with.is_empty());
        Ledger {
            independent: totals(&independent),
            overlaps: overlapping
                .map(|row| (row.trial.clone(), row.shares_patients_with.clone()))
                .collect(),
            version: env!("CARGO_PKG_VERSION").into(),
            posterior: posterior.map(|posterior| posterior.id.clone()),
            replicates: request.replicates,
            seed: request.seed,
            between_trials_sd_log_odds: deviation,
            trials: simulated.iter().map(|trial| trial.id.clone()).collect(),
            not_simulated: simulated.iter().map(|trial| of_arms(trial) - scored(&trial.id)).sum(),
            failed_patients: simulated.iter().map(|trial| trial.failed_patients).sum(),
            overall: split(&rows.iter().collect::<Vec<_>>()),
            by_therapy: therapies.into_iter().map(|(id, rows)| (id, split(&rows))).collect(),
            rows,
        }
    }
}

fn split(rows: &[&Row]) -> Split {
    let of = |status: RowStatus| {
        let rows: Vec<&Row> = rows.iter().copied().filter(|row| row.status == status).collect();
        totals(&rows)
    };
    Split {
        fitted: of(RowStatus::Fitted),
        predicted: of(RowStatus::Predicted),
    }
}
