//! How an arm gives a therapy: how much, and on which days.

use malar_model::codes::DOSING;
use malar_model::diagnostic::{Diagnostic, Source};
use serde::Deserialize;
use toml::Spanned;

use crate::regimes::{OnlyIf, check_days};
use crate::therapy::DoseUnit;

/// Fewer doses than this make a series: one a day for 27 years.
const MOST_DOSES: f64 = 10_000.0;

/// A therapy within an arm: what, how much, when.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TherapyUse {
    /// Therapy id.
    pub id: String,
    /// Route, one of the therapy's.
    pub route: Option<String>,
    /// Fixed dose, mg.
    pub dose_mg: Option<f64>,
    /// Dose by weight, mg/kg.
    pub dose_mg_per_kg: Option<f64>,
    /// Fixed dose, cells.
    pub dose_cells: Option<f64>,
    /// Dose by weight, cells/kg.
    pub dose_cells_per_kg: Option<f64>,
    /// Fixed dose, mL.
    pub dose_ml: Option<f64>,
    /// Daily dose, in the therapy's unit, for daily drugs: from randomisation on, or from each of `days` on. 0 stops the drug.
    pub daily_dose: Option<f64>,
    /// When it is given.
    pub days: Option<Days>,
    /// Days count from the day on which this product is ready; without one nothing is given.
    pub when_made: Option<String>,
    /// It is given only to those of whom this holds.
    pub only_if: Option<OnlyIf>,
}

/// One dose as a protocol states it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount {
    /// The number, in `unit` or `unit` per kg.
    pub value: f64,
    /// What it is counted in.
    pub unit: DoseUnit,
    /// The amount is per kg of body weight.
    pub per_kg: bool,
}

impl TherapyUse {
    /// Every dose the file gives; a valid use has at most one.
    fn amounts(&self) -> impl Iterator<Item = Amount> {
        let amount = |value: Option<f64>, unit, per_kg| value.map(|value| Amount { value, unit, per_kg });
        [
            amount(self.dose_mg, DoseUnit::Mg, false),
            amount(self.dose_mg_per_kg, DoseUnit::Mg, true),
            amount(self.dose_cells, DoseUnit::Cells, false),
            amount(self.dose_cells_per_kg, DoseUnit::Cells, true),
            amount(self.dose_ml, DoseUnit::Ml, false),
        ]
        .into_iter()
        .flatten()
    }

    /// What can be said about a use without looking at other files.
    pub(crate) fn check(therapy: &Spanned<TherapyUse>, source: &Source) -> Result<(), Diagnostic> {
        let used = therapy.get_ref();
        let wrong =
            |message: String, help: &str| Err(Diagnostic::error(DOSING, source, therapy.span(), message).help(help));
        if used.days.as_ref().is_some_and(|days| !days.is_sound()) {
            let help = "give `from`, `every` (above 0) and `to` (not before `from`) together, for at most 10000 doses";
            return wrong(format!("the days of `{}` are no series", used.id), help);
        }
        let given: Vec<f64> = used.amounts().map(|a| a.value).chain(used.daily_dose).collect();
        let is_dose = |x: &f64| x.is_finite() && *x >= 0.0;
        let days = used.days.as_ref().map(Days::list).unwrap_or_default();
        let in_time = used.when_made.is_some() || days.iter().all(|day| *day >= 0.0);
        let timed = used.days.is_some() || (used.daily_dose.is_some() && used.when_made.is_none());
        if given.len() == 1 && given.iter().all(is_dose) && in_time && timed {
            return check_days(used, source);
        }
        let help = "give exactly one of `dose_mg`, `dose_mg_per_kg`, `dose_cells`, `dose_cells_per_kg`, `dose_ml` (with `days`) or \
                    `daily_dose`; nothing negative but days with `when_made`";
        wrong(format!("dosing of `{}` is incomplete", used.id), help)
    }

    /// The dose, unless it is a daily drug.
    pub fn amount(&self) -> Option<Amount> {
        self.amounts().next()
    }
}

/// Days of dosing: single days, then a regular series.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Days {
    /// Single days.
    pub at: Vec<f64>,
    /// First day of the series.
    pub from: Option<f64>,
    /// Interval of the series, days.
    pub every: Option<f64>,
    /// Last day of the series, inclusive.
    pub to: Option<f64>,
}

impl Days {
    /// All days, ascending. A series that is not given whole has none.
    pub fn list(&self) -> Vec<f64> {
        let mut days = self.at.clone();
        if let (true, Some(from), Some(every)) = (self.is_sound(), self.from, self.every) {
            days.extend((0..=self.last() as u32).map(|k| from + every * f64::from(k)));
        }
        days.sort_by(f64::total_cmp);
        days
    }

    /// Number of the last dose of the series, from 0; NaN if a part of the series is missing.
    fn last(&self) -> f64 {
        let part = |value: Option<f64>| value.unwrap_or(f64::NAN);
        ((part(self.to) - part(self.from)) / part(self.every) + 1e-9).floor()
    }

    /// True if the days are numbers, and a series, if there is one, is given whole, goes forward and ends.
    fn is_sound(&self) -> bool {
        let series = [self.from, self.every, self.to];
        let is_absent = series.iter().all(Option::is_none);
        let goes_forward = self.every.is_some_and(|every| every > 0.0) && (0.0..MOST_DOSES).contains(&self.last());
        self.at.iter().all(|day| day.is_finite()) && (is_absent || goes_forward)
    }
}
